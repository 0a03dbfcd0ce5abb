//! RedriveExecution: an execution that failed, was aborted or timed out goes on from where it stood; durable when it is
//! answered (API reference). Who may be redriven, `interpreter::NotRedrivable` says.

use runtime::RedriveError;
use wire::{ApiError, RedriveExecutionInput, RedriveExecutionOutput, Timestamp};

use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: RedriveExecutionInput,
) -> Result<RedriveExecutionOutput, ApiError> {
    let arn = &request.execution_arn;
    let row = lookup::execution(service, arn).await?;
    let redriven = service.engine.redrive(row.key, request.client_token).await;
    let at = redriven.map_err(|error| match error {
        RedriveError::NoSuchExecution => errors::execution_does_not_exist(arn),
        // The service says why in the words of `redriveStatusReason`; its own message was not recorded.
        RedriveError::NotRedrivable(why) => ApiError::execution_not_redrivable(why.to_string()),
        RedriveError::TooMany => errors::too_many_executions(),
        RedriveError::Unavailable(why) => errors::unavailable(&why),
    })?;
    Ok(RedriveExecutionOutput { redrive_date: Timestamp::from_millis(at.0) })
}
