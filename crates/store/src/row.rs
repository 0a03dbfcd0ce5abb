//! The rows: what a commit writes and what reads return. Closed structs, so that every store maps them to real
//! columns; a body is bytes that only the crates above understand.

use crate::{Epoch, Error, ExecutionKey, Result, ShardId};

/// Everything that one shard writes together.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The shard.
    pub shard: ShardId,
    /// Under which epoch.
    pub epoch: Epoch,
    /// New records, one batch for each execution that advanced.
    pub batches: Vec<Batch>,
    /// Changes of the executions index.
    pub executions: Vec<ExecutionChange>,
    /// Names that clients gave.
    pub names: Vec<NameClaim>,
    /// Pending rows that now exist (inserted or replaced by key).
    pub pending: Vec<Pending>,
    /// Pending rows that are gone. Applied before `pending`.
    pub settled: Vec<PendingKey>,
    /// Executions that go with everything of theirs: records, index row, pending rows, and their name unless it is another's by now.
    /// One that does not exist is no error. Applied last.
    pub removed: Vec<ExecutionKey>,
}

impl Commit {
    /// A commit that writes nothing yet.
    pub fn new(shard: ShardId, epoch: Epoch) -> Commit {
        Commit {
            shard,
            epoch,
            batches: Vec::new(),
            executions: Vec::new(),
            names: Vec::new(),
            pending: Vec::new(),
            settled: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
            && self.executions.is_empty()
            && self.names.is_empty()
            && self.pending.is_empty()
            && self.settled.is_empty()
            && self.removed.is_empty()
    }

    /// Fails when it holds a row of an execution of another shard: its epoch says nothing about that one. Every
    /// store asks before it writes.
    pub fn check_shard(&self) -> Result<()> {
        let started = self.executions.iter().map(|change| match change {
            ExecutionChange::Started(row) => row.key,
            ExecutionChange::Status { execution, .. } => *execution,
        });
        let mut keys = (self.batches.iter().map(|batch| batch.execution))
            .chain(started)
            .chain(self.names.iter().map(|claim| claim.execution))
            .chain(self.pending.iter().map(|row| row.key.execution))
            .chain(self.settled.iter().map(|key| key.execution))
            .chain(self.removed.iter().copied());
        match keys.find(|key| key.shard() != self.shard) {
            None => Ok(()),
            Some(key) => {
                let (key, shard) = (key.0, self.shard.0);
                Err(Error::Failed(format!("execution {key} is not of shard {shard}, whose commit this is")))
            }
        }
    }
}

/// The records of one turn of one execution. Stored once, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Whose.
    pub execution: ExecutionKey,
    /// Sequence number of its first record (1-based, contiguous over the execution's batches).
    pub first: u32,
    /// Sequence number of its last record.
    pub last: u32,
    /// Public id of its first public event, or of the next one if it holds none.
    pub first_event: u32,
    /// The encoded records.
    pub body: Vec<u8>,
}

/// A change of the executions index.
#[derive(Clone, Debug)]
pub enum ExecutionChange {
    /// A new execution.
    Started(ExecutionRow),
    /// A new status (and stop date) of an existing one.
    Status {
        /// Whose.
        execution: ExecutionKey,
        /// The status from now on.
        status: ExecutionStatus,
        /// When it stopped, or `None` when it runs (again).
        stopped_at: Option<i64>,
        /// How often it was redriven.
        redrive_count: u32,
        /// When it was last redriven.
        redriven_at: Option<i64>,
    },
}

/// Status of an execution, as the API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as the API names them")]
pub enum ExecutionStatus {
    Running = 0,
    Succeeded = 1,
    Failed = 2,
    TimedOut = 3,
    Aborted = 4,
    PendingRedrive = 5,
}

impl ExecutionStatus {
    /// All of them, in the order of their codes.
    pub const ALL: [ExecutionStatus; 6] = [
        ExecutionStatus::Running,
        ExecutionStatus::Succeeded,
        ExecutionStatus::Failed,
        ExecutionStatus::TimedOut,
        ExecutionStatus::Aborted,
        ExecutionStatus::PendingRedrive,
    ];

    /// From the number that a database holds (`status as u8`).
    pub fn from_code(code: u8) -> Option<ExecutionStatus> {
        ExecutionStatus::ALL.get(usize::from(code)).copied()
    }
}

/// A row of the executions index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRow {
    /// Its key.
    pub key: ExecutionKey,
    /// Name of its state machine (`name/label` for children of a Map Run).
    pub machine: String,
    /// Id of the revision it runs.
    pub revision: String,
    /// The client's name, or `None` when the name was generated from the key.
    pub name: Option<String>,
    /// `EXPRESS` instead of `STANDARD`.
    pub express: bool,
    /// Status.
    pub status: ExecutionStatus,
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Milliseconds since the Unix epoch.
    pub stopped_at: Option<i64>,
    /// Version number it was started through.
    pub version: Option<u32>,
    /// Alias it was started through.
    pub alias: Option<String>,
    /// The Map Run it is a child of.
    pub map_run: Option<String>,
    /// How often it was redriven.
    pub redrive_count: u32,
    /// When it was last redriven.
    pub redriven_at: Option<i64>,
}

/// A client's name for an execution. A later claim of the same name replaces the earlier one (the caller has
/// checked that this may be).
#[derive(Clone, Debug)]
pub struct NameClaim {
    /// Name of the state machine.
    pub machine: String,
    /// The execution's name.
    pub name: String,
    /// The execution.
    pub execution: ExecutionKey,
}

/// Key of a pending row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PendingKey {
    /// Whose.
    pub execution: ExecutionKey,
    /// The effect's id: the sequence number of the record that created it.
    pub effect: u32,
}

/// What an execution that may not be in memory waits for. An index row: rebuildable from the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Whose, and which effect.
    pub key: PendingKey,
    /// What kind.
    pub kind: PendingKind,
    /// When the shard must look at it by itself (milliseconds since the Unix epoch): a timer's or a timeout's end, the next poll.
    pub due: Option<i64>,
    /// For an activity's task since when it waits and for which activity, for accepted Express starts the starts, for a report whom
    /// it is for; otherwise `None`.
    pub subject: Option<String>,
}

/// Kinds of pending rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PendingKind {
    /// A timer: Wait, backoff, execution timeout.
    Timer = 0,
    /// A task that was scheduled or dispatched and has not answered.
    Task = 1,
    /// A task that waits for its token.
    Token = 2,
    /// A `.sync` job to poll.
    Job = 3,
    /// An activity task in its queue or with a worker.
    Activity = 4,
    /// A child execution.
    Child = 5,
    /// A child's end that its parent has not acknowledged.
    Report = 6,
    /// An accepted Express start that has not ended.
    Express = 7,
    /// A job or a child whose task was given up, until it has been stopped.
    Abandoned = 8,
}

impl PendingKind {
    /// All of them, in the order of their codes.
    pub const ALL: [PendingKind; 9] = [
        PendingKind::Timer,
        PendingKind::Task,
        PendingKind::Token,
        PendingKind::Job,
        PendingKind::Activity,
        PendingKind::Child,
        PendingKind::Report,
        PendingKind::Express,
        PendingKind::Abandoned,
    ];

    /// From the number that a database holds (`kind as u8`).
    pub fn from_code(code: u8) -> Option<PendingKind> {
        PendingKind::ALL.get(usize::from(code)).copied()
    }
}

/// Which executions, and where the page starts.
#[derive(Clone, Debug, Default)]
pub struct ExecutionQuery {
    /// Of this state machine (exact name), or of all.
    pub machine: Option<String>,
    /// Children of this Map Run.
    pub map_run: Option<String>,
    /// With this status.
    pub status: Option<ExecutionStatus>,
    /// Started through this version.
    pub version: Option<u32>,
    /// Started through this alias.
    pub alias: Option<String>,
    /// Only executions older than this position: the `next` of the page before.
    pub before: Option<ExecutionKey>,
    /// At most this many.
    pub limit: usize,
}

/// A page of the executions index: newest start first.
#[derive(Clone, Debug)]
pub struct ExecutionPage {
    /// The rows.
    pub rows: Vec<ExecutionRow>,
    /// Where the next page starts, if there is more.
    pub next: Option<ExecutionKey>,
}

/// Kinds of catalogue entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CatalogueKind {
    /// A state machine, by name.
    Machine = 0,
    /// A revision of a state machine, by revision id; never changed.
    Revision = 1,
    /// A version, by `machine:` and what its number leaves of 4,294,967,295, zero-padded to 10 digits: newest first.
    Version = 2,
    /// An alias, by `machine:alias`.
    Alias = 3,
    /// An activity, by name.
    Activity = 4,
    /// Tags of a resource, by its ARN.
    Tags = 5,
    /// A Map Run, by its ARN.
    MapRun = 6,
    /// How far a duty of the store as a whole is, by the duty's name.
    Progress = 7,
}

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Its id within its kind.
    pub id: String,
    /// Starts at 1 and grows with each write.
    pub version: u64,
    /// What the crates above wrote: JSON text.
    pub body: Vec<u8>,
}

/// A change of the catalogue: the kind and id of the entry, its expected version (0 = absent), and its new body or
/// `None` to remove it.
pub type CatalogueChange = (CatalogueKind, String, u64, Option<Vec<u8>>);
