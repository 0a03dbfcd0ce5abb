//! Reading the tables of the memory store: what each question of the trait means, in its plainest form. The other
//! stores are compared with this one by the suite.

use std::ops::Bound;

use super::tables::Tables;
use crate::{
    Batch, CatalogueEntry, CatalogueKind, ExecutionKey, ExecutionPage, ExecutionQuery, ExecutionRow,
    ExecutionStatus, Pending, PendingKey, PendingKind, ShardId,
};

impl Tables {
    pub(super) fn batches(&self, execution: ExecutionKey, from: u32, limit: usize) -> Vec<Batch> {
        let start = self.batches.range((execution, 0)..=(execution, from)).next_back();
        let start = start.map_or((execution, from), |(key, _)| *key);
        let rows = self.batches.range(start..=(execution, u32::MAX));
        rows.map(|(_, batch)| batch).filter(|batch| batch.last >= from).take(limit).cloned().collect()
    }

    pub(super) fn batch_at_event(&self, execution: ExecutionKey, id: u32, backwards: bool) -> Option<Batch> {
        let all = || self.batches.range((execution, 0)..=(execution, u32::MAX)).map(|(_, batch)| batch);
        if let Some(batch) = all().rev().find(|batch| batch.first_event <= id) {
            return Some(batch.clone());
        }
        if backwards {
            return None;
        }
        let next = all().next()?.first_event;
        all().take_while(|batch| batch.first_event == next).last().cloned()
    }

    pub(super) fn page(&self, query: &ExecutionQuery) -> ExecutionPage {
        let end = query.before.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.executions.range((Bound::Unbounded, end)).rev().map(|(_, row)| row);
        let mut rows = rows.filter(|row| matches(query, row));
        let page: Vec<ExecutionRow> = rows.by_ref().take(query.limit).cloned().collect();
        let next = page.last().map(|row| row.key).filter(|_| rows.next().is_some());
        ExecutionPage { rows: page, next }
    }

    pub(super) fn ended(
        &self,
        shard: ShardId,
        after: Option<ExecutionKey>,
        before: i64,
        limit: usize,
    ) -> Vec<ExecutionKey> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.executions.range((start, Bound::Unbounded)).map(|(_, row)| row);
        let rows = rows.filter(|row| row.key.shard() == shard && row.status != ExecutionStatus::Running);
        let rows = rows.filter(|row| row.stopped_at.is_some_and(|at| at < before));
        rows.take(limit).map(|row| row.key).collect()
    }

    pub(super) fn pending_of_kind(
        &self,
        shard: ShardId,
        kind: PendingKind,
        after: Option<PendingKey>,
        limit: usize,
    ) -> Vec<Pending> {
        let start = match after {
            Some(key) => Bound::Excluded((shard, key)),
            None => Bound::Included((shard, first_effect(ExecutionKey(0)))),
        };
        let end = Bound::Included((shard, last_effect(ExecutionKey(u64::MAX))));
        let rows = self.pending.range((start, end)).map(|(_, row)| row);
        rows.filter(|row| row.kind == kind).take(limit).cloned().collect()
    }

    pub(super) fn due(&self, shard: ShardId, from: i64, to: i64, limit: usize) -> Vec<Pending> {
        if from >= to {
            return Vec::new();
        }
        let (start, end) = (first_effect(ExecutionKey(0)), first_effect(ExecutionKey(0)));
        let keys = self.due.range((shard, from, start)..(shard, to, end)).take(limit);
        keys.filter_map(|(shard, _, key)| self.pending.get(&(*shard, *key))).cloned().collect()
    }

    pub(super) fn pending_of(&self, execution: ExecutionKey) -> Vec<Pending> {
        let shard = execution.shard();
        let rows = self.pending.range((shard, first_effect(execution))..=(shard, last_effect(execution)));
        rows.map(|(_, row)| row.clone()).collect()
    }

    pub(super) fn catalogue_list(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Vec<CatalogueEntry> {
        let start = match after {
            Some(id) if id >= prefix => Bound::Excluded((kind, id.to_owned())),
            _ => Bound::Included((kind, prefix.to_owned())),
        };
        let rows = self.catalogue.range((start, Bound::Unbounded));
        let rows = rows.take_while(|((of, id), _)| *of == kind && id.starts_with(prefix));
        rows.take(limit).map(|(_, entry)| entry.clone()).collect()
    }
}

fn first_effect(execution: ExecutionKey) -> PendingKey {
    PendingKey { execution, effect: 0 }
}

fn last_effect(execution: ExecutionKey) -> PendingKey {
    PendingKey { execution, effect: u32::MAX }
}

/// Whether an execution is one of those that were asked for.
fn matches(query: &ExecutionQuery, row: &ExecutionRow) -> bool {
    query.machine.as_ref().is_none_or(|machine| *machine == row.machine)
        && query.map_run.as_ref().is_none_or(|run| row.map_run.as_ref() == Some(run))
        && query.status.is_none_or(|status| row.status == status)
        && query.version.is_none_or(|version| row.version == Some(version))
        && query.alias.as_ref().is_none_or(|alias| row.alias.as_ref() == Some(alias))
}
