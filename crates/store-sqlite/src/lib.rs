//! The embedded store: one SQLite file in the data directory. For one process on one machine; many nodes share
//! `store-postgres`.
//!
//! What decides its shape:
//! - **Durable means on the disk.** `journal_mode = WAL` with `synchronous = FULL`: a commit appends its pages to the
//!   write-ahead log and returns after that file's fsync, so one commit costs one fsync however many shards' groups it
//!   carries. (`NORMAL` would lose the last commits with the power, and with them the promise that nothing outside
//!   hears of what is not durable.)
//! - **One writer.** SQLite has one anyway; here it is a connection behind a mutex, so that nobody ever waits in
//!   SQLite's busy loop. Readers have connections of their own, see the newest commit and never wait for the writer.
//! - **Everything is appended.** Keys of executions grow with time and a batch gets the next row number, so a group
//!   touches the last page of each tree instead of a page for each row. `schema` has the measurements.
//! - **Checkpoints run beside the commits** (`checkpoint`), in small portions.
//! - After an I/O error in a write nothing is written any more until the process restarts: what the page cache holds
//!   after a failed fsync may be a lie.
//!
//! A data directory belongs to one process: a second one is refused while the first holds the lock file.

mod backup;
mod checkpoint;
mod error;
mod lock;
mod open;
mod page;
mod read;
mod schema;
mod write;

use std::path::Path;
use std::sync::Arc;

use store::{
    Batch, CatalogueChange, CatalogueEntry, CatalogueKind, Commit, Epoch, ExecutionKey, ExecutionPage,
    ExecutionQuery, ExecutionRow, Pending, PendingKey, PendingKind, Result, ShardId, Store,
};

pub use backup::{Backup, backup, restore};
use checkpoint::Checkpointer;
use lock::DirectoryLock;
use read::Readers;
use write::Writer;

/// What may be chosen; the defaults suit a machine from a laptop to a server.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Page cache of the writer, in bytes: the inner pages and the last leaf of each tree should fit.
    pub writer_cache: u64,
    /// Page cache of each reader, in bytes. The operating system caches the file anyway.
    pub reader_cache: u64,
    /// Connections for readers that are kept open; more are opened while more threads read at once.
    pub readers: usize,
    /// A checkpoint begins when about this many bytes were committed since the last one. Less means more writing (a
    /// page that changes often is copied more often), more means a larger log beside the file.
    pub checkpoint_after: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { writer_cache: 64 << 20, reader_cache: 4 << 20, readers: 8, checkpoint_after: 16 << 20 }
    }
}

/// Name of the database in the data directory (SQLite keeps its log and index beside it, with `-wal` and `-shm`).
pub const FILE_NAME: &str = "stepwell.db";

/// A store in a data directory. Closed, with a last checkpoint, when it is dropped.
pub struct SqliteStore {
    // In the order in which they must end: the writer last, because the last connection folds the log into the
    // file, and then the lock.
    checkpointer: Checkpointer,
    readers: Readers,
    writer: Arc<Writer>,
    _lock: DirectoryLock,
}

impl SqliteStore {
    /// Opens the store in this directory; both are created when they are absent, and an older schema is brought up to
    /// date.
    ///
    /// # Errors
    /// [`store::Error::Version`] when the file is a newer release's or not Stepwell's at all; [`store::Error::Full`]
    /// without room; [`store::Error::Failed`] when another process has the directory or it cannot be used. Each
    /// names the path and what to do.
    pub fn open(directory: impl AsRef<Path>, options: Options) -> Result<SqliteStore> {
        let directory = directory.as_ref();
        let lock = DirectoryLock::take(directory)?;
        let path = directory.join(FILE_NAME);
        let connection = open::writer(&path, &options)?;
        let writer = Arc::new(Writer::new(connection));
        let readers = Readers::new(&path, &options);
        let checkpointer = Checkpointer::start(&path, &options, Arc::clone(&writer))?;
        Ok(SqliteStore { checkpointer, readers, writer, _lock: lock })
    }
}

impl Store for SqliteStore {
    fn acquire(&self, shard: ShardId, owner: &str) -> Result<Epoch> {
        self.writer.acquire(shard, owner)
    }

    fn commit(&self, groups: &[Commit]) -> Result<()> {
        let bytes = self.writer.commit(groups)?;
        self.checkpointer.committed(bytes);
        Ok(())
    }

    fn batches(&self, execution: ExecutionKey, from: u32, limit: usize) -> Result<Vec<Batch>> {
        self.readers.read(|connection| read::batches(connection, execution, from, limit))
    }

    fn batch_at_event(&self, execution: ExecutionKey, id: u32, backwards: bool) -> Result<Option<Batch>> {
        self.readers.read(|connection| read::batch_at_event(connection, execution, id, backwards))
    }

    fn execution(&self, execution: ExecutionKey) -> Result<Option<ExecutionRow>> {
        self.readers.read(|connection| page::execution(connection, execution))
    }

    fn named(&self, machine: &str, name: &str) -> Result<Option<ExecutionKey>> {
        self.readers.read(|connection| read::named(connection, machine, name))
    }

    fn executions(&self, query: &ExecutionQuery) -> Result<ExecutionPage> {
        self.readers.read(|connection| page::executions(connection, query))
    }

    fn ended(
        &self,
        shard: ShardId,
        after: Option<ExecutionKey>,
        before: i64,
        limit: usize,
    ) -> Result<Vec<ExecutionKey>> {
        self.readers.read(|connection| page::ended(connection, shard.0, after, before, limit))
    }

    fn give_back(&self) -> Result<bool> {
        let (bytes, has_more) = self.writer.give_back()?;
        self.checkpointer.committed(bytes);
        Ok(has_more)
    }

    fn pending(
        &self,
        shard: ShardId,
        kind: PendingKind,
        after: Option<PendingKey>,
        limit: usize,
    ) -> Result<Vec<Pending>> {
        self.readers.read(|connection| read::pending(connection, shard, kind, after, limit))
    }

    fn due(&self, shard: ShardId, from: i64, to: i64, limit: usize) -> Result<Vec<Pending>> {
        self.readers.read(|connection| read::due(connection, shard, from, to, limit))
    }

    fn pending_of(&self, execution: ExecutionKey) -> Result<Vec<Pending>> {
        self.readers.read(|connection| read::pending_of(connection, execution))
    }

    fn catalogue_get(&self, kind: CatalogueKind, id: &str) -> Result<Option<CatalogueEntry>> {
        self.readers.read(|connection| read::catalogue_get(connection, kind, id))
    }

    fn catalogue_list(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CatalogueEntry>> {
        self.readers.read(|connection| read::catalogue_list(connection, kind, prefix, after, limit))
    }

    fn catalogue_put(&self, changes: &[CatalogueChange]) -> Result<()> {
        let bytes = self.writer.catalogue_put(changes)?;
        self.checkpointer.committed(bytes);
        Ok(())
    }

    fn property(&self, name: &str, initial: &[u8]) -> Result<Vec<u8>> {
        match self.readers.read(|connection| read::property(connection, name))? {
            Some(value) => Ok(value),
            None => self.writer.property(name, initial),
        }
    }
}

#[cfg(test)]
mod tests;
