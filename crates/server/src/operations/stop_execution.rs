//! StopExecution: durable when it is answered; a closed execution gives its stop date again.

use runtime::EngineError;
use wire::{ApiError, StopExecutionInput, StopExecutionOutput, Timestamp};

use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: StopExecutionInput,
) -> Result<StopExecutionOutput, ApiError> {
    let row = lookup::execution(service, &request.execution_arn).await?;
    let stopped_at = match row.stopped_at {
        Some(at) => at,
        None => {
            let stopped = service.engine.stop(row.key, request.error, request.cause).await;
            let at = stopped.map_err(|error| match error {
                EngineError::NoSuchExecution => errors::execution_does_not_exist(&request.execution_arn),
                EngineError::Unavailable(why) => errors::unavailable(&why),
            })?;
            at.0
        }
    };
    Ok(StopExecutionOutput { stop_date: Timestamp::from_millis(stopped_at) })
}
