//! TagResource: sets tags of a state machine or an activity (API reference).

use runtime::blocking;
use wire::{ApiError, TagResourceInput, TagResourceOutput};

use super::list_tags_for_resource::check_resource;
use crate::errors;
use crate::service::Service;

pub(super) async fn run(service: &Service, request: TagResourceInput) -> Result<TagResourceOutput, ApiError> {
    let arn = request.resource_arn;
    check_resource(service, &arn).await?;
    let (catalogue, of) = (service.engine.catalogue().clone(), arn.clone());
    let tagged = blocking(move || catalogue.tag(&of, request.tags)).await;
    tagged.map_err(|error| errors::of_machine(error, &arn))?;
    Ok(TagResourceOutput {})
}
