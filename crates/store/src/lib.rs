//! The storage seam: what is written together, what is read back.
//!
//! A store keeps bytes and rows; it decides nothing. What two stores would both have to decide belongs above.
//! The trait is blocking: SQLite is, and for PostgreSQL the runtime owns the threads. It knows neither the
//! interpreter's records (they are bytes here) nor the definition language.
//!
//! Invariants every store keeps (the suite in `suite` checks them):
//! - [`Store::commit`] is all or nothing and durable when it returns; an error means that nothing is known.
//! - A commit with an epoch that is not the newest of its shard is refused ([`Error::Fenced`]).
//! - What a commit wrote is seen by every read that starts after it returned.

mod error;
mod id;
pub mod memory;
mod row;
pub mod suite;

pub use error::Error;
pub use id::{ExecutionKey, ShardId};
pub use memory::MemoryStore;
pub use row::{
    Batch, CatalogueChange, CatalogueEntry, CatalogueKind, Commit, ExecutionChange, ExecutionPage,
    ExecutionQuery, ExecutionRow, ExecutionStatus, NameClaim, Pending, PendingKey, PendingKind,
};

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Incremented each time a shard is acquired; a commit carries the epoch it was made under.
pub type Epoch = u64;

/// Where executions, their records, and the catalogue are kept.
pub trait Store: Send + Sync {
    /// Takes a shard for this process and returns its new epoch: from now on older epochs cannot write.
    fn acquire(&self, shard: ShardId, owner: &str) -> Result<Epoch>;

    /// Writes all of these groups, each a shard's, in one durable transaction. All or nothing.
    ///
    /// Refused with [`Error::Failed`], because it can only be a mistake above: a batch that exists, a second start of
    /// an execution, a status of an execution that was never started, a row of another shard's execution.
    fn commit(&self, groups: &[Commit]) -> Result<()>;

    /// The batches of an execution that hold records from sequence number `from` on, in order, at most `limit`.
    fn batches(&self, execution: ExecutionKey, from: u32, limit: usize) -> Result<Vec<Batch>>;

    /// The batch that holds the public event `id` or, if there is none, the next one that holds public events;
    /// with `backwards` the last one that starts at or before it. A store cannot look into a body and goes by
    /// [`Batch::first_event`] alone: it answers with the last batch whose `first_event` is at most `id`, so the
    /// execution's last batch may be returned although it holds no public event, or none as late as `id`
    /// (going backwards, ask again with its `first_event - 1`).
    fn batch_at_event(&self, execution: ExecutionKey, id: u32, backwards: bool) -> Result<Option<Batch>>;

    /// The index row of an execution.
    fn execution(&self, execution: ExecutionKey) -> Result<Option<ExecutionRow>>;

    /// The execution that a client started under this name, if any (generated names are not looked up here:
    /// they say their key themselves).
    fn named(&self, machine: &str, name: &str) -> Result<Option<ExecutionKey>>;

    /// A page of the executions index, newest first.
    fn executions(&self, query: &ExecutionQuery) -> Result<ExecutionPage>;

    /// Executions of a shard that ended before this time (milliseconds since the Unix epoch), in the order of their keys, after `after`,
    /// at most `limit`.
    fn ended(
        &self,
        shard: ShardId,
        after: Option<ExecutionKey>,
        before: i64,
        limit: usize,
    ) -> Result<Vec<ExecutionKey>>;

    /// Gives some of the room of what was removed back to the operating system, so little that nobody waits for long. Says whether
    /// there is more. A store whose database does that by itself has nothing to do.
    fn give_back(&self) -> Result<bool> {
        Ok(false)
    }

    /// Pending rows of a shard of this kind, in key order, after `after`, at most `limit`.
    fn pending(
        &self,
        shard: ShardId,
        kind: PendingKind,
        after: Option<PendingKey>,
        limit: usize,
    ) -> Result<Vec<Pending>>;

    /// Pending rows of a shard, whatever their kind, that are due in `[from, to)` milliseconds, earliest first, at most `limit`.
    fn due(&self, shard: ShardId, from: i64, to: i64, limit: usize) -> Result<Vec<Pending>>;

    /// Every pending row of one execution.
    fn pending_of(&self, execution: ExecutionKey) -> Result<Vec<Pending>>;

    /// A catalogue entry.
    fn catalogue_get(&self, kind: CatalogueKind, id: &str) -> Result<Option<CatalogueEntry>>;

    /// Entries of a kind in id order, after `after`, with ids that start with `prefix`, at most `limit`.
    fn catalogue_list(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CatalogueEntry>>;

    /// Writes (`body` is `Some`) or removes (`None`) entries in one durable transaction, each only if its present version is
    /// `expected` (0 = absent); otherwise nothing is written and the answer is [`Error::Conflict`]. A written entry's version is `expected + 1`.
    fn catalogue_put(&self, changes: &[CatalogueChange]) -> Result<()>;

    /// A value kept for this store as a whole (the token key, the schema's facts), created with `initial` when absent.
    fn property(&self, name: &str, initial: &[u8]) -> Result<Vec<u8>>;
}
