//! Regular expressions with JavaScript's syntax, translated for a library that bounds its work. Not for what functions do with
//! matches.

use std::fmt::Write;

use fancy_regex::{Regex, RegexBuilder};

use crate::error::Fault;

/// Attempts that one search may take back; a search at the limit takes some tens of milliseconds.
const BACKTRACKS_MAX: usize = 500_000;
/// Bytes that one compiled expression may take.
const SIZE_MAX: usize = 1 << 20;
/// Groups inside each other.
const GROUPS_MAX: usize = 50;
/// Bytes of the text of one expression.
const TEXT_MAX: usize = 16 * 1024;

/// Parts of one expression, repetitions written out.
const WRITTEN_OUT_MAX: u64 = 200_000;

/// JavaScript's `\s`.
const SPACE: &str =
    r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const DIGIT: &str = "0-9";
const WORD: &str = "A-Za-z0-9_";

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
}

/// One match: byte offsets of the whole and of the groups.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) groups: Vec<Option<(usize, usize)>>,
}

impl Pattern {
    /// Compiles an expression; `at` is where it stands, for the error.
    pub(crate) fn compile(
        source: &str,
        ignore_case: bool,
        multi_line: bool,
        at: u32,
    ) -> Result<Pattern, Fault> {
        let invalid =
            |why: &str| Fault::syntax(format!("Invalid regular expression: /{source}/: {why}")).at(at);
        if source.len() > TEXT_MAX {
            return Err(invalid("it is too long"));
        }
        let mut translator = Translator {
            chars: source.chars().collect(),
            at: 0,
            out: String::new(),
            groups: count_groups(source),
            multi_line,
        };
        translator.run().map_err(invalid)?;
        let text = if ignore_case { format!("(?i:{})", translator.out) } else { translator.out };
        let regex = RegexBuilder::new(&text)
            .backtrack_limit(BACKTRACKS_MAX)
            .delegate_size_limit(SIZE_MAX)
            .delegate_dfa_size_limit(SIZE_MAX)
            .build()
            .map_err(|_| invalid("it is not valid, or too large"))?;
        Ok(Pattern { regex })
    }

    /// The first match at or behind a byte offset.
    pub(crate) fn find(&self, text: &str, from: usize) -> Result<Option<Match>, Fault> {
        let captures = self.regex.captures_from_pos(text, from).map_err(|_| Fault::timeout())?;
        Ok(captures.and_then(|captures| {
            let mut spans = captures.iter().map(|group| group.map(|m| (m.start(), m.end())));
            let (start, end) = spans.next().flatten()?;
            Some(Match { start, end, groups: spans.collect() })
        }))
    }
}

/// The number of capturing groups.
fn count_groups(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut count = 0;
    let mut class = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => class = true,
            b']' => class = false,
            b'(' if !class => {
                let rest = &source[at + 1..];
                let named = rest.starts_with("?<") && !rest.starts_with("?<=") && !rest.starts_with("?<!");
                count += usize::from(!rest.starts_with('?') || named);
            }
            _ => {}
        }
        at += 1;
    }
    count
}

/// Walks over JavaScript's syntax and writes the library's.
struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    groups: usize,
    multi_line: bool,
}

/// How large an expression becomes when its counted repetitions are written out.
struct Size {
    /// Sizes of the open groups, innermost last, each with the size of its last part.
    open: Vec<(u64, u64)>,
}

impl Default for Size {
    fn default() -> Size {
        Size { open: vec![(0, 0)] }
    }
}

impl Size {
    /// One more character of the expression.
    fn add(&mut self, c: char) -> Step {
        let mut part = 1;
        match c {
            '(' => {
                self.open.push((0, 0));
                return Ok(());
            }
            ')' if self.open.len() > 1 => part += self.open.pop().map_or(0, |(size, _)| size),
            _ => {}
        }
        self.grow(part, part)
    }

    /// The last part stands there so many times.
    fn repeat(&mut self, times: u64) -> Step {
        let last = self.open.last().map_or(0, |(_, last)| *last);
        let more = last.saturating_mul(times);
        self.grow(more, more)
    }

    fn grow(&mut self, more: u64, last: u64) -> Step {
        let Some(group) = self.open.last_mut() else { return Ok(()) };
        *group = (group.0.saturating_add(more), last);
        if group.0 > WRITTEN_OUT_MAX { Err("it is too large") } else { Ok(()) }
    }
}

/// What an escape stands for.
enum Escape {
    Char(u32),
    /// The inside of a character class, and whether it is negated.
    Class(&'static str, bool),
}

type Step = Result<(), &'static str>;

impl Translator {
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

    fn run(&mut self) -> Step {
        let mut depth = 0_usize;
        let mut repeatable = false;
        let mut size = Size::default();
        while let Some(c) = self.take() {
            let was_repeatable = std::mem::replace(&mut repeatable, true);
            if c != '{' {
                size.add(c)?;
            }
            match c {
                '\\' => repeatable = self.escape()?,
                '[' => self.class()?,
                '(' => {
                    depth += 1;
                    if depth > GROUPS_MAX {
                        return Err("groups are nested too deeply");
                    }
                    self.open_group()?;
                    repeatable = false;
                }
                ')' => {
                    depth = depth.checked_sub(1).ok_or("unmatched ')'")?;
                    self.out.push(')');
                }
                '*' | '+' | '?' => {
                    if !was_repeatable {
                        return Err("nothing to repeat");
                    }
                    self.out.push(c);
                    self.lazy();
                    repeatable = false;
                }
                '{' => {
                    let (again, times) = self.brace(was_repeatable)?;
                    repeatable = again;
                    size.repeat(times)?;
                }
                '.' => self.out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
                '^' | '$' => {
                    self.anchor(c);
                    repeatable = false;
                }
                '|' => {
                    self.out.push('|');
                    repeatable = false;
                }
                literal => self.literal(u32::from(literal)),
            }
        }
        if depth > 0 { Err("unterminated group") } else { Ok(()) }
    }

    fn anchor(&mut self, c: char) {
        self.out.push_str(match (c, self.multi_line) {
            ('^', false) => r"\A",
            ('^', true) => "(?m:^)",
            (_, false) => r"\z",
            (_, true) => "(?m:$)",
        });
    }

    /// After a repetition: the question mark that makes it lazy.
    fn lazy(&mut self) {
        if self.eat('?') {
            self.out.push('?');
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`, or a brace as it is. Whether it can be repeated.
    fn brace(&mut self, was_repeatable: bool) -> Result<(bool, u64), &'static str> {
        let rest: String = self.chars[self.at..].iter().take(24).collect();
        let Some((inside, _)) = rest.split_once('}') else {
            self.literal(u32::from('{'));
            return Ok((true, 1));
        };
        let (low, high) = inside.split_once(',').unwrap_or((inside, "0"));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if low.is_empty() || !digits(low) || !digits(high) {
            self.literal(u32::from('{'));
            return Ok((true, 1));
        }
        if !was_repeatable {
            return Err("nothing to repeat");
        }
        self.at += inside.len() + 1;
        self.out.push('{');
        self.out.push_str(inside);
        self.out.push('}');
        self.lazy();
        let times = [low, high].into_iter().filter_map(|n| n.parse().ok()).max().unwrap_or(u64::MAX);
        Ok((false, times))
    }

    fn open_group(&mut self) -> Step {
        self.out.push('(');
        if !self.eat('?') {
            return Ok(());
        }
        let rest: String = self.chars[self.at..].iter().take(2).collect();
        let known = rest.starts_with([':', '=', '!', '<']);
        if !known {
            return Err("invalid group");
        }
        self.out.push('?');
        let length = if rest == "<=" || rest == "<!" { 2 } else { 1 };
        self.out.push_str(&rest[..length]);
        self.at += length;
        if length == 1 && rest.starts_with('<') {
            while let Some(c) = self.take() {
                self.out.push(c);
                if c == '>' {
                    return Ok(());
                }
            }
            return Err("invalid capture group name");
        }
        Ok(())
    }

    fn literal(&mut self, code: u32) {
        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        if c.is_alphanumeric() || c == '_' {
            self.out.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "\\x{{{:X}}}", u32::from(c));
        }
    }

    /// An escape outside of a class; whether it can be repeated.
    fn escape(&mut self) -> Result<bool, &'static str> {
        match self.peek().ok_or("\\ at end of pattern")? {
            'b' => {
                self.at += 1;
                self.out.push_str(r"\b");
                return Ok(false);
            }
            'B' => {
                self.at += 1;
                self.out.push_str(r"\B");
                return Ok(false);
            }
            'k' if self.chars.get(self.at + 1) == Some(&'<') => {
                self.out.push('\\');
                while let Some(c) = self.take() {
                    self.out.push(c);
                    if c == '>' {
                        break;
                    }
                }
                return Ok(true);
            }
            '1'..='9' => {
                if let Some(number) = self.back_reference() {
                    let _ = write!(self.out, "(?:\\{number})");
                    return Ok(true);
                }
            }
            _ => {}
        }
        match self.escaped() {
            Escape::Char(code) => self.literal(code),
            Escape::Class(inside, negated) => {
                let _ = write!(self.out, "[{}{inside}]", if negated { "^" } else { "" });
            }
        }
        Ok(true)
    }

    /// A reference to a group that exists.
    fn back_reference(&mut self) -> Option<usize> {
        let digits: String =
            self.chars[self.at..].iter().take(3).take_while(|c| c.is_ascii_digit()).collect();
        let number = digits.parse().ok().filter(|n| *n <= self.groups)?;
        self.at += digits.len();
        Some(number)
    }

    /// What follows a backslash, inside and outside of classes.
    fn escaped(&mut self) -> Escape {
        let Some(c) = self.take() else { return Escape::Char(u32::from('\\')) };
        match c {
            'd' => Escape::Class(DIGIT, false),
            'D' => Escape::Class(DIGIT, true),
            'w' => Escape::Class(WORD, false),
            'W' => Escape::Class(WORD, true),
            's' => Escape::Class(SPACE, false),
            'S' => Escape::Class(SPACE, true),
            'n' => Escape::Char(10),
            'r' => Escape::Char(13),
            't' => Escape::Char(9),
            'v' => Escape::Char(11),
            'f' => Escape::Char(12),
            '0' => Escape::Char(0),
            'x' => self.hex(2, c),
            'u' => self.unicode(c),
            'c' => match self.peek() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.at += 1;
                    Escape::Char(u32::from(letter) % 32)
                }
                _ => {
                    self.at -= 1;
                    Escape::Char(u32::from('\\'))
                }
            },
            other => Escape::Char(u32::from(other)),
        }
    }

    fn hex(&mut self, count: usize, otherwise: char) -> Escape {
        let digits: String = self.chars[self.at..].iter().take(count).collect();
        match u32::from_str_radix(&digits, 16) {
            Ok(code) if digits.len() == count => {
                self.at += count;
                Escape::Char(code)
            }
            _ => Escape::Char(u32::from(otherwise)),
        }
    }

    /// `\uXXXX`, and two of them when they are the halves of one character.
    fn unicode(&mut self, otherwise: char) -> Escape {
        let first = self.hex(4, otherwise);
        let Escape::Char(high @ 0xD800..=0xDBFF) = first else { return first };
        if self.chars[self.at..].starts_with(&['\\', 'u']) {
            let back = self.at;
            self.at += 2;
            if let Escape::Char(low @ 0xDC00..=0xDFFF) = self.hex(4, 'u') {
                return Escape::Char(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            }
            self.at = back;
        }
        first
    }

    /// `[…]`, after the bracket.
    fn class(&mut self) -> Step {
        let negated = self.eat('^');
        if self.eat(']') {
            self.out.push_str(if negated { r"[\x{0}-\x{10FFFF}]" } else { r"[^\x{0}-\x{10FFFF}]" });
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        loop {
            if self.eat(']') {
                self.out.push(']');
                return Ok(());
            }
            let from = self.class_atom()?;
            let dash = self.peek() == Some('-') && !matches!(self.chars.get(self.at + 1), None | Some(']'));
            let Escape::Char(low) = from else {
                self.class_set(&from);
                continue;
            };
            if !dash {
                self.class_char(low);
                continue;
            }
            self.at += 1;
            match self.class_atom()? {
                Escape::Char(high) if high < low => return Err("range out of order in character class"),
                Escape::Char(high) => {
                    self.class_char(low);
                    self.out.push('-');
                    self.class_char(high);
                }
                set => {
                    self.class_char(low);
                    self.class_char(u32::from('-'));
                    self.class_set(&set);
                }
            }
        }
    }

    fn class_atom(&mut self) -> Result<Escape, &'static str> {
        match self.take().ok_or("unterminated character class")? {
            '\\' if self.eat('b') => Ok(Escape::Char(8)),
            '\\' if self.peek().is_some() => Ok(self.escaped()),
            c => Ok(Escape::Char(u32::from(c))),
        }
    }

    fn class_char(&mut self, code: u32) {
        let code = char::from_u32(code).map_or(0xFFFD, u32::from);
        let _ = write!(self.out, "\\x{{{code:X}}}");
    }

    fn class_set(&mut self, set: &Escape) {
        if let Escape::Class(inside, negated) = set {
            let _ = if *negated { write!(self.out, "[^{inside}]") } else { write!(self.out, "{inside}") };
        }
    }
}
