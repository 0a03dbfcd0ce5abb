//! ListStateMachineAliases: of a state machine, or of a version the aliases that point at it. By name, which is how they were
//! recorded; the API reference promises the newest first.

use runtime::blocking;
use wire::{
    ApiError, ListStateMachineAliasesInput, ListStateMachineAliasesOutput, StateMachineAliasListItem,
    Timestamp,
};

use crate::pages::page_size;
use crate::qualifier::{Qualifier, qualified};
use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: ListStateMachineAliasesInput,
) -> Result<ListStateMachineAliasesOutput, ApiError> {
    let arn = request.state_machine_arn;
    let (machine, qualifier) = qualified(service, &arn).await?;
    let version = match qualifier {
        Qualifier::None => None,
        Qualifier::Version(version) => Some(version.number),
        Qualifier::Alias(..) => return Err(errors::machine_does_not_exist(&arn)),
    };
    if machine.row.deleting {
        return Err(errors::machine_deleting(&arn));
    }
    let list = format!("ListStateMachineAliases {arn}");
    let now = service.engine.now().0;
    let after = request.next_token.map(|token| service.pages.position(&list, &token, now)).transpose()?;
    let size = page_size(request.max_results);
    let (catalogue, name) = (service.engine.catalogue().clone(), machine.name.clone());
    let rows = blocking(move || catalogue.aliases(&name, version, after.as_deref(), size + 1)).await;
    let mut rows = rows.map_err(|error| errors::of_machine(error, &arn))?;
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more);
    let next_token = last.map(|(name, _)| service.pages.token(&list, name, now));
    let machine_arn = lookup::machine_arn(service, &machine.name);
    let items = rows.into_iter().map(|(name, row)| StateMachineAliasListItem {
        state_machine_alias_arn: format!("{machine_arn}:{name}"),
        creation_date: Timestamp::from_millis(row.created_at),
    });
    Ok(ListStateMachineAliasesOutput { state_machine_aliases: items.collect(), next_token })
}
