//! The public history: records as the 62 event types of the API, with their ids, their `previousEventId` and their
//! details. A projection: nothing here decides. `includeExecutionData=false` leaves out payloads, not details.

use std::collections::BTreeMap;

use wire::{
    ActivityFailedEventDetails, ActivityScheduledEventDetails, ActivityStartedEventDetails,
    ActivitySucceededEventDetails, ActivityTimedOutEventDetails, AssignedVariablesDetails,
    EvaluationFailedEventDetails, ExecutionAbortedEventDetails, ExecutionFailedEventDetails,
    ExecutionRedrivenEventDetails, ExecutionStartedEventDetails, ExecutionSucceededEventDetails,
    ExecutionTimedOutEventDetails, HistoryEvent, HistoryEventExecutionDataDetails, HistoryEventType,
    LambdaFunctionFailedEventDetails, LambdaFunctionScheduledEventDetails,
    LambdaFunctionSucceededEventDetails, LambdaFunctionTimedOutEventDetails, MapIterationEventDetails,
    MapStateStartedEventDetails, StateEnteredEventDetails, StateExitedEventDetails, TaskCredentials,
    TaskFailedEventDetails, TaskScheduledEventDetails, TaskStartedEventDetails, TaskSubmittedEventDetails,
    TaskSucceededEventDetails, TaskTimedOutEventDetails,
};

use crate::data::Data;
use crate::event::{
    Assigned, Event, ExecutionEvent, MapEvent, ParallelEvent, Started, StateEvent, StateKind, TaskEvent,
    TaskKind,
};
use crate::failure::TIMEOUT;
use crate::record::Record;
use crate::text::Text;

/// A record as the public history shows it, or `None` for one that it does not show.
pub fn project(record: &Record, include_data: bool) -> Option<HistoryEvent> {
    let public = record.public?;
    let mut event = HistoryEvent {
        timestamp: wire::Timestamp::from_millis(record.at.0),
        id: i64::from(public.id),
        previous_event_id: Some(i64::from(public.previous)),
        ..HistoryEvent::default()
    };
    let shown = Shown { include_data };
    match &record.event {
        Event::Execution(of) => shown.execution(&mut event, of),
        Event::State(of) => shown.state(&mut event, of),
        Event::Task(of) => shown.task(&mut event, of),
        Event::Parallel(of) => {
            event.r#type = match of {
                ParallelEvent::Started { .. } => HistoryEventType::ParallelStateStarted,
                ParallelEvent::Succeeded { .. } => HistoryEventType::ParallelStateSucceeded,
                ParallelEvent::Failed => HistoryEventType::ParallelStateFailed,
            }
        }
        Event::Map(of) => map(&mut event, of),
    }
    Some(event)
}

/// How much of the payloads is shown.
struct Shown {
    include_data: bool,
}

/// A payload and its details member.
type Shape = (Option<String>, Option<HistoryEventExecutionDataDetails>);

impl Shown {
    fn data(&self, data: &Data) -> Shape {
        if !self.include_data {
            return (None, None);
        }
        (
            Some(data.payload().text().to_string()),
            Some(HistoryEventExecutionDataDetails { truncated: Some(false) }),
        )
    }

    fn execution(&self, to: &mut HistoryEvent, event: &ExecutionEvent) {
        match event {
            ExecutionEvent::Started(started) => {
                to.r#type = HistoryEventType::ExecutionStarted;
                to.execution_started_event_details = Some(Box::new(self.started(started)));
            }
            ExecutionEvent::Succeeded { output } => {
                let (output, output_details) = self.data(output);
                to.r#type = HistoryEventType::ExecutionSucceeded;
                to.execution_succeeded_event_details =
                    Some(Box::new(ExecutionSucceededEventDetails { output, output_details }));
            }
            ExecutionEvent::Failed { error, cause } => {
                to.r#type = HistoryEventType::ExecutionFailed;
                to.execution_failed_event_details = Some(Box::new(ExecutionFailedEventDetails {
                    error: string(error),
                    cause: string(cause),
                }));
            }
            ExecutionEvent::TimedOut => {
                to.r#type = HistoryEventType::ExecutionTimedOut;
                to.execution_timed_out_event_details = Some(Box::new(ExecutionTimedOutEventDetails {
                    error: Some(TIMEOUT.into()),
                    cause: None,
                }));
            }
            ExecutionEvent::Adopted { .. } => {}
            ExecutionEvent::Redriven(redriven) => {
                to.r#type = HistoryEventType::ExecutionRedriven;
                to.execution_redriven_event_details = Some(Box::new(ExecutionRedrivenEventDetails {
                    redrive_count: i32::try_from(redriven.count).ok(),
                }));
            }
            ExecutionEvent::Aborted { error, cause } => {
                to.r#type = HistoryEventType::ExecutionAborted;
                to.execution_aborted_event_details = Some(Box::new(ExecutionAbortedEventDetails {
                    error: string(error),
                    cause: string(cause),
                }));
            }
        }
    }

    fn started(&self, started: &Started) -> ExecutionStartedEventDetails {
        let (input, input_details) = self.data(&started.input);
        ExecutionStartedEventDetails {
            input,
            input_details,
            role_arn: Some(started.role.to_string()),
            state_machine_alias_arn: string(&started.alias_arn),
            state_machine_version_arn: string(&started.version_arn),
        }
    }

    fn state(&self, to: &mut HistoryEvent, event: &StateEvent) {
        match event {
            StateEvent::Entered { state, kind, input } => {
                let (input, input_details) = self.data(input);
                to.r#type = entered(*kind);
                to.state_entered_event_details = Some(Box::new(StateEnteredEventDetails {
                    name: state.to_string(),
                    input,
                    input_details,
                }));
            }
            StateEvent::Exited { state, kind, output, assigned, .. } => {
                let (output, output_details) = self.data(output);
                let variables = self.variables(assigned);
                to.r#type = exited(*kind);
                to.state_exited_event_details = Some(Box::new(StateExitedEventDetails {
                    name: state.to_string(),
                    output,
                    output_details,
                    assigned_variables_details: variables
                        .as_ref()
                        .map(|_| AssignedVariablesDetails { truncated: Some(false) }),
                    assigned_variables: variables,
                }));
            }
            StateEvent::Aborted { kind } => to.r#type = aborted(*kind),
            StateEvent::EvaluationFailed { state, location, error, cause } => {
                to.r#type = HistoryEventType::EvaluationFailed;
                to.evaluation_failed_event_details = Some(Box::new(EvaluationFailedEventDetails {
                    state: state.to_string(),
                    location: string(location),
                    error: Some(error.to_string()),
                    cause: Some(cause.to_string()),
                }));
            }
            StateEvent::Waiting { .. } | StateEvent::RetryScheduled { .. } => {}
        }
    }

    fn variables(&self, assigned: &[Assigned]) -> Option<BTreeMap<String, String>> {
        if assigned.is_empty() || !self.include_data {
            return None;
        }
        let shown = assigned.iter().map(|one| (one.name.to_string(), one.value.payload().text().to_string()));
        Some(shown.collect())
    }

    fn task(&self, to: &mut HistoryEvent, event: &TaskEvent) {
        match event {
            TaskEvent::Scheduled { kind, resource, parameters, timeout, heartbeat, role, region } => {
                let (text, details) = self.data(parameters);
                let limits = (seconds(*timeout), seconds(*heartbeat));
                let credentials =
                    role.as_ref().map(|role| TaskCredentials { role_arn: Some(role.to_string()) });
                scheduled(to, kind, resource, (text, details), limits, credentials, region);
            }
            TaskEvent::Started { kind, worker, .. } => started(to, kind, worker),
            TaskEvent::Submitted { kind, output, .. } => {
                let (output, output_details) = self.data(output);
                let (resource_type, resource) = names(kind);
                to.r#type = HistoryEventType::TaskSubmitted;
                to.task_submitted_event_details = Some(Box::new(TaskSubmittedEventDetails {
                    resource_type,
                    resource,
                    output,
                    output_details,
                }));
            }
            TaskEvent::Succeeded { kind, output } => succeeded(to, kind, self.data(output)),
            TaskEvent::Failed { kind, error, cause } => failed(to, kind, string(error), string(cause)),
            TaskEvent::TimedOut { kind, .. } => timed_out(to, kind),
            TaskEvent::AnsweredEarly { .. } | TaskEvent::Released { .. } | TaskEvent::Returned => {}
        }
    }
}

fn map(to: &mut HistoryEvent, event: &MapEvent) {
    let details = |state: &Text, index: u32| {
        Some(Box::new(MapIterationEventDetails {
            name: Some(state.to_string()),
            index: i32::try_from(index).ok(),
        }))
    };
    match event {
        MapEvent::Started { length, .. } => {
            to.r#type = HistoryEventType::MapStateStarted;
            to.map_state_started_event_details =
                Some(Box::new(MapStateStartedEventDetails { length: i32::try_from(*length).ok() }));
        }
        MapEvent::IterationStarted { state, index, .. } => {
            to.r#type = HistoryEventType::MapIterationStarted;
            to.map_iteration_started_event_details = details(state, *index);
        }
        MapEvent::IterationSucceeded { state, index, .. } => {
            to.r#type = HistoryEventType::MapIterationSucceeded;
            to.map_iteration_succeeded_event_details = details(state, *index);
        }
        MapEvent::IterationFailed { state, index, .. } => {
            to.r#type = HistoryEventType::MapIterationFailed;
            to.map_iteration_failed_event_details = details(state, *index);
        }
        MapEvent::IterationAborted { state, index, .. } => {
            to.r#type = HistoryEventType::MapIterationAborted;
            to.map_iteration_aborted_event_details = details(state, *index);
        }
        MapEvent::Succeeded { .. } => to.r#type = HistoryEventType::MapStateSucceeded,
        MapEvent::Failed => to.r#type = HistoryEventType::MapStateFailed,
    }
}

fn scheduled(
    to: &mut HistoryEvent,
    kind: &TaskKind,
    resource: &Text,
    (text, details): Shape,
    (timeout_in_seconds, heartbeat_in_seconds): (Option<i64>, Option<i64>),
    task_credentials: Option<TaskCredentials>,
    region: &Option<Text>,
) {
    match kind {
        TaskKind::Lambda => {
            to.r#type = HistoryEventType::LambdaFunctionScheduled;
            to.lambda_function_scheduled_event_details =
                Some(Box::new(LambdaFunctionScheduledEventDetails {
                    resource: resource.to_string(),
                    input: text,
                    input_details: details,
                    timeout_in_seconds,
                    task_credentials,
                }));
        }
        TaskKind::Activity => {
            to.r#type = HistoryEventType::ActivityScheduled;
            to.activity_scheduled_event_details = Some(Box::new(ActivityScheduledEventDetails {
                resource: resource.to_string(),
                input: text,
                input_details: details,
                timeout_in_seconds,
                heartbeat_in_seconds,
            }));
        }
        TaskKind::Service { resource_type, resource } => {
            to.r#type = HistoryEventType::TaskScheduled;
            to.task_scheduled_event_details = Some(Box::new(TaskScheduledEventDetails {
                resource_type: resource_type.to_string(),
                resource: resource.to_string(),
                region: string(region).unwrap_or_default(),
                parameters: text.unwrap_or_default(),
                timeout_in_seconds,
                heartbeat_in_seconds,
                task_credentials,
            }));
        }
    }
}

fn started(to: &mut HistoryEvent, kind: &TaskKind, worker: &Option<Text>) {
    match kind {
        TaskKind::Lambda => to.r#type = HistoryEventType::LambdaFunctionStarted,
        TaskKind::Activity => {
            to.r#type = HistoryEventType::ActivityStarted;
            to.activity_started_event_details =
                Some(Box::new(ActivityStartedEventDetails { worker_name: string(worker) }));
        }
        TaskKind::Service { .. } => {
            let (resource_type, resource) = names(kind);
            to.r#type = HistoryEventType::TaskStarted;
            to.task_started_event_details =
                Some(Box::new(TaskStartedEventDetails { resource_type, resource }));
        }
    }
}

fn succeeded(to: &mut HistoryEvent, kind: &TaskKind, (output, output_details): Shape) {
    match kind {
        TaskKind::Lambda => {
            to.r#type = HistoryEventType::LambdaFunctionSucceeded;
            to.lambda_function_succeeded_event_details =
                Some(Box::new(LambdaFunctionSucceededEventDetails { output, output_details }));
        }
        TaskKind::Activity => {
            to.r#type = HistoryEventType::ActivitySucceeded;
            to.activity_succeeded_event_details =
                Some(Box::new(ActivitySucceededEventDetails { output, output_details }));
        }
        TaskKind::Service { .. } => {
            let (resource_type, resource) = names(kind);
            to.r#type = HistoryEventType::TaskSucceeded;
            to.task_succeeded_event_details =
                Some(Box::new(TaskSucceededEventDetails { resource_type, resource, output, output_details }));
        }
    }
}

fn failed(to: &mut HistoryEvent, kind: &TaskKind, error: Option<String>, cause: Option<String>) {
    match kind {
        TaskKind::Lambda => {
            to.r#type = HistoryEventType::LambdaFunctionFailed;
            to.lambda_function_failed_event_details =
                Some(Box::new(LambdaFunctionFailedEventDetails { error, cause }));
        }
        TaskKind::Activity => {
            to.r#type = HistoryEventType::ActivityFailed;
            to.activity_failed_event_details = Some(Box::new(ActivityFailedEventDetails { error, cause }));
        }
        TaskKind::Service { .. } => {
            let (resource_type, resource) = names(kind);
            to.r#type = HistoryEventType::TaskFailed;
            to.task_failed_event_details =
                Some(Box::new(TaskFailedEventDetails { resource_type, resource, error, cause }));
        }
    }
}

/// A missed heartbeat shows as `States.Timeout`, too, and neither has a cause (recorded).
fn timed_out(to: &mut HistoryEvent, kind: &TaskKind) {
    let error = Some(TIMEOUT.to_owned());
    match kind {
        TaskKind::Lambda => {
            to.r#type = HistoryEventType::LambdaFunctionTimedOut;
            to.lambda_function_timed_out_event_details =
                Some(Box::new(LambdaFunctionTimedOutEventDetails { error, cause: None }));
        }
        TaskKind::Activity => {
            to.r#type = HistoryEventType::ActivityTimedOut;
            to.activity_timed_out_event_details =
                Some(Box::new(ActivityTimedOutEventDetails { error, cause: None }));
        }
        TaskKind::Service { .. } => {
            let (resource_type, resource) = names(kind);
            to.r#type = HistoryEventType::TaskTimedOut;
            to.task_timed_out_event_details =
                Some(Box::new(TaskTimedOutEventDetails { resource_type, resource, error, cause: None }));
        }
    }
}

fn names(kind: &TaskKind) -> (String, String) {
    match kind {
        TaskKind::Service { resource_type, resource } => (resource_type.to_string(), resource.to_string()),
        TaskKind::Lambda | TaskKind::Activity => (String::new(), String::new()),
    }
}

fn entered(kind: StateKind) -> HistoryEventType {
    match kind {
        StateKind::Pass => HistoryEventType::PassStateEntered,
        StateKind::Task => HistoryEventType::TaskStateEntered,
        StateKind::Choice => HistoryEventType::ChoiceStateEntered,
        StateKind::Wait => HistoryEventType::WaitStateEntered,
        StateKind::Succeed => HistoryEventType::SucceedStateEntered,
        StateKind::Fail => HistoryEventType::FailStateEntered,
        StateKind::Parallel => HistoryEventType::ParallelStateEntered,
        StateKind::Map => HistoryEventType::MapStateEntered,
    }
}

/// A Fail state is never exited; the type it would have does not exist.
fn exited(kind: StateKind) -> HistoryEventType {
    match kind {
        StateKind::Pass => HistoryEventType::PassStateExited,
        StateKind::Task => HistoryEventType::TaskStateExited,
        StateKind::Choice => HistoryEventType::ChoiceStateExited,
        StateKind::Wait => HistoryEventType::WaitStateExited,
        StateKind::Succeed | StateKind::Fail => HistoryEventType::SucceedStateExited,
        StateKind::Parallel => HistoryEventType::ParallelStateExited,
        StateKind::Map => HistoryEventType::MapStateExited,
    }
}

/// Only these four types have an aborted event; the interpreter emits it for no other.
fn aborted(kind: StateKind) -> HistoryEventType {
    match kind {
        StateKind::Wait => HistoryEventType::WaitStateAborted,
        StateKind::Parallel => HistoryEventType::ParallelStateAborted,
        StateKind::Map => HistoryEventType::MapStateAborted,
        StateKind::Task | StateKind::Pass | StateKind::Choice | StateKind::Succeed | StateKind::Fail => {
            HistoryEventType::TaskStateAborted
        }
    }
}

fn string(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.to_string())
}

fn seconds(value: Option<u64>) -> Option<i64> {
    value.and_then(|value| i64::try_from(value).ok())
}
