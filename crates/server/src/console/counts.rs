//! How the last hours went: executions per status over time, and failures by state machine and error.

use std::collections::BTreeMap;

use runtime::{blocking, reads};
use serde::Serialize;
use store::{ExecutionQuery, ExecutionRow, ExecutionStatus, Store};
use wire::ApiError;

use super::query::Query;
use super::rows;
use crate::service::Service;
use crate::{errors, lookup};

/// Rows that are read at most.
const ROWS_MAX: usize = 10_000;
/// Failed executions whose error is read.
const FAILURES_MAX: usize = 500;
/// Groups of failures that are told.
const GROUPS_MAX: usize = 20;
/// Bars of the picture.
const BUCKETS: i64 = 48;
const FETCH: usize = 1_000;
const HOUR: i64 = 3_600_000;

type Counts = BTreeMap<&'static str, u64>;

/// The answer of `GET /counts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    since: i64,
    complete: bool,
    counts: Counts,
    buckets: Vec<Bucket>,
    failures: Vec<Group>,
}

#[derive(Serialize)]
struct Bucket {
    from: i64,
    counts: Counts,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    machine: String,
    error: String,
    count: u64,
    last_at: i64,
    example: String,
}

/// Counts.
///
/// # Errors
/// 400 for a parameter that cannot be used; when the store fails.
pub(super) async fn counts(service: &Service, query: &Query) -> Result<Answer, ApiError> {
    let hours = query.number("hours", 1, 720)?.unwrap_or(24);
    let since = service.engine.now().0 - hours * HOUR;
    let store = service.engine.store().clone();
    let read = move || {
        let (rows, complete) = recent(&*store, since)?;
        let failures = failures(&*store, &rows)?;
        Ok((rows, complete, failures))
    };
    let (read, complete, failures) = blocking(read).await.map_err(errors::of_read)?;
    let step = (hours * HOUR / BUCKETS).max(1);
    let bucket = |number: i64| Bucket { from: since + number * step, counts: Counts::new() };
    let mut buckets: Vec<Bucket> = (0..BUCKETS).map(bucket).collect();
    let mut counts = Counts::new();
    for row in &read {
        let status = rows::status(row.status);
        *counts.entry(status).or_default() += 1;
        let at = ((row.started_at - since) / step).clamp(0, BUCKETS - 1) as usize;
        *buckets[at].counts.entry(status).or_default() += 1;
    }
    let group = |((machine, error), (count, row)): ((String, String), (u64, ExecutionRow))| Group {
        machine,
        error,
        count,
        last_at: row.stopped_at.unwrap_or(row.started_at),
        example: lookup::execution_arn(service, &row),
    };
    Ok(Answer { since, complete, counts, buckets, failures: failures.into_iter().map(group).collect() })
}

/// The executions that began since then, newest first, and whether these are all.
fn recent(store: &dyn Store, since: i64) -> Result<(Vec<ExecutionRow>, bool), reads::ReadError> {
    let mut query = ExecutionQuery { limit: FETCH, ..ExecutionQuery::default() };
    let mut rows = Vec::new();
    loop {
        let page = store.executions(&query)?;
        let of_page = page.rows.len();
        let before = rows.len();
        rows.extend(page.rows.into_iter().take_while(|row| row.started_at >= since));
        if page.next.is_none() || rows.len() < before + of_page {
            return Ok((rows, true));
        }
        if rows.len() >= ROWS_MAX {
            return Ok((rows, false));
        }
        query.before = page.next;
    }
}

type Groups = Vec<((String, String), (u64, ExecutionRow))>;

/// Groups of failures, the most frequent first; each with its newest execution.
fn failures(store: &dyn Store, rows: &[ExecutionRow]) -> Result<Groups, reads::ReadError> {
    let failed =
        |row: &&ExecutionRow| matches!(row.status, ExecutionStatus::Failed | ExecutionStatus::TimedOut);
    let mut groups: BTreeMap<(String, String), (u64, ExecutionRow)> = BTreeMap::new();
    for row in rows.iter().filter(failed).take(FAILURES_MAX) {
        let error = match row.status {
            ExecutionStatus::TimedOut => asl::TIMEOUT.to_owned(),
            _ => reads::describe(store, row)?.error.unwrap_or_default(),
        };
        let entry = groups.entry((row.machine.clone(), error)).or_insert_with(|| (0, row.clone()));
        entry.0 += 1;
    }
    let mut groups: Groups = groups.into_iter().collect();
    groups.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    groups.truncate(GROUPS_MAX);
    Ok(groups)
}
