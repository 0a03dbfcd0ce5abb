//! What a shard wants done. The driver polls for actions after everything that it tells the shard.

use interpreter::{Abandoned, EffectId, NotRedrivable, Parent, TaskEffect, Timestamp};
use store::{Commit, ExecutionKey, PendingKind};
use value::Payload;

use crate::activities::QueuedTask;
use crate::express::ExpressRun;

/// Who waits for a [`Reply`]: the driver's number.
pub type Ticket = u64;

/// What a shard wants done.
#[derive(Debug)]
pub enum Action {
    /// Write this durably, then call `committed`. At most one is under way at a time.
    Commit(Commit),
    /// Read this execution with its records, then call `loaded`.
    Load(ExecutionKey),
    /// As `Load`, and the records of one that has ended, too.
    LoadWhole(ExecutionKey),
    /// Find the execution that has this name, then call `looked_up`.
    LookUp {
        /// Name of the state machine.
        machine: String,
        /// The name.
        name: String,
    },
    /// Read the pending rows that are due in `[from, to)`, then call `due_read`.
    ReadDue {
        /// Milliseconds since the Unix epoch.
        from: i64,
        /// Milliseconds since the Unix epoch.
        to: i64,
    },
    /// Read all pending rows of a kind, then call `pending_read`.
    ReadPending(PendingKind),
    /// Make a task's call, then call `task_done`. Its dispatch is durable.
    Call(Box<CallAction>),
    /// Ask after a job, then call `task_done`.
    Poll(Box<CallAction>),
    /// The call or the job is no longer wanted.
    Cancel {
        /// Whose.
        execution: ExecutionKey,
        /// Which.
        effect: EffectId,
    },
    /// Nobody wants this job or child any more: once nothing of its call is under way, stop it, then call `released`. Until
    /// then it is asked for again after each crash.
    Abandon(Box<AbandonAction>),
    /// Tell the parent's shard (`child_ended`) that this execution has ended, then call `reported`.
    Report {
        /// The child.
        child: ExecutionKey,
        /// Which of its reports.
        effect: EffectId,
        /// Whom to tell.
        parent: Parent,
    },
    /// Run an accepted Express start, then call `express_ended`.
    RunExpress(Box<ExpressRun>),
    /// A task waits for a worker of its activity, durably.
    Queued(QueuedTask),
    /// It no longer does.
    Unqueued(QueuedTask),
    /// All tasks that waited when the shard was opened are announced.
    QueuesRead,
    /// Answer whoever waits.
    Reply(Ticket, Reply),
    /// An execution ended, durably.
    Closed(ExecutionKey),
}

/// A task's call.
#[derive(Clone, Debug)]
pub struct CallAction {
    /// Whose.
    pub execution: ExecutionKey,
    /// Which.
    pub effect: EffectId,
    /// Its ARN.
    pub execution_arn: String,
    /// Trace header of the start.
    pub trace_header: Option<String>,
    /// The task.
    pub task: TaskEffect,
}

/// A job or a child that must be stopped.
#[derive(Clone, Debug)]
pub struct AbandonAction {
    /// Whose.
    pub execution: ExecutionKey,
    /// The task that started it.
    pub effect: EffectId,
    /// ARN of its execution.
    pub execution_arn: String,
    /// What it is.
    pub what: Abandoned,
}

/// An answer to whoever told the shard something.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The execution runs (or did already, under the same name with the same input).
    Started {
        /// Its key.
        execution: ExecutionKey,
        /// Its name.
        name: String,
        /// When it started.
        at: Timestamp,
    },
    /// Another execution has this name.
    NameTaken,
    /// The execution is stopped (or was closed before).
    Stopped {
        /// When it stopped.
        at: Timestamp,
    },
    /// The execution goes on (or did so already, with the same token).
    Redriven {
        /// When it was redriven.
        at: Timestamp,
    },
    /// The execution cannot be redriven.
    NotRedrivable(NotRedrivable),
    /// Too many Express starts are accepted and have not ended.
    Busy,
    /// An activity's task is handed over.
    Task {
        /// Its token.
        token: String,
        /// Its input.
        input: Payload,
    },
    /// The token's answer, or the child's end, is taken; the task is returned.
    Accepted,
    /// Nothing waits for this token any more.
    Stale,
    /// There is no such execution.
    NoSuchExecution,
    /// The store failed; whether anything happened is unknown.
    Unavailable(String),
}
