//! JSON text exactly as it came, with its value beside it. Not for partial or invalid text.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::{Numbers, ParseError, TooLong, Value};

/// A JSON document: its text and its value, each made from the other on first use. A clone costs a counter.
///
/// The text of a payload that came from outside is kept to the byte, spacing included: a state that does not transform its data
/// forwards it unread.
#[derive(Clone)]
pub struct Payload(Arc<Both>);

/// At least one of the two is set from the beginning.
struct Both {
    text: OnceLock<Arc<str>>,
    value: OnceLock<Value>,
}

impl Payload {
    /// Takes text from outside, checks it, and keeps the value that this brings.
    ///
    /// # Errors
    /// Where the text is not JSON; see [`Value::parse`].
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Payload, ParseError> {
        let text = text.into();
        let value = Value::parse(&text)?;
        Ok(Payload(Arc::new(Both { text: text.into(), value: value.into() })))
    }

    /// Takes text that is known to be JSON (it comes from our own store) without reading it. If it is not JSON after all, the
    /// value is `null`.
    #[must_use]
    pub fn from_trusted_text(text: Arc<str>) -> Payload {
        Payload(Arc::new(Both { text: text.into(), value: OnceLock::new() }))
    }

    /// Takes a value; the text is its compact form, made when somebody asks.
    #[must_use]
    pub fn from_value(value: Value) -> Payload {
        Payload(Arc::new(Both { text: OnceLock::new(), value: value.into() }))
    }

    /// Takes a value whose text must not be longer than `max_bytes`. The text is made now: a value that shares its parts can be
    /// far longer as text than it is in memory.
    ///
    /// # Errors
    /// When the text is longer.
    pub fn from_value_within(value: Value, numbers: Numbers, max_bytes: usize) -> Result<Payload, TooLong> {
        let mut text = String::new();
        value.write_json_within(&mut text, numbers, max_bytes)?;
        let text: Arc<str> = text.into();
        Ok(Payload(Arc::new(Both { text: text.into(), value: value.into() })))
    }

    /// The text: as it came, or the compact form of the value.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        self.0.text.get_or_init(|| self.value().to_json().into())
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.0.value.get_or_init(|| self.0.text.get().and_then(|t| Value::parse(t).ok()).unwrap_or_default())
    }

    /// The length of the text in bytes of UTF-8, which is what the service's limits count.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "JSON text is never empty")]
    pub fn len(&self) -> usize {
        self.text().len()
    }

    /// Whether both are the same payload in memory.
    #[must_use]
    pub fn ptr_eq(&self, other: &Payload) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Payload {
        Payload::from_value(value)
    }
}

impl PartialEq for Payload {
    /// By text: what differs in spacing differs.
    fn eq(&self, other: &Payload) -> bool {
        self.ptr_eq(other) || self.text() == other.text()
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
