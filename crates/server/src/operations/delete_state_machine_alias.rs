//! DeleteStateMachineAlias: the versions behind it stay (API reference).

use runtime::blocking;
use wire::{ApiError, DeleteStateMachineAliasInput, DeleteStateMachineAliasOutput};

use super::alias::{missing, names, refused};
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DeleteStateMachineAliasInput,
) -> Result<DeleteStateMachineAliasOutput, ApiError> {
    let arn = request.state_machine_alias_arn;
    let found = names(&service.engine.environment().place, &arn)?.ok_or_else(|| missing(&arn))?;
    let (machine, alias) = (found.0.to_owned(), found.1.to_owned());
    let catalogue = service.engine.catalogue().clone();
    let deleted = blocking(move || catalogue.delete_alias(&machine, &alias)).await;
    deleted.map_err(|error| refused(error, &arn, &[]))?;
    Ok(DeleteStateMachineAliasOutput {})
}
