//! What a shard's driver is told: by callers, by the committer, by readers, by calls that returned.

use interpreter::{Answer, EffectId, Parent, Text};
use store::{ExecutionKey, Pending, PendingKey, PendingKind, ShardId};
use tokio::sync::{mpsc, oneshot};

use engine::{Existing, ExpressStart, Loaded, Reply, StartCommand, TaskOutcome};

/// Where a driver's answer to a caller goes.
pub(crate) type ReplyTo = oneshot::Sender<Reply>;

/// A driver's mailbox.
pub(crate) type Mailbox = mpsc::UnboundedSender<Message>;

/// What a driver is told.
pub(crate) enum Message {
    /// A start.
    Start(Box<StartCommand>, ReplyTo),
    /// A stop.
    Stop { execution: ExecutionKey, error: Option<Text>, cause: Option<Text>, reply: ReplyTo },
    /// A redrive.
    Redrive { execution: ExecutionKey, token: Option<Text>, reply: ReplyTo },
    /// A token's answer.
    Answer { execution: ExecutionKey, effect: EffectId, answer: Answer, reply: ReplyTo },
    /// A token's sign of life.
    Heartbeat { execution: ExecutionKey, effect: EffectId, reply: ReplyTo },
    /// Find what a task has started under this name.
    FindChild { machine: String, name: String, parent: Parent, reply: ReplyTo },
    /// A child that a task started has ended.
    ChildEnded { execution: ExecutionKey, effect: EffectId, reply: ReplyTo },
    /// A start of an Express execution that runs on after it is answered.
    StartExpress(Box<ExpressStart>, ReplyTo),
    /// A run of an accepted Express start has ended.
    ExpressEnded { incarnation: u64, chunk: ExecutionKey, index: u32 },
    /// A worker takes an activity's task.
    Take { task: PendingKey, worker: Option<Text>, reply: ReplyTo },
    /// A worker took it, and was gone before it could hear so.
    PutBack { task: PendingKey, reply: ReplyTo },
    /// Remove executions that have ended.
    Remove { executions: Vec<ExecutionKey>, reply: ReplyTo },
    /// A state machine is being deleted, or is gone.
    Deleting { machine: String, is_gone: bool },
    /// The commit under way is done. The number says of which incarnation of the shard.
    Committed { incarnation: u64, result: Result<(), String> },
    /// An execution was read.
    Loaded { incarnation: u64, execution: ExecutionKey, loaded: Result<Option<Box<Loaded>>, String> },
    /// A name was looked up.
    LookedUp { incarnation: u64, machine: String, name: String, found: Result<Option<Box<Existing>>, String> },
    /// Due rows were read, complete to this time.
    DueRead { incarnation: u64, rows: Result<(Vec<Pending>, i64), String> },
    /// Pending rows were read.
    PendingRead { incarnation: u64, kind: PendingKind, rows: Result<Vec<Pending>, String> },
    /// A call or a poll returned.
    TaskDone { incarnation: u64, execution: ExecutionKey, effect: EffectId, outcome: TaskOutcome },
    /// A parent answered, or could not be reached.
    Reported { incarnation: u64, child: ExecutionKey, effect: EffectId, heard: bool },
    /// What an execution had abandoned has been stopped.
    Released { incarnation: u64, execution: ExecutionKey, effect: EffectId },
    /// Finish what is under way, begin nothing new, and end.
    Drain { until: tokio::time::Instant, done: oneshot::Sender<()> },
}

impl Message {
    /// Where a caller waits for the answer, if one does.
    pub(crate) fn reply(self) -> Option<ReplyTo> {
        match self {
            Message::Start(_, reply)
            | Message::Stop { reply, .. }
            | Message::Redrive { reply, .. }
            | Message::Answer { reply, .. }
            | Message::Heartbeat { reply, .. }
            | Message::FindChild { reply, .. }
            | Message::ChildEnded { reply, .. }
            | Message::StartExpress(_, reply)
            | Message::Take { reply, .. }
            | Message::Remove { reply, .. }
            | Message::PutBack { reply, .. } => Some(reply),
            Message::Committed { .. }
            | Message::Loaded { .. }
            | Message::LookedUp { .. }
            | Message::DueRead { .. }
            | Message::PendingRead { .. }
            | Message::TaskDone { .. }
            | Message::Reported { .. }
            | Message::Released { .. }
            | Message::ExpressEnded { .. }
            | Message::Deleting { .. }
            | Message::Drain { .. } => None,
        }
    }
}

/// The shards of a node, by number.
#[derive(Clone, Debug)]
pub(crate) struct Shards {
    pub(crate) mailboxes: std::sync::Arc<[Mailbox]>,
}

impl Shards {
    /// The mailbox of the shard that owns an execution; `None` for a key of a store with more shards.
    pub(crate) fn of(&self, shard: ShardId) -> Option<&Mailbox> {
        self.mailboxes.get(usize::from(shard.0))
    }
}
