//! The executions index: rows, and pages by any combination of filters. Which index a query takes is chosen here, in
//! so many words, so that no statistics are needed.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use store::{ExecutionKey, ExecutionPage, ExecutionQuery, ExecutionRow, ExecutionStatus};

use crate::read::{Answer, count, unknown};

/// The joins look texts up by id, one for each row of the page.
const ROWS: &str =
    "SELECT e.key, m.text, r.text, e.name, e.express, e.status, e.started_at, e.stopped_at, e.version,
        a.text, p.text, e.redrive_count, e.redriven_at
    FROM executions e
        LEFT JOIN texts m ON m.id = e.machine
        LEFT JOIN texts r ON r.id = e.revision
        LEFT JOIN texts a ON a.id = e.alias
        LEFT JOIN texts p ON p.id = e.map_run";

fn execution_row(row: &Row<'_>) -> Answer<ExecutionRow> {
    let code: u8 = row.get(5)?;
    Ok(ExecutionRow {
        key: ExecutionKey::from_i64(row.get(0)?),
        machine: row.get(1)?,
        revision: row.get(2)?,
        name: row.get(3)?,
        express: row.get(4)?,
        status: ExecutionStatus::from_code(code).ok_or_else(|| unknown(5, code))?,
        started_at: row.get(6)?,
        stopped_at: row.get(7)?,
        version: row.get(8)?,
        alias: row.get(9)?,
        map_run: row.get(10)?,
        redrive_count: row.get(11)?,
        redriven_at: row.get(12)?,
    })
}

pub(crate) fn execution(sql: &Connection, key: ExecutionKey) -> Answer<Option<ExecutionRow>> {
    let mut select = sql.prepare_cached(&format!("{ROWS} WHERE e.key = ?1"))?;
    select.query_row([key.as_i64()], execution_row).optional()
}

pub(crate) fn executions(sql: &Connection, query: &ExecutionQuery) -> Answer<ExecutionPage> {
    let Some(filters) = filters(sql, query)? else {
        return Ok(ExecutionPage { rows: Vec::new(), next: None });
    };
    let (text, values) = statement(query, &filters);
    let mut select = sql.prepare_cached(&text)?;
    let rows = select.query_map(params_from_iter(&values), execution_row)?;
    let mut rows = rows.collect::<Answer<Vec<_>>>()?;
    let more = rows.len() > query.limit;
    rows.truncate(query.limit);
    let next = rows.last().map(|row| row.key).filter(|_| more);
    Ok(ExecutionPage { rows, next })
}

pub(crate) fn ended(
    sql: &Connection,
    shard: u8,
    after: Option<ExecutionKey>,
    before: i64,
    limit: usize,
) -> Answer<Vec<ExecutionKey>> {
    // The key says when an execution began, and none ends before that.
    let newest = ExecutionKey::new(before, 0, store::ShardId(0)).as_i64();
    let mut select = sql.prepare_cached(
        "SELECT key FROM executions NOT INDEXED
         WHERE key > ?1 AND key <= ?2 AND key & 255 = ?3 AND status <> 0 AND stopped_at < ?4 ORDER BY key LIMIT ?5",
    )?;
    let after = after.map_or(-1, ExecutionKey::as_i64);
    let values = rusqlite::params![after, newest.saturating_add(0xFF), shard, before, count(limit)];
    let keys = select.query_map(values, |row| Ok(ExecutionKey::from_i64(row.get(0)?)))?;
    keys.collect()
}

/// The SQL of a query, for the page's rows and one more, and its values.
fn statement(query: &ExecutionQuery, filters: &[(&str, i64)]) -> (String, Vec<Value>) {
    let before = query.before.map_or(i64::MAX, |key| key.as_i64().saturating_sub(1));
    let mut values = vec![Value::Integer(before), Value::Integer(count(query.limit).saturating_add(1))];
    let mut conditions = Vec::new();
    for (column, value) in filters {
        values.push(Value::Integer(*value));
        conditions.push(format!("{column} = ?{}", values.len()));
    }
    let keys = keys(query, &conditions.join(" AND "));
    (format!("{ROWS} WHERE e.key IN ({keys}) ORDER BY e.key DESC"), values)
}

/// The columns that must have a value, with the ids of texts; `None` when there is no such text, hence no row.
fn filters(sql: &Connection, query: &ExecutionQuery) -> Answer<Option<Vec<(&'static str, i64)>>> {
    let mut filters = Vec::new();
    let texts = [("machine", &query.machine), ("map_run", &query.map_run), ("alias", &query.alias)];
    for (column, text) in texts {
        let Some(text) = text else { continue };
        let mut find = sql.prepare_cached("SELECT id FROM texts WHERE text = ?1")?;
        let Some(id) = find.query_row([text], |row| row.get(0)).optional()? else { return Ok(None) };
        filters.push((column, id));
    }
    if let Some(version) = query.version {
        filters.push(("version", i64::from(version)));
    }
    if let Some(status) = query.status {
        filters.push(("status", status as i64));
    }
    Ok(Some(filters))
}

/// SQL for the keys of a page and of the row after it (`?1`: the newest key, `?2`: how many).
fn keys(query: &ExecutionQuery, conditions: &str) -> String {
    let and = if conditions.is_empty() { "" } else { "AND" };
    let range = |index: &str, more: &str| {
        format!(
            "SELECT key FROM executions {index} WHERE key <= ?1 {and} {conditions} {more} ORDER BY key DESC LIMIT ?2"
        )
    };
    let with_index = |index: &str, more: &str| range(&format!("INDEXED BY {index}"), more);
    let (index, present) = match query {
        ExecutionQuery { map_run: Some(_), .. } => ("executions_by_map_run", "AND map_run IS NOT NULL"),
        ExecutionQuery { machine: Some(_), alias: Some(_), .. } => {
            ("executions_by_alias", "AND alias IS NOT NULL")
        }
        ExecutionQuery { machine: Some(_), version: Some(_), .. } => {
            ("executions_by_version", "AND version IS NOT NULL")
        }
        ExecutionQuery { machine: Some(_), .. } => ("executions_by_machine", ""),
        ExecutionQuery { status: Some(status), .. } if *status != ExecutionStatus::Succeeded => {
            return with_index("executions_not_succeeded", "AND status <> 1");
        }
        _ => return range("NOT INDEXED", ""),
    };
    if query.status.is_some() {
        return with_index(index, present);
    }
    // Each status is a range of the index in key order; the newest of all are among the newest of each.
    let ranges = ExecutionStatus::ALL.map(|status| {
        let range = with_index(index, &format!("{present} AND status = {}", status as u8));
        format!("SELECT key FROM ({range})")
    });
    format!("SELECT key FROM ({}) ORDER BY key DESC LIMIT ?2", ranges.join(" UNION ALL "))
}

/// How SQLite would answer a query, as if all its texts were known.
#[cfg(test)]
pub(crate) fn plan(sql: &Connection, query: &ExecutionQuery) -> Answer<Vec<String>> {
    let named = [("machine", query.machine.is_some()), ("map_run", query.map_run.is_some())];
    let more = [
        ("alias", query.alias.is_some()),
        ("version", query.version.is_some()),
        ("status", query.status.is_some()),
    ];
    let filters: Vec<_> =
        named.into_iter().chain(more).filter(|(_, set)| *set).map(|(column, _)| (column, 1)).collect();
    let (text, values) = statement(query, &filters);
    explain(sql, &text, &values)
}

/// How SQLite would answer a statement.
#[cfg(test)]
pub(crate) fn explain(sql: &Connection, text: &str, values: &[Value]) -> Answer<Vec<String>> {
    let mut explain = sql.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
    explain.query_map(params_from_iter(values), |row| row.get(3))?.collect()
}
