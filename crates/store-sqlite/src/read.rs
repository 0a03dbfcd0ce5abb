//! The connections that read, and every question but those about the executions index, which are in `page`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use store::{
    Batch, CatalogueEntry, CatalogueKind, ExecutionKey, Pending, PendingKey, PendingKind, Result, ShardId,
};

use crate::error::error;
use crate::{Options, open};

/// Connections that are free. A thread that finds none opens one: nobody waits for another's read.
pub(crate) struct Readers {
    path: PathBuf,
    options: Options,
    free: Mutex<Vec<Connection>>,
}

/// What SQLite answers.
pub(crate) type Answer<T> = rusqlite::Result<T>;

impl Readers {
    pub(crate) fn new(path: &Path, options: &Options) -> Readers {
        Readers { path: path.to_owned(), options: *options, free: Mutex::default() }
    }

    /// Asks one connection. Everything that was committed before is seen.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Connection) -> Answer<T>) -> Result<T> {
        let free = self.free().pop();
        let connection = free.map_or_else(|| open::reader(&self.path, &self.options), Ok)?;
        let answer = ask(&connection).map_err(error)?;
        // After an error the connection is dropped instead: the next one starts clean.
        let mut free = self.free();
        if free.len() < self.options.readers {
            free.push(connection);
        }
        Ok(answer)
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number of rows as SQL takes it.
pub(crate) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn batch(execution: ExecutionKey) -> impl Fn(&Row<'_>) -> Answer<Batch> {
    move |row| {
        let (first, last, first_event, body) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Batch { execution, first, last, first_event, body })
    }
}

pub(crate) fn batches(
    sql: &Connection,
    execution: ExecutionKey,
    from: u32,
    limit: usize,
) -> Answer<Vec<Batch>> {
    let mut select = sql.prepare_cached(
        "SELECT first, last, first_event, body FROM batches
         WHERE execution = ?1 AND last >= ?2 AND first >= coalesce(
             (SELECT max(first) FROM batches WHERE execution = ?1 AND first <= ?2), 0)
         ORDER BY first LIMIT ?3",
    )?;
    let rows = select.query_map(params![execution.as_i64(), from, count(limit)], batch(execution))?;
    rows.collect()
}

/// By bisection over the records' numbers: the public ids grow with them, so that they need no index.
pub(crate) fn batch_at_event(
    sql: &Connection,
    execution: ExecutionKey,
    id: u32,
    backwards: bool,
) -> Answer<Option<Batch>> {
    // The last batch that starts at or before a record, and the first one that starts after it.
    let find = |sign: &str, order: &str, record: i64| -> Answer<Option<(i64, u32)>> {
        let mut select = sql.prepare_cached(&format!(
            "SELECT first, first_event FROM batches WHERE execution = ?1 AND first {sign} ?2 ORDER BY first {order} LIMIT 1"
        ))?;
        select.query_row(params![execution.as_i64(), record], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    };
    let upto = |record| find("<=", "DESC", record);
    let (Some(oldest), Some(newest)) = (find(">", "ASC", -1)?, upto(i64::MAX)?) else { return Ok(None) };
    let id = match (id < oldest.1, backwards) {
        (true, true) => return Ok(None),
        (true, false) => oldest.1,
        (false, _) => id,
    };
    // `low` starts at or before the event and `high` after it.
    let (mut low, high) = (oldest.0, newest.0);
    if newest.1 <= id {
        low = high;
    }
    let mut high = high;
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(mut probe) = upto(middle)? else { break };
        if probe.0 <= low {
            match find(">", "ASC", middle)? {
                Some(next) if next.0 < high => probe = next,
                _ => break,
            }
        }
        match probe.1 <= id {
            true => low = probe.0,
            false => high = probe.0,
        }
    }
    let mut select = sql.prepare_cached(
        "SELECT first, last, first_event, body FROM batches WHERE execution = ?1 AND first = ?2",
    )?;
    select.query_row(params![execution.as_i64(), low], batch(execution)).optional()
}

pub(crate) fn named(sql: &Connection, machine: &str, name: &str) -> Answer<Option<ExecutionKey>> {
    let mut select = sql.prepare_cached(
        "SELECT execution FROM names WHERE machine = (SELECT id FROM texts WHERE text = ?1) AND name = ?2",
    )?;
    select.query_row([machine, name], |row| row.get(0)).map(ExecutionKey::from_i64).optional()
}

const PENDING: &str = "SELECT execution, effect, kind, due, subject FROM pending";

fn pending_row(row: &Row<'_>) -> Answer<Pending> {
    let key = PendingKey { execution: ExecutionKey::from_i64(row.get(0)?), effect: row.get(1)? };
    let code: u8 = row.get(2)?;
    let kind = PendingKind::from_code(code).ok_or_else(|| unknown(2, code))?;
    Ok(Pending { key, kind, due: row.get(3)?, subject: row.get(4)? })
}

/// A column holds a code that this release does not know.
pub(crate) fn unknown(column: usize, code: u8) -> rusqlite::Error {
    rusqlite::Error::IntegralValueOutOfRange(column, i64::from(code))
}

pub(crate) fn pending(
    sql: &Connection,
    shard: ShardId,
    kind: PendingKind,
    after: Option<PendingKey>,
    limit: usize,
) -> Answer<Vec<Pending>> {
    // The second condition lets SQLite use the index that leaves timers out.
    let other = if kind == PendingKind::Timer { "" } else { "AND kind <> 0" };
    let mut select = sql.prepare_cached(&format!(
        "{PENDING} WHERE shard = ?1 AND kind = ?2 {other} AND (execution, effect) > (?3, ?4)
         ORDER BY execution, effect LIMIT ?5"
    ))?;
    let (execution, effect) = after.map_or((-1, 0), |key| (key.execution.as_i64(), key.effect));
    let rows =
        select.query_map(params![shard.0, kind as u8, execution, effect, count(limit)], pending_row)?;
    rows.collect()
}

pub(crate) fn due(
    sql: &Connection,
    shard: ShardId,
    from: i64,
    to: i64,
    limit: usize,
) -> Answer<Vec<Pending>> {
    let mut select = sql.prepare_cached(&format!(
        "{PENDING} WHERE shard = ?1 AND due >= ?2 AND due < ?3 ORDER BY due, execution, effect LIMIT ?4"
    ))?;
    let rows = select.query_map(params![shard.0, from, to, count(limit)], pending_row)?;
    rows.collect()
}

pub(crate) fn pending_of(sql: &Connection, execution: ExecutionKey) -> Answer<Vec<Pending>> {
    let mut select =
        sql.prepare_cached(&format!("{PENDING} WHERE shard = ?1 AND execution = ?2 ORDER BY effect"))?;
    let rows = select.query_map(params![execution.shard().0, execution.as_i64()], pending_row)?;
    rows.collect()
}

fn entry(row: &Row<'_>) -> Answer<CatalogueEntry> {
    let version: i64 = row.get(1)?;
    Ok(CatalogueEntry { id: row.get(0)?, version: version.cast_unsigned(), body: row.get(2)? })
}

pub(crate) fn catalogue_get(
    sql: &Connection,
    kind: CatalogueKind,
    id: &str,
) -> Answer<Option<CatalogueEntry>> {
    let mut select =
        sql.prepare_cached("SELECT id, version, body FROM catalogue WHERE kind = ?1 AND id = ?2")?;
    select.query_row(params![kind as u8, id], entry).optional()
}

pub(crate) fn catalogue_list(
    sql: &Connection,
    kind: CatalogueKind,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Answer<Vec<CatalogueEntry>> {
    let mut select = sql.prepare_cached(
        "SELECT id, version, body FROM catalogue
         WHERE kind = ?1 AND id >= ?2 AND (?3 IS NULL OR id > ?3) ORDER BY id LIMIT ?4",
    )?;
    // One bound for the index to start from.
    let start = after.map_or(prefix, |after| after.max(prefix));
    let mut rows = select.query(params![kind as u8, start, after, count(limit)])?;
    let mut entries = Vec::new();
    // Ids with the prefix stand together: the first one without it ends them.
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        if !entry.id.starts_with(prefix) {
            break;
        }
        entries.push(entry);
    }
    Ok(entries)
}

pub(crate) fn property(sql: &Connection, name: &str) -> Answer<Option<Vec<u8>>> {
    let mut select = sql.prepare_cached("SELECT value FROM properties WHERE name = ?1")?;
    select.query_row([name], |row| row.get(0)).optional()
}
