//! DescribeExecution: an execution's index row, its input and its end (API reference; the redrive texts are recorded).

use interpreter::{NotRedrivable, Timestamp as At};
use runtime::reads;
use store::{ExecutionRow, ExecutionStatus as Status};
use wire::{
    ApiError, CloudWatchEventsExecutionDataDetails, DescribeExecutionInput, DescribeExecutionOutput,
    ExecutionRedriveStatus, ExecutionStatus, IncludedData, Timestamp,
};

use crate::lookup;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DescribeExecutionInput,
) -> Result<DescribeExecutionOutput, ApiError> {
    let (row, found) = lookup::execution_and(service, &request.execution_arn, reads::describe).await?;
    let with_data = request.included_data != Some(IncludedData::MetadataOnly);
    let text = |payload: &value::Payload| payload.text().to_string();
    let redrivable = redrivable(service, &row, found.events).await;
    Ok(DescribeExecutionOutput {
        execution_arn: request.execution_arn,
        state_machine_arn: lookup::machine_arn(service, &row.machine),
        name: Some(lookup::execution_name(&row)),
        status: status(row.status),
        start_date: Timestamp::from_millis(row.started_at),
        stop_date: row.stopped_at.map(Timestamp::from_millis),
        input: found.input.as_ref().filter(|_| with_data).map(text),
        input_details: included(with_data),
        output: found.output.as_ref().filter(|_| with_data).map(text),
        output_details: found.output.as_ref().and_then(|_| included(with_data)),
        trace_header: found.trace_header,
        map_run_arn: row.map_run,
        error: found.error,
        cause: found.cause,
        state_machine_version_arn: found.version_arn,
        state_machine_alias_arn: found.alias_arn,
        redrive_count: Some(i32::try_from(row.redrive_count).unwrap_or(i32::MAX)),
        redrive_date: row.redriven_at.map(Timestamp::from_millis),
        redrive_status: Some(match redrivable {
            Ok(()) => ExecutionRedriveStatus::Redrivable,
            Err(_) => ExecutionRedriveStatus::NotRedrivable,
        }),
        redrive_status_reason: redrivable.err().map(|why| why.to_string()),
    })
}

/// A status as the API names it.
pub(super) fn status(status: Status) -> ExecutionStatus {
    match status {
        Status::Running => ExecutionStatus::Running,
        Status::Succeeded => ExecutionStatus::Succeeded,
        Status::Failed => ExecutionStatus::Failed,
        Status::TimedOut => ExecutionStatus::TimedOut,
        Status::Aborted => ExecutionStatus::Aborted,
        Status::PendingRedrive => ExecutionStatus::PendingRedrive,
    }
}

fn included(included: bool) -> Option<CloudWatchEventsExecutionDataDetails> {
    Some(CloudWatchEventsExecutionDataDetails { included: Some(included) })
}

/// Whether the execution could be redriven now: what RedriveExecution would say.
///
/// # Errors
/// Why not.
async fn redrivable(service: &Service, row: &ExecutionRow, events: u32) -> Result<(), NotRedrivable> {
    let stopped_at = match (row.status, row.stopped_at) {
        (Status::Failed | Status::TimedOut | Status::Aborted, Some(stopped_at)) => At(stopped_at),
        _ => return Err(NotRedrivable::Status(status(row.status).as_str())),
    };
    let limits = &service.engine.environment().standard;
    limits.redrivable(At(row.started_at), stopped_at, events, service.engine.now())?;
    // One that is gone altogether leaves its executions readable.
    match lookup::machine_named(service, &row.machine, &row.machine).await {
        Ok(machine) if machine.row.deleting => Err(NotRedrivable::MachineDeleting),
        Ok(_) | Err(_) => Ok(()),
    }
}
