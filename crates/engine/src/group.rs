//! The group: what a shard gathers while the one before it is being written. One is under way at a time; whoever waits
//! for an answer waits for the group that holds it.

use std::collections::BTreeSet;

use interpreter::encode_batch;
use store::{Batch, Commit, ExecutionChange, ExecutionKey, NameClaim, PendingKey};

use crate::action::{Action, Reply, Ticket};
use crate::activities::QueuedTask;
use crate::shard::Shard;
use crate::slot::Slot;

/// What is being gathered, or under way.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Executions with records in it.
    pub(crate) touched: BTreeSet<ExecutionKey>,
    /// Answers that it makes true.
    pub(crate) replies: Vec<(Ticket, Reply)>,
    pub(crate) names: Vec<NameClaim>,
    /// Rows that go although no record says so: what was owed for executions that have ended.
    pub(crate) settled: Vec<PendingKey>,
    /// Executions whose time in the store is over.
    pub(crate) removed: Vec<ExecutionKey>,
    /// Tasks that wait for a worker from now on, and those that no longer do.
    pub(crate) news: Vec<Action>,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.touched.is_empty()
            && self.replies.is_empty()
            && self.settled.is_empty()
            && self.removed.is_empty()
    }
}

impl Shard {
    /// The next commit, when none is under way and there is something to write.
    pub(crate) fn next_commit(&mut self) -> Option<Action> {
        if self.under_way.is_some() || (self.gathering.is_empty() && self.express.is_clean()) {
            return None;
        }
        let mut group = std::mem::take(&mut self.gathering);
        let is_empty = group.touched.is_empty() && group.settled.is_empty() && group.removed.is_empty();
        if is_empty && self.express.is_clean() {
            // Answers alone make nothing durable: everything they say is already written.
            self.actions
                .extend(group.replies.into_iter().map(|(ticket, reply)| Action::Reply(ticket, reply)));
            return self.actions.pop_front();
        }
        let mut commit = Commit {
            shard: self.id,
            epoch: self.epoch,
            batches: Vec::with_capacity(group.touched.len()),
            executions: Vec::new(),
            names: std::mem::take(&mut group.names),
            pending: Vec::new(),
            settled: std::mem::take(&mut group.settled),
            removed: group.removed.clone(),
        };
        for key in &group.touched {
            if let Some(slot) = self.slots.get_mut(key) {
                write_slot(*key, slot, &mut commit, &mut group.news);
            }
        }
        self.express.write(&mut commit);
        self.forget_looks(&commit.settled);
        self.under_way = Some(group);
        Some(Action::Commit(commit))
    }

    /// What is known of effects that are gone: nobody looks at them again.
    fn forget_looks(&mut self, settled: &[PendingKey]) {
        for PendingKey { execution, effect } in settled {
            self.heartbeats.remove(&(*execution, *effect));
            self.timers.forget(*execution, *effect);
        }
    }

    /// The commit that was under way is durable.
    pub fn committed(&mut self, now: interpreter::Timestamp) {
        let Some(group) = self.under_way.take() else { return };
        self.actions.extend(group.replies.into_iter().map(|(ticket, reply)| Action::Reply(ticket, reply)));
        if let Some(gone) = &mut self.unqueued_meanwhile {
            gone.extend(group.news.iter().filter_map(|news| match news {
                Action::Unqueued(task) => Some(task.key),
                _ => None,
            }));
        }
        self.actions.extend(group.news);
        self.express_committed();
        group.removed.iter().for_each(|key| _ = self.removing.remove(key));
        for key in group.touched {
            if let Some(slot) = self.slots.get_mut(&key) {
                slot.groups = slot.groups.saturating_sub(1);
                self.reconcile(key, now);
            }
        }
        self.load_more();
    }
}

/// What one execution adds to a commit.
fn write_slot(key: ExecutionKey, slot: &mut Slot, commit: &mut Commit, news: &mut Vec<Action>) {
    let records = std::mem::take(&mut slot.records);
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
    slot.groups += 1;
    let before = slot.execution.last_event();
    let first_event = records.iter().find_map(|record| record.public).map_or(before + 1, |public| public.id);
    commit.batches.push(Batch {
        execution: key,
        first: first.seq,
        last: last.seq,
        first_event,
        body: encode_batch(&records),
    });
    let status = slot.status();
    let stopped_at = slot.execution.closed_at().map(|at| at.0);
    slot.row.status = status;
    slot.row.stopped_at = stopped_at;
    if !slot.row_written {
        slot.row_written = true;
        commit.executions.push(ExecutionChange::Started(slot.row.clone()));
    } else if slot.status_written != status {
        commit.executions.push(ExecutionChange::Status {
            execution: key,
            status,
            stopped_at,
            redrive_count: slot.row.redrive_count,
            redriven_at: slot.row.redriven_at,
        });
    }
    slot.status_written = status;
    let wanted = slot.wanted_rows(key);
    for (effect, row) in slot.rows.iter().filter(|(effect, row)| wanted.get(effect) != Some(row)) {
        if !wanted.contains_key(effect) {
            commit.settled.push(PendingKey { execution: key, effect: *effect });
        }
        news.extend(QueuedTask::of(row).map(Action::Unqueued));
    }
    for (effect, row) in &wanted {
        if slot.rows.get(effect) != Some(row) {
            commit.pending.push(row.clone());
            news.extend(QueuedTask::of(row).map(Action::Queued));
        }
    }
    slot.rows = wanted;
}
