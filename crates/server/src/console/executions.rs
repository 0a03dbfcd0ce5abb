//! Searching executions. What an index answers (state machine, one status) it answers; the rest is looked for row by row, for a
//! bounded number of rows a call.

use runtime::{blocking, reads};
use serde::Serialize;
use store::{ExecutionKey, ExecutionQuery, ExecutionRow, ExecutionStatus, Store};
use wire::ApiError;

use super::query::Query;
use super::rows::{self, Row};
use super::unusable;
use crate::service::Service;
use crate::{errors, lookup};

/// Rows that a call reads at most.
const SCAN_MAX: usize = 5_000;
/// Ended executions whose records a call reads for their error and cause.
const RECORDS_MAX: usize = 500;
/// Rows that are fetched at a time.
const FETCH: usize = 500;

/// The answer of `GET /executions`.
#[derive(Serialize)]
pub(super) struct Found {
    executions: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    scanned: usize,
}

struct Filter {
    statuses: Vec<ExecutionStatus>,
    from: i64,
    to: i64,
    name: Option<String>,
    text: Option<String>,
}

/// Searches.
///
/// # Errors
/// 400 for a parameter that cannot be used; when the store fails.
pub(super) async fn executions(service: &Service, query: &Query) -> Result<Found, ApiError> {
    let words = query.all("status").filter(|word| !word.is_empty());
    let statuses: Option<Vec<_>> = words.map(rows::status_named).collect();
    let filter = Filter {
        statuses: statuses
            .ok_or_else(|| unusable("status", "must be a status of executions, such as FAILED"))?,
        from: query.number("from", 0, i64::MAX)?.unwrap_or(0),
        to: query.number("to", 0, i64::MAX)?.unwrap_or(i64::MAX),
        name: query.get("name").map(str::to_lowercase),
        text: query.get("text").map(str::to_lowercase),
    };
    let limit = query.number("limit", 1, 200)?.unwrap_or(50) as usize;
    let before = query.get("cursor").map(str::parse).transpose();
    let before = before.map_err(|_| unusable("cursor", "must be what `next` said"))?.map(ExecutionKey);
    let base = ExecutionQuery {
        machine: query.get("machine").map(str::to_owned),
        status: if let [one] = filter.statuses[..] { Some(one) } else { None },
        before,
        ..ExecutionQuery::default()
    };
    let store = service.engine.store().clone();
    let found = blocking(move || search(&*store, base, &filter, limit)).await.map_err(errors::of_read)?;
    Ok(Found {
        executions: found.rows.iter().map(|row| rows::row(service, row)).collect(),
        next: found.next.map(|key| key.0.to_string()),
        scanned: found.scanned,
    })
}

#[derive(Default)]
struct Page {
    rows: Vec<ExecutionRow>,
    next: Option<ExecutionKey>,
    scanned: usize,
    opened: usize,
}

fn search(
    store: &dyn Store,
    mut query: ExecutionQuery,
    filter: &Filter,
    limit: usize,
) -> Result<Page, reads::ReadError> {
    let mut page = Page::default();
    loop {
        query.limit = if filter.is_indexed() { limit } else { FETCH };
        let read = store.executions(&query)?;
        for row in read.rows {
            page.scanned += 1;
            // Newest first: nothing older can be wanted either.
            if row.started_at < filter.from {
                page.next = None;
                return Ok(page);
            }
            let last = row.key;
            if page.matches(store, &row, filter)? {
                page.rows.push(row);
            }
            if page.rows.len() == limit || page.opened == RECORDS_MAX {
                page.next = Some(last);
                return Ok(page);
            }
        }
        page.next = read.next;
        query.before = read.next;
        if read.next.is_none() || page.scanned >= SCAN_MAX {
            return Ok(page);
        }
    }
}

impl Filter {
    /// Whether the index alone answers.
    fn is_indexed(&self) -> bool {
        let always = self.from == 0 && self.to == i64::MAX;
        always && self.name.is_none() && self.text.is_none() && self.statuses.len() < 2
    }
}

impl Page {
    fn matches(
        &mut self,
        store: &dyn Store,
        row: &ExecutionRow,
        filter: &Filter,
    ) -> Result<bool, reads::ReadError> {
        let of_status = filter.statuses.is_empty() || filter.statuses.contains(&row.status);
        if !of_status || row.started_at > filter.to {
            return Ok(false);
        }
        let name = lookup::execution_name(row).to_lowercase();
        if filter.name.as_ref().is_some_and(|wanted| !name.starts_with(wanted)) {
            return Ok(false);
        }
        let Some(text) = &filter.text else { return Ok(true) };
        if name.contains(text) || row.machine.to_lowercase().contains(text) {
            return Ok(true);
        }
        if !matches!(row.status, ExecutionStatus::Failed | ExecutionStatus::Aborted) {
            return Ok(false);
        }
        self.opened += 1;
        let told = reads::describe(store, row)?;
        let has =
            |part: &Option<String>| part.as_ref().is_some_and(|part| part.to_lowercase().contains(text));
        Ok(has(&told.error) || has(&told.cause))
    }
}
