//! Reindexing: the executions index, names and pending rows are made from records, so they can be held against the records and made
//! again. For a store that no server uses: repairing takes its shards.
//!
//! What cannot be told from records is left alone: which revision an execution runs, and whether what an ended execution owed was
//! already seen to.

use std::collections::BTreeMap;
use std::sync::Arc;

use interpreter::{Environment, Execution, Limits, Place, WaitScale, any_activity};
use store::{
    Commit, Epoch, ExecutionChange, ExecutionQuery, ExecutionRow, NameClaim, Pending, PendingKind, ShardId,
    Store,
};

use crate::catalogue::Catalogue;
use crate::clock;
use crate::handle::token_key;
use crate::loader::Loader;

/// Executions that are read together.
const PAGE: usize = 256;
/// Differences that are told one by one; more are counted.
const TOLD_MAX: usize = 1_000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Executions that were looked at.
    pub executions: u64,
    /// Their records.
    pub records: u64,
    /// Differences.
    pub differences: u64,
    /// Those of them that were, or with a repair would be, mended.
    pub repairable: u64,
    /// The first of them, in words, each with the execution's ARN.
    pub told: Vec<String>,
}

/// Holds every execution's rows against its records, and mends them if `repair`. Blocks.
///
/// # Errors
/// The store's.
pub fn reindex(store: &Arc<dyn Store>, place: &Place, repair: bool) -> Result<Report, store::Error> {
    let environment = Environment {
        activity_exists: any_activity(),
        place: Arc::new(place.clone()),
        standard: Limits::SERVICE,
        express: Limits::EXPRESS,
        token_key: token_key(&**store)?,
        deadline: clock::expression_deadline,
        wait_scale: WaitScale::REAL,
    };
    let loader = Loader { store: store.clone(), catalogue: Arc::new(Catalogue::new(store.clone())) };
    let mut work = Work {
        loader,
        environment: Arc::new(environment),
        repair,
        epochs: BTreeMap::new(),
        report: Report::default(),
    };
    let mut query = ExecutionQuery { limit: PAGE, ..ExecutionQuery::default() };
    loop {
        let page = store.executions(&query)?;
        for row in &page.rows {
            work.execution(row)?;
        }
        query.before = page.next;
        if query.before.is_none() {
            break;
        }
    }
    work.strays()?;
    Ok(work.report)
}

struct Work {
    loader: Loader,
    environment: Arc<Environment>,
    repair: bool,
    epochs: BTreeMap<ShardId, Epoch>,
    report: Report,
}

impl Work {
    fn execution(&mut self, row: &ExecutionRow) -> Result<(), store::Error> {
        self.report.executions += 1;
        let records = match self.loader.records(row.key) {
            Ok(records) => records,
            Err(why) => return self.hopeless(row, &format!("its records cannot be read: {why}")),
        };
        self.report.records += records.len() as u64;
        let mut numbers = records.iter().map(|record| record.seq).zip(1..);
        if records.is_empty() || numbers.any(|(seq, expected)| seq != expected) {
            return self.hopeless(row, "some of its records are missing");
        }
        let definition = match self.loader.catalogue.revision(&row.revision) {
            Ok(revision) => revision.definition.clone(),
            Err(why) => return self.hopeless(row, &format!("its revision cannot be read: {why}")),
        };
        let mut execution = Execution::new(definition, self.environment.clone(), row.key.0);
        records.iter().for_each(|record| execution.apply(record));
        let mut commit = Commit::new(row.key.shard(), 0);
        self.row(row, &execution, &mut commit)?;
        self.name(row, &mut commit)?;
        self.pending(row, &execution, &mut commit)?;
        self.write(commit)
    }

    fn row(
        &mut self,
        row: &ExecutionRow,
        execution: &Execution,
        commit: &mut Commit,
    ) -> Result<(), store::Error> {
        let Some(started) = execution.started() else {
            return self.hopeless(row, "its records do not begin with its start");
        };
        if *row.machine != *started.machine || row.started_at != execution.started_at().0 {
            return self.hopeless(row, "its index row is another execution's");
        }
        let (status, stopped_at) = (engine::index_status(execution), execution.closed_at().map(|at| at.0));
        let (redrive_count, redriven_at) = execution.redrives();
        let redriven_at = redriven_at.map(|at| at.0);
        let is_so = (row.status, row.stopped_at) == (status, stopped_at);
        if !is_so || (row.redrive_count, row.redriven_at) != (redrive_count, redriven_at) {
            let what = format!(
                "the index says {:?}, stopped {:?}, redriven {} times; its records say {status:?}, stopped \
                 {stopped_at:?}, redriven {redrive_count} times",
                row.status, row.stopped_at, row.redrive_count
            );
            self.tell(row, &what, true);
            commit.executions.push(ExecutionChange::Status {
                execution: row.key,
                status,
                stopped_at,
                redrive_count,
                redriven_at,
            });
        }
        Ok(())
    }

    fn name(&mut self, row: &ExecutionRow, commit: &mut Commit) -> Result<(), store::Error> {
        let Some(name) = &row.name else { return Ok(()) };
        if self.loader.store.named(&row.machine, name)?.is_none() {
            self.tell(row, "its name does not lead to it", true);
            commit.names.push(NameClaim {
                machine: row.machine.clone(),
                name: name.clone(),
                execution: row.key,
            });
        }
        Ok(())
    }

    fn pending(
        &mut self,
        row: &ExecutionRow,
        execution: &Execution,
        commit: &mut Commit,
    ) -> Result<(), store::Error> {
        let by_effect = |rows: Vec<Pending>| rows.into_iter().map(|row| (row.key.effect, row)).collect();
        let wanted: BTreeMap<u32, Pending> = by_effect(engine::pending_rows(row.key, execution));
        let present: BTreeMap<u32, Pending> = by_effect(self.loader.store.pending_of(row.key)?);
        for (effect, wanted) in &wanted {
            // What an execution owed may have been seen to: no record says so.
            let is_owed = matches!(wanted.kind, PendingKind::Report | PendingKind::Abandoned);
            match present.get(effect) {
                Some(present) if present == wanted => {}
                None if is_owed => {}
                found => {
                    let found = if found.is_some() { "another row than" } else { "no row of" };
                    let what = format!("there is {found} what it waits for since record {effect}");
                    self.tell(row, &what, true);
                    commit.pending.push(wanted.clone());
                }
            }
        }
        for (effect, extra) in present.iter().filter(|(effect, _)| !wanted.contains_key(effect)) {
            self.tell(row, &format!("there is a row of record {effect}, for which it does not wait"), true);
            commit.settled.push(extra.key);
        }
        Ok(())
    }

    /// Pending rows of executions that do not exist. Accepted Express starts have no execution.
    fn strays(&mut self) -> Result<(), store::Error> {
        let shards = self.loader.store.property("shards", &[1])?.first().copied().unwrap_or(1);
        for shard in (0..shards).map(ShardId) {
            let kinds = PendingKind::ALL.into_iter().filter(|kind| *kind != PendingKind::Express);
            for kind in kinds {
                let mut after = None;
                loop {
                    let rows = self.loader.store.pending(shard, kind, after, PAGE)?;
                    let Some(last) = rows.last().map(|row| row.key) else { break };
                    after = Some(last);
                    let mut commit = Commit::new(shard, 0);
                    for row in rows {
                        if self.loader.store.execution(row.key.execution)?.is_none() {
                            self.count(true, || {
                                format!(
                                    "a row waits for execution {:x}, which is not there",
                                    row.key.execution.0
                                )
                            });
                            commit.settled.push(row.key);
                        }
                    }
                    self.write(commit)?;
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, mut commit: Commit) -> Result<(), store::Error> {
        if commit.is_empty() || !self.repair {
            return Ok(());
        }
        let store = &self.loader.store;
        commit.epoch = match self.epochs.get(&commit.shard) {
            Some(epoch) => *epoch,
            None => {
                let epoch = store.acquire(commit.shard, "reindex")?;
                self.epochs.insert(commit.shard, epoch);
                epoch
            }
        };
        store.commit(&[commit])
    }

    fn hopeless(&mut self, row: &ExecutionRow, what: &str) -> Result<(), store::Error> {
        self.tell(row, what, false);
        Ok(())
    }

    fn tell(&mut self, row: &ExecutionRow, what: &str, repairable: bool) {
        let place = self.environment.place.clone();
        self.count(repairable, || {
            let name = row.name.clone().unwrap_or_else(|| engine::name_of(row.key));
            format!("{}: {what}", place.execution_arn(&row.machine, &name))
        });
    }

    fn count(&mut self, repairable: bool, what: impl FnOnce() -> String) {
        self.report.differences += 1;
        self.report.repairable += u64::from(repairable);
        if self.report.told.len() < TOLD_MAX {
            self.report.told.push(what());
        }
    }
}
