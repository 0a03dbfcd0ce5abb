//! Why a path cannot be read, finds nothing, or cannot be set. Not for what the service says around these texts.

use std::fmt;
use value::{Numbers, Value};

/// Of a document that stands in a message, at most this many bytes are shown.
const SHOWN_MAX: usize = 16 * 1024;

/// A text is not a path. `Display` is Jayway's text where it has a sensible one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath(Box<str>);

impl InvalidPath {
    pub(crate) fn new(message: impl Into<Box<str>>) -> InvalidPath {
        InvalidPath(message.into())
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidPath {}

/// What kept a path from giving a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathErrorKind {
    /// There is nothing at this place.
    NotFound,
    /// The last step is an index beyond the array. The service gives `null` here in payload templates (measured by a third
    /// party), so callers may want to tell this apart.
    IndexPastEnd,
    /// A step does not fit what it is applied to: a name to something that is no object, an index to what is no array.
    WrongType,
    /// A filter is applied to something that is neither an array nor an object.
    NotFilterable,
    /// The path wanted more work than is allowed.
    Budget,
}

impl PathErrorKind {
    /// Whether Jayway calls this "path not found": what makes a path that could match many places give `[]`.
    pub(crate) fn is_not_found(self) -> bool {
        matches!(self, PathErrorKind::NotFound | PathErrorKind::IndexPastEnd | PathErrorKind::WrongType)
    }
}

/// A path gives no value. `Display` is Jayway's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// What kept it from giving one.
    pub kind: PathErrorKind,
    message: Box<str>,
}

impl PathError {
    fn new(kind: PathErrorKind, message: String) -> PathError {
        PathError { kind, message: message.into() }
    }

    /// Nothing at the end of `path` (normalised).
    pub(crate) fn no_results(path: &str, index_past_end: bool) -> PathError {
        let kind = if index_past_end { PathErrorKind::IndexPastEnd } else { PathErrorKind::NotFound };
        PathError::new(kind, format!("No results for path: {path}"))
    }

    /// The member at the end of `path` (normalised) is missing, and the path goes on from there.
    pub(crate) fn missing(path: &str) -> PathError {
        PathError::new(PathErrorKind::NotFound, format!("Missing property in path {path}"))
    }

    /// A name (as written, in brackets) meets something that is no object.
    pub(crate) fn no_object(fragment: &str, path: &str, found: &Value) -> PathError {
        let found = java_class(found);
        let message = format!(
            "Expected to find an object with property {fragment} in path {path} but found '{found}'. This is not a json \
             object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'."
        );
        PathError::new(PathErrorKind::WrongType, message)
    }

    /// An index or slice meets something that is no array.
    pub(crate) fn no_array(fragment: &str, path: &str, found: &Value) -> PathError {
        let message = match found {
            Value::Null => format!("The path {path} is null"),
            _ => format!(
                "Filter: {fragment} can only be applied to arrays. Current context is: {}",
                shown(found)
            ),
        };
        PathError::new(PathErrorKind::WrongType, message)
    }

    /// A filter meets neither an array nor an object.
    pub(crate) fn primitive(found: &Value) -> PathError {
        let message =
            format!("Filter: [?] can not be applied to primitives. Current context is: {}", shown(found));
        PathError::new(PathErrorKind::NotFilterable, message)
    }

    pub(crate) fn budget() -> PathError {
        PathError::new(PathErrorKind::Budget, "the path takes more steps than are allowed".to_owned())
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathError {}

/// What keeps a Reference Path from being set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetErrorKind {
    /// The document, or something on the way, is not an object where a name follows.
    NotAnObject,
    /// Something on the way is not an array where an index follows.
    NotAnArray,
    /// An index is beyond the array.
    IndexPastEnd,
}

/// A Reference Path cannot be set in a document (the service's `States.ResultPathMatchFailure`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetError {
    /// What keeps it from being set.
    pub kind: SetErrorKind,
    /// The place that does not fit, as a normalised path: `$['a'][0]`.
    pub at: String,
    /// The JSON type of what is there.
    pub found: &'static str,
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SetError { kind, at, found } = self;
        match kind {
            SetErrorKind::NotAnObject => write!(f, "`{at}` is of type {found}, not an object"),
            SetErrorKind::NotAnArray => write!(f, "`{at}` is of type {found}, not an array"),
            SetErrorKind::IndexPastEnd => write!(f, "`{at}` is beyond the end of its array"),
        }
    }
}

impl std::error::Error for SetError {}

/// A value in a message: strings bare, anything else as JSON, long ones not at all.
fn shown(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Str(s) if s.len() <= SHOWN_MAX => text.push_str(s),
        Value::Str(_) => text.push_str("..."),
        _ => {
            if value.write_json_within(&mut text, Numbers::Java, SHOWN_MAX).is_err() {
                return format!("{}...", if value.is_array() { '[' } else { '{' });
            }
        }
    }
    text
}

/// The class by which Jayway calls a value (verbatim in the service's causes).
fn java_class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Int(i) if i32::try_from(*i).is_ok() => "java.lang.Integer",
        Value::Int(_) => "java.lang.Long",
        Value::Float(_) => "java.lang.Double",
        Value::Str(_) => "java.lang.String",
        Value::Arr(_) => "java.util.ArrayList",
        Value::Obj(_) => "java.util.LinkedHashMap",
    }
}
