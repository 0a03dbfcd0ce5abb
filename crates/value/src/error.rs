//! Why a text is not JSON, in the words of Jackson 2.12 (what the service answers, recorded for invalid definitions).
//! Not for errors of meaning: those belong to whoever gives the JSON one.

use std::fmt;

/// Jackson shows this many UTF-16 units of the text in its messages.
const SNIPPET_MAX: usize = 500;

/// What is wrong, coarsely; the message says it in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is nothing but blanks.
    Empty,
    /// A word that is not `null`, `true` or `false`.
    Token,
    /// A character that cannot stand here.
    Character,
    /// A number that JSON does not allow.
    Number,
    /// A character in a string that JSON does not allow, or an unknown escape.
    String,
    /// A closing bracket of the wrong kind.
    Bracket,
    /// The text ends too early.
    End,
    /// More than [`MAX_DEPTH`](crate::MAX_DEPTH) arrays and objects inside each other.
    Depth,
    /// Something follows the value.
    Trailing,
}

/// A text is not JSON. `Display` is Jackson's text: the message, and on a second line the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, coarsely.
    pub kind: ParseErrorKind,
    /// The byte before which the reader stopped: just after the offending character or word.
    pub offset: usize,
    /// The line of [`ParseError::offset`], from 1. Lines end with LF, CR or CR LF.
    pub line: usize,
    /// The column of [`ParseError::offset`] in UTF-16 units, from 1 (0 for an empty text), as Jackson counts.
    pub column: usize,
    message: Box<str>,
    source: Box<str>,
}

impl ParseError {
    pub(crate) fn new(text: &str, kind: ParseErrorKind, offset: usize, message: String) -> ParseError {
        let (line, column) = if kind == ParseErrorKind::Empty { (1, 0) } else { position(text, offset) };
        ParseError { kind, offset, line, column, message: message.into(), source: source(text).into() }
    }

    /// The message without the place: ``Unrecognized token 'not': was expecting …``.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place as Jackson gives it: `[Source: (String)"…"; line: 1, column: 4]`.
    #[must_use]
    pub fn location(&self) -> String {
        place(&self.source, self.line, self.column)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n at {}", self.message, self.location())
    }
}

impl std::error::Error for ParseError {}

/// The place of a byte of `text` in Jackson's form.
pub(crate) fn location(text: &str, offset: usize) -> String {
    let (line, column) = position(text, offset);
    place(&source(text), line, column)
}

fn place(source: &str, line: usize, column: usize) -> String {
    format!("[Source: (String){source}; line: {line}, column: {column}]")
}

/// The beginning of the text in quotes, and how much was left out.
fn source(text: &str) -> String {
    let mut units = 0;
    let shown = text.chars().take_while(|c| {
        units += c.len_utf16();
        units <= SNIPPET_MAX
    });
    let shown: usize = shown.map(char::len_utf8).sum();
    let rest = text[shown..].encode_utf16().count();
    let truncated = if rest > 0 { format!("[truncated {rest} chars]") } else { String::new() };
    format!("\"{}\"{truncated}", &text[..shown])
}

/// Line and column, both from 1, of a byte.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let mut line = 1;
    let mut line_start = 0;
    let bytes = before.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            line += 1;
            line_start = at + 1;
        }
    }
    (line, before[line_start..].encode_utf16().count() + 1)
}
