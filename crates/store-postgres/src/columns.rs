//! The rows of all groups of a commit as columns, ready for `unnest`: one array a column, one statement a table. What is
//! written twice within the commit is folded here, since one statement may touch a row only once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use store::{Batch, Commit, Error, ExecutionChange, ExecutionKey, ExecutionRow, Pending, PendingKey, Result};

use crate::pool::Value;
use crate::transaction::{Epochs, Step};

/// A commit as statements.
pub(crate) struct Columns {
    pub(crate) epochs: Epochs,
    pub(crate) steps: Vec<Step>,
    /// How many executions must have got a new status by the step of that number.
    pub(crate) statuses: Option<(usize, usize)>,
}

/// Everything that the groups write, each row once.
#[derive(Default)]
struct Merged<'a> {
    batches: Vec<&'a Batch>,
    started: BTreeMap<ExecutionKey, ExecutionRow>,
    statuses: BTreeMap<ExecutionKey, &'a ExecutionChange>,
    names: BTreeMap<(&'a str, &'a str), ExecutionKey>,
    pending: BTreeMap<PendingKey, Option<&'a Pending>>,
    removed: Vec<ExecutionKey>,
}

impl Columns {
    /// Merges the groups in their order.
    pub(crate) fn new(groups: &[Commit]) -> Result<Columns> {
        let mut epochs = Epochs::new();
        let mut merged = Merged::default();
        for group in groups {
            let epoch = group.epoch.cast_signed();
            match epochs.entry(i16::from(group.shard.0)) {
                Entry::Occupied(other) if *other.get() != epoch => return Err(Error::Fenced),
                entry => _ = entry.or_insert(epoch),
            }
            group.check_shard()?;
            merged.add(group)?;
        }
        let mut columns = Columns { epochs, steps: Vec::new(), statuses: None };
        columns.add_batches(&merged.batches);
        // Before the starts, so that it finds only those that existed.
        columns.add_statuses(&merged.statuses);
        columns.add_started(merged.started.into_values().collect());
        columns.add_names(&merged.names);
        columns.add_settled(&merged.pending);
        columns.add_pending(merged.pending.values().copied().flatten().collect());
        columns.add_removed(&merged.removed);
        Ok(columns)
    }

    fn add(&mut self, rows: usize, sql: &'static str, values: Vec<Value>) {
        if rows > 0 {
            self.steps.push(Step { sql, values });
        }
    }

    fn add_batches(&mut self, rows: &[&Batch]) {
        let sql = "INSERT INTO batches (shard, execution, first, last, first_event, body)
            SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])";
        let values: Vec<Value> = vec![
            column(rows, |row| shard(row.execution)),
            column(rows, |row| row.execution.as_i64()),
            column(rows, |row| i64::from(row.first)),
            column(rows, |row| i64::from(row.last)),
            column(rows, |row| i64::from(row.first_event)),
            column(rows, |row| row.body.clone()),
        ];
        self.add(rows.len(), sql, values);
    }

    fn add_started(&mut self, rows: Vec<ExecutionRow>) {
        let sql = "INSERT INTO executions (shard, key, machine, revision, name, express, status, started_at, stopped_at,
                version, alias, map_run, redrive_count, redriven_at)
            SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[],
                $7::smallint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::bigint[],
                $14::bigint[])";
        let rows = &rows;
        let values: Vec<Value> = vec![
            column(rows, |row| shard(row.key)),
            column(rows, |row| row.key.as_i64()),
            column(rows, |row| row.machine.clone()),
            column(rows, |row| row.revision.clone()),
            column(rows, |row| row.name.clone()),
            column(rows, |row| row.express),
            column(rows, |row| row.status as i16),
            column(rows, |row| row.started_at),
            column(rows, |row| row.stopped_at),
            column(rows, |row| row.version.map(i64::from)),
            column(rows, |row| row.alias.clone()),
            column(rows, |row| row.map_run.clone()),
            column(rows, |row| i64::from(row.redrive_count)),
            column(rows, |row| row.redriven_at),
        ];
        self.add(rows.len(), sql, values);
    }

    fn add_statuses(&mut self, changes: &BTreeMap<ExecutionKey, &ExecutionChange>) {
        let sql = "UPDATE executions e
            SET status = n.status, stopped_at = n.stopped_at, redrive_count = n.redrive_count, redriven_at = n.redriven_at
            FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[])
                AS n (shard, key, status, stopped_at, redrive_count, redriven_at)
            WHERE e.shard = n.shard AND e.key = n.key RETURNING e.key";
        let rows = changes.values().filter_map(|change| match change {
            ExecutionChange::Started(_) => None,
            ExecutionChange::Status { execution, status, stopped_at, redrive_count, redriven_at } => {
                Some((*execution, *status as i16, *stopped_at, i64::from(*redrive_count), *redriven_at))
            }
        });
        let rows: Vec<_> = rows.collect();
        let values: Vec<Value> = vec![
            column(&rows, |row| shard(row.0)),
            column(&rows, |row| row.0.as_i64()),
            column(&rows, |row| row.1),
            column(&rows, |row| row.2),
            column(&rows, |row| row.3),
            column(&rows, |row| row.4),
        ];
        if !rows.is_empty() {
            self.statuses = Some((self.steps.len(), rows.len()));
        }
        self.add(rows.len(), sql, values);
    }

    fn add_names(&mut self, names: &BTreeMap<(&str, &str), ExecutionKey>) {
        let sql = "INSERT INTO names (machine, name, execution)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
            ON CONFLICT (machine, name) DO UPDATE SET execution = excluded.execution";
        let rows: Vec<_> = names.iter().collect();
        let values: Vec<Value> = vec![
            column(&rows, |row| row.0.0.to_owned()),
            column(&rows, |row| row.0.1.to_owned()),
            column(&rows, |row| row.1.as_i64()),
        ];
        self.add(rows.len(), sql, values);
    }

    fn add_settled(&mut self, pending: &BTreeMap<PendingKey, Option<&Pending>>) {
        let sql = "DELETE FROM pending p
            USING unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS s (shard, execution, effect)
            WHERE p.shard = s.shard AND p.execution = s.execution AND p.effect = s.effect";
        let rows: Vec<_> = pending.iter().filter(|(_, row)| row.is_none()).map(|(key, _)| *key).collect();
        let values: Vec<Value> = vec![
            column(&rows, |key| shard(key.execution)),
            column(&rows, |key| key.execution.as_i64()),
            column(&rows, |key| i64::from(key.effect)),
        ];
        self.add(rows.len(), sql, values);
    }

    /// The names first, since the executions say them.
    fn add_removed(&mut self, keys: &[ExecutionKey]) {
        let names = "DELETE FROM names n
            USING executions e, unnest($1::smallint[], $2::bigint[]) AS r (shard, key)
            WHERE e.shard = r.shard AND e.key = r.key AND n.machine = e.machine AND n.name = e.name AND n.execution = e.key";
        let pending = "DELETE FROM pending p USING unnest($1::smallint[], $2::bigint[]) AS r (shard, key)
            WHERE p.shard = r.shard AND p.execution = r.key";
        let batches = "DELETE FROM batches b USING unnest($1::smallint[], $2::bigint[]) AS r (shard, key)
            WHERE b.shard = r.shard AND b.execution = r.key";
        let executions =
            "DELETE FROM executions e USING unnest($1::smallint[], $2::bigint[]) AS r (shard, key)
            WHERE e.shard = r.shard AND e.key = r.key";
        for sql in [names, pending, batches, executions] {
            let values: Vec<Value> = vec![column(keys, |key| shard(*key)), column(keys, |key| key.as_i64())];
            self.add(keys.len(), sql, values);
        }
    }

    fn add_pending(&mut self, rows: Vec<&Pending>) {
        let sql = "INSERT INTO pending (shard, execution, effect, kind, due, subject)
            SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::text[])
            ON CONFLICT (shard, execution, effect)
            DO UPDATE SET kind = excluded.kind, due = excluded.due, subject = excluded.subject";
        let rows = &rows;
        let values: Vec<Value> = vec![
            column(rows, |row| shard(row.key.execution)),
            column(rows, |row| row.key.execution.as_i64()),
            column(rows, |row| i64::from(row.key.effect)),
            column(rows, |row| row.kind as i16),
            column(rows, |row| row.due),
            column(rows, |row| row.subject.clone()),
        ];
        self.add(rows.len(), sql, values);
    }
}

impl<'a> Merged<'a> {
    fn add(&mut self, group: &'a Commit) -> Result<()> {
        self.batches.extend(&group.batches);
        for change in &group.executions {
            self.change(change)?;
        }
        for claim in &group.names {
            self.names.insert((&claim.machine, &claim.name), claim.execution);
        }
        for key in &group.settled {
            self.pending.insert(*key, None);
        }
        for row in &group.pending {
            self.pending.insert(row.key, Some(row));
        }
        self.removed.extend(&group.removed);
        Ok(())
    }

    fn change(&mut self, change: &'a ExecutionChange) -> Result<()> {
        match change {
            ExecutionChange::Started(row) => match self.started.entry(row.key) {
                Entry::Occupied(_) => Err(Error::Failed(format!("execution {} exists already", row.key.0))),
                Entry::Vacant(entry) => {
                    entry.insert(row.clone());
                    Ok(())
                }
            },
            ExecutionChange::Status { execution, status, stopped_at, redrive_count, redriven_at } => {
                match self.started.get_mut(execution) {
                    None => _ = self.statuses.insert(*execution, change),
                    Some(row) => {
                        row.status = *status;
                        row.stopped_at = *stopped_at;
                        row.redrive_count = *redrive_count;
                        row.redriven_at = *redriven_at;
                    }
                }
                Ok(())
            }
        }
    }
}

fn column<R, T>(rows: &[R], field: impl Fn(&R) -> T) -> Value
where
    Vec<T>: tokio_postgres::types::ToSql + Send + Sync + 'static,
{
    Box::new(rows.iter().map(field).collect::<Vec<T>>())
}

fn shard(execution: ExecutionKey) -> i16 {
    i16::from(execution.shard().0)
}
