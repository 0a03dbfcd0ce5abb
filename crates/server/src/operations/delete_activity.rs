//! DeleteActivity: deleting what is not there succeeds (recorded).

use runtime::blocking;
use wire::{ApiError, DeleteActivityInput, DeleteActivityOutput};

use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: DeleteActivityInput,
) -> Result<DeleteActivityOutput, ApiError> {
    let arn = request.activity_arn;
    if let Some(name) = lookup::activity_name(service, &arn)? {
        let (engine, name) = (service.engine.clone(), name.to_owned());
        let deleted = blocking(move || engine.delete_activity(&name)).await;
        deleted.map_err(|error| errors::of_activity(error, &arn))?;
    }
    Ok(DeleteActivityOutput {})
}
