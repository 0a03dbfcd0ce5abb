//! One execution in memory, with what the shard does for it.

use std::collections::{BTreeMap, BTreeSet};

use interpreter::{Effect, EffectId, Execution, Record, Status, TaskPhase};
use store::{ExecutionKey, ExecutionRow, ExecutionStatus, Pending};

use crate::duties::Children;
use crate::rows::pending_rows;

/// One execution in memory.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) execution: Execution,
    pub(crate) row: ExecutionRow,
    /// Whether the index row is in the store.
    pub(crate) row_written: bool,
    /// The status that the store's row has.
    pub(crate) status_written: ExecutionStatus,
    /// Records of the group that is being gathered.
    pub(crate) records: Vec<Record>,
    /// Pending rows as they are (or will be, with the group under way) in the store.
    pub(crate) rows: BTreeMap<EffectId, Pending>,
    /// Calls and polls that the driver makes now.
    pub(crate) calling: BTreeSet<EffectId>,
    /// Those of `calling` that are polls of a job.
    pub(crate) polling: BTreeSet<EffectId>,
    /// Dispatched tasks whose calls leave once that is durable.
    pub(crate) to_call: Vec<EffectId>,
    /// Groups that hold records of it and are not durable.
    pub(crate) groups: u32,
    /// It was redriven, and that is not durable yet.
    pub(crate) is_redriving: bool,
    /// The children that it waits for.
    pub(crate) children: Children,
}

impl Slot {
    pub(crate) fn new(execution: Execution, row: ExecutionRow, row_written: bool) -> Slot {
        let status_written = row.status;
        Slot {
            execution,
            row,
            row_written,
            status_written,
            records: Vec::new(),
            rows: BTreeMap::new(),
            calling: BTreeSet::new(),
            polling: BTreeSet::new(),
            to_call: Vec::new(),
            groups: 0,
            is_redriving: false,
            children: Children::default(),
        }
    }

    /// Whether everything that it decided is durable.
    pub(crate) fn is_settled(&self) -> bool {
        self.groups == 0 && self.records.is_empty()
    }

    /// Whether it can leave memory: all that it waits for brings it back by itself.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_settled()
            && self.calling.is_empty()
            && self.children.is_quiet()
            && !self.execution.has_more()
            && self.execution.outstanding().all(|(_, effect)| match effect {
                Effect::Timer { .. } => true,
                Effect::Task(task) => {
                    matches!(task.phase, TaskPhase::Queued | TaskPhase::AwaitingToken | TaskPhase::Job)
                }
            })
    }

    /// The pending rows that its state calls for, by effect.
    pub(crate) fn wanted_rows(&self, key: ExecutionKey) -> BTreeMap<EffectId, Pending> {
        pending_rows(key, &self.execution).into_iter().map(|row| (row.key.effect, row)).collect()
    }

    /// The index status that its state calls for.
    pub(crate) fn status(&self) -> ExecutionStatus {
        index_status(&self.execution)
    }
}

/// The index status that an execution's state calls for.
pub fn index_status(execution: &Execution) -> ExecutionStatus {
    match execution.status() {
        Status::New | Status::Running => ExecutionStatus::Running,
        Status::Succeeded { .. } => ExecutionStatus::Succeeded,
        Status::Failed { .. } => ExecutionStatus::Failed,
        Status::TimedOut => ExecutionStatus::TimedOut,
        Status::Aborted { .. } => ExecutionStatus::Aborted,
    }
}
