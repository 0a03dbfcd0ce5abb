//! ListStateMachineVersions: newest first (recorded). A state machine that does not exist has none: the operation has no error for
//! it (API reference).

use runtime::blocking;
use wire::{
    ApiError, ListStateMachineVersionsInput, ListStateMachineVersionsOutput, StateMachineVersionListItem,
    Timestamp,
};

use crate::arn::{Arn, Resource};
use crate::pages::page_size;
use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: ListStateMachineVersionsInput,
) -> Result<ListStateMachineVersionsOutput, ApiError> {
    let text = request.state_machine_arn;
    let arn = Arn::parse(&text)?;
    let Resource::StateMachine { name, qualifier } = arn.resource else { return Err(arn.wrong_type()) };
    let list = format!("ListStateMachineVersions {text}");
    let now = service.engine.now().0;
    let before = request.next_token.map(|token| service.pages.position(&list, &token, now)).transpose()?;
    if qualifier.is_some() || !arn.is_here(&service.engine.environment().place) {
        return Ok(ListStateMachineVersionsOutput::default());
    }
    let before = before.and_then(|position| position.parse().ok());
    let size = page_size(request.max_results);
    let (catalogue, of) = (service.engine.catalogue().clone(), name.to_owned());
    let rows = blocking(move || catalogue.versions(&of, before, size + 1)).await;
    let mut rows = rows.map_err(|error| errors::of_machine(error, &text))?;
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more);
    let next_token = last.map(|(number, _)| service.pages.token(&list, &number.to_string(), now));
    let machine_arn = lookup::machine_arn(service, name);
    let items = rows.into_iter().map(|(number, row)| StateMachineVersionListItem {
        state_machine_version_arn: format!("{machine_arn}:{number}"),
        creation_date: Timestamp::from_millis(row.created_at),
    });
    Ok(ListStateMachineVersionsOutput { state_machine_versions: items.collect(), next_token })
}
