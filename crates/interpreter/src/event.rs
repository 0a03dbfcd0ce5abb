//! What can happen in an execution, by area. Richer than the public history: it also says what a restart needs
//! (retry wake-ups, wait ends, items, start states). Numbers of members and variants are for ever.

use minicbor::{Decode, Encode};

use crate::child::Parent;
use crate::data::{Data, Payloads};
use crate::record::{FrameId, Timestamp};
use crate::redrive::Redriven;
use crate::text::Text;

/// What happened.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(flat, context_bound = "Payloads")]
pub enum Event {
    /// To the execution as a whole.
    #[n(0)]
    Execution(#[n(0)] ExecutionEvent),
    /// To a state, whatever its type.
    #[n(1)]
    State(#[n(0)] StateEvent),
    /// To a Task's work.
    #[n(2)]
    Task(#[n(0)] TaskEvent),
    /// To a Parallel state.
    #[n(3)]
    Parallel(#[n(0)] ParallelEvent),
    /// To an inline Map state.
    #[n(4)]
    Map(#[n(0)] MapEvent),
}

/// To the execution as a whole.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(flat, context_bound = "Payloads")]
pub enum ExecutionEvent {
    /// It began. Always the first record.
    #[n(0)]
    Started(#[n(0)] Box<Started>),
    /// Its last state ended.
    #[n(1)]
    Succeeded {
        /// Its output.
        #[n(0)]
        output: Data,
    },
    /// An error was not handled.
    #[n(2)]
    Failed {
        /// The error's name.
        #[n(0)]
        error: Option<Text>,
        /// The cause.
        #[n(1)]
        cause: Option<Text>,
    },
    /// Its own TimeoutSeconds passed.
    #[n(3)]
    TimedOut,
    /// It was stopped.
    #[n(4)]
    Aborted {
        /// As StopExecution said.
        #[n(0)]
        error: Option<Text>,
        /// As StopExecution said.
        #[n(1)]
        cause: Option<Text>,
    },
    /// Another task started it under its name and with its input while it ran: that one is a parent, too.
    #[n(5)]
    Adopted {
        /// Whose task.
        #[n(0)]
        parent: Parent,
    },
    /// It goes on after it had ended unsuccessfully.
    #[n(6)]
    Redriven(#[n(0)] Box<Redriven>),
}

/// The facts an execution begins with.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array, context_bound = "Payloads")]
pub struct Started {
    /// Its input.
    #[n(0)]
    pub input: Data,
    /// Its name.
    #[n(1)]
    pub name: Text,
    /// Name of its state machine.
    #[n(2)]
    pub machine: Text,
    /// The role's ARN.
    #[n(3)]
    pub role: Text,
    /// The first state.
    #[n(4)]
    pub start_at: Text,
    /// Where draws (UUID, random numbers, jitter) begin.
    #[n(5)]
    pub seed: u64,
    /// When the whole execution times out.
    #[n(6)]
    pub timeout_at: Option<Timestamp>,
    /// It is an Express execution; then the id that ends its ARN.
    #[n(7)]
    pub express: Option<Text>,
    /// ARN of the version it was started through.
    #[n(8)]
    pub version_arn: Option<Text>,
    /// ARN of the alias it was started through.
    #[n(9)]
    pub alias_arn: Option<Text>,
    /// Trace header of the start.
    #[n(10)]
    pub trace_header: Option<Text>,
    /// Canned responses that stand for the work of Task states: an object, its members by state.
    #[n(11)]
    pub mocks: Option<Data>,
    /// The task that started it, when one did.
    #[n(12)]
    pub parent: Option<Parent>,
}

/// The type of a state, as the history names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
#[expect(missing_docs, reason = "named as the Amazon States Language names them")]
pub enum StateKind {
    #[n(0)]
    Pass,
    #[n(1)]
    Task,
    #[n(2)]
    Choice,
    #[n(3)]
    Wait,
    #[n(4)]
    Succeed,
    #[n(5)]
    Fail,
    #[n(6)]
    Parallel,
    #[n(7)]
    Map,
}

impl StateKind {
    /// As the history names it: `Pass` in `PassStateEntered`.
    pub fn name(self) -> &'static str {
        match self {
            StateKind::Pass => "Pass",
            StateKind::Task => "Task",
            StateKind::Choice => "Choice",
            StateKind::Wait => "Wait",
            StateKind::Succeed => "Succeed",
            StateKind::Fail => "Fail",
            StateKind::Parallel => "Parallel",
            StateKind::Map => "Map",
        }
    }
}

/// To a state, whatever its type.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(flat, context_bound = "Payloads")]
pub enum StateEvent {
    /// `…StateEntered`.
    #[n(0)]
    Entered {
        /// The state.
        #[n(0)]
        state: Text,
        /// Its type.
        #[n(1)]
        kind: StateKind,
        /// Its raw input.
        #[n(2)]
        input: Data,
    },
    /// `…StateExited`.
    #[n(1)]
    Exited {
        /// The state.
        #[n(0)]
        state: Text,
        /// Its type.
        #[n(1)]
        kind: StateKind,
        /// Its output.
        #[n(2)]
        output: Data,
        /// Variables assigned, in order.
        #[n(3)]
        assigned: Vec<Assigned>,
        /// The next state, or `None` when the flow ends here.
        #[n(4)]
        next: Option<Text>,
    },
    /// A Wait began to wait.
    #[n(2)]
    Waiting {
        /// Until when.
        #[n(0)]
        until: Timestamp,
    },
    /// An error was matched by a Retrier; the state's work begins again later.
    #[n(3)]
    RetryScheduled {
        /// Which Retrier, from 0.
        #[n(0)]
        retrier: u32,
        /// When.
        #[n(1)]
        until: Timestamp,
        /// Public id of the event that caused it: the next attempt's `previousEventId`.
        #[n(2)]
        after: u32,
        /// The error.
        #[n(3)]
        error: Option<Text>,
    },
    /// `EvaluationFailed`: a JSONata expression of the state failed.
    #[n(5)]
    EvaluationFailed {
        /// The state.
        #[n(0)]
        state: Text,
        /// The field, as a slash path below the state.
        #[n(1)]
        location: Option<Text>,
        /// The error's name.
        #[n(2)]
        error: Text,
        /// The cause.
        #[n(3)]
        cause: Text,
    },
    /// `…StateAborted`: its frame was closed because another one failed.
    #[n(4)]
    Aborted {
        /// The state's type.
        #[n(0)]
        kind: StateKind,
    },
}

/// A variable and its new value.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array, context_bound = "Payloads")]
pub struct Assigned {
    /// The variable.
    #[n(0)]
    pub name: Text,
    /// Its value.
    #[n(1)]
    pub value: Data,
}

/// Which family of history events a task's work has.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum TaskKind {
    /// `LambdaFunction…`: a function's ARN as Resource.
    #[n(0)]
    Lambda,
    /// `Activity…`.
    #[n(1)]
    Activity,
    /// `Task…`.
    #[n(2)]
    Service {
        /// `resourceType`.
        #[n(0)]
        resource_type: Text,
        /// `resource`.
        #[n(1)]
        resource: Text,
    },
}

/// To a Task's work.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(flat, context_bound = "Payloads")]
pub enum TaskEvent {
    /// The work is wanted. Its sequence number is the effect's id.
    #[n(0)]
    Scheduled {
        /// The family.
        #[n(0)]
        kind: TaskKind,
        /// `Resource` as written.
        #[n(1)]
        resource: Text,
        /// What is sent.
        #[n(2)]
        parameters: Data,
        /// `TimeoutSeconds`, when set.
        #[n(3)]
        timeout: Option<u64>,
        /// `HeartbeatSeconds`, when set.
        #[n(4)]
        heartbeat: Option<u64>,
        /// The role of Credentials.
        #[n(5)]
        role: Option<Text>,
        /// Region of the history event.
        #[n(6)]
        region: Option<Text>,
    },
    /// From now on the call may have been made.
    #[n(1)]
    Started {
        /// The family.
        #[n(0)]
        kind: TaskKind,
        /// When the task times out.
        #[n(1)]
        due: Option<Timestamp>,
        /// An activity's worker.
        #[n(2)]
        worker: Option<Text>,
    },
    /// The job runs, or the token was handed over.
    #[n(2)]
    Submitted {
        /// The family.
        #[n(0)]
        kind: TaskKind,
        /// What the submitting call answered.
        #[n(1)]
        output: Data,
        /// What polling and cancelling need (`.sync`).
        #[n(2)]
        handle: Option<Data>,
    },
    /// It answered.
    #[n(3)]
    Succeeded {
        /// The family.
        #[n(0)]
        kind: TaskKind,
        /// The answer.
        #[n(1)]
        output: Data,
    },
    /// It failed.
    #[n(4)]
    Failed {
        /// The family.
        #[n(0)]
        kind: TaskKind,
        /// The error's name.
        #[n(1)]
        error: Option<Text>,
        /// The cause.
        #[n(2)]
        cause: Option<Text>,
    },
    /// Its timeout or its heartbeat passed.
    #[n(5)]
    TimedOut {
        /// The family.
        #[n(0)]
        kind: TaskKind,
        /// It was the heartbeat.
        #[n(1)]
        heartbeat: bool,
    },
    /// A token was answered before the call that hands it over had returned; kept until it does.
    #[n(6)]
    AnsweredEarly {
        /// The output, when it succeeded.
        #[n(0)]
        output: Option<Data>,
        /// The error's name.
        #[n(1)]
        error: Option<Text>,
        /// The cause.
        #[n(2)]
        cause: Option<Text>,
    },
    /// A job or a child whose task was given up has been seen to.
    #[n(7)]
    Released {
        /// The task.
        #[n(0)]
        effect: u32,
    },
    /// A worker took the activity's task and was gone before it could hear so: the task waits for a worker again.
    #[n(8)]
    Returned,
}

/// To a Parallel state.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(flat, context_bound = "Payloads")]
pub enum ParallelEvent {
    /// `ParallelStateStarted`: its branches are frames `first`, `first + 1`, …
    #[n(0)]
    Started {
        /// Frame of the first branch.
        #[n(0)]
        first: FrameId,
        /// Start states of the branches.
        #[n(1)]
        start_at: Vec<Text>,
        /// Input of every branch.
        #[n(2)]
        input: Data,
    },
    /// `ParallelStateSucceeded`.
    #[n(1)]
    Succeeded {
        /// The outputs of the branches, as an array.
        #[n(0)]
        result: Data,
    },
    /// `ParallelStateFailed`.
    #[n(2)]
    Failed,
}

/// To an inline Map state.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(flat, context_bound = "Payloads")]
pub enum MapEvent {
    /// `MapStateStarted`.
    #[n(0)]
    Started {
        /// The items: an array.
        #[n(0)]
        items: Data,
        /// How many.
        #[n(1)]
        length: u32,
        /// How many at a time; 0 = as many as there are.
        #[n(2)]
        concurrency: u32,
        /// The effective input, which ItemSelector sees as `$`.
        #[n(3)]
        input: Data,
    },
    /// `MapIterationStarted`: frame `frame` begins.
    #[n(1)]
    IterationStarted {
        /// The Map state.
        #[n(0)]
        state: Text,
        /// Which item.
        #[n(1)]
        index: u32,
        /// Its frame.
        #[n(2)]
        frame: FrameId,
        /// Its start state.
        #[n(3)]
        start_at: Text,
        /// Its input.
        #[n(4)]
        input: Data,
    },
    /// `MapIterationSucceeded`.
    #[n(2)]
    IterationSucceeded {
        /// The Map state.
        #[n(0)]
        state: Text,
        /// Which item.
        #[n(1)]
        index: u32,
        /// Its frame.
        #[n(2)]
        frame: FrameId,
    },
    /// `MapIterationFailed`.
    #[n(3)]
    IterationFailed {
        /// The Map state.
        #[n(0)]
        state: Text,
        /// Which item.
        #[n(1)]
        index: u32,
        /// Its frame.
        #[n(2)]
        frame: FrameId,
    },
    /// `MapIterationAborted`.
    #[n(4)]
    IterationAborted {
        /// The Map state.
        #[n(0)]
        state: Text,
        /// Which item.
        #[n(1)]
        index: u32,
        /// Its frame.
        #[n(2)]
        frame: FrameId,
    },
    /// `MapStateSucceeded`.
    #[n(5)]
    Succeeded {
        /// The outputs of the iterations, as an array.
        #[n(0)]
        result: Data,
    },
    /// `MapStateFailed`.
    #[n(6)]
    Failed,
}

impl Event {
    /// Whether the public history shows it.
    pub fn is_public(&self) -> bool {
        !matches!(
            self,
            Event::State(StateEvent::Waiting { .. } | StateEvent::RetryScheduled { .. })
                | Event::Task(
                    TaskEvent::AnsweredEarly { .. } | TaskEvent::Released { .. } | TaskEvent::Returned
                )
                | Event::Execution(ExecutionEvent::Adopted { .. })
        )
    }

    /// Whether later events of the same frame point to it. Those that do not, leave the chain at their own
    /// `previousEventId` (recorded).
    pub(crate) fn advances_chain(&self) -> bool {
        !matches!(
            self,
            Event::Execution(ExecutionEvent::Started(_))
                | Event::State(StateEvent::Aborted { .. })
                | Event::Parallel(ParallelEvent::Succeeded { .. })
                | Event::Map(
                    MapEvent::Succeeded { .. }
                        | MapEvent::IterationStarted { .. }
                        | MapEvent::IterationFailed { .. }
                        | MapEvent::IterationAborted { .. }
                )
        )
    }

    /// Whether it ends the execution.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Event::Execution(event)
        if !matches!(
            event,
            ExecutionEvent::Started(_) | ExecutionEvent::Adopted { .. } | ExecutionEvent::Redriven(_)
        ))
    }

    /// Visits the payloads in the order of their members.
    pub(crate) fn for_each_data(&mut self, visit: &mut dyn FnMut(&mut Data)) {
        match self {
            Event::Execution(ExecutionEvent::Started(started)) => {
                visit(&mut started.input);
                started.mocks.iter_mut().for_each(visit);
            }
            Event::Execution(ExecutionEvent::Succeeded { output }) => visit(output),
            Event::State(StateEvent::Entered { input, .. }) => visit(input),
            Event::State(StateEvent::Exited { output, assigned, .. }) => {
                visit(output);
                assigned.iter_mut().for_each(|variable| visit(&mut variable.value));
            }
            Event::Task(TaskEvent::Scheduled { parameters, .. }) => visit(parameters),
            Event::Task(TaskEvent::Submitted { output, handle, .. }) => {
                visit(output);
                handle.iter_mut().for_each(visit);
            }
            Event::Task(TaskEvent::Succeeded { output, .. }) => visit(output),
            Event::Task(TaskEvent::AnsweredEarly { output, .. }) => output.iter_mut().for_each(visit),
            Event::Parallel(ParallelEvent::Started { input, .. }) => visit(input),
            Event::Parallel(ParallelEvent::Succeeded { result }) => visit(result),
            Event::Map(MapEvent::Started { items, input, .. }) => {
                visit(items);
                visit(input);
            }
            Event::Map(MapEvent::IterationStarted { input, .. }) => visit(input),
            Event::Map(MapEvent::Succeeded { result }) => visit(result),
            Event::Execution(_)
            | Event::State(_)
            | Event::Task(_)
            | Event::Parallel(ParallelEvent::Failed)
            | Event::Map(_) => {}
        }
    }
}
