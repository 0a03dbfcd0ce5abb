//! What an execution is told. An input that no longer fits (a late or repeated answer) is [`Stale`] and changes nothing.

use std::fmt;

use value::Payload;

use crate::child::Parent;
use crate::execution::EffectId;
use crate::failure::Failure;
use crate::text::Text;

/// How an execution begins.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its input.
    pub input: Payload,
    /// Its name.
    pub name: Text,
    /// Name of its state machine.
    pub machine: Text,
    /// The role's ARN.
    pub role: Text,
    /// Where draws begin: 64 random bits.
    pub seed: u64,
    /// It is an Express execution; then the id that ends its ARN.
    pub express: Option<Text>,
    /// ARN of the version it is started through.
    pub version_arn: Option<Text>,
    /// ARN of the alias it is started through.
    pub alias_arn: Option<Text>,
    /// Trace header of the start.
    pub trace_header: Option<Text>,
    /// Canned responses that stand for the work of Task states: an object, its members by state.
    pub mocks: Option<Payload>,
    /// The task that starts it, when one does.
    pub parent: Option<Parent>,
}

/// What a task, or the holder of its token, answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It succeeded with this output.
    Succeeded(Payload),
    /// It failed.
    Failed(Failure),
}

/// What an execution is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// Begin. Only as the first input.
    Start(Box<Start>),
    /// A timer's time has come.
    TimerFired(EffectId),
    /// The task's call is about to leave, or a worker takes the activity.
    Dispatch {
        /// The task.
        effect: EffectId,
        /// An activity's worker.
        worker: Option<Text>,
    },
    /// A worker took the activity's task, and was gone before it could hear so.
    Returned {
        /// The task.
        effect: EffectId,
    },
    /// The call that hands over the token, or submits the job, returned.
    Submitted {
        /// The task.
        effect: EffectId,
        /// What it answered.
        output: Payload,
        /// What polling needs (`.sync`); `None` when the token will be answered.
        handle: Option<Payload>,
    },
    /// The task answered, by its call, its poll or its token.
    Answered {
        /// The task.
        effect: EffectId,
        /// By its token.
        by_token: bool,
        /// The answer.
        answer: Answer,
    },
    /// The node that made the task's call died before it heard the answer, and nobody can know whether the call took effect.
    Interrupted {
        /// The task.
        effect: EffectId,
        /// What the attempt ends with, unless its token was answered before.
        failure: Failure,
    },
    /// The task's timeout or heartbeat passed.
    TaskTimedOut {
        /// The task.
        effect: EffectId,
        /// It was the heartbeat.
        heartbeat: bool,
    },
    /// A job or a child that was given up has been seen to.
    Released {
        /// The task that started it.
        effect: EffectId,
    },
    /// Another task started it under its name and with its input.
    Adopted(Parent),
    /// Stop.
    Stop {
        /// As StopExecution says.
        error: Option<Text>,
        /// As StopExecution says.
        cause: Option<Text>,
    },
    /// Go on after an unsuccessful end. Nothing but this is decided in the turn: the execution goes on in its next one.
    Redrive {
        /// The client's token.
        token: Option<Text>,
        /// Tasks whose abandoned jobs and children are still to be stopped; the others have been while it was closed.
        owed: Vec<EffectId>,
    },
    /// Its state machine is being deleted: no state is entered any more in this turn (AWS page of DeleteStateMachine). Whoever
    /// knows of the deletion says so in every turn.
    MachineDeleted,
    /// Go on after a long turn.
    Continue,
}

/// The input no longer fits: nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing waits for this input any more")
    }
}

impl std::error::Error for Stale {}
