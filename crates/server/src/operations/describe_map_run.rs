//! DescribeMapRun. Only a Distributed Map has Map Runs, and this release runs none: whatever is asked for does not exist.

use wire::{ApiError, DescribeMapRunInput, DescribeMapRunOutput};

use super::alias::missing;
use crate::arn::{Arn, Resource};

/// What an ARN of a Map Run says that its resource is.
pub(super) const MAP_RUN: &str = "mapRun";

pub(super) fn run(request: &DescribeMapRunInput) -> Result<DescribeMapRunOutput, ApiError> {
    Err(no_map_run(&request.map_run_arn))
}

/// The error for a Map Run's ARN: it is none, or there is no such Map Run.
pub(super) fn no_map_run(text: &str) -> ApiError {
    match Arn::parse(text) {
        Ok(arn) if arn.resource == Resource::Other(MAP_RUN) => missing(text),
        Ok(arn) => arn.wrong_type(),
        Err(error) => error,
    }
}
