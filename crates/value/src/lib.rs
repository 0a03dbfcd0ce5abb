//! The one JSON value of the engine: read, write, share, compare and drop, safely at any depth.
//!
//! Every language of the engine (JSONPath, JSONata, intrinsics, payload templates) works on [`Value`] and its results alias
//! their inputs: a clone of an array, an object or a string is a counter, never a copy. [`Payload`] is JSON text exactly as it
//! came, with its value parsed on first use.
//!
//! *Not* here: any knowledge of the Amazon States Language, of limits of the service, or of serialisation frameworks.
//! Nothing in this crate recurses over data, so no value can exhaust the stack, however it was built.

mod array;
mod error;
mod object;
mod ops;
mod parse;
mod payload;
mod write;

use std::fmt;
use std::sync::Arc;

pub use array::Array;
pub use error::{ParseError, ParseErrorKind};
pub use object::Object;
pub use parse::MAX_DEPTH;
pub use payload::Payload;
pub use write::{Numbers, TooLong};

/// A JSON value. Cheap to clone, immutable while shared, `Send + Sync`.
///
/// Integers that fit are exact ([`Value::Int`]); all other numbers are IEEE doubles. `Int(1)` equals `Float(1.0)`.
///
/// The tag has eight bytes so that a value moves as three whole words. With a tag of one byte it has the same size, but moves in
/// pieces of one, three and four bytes, and every read of a value that has just been written waits for them: measured as a
/// third of the time of JSONata.
#[derive(Clone, Default)]
#[repr(u64)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that was written without fraction and exponent and fits into 64 bits.
    Int(i64),
    /// Any other number. May be infinite or not a number as the result of a calculation.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// An array.
    Arr(Array),
    /// An object, in the order in which its keys came.
    Obj(Object),
}

impl Value {
    /// Reads strict JSON (RFC 8259). Iterative; nesting is limited to [`MAX_DEPTH`].
    ///
    /// Integers beyond 64 bits become doubles. An escaped surrogate without its partner becomes U+FFFD, since it has no UTF-8
    /// form. Of a repeated key the first position and the last value stay.
    ///
    /// # Errors
    /// Where the text is not JSON; the error's `Display` is the text that Jackson, and so the service, gives.
    pub fn parse(text: &str) -> Result<Value, ParseError> {
        parse::parse(text)
    }

    /// Compact JSON text, with numbers as Java prints them ([`Numbers::Java`]).
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// Appends what [`Value::to_json`] returns.
    pub fn write_json(&self, out: &mut String) {
        self.write_json_with(out, Numbers::Java);
    }

    /// Appends compact JSON text with the given style of numbers.
    pub fn write_json_with(&self, out: &mut String, numbers: Numbers) {
        // Without a limit this cannot fail.
        let _ = write::write(self, out, numbers, usize::MAX);
    }

    /// As [`Value::write_json_with`], but stops when more than `max` bytes would be appended: a value that shares its parts can
    /// be exponentially longer as text than in memory.
    ///
    /// # Errors
    /// [`TooLong`], and `out` holds a useless prefix.
    pub fn write_json_within(&self, out: &mut String, numbers: Numbers, max: usize) -> Result<(), TooLong> {
        write::write(self, out, numbers, max)
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }

    /// The integer, if it is one that was not read or calculated as a double.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Int(i) = self { Some(*i) } else { None }
    }

    /// Any number as a double (integers beyond 2^53 are rounded).
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "documented rounding")]
            Value::Int(i) => Some(*i as f64),
            Value::Float(f) => Some(*f),
            _ => None,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Str(s) = self { Some(s) } else { None }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Arr(a) = self { Some(a) } else { None }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Obj(o) = self { Some(o) } else { None }
    }

    /// The member of that name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether this is a boolean.
    #[must_use]
    pub fn is_bool(&self) -> bool {
        matches!(self, Value::Bool(_))
    }

    /// Whether this is a number of either kind.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Value::Int(_) | Value::Float(_))
    }

    /// Whether this is a string.
    #[must_use]
    pub fn is_string(&self) -> bool {
        matches!(self, Value::Str(_))
    }

    /// Whether this is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self, Value::Arr(_))
    }

    /// Whether this is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Value::Obj(_))
    }

    /// JSON's name of the type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Int(_) | Value::Float(_) => "number",
            Value::Str(_) => "string",
            Value::Arr(_) => "array",
            Value::Obj(_) => "object",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl fmt::Display for Value {
    /// Compact JSON, as [`Value::to_json`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(i: i64) -> Value {
        Value::Int(i)
    }
}

impl From<i32> for Value {
    fn from(i: i32) -> Value {
        Value::Int(i.into())
    }
}

impl From<u32> for Value {
    fn from(i: u32) -> Value {
        Value::Int(i.into())
    }
}

impl From<usize> for Value {
    /// A count; beyond 2^63 (no real count is) it becomes a double.
    fn from(i: usize) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "documented rounding")]
        i64::try_from(i).map_or(Value::Float(i as f64), Value::Int)
    }
}

impl From<f64> for Value {
    fn from(f: f64) -> Value {
        Value::Float(f)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::Str(s.into())
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Str(s.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(s: Arc<str>) -> Value {
        Value::Str(s)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::Arr(items.into())
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Value {
        Value::Arr(array)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Obj(object)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// `None` is `null`.
    fn from(option: Option<T>) -> Value {
        option.map_or(Value::Null, Into::into)
    }
}
