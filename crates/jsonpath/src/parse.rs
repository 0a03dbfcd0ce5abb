//! Text to path: Jayway's grammar with its leniencies, in one pass. Not the conditions inside filters (`filter_parse`).
//!
//! Positions are bytes here and characters in messages. One leniency runs through all of it: a single character after a
//! complete step is ignored if it is the last of the text (`$.a[`), because Jayway takes it for the end.

use std::sync::Arc;

use crate::error::InvalidPath;
use crate::filter_parse;
use crate::path::{Path, Token};

/// How deep filters, brackets and negations may stand inside each other.
pub(crate) const MAX_NESTING: usize = 128;

/// How many regular expressions a path may have; each may take up to a megabyte.
const MAX_PATTERNS: usize = 32;

/// What a path and all that is nested in it may use together.
#[derive(Default)]
pub(crate) struct Limits {
    patterns: usize,
}

impl Limits {
    /// Counts one regular expression.
    pub(crate) fn take_pattern(&mut self) -> Result<(), InvalidPath> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS {
            return Err(InvalidPath::new(format!(
                "a path may have at most {MAX_PATTERNS} regular expressions"
            )));
        }
        Ok(())
    }
}

/// Refuses what is nested too deeply.
pub(crate) fn check_nesting(nesting: usize) -> Result<(), InvalidPath> {
    if nesting > MAX_NESTING {
        return Err(InvalidPath::new(format!("a path may not nest more than {MAX_NESTING} levels deep")));
    }
    Ok(())
}

/// Reads a whole path that stands `nesting` levels inside others.
pub(crate) fn path(text: &str, nesting: usize, limits: &mut Limits) -> Result<Path, InvalidPath> {
    check_nesting(nesting)?;
    let trimmed = text.trim_matches(' ');
    if trimmed.is_empty() {
        return Err(InvalidPath::new("Path can not be null or empty"));
    }
    let completed;
    let source = if trimmed.starts_with(['$', '@']) {
        trimmed
    } else {
        completed = format!("$.{trimmed}");
        &completed
    };
    if source.ends_with('.') {
        return Err(InvalidPath::new("Path must not end with a '.' or '..'"));
    }
    let last = source.char_indices().next_back().map_or(0, |(at, _)| at);
    let mut reader = Reader { text: source, at: 1, last, tokens: vec![], nesting, limits };
    reader.read()?;
    let tokens = reader.tokens;
    Ok(Path::new(text, source.starts_with('$'), tokens))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Where the last character begins.
    last: usize,
    tokens: Vec<Token>,
    nesting: usize,
    limits: &'a mut Limits,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), InvalidPath> {
        if self.last == 0 {
            return Ok(());
        }
        if !matches!(self.byte(), Some(b'.' | b'[')) {
            return Err(InvalidPath::new("Illegal character at position 1 expected '.' or '['"));
        }
        loop {
            self.step()?;
            if self.at >= self.last {
                return Ok(());
            }
        }
    }

    /// Reads one step.
    fn step(&mut self) -> Result<(), InvalidPath> {
        if self.byte() == Some(b'.') {
            self.at += 1;
            if self.byte() == Some(b'.') {
                self.at += 1;
                self.tokens.push(Token::Scan);
            }
            if self.byte() == Some(b'.') {
                let message = format!("Character '.' on position {} is not valid.", self.position(self.at));
                return Err(InvalidPath::new(message));
            }
        }
        match self.byte() {
            Some(b'[') => self.bracket(),
            Some(b'*') => {
                self.at += 1;
                self.tokens.push(Token::Wildcard);
                Ok(())
            }
            _ => self.name(),
        }
    }

    /// Reads a name that stands after a dot.
    fn name(&mut self) -> Result<(), InvalidPath> {
        let rest = self.rest();
        let end = rest.find([' ', '.', '[']).unwrap_or(rest.len());
        if rest[end..].starts_with(' ') && end > 0 {
            return Err(InvalidPath::new(format!(
                "Use bracket notion ['my prop'] if your property contains blank characters. position: {}",
                self.position(self.at)
            )));
        }
        if end == 0 {
            let message = format!("Could not parse token starting at position {}", self.position(self.at));
            return Err(InvalidPath::new(message));
        }
        self.tokens.push(Token::Name(rest[..end].into(), '\''));
        self.at += end;
        Ok(())
    }

    /// Reads a step in brackets.
    fn bracket(&mut self) -> Result<(), InvalidPath> {
        match self.after_blanks(self.at + 1).map(|at| (at, self.text.as_bytes()[at])) {
            Some((_, quote @ (b'\'' | b'"'))) => self.names(char::from(quote)),
            Some((_, b'0'..=b'9' | b'-' | b':')) => self.indexes(),
            Some((at, b'*')) => {
                self.at = self.closing(at + 1).ok_or_else(|| {
                    InvalidPath::new(format!(
                        "Expected wildcard token to end with ']' on position {}",
                        self.position(at + 1)
                    ))
                })?;
                self.tokens.push(Token::Wildcard);
                Ok(())
            }
            Some((at, b'?')) => self.filter(at),
            _ => Err(self.no_token()),
        }
    }

    /// Reads `['a']` or `['a','b']`.
    fn names(&mut self, quote: char) -> Result<(), InvalidPath> {
        let mut names: Vec<Arc<str>> = vec![];
        let mut at = self.at + 1;
        loop {
            // At a name.
            match self.after_blanks(at) {
                Some(start) if self.text[start..].starts_with(quote) => {
                    let end = end_of_quoted(self.text, start).ok_or_else(|| {
                        InvalidPath::new(format!("Property has not been closed - missing closing {quote}"))
                    })?;
                    names.push(quoted_name(&self.text[start + 1..end], quote).into());
                    at = end + 1;
                }
                Some(start) => {
                    let position = self.position(start);
                    return Err(InvalidPath::new(format!("Found empty property at index {position}")));
                }
                None => return Err(InvalidPath::new("Property has not been closed - missing closing ]")),
            }
            match self.after_blanks(at).map(|next| (next, self.text.as_bytes()[next])) {
                Some((next, b',')) => at = next + 1,
                Some((next, b']')) => {
                    self.at = next + 1;
                    break;
                }
                Some(_) => {
                    return Err(InvalidPath::new(format!(
                        "Property must be separated by comma or Property must be terminated close square bracket at \
                         index {}",
                        self.position(at - 1)
                    )));
                }
                None => return Err(InvalidPath::new("Property has not been closed - missing closing ]")),
            }
        }
        self.tokens.push(match names.len() {
            1 => Token::Name(names.swap_remove(0), quote),
            _ => Token::Names(names.into(), quote),
        });
        Ok(())
    }

    /// Reads `[0]`, `[0,2]` or `[1:3]`.
    fn indexes(&mut self) -> Result<(), InvalidPath> {
        let start = self.at + 1;
        let Some(len) = self.text[start..].find(']') else { return Err(self.no_token()) };
        let inner = self.text[start..start + len].trim_matches(' ');
        if !inner.bytes().all(|b| b.is_ascii_digit() || b",-: ".contains(&b)) {
            return Err(self.no_token());
        }
        let token = if inner.contains(':') { slice(inner)? } else { index_list(inner)? };
        self.tokens.push(token);
        self.at = start + len + 1;
        Ok(())
    }

    /// Reads `[?(…)]`, whose question mark is at `mark`.
    fn filter(&mut self, mark: usize) -> Result<(), InvalidPath> {
        let open = self.after_blanks(mark + 1).filter(|at| self.text.as_bytes()[*at] == b'(');
        let Some(open) = open else { return Err(self.no_token()) };
        let Some(close) = filter_parse::closing(self.text, open, true)? else { return Err(self.no_token()) };
        let Some(after) = self.closing(close + 1) else { return Err(self.no_token()) };
        let condition = filter_parse::condition(&self.text[open + 1..close], self.nesting + 1, self.limits)?;
        self.tokens.push(Token::Filter(condition));
        self.at = after;
        Ok(())
    }

    fn no_token(&self) -> InvalidPath {
        let position = self.position(self.at);
        InvalidPath::new(format!(
            "Could not parse token starting at position {position}. Expected ?, ', 0-9, * "
        ))
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The place of the next byte that is not a blank.
    fn after_blanks(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let skipped = rest.len() - rest.trim_start_matches(' ').len();
        (at + skipped < self.text.len()).then_some(at + skipped)
    }

    /// The place after the closing bracket, if that comes next.
    fn closing(&self, at: usize) -> Option<usize> {
        self.after_blanks(at).filter(|at| self.text.as_bytes()[*at] == b']').map(|at| at + 1)
    }

    /// A place as messages give it.
    fn position(&self, at: usize) -> usize {
        self.text.get(..at).map_or(at, |before| before.encode_utf16().count())
    }
}

/// Where the string whose opening quote is at `start` has its closing quote.
pub(crate) fn end_of_quoted(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' => at += 2,
            b if b == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The member that a quoted name means. Between single quotes the service keeps the backslash of `\"` (recorded).
fn quoted_name(text: &str, quote: char) -> String {
    resolve_escapes(text, quote == '\'')
}

/// Resolves Java's escapes; a backslash before any other character is dropped.
pub(crate) fn unescape(text: &str) -> String {
    resolve_escapes(text, false)
}

fn resolve_escapes(text: &str, keep_quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let digits: String = chars.clone().take(4).collect();
                match u32::from_str_radix(&digits, 16) {
                    Ok(code) if digits.len() == 4 => {
                        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                        chars.nth(3);
                    }
                    _ => out.push('u'),
                }
            }
            Some('"') if keep_quotes => out.push_str("\\\""),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

fn slice(text: &str) -> Result<Token, InvalidPath> {
    let wrong = || InvalidPath::new(format!("Failed to parse SliceOperation: {text}"));
    let mut parts = text.split(':').map(|part| match part {
        "" => Ok(None),
        // Java's int is what bounds an index.
        _ => part.parse::<i32>().map(|n| Some(i64::from(n))).map_err(|_| wrong()),
    });
    let from = parts.next().transpose()?.flatten();
    let to = parts.next().transpose()?.flatten();
    if from.is_none() && to.is_none() {
        return Err(wrong());
    }
    Ok(Token::Slice(from, to))
}

fn index_list(text: &str) -> Result<Token, InvalidPath> {
    let mut indexes = text.split(',').map(|part| {
        let part = part.trim_matches(' ');
        let wrong = |_| InvalidPath::new(format!("Failed to parse token in ArrayIndexOperation: {part}"));
        part.parse::<i32>().map(i64::from).map_err(wrong)
    });
    let list = indexes.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok(match list[..] {
        [index] => Token::Index(index),
        _ => Token::Indexes(list.into()),
    })
}
