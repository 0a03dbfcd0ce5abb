//! Parents and children: what a child keeps of the task that started it, and what an execution keeps of jobs and children
//! that it gave up. Who tells whom, and that it is done until it is acknowledged, is the shard's matter.

use minicbor::{Decode, Encode};
use value::Payload;

use crate::data::Data;
use crate::event::TaskKind;
use crate::execution::{EffectId, Execution};
use crate::frame::{Phase, TaskWork};
use crate::record::Timestamp;
use crate::text::Text;

/// The task that started an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Parent {
    /// Key of its execution, as the store counts them.
    #[n(0)]
    pub execution: u64,
    /// The task: it starts one execution, however often it is made.
    #[n(1)]
    pub effect: u32,
    /// It waits for the end (`.sync`), and is told of it.
    #[n(2)]
    pub awaits: bool,
}

/// A job or a child that runs for nobody: its task timed out, or its state or execution was aborted.
#[derive(Clone, Debug, PartialEq)]
pub struct Abandoned {
    /// The state.
    pub state: Text,
    /// `Resource` as written.
    pub resource: Text,
    /// What was sent.
    pub parameters: Payload,
    /// The role of Credentials.
    pub role: Option<Text>,
    /// What cancelling needs; `None` when the call that starts a child had not returned.
    pub handle: Option<Payload>,
    /// Since when.
    pub since: Timestamp,
}

impl TaskKind {
    /// Whether the task waits for an execution of ours that it starts. Its end is pushed, so nobody asks after it in
    /// between.
    pub fn is_child(&self) -> bool {
        matches!(self, TaskKind::Service { resource_type, resource }
            if &**resource_type == "states" && resource.starts_with("startExecution.sync"))
    }
}

impl TaskWork {
    /// What becomes of the task when nobody wants it any more, at this time. A job that was submitted goes on by itself; so
    /// does a child, and that one may have begun as soon as its call may have left.
    pub(crate) fn abandoned(&self, state: &Text, since: Timestamp) -> Option<Abandoned> {
        let goes_on = match self.phase {
            Phase::Scheduled => false,
            // What a mock answers for does not exist.
            _ if self.mocked.is_some() => false,
            Phase::Started => self.kind.is_child(),
            Phase::Submitted => self.handle.is_some(),
        };
        goes_on.then(|| Abandoned {
            state: state.clone(),
            resource: self.resource.clone(),
            parameters: self.parameters.payload().clone(),
            role: self.role.clone(),
            handle: self.handle.as_ref().map(|handle: &Data| handle.payload().clone()),
            since,
        })
    }
}

impl Execution {
    /// The tasks that started it, each with the number of the record that says so: the first one, if a task did, and those
    /// that asked for the same start while it ran.
    pub fn parents(&self) -> impl Iterator<Item = (EffectId, Parent)> + '_ {
        self.parents.iter().map(|(seq, parent)| (*seq, *parent))
    }

    /// Whether this task started it.
    pub fn is_child_of(&self, parent: Parent) -> bool {
        self.parents
            .values()
            .any(|known| (known.execution, known.effect) == (parent.execution, parent.effect))
    }

    /// Jobs and children that run for nobody, by the task that started them.
    pub fn abandoned(&self) -> impl Iterator<Item = (EffectId, &Abandoned)> {
        self.abandoned.iter().map(|(effect, abandoned)| (*effect, abandoned))
    }
}
