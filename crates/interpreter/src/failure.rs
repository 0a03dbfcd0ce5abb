//! A failure inside a workflow: data that flows through Retry and Catch, never a Rust error.
//! The policy (which Retrier, how long, which Catcher, who is aborted) is here; the events it emits are `turn`'s.

use asl::{Catcher, EvaluationError, QueryLanguage, Retrier, State};
use value::{Object, Value};

use crate::data::Data;
use crate::dataflow;
use crate::dataflow::jsonata::{self, Bindings};
use crate::event::{Event, ExecutionEvent, MapEvent, ParallelEvent, StateEvent, StateKind};
use crate::frame::{Cursor, Work};
use crate::record::{FrameId, Timestamp};
use crate::text::Text;
use crate::turn::Turn;

/// Error name of what no Retrier and no Catcher sees.
pub(crate) const RUNTIME: &str = "States.Runtime";
/// Error name of a timeout.
pub(crate) const TIMEOUT: &str = "States.Timeout";
/// The name by which Retriers and Catchers may know a missed heartbeat. What is shown of it is a timeout (recorded).
pub(crate) const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// Error name of a payload over the limit.
pub(crate) const DATA_LIMIT: &str = "States.DataLimitExceeded";

/// An error name and a cause; a Fail state or SendTaskFailure may leave out either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error's name.
    pub error: Option<Text>,
    /// The cause.
    pub cause: Option<Text>,
}

impl Failure {
    /// A failure with a name and a cause.
    pub fn new(error: impl Into<Text>, cause: impl Into<Text>) -> Failure {
        Failure { error: Some(error.into()), cause: Some(cause.into()) }
    }

    /// `States.Runtime` with this cause.
    pub(crate) fn runtime(cause: impl Into<Text>) -> Failure {
        Failure::new(RUNTIME, cause)
    }

    /// An expression could not be evaluated.
    pub(crate) fn evaluation(error: &EvaluationError) -> Failure {
        Failure::new(error.error(), error.to_string())
    }

    /// The error name, or an empty text.
    fn name(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// As it is shown: a missed heartbeat is a timeout (recorded).
    fn shown(self) -> Failure {
        if self.name() == HEARTBEAT_TIMEOUT { Failure { error: Some(TIMEOUT.into()), ..self } } else { self }
    }

    /// The error output that a Catcher hands on. Without a cause: `""` after a timeout, `null` otherwise (recorded).
    fn output(&self) -> Value {
        let text = |text: &Option<Text>| match text {
            Some(text) => Value::Str(text.0.clone()),
            None if self.name() == TIMEOUT => Value::from(""),
            None => Value::Null,
        };
        let mut output = Object::default();
        output.insert("Error", text(&self.error));
        output.insert("Cause", text(&self.cause));
        Value::Obj(output)
    }
}

/// How a state took a failure.
enum Handled {
    Yes,
    No(Failure),
    /// A Catcher wanted it and failed itself.
    Worse(Failure),
}

impl Turn<'_> {
    /// A frame's state failed: retry it, catch it, or fail what contains it, up to the execution.
    pub(crate) fn fail(&mut self, frame: FrameId, failure: Failure) {
        let mut failure = self.within_limits(failure);
        if self.evaluation_event(&failure) {
            self.failed_before_work(frame);
        }
        let mut frame = frame;
        let Some(mut source) = self.frame(frame).map(|frame| frame.last) else { return };
        self.inspect(|seen| seen.failure = Some(failure.clone().shown()));
        // A Map whose ItemSelector fails at a later item has iterations that run.
        self.abort_below(frame, source, None);
        loop {
            match self.handle(frame, failure, source) {
                Handled::Yes => return,
                Handled::No(unhandled) => failure = unhandled,
                Handled::Worse(another) => {
                    // The Catcher's own expression failed: that is the event that the others point to.
                    source = self.frame(frame).map_or(source, |frame| frame.last);
                    failure = another;
                }
            }
            self.fail_container_event(frame, source);
            if self.kind_of(frame).is_some_and(|kind| matches!(kind, StateKind::Parallel | StateKind::Map)) {
                source = self.frame(frame).map_or(source, |frame| frame.last);
            }
            let Some(parent) = self.frame(frame).and_then(|frame| frame.parent) else {
                let Failure { error, cause } = failure.shown();
                return self.emit(frame, Event::Execution(ExecutionEvent::Failed { error, cause }));
            };
            self.abort_siblings(parent, frame, source);
            frame = parent;
        }
    }

    /// Retry and Catch of the state that the frame is in.
    fn handle(&mut self, frame: FrameId, failure: Failure, source: u32) -> Handled {
        let definition = self.definition.clone();
        let state = self
            .frame(frame)
            .and_then(|frame| frame.visit())
            .and_then(|visit| definition.state(&visit.state));
        let Some(state) = state else { return Handled::No(failure) };
        if failure.name() == RUNTIME {
            return Handled::No(failure);
        }
        if let Some((index, retrier)) = matching_retrier(state, failure.name()) {
            let attempts = self.attempts(frame, index);
            self.inspect(|seen| seen.retry_index = Some(index));
            if u64::from(attempts) < retrier.max_attempts {
                let until = self.backoff(retrier, attempts);
                let until = self.execution.environment.wait_scale.end(self.at, until);
                let error = failure.shown().error;
                let event = StateEvent::RetryScheduled { retrier: index, until, after: source, error };
                self.emit(frame, Event::State(event));
                return Handled::Yes;
            }
        }
        let mut catchers = (0..).zip(&state.catch);
        let catcher = catchers.find(|(_, one)| asl::error_matches(&one.error_equals, failure.name()));
        let Some((index, catcher)) = catcher else { return Handled::No(failure) };
        self.inspect(|seen| seen.catch_index = Some(index));
        let failure = failure.shown();
        match self.catch(frame, state, catcher, &failure, source) {
            Ok(()) => Handled::Yes,
            Err(another) if self.evaluation_event(&another) => Handled::Worse(another),
            Err(another) => Handled::No(another),
        }
    }

    /// `EvaluationFailed`, when the failure is that of an expression. Before a state's work it points to what the Entered
    /// event points to, except in a Wait (recorded).
    fn evaluation_event(&mut self, failure: &Failure) -> bool {
        let Some((frame, location)) = self.evaluation_failed.take() else { return false };
        let Some(found) = self.frame(frame) else { return false };
        let Some(visit) = found.visit() else { return false };
        let before_work = found.last == visit.entered && visit.kind != StateKind::Wait;
        let previous = if before_work { visit.entered_after } else { found.last };
        let event = StateEvent::EvaluationFailed {
            state: visit.state.clone(),
            location,
            error: failure.error.clone().unwrap_or_else(|| Text::from("")),
            cause: failure.cause.clone().unwrap_or_else(|| Text::from("")),
        };
        self.emit_after(frame, Event::State(event), previous);
        true
    }

    /// A Map or Parallel whose expressions failed before its work began shows as failed (recorded; one that fails for a
    /// path does not).
    fn failed_before_work(&mut self, frame: FrameId) {
        let Some(visit) = self.frame(frame).and_then(|frame| frame.visit()) else { return };
        let event = match (visit.kind, &visit.work) {
            (StateKind::Map, Work::Begin) => Event::Map(MapEvent::Failed),
            (StateKind::Parallel, Work::Begin) => Event::Parallel(ParallelEvent::Failed),
            _ => return,
        };
        self.emit(frame, event);
    }

    fn catch(
        &mut self,
        frame: FrameId,
        state: &State,
        catcher: &Catcher,
        failure: &Failure,
        source: u32,
    ) -> Result<(), Failure> {
        let output = Data::from_value(failure.output());
        let (output, assigned) = match state.query_language {
            QueryLanguage::JsonPath => {
                let assigned = dataflow::assign(self, frame, catcher.assign.as_ref(), output.value())?;
                (dataflow::result_path(self, frame, &catcher.result_path, &output)?, assigned)
            }
            QueryLanguage::Jsonata => {
                let input = dataflow::raw_input(self, frame);
                let bindings =
                    Bindings { error_output: Some(output.value()), ..Bindings::of_input(input.value()) };
                let assigned = dataflow::assign_jsonata(self, frame, catcher.assign.as_ref(), bindings)?;
                (jsonata::template(self, frame, catcher.output.as_ref(), &output, bindings)?, assigned)
            }
        };
        self.fail_container_event(frame, source);
        dataflow::exit(self, frame, state, output, assigned, Some(Text::from(&catcher.next)))
    }

    /// `ParallelStateFailed` or `MapStateFailed`, once, if the frame is in such a state.
    fn fail_container_event(&mut self, frame: FrameId, source: u32) {
        let Some(visit) = self.frame(frame).and_then(|frame| frame.visit()) else { return };
        let event = match (visit.kind, &visit.work) {
            (StateKind::Parallel, Work::Parallel { .. }) => Event::Parallel(ParallelEvent::Failed),
            (StateKind::Map, Work::Map(_)) => Event::Map(MapEvent::Failed),
            _ => return,
        };
        self.emit_after(frame, event, source);
    }

    /// The abort events that one failing frame causes below its parent: its own state first, then the others',
    /// all pointing to the event that failed (recorded).
    fn abort_siblings(&mut self, parent: FrameId, failing: FrameId, source: u32) {
        if let Some((map, state, index)) = self.iteration(failing) {
            let event = MapEvent::IterationFailed { state, index, frame: failing };
            self.emit_after(map, Event::Map(event), source);
        }
        self.abort_state(failing, source);
        self.abort_below(parent, source, Some(failing));
    }

    /// The abort events of everything that is open below a frame, but for one that has its own.
    fn abort_below(&mut self, frame: FrameId, source: u32, but_for: Option<FrameId>) {
        let mut open = self.execution.open_descendants(frame);
        open.retain(|open| Some(*open) != but_for);
        // Named before the first of them closes: an inner Map is aborted before its iterations are.
        let iterations: Vec<_> = open.iter().map(|open| self.iteration(*open)).collect();
        for (open, iteration) in open.into_iter().zip(iterations) {
            self.iteration_aborted(open, iteration, source);
            self.abort_state(open, source);
        }
    }

    /// The Map, its state and the index of the item, when the frame is an iteration.
    fn iteration(&self, frame: FrameId) -> Option<(FrameId, Text, u32)> {
        let (parent, index) = self.frame(frame).and_then(|frame| Some((frame.parent?, frame.index)))?;
        let visit = self.frame(parent)?.visit()?;
        (visit.kind == StateKind::Map).then(|| (parent, visit.state.clone(), index))
    }

    fn iteration_aborted(&mut self, frame: FrameId, iteration: Option<(FrameId, Text, u32)>, source: u32) {
        if let Some((map, state, index)) = iteration {
            self.emit_after(map, Event::Map(MapEvent::IterationAborted { state, index, frame }), source);
        }
    }

    /// `…StateAborted` of the state that a frame is in, for the types that have it.
    fn abort_state(&mut self, frame: FrameId, source: u32) {
        let kind = self.frame(frame).and_then(|frame| match &frame.cursor {
            Cursor::In(visit) => Some(visit.kind),
            Cursor::Ready { .. } | Cursor::Done { .. } | Cursor::Closed { .. } => None,
        });
        if let Some(kind @ (StateKind::Task | StateKind::Wait | StateKind::Parallel | StateKind::Map)) = kind
        {
            self.emit_after(frame, Event::State(StateEvent::Aborted { kind }), source);
        }
    }

    /// Abort events of everything below the top level, when the execution is stopped.
    pub(crate) fn abort_all_below_top(&mut self) {
        let open = self.execution.open_descendants(0);
        let iterations: Vec<_> = open.iter().map(|open| self.iteration(*open)).collect();
        for (open, iteration) in open.into_iter().zip(iterations) {
            let Some(last) = self.frame(open).map(|frame| frame.last) else { continue };
            self.iteration_aborted(open, iteration, last);
            self.abort_state(open, last);
        }
    }

    /// When the next attempt begins: IntervalSeconds × BackoffRate^attempts, capped by MaxDelaySeconds, then jitter.
    fn backoff(&self, retrier: &Retrier, attempts: u32) -> Timestamp {
        let exponent = i32::try_from(attempts).unwrap_or(i32::MAX);
        let mut seconds = retrier.interval_seconds as f64 * retrier.backoff_rate.powi(exponent);
        if let Some(most) = retrier.max_delay_seconds {
            seconds = seconds.min(most as f64);
        }
        if retrier.full_jitter {
            seconds *= self.draws.next_unit();
        }
        // Half the range of a timestamp is longer than any execution lives.
        let millis = (seconds * 1000.0).min(i64::MAX as f64 / 2.0) as i64;
        Timestamp(self.at.0.saturating_add(millis))
    }

    fn within_limits(&self, failure: Failure) -> Failure {
        let limits = self.limits();
        let cut = |text: Option<Text>, most: usize| text.map(|text| cut_to(text, most));
        Failure {
            error: cut(failure.error, limits.error_characters),
            cause: cut(failure.cause, limits.cause_characters),
        }
    }
}

fn matching_retrier<'a>(state: &'a State, error: &str) -> Option<(u32, &'a Retrier)> {
    let found = state.retry.iter().enumerate().find(|(_, one)| asl::error_matches(&one.error_equals, error));
    found.map(|(index, retrier)| (index as u32, retrier))
}

fn cut_to(text: Text, most: usize) -> Text {
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        Some((at, _)) => Text::from(text.get(..at).unwrap_or_default()),
        None => text,
    }
}
