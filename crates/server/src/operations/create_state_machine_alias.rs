//! CreateStateMachineAlias: a name for one version or two, or the same answer again for the same request (API reference; recorded).

use runtime::blocking;
use wire::{ApiError, CreateStateMachineAliasInput, CreateStateMachineAliasOutput, Timestamp};

use super::alias::{refused, routes};
use crate::lookup;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: CreateStateMachineAliasInput,
) -> Result<CreateStateMachineAliasOutput, ApiError> {
    let items = request.routing_configuration;
    let (machine, routes) = routes(&service.engine.environment().place, &items)?;
    let arn = format!("{}:{}", lookup::machine_arn(service, &machine), request.name);
    let (catalogue, at) = (service.engine.catalogue().clone(), service.engine.now().0);
    let created =
        blocking(move || catalogue.create_alias(&machine, &request.name, request.description, routes, at));
    let row = created.await.map_err(|error| refused(error, &arn, &items))?;
    Ok(CreateStateMachineAliasOutput {
        state_machine_alias_arn: arn,
        creation_date: Timestamp::from_millis(row.created_at),
    })
}
