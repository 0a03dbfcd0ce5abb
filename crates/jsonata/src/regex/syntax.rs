//! JavaScript's syntax of regular expressions (without its `u` flag). Not for matching.

use super::set::Set;

/// Groups inside each other.
const GROUPS_MAX: u32 = 50;

/// A piece of an expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Char(char),
    /// An index of [`Syntax::sets`].
    Set(u32),
    Start,
    End,
    /// `\b`, or `\B`.
    Boundary(bool),
    /// With its number when it captures.
    Group(Box<Node>, Option<usize>),
    Reference(usize),
    NamedReference(String),
    Look {
        node: Box<Node>,
        behind: bool,
        negated: bool,
    },
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        groups: (usize, usize),
    },
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
}

/// A parsed expression.
#[derive(Debug)]
pub(super) struct Syntax {
    pub(super) node: Node,
    /// How many groups capture.
    pub(super) groups: usize,
    pub(super) sets: Vec<Set>,
    /// Names of groups.
    pub(super) names: Vec<(String, usize)>,
}

type Parsed<T> = Result<T, &'static str>;

/// Parses an expression.
pub(super) fn parse(source: &str) -> Parsed<Syntax> {
    let chars: Vec<char> = source.chars().collect();
    let total = count_groups(&chars);
    let mut parser = Parser { chars, at: 0, groups: 0, total, sets: Vec::new(), names: Vec::new(), depth: 0 };
    let node = parser.alternatives()?;
    if parser.peek().is_some() {
        return Err("unmatched ')'");
    }
    Ok(Syntax { node, groups: parser.groups, sets: parser.sets, names: parser.names })
}

/// The number of capturing groups: references to others are something else.
fn count_groups(chars: &[char]) -> usize {
    let mut count = 0;
    let mut class = false;
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => {
                let named = chars[at..].starts_with(&['(', '?', '<'])
                    && !matches!(chars.get(at + 3), Some('=' | '!'));
                count += usize::from(named || chars.get(at + 1) != Some(&'?'));
            }
            _ => {}
        }
        at += 1;
    }
    count
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    groups: usize,
    total: usize,
    sets: Vec<Set>,
    names: Vec<(String, usize)>,
    depth: u32,
}

/// What an escape stands for.
enum Escape {
    Char(u32),
    Set(Set),
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn alternatives(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > GROUPS_MAX {
            return Err("groups are nested too deeply");
        }
        let mut nodes = vec![self.sequence()?];
        while self.eat('|') {
            nodes.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match nodes.len() {
            1 => nodes.pop().unwrap_or(Node::Sequence(Vec::new())),
            _ => Node::Alternatives(nodes),
        })
    }

    fn sequence(&mut self) -> Parsed<Node> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let first = self.groups;
            let (node, repeatable) = self.term()?;
            nodes.push(self.repeated(node, repeatable, (first, self.groups))?);
        }
        Ok(Node::Sequence(nodes))
    }

    /// One term without what repeats it, and whether it may be repeated.
    fn term(&mut self) -> Parsed<(Node, bool)> {
        let Some(c) = self.take() else { return Err("nothing to repeat") };
        Ok(match c {
            '^' => (Node::Start, false),
            '$' => (Node::End, false),
            '(' => self.group()?,
            '.' => (self.set(Set::any()), true),
            '[' => {
                let set = self.class()?;
                (self.set(set), true)
            }
            '*' | '+' | '?' => return Err("nothing to repeat"),
            '{' => {
                self.at -= 1;
                if self.counts()?.is_some() {
                    return Err("nothing to repeat");
                }
                self.at += 1;
                (Node::Char('{'), true)
            }
            '\\' => self.escape()?,
            literal => (Node::Char(literal), true),
        })
    }

    fn set(&mut self, set: Set) -> Node {
        self.sets.push(set);
        Node::Set(u32::try_from(self.sets.len() - 1).unwrap_or(u32::MAX))
    }

    fn repeated(&mut self, node: Node, repeatable: bool, groups: (usize, usize)) -> Parsed<Node> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counts()? {
                Some(counts) => {
                    self.at -= 1;
                    counts
                }
                None => return Ok(node),
            },
            _ => return Ok(node),
        };
        self.at += 1;
        if !repeatable {
            return Err("nothing to repeat");
        }
        let greedy = !self.eat('?');
        Ok(Node::Repeat { node: Box::new(node), min, max, greedy, groups })
    }

    /// `{n}`, `{n,}` or `{n,m}`; nothing, and no movement, when the brace is a brace.
    fn counts(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        let start = self.at;
        self.at += 1;
        let Some(min) = self.number() else {
            self.at = start;
            return Ok(None);
        };
        let max = if self.eat(',') { self.number() } else { Some(min) };
        if !self.eat('}') {
            self.at = start;
            return Ok(None);
        }
        match max {
            Some(max) if max < min => Err("numbers out of order in {} quantifier"),
            max => Ok(Some((min, max))),
        }
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            number = Some(number.unwrap_or(0_u32).saturating_mul(10).saturating_add(digit));
        }
        number
    }

    fn group(&mut self) -> Parsed<(Node, bool)> {
        let looks = [("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true)];
        if let Some((text, behind, negated)) = looks.into_iter().find(|(text, ..)| self.starts_with(text)) {
            self.at += text.len();
            let node = Box::new(self.inside()?);
            // As in browsers, what looks ahead may be repeated.
            return Ok((Node::Look { node, behind, negated }, !behind));
        }
        if self.starts_with("?:") {
            self.at += 2;
            return Ok((Node::Group(Box::new(self.inside()?), None), true));
        }
        let number = self.groups + 1;
        if self.starts_with("?<") {
            self.at += 2;
            let name = self.group_name()?;
            self.names.push((name, number));
        } else if self.peek() == Some('?') {
            return Err("invalid group");
        }
        self.groups = number;
        Ok((Node::Group(Box::new(self.inside()?), Some(number)), true))
    }

    /// The inside of a group up to its parenthesis.
    fn inside(&mut self) -> Parsed<Node> {
        let node = self.alternatives()?;
        if self.eat(')') { Ok(node) } else { Err("unterminated group") }
    }

    fn group_name(&mut self) -> Parsed<String> {
        let mut name = String::new();
        while let Some(c) = self.take() {
            let fits = if name.is_empty() { c.is_alphabetic() } else { c.is_alphanumeric() };
            match c {
                '>' if !name.is_empty() => return Ok(name),
                '$' | '_' => name.push(c),
                _ if fits => name.push(c),
                _ => break,
            }
        }
        Err("invalid capture group name")
    }

    fn escape(&mut self) -> Parsed<(Node, bool)> {
        match self.peek().ok_or("\\ at end of pattern")? {
            'b' | 'B' => Ok((Node::Boundary(self.take() == Some('b')), false)),
            'k' if self.chars.get(self.at + 1) == Some(&'<') && self.named_groups() => {
                self.at += 2;
                Ok((Node::NamedReference(self.group_name()?), true))
            }
            '1'..='9' => {
                let start = self.at;
                match self.number().map(|n| n as usize).filter(|n| *n <= self.total) {
                    Some(number) => Ok((Node::Reference(number), true)),
                    None => {
                        self.at = start;
                        Ok((self.escaped_node(), true))
                    }
                }
            }
            _ => Ok((self.escaped_node(), true)),
        }
    }

    fn named_groups(&self) -> bool {
        self.chars.windows(3).any(|w| w == ['(', '?', '<'])
    }

    fn escaped_node(&mut self) -> Node {
        match self.escaped() {
            Escape::Char(code) => Node::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
            Escape::Set(set) => self.set(set),
        }
    }

    /// What follows a backslash, inside and outside of classes.
    fn escaped(&mut self) -> Escape {
        let Some(c) = self.take() else { return Escape::Char(u32::from('\\')) };
        if let Some(set) = Set::named(c) {
            return Escape::Set(set);
        }
        Escape::Char(match c {
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            'f' => 12,
            '0'..='7' => self.octal(c),
            'x' => self.hex(2).unwrap_or(u32::from(c)),
            'u' => self.unicode().unwrap_or(u32::from(c)),
            'c' => match self.peek().filter(char::is_ascii_alphabetic) {
                Some(letter) => {
                    self.at += 1;
                    u32::from(letter) % 32
                }
                None => {
                    self.at -= 1;
                    u32::from('\\')
                }
            },
            other => u32::from(other),
        })
    }

    /// `\0`, and what browsers still take: up to three octal digits.
    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or(0);
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) {
            if code * 8 + digit > 0o377 {
                break;
            }
            code = code * 8 + digit;
            self.at += 1;
        }
        code
    }

    fn hex(&mut self, count: usize) -> Option<u32> {
        let digits: String = self.chars[self.at..].iter().take(count).collect();
        let fits = digits.chars().count() == count && digits.chars().all(|c| c.is_ascii_hexdigit());
        let code = u32::from_str_radix(&digits, 16).ok().filter(|_| fits)?;
        self.at += count;
        Some(code)
    }

    /// `\uXXXX`, and two of them when they are the halves of one character.
    fn unicode(&mut self) -> Option<u32> {
        let first = self.hex(4)?;
        if (0xD800..0xDC00).contains(&first) && self.starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            if let Some(low) = self.hex(4).filter(|low| (0xDC00..0xE000).contains(low)) {
                return Some(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00));
            }
            self.at = back;
        }
        Some(first)
    }

    /// `[…]`, after the bracket.
    fn class(&mut self) -> Parsed<Set> {
        let mut set = Set::default();
        if self.eat('^') {
            set.negate();
        }
        while !self.eat(']') {
            let from = self.class_atom()?;
            let dash = self.peek() == Some('-') && !matches!(self.chars.get(self.at + 1), None | Some(']'));
            let low = match from {
                Escape::Char(low) => low,
                Escape::Set(other) => {
                    set.add_set(&other);
                    continue;
                }
            };
            if !dash {
                set.add(low, low);
                continue;
            }
            self.at += 1;
            match self.class_atom()? {
                Escape::Char(high) if high < low => return Err("range out of order in character class"),
                Escape::Char(high) => set.add(low, high),
                Escape::Set(other) => {
                    set.add(low, low);
                    set.add(u32::from('-'), u32::from('-'));
                    set.add_set(&other);
                }
            }
        }
        Ok(set)
    }

    fn class_atom(&mut self) -> Parsed<Escape> {
        match self.take().ok_or("unterminated character class")? {
            '\\' if self.eat('b') => Ok(Escape::Char(8)),
            '\\' if self.peek().is_some() => Ok(self.escaped()),
            c => Ok(Escape::Char(u32::from(c))),
        }
    }
}
