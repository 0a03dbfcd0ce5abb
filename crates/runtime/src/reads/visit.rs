//! One visit of a state, from its `…StateEntered` event to its end: input, attempts, what came of it, and the variables it saw.
//! Read from the records from the beginning of the execution up to the end of the visit, since variables come from anywhere.
//!
//! *Not* here: which stages of the data flow a definition has (who shows them asks the interpreter).

use std::collections::{BTreeMap, HashMap};

use interpreter::{
    Event, ExecutionEvent, FrameId, MapEvent, ParallelEvent, Record, StateEvent, StateKind, TaskEvent,
};
use store::{ExecutionKey, Store};
use value::Payload;

use super::ReadError;
use super::records::Records;

/// Batches that are fetched at a time.
const FETCH: usize = 64;

/// How something ended, or that it has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Not ended.
    #[default]
    Running,
    /// Ended well.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// A state was left through a Catcher.
    Caught,
    /// Ended by a stop, or by another branch's failure.
    Aborted,
    /// Ended by its timeout or its heartbeat.
    TimedOut,
}

/// One try to do a state's work.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// The event that scheduled it.
    pub scheduled: u32,
    /// When that was.
    pub at: i64,
    /// When the call left.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// What was sent.
    pub parameters: Option<Payload>,
    /// What came back.
    pub result: Option<Payload>,
    /// The error's name.
    pub error: Option<String>,
    /// The cause.
    pub cause: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// When the next attempt begins, and by which Retrier.
    pub retry: Option<(i64, u32)>,
}

/// A visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The state.
    pub state: String,
    /// Its type, as the history names it.
    pub kind: &'static str,
    /// The event that entered it.
    pub entered: u32,
    /// When that was.
    pub entered_at: i64,
    /// The event that left it, and when.
    pub exited: Option<(u32, i64)>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its raw input.
    pub input: Payload,
    /// Its output.
    pub output: Option<Payload>,
    /// The state after it.
    pub next: Option<String>,
    /// The error's name, of one that failed or was caught.
    pub error: Option<String>,
    /// The cause.
    pub cause: Option<String>,
    /// What it assigned, in order.
    pub assigned: Vec<(String, Payload)>,
    /// The variables that it saw at its entry.
    pub variables: BTreeMap<String, Payload>,
    /// The tries.
    pub attempts: Vec<Attempt>,
}

/// The visit that the event `entered` began; `None` when this event began none.
///
/// # Errors
/// The store's, and [`ReadError::Records`].
pub fn visit(store: &dyn Store, execution: ExecutionKey, entered: u32) -> Result<Option<Visit>, ReadError> {
    let mut records = Records::new(store, execution);
    let mut reading = Reading { entered, ..Reading::default() };
    let mut next = 1;
    loop {
        let batches = store.batches(execution, next, FETCH)?;
        let Some(last) = batches.last().map(|batch| batch.last) else { break };
        for batch in batches {
            for record in records.of(batch)? {
                if reading.take(&record) {
                    return Ok(reading.found.map(|(_, visit)| visit));
                }
            }
        }
        next = last.saturating_add(1);
    }
    Ok(reading.found.map(|(_, visit)| visit))
}

#[derive(Default)]
struct Reading {
    entered: u32,
    found: Option<(FrameId, Visit)>,
    parents: HashMap<FrameId, FrameId>,
    variables: HashMap<FrameId, BTreeMap<String, Payload>>,
}

impl Reading {
    /// Takes a record in; true when the visit has ended.
    fn take(&mut self, record: &Record) -> bool {
        self.scope(record);
        let id = record.public.map_or(0, |public| public.id);
        match (&mut self.found, &record.event) {
            (None, Event::State(StateEvent::Entered { state, kind, input })) if id == self.entered => {
                let visit = Visit {
                    state: state.to_string(),
                    kind: kind.name(),
                    entered: id,
                    entered_at: record.at.0,
                    exited: None,
                    outcome: Outcome::Running,
                    input: input.payload().clone(),
                    output: None,
                    next: None,
                    error: None,
                    cause: None,
                    assigned: Vec::new(),
                    variables: self.seen_by(record.frame),
                    attempts: Vec::new(),
                };
                self.found = Some((record.frame, visit));
                false
            }
            (None, _) => id > self.entered,
            // It may be redriven, and go on; if not, nothing follows.
            (Some((_, visit)), Event::Execution(event)) => match event {
                ExecutionEvent::Adopted { .. } => false,
                ExecutionEvent::Redriven(_) => visit.execution_redriven(),
                _ => {
                    visit.execution_ended(event);
                    false
                }
            },
            (Some((frame, visit)), _) if *frame == record.frame => visit.take(record, id),
            _ => false,
        }
    }

    /// Follows threads of control and their variables until the visit begins.
    fn scope(&mut self, record: &Record) {
        if self.found.is_some() {
            return;
        }
        match &record.event {
            Event::Parallel(ParallelEvent::Started { first, start_at, .. }) => {
                for index in 0..u32::try_from(start_at.len()).unwrap_or(u32::MAX) {
                    self.parents.insert(first.saturating_add(index), record.frame);
                }
            }
            Event::Map(MapEvent::IterationStarted { frame, .. }) => {
                self.parents.insert(*frame, record.frame);
            }
            Event::State(StateEvent::Exited { assigned, .. }) => {
                let variables = self.variables.entry(record.frame).or_default();
                for one in assigned {
                    variables.insert(one.name.to_string(), one.value.payload().clone());
                }
            }
            _ => {}
        }
    }

    fn seen_by(&self, frame: FrameId) -> BTreeMap<String, Payload> {
        let mut seen = BTreeMap::new();
        let mut at = Some(frame);
        while let Some(frame) = at {
            for (name, value) in self.variables.get(&frame).into_iter().flatten() {
                seen.entry(name.clone()).or_insert_with(|| value.clone());
            }
            at = self.parents.get(&frame).copied();
        }
        seen
    }
}

impl Visit {
    /// Takes a record of its thread in; true when it has ended.
    fn take(&mut self, record: &Record, id: u32) -> bool {
        let at = record.at.0;
        match &record.event {
            Event::State(StateEvent::Exited { output, assigned, next, .. }) => {
                self.exited = Some((id, at));
                self.output = Some(output.payload().clone());
                self.next = next.as_ref().map(ToString::to_string);
                self.assigned =
                    assigned.iter().map(|one| (one.name.to_string(), one.value.payload().clone())).collect();
                self.outcome = if self.error.is_some() { Outcome::Caught } else { Outcome::Succeeded };
                return true;
            }
            Event::State(StateEvent::Aborted { .. }) => {
                self.exited = Some((id, at));
                self.outcome = Outcome::Aborted;
                if let Some(attempt) = self.open_attempt() {
                    (attempt.outcome, attempt.ended_at) = (Outcome::Aborted, Some(at));
                }
                return true;
            }
            Event::State(StateEvent::RetryScheduled { retrier, until, .. }) => {
                (self.error, self.cause) = (None, None);
                if let Some(attempt) = self.attempts.last_mut() {
                    attempt.retry = Some((until.0, *retrier));
                }
            }
            Event::State(StateEvent::EvaluationFailed { error, cause, .. }) => {
                self.failed(Some(error.to_string()), Some(cause.to_string()), at, Outcome::Failed);
            }
            Event::State(StateEvent::Waiting { .. } | StateEvent::Entered { .. }) | Event::Execution(_) => {}
            Event::Task(event) => self.task(event, id, at),
            Event::Parallel(ParallelEvent::Started { input, .. }) => self.begin(id, at, input.payload()),
            Event::Map(MapEvent::Started { items, .. }) => self.begin(id, at, items.payload()),
            Event::Parallel(ParallelEvent::Succeeded { result })
            | Event::Map(MapEvent::Succeeded { result }) => {
                self.succeeded(result.payload(), at);
            }
            Event::Parallel(ParallelEvent::Failed) | Event::Map(MapEvent::Failed) => {
                self.failed(Some("States.BranchFailed".to_owned()), None, at, Outcome::Failed);
            }
            Event::Map(_) => {}
        }
        false
    }

    fn task(&mut self, event: &TaskEvent, id: u32, at: i64) {
        match event {
            TaskEvent::Scheduled { parameters, .. } => self.begin(id, at, parameters.payload()),
            TaskEvent::Started { .. } => {
                if let Some(attempt) = self.open_attempt() {
                    attempt.started_at = Some(at);
                }
            }
            TaskEvent::Succeeded { output, .. } => self.succeeded(output.payload(), at),
            TaskEvent::Failed { error, cause, .. } => {
                let text = |text: &Option<interpreter::Text>| text.as_ref().map(ToString::to_string);
                self.failed(text(error), text(cause), at, Outcome::Failed);
            }
            TaskEvent::TimedOut { heartbeat, .. } => {
                let error = if *heartbeat { asl::HEARTBEAT_TIMEOUT } else { asl::TIMEOUT };
                self.failed(Some(error.to_owned()), None, at, Outcome::TimedOut);
            }
            TaskEvent::Returned => {
                if let Some(attempt) = self.open_attempt() {
                    attempt.started_at = None;
                }
            }
            TaskEvent::Submitted { .. } | TaskEvent::AnsweredEarly { .. } | TaskEvent::Released { .. } => {}
        }
    }

    fn begin(&mut self, scheduled: u32, at: i64, parameters: &Payload) {
        let parameters = Some(parameters.clone());
        self.attempts.push(Attempt { scheduled, at, parameters, ..Attempt::default() });
    }

    fn open_attempt(&mut self) -> Option<&mut Attempt> {
        self.attempts.last_mut().filter(|attempt| attempt.outcome == Outcome::Running)
    }

    fn succeeded(&mut self, result: &Payload, at: i64) {
        if let Some(attempt) = self.open_attempt() {
            attempt.result = Some(result.clone());
            (attempt.outcome, attempt.ended_at) = (Outcome::Succeeded, Some(at));
        }
    }

    fn failed(&mut self, error: Option<String>, cause: Option<String>, at: i64, outcome: Outcome) {
        if let Some(attempt) = self.open_attempt() {
            (attempt.error, attempt.cause) = (error.clone(), cause.clone());
            (attempt.outcome, attempt.ended_at) = (outcome, Some(at));
        }
        self.error = error.or_else(|| Some(String::new()));
        self.cause = cause;
    }

    /// The execution goes on, and with it a visit that was not left; says whether this one is over all the same.
    fn execution_redriven(&mut self) -> bool {
        let is_over = self.kind == StateKind::Fail.name();
        if !is_over {
            self.outcome = Outcome::Running;
            (self.error, self.cause) = (None, None);
        }
        is_over
    }

    fn execution_ended(&mut self, event: &ExecutionEvent) {
        let last = self.attempts.last().map(|attempt| attempt.outcome);
        self.outcome = match event {
            _ if last == Some(Outcome::TimedOut) => Outcome::TimedOut,
            ExecutionEvent::TimedOut => Outcome::TimedOut,
            ExecutionEvent::Aborted { .. } => Outcome::Aborted,
            _ => Outcome::Failed,
        };
        if let ExecutionEvent::Failed { error, cause } = event
            && (self.error.is_none() || self.cause.is_none())
        {
            self.error = error.as_ref().map(ToString::to_string);
            self.cause = cause.as_ref().map(ToString::to_string);
        }
        if let Some(attempt) = self.open_attempt() {
            attempt.outcome = Outcome::Aborted;
        }
    }
}
