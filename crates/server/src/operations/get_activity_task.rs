//! GetActivityTask: the long poll of a worker (API reference). The hand-over is durable when it is answered; without a task the
//! answer is empty. A client that breaks off is handed nothing.

use runtime::PollError;
use wire::{ApiError, GetActivityTaskInput, GetActivityTaskOutput};

use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: GetActivityTaskInput,
) -> Result<GetActivityTaskOutput, ApiError> {
    let arn = &request.activity_arn;
    let Some(name) = lookup::activity_name(service, arn)? else {
        return Err(errors::activity_does_not_exist(arn));
    };
    match service.engine.poll_activity(name, request.worker_name).await {
        Ok(Some(task)) => Ok(GetActivityTaskOutput {
            task_token: Some(task.token),
            input: Some(task.input.text().to_string()),
        }),
        Ok(None) => Ok(GetActivityTaskOutput::default()),
        Err(PollError::DoesNotExist) => Err(errors::activity_does_not_exist(arn)),
        Err(PollError::TooManyPolls) => Err(errors::too_many_polls(arn)),
    }
}
