//! When a shard must look at an execution by itself. Only times up to a horizon are in memory; the rest are rows, so a
//! million sleepers cost rows. An entry that no longer means anything is harmless: effects are checked when it fires.

use std::collections::{BTreeMap, BTreeSet};

use interpreter::{EffectId, Timestamp};
use store::{ExecutionKey, Pending};

/// How far ahead times are kept in memory, in milliseconds.
const WINDOW_MS: i64 = 60_000;

/// The times in memory, and the horizon.
#[derive(Debug)]
pub(crate) struct Timers {
    entries: BTreeSet<(i64, ExecutionKey, EffectId)>,
    /// Times that are nobody's row: one for each effect that has such.
    soft: BTreeMap<(ExecutionKey, EffectId), i64>,
    /// Rows due before this are in `entries`.
    horizon: i64,
    /// The horizon once the read under way is in.
    reading_to: Option<i64>,
}

impl Timers {
    pub(crate) fn new() -> Timers {
        Timers { entries: BTreeSet::new(), soft: BTreeMap::new(), horizon: i64::MIN, reading_to: None }
    }

    /// Keeps a time, if it is near enough (farther ones are found again as rows).
    pub(crate) fn set(&mut self, at: i64, execution: ExecutionKey, effect: EffectId) {
        if at < self.reading_to.unwrap_or(self.horizon).max(self.horizon) {
            self.entries.insert((at, execution, effect));
        }
    }

    /// Keeps a time that is nobody's row, however far it is; the earliest one of an effect only.
    pub(crate) fn set_soft(&mut self, at: i64, execution: ExecutionKey, effect: EffectId) {
        let planned = self.soft.entry((execution, effect)).or_insert(i64::MAX);
        if at < *planned {
            self.entries.remove(&(*planned, execution, effect));
            *planned = at;
            self.entries.insert((at, execution, effect));
        }
    }

    /// Whether a time that is nobody's row is still to come for this effect.
    pub(crate) fn is_planned(&self, execution: ExecutionKey, effect: EffectId) -> bool {
        self.soft.contains_key(&(execution, effect))
    }

    /// Forgets the time of an effect that is gone. Times that are a row's go by themselves: they are near.
    pub(crate) fn forget(&mut self, execution: ExecutionKey, effect: EffectId) {
        if let Some(at) = self.soft.remove(&(execution, effect)) {
            self.entries.remove(&(at, execution, effect));
        }
    }

    /// Takes what is due, the earliest first, at most so many.
    pub(crate) fn take_due(&mut self, now: Timestamp, most: usize) -> Vec<(ExecutionKey, EffectId)> {
        let mut due = Vec::new();
        while let Some((at, execution, effect)) = self.entries.first().copied() {
            if at > now.0 || due.len() >= most {
                break;
            }
            self.entries.pop_first();
            if self.soft.get(&(execution, effect)) == Some(&at) {
                self.soft.remove(&(execution, effect));
            }
            due.push((execution, effect));
        }
        due
    }

    /// The range of rows to read next, when the horizon is near.
    pub(crate) fn next_read(&mut self, now: Timestamp) -> Option<(i64, i64)> {
        if self.reading_to.is_some() || self.horizon > now.0.saturating_add(WINDOW_MS / 2) {
            return None;
        }
        let to = now.0.saturating_add(WINDOW_MS);
        self.reading_to = Some(to);
        Some((self.horizon, to))
    }

    /// The rows of a read came; `to` is how far they are complete.
    pub(crate) fn read(&mut self, rows: &[Pending], to: i64) {
        self.reading_to = None;
        self.horizon = self.horizon.max(to);
        for row in rows {
            if let Some(due) = row.due {
                self.entries.insert((due, row.key.execution, row.key.effect));
            }
        }
    }

    /// When something is due next; while the horizon is near, no later than its next read.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let read = self.horizon.saturating_sub(WINDOW_MS / 2);
        let read = (self.reading_to.is_none()).then_some(read);
        let first = self.entries.first().map(|(at, _, _)| *at);
        match (first, read) {
            (Some(first), Some(read)) => Some(Timestamp(first.min(read))),
            (first, read) => first.or(read).map(Timestamp),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
