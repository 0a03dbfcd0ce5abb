//! The context object (`$$`, `$states.context`), built when an expression asks for it.

use asl::timestamp::format_millis;
use value::{Object, Value};

use crate::event::StateKind;
use crate::execution::{EffectId, Execution};
use crate::record::FrameId;

/// What the context object holds besides the execution, the state and the machine.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extra<'a> {
    /// The task whose token `Task.Token` is.
    pub(crate) task: Option<EffectId>,
    /// The item of a Map: its index and its value.
    pub(crate) item: Option<(u32, &'a Value)>,
}

/// The context object as a frame's state sees it (developer guide, "Context object").
pub(crate) fn build(execution: &Execution, frame: FrameId, extra: Extra<'_>) -> Value {
    let Some(started) = execution.started() else { return Value::Null };
    let place = &execution.environment.place;
    let mut of_execution = Object::default();
    of_execution.insert("Id", Value::from(execution.arn()));
    of_execution.insert("Input", started.input.value().clone());
    of_execution.insert("StartTime", Value::from(format_millis(execution.started_at().0)));
    of_execution.insert("Name", Value::Str(started.name.0.clone()));
    of_execution.insert("RoleArn", Value::Str(started.role.0.clone()));
    // Recorded: an Express execution that is answered in the same call has no such member; one that runs on after its start has.
    if started.express.is_none() || execution.is_asynchronous {
        let (count, redriven_at) = execution.redrives();
        of_execution.insert("RedriveCount", Value::Int(i64::from(count)));
        if let Some(at) = redriven_at {
            of_execution.insert("RedriveTime", Value::from(format_millis(at.0)));
        }
    }
    let mut machine = Object::default();
    let name = started.machine.split('/').next().unwrap_or_default();
    machine.insert("Id", Value::from(place.state_machine_arn(name)));
    machine.insert("Name", Value::from(name));
    let mut context = Object::default();
    context.insert("Execution", Value::Obj(of_execution));
    context.insert("StateMachine", Value::Obj(machine));
    if let Some(visit) = execution.frames.get(&frame).and_then(|frame| frame.visit()) {
        let mut state = Object::default();
        state.insert("Name", Value::Str(visit.state.0.clone()));
        state.insert("EnteredTime", Value::from(format_millis(visit.entered_at.0)));
        // Recorded: absent on the types that cannot retry.
        if matches!(visit.kind, StateKind::Task | StateKind::Parallel | StateKind::Map) {
            state.insert("RetryCount", Value::Int(i64::from(visit.retry_count)));
        }
        context.insert("State", Value::Obj(state));
    }
    if let Some(effect) = extra.task {
        context.insert("Task", task_token(execution, effect));
    }
    if let Some((index, value)) = extra.item {
        context.insert("Map", map_item(index, value));
    }
    Value::Obj(context)
}

/// `Task` of the context object.
pub(crate) fn task_token(execution: &Execution, effect: EffectId) -> Value {
    let mut task = Object::default();
    task.insert("Token", Value::from(execution.token(effect)));
    Value::Obj(task)
}

/// `Map` of the context object.
pub(crate) fn map_item(index: u32, value: &Value) -> Value {
    let mut item = Object::default();
    item.insert("Index", Value::Int(i64::from(index)));
    item.insert("Value", value.clone());
    // Inline Maps have their items from the state's input (developer guide, "Context object").
    item.insert("Source", Value::from("STATE_DATA"));
    let mut map = Object::default();
    map.insert("Item", Value::Obj(item));
    Value::Obj(map)
}
