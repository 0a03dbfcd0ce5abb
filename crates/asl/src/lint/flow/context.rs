//! The shape of the context object at a state (developer guide, "Accessing execution data from the Context object"). The
//! service may add members, so what is known here is what is documented.

use super::super::shape::{Member, Members, NUMBER, Presence, STRING, Shape};
use super::Analysis;
use super::expressions::View;
use crate::{Kind, Name, Pattern, ResourceKind};

impl Analysis<'_> {
    /// `$$`, `$states.context`.
    pub(super) fn context(&self, view: &View<'_>) -> Shape {
        let string = || Shape::scalar(STRING);
        let number = || Shape::scalar(NUMBER);
        let execution = Shape::closed([
            ("Id", string()),
            ("Input", Shape::ANY),
            ("Name", string()),
            ("RoleArn", string()),
            ("StartTime", string()),
            ("RedriveCount", number()),
            ("RedriveTime", string()),
        ]);
        let state = Shape::closed([("EnteredTime", string()), ("Name", string()), ("RetryCount", number())]);
        let machine = Shape::closed([("Id", string()), ("Name", string())]);
        let mut members = vec![("Execution", execution), ("State", state), ("StateMachine", machine)];
        if self.has_token(view.state) {
            members.push(("Task", Shape::closed([("Token", string())])));
        }
        if let Some(item) = &view.item {
            let item = Shape::closed([
                ("Index", number()),
                ("Value", item.clone()),
                ("Key", string()),
                ("Source", string()),
            ]);
            members.push(("Map", Shape::closed([("Item", item)])));
        } else if self.is_in_map(view.state) {
            members.push(("Map", Shape::ANY));
        }
        let known = members
            .into_iter()
            .map(|(name, shape)| (Name::from(name), Member { shape, presence: Presence::Always }))
            .collect();
        Shape::object(Members { known, is_open: false })
    }

    /// Whether the state has a task token.
    fn has_token(&self, state: usize) -> bool {
        let Some(Kind::Task(task)) = self.machine.states.get(state).map(|state| &state.kind) else {
            return false;
        };
        match &task.resource.kind {
            ResourceKind::Activity => true,
            ResourceKind::Service { pattern, .. } => *pattern != Pattern::RequestResponse,
            // What a placeholder stands for is not known.
            ResourceKind::Lambda => task.resource.text.contains("${"),
        }
    }

    /// Whether the state is a Map, or runs inside one.
    fn is_in_map(&self, state: usize) -> bool {
        let mut at = Some(state);
        while let Some(state) = at {
            if matches!(self.machine.states.get(state).map(|state| &state.kind), Some(Kind::Map(_))) {
                return true;
            }
            let flow = self.graph.flow_of.get(state);
            at = flow.and_then(|flow| self.graph.flows.get(*flow)).and_then(|flow| flow.owner);
        }
        false
    }
}
