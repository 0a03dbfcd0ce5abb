//! GetExecutionHistory: the public history by page, in either direction (API reference).

use runtime::reads;
use runtime::reads::HistoryQuery;
use store::{ExecutionRow, Store};
use wire::{ApiError, GetExecutionHistoryInput, GetExecutionHistoryOutput};

use crate::lookup;
use crate::pages::page_size;
use crate::service::Service;

/// About how many bytes a page may have; a page that is full sooner says where to go on.
const PAGE_BYTES: usize = 1024 * 1024;

pub(super) async fn run(
    service: &Service,
    request: GetExecutionHistoryInput,
) -> Result<GetExecutionHistoryOutput, ApiError> {
    let reverse = request.reverse_order == Some(true);
    let list = format!("GetExecutionHistory {} {reverse}", request.execution_arn);
    let now = service.engine.now().0;
    let from = request.next_token.map(|token| service.pages.position(&list, &token, now)).transpose()?;
    let query = HistoryQuery {
        from: from.and_then(|position| position.parse().ok()),
        reverse,
        limit: page_size(request.max_results),
        budget: PAGE_BYTES,
        include_data: request.include_execution_data != Some(false),
    };
    let read = move |store: &dyn Store, row: &ExecutionRow| reads::history(store, row.key, &query);
    let (_, page) = lookup::execution_and(service, &request.execution_arn, read).await?;
    Ok(GetExecutionHistoryOutput {
        events: page.events,
        next_token: page.next.map(|id| service.pages.token(&list, &id.to_string(), now)),
    })
}
