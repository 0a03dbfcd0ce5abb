//! A frame: one thread of control - the top level, a Parallel branch, a Map iteration - and where it stands.
//! Data only; `apply` is what changes it.

use std::collections::BTreeMap;

use crate::data::Data;
use crate::event::{StateKind, TaskKind};
use crate::execution::EffectId;
use crate::record::{FrameId, Timestamp};
use crate::text::Text;

/// One thread of control.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Whose state runs it; `None` for the top level.
    pub(crate) parent: Option<FrameId>,
    /// Which branch, or which item.
    pub(crate) index: u32,
    /// Public id that the frame's next event points to.
    pub(crate) last: u32,
    /// What it waits for outside, if anything.
    pub(crate) effect: Option<EffectId>,
    /// Variables assigned in this frame's scope.
    pub(crate) variables: BTreeMap<Text, Data>,
    /// Where it stands.
    pub(crate) cursor: Cursor,
}

/// Where a frame stands.
#[derive(Debug)]
pub(crate) enum Cursor {
    /// About to enter a state.
    Ready { state: Text, input: Data },
    /// In a state.
    In(Box<Visit>),
    /// Its flow ended.
    Done { output: Data },
    /// Closed by a failure, a retry or a stop.
    Closed {
        /// Where it stood: a redrive may go on from there.
        was: Option<Box<Cursor>>,
    },
}

/// One visit of a state, from its Entered event to its Exited event.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The state.
    pub(crate) state: Text,
    /// Its type.
    pub(crate) kind: StateKind,
    /// Its raw input.
    pub(crate) input: Data,
    /// Public id of the Entered event.
    pub(crate) entered: u32,
    /// `previousEventId` of the Entered event.
    pub(crate) entered_after: u32,
    /// When.
    pub(crate) entered_at: Timestamp,
    /// Attempts made by each Retrier.
    pub(crate) attempts: BTreeMap<u32, u32>,
    /// All retries of this visit.
    pub(crate) retry_count: u32,
    /// What it is doing.
    pub(crate) work: Work,
    /// What a Parallel or a Map was doing when it failed: a redrive goes on from there.
    pub(crate) failed: Option<Work>,
}

/// What a visit is doing.
#[derive(Debug)]
pub(crate) enum Work {
    /// Its work has not begun.
    Begin,
    /// A task.
    Task(Box<TaskWork>),
    /// A Wait.
    Waiting,
    /// Between two attempts.
    Backoff,
    /// Branches run.
    Parallel { first: FrameId, count: u32 },
    /// Iterations run.
    Map(Box<MapWork>),
    /// The work succeeded; the state is about to be left.
    Returned { result: Data },
}

/// A task that is under way.
#[derive(Debug)]
pub(crate) struct TaskWork {
    pub(crate) kind: TaskKind,
    pub(crate) resource: Text,
    pub(crate) parameters: Data,
    pub(crate) timeout: Option<u64>,
    pub(crate) heartbeat: Option<u64>,
    pub(crate) role: Option<Text>,
    pub(crate) phase: Phase,
    /// When this phase began.
    pub(crate) since: Timestamp,
    pub(crate) scheduled_at: Timestamp,
    /// When it times out, once it has started.
    pub(crate) due: Option<Timestamp>,
    /// What polling needs (`.sync`).
    pub(crate) handle: Option<Data>,
    /// An answer that came by token before the call returned.
    pub(crate) early: Option<EarlyAnswer>,
    /// Of a mocked state: how many times its work was wanted before.
    pub(crate) mocked: Option<u32>,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Scheduled,
    Started,
    Submitted,
}

/// An answer that came by token before the call returned.
#[derive(Clone, Debug)]
pub(crate) enum EarlyAnswer {
    Succeeded(Data),
    Failed { error: Option<Text>, cause: Option<Text> },
}

/// An inline Map's iterations.
#[derive(Debug)]
pub(crate) struct MapWork {
    pub(crate) items: Data,
    pub(crate) input: Data,
    pub(crate) length: u32,
    pub(crate) concurrency: u32,
    /// The next item to begin.
    pub(crate) next: u32,
    /// Frames that run, by item.
    pub(crate) running: BTreeMap<u32, FrameId>,
    /// Outputs of the finished ones, by item.
    pub(crate) results: Vec<Option<Data>>,
    pub(crate) finished: u32,
    /// Public id of the last event inside the iteration that finished last: the next one points to it (recorded).
    pub(crate) last_inner: Option<u32>,
}

impl Frame {
    /// Whether a step can be made without an input from outside.
    pub(crate) fn is_runnable(&self) -> bool {
        match &self.cursor {
            Cursor::Ready { .. } => true,
            Cursor::In(visit) => match &visit.work {
                Work::Begin | Work::Returned { .. } => true,
                Work::Map(map) => map.can_start_more() || map.finished == map.length,
                Work::Task(_) | Work::Waiting | Work::Backoff | Work::Parallel { .. } => false,
            },
            Cursor::Done { .. } | Cursor::Closed { .. } => false,
        }
    }

    /// The visit at hand.
    pub(crate) fn visit(&self) -> Option<&Visit> {
        match &self.cursor {
            Cursor::In(visit) => Some(visit),
            Cursor::Ready { .. } | Cursor::Done { .. } | Cursor::Closed { .. } => None,
        }
    }
}

impl MapWork {
    /// Whether another iteration may begin now.
    pub(crate) fn can_start_more(&self) -> bool {
        self.next < self.length && (self.concurrency == 0 || (self.running.len() as u32) < self.concurrency)
    }
}

impl Cursor {
    /// Where the frame stands, or stood before it was closed.
    pub(crate) fn before_closing(&self) -> &Cursor {
        match self {
            Cursor::Closed { was: Some(was) } => was,
            other => other,
        }
    }
}
