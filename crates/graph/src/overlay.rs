//! What became of states, laid over the picture: a status each, and a count where there were several visits.
//! *Not* here: finding out (the caller folds a history).

use std::collections::HashMap;

/// What a state is doing or did. Several visits: the worst that is still true; the caller decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the statuses of the execution page")]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    Caught,
    Aborted,
    TimedOut,
}

impl Status {
    /// The word, as a class of the picture and for people.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Succeeded => "succeeded",
            Status::Failed => "failed",
            Status::Caught => "caught",
            Status::Aborted => "aborted",
            Status::TimedOut => "timed-out",
        }
    }

    /// A sign beside the colour: nobody should need to see colours.
    pub const fn sign(self) -> &'static str {
        match self {
            Status::Running => "▶",
            Status::Succeeded => "✓",
            Status::Failed => "✕",
            Status::Caught => "!",
            Status::Aborted => "■",
            Status::TimedOut => "◷",
        }
    }
}

/// Statuses of states by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// A state's status and how often it was entered.
    pub states: HashMap<String, (Status, u64)>,
}
