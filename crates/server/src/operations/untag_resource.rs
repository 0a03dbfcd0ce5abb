//! UntagResource: removes tags by their keys; keys that are not there are no error (recorded).

use runtime::blocking;
use wire::{ApiError, UntagResourceInput, UntagResourceOutput};

use super::list_tags_for_resource::check_resource;
use crate::errors;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: UntagResourceInput,
) -> Result<UntagResourceOutput, ApiError> {
    let arn = request.resource_arn;
    check_resource(service, &arn).await?;
    let (catalogue, of) = (service.engine.catalogue().clone(), arn.clone());
    let untagged = blocking(move || catalogue.untag(&of, &request.tag_keys)).await;
    untagged.map_err(|error| errors::of_machine(error, &arn))?;
    Ok(UntagResourceOutput {})
}
