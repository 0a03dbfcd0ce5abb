//! Strict JSON text to a value: iterative, one pass, bounded depth. Not for definitions with source positions; the
//! language's own reader keeps those.

use std::sync::Arc;

use crate::array::Items;
use crate::error::{ParseError, ParseErrorKind, location};
use crate::object::{Members, Object};
use crate::{Array, Value};

/// How many arrays and objects may stand inside each other in a text (Jackson's limit, hence the service's).
pub const MAX_DEPTH: usize = 1000;

/// The end of Jackson's messages on what is not a value.
const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// Jackson shows this many characters of an unknown word.
const TOKEN_MAX: usize = 256;

/// Reads one value that is the whole text.
pub(crate) fn parse(text: &str) -> Result<Value, ParseError> {
    let parser = Parser { text, bytes: text.as_bytes(), at: 0, stack: vec![], keys: Default::default() };
    parser.document().map_err(|failure| *failure)
}

/// An error on its way out: boxed, so that results stay small on the way that all values take.
type Failure = Box<ParseError>;

/// A container whose end has not come yet, and the byte of its bracket.
enum Open {
    Arr { start: usize, items: Items },
    Obj { start: usize, members: Members, key: Option<Arc<str>> },
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Open>,
    /// Recently read keys: rows of a table share theirs instead of allocating them again.
    keys: [Option<Arc<str>>; 32],
}

impl Parser<'_> {
    fn document(mut self) -> Result<Value, Failure> {
        self.skip_blanks();
        if self.peek().is_none() {
            let message = "No content to map due to end-of-input".to_owned();
            return Err(self.error(ParseErrorKind::Empty, message));
        }
        loop {
            let Some(mut value) = self.value()? else { continue };
            // Puts the value where it belongs, and closes what it completes.
            loop {
                if self.stack.is_empty() {
                    return self.end(value);
                }
                if self.attach(value)? {
                    break;
                }
                value = self.close();
            }
        }
    }

    /// Puts a value into the innermost open container. Whether another value follows there; if not, it was the last.
    fn attach(&mut self, value: Value) -> Result<bool, Failure> {
        let (close, is_object) = match self.stack.last_mut() {
            Some(Open::Obj { members, key, .. }) => {
                if let Some(key) = key.take() {
                    members.insert(key, value);
                }
                (b'}', true)
            }
            Some(Open::Arr { items, .. }) => {
                items.0.push(value);
                (b']', false)
            }
            None => return Ok(false),
        };
        self.skip_blanks();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.skip_blanks();
                if self.peek().is_none() {
                    return Err(self.end_between());
                }
                if is_object {
                    self.key()?;
                }
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b']' | b'}') => Err(self.wrong_bracket()),
            Some(_) => {
                let what = if is_object { "Object" } else { "Array" };
                Err(self.unexpected(&format!("was expecting comma to separate {what} entries")))
            }
            None => Err(self.end_open()),
        }
    }

    /// Takes the innermost container off the stack, complete.
    fn close(&mut self) -> Value {
        match self.stack.pop() {
            Some(Open::Arr { items, .. }) => Value::Arr(Array(Arc::new(items))),
            Some(Open::Obj { members, .. }) => Value::Obj(Object(Arc::new(members))),
            None => Value::Null,
        }
    }

    /// After the outermost value: only blanks.
    fn end(&mut self, value: Value) -> Result<Value, Failure> {
        let glued = value.is_number();
        let before = self.at;
        self.skip_blanks();
        if self.peek().is_none() {
            return Ok(value);
        }
        let mut error = if glued && self.at == before {
            self.unexpected("Expected space separating root-level values")
        } else {
            self.unexpected("expected end-of-input")
        };
        error.kind = ParseErrorKind::Trailing;
        Err(error)
    }

    /// Reads a value, or the beginning of a container that is not empty: then its first value comes next.
    fn value(&mut self) -> Result<Option<Value>, Failure> {
        self.skip_blanks();
        let Some(byte) = self.peek() else { return Err(self.end_between()) };
        let whole = match byte {
            b'"' => {
                self.at += 1;
                Value::Str(self.string(false)?)
            }
            b'-' | b'0'..=b'9' => self.number()?,
            b'{' | b'[' => return self.open(byte),
            b'n' => self.word("null", Value::Null)?,
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b']' | b'}' if self.stack.is_empty() => return Err(self.wrong_bracket()),
            b'}' => return Err(self.unexpected("expected a value")),
            _ if self.char().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$') => {
                return Err(self.unknown_word());
            }
            _ => return Err(self.unexpected(&format!("expected a valid value {VALUES}"))),
        };
        Ok(Some(whole))
    }

    fn open(&mut self, bracket: u8) -> Result<Option<Value>, Failure> {
        let start = self.at;
        self.at += 1;
        if self.stack.len() == MAX_DEPTH {
            let message = format!(
                "Document nesting depth ({}) exceeds the maximum allowed ({MAX_DEPTH}, from \
                 `StreamReadConstraints.getMaxNestingDepth()`)",
                MAX_DEPTH + 1
            );
            return Err(self.error(ParseErrorKind::Depth, message));
        }
        let is_object = bracket == b'{';
        self.stack.push(if is_object {
            Open::Obj { start, members: Members::default(), key: None }
        } else {
            Open::Arr { start, items: Items::default() }
        });
        self.skip_blanks();
        match self.peek() {
            None => Err(self.end_open()),
            Some(b'}') if is_object => {
                self.at += 1;
                Ok(Some(self.close()))
            }
            Some(b']') if !is_object => {
                self.at += 1;
                Ok(Some(self.close()))
            }
            Some(b']' | b'}') => Err(self.wrong_bracket()),
            Some(_) if is_object => {
                self.key()?;
                Ok(None)
            }
            Some(_) => Ok(None),
        }
    }

    /// Reads a key and its colon, and remembers the key.
    fn key(&mut self) -> Result<(), Failure> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("was expecting double-quote to start field name"));
        }
        self.at += 1;
        let name = self.string(true)?;
        self.skip_blanks();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.unexpected("was expecting a colon to separate field name and value")),
            None => return Err(self.end_between()),
        }
        if let Some(Open::Obj { key, .. }) = self.stack.last_mut() {
            *key = Some(name);
        }
        Ok(())
    }

    /// Reads a string whose opening quote has been read.
    fn string(&mut self, is_key: bool) -> Result<Arc<str>, Failure> {
        let start = self.at;
        let mut unescaped = String::new();
        let mut clean = start;
        loop {
            let plain = self.bytes[self.at..].iter().position(|b| matches!(b, b'"' | b'\\' | ..0x20));
            self.at = plain.map_or(self.bytes.len(), |len| self.at + len);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    unescaped.push_str(&self.text[clean..self.at]);
                    self.at += 1;
                    let c = self.escape()?;
                    unescaped.push(c);
                    clean = self.at;
                }
                Some(_) => return Err(self.control_character(is_key)),
                None => {
                    let message = if is_key {
                        " in field name"
                    } else {
                        ": was expecting closing quote for a string value"
                    };
                    return Err(self.end_because(message));
                }
            }
        }
        let last = &self.text[clean..self.at];
        self.at += 1;
        if clean == start {
            return Ok(if is_key { self.intern(last) } else { Arc::from(last) });
        }
        unescaped.push_str(last);
        Ok(unescaped.into())
    }

    /// A key, shared with the same key if that was read lately.
    fn intern(&mut self, key: &str) -> Arc<str> {
        let bytes = key.as_bytes();
        let edge = |b: Option<&u8>| usize::from(b.copied().unwrap_or_default());
        let slot = (bytes.len() * 7 + edge(bytes.first()) * 3 + edge(bytes.last())) % self.keys.len();
        match &self.keys[slot] {
            Some(known) if **known == *key => Arc::clone(known),
            _ => {
                let fresh: Arc<str> = key.into();
                self.keys[slot] = Some(Arc::clone(&fresh));
                fresh
            }
        }
    }

    /// Reads an escape whose backslash has been read.
    fn escape(&mut self) -> Result<char, Failure> {
        let Some(c) = self.char() else { return Err(self.end_because(" in character escape sequence")) };
        self.at += c.len_utf8();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.hex()?;
                if (0xd800..0xdc00).contains(&unit) && self.bytes[self.at..].starts_with(b"\\u") {
                    let before = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = before;
                }
                char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => {
                let message = format!("Unrecognized character escape {}", describe(c));
                return Err(self.error(ParseErrorKind::String, message));
            }
        })
    }

    fn hex(&mut self) -> Result<u32, Failure> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(c) = self.char() else { return Err(self.end_because(" in character escape sequence")) };
            let Some(digit) = c.to_digit(16) else {
                return Err(self.unexpected("expected a hex-digit for character escape sequence"));
            };
            self.at += 1;
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, Failure> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|b| b.is_ascii_digit()) {
                let message = "Invalid numeric value: Leading zeroes not allowed".to_owned();
                return Err(self.error(ParseErrorKind::Number, message));
            }
        } else {
            self.digits("expected digit (0-9) to follow minus sign, for valid numeric value")?;
        }
        let mut is_float = false;
        if self.peek() == Some(b'.') {
            is_float = true;
            self.at += 1;
            self.digits("Decimal point not followed by a digit")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            is_float = true;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("Exponent indicator not followed by a digit")?;
        }
        let digits = &self.text[start..self.at];
        if !is_float && let Ok(i) = digits.parse() {
            return Ok(Value::Int(i));
        }
        match digits.parse() {
            Ok(f) => Ok(Value::Float(f)),
            Err(_) => Err(self.error(ParseErrorKind::Number, format!("Invalid numeric value: {digits}"))),
        }
    }

    /// Skips one or more digits.
    fn digits(&mut self, missing: &str) -> Result<(), Failure> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        let Some(c) = self.char() else { return Err(self.end_because(" in a numeric value")) };
        self.at += c.len_utf8();
        let message = format!("Unexpected character ({}) in numeric value: {missing}", describe(c));
        Err(self.error(ParseErrorKind::Number, message))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Failure> {
        let rest = &self.text[self.at..];
        match rest.strip_prefix(word) {
            Some(after) if !after.starts_with(is_identifier_part) => {
                self.at += word.len();
                Ok(value)
            }
            _ => Err(self.unknown_word()),
        }
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn char(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    #[cold]
    fn error(&self, kind: ParseErrorKind, message: String) -> Failure {
        Box::new(ParseError::new(self.text, kind, self.at, message))
    }

    /// The next character cannot stand here.
    #[cold]
    fn unexpected(&mut self, expected: &str) -> Failure {
        let c = self.char().unwrap_or_default();
        self.at += c.len_utf8();
        self.error(ParseErrorKind::Character, format!("Unexpected character ({}): {expected}", describe(c)))
    }

    #[cold]
    fn control_character(&mut self, is_key: bool) -> Failure {
        let c = self.char().unwrap_or_default();
        self.at += c.len_utf8();
        let place = if is_key { "name" } else { "string value" };
        let message = format!(
            "Illegal unquoted character ({}): has to be escaped using backslash to be included in {place}",
            describe(c)
        );
        self.error(ParseErrorKind::String, message)
    }

    #[cold]
    fn unknown_word(&mut self) -> Failure {
        let rest = &self.text[self.at..];
        let len: usize =
            rest.chars().take_while(|c| is_identifier_part(*c)).take(TOKEN_MAX).map(char::len_utf8).sum();
        let word = &rest[..len];
        let cut = if word.chars().count() == TOKEN_MAX { "..." } else { "" };
        self.at += len;
        let message = match word {
            "NaN" | "Infinity" => format!(
                "Non-standard token '{word}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow"
            ),
            _ => format!("Unrecognized token '{word}{cut}': was expecting {VALUES}"),
        };
        self.error(ParseErrorKind::Token, message)
    }

    /// The next character closes the wrong kind of container.
    #[cold]
    fn wrong_bracket(&mut self) -> Failure {
        let (what, start) = match self.stack.last() {
            Some(Open::Arr { start, .. }) => ("Array", location(self.text, *start)),
            Some(Open::Obj { start, .. }) => ("Object", location(self.text, *start)),
            None => ("root", location(self.text, 0).replace("line: 1, column: 1]", "line: 1, column: 0]")),
        };
        let (found, expected) = if self.peek() == Some(b']') { (']', '}') } else { ('}', ']') };
        self.at += 1;
        let message = format!(
            "Unexpected close marker '{found}': expected '{expected}' (for {what} starting at {start})"
        );
        self.error(ParseErrorKind::Bracket, message)
    }

    #[cold]
    fn end_because(&self, message: &str) -> Failure {
        self.error(ParseErrorKind::End, format!("Unexpected end-of-input{message}"))
    }

    /// The text ends where a container could have ended.
    #[cold]
    fn end_open(&self) -> Failure {
        let (what, start) = match self.stack.last() {
            Some(Open::Arr { start, .. }) => ("Array", *start),
            Some(Open::Obj { start, .. }) => ("Object", *start),
            None => return self.end_between(),
        };
        let start = location(self.text, start);
        self.end_because(&format!(": expected close marker for {what} (start marker at {start})"))
    }

    /// The text ends where something must follow.
    #[cold]
    fn end_between(&self) -> Failure {
        let what = match self.stack.last() {
            Some(Open::Arr { .. }) => "Array",
            Some(Open::Obj { .. }) => "Object",
            None => "root",
        };
        self.end_because(&format!(" within/between {what} entries"))
    }
}

/// Java's `Character.isJavaIdentifierPart`, nearly.
fn is_identifier_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// A character as Jackson describes it: with its code, and beyond Latin-1 in hexadecimal too.
fn describe(c: char) -> String {
    let code = u32::from(c);
    match code {
        0..=0x1f | 0x7f..=0x9f => format!("(CTRL-CHAR, code {code})"),
        0..=0xff => format!("'{c}' (code {code})"),
        _ => format!("'{c}' (code {code} / 0x{code:x})"),
    }
}
