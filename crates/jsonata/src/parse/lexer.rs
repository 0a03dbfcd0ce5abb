//! Tokens of an expression, one at a time. Not for grammar: whether `/` divides or opens a regular expression is the parser's
//! knowledge, and it says so with each call.

use std::sync::Arc;

use value::Value;

use crate::error::Fault;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    End,
    /// A field name, or `function`.
    Name(Arc<str>),
    /// `$name`, without the dollar; empty for `$`.
    Variable(Arc<str>),
    /// An operator, also `and`, `or` and `in`.
    Operator(&'static str),
    /// A string, number, `true`, `false` or `null`.
    Literal(Value),
    /// `/pattern/flags`.
    Regex {
        pattern: String,
        ignore_case: bool,
        multi_line: bool,
    },
}

/// A token and where it starts, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) position: u32,
}

impl Token {
    pub(crate) fn is(&self, operator: &str) -> bool {
        matches!(self.kind, TokenKind::Operator(op) if op == operator)
    }

    /// The token's text as the reference implementation shows it in messages: JSON.
    pub(crate) fn shown(&self) -> String {
        match &self.kind {
            TokenKind::End => "\"(end)\"".to_owned(),
            TokenKind::Name(text) | TokenKind::Variable(text) => Value::from(&**text).to_json(),
            TokenKind::Operator(op) => format!("\"{op}\""),
            TokenKind::Literal(value) => value.to_json(),
            TokenKind::Regex { .. } => "{}".to_owned(),
        }
    }
}

/// Operators of two characters, before those of one.
const DOUBLE: &[&str] = &["..", ":=", "!=", ">=", "<=", "**", "~>"];
/// Operators of one character; `!` and `~` are none, but end a name.
const SINGLE: &[&str] = &[
    ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<",
    ">", "^", "&", "!", "~",
];

/// Reads tokens from an expression.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Lexer<'t> {
        Lexer { text, at: 0 }
    }

    /// The next token. After an operand (`infix`) a slash divides.
    pub(crate) fn next(&mut self, infix: bool) -> Result<Token, Fault> {
        self.skip_blanks()?;
        let position = self.position();
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token { kind: TokenKind::End, position });
        };
        let kind = if first == '/' && !infix {
            self.regex()?
        } else if let Some(op) = self.operator() {
            TokenKind::Operator(op)
        } else {
            match first {
                '"' | '\'' => self.string(first)?,
                '0'..='9' => self.number()?,
                '`' => self.quoted_name()?,
                _ => self.name(),
            }
        };
        Ok(Token { kind, position })
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn position(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    fn skip_blanks(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_blank).len();
            let start = self.position();
            let Some(comment) = self.rest().strip_prefix("/*") else { return Ok(()) };
            let Some(end) = comment.find("*/") else { return Err(Fault::new("S0106").at(start)) };
            self.at += end + 4;
        }
    }

    fn operator(&mut self) -> Option<&'static str> {
        let rest = self.rest();
        let op = DOUBLE.iter().chain(SINGLE).find(|op| rest.starts_with(**op))?;
        self.at += op.len();
        Some(op)
    }

    fn string(&mut self, quote: char) -> Result<TokenKind, Fault> {
        self.at += 1;
        let mut out = String::new();
        let mut pending = None;
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { return Err(Fault::new("S0101").at(self.position())) };
            self.at += c.len_utf8();
            if c == '\\' && rest[1..].starts_with('u') {
                self.at += 1;
                let unit = self.hex4()?;
                push_unit(&mut out, &mut pending, unit);
                continue;
            }
            flush(&mut out, &mut pending);
            if c == quote {
                return Ok(TokenKind::Literal(Value::from(out)));
            }
            out.push(if c == '\\' { self.escape()? } else { c });
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let position = self.position();
        let escaped = self.rest().chars().next();
        self.at += escaped.map_or(0, char::len_utf8);
        Ok(match escaped {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            other => {
                let token = other.map(String::from).unwrap_or_default();
                return Err(Fault::new("S0103").at(position).token(&token));
            }
        })
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let unit = unit.ok_or_else(|| Fault::new("S0104").at(self.position()))?;
        self.at += 4;
        Ok(unit)
    }

    fn number(&mut self) -> Result<TokenKind, Fault> {
        let position = self.position();
        let text = number_prefix(self.rest());
        self.at += text.len();
        if let Ok(int) = text.parse::<i64>() {
            return Ok(TokenKind::Literal(Value::Int(int)));
        }
        match text.parse::<f64>() {
            Ok(f) if f.is_finite() => Ok(TokenKind::Literal(crate::number::value(f))),
            _ => Err(Fault::new("S0102").at(position).token(text)),
        }
    }

    fn quoted_name(&mut self) -> Result<TokenKind, Fault> {
        let inner = &self.rest()[1..];
        let Some(end) = inner.find('`') else {
            self.at = self.text.len();
            return Err(Fault::new("S0105").at(self.position()));
        };
        self.at += end + 2;
        Ok(TokenKind::Name(inner[..end].into()))
    }

    fn name(&mut self) -> TokenKind {
        let rest = self.rest();
        let ends = |c: char| is_blank(c) || (c.is_ascii() && SINGLE.iter().any(|op| op.starts_with(c)));
        let end = rest.find(ends).unwrap_or(rest.len());
        let name = &rest[..end];
        self.at += end;
        if let Some(variable) = name.strip_prefix('$') {
            return TokenKind::Variable(variable.into());
        }
        match name {
            "or" => TokenKind::Operator("or"),
            "in" => TokenKind::Operator("in"),
            "and" => TokenKind::Operator("and"),
            "true" => TokenKind::Literal(Value::Bool(true)),
            "false" => TokenKind::Literal(Value::Bool(false)),
            "null" => TokenKind::Literal(Value::Null),
            _ => TokenKind::Name(name.into()),
        }
    }

    /// Up to the closing slash that is neither escaped nor inside brackets.
    fn regex(&mut self) -> Result<TokenKind, Fault> {
        self.at += 1;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut depth = 0_i64;
        let mut backslashes = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let escaped = at > 0 && bytes[at - 1] == b'\\';
            match byte {
                b'/' if depth == 0 && backslashes % 2 == 0 => return self.regex_flags(&rest[..at]),
                b'(' | b'[' | b'{' if !escaped => depth += 1,
                b')' | b']' | b'}' if !escaped => depth -= 1,
                _ => {}
            }
            backslashes = if *byte == b'\\' { backslashes + 1 } else { 0 };
        }
        self.at = self.text.len();
        Err(Fault::new("S0302").at(self.position()))
    }

    fn regex_flags(&mut self, pattern: &str) -> Result<TokenKind, Fault> {
        self.at += pattern.len();
        if pattern.is_empty() {
            return Err(Fault::new("S0301").at(self.position()));
        }
        self.at += 1;
        let rest = self.rest();
        let flags = &rest[..rest.len() - rest.trim_start_matches(['i', 'm']).len()];
        self.at += flags.len();
        Ok(TokenKind::Regex {
            pattern: pattern.to_owned(),
            ignore_case: flags.contains('i'),
            multi_line: flags.contains('m'),
        })
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}

/// The longest number at the start of `text`, which begins with a digit: JSON's grammar without a sign.
fn number_prefix(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = if bytes.first() == Some(&b'0') { 1 } else { digits(0) };
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let start = end + 1 + sign;
        if digits(start) > start {
            end = digits(start);
        }
    }
    &text[..end]
}

/// Appends a UTF-16 unit; a high surrogate waits for its partner.
fn push_unit(out: &mut String, pending: &mut Option<u32>, unit: u32) {
    if let (Some(high), 0xDC00..=0xDFFF) = (*pending, unit) {
        *pending = None;
        let code = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return;
    }
    flush(out, pending);
    match unit {
        0xD800..=0xDBFF => *pending = Some(unit),
        _ => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

/// A surrogate without its partner has no UTF-8 form.
fn flush(out: &mut String, pending: &mut Option<u32>) {
    if pending.take().is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
}
