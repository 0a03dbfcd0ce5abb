//! The tables of the memory store and what changes them: a commit is checked in full before its first change, so
//! that it is all or nothing. Reading is in `read`; faults are in the parent.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    Batch, CatalogueChange, CatalogueEntry, CatalogueKind, Commit, Epoch, Error, ExecutionChange,
    ExecutionKey, ExecutionRow, Pending, PendingKey, Result, ShardId,
};

/// Everything that is durable.
#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) shards: BTreeMap<ShardId, (Epoch, String)>,
    pub(super) batches: BTreeMap<(ExecutionKey, u32), Batch>,
    pub(super) executions: BTreeMap<ExecutionKey, ExecutionRow>,
    pub(super) names: HashMap<(String, String), ExecutionKey>,
    pub(super) pending: BTreeMap<(ShardId, PendingKey), Pending>,
    /// Of the pending rows with a due time.
    pub(super) due: BTreeSet<(ShardId, i64, PendingKey)>,
    pub(super) catalogue: BTreeMap<(CatalogueKind, String), CatalogueEntry>,
    pub(super) properties: BTreeMap<String, Vec<u8>>,
}

impl Tables {
    /// The next epoch of the shard.
    pub(super) fn acquire(&mut self, shard: ShardId, owner: &str) -> Epoch {
        let row = self.shards.entry(shard).or_default();
        row.0 += 1;
        owner.clone_into(&mut row.1);
        row.0
    }

    /// All groups or nothing.
    pub(super) fn commit(&mut self, groups: &[Commit]) -> Result<()> {
        self.check(groups)?;
        for group in groups {
            for batch in &group.batches {
                self.batches.insert((batch.execution, batch.first), batch.clone());
            }
            for change in &group.executions {
                self.change(change);
            }
            for claim in &group.names {
                self.names.insert((claim.machine.clone(), claim.name.clone()), claim.execution);
            }
            for key in &group.settled {
                self.settle(*key);
            }
            for row in &group.pending {
                self.settle(row.key);
                let shard = row.key.execution.shard();
                if let Some(due) = row.due {
                    self.due.insert((shard, due, row.key));
                }
                self.pending.insert((shard, row.key), row.clone());
            }
            group.removed.iter().for_each(|key| self.remove(*key));
        }
        Ok(())
    }

    /// Refuses what must not be written, before anything is.
    fn check(&self, groups: &[Commit]) -> Result<()> {
        let mut batches = HashSet::new();
        let mut started = HashSet::new();
        for group in groups {
            if self.shards.get(&group.shard).is_none_or(|(epoch, _)| *epoch != group.epoch) {
                return Err(Error::Fenced);
            }
            group.check_shard()?;
            for batch in &group.batches {
                let key = (batch.execution, batch.first);
                if self.batches.contains_key(&key) || !batches.insert(key) {
                    let (execution, first) = (batch.execution.0, batch.first);
                    return Err(Error::Failed(format!(
                        "execution {execution} has a batch from record {first} already"
                    )));
                }
            }
            for change in &group.executions {
                let (key, is_new) = match change {
                    ExecutionChange::Started(row) => (row.key, true),
                    ExecutionChange::Status { execution, .. } => (*execution, false),
                };
                let known = self.executions.contains_key(&key) || started.contains(&key);
                match (is_new, known) {
                    (true, true) => return Err(Error::Failed(format!("execution {} exists already", key.0))),
                    (false, false) => return Err(Error::Failed(format!("there is no execution {}", key.0))),
                    _ => _ = started.insert(key),
                }
            }
        }
        Ok(())
    }

    fn change(&mut self, change: &ExecutionChange) {
        match change {
            ExecutionChange::Started(row) => _ = self.executions.insert(row.key, row.clone()),
            ExecutionChange::Status { execution, status, stopped_at, redrive_count, redriven_at } => {
                if let Some(row) = self.executions.get_mut(execution) {
                    row.status = *status;
                    row.stopped_at = *stopped_at;
                    row.redrive_count = *redrive_count;
                    row.redriven_at = *redriven_at;
                }
            }
        }
    }

    fn remove(&mut self, key: ExecutionKey) {
        let batches = self.batches.range((key, 0)..=(key, u32::MAX)).map(|(key, _)| *key);
        for batch in batches.collect::<Vec<_>>() {
            self.batches.remove(&batch);
        }
        for row in self.pending_of(key) {
            self.settle(row.key);
        }
        let Some(row) = self.executions.remove(&key) else { return };
        if let Some(name) = row.name {
            let name = (row.machine, name);
            if self.names.get(&name) == Some(&key) {
                self.names.remove(&name);
            }
        }
    }

    fn settle(&mut self, key: PendingKey) {
        let shard = key.execution.shard();
        if let Some(Pending { due: Some(due), .. }) = self.pending.remove(&(shard, key)) {
            self.due.remove(&(shard, due, key));
        }
    }

    /// All changes or nothing.
    pub(super) fn catalogue_put(&mut self, changes: &[CatalogueChange]) -> Result<()> {
        let mut versions = HashMap::new();
        for (kind, id, expected, body) in changes {
            let key = (*kind, id.clone());
            let present = self.catalogue.get(&key).map_or(0, |entry| entry.version);
            let version = versions.entry(key).or_insert(present);
            if *version != *expected {
                return Err(Error::Conflict);
            }
            *version = if body.is_some() { expected + 1 } else { 0 };
        }
        for (kind, id, expected, body) in changes {
            let key = (*kind, id.clone());
            match body {
                None => _ = self.catalogue.remove(&key),
                Some(body) => {
                    let entry = CatalogueEntry { id: id.clone(), version: expected + 1, body: body.clone() };
                    self.catalogue.insert(key, entry);
                }
            }
        }
        Ok(())
    }
}
