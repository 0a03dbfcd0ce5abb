//! SendTaskSuccess: the answer of whoever holds a task's token; durable when it is answered.

use interpreter::Answer;
use value::Payload;
use wire::{ApiError, SendTaskSuccessInput, SendTaskSuccessOutput};

use super::token::refused;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: SendTaskSuccessInput,
) -> Result<SendTaskSuccessOutput, ApiError> {
    let output = Payload::parse(request.output)
        .map_err(|error| ApiError::invalid_output(format!("Invalid Output: '{}'", error.message())))?;
    service.engine.answer_token(&request.task_token, Answer::Succeeded(output)).await.map_err(refused)?;
    Ok(SendTaskSuccessOutput {})
}
