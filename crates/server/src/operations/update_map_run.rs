//! UpdateMapRun. Only a Distributed Map has Map Runs, and this release runs none: whatever is to be changed does not exist.

use wire::{ApiError, UpdateMapRunInput, UpdateMapRunOutput};

use super::describe_map_run::no_map_run;

pub(super) fn run(request: &UpdateMapRunInput) -> Result<UpdateMapRunOutput, ApiError> {
    Err(no_map_run(&request.map_run_arn))
}
