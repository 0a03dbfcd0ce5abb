//! DescribeStateMachineAlias.

use runtime::blocking;
use wire::{
    ApiError, DescribeStateMachineAliasInput, DescribeStateMachineAliasOutput, RoutingConfigurationListItem,
    Timestamp,
};

use super::alias::{missing, names, refused};
use crate::lookup;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DescribeStateMachineAliasInput,
) -> Result<DescribeStateMachineAliasOutput, ApiError> {
    let arn = request.state_machine_alias_arn;
    let found = names(&service.engine.environment().place, &arn)?.ok_or_else(|| missing(&arn))?;
    let (machine, alias) = (found.0.to_owned(), found.1.to_owned());
    let (catalogue, name) = (service.engine.catalogue().clone(), alias.clone());
    let machine_arn = lookup::machine_arn(service, &machine);
    let read = move || match catalogue.machine(&machine)? {
        Some(machine) => catalogue.alias(&machine, &name),
        None => Ok(None),
    };
    let row =
        blocking(read).await.map_err(|error| refused(error, &arn, &[]))?.ok_or_else(|| missing(&arn))?;
    let items = row.routes.iter().map(|route| RoutingConfigurationListItem {
        state_machine_version_arn: format!("{machine_arn}:{}", route.version),
        weight: i32::try_from(route.weight).unwrap_or(i32::MAX),
    });
    Ok(DescribeStateMachineAliasOutput {
        name: Some(alias),
        description: row.description.clone(),
        routing_configuration: Some(items.collect()),
        creation_date: Some(Timestamp::from_millis(row.created_at)),
        update_date: Some(Timestamp::from_millis(row.updated_at)),
        state_machine_alias_arn: Some(arn),
    })
}
