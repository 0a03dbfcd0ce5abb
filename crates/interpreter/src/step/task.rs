//! Task: what it sends, how long it may take, and which family of events it has. The call itself is made outside.

use asl::{Pattern, ResourceKind, State, Task};
use value::Value;

use crate::context::Extra;
use crate::dataflow;
use crate::event::{Event, TaskEvent, TaskKind};
use crate::failure::Failure;
use crate::record::FrameId;
use crate::text::Text;
use crate::turn::Turn;

/// Timeouts from here on are no timeouts (the service's default and maximum, in seconds).
const NO_TIMEOUT_SECONDS: i64 = 99_999_999;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State, task: &Task) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    let effect = turn.execution.seq.saturating_add(1);
    let has_token = matches!(&task.resource.kind, ResourceKind::Service { pattern, .. } if *pattern != Pattern::RequestResponse);
    let extra = Extra { task: has_token.then_some(effect), ..Extra::default() };
    let parameters = dataflow::payload(turn, frame, state, &input, extra)?;
    let timeout = seconds(turn, frame, task.timeout.as_ref(), "TimeoutSeconds", input.value())?;
    let heartbeat = seconds(turn, frame, task.heartbeat.as_ref(), "HeartbeatSeconds", input.value())?;
    let role = match &task.credentials {
        None => None,
        Some(credentials) => {
            let value = dataflow::template_of(turn, frame, state, credentials, &input, extra)?;
            value.value().get("RoleArn").and_then(Value::as_str).map(Text::from)
        }
    };
    let kind = task_kind(&task.resource.kind);
    let is_work_for_a_worker = kind == TaskKind::Activity && !turn.execution.is_mocked(&state.name);
    if is_work_for_a_worker && !(turn.execution.environment.activity_exists)(&task.resource.text) {
        // Recorded: nothing is scheduled.
        let cause = format!("The activity {} does not exist.", task.resource.text);
        return Err(dataflow::in_state(turn, frame, Failure::runtime(cause)));
    }
    let region = matches!(kind, TaskKind::Service { .. })
        .then(|| Text::from(turn.execution.environment.place.region.as_str()));
    let resource = Text::from(&task.resource.text);
    let event = TaskEvent::Scheduled { kind, resource, parameters, timeout, heartbeat, role, region };
    turn.emit(frame, Event::Task(event));
    Ok(())
}

fn seconds(
    turn: &Turn<'_>,
    frame: FrameId,
    field: Option<&asl::NumberField>,
    name: &str,
    data: &Value,
) -> Result<Option<u64>, Failure> {
    let Some(field) = field else { return Ok(None) };
    let number = dataflow::whole_number(turn, frame, field, name, data)?;
    if number <= 0 {
        let cause = format!("The {name} must be a positive integer but was: {number}");
        return Err(dataflow::in_state(turn, frame, Failure::runtime(cause)));
    }
    Ok((number < NO_TIMEOUT_SECONDS).then_some(number.unsigned_abs()))
}

fn task_kind(kind: &ResourceKind) -> TaskKind {
    match kind {
        ResourceKind::Lambda => TaskKind::Lambda,
        ResourceKind::Activity => TaskKind::Activity,
        ResourceKind::Service { resource_type, resource, .. } => {
            TaskKind::Service { resource_type: Text::from(resource_type), resource: Text::from(resource) }
        }
    }
}

/// Whether the task's answer comes by its token while the call that hands the token over may still be under way. A
/// worker that polls for an activity has it once the task has started.
pub(crate) fn waits_for_token(kind: &TaskKind) -> bool {
    match kind {
        TaskKind::Service { resource, .. } => resource.ends_with(".waitForTaskToken"),
        TaskKind::Activity | TaskKind::Lambda => false,
    }
}

/// How the service names the task in the cause of a result over the limit (recorded: `lambda` for lambda:invoke, the
/// function's ARN for a function).
pub(crate) fn limit_name<'a>(state: &'a Text, kind: &'a TaskKind, resource: &'a Text) -> &'a str {
    match kind {
        TaskKind::Service { resource_type, .. } => resource_type,
        TaskKind::Lambda => resource,
        TaskKind::Activity => state,
    }
}
