//! The cluster store: PostgreSQL 12 or newer, shared by many nodes. A single node needs `store-sqlite` only.
//!
//! What decides its shape:
//! - **A shard's rows carry its number, in front.** Every table that grows with the executions has the shard as the first
//!   column of its key, so that the work of one shard stays together and the tables can be distributed by it (Citus, or
//!   a distributed engine that speaks PostgreSQL). `names` is found by machine and name, before a shard is known.
//! - **Fencing is a row lock.** A commit locks the rows of its shards (`FOR SHARE`) and compares the epochs; taking a shard
//!   over updates its row, so it waits for the commits that hold it and is seen by all that come later. Of a node that
//!   vanished in the middle, the server ends the transaction after [`Options::abandoned_after`].
//! - **One transaction for all groups, two round trips.** The rows of all shards' groups go as arrays, one statement a
//!   table, and the statements do not wait for each other; `COMMIT` is sent when all have succeeded.
//! - **Nothing is repeated whose outcome is unknown.** A connection that is lost before `COMMIT` was sent has committed
//!   nothing, so the transaction is run once more on another; afterwards the answer is [`store::Error::Failed`].
//! - Texts are compared as bytes (`COLLATE "C"`), so that an upgrade of the server's C library cannot damage an index.
//!
//! The trait blocks; the connections live on a small runtime of their own, so that it may be called from any thread.
//! A thread of another runtime is blocked like any other: call it where blocking is allowed.

mod columns;
mod error;
mod page;
mod pool;
mod read;
mod schema;
mod tls;
mod transaction;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use store::{
    Batch, CatalogueChange, CatalogueEntry, CatalogueKind, Commit, Epoch, ExecutionKey, ExecutionPage,
    ExecutionQuery, ExecutionRow, Pending, PendingKey, PendingKind, Result, ShardId, Store,
};

use pool::Pool;

/// What may be chosen; the defaults suit a server nearby.
#[derive(Clone, Debug)]
pub struct Options {
    /// The schema that holds the tables; made when it is absent. Lower-case letters, digits and `_`.
    pub schema: String,
    /// With `sslmode=require` in the URL: a file with the certificates (PEM) that the server's must come from, instead of
    /// those that this machine trusts. Without it in the URL the connection is not encrypted.
    pub root_certificates: Option<PathBuf>,
    /// Connections for reads, at most; one more is for writes.
    pub readers: usize,
    /// How long one call may take. After that the outcome of a write is unknown.
    pub timeout: Duration,
    /// When the server gives up a transaction of a client that has gone silent, so that another node can take its
    /// shards over.
    pub abandoned_after: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            schema: "stepwell".to_owned(),
            root_certificates: None,
            readers: 8,
            timeout: Duration::from_secs(30),
            abandoned_after: Duration::from_secs(5),
        }
    }
}

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    pool: Arc<Pool>,
}

impl PostgresStore {
    /// Connects (`postgres://user:password@host:port/database`, or libpq's `key=value` form; `sslmode=require` encrypts
    /// and checks the server's certificate, as libpq's `verify-full` does), makes the schema when it is absent and brings an older one up to date; nodes that start together wait for each other.
    ///
    /// # Errors
    /// [`store::Error::Version`] when the schema is a newer release's or not Stepwell's; [`store::Error::Failed`] when
    /// the URL is not one or the server cannot be reached.
    pub fn connect(url: &str, options: Options) -> Result<PostgresStore> {
        let pool = Arc::new(Pool::new(url, options)?);
        pool.run(|pool| async move { pool.migrate().await })?;
        Ok(PostgresStore { pool })
    }
}

impl Store for PostgresStore {
    fn acquire(&self, shard: ShardId, owner: &str) -> Result<Epoch> {
        write::acquire(&self.pool, shard, owner)
    }

    fn commit(&self, groups: &[Commit]) -> Result<()> {
        write::commit(&self.pool, groups)
    }

    fn batches(&self, execution: ExecutionKey, from: u32, limit: usize) -> Result<Vec<Batch>> {
        read::batches(&self.pool, execution, from, limit)
    }

    fn batch_at_event(&self, execution: ExecutionKey, id: u32, backwards: bool) -> Result<Option<Batch>> {
        read::batch_at_event(&self.pool, execution, id, backwards)
    }

    fn execution(&self, execution: ExecutionKey) -> Result<Option<ExecutionRow>> {
        page::execution(&self.pool, execution)
    }

    fn named(&self, machine: &str, name: &str) -> Result<Option<ExecutionKey>> {
        read::named(&self.pool, machine, name)
    }

    fn executions(&self, query: &ExecutionQuery) -> Result<ExecutionPage> {
        page::executions(&self.pool, query)
    }

    fn ended(
        &self,
        shard: ShardId,
        after: Option<ExecutionKey>,
        before: i64,
        limit: usize,
    ) -> Result<Vec<ExecutionKey>> {
        read::ended(&self.pool, shard, after, before, limit)
    }

    fn pending(
        &self,
        shard: ShardId,
        kind: PendingKind,
        after: Option<PendingKey>,
        limit: usize,
    ) -> Result<Vec<Pending>> {
        read::pending(&self.pool, shard, kind, after, limit)
    }

    fn due(&self, shard: ShardId, from: i64, to: i64, limit: usize) -> Result<Vec<Pending>> {
        read::due(&self.pool, shard, from, to, limit)
    }

    fn pending_of(&self, execution: ExecutionKey) -> Result<Vec<Pending>> {
        read::pending_of(&self.pool, execution)
    }

    fn catalogue_get(&self, kind: CatalogueKind, id: &str) -> Result<Option<CatalogueEntry>> {
        read::catalogue_get(&self.pool, kind, id)
    }

    fn catalogue_list(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CatalogueEntry>> {
        read::catalogue_list(&self.pool, kind, prefix, after, limit)
    }

    fn catalogue_put(&self, changes: &[CatalogueChange]) -> Result<()> {
        write::catalogue_put(&self.pool, changes)
    }

    fn property(&self, name: &str, initial: &[u8]) -> Result<Vec<u8>> {
        match read::property(&self.pool, name)? {
            Some(value) => Ok(value),
            None => write::property(&self.pool, name, initial),
        }
    }
}
