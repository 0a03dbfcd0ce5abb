//! StartExecution: durable when it is answered. Of a Standard execution, the same name and input again give the same answer while
//! the first one runs; of an Express execution each start is one of its own (API reference).

use interpreter::Parent;
use runtime::StartExecution;
use wire::{ApiError, Limits, OperationName, StartExecutionInput, StartExecutionOutput, Timestamp};

use crate::lookup::{check_name, input};
use crate::rates::Counted;
use crate::service::Service;
use crate::{errors, mocks, qualifier};

/// Reads the request.
///
/// # Errors
/// As [`Service::parse`].
pub(super) fn parse(service: &Service, body: &[u8]) -> Result<StartExecutionInput, ApiError> {
    service.parse_plain(body, |request: &StartExecutionInput, limits| {
        is_plain(
            &request.state_machine_arn,
            [request.name.as_ref(), request.input.as_ref(), request.trace_header.as_ref()],
            limits,
        )
    })
}

/// Whether the members of a start (name, input, trace header) surely satisfy the model; counts bytes where the model counts
/// characters, so a `false` means nothing.
pub(super) fn is_plain(
    arn: &str,
    [name, input, trace_header]: [Option<&String>; 3],
    limits: &Limits,
) -> bool {
    (1..=256).contains(&arn.len())
        && name.is_none_or(|name| (1..=80).contains(&name.len()))
        && input.is_none_or(|input| input.len() <= limits.payload)
        && trace_header.is_none_or(|header| header.len() <= 256 && header.is_ascii())
}

/// Whether an ARN names a Map of a state machine by its label.
fn is_labelled(arn: &str) -> bool {
    arn.rsplit_once(":stateMachine:").is_some_and(|(_, rest)| rest.contains('/'))
}

pub(super) async fn run(
    service: &Service,
    request: StartExecutionInput,
    trace_header: Option<String>,
) -> Result<StartExecutionOutput, ApiError> {
    run_for(service, request, trace_header, None).await
}

/// As [`run`], for a task when there is a `parent`.
pub(super) async fn run_for(
    service: &Service,
    mut request: StartExecutionInput,
    trace_header: Option<String>,
    parent: Option<Parent>,
) -> Result<StartExecutionOutput, ApiError> {
    let mocks = mocks::take(service, &mut request.state_machine_arn).await?;
    if is_labelled(&request.state_machine_arn) {
        return Err(errors::labelled());
    }
    let target = qualifier::target(service, &request.state_machine_arn).await?;
    let machine = &target.machine;
    service.rates.take(if machine.row.express {
        Counted::StartExpress
    } else {
        Counted::Operation(OperationName::StartExecution)
    })?;
    if let Some(name) = &request.name {
        check_name(name)?;
    }
    let input = input(request.input)?;
    if machine.row.express && parent.is_some_and(|parent| parent.awaits) {
        // Nothing could be said of its end: an Express execution cannot be described.
        return Err(errors::type_not_supported());
    }
    let start = StartExecution {
        revision: target.revision,
        name: request.name,
        input,
        // The header wins over the body's member (API reference).
        trace_header: trace_header.or(request.trace_header),
        version: target.version,
        alias: target.alias,
        mocks,
    };
    if machine.row.express {
        let started = service.engine.start_express(start).await;
        let (arn, at) = started.map_err(|error| errors::of_start(error, &request.state_machine_arn))?;
        let start_date = Timestamp::from_millis(at.0);
        return Ok(StartExecutionOutput { execution_arn: arn, start_date });
    }
    let place = &service.engine.environment().place;
    let wanted = start.name.clone();
    let started = match parent {
        None => service.engine.start(start).await,
        Some(parent) => service.engine.start_child(start, parent).await,
    };
    let started = started.map_err(|error| {
        errors::of_start(error, &place.execution_arn(&machine.name, wanted.as_deref().unwrap_or_default()))
    })?;
    Ok(StartExecutionOutput {
        execution_arn: place.execution_arn(&machine.name, &started.name),
        start_date: Timestamp::from_millis(started.started_at.0),
    })
}
