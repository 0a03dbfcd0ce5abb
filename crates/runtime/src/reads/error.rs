//! Why an execution cannot be read. The texts are for operators.

use std::fmt;

/// A failed read.
#[derive(Debug)]
pub enum ReadError {
    /// The store failed.
    Store(store::Error),
    /// Records cannot be decoded, or are not all there.
    Records(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Store(why) => why.fmt(f),
            ReadError::Records(why) => write!(f, "records cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<store::Error> for ReadError {
    fn from(error: store::Error) -> Self {
        ReadError::Store(error)
    }
}
