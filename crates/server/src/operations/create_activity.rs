//! CreateActivity: idempotent by name (recorded).

use runtime::blocking;
use wire::{ApiError, CreateActivityInput, CreateActivityOutput, Timestamp};

use super::create_state_machine::warn_of_key;
use crate::errors;
use crate::lookup::{activity_arn, check_name};
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: CreateActivityInput,
) -> Result<CreateActivityOutput, ApiError> {
    check_name(&request.name)?;
    let arn = activity_arn(service, &request.name);
    warn_of_key(&arn, request.encryption_configuration.as_ref());
    let tags = request.tags.filter(|tags| !tags.is_empty()).map(|tags| (arn.clone(), tags));
    let (catalogue, at) = (service.engine.catalogue().clone(), service.engine.now().0);
    let created = blocking(move || {
        catalogue.create_activity(&request.name, request.encryption_configuration, tags, at)
    });
    let row = created.await.map_err(|error| errors::of_activity(error, &arn))?;
    Ok(CreateActivityOutput { activity_arn: arn, creation_date: Timestamp::from_millis(row.created_at) })
}
