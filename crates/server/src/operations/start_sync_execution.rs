//! StartSyncExecution: an Express execution, answered when it has ended, however it ended (API reference; the members of a
//! failed one are recorded).

use interpreter::Status;
use runtime::{StartExecution, SyncOutcome};
use wire::{
    ApiError, BillingDetails, CloudWatchEventsExecutionDataDetails, IncludedData, StartSyncExecutionInput,
    StartSyncExecutionOutput, SyncExecutionStatus, Timestamp,
};

use super::start_execution::is_plain;
use crate::lookup::{check_name, input};
use crate::service::Service;
use crate::{errors, lookup, mocks, qualifier};

/// Memory is billed in steps of this many megabytes; we measure none and say the least.
const MEMORY_STEP_MB: i64 = 64;
/// Durations are billed in steps of this many milliseconds.
const DURATION_STEP_MS: i64 = 100;

/// Reads the request.
///
/// # Errors
/// As [`Service::parse`].
pub(super) fn parse(service: &Service, body: &[u8]) -> Result<StartSyncExecutionInput, ApiError> {
    service.parse_plain(body, |request: &StartSyncExecutionInput, limits| {
        is_plain(
            &request.state_machine_arn,
            [request.name.as_ref(), request.input.as_ref(), request.trace_header.as_ref()],
            limits,
        )
    })
}

pub(super) async fn run(
    service: &Service,
    mut request: StartSyncExecutionInput,
    trace_header: Option<String>,
) -> Result<StartSyncExecutionOutput, ApiError> {
    let mocks = mocks::take(service, &mut request.state_machine_arn).await?;
    let target = qualifier::target(service, &request.state_machine_arn).await?;
    let machine = target.machine;
    if !machine.row.express {
        return Err(errors::type_not_supported());
    }
    if let Some(name) = &request.name {
        check_name(name)?;
    }
    let input = input(request.input)?;
    let trace_header = trace_header.or(request.trace_header);
    let start = StartExecution {
        revision: target.revision,
        name: request.name,
        input: input.clone(),
        trace_header: trace_header.clone(),
        version: target.version,
        alias: target.alias,
        mocks,
    };
    let outcome = service.engine.start_sync(start).await;
    let outcome = outcome.map_err(|error| errors::of_start(error, &request.state_machine_arn))?;
    let mut response = response(lookup::machine_arn(service, &machine.name), outcome);
    response.trace_header = trace_header;
    if request.included_data == Some(IncludedData::MetadataOnly) {
        response.output = None;
        response.input_details = details(false);
        response.output_details = details(false);
    } else {
        response.input = Some(input.text().to_string());
    }
    Ok(response)
}

fn response(machine_arn: String, outcome: SyncOutcome) -> StartSyncExecutionOutput {
    let mut response = StartSyncExecutionOutput {
        execution_arn: outcome.arn,
        state_machine_arn: Some(machine_arn),
        name: Some(outcome.name),
        start_date: Timestamp::from_millis(outcome.started_at.0),
        stop_date: Timestamp::from_millis(outcome.stopped_at.0),
        input_details: details(true),
        output_details: details(true),
        billing_details: Some(billing(outcome.stopped_at.0.saturating_sub(outcome.started_at.0))),
        ..StartSyncExecutionOutput::default()
    };
    match outcome.status {
        Status::Succeeded { output } => {
            response.status = SyncExecutionStatus::Succeeded;
            response.output = Some(output.payload().text().to_string());
        }
        Status::TimedOut => {
            response.status = SyncExecutionStatus::TimedOut;
            response.error = Some(asl::TIMEOUT.to_owned());
        }
        Status::Failed { error, cause } | Status::Aborted { error, cause } => {
            response.status = SyncExecutionStatus::Failed;
            response.error = error.map(|text| text.to_string());
            response.cause = cause.map(|text| text.to_string());
        }
        // It has ended; these two cannot be.
        Status::New | Status::Running => response.status = SyncExecutionStatus::Failed,
    }
    response
}

fn details(included: bool) -> Option<CloudWatchEventsExecutionDataDetails> {
    Some(CloudWatchEventsExecutionDataDetails { included: Some(included) })
}

fn billing(duration_ms: i64) -> BillingDetails {
    let steps = duration_ms.max(1).saturating_add(DURATION_STEP_MS - 1) / DURATION_STEP_MS;
    BillingDetails {
        billed_memory_used_in_mb: Some(MEMORY_STEP_MB),
        billed_duration_in_milliseconds: Some(steps.saturating_mul(DURATION_STEP_MS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_billed_in_steps() {
        let check = |duration: i64, expected: i64| {
            assert_eq!(billing(duration).billed_duration_in_milliseconds, Some(expected), "{duration}");
        };
        check(-5, 100);
        check(0, 100);
        check(100, 100);
        check(101, 200);
    }
}
