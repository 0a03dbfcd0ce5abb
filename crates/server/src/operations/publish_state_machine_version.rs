//! PublishStateMachineVersion: a number for the current revision, the same again if it has one (API reference; recorded).

use runtime::blocking;
use wire::{ApiError, PublishStateMachineVersionInput, PublishStateMachineVersionOutput, Timestamp};

use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: PublishStateMachineVersionInput,
) -> Result<PublishStateMachineVersionOutput, ApiError> {
    let arn = request.state_machine_arn;
    let machine = lookup::machine(service, &arn).await?;
    let (catalogue, at) = (service.engine.catalogue().clone(), service.engine.now().0);
    let published = blocking(move || {
        catalogue.publish(&machine.name, request.revision_id.as_deref(), request.description, at)
    });
    let (number, row) = published.await.map_err(|error| errors::of_version(error, &arn))?;
    Ok(PublishStateMachineVersionOutput {
        creation_date: Timestamp::from_millis(row.created_at),
        state_machine_version_arn: format!("{arn}:{number}"),
    })
}
