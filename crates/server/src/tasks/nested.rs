//! `states:startExecution`: a task that starts an execution of this service, and with `.sync` waits for its end. The child is a
//! function of the task, so starting it twice is starting it once.

use asl::Pattern;
use interpreter::Parent;
use runtime::{EngineError, Started, blocking, reads, task_of};
use store::{ExecutionKey, ExecutionStatus};
use task::{Call, Failure, Outcome};
use value::{Object, Payload, Value};
use wire::{ApiError, OperationName};

use super::{PAUSE, output, parameters};
use crate::arn::{Arn, Resource};
use crate::service::Service;
use crate::{lookup, operations};

/// Starts the child.
pub(super) async fn start(service: &Service, call: &Call, pattern: Pattern) -> Outcome {
    let is_sync = matches!(pattern, Pattern::Sync | Pattern::Sync2);
    let parent = super::parent(call, is_sync);
    let body = match body(call, parent) {
        Ok(body) => body,
        Err(why) => return Outcome::Failed(call.unusable(&why)),
    };
    let request_id = service.request_id();
    let (arn, start_ms) = match ask(service, call, body, parent).await {
        Ok(started) => started,
        Err(error) => return Outcome::Failed(output::refused(&error, &request_id)),
    };
    let response = output::started(&arn, start_ms, &request_id);
    match pattern {
        Pattern::RequestResponse => Outcome::Done(response),
        Pattern::WaitForTaskToken => Outcome::AwaitingToken(response),
        Pattern::Sync | Pattern::Sync2 => match child(service, &arn).await {
            Ok(child) => {
                Outcome::Submitted { handle: handle(child, pattern == Pattern::Sync2), output: response }
            }
            Err(failure) => Outcome::Failed(failure),
        },
    }
}

/// Asks for the start until that is answered: the child's ARN, and when it started.
async fn ask(
    service: &Service,
    call: &Call,
    body: Vec<u8>,
    parent: Option<Parent>,
) -> Result<(String, i64), ApiError> {
    loop {
        let (body, trace_header) = (body.clone().into(), call.trace_header.as_deref());
        let outcome = match parent {
            Some(parent) => operations::start_child(service, body, parent, trace_header).await,
            // Of an Express execution, which nothing is kept of.
            None => operations::start(service, body, trace_header).await,
        };
        match (outcome, parent) {
            (Ok(started), _) => return Ok((started.execution_arn, started.start_date.millis())),
            // Whether it runs is unknown; asking again starts nothing twice.
            (Err(error), Some(_)) if error.http_status() >= 500 => tokio::time::sleep(PAUSE).await,
            // It may have been started when nothing spoke against it, by a call that was interrupted.
            (Err(error), Some(_)) => {
                return find(service, call).await.map(|(arn, child)| (arn, child.started_at.0)).ok_or(error);
            }
            (Err(error), None) => return Err(error),
        }
    }
}

/// The body of the start: with the name that the task's child has, unless it is given one.
fn body(call: &Call, parent: Option<Parent>) -> Result<Vec<u8>, String> {
    let members = call.parameters.value();
    if members.get("StateMachineArn").is_none_or(Value::is_null) {
        return Err("The field 'StateMachineArn' is required but was missing".to_owned());
    }
    let named = match (members, parent) {
        (Value::Obj(members), Some(parent)) if members.get("Name").is_none_or(Value::is_null) => {
            let mut members = members.clone();
            members.insert("Name", engine::child_name_of(ExecutionKey(parent.execution), parent.effect));
            Payload::from_value(Value::Obj(members))
        }
        _ => call.parameters.clone(),
    };
    parameters::body(OperationName::StartExecution, &named)
}

async fn child(service: &Service, arn: &str) -> Result<ExecutionKey, Failure> {
    let row = lookup::execution(service, arn).await;
    row.map(|row| row.key).map_err(|error| output::refused(&error, &service.request_id()))
}

/// What finds the child again.
fn handle(child: ExecutionKey, parsed: bool) -> Payload {
    let members = [("child", Value::from(format!("{:016x}", child.0))), ("parsed", Value::Bool(parsed))];
    Payload::from_value(Value::Obj(members.into_iter().collect::<Object>()))
}

/// The child that a handle finds.
pub(super) fn child_of(handle: &Payload) -> Option<ExecutionKey> {
    let text = handle.value().get("child")?.as_str()?;
    u64::from_str_radix(text, 16).ok().map(ExecutionKey)
}

/// How the child ended, if it has.
pub(super) async fn ended(service: &Service, handle: &Payload) -> Option<Outcome> {
    let unknown =
        || Some(Outcome::Failed(Failure::new("States.TaskFailed", "The execution does not exist any more.")));
    let Some(child) = child_of(handle) else { return unknown() };
    let parsed = handle.value().get("parsed").and_then(Value::as_bool).unwrap_or(false);
    let store = service.engine.store().clone();
    let read = move || {
        let Some(row) = store.execution(child)? else { return Ok(None) };
        let is_open = matches!(row.status, ExecutionStatus::Running | ExecutionStatus::PendingRedrive);
        let description = if is_open { None } else { Some(reads::describe(&*store, &row)?) };
        Ok::<_, reads::ReadError>(Some((row, description)))
    };
    match blocking(read).await {
        Ok(Some((row, Some(description)))) => {
            let arn = lookup::execution_arn(service, &row);
            let machine_arn = lookup::machine_arn(service, &row.machine);
            let name = lookup::execution_name(&row);
            let end = output::End { arn, machine_arn, name, row: &row, description: &description };
            Some(end.outcome(parsed))
        }
        Ok(Some((_, None))) => None,
        Ok(None) => unknown(),
        Err(why) => {
            // It is asked after again.
            tracing::warn!(%why, child = child.0, "a child cannot be read");
            None
        }
    }
}

/// Nobody waits for the child any more: it is stopped, or was never started.
pub(super) async fn abandon(service: &Service, call: &Call, handle: Option<&Payload>) {
    let child = match handle.and_then(child_of) {
        Some(child) => Some(child),
        None => find(service, call).await.map(|(_, child)| child.key),
    };
    if let Some(child) = child {
        stop(service, child).await;
    }
}

/// The child of a call whose answer nobody heard, and its ARN.
async fn find(service: &Service, call: &Call) -> Option<(String, Started)> {
    let (execution, effect) = task_of(&call.idempotency_key)?;
    let members = call.parameters.value();
    let arn = Arn::parse(members.get("StateMachineArn")?.as_str()?).ok()?;
    let Resource::StateMachine { name: machine, .. } = arn.resource else { return None };
    let name = match members.get("Name") {
        None | Some(Value::Null) => engine::child_name_of(execution, effect),
        Some(Value::Str(name)) => name.to_string(),
        Some(other) => other.to_json(),
    };
    let parent = Parent { execution: execution.0, effect, awaits: true };
    loop {
        match service.engine.find_child(machine, &name, parent).await {
            Ok(found) => {
                let place = &service.engine.environment().place;
                return found.map(|child| (place.execution_arn(machine, &name), child));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Stops the child, durably. The service does so without an error or a cause.
pub(super) async fn stop(service: &Service, child: ExecutionKey) {
    while let Err(EngineError::Unavailable(_)) = service.engine.stop(child, None, None).await {
        tokio::time::sleep(PAUSE).await;
    }
}
