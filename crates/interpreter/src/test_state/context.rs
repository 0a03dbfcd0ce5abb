//! The context object of a state under test: the tester's, to the letter, or one that is made up as the service makes it up
//! (recorded: an Express execution's ARN, `StateName`, no RedriveCount, a role that is null when none is given).

use asl::timestamp::format_millis;
use value::{Object, Value};

use super::{Bench, STATE_NAME};
use crate::context::{self, Extra};
use crate::event::StateKind;
use crate::execution::Execution;
use crate::frame::Frame;

impl Bench {
    /// The context object. What an expression in an iteration of a Map sees besides is added to either kind.
    pub(crate) fn context(&self, execution: &Execution, extra: Extra<'_>) -> Value {
        let given = self.setup.context.as_ref().and_then(Value::as_object);
        let mut context = match given {
            Some(given) => given.clone(),
            None => self.made_up(execution, extra),
        };
        if let Some((index, value)) = extra.item {
            context.insert("Map", context::map_item(index, value));
        }
        Value::Obj(context)
    }

    fn made_up(&self, execution: &Execution, extra: Extra<'_>) -> Object {
        let place = &execution.environment.place;
        let setup = &self.setup;
        let started_at = Value::from(format_millis(execution.started_at().0));
        let mut of_execution = Object::default();
        of_execution.insert("Id", Value::from(place.express_test_arn(&setup.machine, &setup.execution)));
        of_execution.insert("Input", setup.input.value().clone());
        of_execution.insert("StartTime", started_at.clone());
        of_execution.insert("Name", Value::Str(setup.execution.0.clone()));
        let role = setup.role.as_ref().map_or(Value::Null, |role| Value::Str(role.0.clone()));
        of_execution.insert("RoleArn", role);
        let mut machine = Object::default();
        machine.insert("Id", Value::from(place.state_machine_arn(&setup.machine)));
        machine.insert("Name", Value::Str(setup.machine.0.clone()));
        let mut state = Object::default();
        state.insert("Name", Value::from(STATE_NAME));
        state.insert("EnteredTime", started_at);
        let visit = execution.frames.get(&0).and_then(Frame::visit);
        if let Some(visit) = visit
            && matches!(visit.kind, StateKind::Task | StateKind::Parallel | StateKind::Map)
        {
            state.insert("RetryCount", Value::Int(i64::from(setup.retrier_retry_count)));
        }
        let mut context = Object::default();
        context.insert("Execution", Value::Obj(of_execution));
        context.insert("StateMachine", Value::Obj(machine));
        context.insert("State", Value::Obj(state));
        if let Some(effect) = extra.task {
            context.insert("Task", context::task_token(execution, effect));
        }
        if self.in_map {
            // Recorded: the first item, of which the source is not said.
            let mut item = Object::default();
            item.insert("Index", Value::Int(0));
            item.insert("Value", setup.input.value().clone());
            let mut map = Object::default();
            map.insert("Item", Value::Obj(item));
            context.insert("Map", Value::Obj(map));
        }
        context
    }
}
