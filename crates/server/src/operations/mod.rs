//! The operations, one file each: read the request, call the layers below, fill in the response's shape.

mod alias;
mod create_activity;
mod create_state_machine;
mod create_state_machine_alias;
mod delete_activity;
mod delete_state_machine;
mod delete_state_machine_alias;
mod delete_state_machine_version;
mod describe_activity;
mod describe_execution;
mod describe_map_run;
mod describe_state_machine;
mod describe_state_machine_alias;
mod describe_state_machine_for_execution;
mod get_activity_task;
mod get_execution_history;
mod list_activities;
mod list_executions;
mod list_map_runs;
mod list_state_machine_aliases;
mod list_state_machine_versions;
mod list_state_machines;
mod list_tags_for_resource;
mod publish_state_machine_version;
mod redrive_execution;
mod send_task_failure;
mod send_task_heartbeat;
mod send_task_success;
mod start_execution;
mod start_sync_execution;
mod stop_execution;
mod tag_resource;
mod test_state;
mod token;
mod untag_resource;
mod update_map_run;
mod update_state_machine;
mod update_state_machine_alias;
mod validate_state_machine_definition;

use bytes::Bytes;
use interpreter::Parent;
use wire::{ApiError, OperationName, StartExecutionOutput};

use crate::answer::write;
use crate::service::Service;

/// A request of an operation.
pub(crate) struct Call {
    /// Its body.
    pub(crate) body: Bytes,
    /// Its `X-Amzn-Trace-Id`.
    pub(crate) trace_header: Option<String>,
}

/// Runs an operation and writes its response. What is called often stands here; the others are boxed, so that a request of
/// the frequent ones does not carry room for all of them.
pub(crate) async fn run(service: &Service, name: OperationName, call: Call) -> Result<Vec<u8>, ApiError> {
    let body = &*call.body;
    match name {
        OperationName::StartExecution => {
            let request = start_execution::parse(service, body)?;
            write(&start_execution::run(service, request, call.trace_header).await?)
        }
        OperationName::StartSyncExecution => {
            let request = start_sync_execution::parse(service, body)?;
            write(&start_sync_execution::run(service, request, call.trace_header).await?)
        }
        _ => Box::pin(other(service, name, body)).await,
    }
}

/// StartExecution, for whoever does not ask over HTTP.
pub(crate) async fn start(
    service: &Service,
    body: Bytes,
    trace_header: Option<&str>,
) -> Result<StartExecutionOutput, ApiError> {
    let request = start_execution::parse(service, &body)?;
    start_execution::run(service, request, trace_header.map(str::to_owned)).await
}

/// StartExecution for a task of an execution: asking again is asking for the same one.
pub(crate) async fn start_child(
    service: &Service,
    body: Bytes,
    parent: Parent,
    trace_header: Option<&str>,
) -> Result<StartExecutionOutput, ApiError> {
    let request = start_execution::parse(service, &body)?;
    start_execution::run_for(service, request, trace_header.map(str::to_owned), Some(parent)).await
}

async fn other(service: &Service, name: OperationName, body: &[u8]) -> Result<Vec<u8>, ApiError> {
    use OperationName as Op;
    match name {
        Op::CreateActivity => write(&create_activity::run(service, service.parse(body)?).await?),
        Op::CreateStateMachine => write(&create_state_machine::run(service, service.parse(body)?).await?),
        Op::CreateStateMachineAlias => {
            write(&create_state_machine_alias::run(service, service.parse(body)?).await?)
        }
        Op::DeleteActivity => write(&delete_activity::run(service, service.parse(body)?).await?),
        Op::DeleteStateMachine => write(&delete_state_machine::run(service, service.parse(body)?).await?),
        Op::DeleteStateMachineAlias => {
            write(&delete_state_machine_alias::run(service, service.parse(body)?).await?)
        }
        Op::DeleteStateMachineVersion => {
            write(&delete_state_machine_version::run(service, service.parse(body)?).await?)
        }
        Op::DescribeActivity => write(&describe_activity::run(service, service.parse(body)?).await?),
        Op::DescribeExecution => write(&describe_execution::run(service, service.parse(body)?).await?),
        Op::DescribeMapRun => write(&describe_map_run::run(&service.parse(body)?)?),
        Op::DescribeStateMachine => write(&describe_state_machine::run(service, service.parse(body)?).await?),
        Op::DescribeStateMachineAlias => {
            write(&describe_state_machine_alias::run(service, service.parse(body)?).await?)
        }
        Op::DescribeStateMachineForExecution => {
            write(&describe_state_machine_for_execution::run(service, service.parse(body)?).await?)
        }
        Op::GetActivityTask => write(&get_activity_task::run(service, service.parse(body)?).await?),
        Op::GetExecutionHistory => write(&get_execution_history::run(service, service.parse(body)?).await?),
        Op::ListActivities => write(&list_activities::run(service, service.parse(body)?).await?),
        Op::ListExecutions => write(&list_executions::run(service, service.parse(body)?).await?),
        Op::ListMapRuns => write(&list_map_runs::run(service, service.parse(body)?).await?),
        Op::ListStateMachineAliases => {
            write(&list_state_machine_aliases::run(service, service.parse(body)?).await?)
        }
        Op::ListStateMachineVersions => {
            write(&list_state_machine_versions::run(service, service.parse(body)?).await?)
        }
        Op::ListStateMachines => write(&list_state_machines::run(service, service.parse(body)?).await?),
        Op::ListTagsForResource => write(&list_tags_for_resource::run(service, service.parse(body)?).await?),
        Op::PublishStateMachineVersion => {
            write(&publish_state_machine_version::run(service, service.parse(body)?).await?)
        }
        Op::RedriveExecution => write(&redrive_execution::run(service, service.parse(body)?).await?),
        Op::SendTaskFailure => write(&send_task_failure::run(service, service.parse(body)?).await?),
        Op::SendTaskHeartbeat => write(&send_task_heartbeat::run(service, service.parse(body)?).await?),
        Op::SendTaskSuccess => write(&send_task_success::run(service, service.parse(body)?).await?),
        Op::StopExecution => write(&stop_execution::run(service, service.parse(body)?).await?),
        Op::TagResource => write(&tag_resource::run(service, service.parse(body)?).await?),
        Op::TestState => write(&test_state::run(service, service.parse(body)?).await?),
        Op::UntagResource => write(&untag_resource::run(service, service.parse(body)?).await?),
        Op::UpdateMapRun => write(&update_map_run::run(&service.parse(body)?)?),
        Op::UpdateStateMachine => write(&update_state_machine::run(service, service.parse(body)?).await?),
        Op::UpdateStateMachineAlias => {
            write(&update_state_machine_alias::run(service, service.parse(body)?).await?)
        }
        Op::ValidateStateMachineDefinition => {
            write(&validate_state_machine_definition::run(service.parse(body)?).await)
        }
        Op::StartExecution | Op::StartSyncExecution => Err(not_available(name.as_str())),
    }
}

/// The one answer for what the API has and this release has not.
pub(crate) fn not_available(what: &str) -> ApiError {
    ApiError::validation_exception(format!("{what} is not available in this release of Stepwell."))
}
