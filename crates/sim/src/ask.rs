//! What clients ask of a shard.

use engine::Ticket;
use interpreter::{EffectId, Parent};
use store::{ExecutionKey, PendingKey};
use value::Payload;

use crate::children::{Between, Errand};

/// A start.
#[derive(Clone, Debug)]
pub struct StartAsk {
    /// Which machine.
    pub machine: String,
    /// Its revision.
    pub revision: String,
    /// The client's name.
    pub name: Option<String>,
    /// The input.
    pub input: Payload,
    /// Where draws begin.
    pub seed: u64,
    /// The task that starts it, when one does.
    pub parent: Option<Parent>,
}

/// What clients ask of a shard.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Start an execution.
    Start(StartAsk),
    /// Stop one.
    Stop {
        /// Which.
        execution: ExecutionKey,
    },
    /// Redrive one.
    Redrive {
        /// Which.
        execution: ExecutionKey,
        /// The client's token.
        token: Option<String>,
    },
    /// Answer a task by its token.
    Answer {
        /// Whose.
        execution: ExecutionKey,
        /// Which.
        effect: EffectId,
        /// It succeeded.
        success: bool,
        /// A text that no other answer has.
        text: String,
    },
    /// One shard asks another.
    Between(Errand, Between),
    /// Start an Express execution that runs on.
    StartExpress {
        /// Its name, which no other one has.
        name: String,
    },
    /// A worker takes a task of an activity.
    Take {
        /// Which.
        task: PendingKey,
        /// For which poll.
        poll: Ticket,
    },
    /// A task that a worker took and never heard of is put back.
    PutBack {
        /// Which.
        task: PendingKey,
    },
    /// A sign of life of a task.
    Heartbeat {
        /// Whose.
        execution: ExecutionKey,
        /// Which.
        effect: EffectId,
    },
}

impl Ask {
    /// Whom it is about; for a start, nobody.
    pub fn execution(&self) -> ExecutionKey {
        match self {
            Ask::Start(_) => ExecutionKey(0),
            Ask::Between(_, Between::Stop { child }) => *child,
            Ask::Between(_, Between::Ended { parent }) => ExecutionKey(parent.execution),
            Ask::Between(_, Between::Start(_) | Between::Find { .. }) => ExecutionKey(0),
            Ask::Take { task, .. } | Ask::PutBack { task } => task.execution,
            Ask::StartExpress { .. } => ExecutionKey(0),
            Ask::Stop { execution }
            | Ask::Redrive { execution, .. }
            | Ask::Answer { execution, .. }
            | Ask::Heartbeat { execution, .. } => *execution,
        }
    }
}
