//! The state that a test is about: a definition of its own, or one state of a whole state machine.

use std::sync::Arc;

use asl::{Flow, Kind, ParseOptions, Pattern, ResourceKind, State, StateMachine};
use interpreter::STATE_NAME;
use value::Payload;
use wire::ApiError;

/// The state, and what it stands in.
pub(super) struct Subject {
    /// The definition.
    pub(super) machine: Arc<StateMachine>,
    /// The state's name in it.
    name: String,
    /// The test's input, once it is known to be good.
    pub(super) input: Option<Payload>,
}

impl Subject {
    /// Finds the state. Without a name the definition is the state itself, which is put into a state machine of its own, so
    /// that faults in it are told as those of `/States/StateName` (recorded).
    ///
    /// # Errors
    /// `InvalidDefinition`; `ValidationException` when there is no such state.
    pub(super) fn find(definition: &str, name: Option<&str>) -> Result<Subject, ApiError> {
        let parsed = match name {
            Some(_) => asl::parse(definition, ParseOptions::default()),
            // What is no JSON must not become JSON by what is put around it.
            None if value::Value::parse(definition).is_err() => {
                asl::parse(definition, ParseOptions::default())
            }
            None => {
                let whole =
                    format!(r#"{{"StartAt":"{STATE_NAME}","States":{{"{STATE_NAME}":{definition}}}}}"#);
                asl::parse(&whole, ParseOptions { single_state: true, ..ParseOptions::default() })
            }
        };
        let Some(machine) = parsed.machine else {
            let message = asl::invalid_definition_message(&parsed.diagnostics);
            return Err(ApiError::invalid_definition(message));
        };
        let name = name.unwrap_or(STATE_NAME).to_owned();
        Ok(Subject { machine: Arc::new(machine), name, input: None })
    }

    /// The state.
    ///
    /// # Errors
    /// `ValidationException` when the definition has none of that name (recorded).
    pub(super) fn state(&self) -> Result<&State, ApiError> {
        let found = self.machine.state(&self.name);
        found.ok_or_else(|| ApiError::validation_exception("State not found in definition"))
    }

    /// Whether the state stands in the ItemProcessor of a Map.
    pub(super) fn stands_in_map(&self) -> bool {
        self.machine.stands_in_map(&self.name)
    }

    /// Checks that a state with this name stands in the branches or the ItemProcessor of `state`.
    ///
    /// # Errors
    /// `ValidationException`, in our words.
    pub(super) fn check_inner(&self, state: &State, name: &str) -> Result<(), ApiError> {
        let flows: &[Flow] = match &state.kind {
            Kind::Parallel(parallel) => &parallel.branches,
            Kind::Map(map) => std::slice::from_ref(&map.processor),
            _ => return Ok(()),
        };
        let mut open: Vec<&Flow> = flows.iter().collect();
        while let Some(flow) = open.pop() {
            for inner in flow.states.iter().filter_map(|inner| self.machine.state(inner)) {
                if &*inner.name == name {
                    return Ok(());
                }
                match &inner.kind {
                    Kind::Parallel(parallel) => open.extend(&parallel.branches),
                    Kind::Map(map) => open.push(&map.processor),
                    _ => {}
                }
            }
        }
        let message = format!("ErrorCausedByState '{name}' is not a state inside the state under test");
        Err(ApiError::validation_exception(message))
    }
}

/// Whether a Task waits for something that only a mock can give: a job, a token or an activity's worker.
pub(super) fn waits(state: &State) -> bool {
    match &state.kind {
        Kind::Task(task) => match &task.resource.kind {
            ResourceKind::Activity => true,
            ResourceKind::Service { pattern, .. } => *pattern != Pattern::RequestResponse,
            ResourceKind::Lambda => false,
        },
        _ => false,
    }
}

/// The type of a state, as definitions call it.
pub(super) fn type_name(state: &State) -> &'static str {
    match &state.kind {
        Kind::Pass(_) => "Pass",
        Kind::Task(_) => "Task",
        Kind::Choice(_) => "Choice",
        Kind::Wait(_) => "Wait",
        Kind::Succeed => "Succeed",
        Kind::Fail(_) => "Fail",
        Kind::Parallel(_) => "Parallel",
        Kind::Map(_) => "Map",
    }
}
