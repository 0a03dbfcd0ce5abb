//! DeleteStateMachineVersion: executions of it go on; while an alias points at it, it stays. Deleting what is not there succeeds
//! (recorded).

use engine::catalogue::qualifier_number;
use runtime::blocking;
use wire::{ApiError, DeleteStateMachineVersionInput, DeleteStateMachineVersionOutput};

use crate::arn::{Arn, Resource};
use crate::errors;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DeleteStateMachineVersionInput,
) -> Result<DeleteStateMachineVersionOutput, ApiError> {
    let text = request.state_machine_version_arn;
    let arn = Arn::parse(&text)?;
    let version = match arn.resource {
        Resource::StateMachine { name, qualifier: Some(qualifier) } => {
            qualifier_number(qualifier).map(|number| (name.to_owned(), number))
        }
        _ => None,
    };
    let (name, number) = version.ok_or_else(|| arn.wrong_type())?;
    if arn.is_here(&service.engine.environment().place) {
        let catalogue = service.engine.catalogue().clone();
        let deleted = blocking(move || catalogue.delete_version(&name, number)).await;
        deleted.map_err(|error| errors::of_version(error, &text))?;
    }
    Ok(DeleteStateMachineVersionOutput {})
}
