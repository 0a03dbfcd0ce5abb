//! The executions index: rows, and pages by any combination of filters.

use store::{ExecutionKey, ExecutionPage, ExecutionQuery, ExecutionRow, ExecutionStatus, Result};
use tokio_postgres::Row;

use crate::pool::{Pool, Value};
use crate::read::{count, narrow, unknown};

const COLUMNS: &str =
    "key, machine, revision, name, express, status, started_at, stopped_at, version, alias, map_run,
    redrive_count, redriven_at";

fn execution_row(row: &Row) -> Result<ExecutionRow> {
    let code: i16 = row.get(5);
    let status = u8::try_from(code).ok().and_then(ExecutionStatus::from_code);
    let version: Option<i64> = row.get(8);
    Ok(ExecutionRow {
        key: ExecutionKey::from_i64(row.get(0)),
        machine: row.get(1),
        revision: row.get(2),
        name: row.get(3),
        express: row.get(4),
        status: status.ok_or_else(|| unknown("status", code))?,
        started_at: row.get(6),
        stopped_at: row.get(7),
        version: version.map(narrow).transpose()?,
        alias: row.get(9),
        map_run: row.get(10),
        redrive_count: narrow(row.get(11))?,
        redriven_at: row.get(12),
    })
}

pub(crate) fn execution(pool: &Pool, key: ExecutionKey) -> Result<Option<ExecutionRow>> {
    let sql = format!("SELECT {COLUMNS} FROM executions WHERE shard = $1 AND key = $2");
    let row = pool.row(&sql, vec![Box::new(i16::from(key.shard().0)), Box::new(key.as_i64())])?;
    row.map(|row| execution_row(&row)).transpose()
}

pub(crate) fn executions(pool: &Pool, query: &ExecutionQuery) -> Result<ExecutionPage> {
    let (sql, values) = statement(query);
    let rows = pool.rows(sql, values)?;
    let mut rows = rows.iter().map(execution_row).collect::<Result<Vec<_>>>()?;
    let more = rows.len() > query.limit;
    rows.truncate(query.limit);
    let next = rows.last().map(|row| row.key).filter(|_| more);
    Ok(ExecutionPage { rows, next })
}

/// The SQL of a query, for the page's rows and one more, and its values.
fn statement(query: &ExecutionQuery) -> (String, Vec<Value>) {
    let before = query.before.map_or(i64::MAX, |key| key.as_i64().saturating_sub(1));
    let mut values: Vec<Value> = vec![Box::new(before), Box::new(count(query.limit).saturating_add(1))];
    let mut conditions = vec!["key <= $1".to_owned()];
    let mut filter = |column: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{column} = ${}", values.len()));
        }
    };
    let text = |text: &Option<String>| text.clone().map(|text| Box::new(text) as Value);
    filter("machine", text(&query.machine));
    filter("map_run", text(&query.map_run));
    filter("alias", text(&query.alias));
    filter("version", query.version.map(|version| Box::new(i64::from(version)) as Value));
    filter("status", query.status.map(|status| Box::new(status as i16) as Value));
    if query.status.is_some_and(|status| status != ExecutionStatus::Succeeded) {
        // So that the planner sees that the index on these may be used.
        conditions.push("status <> 1".to_owned());
    }
    let range = |more: &str| {
        let conditions = conditions.join(" AND ");
        format!("SELECT {COLUMNS} FROM executions e WHERE {conditions} {more} ORDER BY key DESC LIMIT $2")
    };
    let merged = |over: &str, more: &str| {
        let range = range(more);
        format!("SELECT {COLUMNS} FROM {over} CROSS JOIN LATERAL ({range}) e ORDER BY key DESC LIMIT $2")
    };
    let scoped = query.machine.is_some() || query.map_run.is_some();
    let sql = match (scoped, query.status) {
        // Each shard is a range of its index in key order; the newest of all are among the newest of each.
        (false, _) => merged("(SELECT shard AS s FROM shards) o", "AND e.shard = o.s"),
        // So is each status.
        (true, None) => merged("(SELECT generate_series(0, 5)::smallint AS s) o", "AND e.status = o.s"),
        (true, Some(_)) => range(""),
    };
    (sql, values)
}
