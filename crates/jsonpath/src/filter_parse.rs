//! Text to the condition of a filter. Not the path around it (`parse`).
//!
//! Every nested path and bracket is found by its end first and then read on its own, as Jayway does it: a text of n bytes in
//! d levels takes n·d steps, and d is bounded.

use regex::RegexBuilder;
use value::Value;

use crate::error::InvalidPath;
use crate::filter::{Expr, Op, Operand};
use crate::parse::{Limits, check_nesting, end_of_quoted, path, unescape};
use crate::{literal, path::Path};

/// How many bytes a compiled regular expression may take.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Reads a whole condition: what stands between the brackets of `[?(…)]`.
pub(crate) fn condition(text: &str, nesting: usize, limits: &mut Limits) -> Result<Expr, InvalidPath> {
    let mut reader = Reader { text, at: 0, limits };
    let expr = reader.or(nesting)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        let rest = reader.rest();
        return Err(InvalidPath::new(format!("Expected end of filter expression instead of: {rest}")));
    }
    Ok(expr)
}

/// The place of the bracket that closes the one at `open`, over strings and, if wanted, regular expressions; nothing if it
/// stays open.
pub(crate) fn closing(text: &str, open: usize, skip_patterns: bool) -> Result<Option<usize>, InvalidPath> {
    let bytes = text.as_bytes();
    let (opener, closer) = match bytes.get(open) {
        Some(b'(') => (b'(', b')'),
        Some(b'[') => (b'[', b']'),
        _ => (b'{', b'}'),
    };
    let mut depth = 0usize;
    let mut at = open;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => {
                at = end_of_quoted(text, at).ok_or_else(|| {
                    let quote = char::from(byte);
                    InvalidPath::new(format!(
                        "Could not find matching close quote for {quote} when parsing : {text}"
                    ))
                })?;
            }
            b'/' if skip_patterns => {
                at = end_of_quoted(text, at).ok_or_else(|| {
                    InvalidPath::new(format!(
                        "Could not find matching close for / when parsing regex in : {text}"
                    ))
                })?;
            }
            b if b == opener => depth += 1,
            b if b == closer => {
                depth -= 1;
                if depth == 0 {
                    return Ok(Some(at));
                }
            }
            _ => {}
        }
        at += 1;
    }
    Ok(None)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    limits: &'a mut Limits,
}

/// One side as it was read, with Jayway's memory of a `!` before a path.
struct Side {
    operand: Operand,
    negated: bool,
}

impl Reader<'_> {
    fn or(&mut self, nesting: usize) -> Result<Expr, InvalidPath> {
        let mut parts = vec![self.and(nesting)?];
        while self.accept("||") {
            parts.push(self.and(nesting)?);
        }
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self, nesting: usize) -> Result<Expr, InvalidPath> {
        let mut parts = vec![self.operand(nesting)?];
        while self.accept("&&") {
            parts.push(self.operand(nesting)?);
        }
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Expr::And(parts) })
    }

    fn operand(&mut self, nesting: usize) -> Result<Expr, InvalidPath> {
        check_nesting(nesting)?;
        self.skip_blanks();
        let start = self.at;
        if self.accept("!") {
            self.skip_blanks();
            if !self.rest().starts_with(['$', '@']) {
                return Ok(Expr::Not(Box::new(self.operand(nesting + 1)?)));
            }
            self.at = start;
        }
        if self.accept("(") {
            let inner = self.or(nesting + 1)?;
            if !self.accept(")") {
                return Err(InvalidPath::new(format!("Expected character: ) in filter {}", self.text)));
            }
            return Ok(inner);
        }
        self.expression(nesting)
    }

    /// Reads a comparison, or a lone path, which asks for existence.
    fn expression(&mut self, nesting: usize) -> Result<Expr, InvalidPath> {
        let left = self.side(nesting)?;
        let start = self.at;
        let error = match self.operator().and_then(|op| Ok((op, self.side(nesting)?))) {
            Ok((op, right)) => return Ok(Expr::Compare(left.operand, op, right.operand)),
            Err(error) => error,
        };
        self.at = start;
        match left.operand {
            Operand::Path(path) => {
                self.skip_blanks();
                let rest = self.rest();
                // Only where the condition can end here is it a question of existence; else the operator was meant.
                if rest.is_empty() || rest.starts_with([')', '&', '|']) {
                    Ok(Expr::Exists(path, !left.negated))
                } else {
                    Err(error)
                }
            }
            _ => Err(InvalidPath::new("Expected path node")),
        }
    }

    fn operator(&mut self) -> Result<Op, InvalidPath> {
        self.skip_blanks();
        let rest = self.rest();
        let is_sign = |c: char| "<>=~!".contains(c);
        let len = if rest.starts_with(is_sign) {
            rest.find(|c| !is_sign(c)).unwrap_or(rest.len())
        } else {
            rest.find(' ').unwrap_or(rest.len())
        };
        let word = &rest[..len];
        let op = Op::parse(word)
            .ok_or_else(|| InvalidPath::new(format!("Filter operator {word} is not supported!")))?;
        self.at += len;
        Ok(op)
    }

    fn side(&mut self, nesting: usize) -> Result<Side, InvalidPath> {
        self.skip_blanks();
        let negated = self.accept("!");
        self.skip_blanks();
        let rest = self.rest();
        let first = rest.chars().next();
        if negated && !matches!(first, Some('$' | '@')) {
            return Err(InvalidPath::new("Unexpected character: !"));
        }
        let operand = match first {
            Some('$' | '@') => Operand::Path(self.path(nesting)?),
            Some('\'' | '"') => self.string()?,
            Some('/') => self.pattern()?,
            Some('[' | '{') => self.json(nesting)?,
            _ => self.word()?,
        };
        Ok(Side { operand, negated })
    }

    /// Reads a nested path: up to an operator, a blank or a bracket that is not its own.
    fn path(&mut self, nesting: usize) -> Result<Path, InvalidPath> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        while let Some(&byte) = bytes.get(end) {
            match byte {
                b'[' => {
                    end = closing(self.text, end, false)?.ok_or_else(|| {
                        InvalidPath::new(format!("Square brackets does not match in filter {}", self.text))
                    })?;
                }
                b' ' | b'<' | b'>' | b'=' | b'~' | b'!' => break,
                b')' if bytes[end - 1] != b'(' => break,
                _ => {}
            }
            end += 1;
        }
        let nested = &self.text[self.at..end];
        let path = path(nested, nesting + 1, self.limits)?;
        self.at = end;
        Ok(path)
    }

    fn string(&mut self) -> Result<Operand, InvalidPath> {
        let end = end_of_quoted(self.text, self.at).ok_or_else(|| {
            let quote = self.rest().chars().next().unwrap_or_default();
            InvalidPath::new(format!(
                "String literal does not have matching quotes. Expected {quote} in {}",
                self.text
            ))
        })?;
        let string = unescape(&self.text[self.at + 1..end]);
        self.at = end + 1;
        Ok(Operand::Literal(string.into()))
    }

    fn pattern(&mut self) -> Result<Operand, InvalidPath> {
        let end = end_of_quoted(self.text, self.at)
            .ok_or_else(|| InvalidPath::new(format!("Pattern not closed. Expected / in {}", self.text)))?;
        let source = &self.text[self.at + 1..end];
        let flags = &self.text[end + 1..];
        let flags = &flags[..flags.find(|c| !"imsxduU".contains(c)).unwrap_or(flags.len())];
        self.limits.take_pattern()?;
        let regex = RegexBuilder::new(&format!(r"\A(?:{source})\z"))
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .ignore_whitespace(flags.contains('x'))
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|_| {
                InvalidPath::new(format!("regular expression `{source}` is malformed or too large"))
            })?;
        self.at = end + 1 + flags.len();
        Ok(Operand::Pattern(regex))
    }

    fn json(&mut self, nesting: usize) -> Result<Operand, InvalidPath> {
        let end = closing(self.text, self.at, false)?
            .ok_or_else(|| InvalidPath::new(format!("String not closed. Expected ' in {}", self.text)))?;
        let value = literal::parse(&self.text[self.at..=end], nesting)?;
        self.at = end + 1;
        Ok(Operand::Literal(value))
    }

    /// Reads `null`, `true`, `false`, a number, or a bare word, which is a string: published workflows compare with
    /// words without quotes, and the service takes them (Jayway itself stops at them with a number format error).
    fn word(&mut self) -> Result<Operand, InvalidPath> {
        for (word, value) in [("null", Value::Null), ("true", true.into()), ("false", false.into())] {
            if self.accept(word) {
                return Ok(Operand::Literal(value));
            }
        }
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_ascii_digit() && !"-.Ee".contains(c)).unwrap_or(rest.len());
        if let Some(value) = literal::number(&rest[..len]) {
            self.at += len;
            return Ok(Operand::Literal(value));
        }
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(InvalidPath::new(format!("expected a value in the filter before `{rest}`")));
        }
        let word = Value::from(&rest[..len]);
        self.at += len;
        Ok(Operand::Literal(word))
    }

    /// Skips blanks, and the given text if it comes next.
    fn accept(&mut self, text: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }
}
