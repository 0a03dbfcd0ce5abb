//! ListTagsForResource: the tags of a state machine or an activity; nothing else has any (API reference).

use runtime::blocking;
use wire::{ApiError, ListTagsForResourceInput, ListTagsForResourceOutput};

use crate::arn::{Arn, Resource};
use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ApiError> {
    let arn = request.resource_arn;
    check_resource(service, &arn).await?;
    let (catalogue, of) = (service.engine.catalogue().clone(), arn.clone());
    let tags =
        blocking(move || catalogue.tags(&of)).await.map_err(|error| errors::of_machine(error, &arn))?;
    Ok(ListTagsForResourceOutput { tags: Some(tags) })
}

/// Refuses an ARN that names nothing that can have tags.
///
/// # Errors
/// `InvalidArn`, `ResourceNotFound`.
pub(super) async fn check_resource(service: &Service, text: &str) -> Result<(), ApiError> {
    let arn = Arn::parse(text)?;
    let missing =
        || ApiError::resource_not_found(format!("Resource not found: '{text}'")).with("resourceName", text);
    let found = match arn.resource {
        Resource::StateMachine { qualifier: Some(_), .. } => false,
        Resource::StateMachine { .. } => match lookup::machine(service, text).await {
            Ok(_) => true,
            Err(error) if error.code() == "StateMachineDoesNotExist" => false,
            Err(error) => return Err(error),
        },
        Resource::Activity { name } => {
            let (catalogue, name) = (service.engine.catalogue().clone(), name.to_owned());
            let row = blocking(move || catalogue.activity(&name)).await;
            let row = row.map_err(|error| errors::of_activity(error, text))?;
            row.is_some() && arn.is_here(&service.engine.environment().place)
        }
        Resource::Execution { .. } | Resource::Other(_) => return Err(arn.wrong_type()),
    };
    if found { Ok(()) } else { Err(missing()) }
}
