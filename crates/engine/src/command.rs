//! What a shard is told, besides time.

use std::sync::Arc;

use asl::StateMachine;
use interpreter::{Failure, Parent, Record, Text};
use store::ExecutionRow;
use value::Payload;

/// A start of a Standard execution.
#[derive(Clone, Debug)]
pub struct StartCommand {
    /// The definition.
    pub definition: Arc<StateMachine>,
    /// Id of its revision.
    pub revision: String,
    /// Name of the state machine.
    pub machine: String,
    /// The client's name for the execution.
    pub name: Option<String>,
    /// Its input.
    pub input: Payload,
    /// The role's ARN.
    pub role: Text,
    /// 64 random bits.
    pub seed: u64,
    /// Trace header.
    pub trace_header: Option<Text>,
    /// Version number it is started through, and the version's ARN.
    pub version: Option<(u32, Text)>,
    /// Alias it is started through, and the alias's ARN.
    pub alias: Option<(String, Text)>,
    /// The task that starts it, when one does. It starts one execution, however often it asks.
    pub parent: Option<Parent>,
    /// Canned responses that stand for the work of Task states: an object, its members by state.
    pub mocks: Option<Payload>,
}

/// What somebody wants of a name.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Start an execution under it.
    Start(Box<StartCommand>),
    /// Find the execution that this task has started under it, and start none.
    Find(Parent),
}

impl Wish {
    /// The task that asks, when one does.
    pub(crate) fn parent(&self) -> Option<Parent> {
        match self {
            Wish::Start(start) => start.parent,
            Wish::Find(parent) => Some(*parent),
        }
    }
}

/// What the store knows of an execution that already has the name of a new one.
#[derive(Clone, Debug)]
pub struct Existing {
    /// Its index row.
    pub row: ExecutionRow,
    /// Its input.
    pub input: Payload,
}

/// An execution as it was read from the store.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its index row.
    pub row: ExecutionRow,
    /// Its definition.
    pub definition: Arc<StateMachine>,
    /// All its records, in order; of one that has ended only if they were asked for.
    pub records: Vec<Record>,
}

/// What came of a task's call, or of a poll.
#[derive(Clone, Debug)]
pub enum TaskOutcome {
    /// It answered.
    Done(Payload),
    /// It failed.
    Failed(Failure),
    /// The job was submitted: poll it with `handle`.
    Submitted {
        /// What the submitting call answered.
        output: Payload,
        /// What polling and cancelling need.
        handle: Payload,
    },
    /// The token was handed over.
    AwaitingToken(Payload),
    /// A poll found the job still running, or the child.
    StillRunning,
}
