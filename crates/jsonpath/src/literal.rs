//! JSON literals inside filters, with the freedoms of the reader that Jayway uses: single quotes and bare words.
//! Not for documents.

use value::{Array, Object, Value};

use crate::error::InvalidPath;
use crate::parse::{check_nesting, end_of_quoted, unescape};

/// Reads a whole literal that stands `nesting` levels deep.
pub(crate) fn parse(text: &str, nesting: usize) -> Result<Value, InvalidPath> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(nesting)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        return Err(reader.wrong());
    }
    Ok(value)
}

/// Reads a number as Java's `BigDecimal` does, as far as a double goes.
pub(crate) fn number(text: &str) -> Option<Value> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if !is_number || text.is_empty() {
        return None;
    }
    text.parse().map(Value::Int).or_else(|_| text.parse().map(Value::Float)).ok()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, nesting: usize) -> Result<Value, InvalidPath> {
        check_nesting(nesting)?;
        match self.peek() {
            Some(b'[') => self.array(nesting + 1),
            Some(b'{') => self.object(nesting + 1),
            Some(b'\'' | b'"') => Ok(self.string()?.into()),
            Some(_) => self.word(),
            None => Err(self.wrong()),
        }
    }

    fn array(&mut self, nesting: usize) -> Result<Value, InvalidPath> {
        self.at += 1;
        let mut items = Array::new();
        loop {
            if self.accept(b']') {
                return Ok(items.into());
            }
            items.push(self.value(nesting)?);
            if !self.accept(b',') && self.peek() != Some(b']') {
                return Err(self.wrong());
            }
        }
    }

    fn object(&mut self, nesting: usize) -> Result<Value, InvalidPath> {
        self.at += 1;
        let mut members = Object::new();
        loop {
            if self.accept(b'}') {
                return Ok(members.into());
            }
            let key = match self.peek() {
                Some(b'\'' | b'"') => self.string()?,
                _ => self.bare().to_owned(),
            };
            if !self.accept(b':') {
                return Err(self.wrong());
            }
            members.insert(key, self.value(nesting)?);
            if !self.accept(b',') && self.peek() != Some(b'}') {
                return Err(self.wrong());
            }
        }
    }

    fn string(&mut self) -> Result<String, InvalidPath> {
        let end = end_of_quoted(self.text, self.at).ok_or_else(|| self.wrong())?;
        let string = unescape(&self.text[self.at + 1..end]);
        self.at = end + 1;
        Ok(string)
    }

    fn word(&mut self) -> Result<Value, InvalidPath> {
        let word = self.bare();
        let value = match word {
            "" => None,
            "null" => Some(Value::Null),
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            _ => number(word).or_else(|| Some(word.into())),
        };
        value.ok_or_else(|| self.wrong())
    }

    /// Reads up to the next sign of JSON.
    fn bare(&mut self) -> &str {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let len = rest.find([',', ':', '[', ']', '{', '}', '\'', '"']).unwrap_or(rest.len());
        self.at += len;
        rest[..len].trim_end()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_blanks();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn wrong(&self) -> InvalidPath {
        InvalidPath::new(format!("`{}` is not a literal that a filter can have", self.text))
    }
}
