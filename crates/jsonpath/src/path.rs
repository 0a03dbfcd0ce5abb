//! A compiled path: its steps, what they mean for definiteness, and how they are written in messages. Not how they are read
//! (`parse`) or followed (`eval`).

use std::fmt::{self, Write};
use std::sync::Arc;

use value::Value;

use crate::error::{InvalidPath, PathError};
use crate::eval::{Budget, Found};
use crate::filter::Expr;
use crate::{eval, parse};

/// A compiled JSONPath. Cheap to clone.
#[derive(Clone)]
pub struct Path(Arc<Inner>);

struct Inner {
    text: Box<str>,
    /// Whether the path starts at the document (`$`) or at the item that a filter looks at (`@`).
    from_root: bool,
    tokens: Box<[Token]>,
    definite: bool,
}

/// One step of a path.
#[derive(Debug)]
pub(crate) enum Token {
    /// `.a`, `['a']`, `["a"]` (the quote is remembered for messages).
    Name(Arc<str>, char),
    /// `['a','b']`: at the end of a path an object of these members, else each of them in turn.
    Names(Box<[Arc<str>]>, char),
    /// `[0]`, `[-1]`.
    Index(i64),
    /// `[0,2]`.
    Indexes(Box<[i64]>),
    /// `[1:3]`, `[1:]`, `[:3]`; at least one end is given.
    Slice(Option<i64>, Option<i64>),
    /// `.*`, `[*]`.
    Wildcard,
    /// `..`; another token always follows.
    Scan,
    /// `[?(…)]`.
    Filter(Expr),
}

impl Path {
    /// Reads a path. Without a leading `$` or `@`, `$.` is put before it, as Jayway does; the service is stricter, so callers
    /// that validate definitions look at the beginning themselves.
    ///
    /// # Errors
    /// Where the text is not a path, or its filters and brackets stand more than 128 levels deep inside each other.
    pub fn parse(text: &str) -> Result<Path, InvalidPath> {
        parse::path(text, 0, &mut parse::Limits::default())
    }

    pub(crate) fn new(text: &str, from_root: bool, tokens: Vec<Token>) -> Path {
        let last = tokens.len().saturating_sub(1);
        let definite = tokens.iter().enumerate().all(|(i, token)| match token {
            Token::Name(..) | Token::Index(_) => true,
            Token::Names(..) => i == last,
            _ => false,
        });
        Path(Arc::new(Inner { text: text.into(), from_root, tokens: tokens.into(), definite }))
    }

    /// The text from which the path was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether the path names at most one place: only then can evaluating it fail for want of a match.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        self.0.definite
    }

    /// Whether the path is a Reference Path: names and indexes only, from `$`.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.0.from_root
            && self.0.text.trim_start().starts_with('$')
            && self.0.tokens.iter().all(|t| matches!(t, Token::Name(..) | Token::Index(_)))
    }

    /// The path as Jayway writes it in messages: `$['a']['b'][0]`.
    #[must_use]
    pub fn normalized(&self) -> String {
        let mut out = String::from(if self.0.from_root { "$" } else { "@" });
        self.0.tokens.iter().for_each(|t| t.write_fragment(&mut out));
        out
    }

    /// What the path finds in a document: a definite path the value itself, any other an array of what it finds, in the
    /// document's order, empty if nothing. The result shares the document's parts.
    ///
    /// # Errors
    /// A definite path that finds nothing; a filter applied to something that is neither array nor object; a path that takes
    /// more steps than are allowed (10 million).
    pub fn evaluate(&self, root: &Value) -> Result<Value, PathError> {
        let mut budget = Budget::default();
        match eval::run(self, root, root, false, &mut budget) {
            Ok(Found::One(value)) => Ok(value.into_owned()),
            Ok(Found::Many(values)) => Ok(values.into()),
            Err(error) if !self.0.definite && error.kind.is_not_found() => {
                Ok(Value::Arr(value::Array::new()))
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn starts_at_root(&self) -> bool {
        self.0.from_root
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.0.tokens
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.text())
    }
}

impl fmt::Display for Path {
    /// The text from which the path was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for Path {
    /// By text.
    fn eq(&self, other: &Path) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Path {}

impl Token {
    /// Appends the token as it stands in a normalised path.
    pub(crate) fn write_fragment(&self, out: &mut String) {
        let mut comma = "";
        // Writing to a string cannot fail.
        let _ = match self {
            Token::Name(name, quote) => write!(out, "[{quote}{name}{quote}]"),
            Token::Names(names, quote) => {
                out.push('[');
                for name in names {
                    let _ = write!(out, "{comma}{quote}{name}{quote}");
                    comma = ",";
                }
                out.write_char(']')
            }
            Token::Index(i) => write!(out, "[{i}]"),
            Token::Indexes(indexes) => {
                out.push('[');
                for i in indexes {
                    let _ = write!(out, "{comma}{i}");
                    comma = ",";
                }
                out.write_char(']')
            }
            Token::Slice(from, to) => {
                let part = |n: &Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
                write!(out, "[{}:{}]", part(from), part(to))
            }
            Token::Wildcard => out.write_str("[*]"),
            Token::Scan => out.write_str(".."),
            Token::Filter(_) => out.write_str("[?]"),
        };
    }

    /// The token as it stands in a normalised path.
    pub(crate) fn fragment(&self) -> String {
        let mut out = String::new();
        self.write_fragment(&mut out);
        out
    }
}
