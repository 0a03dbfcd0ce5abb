//! Shapes and errors of the public API: the 37 operations' requests and responses, the constraints on them, and the error form.
//! It is not a client and not a server: no network, no signatures, and no rule that needs to know what exists. ARNs, names and
//! definitions are strings here.
//!
//! Layout: `generated` comes from the service model (`cargo xtask codegen`); `shape` is the vocabulary of its tables;
//! `validate` applies them as the service does; `error` is the one error form; `timestamp` the one time form.

mod error;
mod generated;
mod parse;
mod shape;
mod timestamp;
mod validate;

pub use error::ApiError;
pub use generated::*;
pub use parse::parse;
pub use shape::{Field, Operation, Pattern, Request, Shape};
pub use timestamp::Timestamp;
pub use validate::{Limits, validate};

/// What stands before the dot in `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "AWSStepFunctions";
/// The media type of requests and responses.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// The name of the service in a SigV4 credential scope.
pub const SIGNING_NAME: &str = "states";
