//! What callers of [`crate::Engine`] can be refused with.

use std::fmt;

use interpreter::NotRedrivable;

/// The engine could not say what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineError {
    /// There is no such execution.
    NoSuchExecution,
    /// The store failed or the engine is shutting down; whether anything happened is unknown.
    Unavailable(String),
}

/// A start was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// Another execution has this name (or the same one with another input, or it is closed).
    AlreadyExists,
    /// As many executions run as may.
    TooMany,
    /// Too many Express starts are accepted and have not ended.
    Busy,
    /// As [`EngineError::Unavailable`].
    Unavailable(String),
}

/// A redrive was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedriveError {
    /// There is no such execution.
    NoSuchExecution,
    /// It cannot be redriven.
    NotRedrivable(NotRedrivable),
    /// As many executions run as may.
    TooMany,
    /// As [`EngineError::Unavailable`].
    Unavailable(String),
}

/// An answer by token was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// This store never made the token.
    Invalid,
    /// The execution is gone.
    DoesNotExist,
    /// The task ended, or timed out.
    TimedOut,
    /// As [`EngineError::Unavailable`].
    Unavailable(String),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::NoSuchExecution => f.write_str("there is no such execution"),
            EngineError::Unavailable(why) => write!(f, "the engine is not available: {why}"),
        }
    }
}

impl std::error::Error for EngineError {}
