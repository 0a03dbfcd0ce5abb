//! Why an expression, a template or a condition could not be evaluated, in the words of the service.
//! The prefix that names the state is the interpreter's.

use std::fmt;

use jsonpath::{PathError, PathErrorKind};
use value::{Numbers, Value};

use crate::Name;
use crate::error_names::{INTRINSIC_FAILURE, RUNTIME};

/// A failed evaluation. `Display` is the cause, without the prefix `An error occurred while executing the state …`.
///
/// A path that leads nowhere has two texts (both recorded): as it is, the one for a field that is a path
/// (`InputPath`, `TimeoutSecondsPath`, …); after [`EvaluationError::as_field_error`], the one for members of payload
/// templates and for `ErrorPath` and `CausePath`.
#[derive(Clone, Debug)]
pub struct EvaluationError(Box<Kind>);

#[derive(Clone, Debug)]
enum Kind {
    /// A path that leads nowhere in `root`.
    Path { path: Name, reason: String, root: Value, field: Option<Name>, index_out_of_bounds: bool },
    /// An intrinsic function that refused its arguments.
    Intrinsic { error: &'static str, call: Name, reason: String },
    /// Anything else, with its text.
    Other { error: Name, cause: String },
}

impl EvaluationError {
    /// An error with a name and a text of one's own.
    pub fn new(error: &str, cause: impl Into<String>) -> EvaluationError {
        EvaluationError(Box::new(Kind::Other { error: error.into(), cause: cause.into() }))
    }

    pub(crate) fn path(path: &Name, error: &PathError, root: &Value) -> EvaluationError {
        if error.kind == PathErrorKind::Budget {
            return EvaluationError::new(RUNTIME, format!("Invalid path '{path}' : {error}"));
        }
        EvaluationError(Box::new(Kind::Path {
            path: path.clone(),
            reason: error.to_string(),
            root: root.clone(),
            field: None,
            index_out_of_bounds: error.kind == PathErrorKind::IndexPastEnd,
        }))
    }

    /// A variable that no state has assigned.
    pub(crate) fn no_variable(path: &Name, name: &str, data: &Value) -> EvaluationError {
        EvaluationError(Box::new(Kind::Path {
            path: path.clone(),
            reason: format!("No results for path: $['{name}']"),
            root: data.clone(),
            field: None,
            index_out_of_bounds: false,
        }))
    }

    /// `call` is the text of the call as written.
    pub(crate) fn intrinsic(call: &Name, reason: impl Into<String>) -> EvaluationError {
        EvaluationError(Box::new(Kind::Intrinsic {
            error: INTRINSIC_FAILURE,
            call: call.clone(),
            reason: reason.into(),
        }))
    }

    /// The same failure seen as that of an argument of the intrinsic function `call`.
    pub(crate) fn in_argument(self, call: &Name) -> EvaluationError {
        match *self.0 {
            Kind::Path { path, root, .. } => {
                let input = printed(&root);
                let reason = format!(
                    "The JsonPath argument for the field '{path}' could not be found in the input '{input}'"
                );
                EvaluationError(Box::new(Kind::Intrinsic { error: RUNTIME, call: call.clone(), reason }))
            }
            _ => self,
        }
    }

    /// The same failure in the words for a field called `field` of a payload template (with its `.$`), or for
    /// `ErrorPath` and `CausePath`. Errors that are not about a path stay as they are.
    pub fn as_field_error(mut self, field: &str) -> EvaluationError {
        if let Kind::Path { field: slot, .. } = &mut *self.0 {
            *slot = Some(field.into());
        }
        self
    }

    /// The error name that the service reports: `States.Runtime`, `States.IntrinsicFailure`, …
    pub fn error(&self) -> &str {
        match &*self.0 {
            Kind::Path { .. } => RUNTIME,
            Kind::Intrinsic { error, .. } => error,
            Kind::Other { error, .. } => error,
        }
    }

    /// Whether a path led nowhere: the value is missing rather than wrong.
    pub fn is_missing(&self) -> bool {
        matches!(&*self.0, Kind::Path { .. })
    }

    /// Whether a path led past the end of an array, which payload templates read as `null`.
    pub fn is_index_out_of_bounds(&self) -> bool {
        matches!(&*self.0, Kind::Path { index_out_of_bounds: true, .. })
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Path { path, reason, field: None, .. } => write!(f, "Invalid path '{path}' : {reason}"),
            Kind::Path { path, root, field: Some(field), .. } => {
                let input = printed(root);
                write!(
                    f,
                    "The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{input}'"
                )
            }
            Kind::Intrinsic { call, reason, .. } => {
                write!(f, "The function '{call}' had the following error: {reason}")
            }
            Kind::Other { cause, .. } => f.write_str(cause),
        }
    }
}

impl std::error::Error for EvaluationError {}

/// The longest input, in bytes, that an error text quotes: far above what a cause may have, but a bound, since a value
/// that shares its parts can be much longer as text than in memory.
const MAX_QUOTED: usize = 1 << 20;

fn printed(value: &Value) -> String {
    let mut text = String::new();
    match value.write_json_within(&mut text, Numbers::Java, MAX_QUOTED) {
        Ok(()) => text,
        Err(_) => String::from("…"),
    }
}
