//! ListMapRuns. Only a Distributed Map has Map Runs, and this release runs none: the list of an execution is empty.

use wire::{ApiError, ListMapRunsInput, ListMapRunsOutput};

use crate::lookup;
use crate::service::Service;

pub(super) async fn run(service: &Service, request: ListMapRunsInput) -> Result<ListMapRunsOutput, ApiError> {
    lookup::execution(service, &request.execution_arn).await?;
    if let Some(token) = &request.next_token {
        // No list was ever that long: no token is good.
        service.pages.position("ListMapRuns", token, service.engine.now().0)?;
    }
    Ok(ListMapRunsOutput::default())
}
