//! The catalogue at work: state machines, revisions, versions, aliases, activities and tags in the store, compiled definitions in memory.
//! The rules are `engine::catalogue`'s; this reads, writes and caches.
//!
//! Everything here may block on the store except [`Catalogue::cached`]; async callers go through `spawn_blocking`. The cache
//! takes this process for the only writer of the catalogue.
//!
//! It is not for executions, and no definition is validated again after its create: stored text is only parsed.

mod activities;
mod aliases;
mod deletion;
mod error;
mod machines;
mod qualified;
mod quotas;
mod revision;
mod tags;
mod versions;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use engine::catalogue::{MachineRow, Quotas, Refused};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{CatalogueChange, CatalogueKind, Store};
use wire::LogLevel;

pub use deletion::{delete, resume_deletions};
pub use error::CatalogueError;
pub use machines::{Stamp, Updated};
pub use qualified::Version;
pub use revision::{Revision, compile};

/// A result of the catalogue.
pub type Result<T> = std::result::Result<T, CatalogueError>;

/// Attempts at a write that loses a race against another process.
const ATTEMPTS: usize = 3;
/// Compiled revisions that are kept before those that nothing uses are dropped.
const REVISIONS_KEPT: usize = 4096;

/// A state machine and its current revision.
#[derive(Debug)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// What is stored of it.
    pub row: MachineRow,
    /// The current revision.
    pub revision: Arc<Revision>,
    /// Version of the row, for the next write.
    version: u64,
    /// Its versions and aliases, as far as they were looked up.
    qualified: qualified::Qualified,
}

/// The catalogue of this process. Shared.
pub struct Catalogue {
    store: Arc<dyn Store>,
    machines: RwLock<HashMap<String, Arc<Machine>>>,
    revisions: RwLock<HashMap<String, Arc<Revision>>>,
    /// Names of all activities: shards ask for them in the middle of a turn.
    activities: RwLock<HashSet<String>>,
    /// Held by every writer from its read to its last change of the cache, and by loads into the cache.
    writing: Mutex<quotas::Counts>,
    quotas: Quotas,
    /// A revision that was in memory logs.
    logs: AtomicBool,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Catalogue")
    }
}

impl Machine {
    fn new(name: String, row: MachineRow, revision: Arc<Revision>, version: u64) -> Machine {
        Machine { name, row, revision, version, qualified: qualified::Qualified::default() }
    }
}

impl Catalogue {
    /// The catalogue of a store. Reads nothing yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Catalogue {
        Catalogue {
            store,
            activities: RwLock::default(),
            machines: RwLock::default(),
            revisions: RwLock::default(),
            writing: Mutex::default(),
            quotas: Quotas::default(),
            logs: AtomicBool::new(false),
        }
    }

    /// The catalogue with quotas; without, there are none.
    #[must_use]
    pub fn with_quotas(self, quotas: Quotas) -> Catalogue {
        Catalogue { quotas, ..self }
    }

    /// A state machine that is in memory. Does not block.
    #[must_use]
    pub fn cached(&self, name: &str) -> Option<Arc<Machine>> {
        self.machines.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// A state machine, if there is one of that name, deleting ones included.
    ///
    /// # Errors
    /// When the store fails or holds what this release cannot read.
    pub fn machine(&self, name: &str) -> Result<Option<Arc<Machine>>> {
        if let Some(machine) = self.cached(name) {
            return Ok(Some(machine));
        }
        let _writing = self.write_lock();
        self.load(name)
    }

    /// A revision by its id, whatever has become of its state machine.
    ///
    /// # Errors
    /// [`CatalogueError::Unreadable`] when there is no such revision, and as [`Catalogue::machine`].
    pub fn revision(&self, id: &str) -> Result<Arc<Revision>> {
        if let Some(revision) = self.revisions.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Ok(revision.clone());
        }
        let row = self
            .row(CatalogueKind::Revision, id)?
            .ok_or_else(|| CatalogueError::Unreadable(format!("revision `{id}` is not in the store")))?
            .0;
        let revision = Arc::new(Revision::load(id, row)?);
        self.keep(revision.clone());
        Ok(revision)
    }

    /// A revision that is in memory. Does not block.
    #[must_use]
    pub fn kept_revision(&self, id: &str) -> Option<Arc<Revision>> {
        self.revisions.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// State machines in the order of their names, after `after`, at most `limit`: names and rows.
    ///
    /// # Errors
    /// As [`Catalogue::machine`].
    pub fn machines(&self, after: Option<&str>, limit: usize) -> Result<Vec<(String, MachineRow)>> {
        self.rows(CatalogueKind::Machine, after, limit)
    }

    /// Reads a state machine into the cache. The caller holds `writing`.
    fn load(&self, name: &str) -> Result<Option<Arc<Machine>>> {
        if let Some(machine) = self.cached(name) {
            return Ok(Some(machine));
        }
        let Some((row, version)) = self.row::<MachineRow>(CatalogueKind::Machine, name)? else {
            return Ok(None);
        };
        let revision = self.revision(&row.revision)?;
        Ok(Some(self.remember(Machine::new(name.to_owned(), row, revision, version))))
    }

    /// Changes something of a state machine: the change is tried again when another process was faster.
    fn changing<T>(&self, name: &str, change: impl Fn(&Arc<Machine>) -> Result<T>) -> Result<T> {
        let _writing = self.write_lock();
        for _ in 0..ATTEMPTS {
            let machine = self.load(name)?.ok_or(Refused::DoesNotExist)?;
            match change(&machine) {
                Err(CatalogueError::Store(store::Error::Conflict)) => self.forget(name),
                outcome => return outcome,
            }
        }
        Err(store::Error::Conflict.into())
    }

    /// Writes a state machine's row together with what else changes. Every change of its versions and aliases goes this way, so
    /// that of two at once one fails. The caller holds `writing`.
    fn put(
        &self,
        machine: &Machine,
        row: MachineRow,
        revision: Arc<Revision>,
        mut changes: Vec<CatalogueChange>,
    ) -> Result<Arc<Machine>> {
        changes.push((CatalogueKind::Machine, machine.name.clone(), machine.version, write(&row)?));
        self.store.catalogue_put(&changes)?;
        Ok(self.remember(Machine::new(machine.name.clone(), row, revision, machine.version + 1)))
    }

    fn write_lock(&self) -> MutexGuard<'_, quotas::Counts> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, machine: Machine) -> Arc<Machine> {
        let machine = Arc::new(machine);
        let mut machines = self.machines.write().unwrap_or_else(PoisonError::into_inner);
        machines.insert(machine.name.clone(), machine.clone());
        machine
    }

    fn forget(&self, name: &str) {
        self.machines.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Whether any revision that was in memory logs: no execution of another one is under way.
    pub(crate) fn logs(&self) -> bool {
        self.logs.load(Ordering::Relaxed)
    }

    fn keep(&self, revision: Arc<Revision>) {
        if revision.logging.level.is_some_and(|level| level != LogLevel::Off) {
            self.logs.store(true, Ordering::Relaxed);
        }
        let mut revisions = self.revisions.write().unwrap_or_else(PoisonError::into_inner);
        if revisions.len() >= REVISIONS_KEPT {
            revisions.retain(|_, kept| Arc::strong_count(kept) > 1);
        }
        revisions.insert(revision.id.clone(), revision);
    }

    /// A row and its version.
    fn row<T: DeserializeOwned>(&self, kind: CatalogueKind, id: &str) -> Result<Option<(T, u64)>> {
        let Some(entry) = self.store.catalogue_get(kind, id)? else { return Ok(None) };
        Ok(Some((read(&entry.id, &entry.body)?, entry.version)))
    }

    fn rows<T: DeserializeOwned>(
        &self,
        kind: CatalogueKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, T)>> {
        self.rows_of(kind, "", after, limit)
    }

    /// As [`Catalogue::rows`], of ids that begin with `prefix`.
    fn rows_of<T: DeserializeOwned>(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, T)>> {
        let entries = self.store.catalogue_list(kind, prefix, after, limit)?;
        entries.into_iter().map(|entry| Ok((read(&entry.id, &entry.body)?, entry.id))).map(swap).collect()
    }
}

fn swap<T>(pair: Result<(T, String)>) -> Result<(String, T)> {
    pair.map(|(row, id)| (id, row))
}

fn read<T: DeserializeOwned>(id: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|why| CatalogueError::Unreadable(format!("catalogue entry `{id}`: {why}")))
}

fn write<T: Serialize>(row: &T) -> Result<Option<Vec<u8>>> {
    let body = serde_json::to_vec(row).map_err(|why| CatalogueError::Unreadable(why.to_string()))?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod version_tests;
