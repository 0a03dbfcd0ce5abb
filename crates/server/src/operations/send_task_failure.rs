//! SendTaskFailure: as SendTaskSuccess, with an error. Error and cause may both be missing (recorded).

use interpreter::{Answer, Failure, Text};
use wire::{ApiError, SendTaskFailureInput, SendTaskFailureOutput};

use super::token::refused;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: SendTaskFailureInput,
) -> Result<SendTaskFailureOutput, ApiError> {
    let failure = Failure { error: request.error.map(Text::from), cause: request.cause.map(Text::from) };
    service.engine.answer_token(&request.task_token, Answer::Failed(failure)).await.map_err(refused)?;
    Ok(SendTaskFailureOutput {})
}
