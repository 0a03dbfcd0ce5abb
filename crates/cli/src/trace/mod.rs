//! What an execution has done so far, as a tree of states, folded from the events of GetExecutionHistory.
//! It reads the public history only, so it works for any server; drawing is `draw`, and asking for events is `follow`.

mod draw;
mod event;
mod fold;
mod live;
#[cfg(test)]
mod tests;

pub use event::{Event, compact};
pub use live::{Display, Live};

use std::collections::HashMap;

/// How a state stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Entered, not left.
    Running,
    /// Left.
    Done,
    /// Left through a Catcher.
    Caught,
    /// The execution or its container failed because of it.
    Failed,
    /// Ended by something else's failure or by a stop.
    Aborted,
}

/// One visit of a state, one iteration of a Map, or (at the root) the execution itself.
#[derive(Clone, Debug)]
pub struct Node {
    /// The state's name; of an iteration its number.
    pub name: String,
    /// `task`, `pass`, `map` …; `iteration`; of the root `execution`.
    pub kind: String,
    /// How it stands.
    pub phase: Phase,
    /// When it was entered, in milliseconds since the epoch.
    pub entered: i64,
    /// When it was left.
    pub left: Option<i64>,
    /// Attempts that were scheduled.
    pub attempts: u32,
    /// Attempts that failed.
    pub failed_attempts: u32,
    /// The last error of an attempt.
    pub error: Option<String>,
    /// Whether the call was made and the answer comes later: by task token or by polling.
    pub is_submitted: bool,
    /// While a task waits for its token: what it was called with, in which the token was handed over.
    pub asked: Option<String>,
    parent: usize,
    children: Vec<usize>,
}

/// A line that a display without cursor movement prints: one for each transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// How deep in the tree.
    pub depth: usize,
    /// Which node.
    pub node: usize,
    /// What happened to it.
    pub change: Change,
}

/// What a transition did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A container was entered, or a wait for an answer began.
    Began,
    /// An attempt failed.
    AttemptFailed,
    /// It was left, or ended.
    Ended,
}

/// The tree.
#[derive(Debug)]
pub struct Trace {
    nodes: Vec<Node>,
    /// Which node an event belongs to, and whether what follows it lies inside of that node.
    places: HashMap<i64, (usize, bool)>,
    last_event: i64,
    events: usize,
    /// Whether the execution's own time was over; a state's timeout that nobody caught is a failure.
    timed_out: bool,
    /// It was redriven: what had ended may go on.
    redriven: bool,
}

/// The root: the execution.
const ROOT: usize = 0;
