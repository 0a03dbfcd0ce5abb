//! Events with their payloads, from any place of a history.

use runtime::reads::{self, HistoryQuery};
use serde::Serialize;
use store::{ExecutionRow, Store};
use wire::{ApiError, HistoryEvent};

use super::query::Query;
use crate::lookup;
use crate::service::Service;

const PAGE_BYTES: usize = 1024 * 1024;

/// The answer of `GET /executions/{arn}/events`.
#[derive(Serialize)]
pub(super) struct Events {
    events: Vec<HistoryEvent>,
}

/// Events from `from` on.
///
/// # Errors
/// 400 for a parameter that cannot be used; `ExecutionDoesNotExist`; when the store fails.
pub(super) async fn events(service: &Service, arn: &str, query: &Query) -> Result<Events, ApiError> {
    let history = HistoryQuery {
        from: query.number("from", 1, i64::from(u32::MAX))?.map(|from| from as u32),
        reverse: false,
        limit: query.number("limit", 1, 1_000)?.unwrap_or(100) as usize,
        budget: PAGE_BYTES,
        include_data: true,
    };
    let read = move |store: &dyn Store, row: &ExecutionRow| reads::history(store, row.key, &history);
    let (_, page) = lookup::execution_and(service, arn, read).await?;
    Ok(Events { events: page.events })
}
