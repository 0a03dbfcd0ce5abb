//! TestState: one state run on its own, by the code that runs it in an execution. It adds to a turn what the tester
//! supplies (variables, a context object, a mocked result) and writes down what the data flow makes on the way.
//!
//! A Task's mock is its answer, a Map's or a Parallel's is its result: nothing below the state runs. Not here: who may
//! test what with which mock, and the shapes of services' results (`server`).

mod containers;
mod context;
mod inspection;
mod item_reader;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use asl::StateMachine;
use value::{Payload, Value};

pub use inspection::{Inspection, Stage};

pub(crate) use containers::{map, parallel};

use crate::data::Data;
use crate::environment::Environment;
use crate::event::{Event, ExecutionEvent, Started, StateEvent};
use crate::execution::{Effect, Execution};
use crate::failure::{Failure, TIMEOUT};
use crate::frame::Frame;
use crate::input::{Answer, Input, Stale};
use crate::record::{Record, Timestamp};
use crate::text::Text;
use crate::turn::Turn;

/// The name that a state under test has in its context object, whatever its definition calls it (recorded).
pub const STATE_NAME: &str = "StateName";

/// What a state is tested with (API reference, "TestState").
#[derive(Clone, Debug)]
pub struct StateTestSetup {
    /// The state, at whatever depth of the definition.
    pub state: Text,
    /// Its input.
    pub input: Payload,
    /// The variables that it sees.
    pub variables: BTreeMap<Text, Data>,
    /// Its context object; `None` for one that is made up.
    pub context: Option<Value>,
    /// What stands for its work; `None` to have the work done.
    pub mock: Option<Mock>,
    /// Attempts that the matching Retrier has already seen.
    pub retrier_retry_count: u32,
    /// Iterations of the Map that failed.
    pub map_iteration_failure_count: u64,
    /// What the ItemReader of the Map read, as its source has it.
    pub map_item_reader_data: Option<Arc<str>>,
    /// The role's ARN, if one is given.
    pub role: Option<Text>,
    /// Name of the made-up execution.
    pub execution: Text,
    /// Name of the made-up state machine.
    pub machine: Text,
}

/// What stands for a state's work.
#[derive(Clone, Debug)]
pub enum Mock {
    /// Its result.
    Result(Payload),
    /// Its failure.
    Failure(Failure),
}

/// How a test ended: `status` of TestState, and what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub enum StateTestOutcome {
    /// The state succeeded.
    Succeeded {
        /// Its output.
        output: Data,
        /// The state that follows.
        next: Option<Text>,
    },
    /// It failed, and nothing handles that.
    Failed(Failure),
    /// It failed, and a Retrier would run it again.
    Retriable(Failure),
    /// It failed, and a Catcher handled that.
    CaughtError {
        /// The error that was caught.
        failure: Failure,
        /// What the Catcher hands on.
        output: Data,
        /// The state that follows.
        next: Option<Text>,
    },
}

/// What a turn knows of the test that it belongs to.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) setup: StateTestSetup,
    /// The state stands in a Map's ItemProcessor.
    in_map: bool,
    pub(crate) inspection: RefCell<Inspection>,
}

/// One state that is tested.
#[derive(Debug)]
pub struct StateTest {
    execution: Execution,
    bench: Bench,
    outcome: Option<StateTestOutcome>,
}

impl StateTest {
    /// A test of a state of this definition. `key` is what tokens carry: no execution of the store has it.
    pub fn new(
        definition: Arc<StateMachine>,
        environment: Arc<Environment>,
        key: u64,
        setup: StateTestSetup,
    ) -> StateTest {
        let in_map = definition.stands_in_map(&setup.state);
        let inspection = RefCell::new(Inspection::default());
        let execution = Execution::new(definition, environment, key);
        StateTest { execution, bench: Bench { setup, in_map, inspection }, outcome: None }
    }

    /// Begins. With a mock it ends here, too. `seed` is where draws begin; the test lasts as long as an Express execution
    /// may (five minutes, as the API reference says).
    pub fn begin(&mut self, seed: u64, at: Timestamp) {
        let setup = &self.bench.setup;
        let most = self.execution.environment.express.execution_seconds;
        let started = Started {
            input: Data::new(setup.input.clone()),
            name: setup.execution.clone(),
            machine: setup.machine.clone(),
            role: setup.role.clone().unwrap_or_else(|| Text::from("")),
            start_at: setup.state.clone(),
            seed,
            timeout_at: most.map(|seconds| at.plus_seconds(seconds)),
            express: Some(setup.execution.clone()),
            version_arn: None,
            alias_arn: None,
            trace_header: None,
            parent: None,
            mocks: None,
        };
        let mut turn = Turn::of_test(&mut self.execution, at, &self.bench);
        turn.emit_after(0, Event::Execution(ExecutionEvent::Started(Box::new(started))), 0);
        let records = turn.run();
        self.conclude(&records);
        if let Some(mock) = self.bench.setup.mock.clone() {
            self.answer(mock, at);
        }
    }

    /// A mock is the answer of the task that is under way.
    fn answer(&mut self, mock: Mock, at: Timestamp) {
        let mut wanted = self.execution.outstanding().filter(|(_, effect)| matches!(effect, Effect::Task(_)));
        let Some(effect) = wanted.next().map(|(effect, _)| effect) else { return };
        drop(wanted);
        let answer = match mock {
            Mock::Result(output) => Answer::Succeeded(output),
            Mock::Failure(failure) => Answer::Failed(failure),
        };
        // Neither can be stale: the task has just been scheduled.
        let _ = self.advance(Input::Dispatch { effect, worker: None }, at);
        let _ = self.advance(Input::Answered { effect, by_token: false, answer }, at);
    }

    /// Tells it an input.
    ///
    /// # Errors
    /// [`Stale`] when nothing waits for the input.
    pub fn advance(&mut self, input: Input, at: Timestamp) -> Result<(), Stale> {
        let mut turn = Turn::of_test(&mut self.execution, at, &self.bench);
        turn.accept(input)?;
        let records = turn.run();
        self.conclude(&records);
        Ok(())
    }

    /// The execution that is made up around the state: what the world must be doing for it.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }

    /// How it ended, if it has.
    pub fn outcome(&self) -> Option<&StateTestOutcome> {
        self.outcome.as_ref()
    }

    /// What was seen on the way.
    pub fn inspection(&self) -> Inspection {
        self.bench.inspection.borrow().clone()
    }

    fn conclude(&mut self, records: &[Record]) {
        if self.outcome.is_none() {
            self.outcome = records.iter().find_map(|record| self.outcome_of(record));
        }
    }

    fn outcome_of(&self, record: &Record) -> Option<StateTestOutcome> {
        let mut inspection = self.bench.inspection.borrow_mut();
        let failure = inspection.failure.clone().unwrap_or(Failure { error: None, cause: None });
        match &record.event {
            Event::State(StateEvent::Exited { output, next, assigned, .. }) => {
                inspection.assign(&self.bench.setup.variables, assigned);
                let (output, next) = (output.clone(), next.clone());
                Some(if inspection.catch_index.is_some() {
                    StateTestOutcome::CaughtError { failure, output, next }
                } else {
                    StateTestOutcome::Succeeded { output, next }
                })
            }
            Event::State(StateEvent::RetryScheduled { until, .. }) => {
                let millis = until.0.saturating_sub(record.at.0);
                inspection.retry_backoff_interval_seconds = Some(millis / 1000);
                inspection.assign(&self.bench.setup.variables, &[]);
                Some(StateTestOutcome::Retriable(failure))
            }
            Event::Execution(ExecutionEvent::Failed { error, cause }) => {
                inspection.catch_index = None;
                inspection.assign(&self.bench.setup.variables, &[]);
                let (error, cause) = (error.clone(), cause.clone());
                Some(StateTestOutcome::Failed(Failure { error, cause }))
            }
            Event::Execution(ExecutionEvent::TimedOut) => {
                inspection.assign(&self.bench.setup.variables, &[]);
                Some(StateTestOutcome::Failed(Failure { error: Some(TIMEOUT.into()), cause: None }))
            }
            _ => None,
        }
    }
}

/// Whether a record decides a test: the state was left, or is to be run again, or the execution around it ended.
pub(crate) fn decides(record: &Record) -> bool {
    match &record.event {
        Event::State(StateEvent::Exited { .. } | StateEvent::RetryScheduled { .. }) => true,
        Event::Execution(event) => !matches!(event, ExecutionEvent::Started(_)),
        _ => false,
    }
}

impl Turn<'_> {
    /// Writes down what the data flow made, if somebody tests the state.
    pub(crate) fn note(&self, stage: Stage, data: &Data) {
        if let Some(bench) = self.bench {
            bench.inspection.borrow_mut().stages.insert(stage, data.clone());
        }
    }

    /// Changes what is written down, if somebody tests the state.
    pub(crate) fn inspect(&self, change: impl FnOnce(&mut Inspection)) {
        if let Some(bench) = self.bench {
            change(&mut bench.inspection.borrow_mut());
        }
    }

    /// The variable as a frame sees it.
    pub(crate) fn variable(&self, frame: crate::record::FrameId, name: &str) -> Option<Value> {
        let own = self.execution.variable(frame, name);
        let given = || self.bench.and_then(|bench| bench.setup.variables.get(name));
        own.or_else(given).map(|data| data.value().clone())
    }

    /// Retries of the state that a frame is in.
    pub(crate) fn attempts(&self, frame: crate::record::FrameId, retrier: u32) -> u32 {
        let before = self.bench.map_or(0, |bench| bench.setup.retrier_retry_count);
        let visit = self.frame(frame).and_then(Frame::visit);
        visit.and_then(|visit| visit.attempts.get(&retrier)).copied().unwrap_or(0).saturating_add(before)
    }
}
