//! A store in memory, for tests, for the simulator and for trying things out: what is committed outlives the
//! handle, so a crash is to drop the handle and take another one. Faults are injected by commit number or by a
//! hook; nothing here is random or looks at a clock. Not for data that anybody wants to keep.

mod read;
mod tables;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    Batch, CatalogueChange, CatalogueEntry, CatalogueKind, Commit, Epoch, Error, ExecutionKey, ExecutionPage,
    ExecutionQuery, ExecutionRow, Pending, PendingKey, PendingKind, Result, ShardId, Store,
};
use tables::Tables;

/// How a write goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written, and the caller gets [`Error::Failed`]: it cannot know.
    Lost,
    /// Everything is written, and the caller gets [`Error::Failed`]: it cannot know.
    Unknown,
    /// Nothing is written, and the caller gets [`Error::Full`].
    Full,
}

/// Called before each commit of a handle with its number (the first is 1) and its groups; it may delay the commit
/// by not returning (other handles go on meanwhile), and may make it fail.
pub type CommitHook = Box<dyn FnMut(u64, &[Commit]) -> Option<Fault> + Send>;

/// A handle on tables in memory. Each process of a test has its own: faults belong to the handle, data to all
/// handles that descend from one [`MemoryStore::new`].
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
    faults: Mutex<Faults>,
}

#[derive(Default)]
struct Faults {
    commits: u64,
    planned: BTreeMap<u64, Fault>,
    standing: Option<Fault>,
    hook: Option<CommitHook>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore { tables: Arc::default(), faults: Mutex::default() }
    }

    /// Another handle on the same data, without faults: what a process finds that starts after a crash, or what
    /// a second node sees beside this one.
    pub fn reopen(&self) -> MemoryStore {
        MemoryStore { tables: Arc::clone(&self.tables), faults: Mutex::default() }
    }

    /// A copy of what is durable now, without faults: what follows here and there is independent.
    pub fn snapshot(&self) -> MemoryStore {
        MemoryStore { tables: Arc::new(Mutex::new(self.tables().clone())), faults: Mutex::default() }
    }

    /// Number of commits that this handle was asked for.
    pub fn commits(&self) -> u64 {
        self.faults().commits
    }

    /// Makes the `nth` commit from now on (1 = the next one) go wrong, once.
    pub fn fail_commit(&self, nth: u64, fault: Fault) {
        let mut faults = self.faults();
        let number = faults.commits.saturating_add(nth);
        faults.planned.insert(number, fault);
    }

    /// Makes every write of this handle go wrong (a full disk, a lost connection), until `None` ends it.
    pub fn fail_writes(&self, fault: Option<Fault>) {
        self.faults().standing = fault;
    }

    /// Sets the hook of commits. The hook must not use this handle.
    pub fn on_commit(&self, hook: CommitHook) {
        self.faults().hook = Some(hook);
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault of the commit that begins now.
    fn next_commit(&self, groups: &[Commit]) -> Option<Fault> {
        let mut faults = self.faults();
        faults.commits += 1;
        let number = faults.commits;
        let planned = faults.planned.remove(&number).or(faults.standing);
        let hooked = faults.hook.as_mut().and_then(|hook| hook(number, groups));
        planned.or(hooked)
    }

    /// Runs a write and reports it as the fault says.
    fn write<T>(&self, fault: Option<Fault>, write: impl FnOnce(&mut Tables) -> Result<T>) -> Result<T> {
        match fault {
            None => write(&mut self.tables()),
            Some(Fault::Lost) => Err(Error::Failed("injected fault: the write was lost".to_owned())),
            Some(Fault::Full) => Err(Error::Full("injected fault: no space is left".to_owned())),
            Some(Fault::Unknown) => {
                write(&mut self.tables())?;
                Err(Error::Failed("injected fault: the answer to the write was lost".to_owned()))
            }
        }
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("commits", &self.commits()).finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn acquire(&self, shard: ShardId, owner: &str) -> Result<Epoch> {
        let fault = self.faults().standing;
        self.write(fault, |tables| Ok(tables.acquire(shard, owner)))
    }

    fn commit(&self, groups: &[Commit]) -> Result<()> {
        let fault = self.next_commit(groups);
        self.write(fault, |tables| tables.commit(groups))
    }

    fn batches(&self, execution: ExecutionKey, from: u32, limit: usize) -> Result<Vec<Batch>> {
        Ok(self.tables().batches(execution, from, limit))
    }

    fn batch_at_event(&self, execution: ExecutionKey, id: u32, backwards: bool) -> Result<Option<Batch>> {
        Ok(self.tables().batch_at_event(execution, id, backwards))
    }

    fn execution(&self, execution: ExecutionKey) -> Result<Option<ExecutionRow>> {
        Ok(self.tables().executions.get(&execution).cloned())
    }

    fn named(&self, machine: &str, name: &str) -> Result<Option<ExecutionKey>> {
        Ok(self.tables().names.get(&(machine.to_owned(), name.to_owned())).copied())
    }

    fn executions(&self, query: &ExecutionQuery) -> Result<ExecutionPage> {
        Ok(self.tables().page(query))
    }

    fn ended(
        &self,
        shard: ShardId,
        after: Option<ExecutionKey>,
        before: i64,
        limit: usize,
    ) -> Result<Vec<ExecutionKey>> {
        Ok(self.tables().ended(shard, after, before, limit))
    }

    fn pending(
        &self,
        shard: ShardId,
        kind: PendingKind,
        after: Option<PendingKey>,
        limit: usize,
    ) -> Result<Vec<Pending>> {
        Ok(self.tables().pending_of_kind(shard, kind, after, limit))
    }

    fn due(&self, shard: ShardId, from: i64, to: i64, limit: usize) -> Result<Vec<Pending>> {
        Ok(self.tables().due(shard, from, to, limit))
    }

    fn pending_of(&self, execution: ExecutionKey) -> Result<Vec<Pending>> {
        Ok(self.tables().pending_of(execution))
    }

    fn catalogue_get(&self, kind: CatalogueKind, id: &str) -> Result<Option<CatalogueEntry>> {
        Ok(self.tables().catalogue.get(&(kind, id.to_owned())).cloned())
    }

    fn catalogue_list(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CatalogueEntry>> {
        Ok(self.tables().catalogue_list(kind, prefix, after, limit))
    }

    fn catalogue_put(&self, changes: &[CatalogueChange]) -> Result<()> {
        let fault = self.faults().standing;
        self.write(fault, |tables| tables.catalogue_put(changes))
    }

    fn property(&self, name: &str, initial: &[u8]) -> Result<Vec<u8>> {
        if let Some(value) = self.tables().properties.get(name) {
            return Ok(value.clone());
        }
        let fault = self.faults().standing;
        self.write(fault, |tables| {
            Ok(tables.properties.entry(name.to_owned()).or_insert_with(|| initial.to_vec()).clone())
        })
    }
}

#[cfg(test)]
mod tests;
