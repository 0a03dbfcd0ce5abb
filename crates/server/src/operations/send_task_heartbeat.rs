//! SendTaskHeartbeat: the task is still worked on. Leaves no trace in the history (API reference).

use wire::{ApiError, SendTaskHeartbeatInput, SendTaskHeartbeatOutput};

use super::token::refused;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: SendTaskHeartbeatInput,
) -> Result<SendTaskHeartbeatOutput, ApiError> {
    service.engine.heartbeat(&request.task_token).await.map_err(refused)?;
    Ok(SendTaskHeartbeatOutput {})
}
