//! DescribeActivity.

use runtime::blocking;
use wire::{ApiError, DescribeActivityInput, DescribeActivityOutput, Timestamp};

use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: DescribeActivityInput,
) -> Result<DescribeActivityOutput, ApiError> {
    let arn = request.activity_arn;
    let missing = || errors::activity_does_not_exist(&arn);
    let name = lookup::activity_name(service, &arn)?.ok_or_else(missing)?.to_owned();
    let (catalogue, of) = (service.engine.catalogue().clone(), name.clone());
    let found = blocking(move || catalogue.activity(&of)).await;
    let row = found.map_err(|error| errors::of_activity(error, &arn))?.ok_or_else(missing)?;
    Ok(DescribeActivityOutput {
        name,
        creation_date: Timestamp::from_millis(row.created_at),
        encryption_configuration: Some(row.encryption),
        activity_arn: arn,
    })
}
