//! UpdateStateMachineAlias: starts from now on go elsewhere; what was started before is not touched (API reference; recorded).

use engine::catalogue::AliasUpdate;
use runtime::blocking;
use wire::{ApiError, Timestamp, UpdateStateMachineAliasInput, UpdateStateMachineAliasOutput};

use super::alias::{missing, names, refused, routes};
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: UpdateStateMachineAliasInput,
) -> Result<UpdateStateMachineAliasOutput, ApiError> {
    let arn = request.state_machine_alias_arn;
    let place = &service.engine.environment().place;
    let (machine, alias) = names(place, &arn)?.ok_or_else(|| missing(&arn))?;
    let items = request.routing_configuration.unwrap_or_default();
    let routes = if items.is_empty() {
        None
    } else {
        let (of, routes) = routes(place, &items)?;
        // An alias of one state machine cannot lead to versions of another.
        if of != machine {
            return Err(missing(&items[0].state_machine_version_arn));
        }
        Some(routes)
    };
    let wish = AliasUpdate { description: request.description, routes };
    let (catalogue, at) = (service.engine.catalogue().clone(), service.engine.now().0);
    let (machine, alias) = (machine.to_owned(), alias.to_owned());
    let updated = blocking(move || catalogue.update_alias(&machine, &alias, wish, at)).await;
    let row = updated.map_err(|error| refused(error, &arn, &items))?;
    Ok(UpdateStateMachineAliasOutput { update_date: Timestamp::from_millis(row.updated_at) })
}
