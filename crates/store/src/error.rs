//! What can go wrong in a store. The texts are for operators; no caller of the public API sees them.

use std::fmt;

/// A failed store operation.
#[derive(Debug)]
pub enum Error {
    /// The shard has a newer owner; this process must not write any more.
    Fenced,
    /// A catalogue entry is not at the expected version.
    Conflict,
    /// There is no room; reads still work.
    Full(String),
    /// The store was written by a release that this one does not understand.
    Version(String),
    /// Anything else: the outcome of a write is unknown.
    Failed(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Fenced => write!(f, "another process owns this shard now"),
            Error::Conflict => write!(f, "the entry was changed by someone else"),
            Error::Full(why) => write!(f, "the store has no room: {why}"),
            Error::Version(why) => write!(f, "the store has another format: {why}"),
            Error::Failed(why) => write!(f, "the store failed: {why}"),
        }
    }
}

impl std::error::Error for Error {}
