//! Why a call gave no result.

use std::fmt;

use aws_model::{ApiError, Problems, Response};

/// A call that gave no result.
#[derive(Clone, Debug)]
pub enum CallError {
    /// The parameters are not what the operation takes; nothing was sent.
    Parameters(Problems),
    /// The service answered with an error.
    Service {
        /// What it said.
        error: Box<ApiError>,
        /// How often it was asked.
        attempts: u32,
        /// The whole answer to the last attempt.
        response: Response,
    },
    /// No request left, or none was received: the service did nothing.
    Unsent {
        /// Why.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// A request left and no answer came: whether the service did something is not known.
    Unanswered {
        /// Why.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
}

impl CallError {
    pub(crate) fn unsent(reason: impl Into<String>) -> CallError {
        CallError::Unsent { reason: reason.into(), attempts: 1 }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Parameters(problems) => write!(f, "{problems}"),
            CallError::Service { error, attempts, .. } => {
                write!(f, "{}: {}", error.name, error.cause(*attempts))
            }
            CallError::Unsent { reason, .. } | CallError::Unanswered { reason, .. } => f.write_str(reason),
        }
    }
}

impl std::error::Error for CallError {}
