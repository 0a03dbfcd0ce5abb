//! DeleteStateMachine: marks it and answers; the rest happens in the background (API reference). Deleting what is not there
//! succeeds (recorded).

use runtime::catalogue;
use wire::{ApiError, DeleteStateMachineInput, DeleteStateMachineOutput};

use crate::arn::{Arn, Resource};
use crate::errors;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DeleteStateMachineInput,
) -> Result<DeleteStateMachineOutput, ApiError> {
    let text = &request.state_machine_arn;
    let arn = Arn::parse(text)?;
    let Resource::StateMachine { name, qualifier } = arn.resource else { return Err(arn.wrong_type()) };
    if name.contains('/') {
        return Err(errors::labelled());
    }
    if qualifier.is_none() && arn.is_here(&service.engine.environment().place) {
        catalogue::delete(&service.engine, name).await.map_err(|error| errors::of_machine(error, text))?;
    }
    Ok(DeleteStateMachineOutput {})
}
