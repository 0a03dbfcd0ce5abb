//! One turn: an input is accepted, then every runnable frame steps until all are blocked or the turn is long enough.
//! `emit` applies and remembers, so that deciding code reads plainly: read state, emit, read new state.

use std::cell::RefCell;
use std::sync::Arc;

use asl::{Draws, Scope, StateMachine};
use value::Value;

use crate::context::{self, Extra};
use crate::data::Data;
use crate::event::{Event, ExecutionEvent, Started, StateEvent, StateKind, TaskEvent, TaskKind};
use crate::execution::{EffectId, Execution, Place, Status};
use crate::failure::{Failure, HEARTBEAT_TIMEOUT, RUNTIME, TIMEOUT};
use crate::frame::{Cursor, EarlyAnswer, Frame, Phase, Work};
use crate::input::{Answer, Input, Stale, Start};
use crate::limits::Limits;
use crate::record::{FrameId, PublicId, ROOT, Record, Timestamp};
use crate::redrive::Redriven;
use crate::step;
use crate::test_state::{self, Bench};
use crate::text::Text;

/// One turn of an execution.
pub(crate) struct Turn<'a> {
    pub(crate) execution: &'a mut Execution,
    pub(crate) definition: Arc<StateMachine>,
    pub(crate) at: Timestamp,
    pub(crate) draws: Draws,
    /// The frame and field of an expression that has just failed, until its failure is handled.
    pub(crate) evaluation_failed: RefCell<Option<(FrameId, Option<Text>)>>,
    /// What the tester of a state supplies, and where what is seen is written down; in an execution there is none.
    pub(crate) bench: Option<&'a Bench>,
    records: Vec<Record>,
    /// Failures that were accepted and are not yet handled, in order.
    failures: Vec<(FrameId, Failure)>,
    entered: u32,
    /// No state is entered any more.
    machine_deleted: bool,
}

impl Execution {
    /// Accepts one input and runs until every frame is blocked (or the turn is long: then [`Execution::has_more`]).
    /// Returns what to commit. On [`Stale`] nothing changed.
    pub fn advance(&mut self, input: Input, at: Timestamp) -> Result<Vec<Record>, Stale> {
        let mut turn = Turn::new(self, at);
        turn.accept(input)?;
        Ok(turn.run())
    }

    /// Accepts several inputs that came at the same time, then runs. Says for each whether it was accepted.
    pub fn advance_all(
        &mut self,
        inputs: Vec<Input>,
        at: Timestamp,
    ) -> (Vec<Record>, Vec<Result<(), Stale>>) {
        let mut turn = Turn::new(self, at);
        let accepted = inputs.into_iter().map(|input| turn.accept(input)).collect();
        (turn.run(), accepted)
    }
}

impl<'a> Turn<'a> {
    fn new(execution: &'a mut Execution, at: Timestamp) -> Turn<'a> {
        let seed = execution.started.as_ref().map_or(0, |started| started.seed);
        let draws = Draws::new(seed ^ u64::from(execution.seq).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let definition = execution.definition.clone();
        Turn {
            execution,
            definition,
            at,
            draws,
            evaluation_failed: RefCell::new(None),
            bench: None,
            records: Vec::new(),
            failures: Vec::new(),
            entered: 0,
            machine_deleted: false,
        }
    }

    /// A turn of a state under test.
    pub(crate) fn of_test(execution: &'a mut Execution, at: Timestamp, bench: &'a Bench) -> Turn<'a> {
        Turn { bench: Some(bench), ..Turn::new(execution, at) }
    }

    pub(crate) fn run(mut self) -> Vec<Record> {
        for (frame, failure) in std::mem::take(&mut self.failures) {
            if self.is_failing(frame) {
                self.fail(frame, failure);
            }
        }
        let most = self.limits().transitions_per_turn;
        while self.entered < most {
            let Some(frame) = self.execution.runnable.first().copied() else { break };
            if self.execution.is_closed() || self.test_is_decided() {
                break;
            }
            if let Err(failure) = step::step(&mut self, frame) {
                self.fail(frame, failure);
            }
        }
        self.records
    }

    fn test_is_decided(&self) -> bool {
        self.bench.is_some() && self.records.iter().any(test_state::decides)
    }

    /// Whether the frame's task has failed and nobody has handled it.
    fn is_failing(&self, frame: FrameId) -> bool {
        let visit = self.frame(frame).and_then(Frame::visit);
        !self.execution.is_closed() && visit.is_some_and(|visit| matches!(visit.work, Work::Backoff))
    }

    pub(crate) fn frame(&self, frame: FrameId) -> Option<&Frame> {
        self.execution.frames.get(&frame)
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.execution.limits()
    }

    /// Evaluates something as the frame's state sees it, with `data` as `$`.
    pub(crate) fn see<R>(
        &self,
        frame: FrameId,
        data: &Value,
        extra: Extra<'_>,
        f: impl FnOnce(&Scope<'_>) -> R,
    ) -> R {
        let context = || self.context(frame, extra);
        let variables = |name: &str| self.variable(frame, name);
        f(&Scope { data, context: &context, variables: &variables, draws: &self.draws })
    }

    /// The context object as the frame's state sees it.
    pub(crate) fn context(&self, frame: FrameId, extra: Extra<'_>) -> Value {
        match self.bench {
            None => context::build(self.execution, frame, extra),
            Some(bench) => bench.context(self.execution, extra),
        }
    }

    /// Emits an event that points to the last one of its frame.
    pub(crate) fn emit(&mut self, frame: FrameId, event: Event) {
        let previous = self.frame(frame).map_or(0, |frame| frame.last);
        self.emit_after(frame, event, previous);
    }

    /// Emits an event that points to `previous`.
    pub(crate) fn emit_after(&mut self, frame: FrameId, event: Event, previous: u32) {
        let is_redrive = matches!(event, Event::Execution(ExecutionEvent::Redriven(_)));
        if self.execution.is_closed() && !is_redrive {
            return;
        }
        let (event, previous) = match self.last_possible_event(&event) {
            Some(id) => (history_is_full(id), id - 1),
            None => (event, previous),
        };
        let mut event = event;
        let seq = self.execution.seq + 1;
        let mut place = 0;
        event.for_each_data(&mut |data| data.settle(seq, &mut place));
        let public = event.is_public().then(|| PublicId { id: self.execution.event + 1, previous });
        if matches!(event, Event::State(StateEvent::Entered { .. })) {
            self.entered += 1;
        }
        let record = Record { seq, at: self.at, frame, public, event };
        self.execution.apply(&record);
        self.records.push(record);
    }

    /// The id that this event would have, if it is the last one that the history has room for and does not end it.
    fn last_possible_event(&self, event: &Event) -> Option<u32> {
        let most = self.limits().history_events?;
        let id = self.execution.event + 1;
        (event.is_public() && id >= most && !event.is_end()).then_some(id)
    }

    pub(crate) fn accept(&mut self, input: Input) -> Result<(), Stale> {
        if let Input::Start(start) = input {
            return self.start(*start);
        }
        if let Input::Redrive { token, owed } = input {
            return self.redrive(token, &owed);
        }
        if self.execution.status != Status::Running {
            return Err(Stale);
        }
        let over = self.execution.end_of_life().is_some_and(|end| self.at >= end);
        if over && !matches!(input, Input::Stop { .. }) {
            self.time_out();
            return Ok(());
        }
        match input {
            Input::Start(_) | Input::Redrive { .. } => Err(Stale),
            Input::Continue => Ok(()),
            Input::Released { effect } => {
                self.execution.abandoned.contains_key(&effect).then_some(()).ok_or(Stale)?;
                self.emit(0, Event::Task(TaskEvent::Released { effect }));
                Ok(())
            }
            Input::Adopted(parent) => {
                if !self.execution.is_child_of(parent) {
                    self.emit(0, Event::Execution(ExecutionEvent::Adopted { parent }));
                }
                Ok(())
            }
            Input::MachineDeleted => {
                self.machine_deleted = true;
                Ok(())
            }
            Input::Stop { error, cause } => {
                self.abort_all_below_top();
                self.emit_after(0, Event::Execution(ExecutionEvent::Aborted { error, cause }), 0);
                Ok(())
            }
            Input::TimerFired(effect) => self.timer_fired(effect),
            Input::Dispatch { effect, worker } => self.dispatch(effect, worker),
            Input::Returned { effect } => self.returned(effect),
            Input::Submitted { effect, output, handle } => {
                let handle = handle.map(Data::new);
                self.submitted(effect, Data::new(output), handle)
            }
            Input::Answered { effect, by_token, answer } => self.answered(effect, by_token, answer),
            Input::Interrupted { effect, failure } => self.interrupted(effect, failure),
            Input::TaskTimedOut { effect, heartbeat } => self.task_timed_out(effect, heartbeat),
        }
    }

    fn start(&mut self, start: Start) -> Result<(), Stale> {
        if self.execution.status != Status::New {
            return Err(Stale);
        }
        let express = start.express.is_some();
        let started = Started {
            input: Data::new(start.input),
            name: start.name,
            machine: start.machine,
            role: start.role,
            start_at: Text::from(&self.definition.root.start_at),
            seed: start.seed,
            timeout_at: self.timeout_at(express),
            express: start.express,
            version_arn: start.version_arn,
            alias_arn: start.alias_arn,
            trace_header: start.trace_header,
            mocks: start.mocks.map(Data::new),
            parent: start.parent,
        };
        self.draws = Draws::new(started.seed);
        self.emit_after(0, Event::Execution(ExecutionEvent::Started(Box::new(started))), 0);
        Ok(())
    }

    /// When an execution that begins, or goes on, now times out.
    fn timeout_at(&self, express: bool) -> Option<Timestamp> {
        let environment = &self.execution.environment;
        let limits = if express { &environment.express } else { &environment.standard };
        let timeout = [self.definition.timeout_seconds, limits.execution_seconds].into_iter().flatten().min();
        timeout.map(|seconds| self.at.plus_seconds(seconds))
    }

    /// The machine's timeout begins anew (developer guide, "Restarting state machine executions with redrive").
    fn redrive(&mut self, token: Option<Text>, owed: &[EffectId]) -> Result<(), Stale> {
        self.execution.redrivable(self.at).map_err(|_| Stale)?;
        let redriven = Redriven {
            count: self.execution.redrive_count.saturating_add(1),
            timeout_at: self.timeout_at(false),
            points: self.execution.resume_points(),
            token,
            released: self.execution.abandoned.keys().copied().filter(|task| !owed.contains(task)).collect(),
        };
        self.emit(ROOT, Event::Execution(ExecutionEvent::Redriven(Box::new(redriven))));
        self.entered = u32::MAX;
        Ok(())
    }

    /// The execution has lasted for as long as it may.
    fn time_out(&mut self) {
        self.abort_all_below_top();
        self.emit_after(0, Event::Execution(ExecutionEvent::TimedOut), 0);
    }

    fn timer_fired(&mut self, effect: EffectId) -> Result<(), Stale> {
        match self.execution.effects.get(&effect).copied().ok_or(Stale)? {
            Place::Timeout { .. } => {
                self.time_out();
                Ok(())
            }
            Place::Timer { frame, .. } => {
                if let Err(failure) = step::timer_fired(self, frame) {
                    self.fail(frame, failure);
                }
                Ok(())
            }
            Place::Task { .. } => Err(Stale),
        }
    }

    /// The frame of a task, and how far it is.
    fn task(&self, effect: EffectId) -> Result<(FrameId, Phase), Stale> {
        let Some(Place::Task { frame }) = self.execution.effects.get(&effect).copied() else {
            return Err(Stale);
        };
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        Ok((frame, task.phase))
    }

    fn dispatch(&mut self, effect: EffectId, worker: Option<Text>) -> Result<(), Stale> {
        let (frame, phase) = self.task(effect)?;
        if phase != Phase::Scheduled {
            return Err(Stale);
        }
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        let due = task.timeout.map(|seconds| self.at.plus_seconds(seconds));
        let event = TaskEvent::Started { kind: task.kind.clone(), due, worker };
        self.emit(frame, Event::Task(event));
        Ok(())
    }

    fn returned(&mut self, effect: EffectId) -> Result<(), Stale> {
        let (frame, phase) = self.task(effect)?;
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        if phase != Phase::Started || task.kind != TaskKind::Activity {
            return Err(Stale);
        }
        self.emit(frame, Event::Task(TaskEvent::Returned));
        Ok(())
    }

    fn submitted(&mut self, effect: EffectId, output: Data, handle: Option<Data>) -> Result<(), Stale> {
        let (frame, phase) = self.task(effect)?;
        if phase != Phase::Started {
            return Err(Stale);
        }
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        let (kind, early) = (task.kind.clone(), task.early.clone());
        if let Some(failure) = step::over_the_limit(self, frame, output.payload()) {
            self.task_failed(frame, failure);
            return Ok(());
        }
        self.emit(frame, Event::Task(TaskEvent::Submitted { kind, output, handle }));
        match early {
            None => {}
            Some(EarlyAnswer::Succeeded(output)) => self.task_succeeded(frame, output),
            Some(EarlyAnswer::Failed { error, cause }) => self.task_failed(frame, Failure { error, cause }),
        }
        Ok(())
    }

    fn answered(&mut self, effect: EffectId, by_token: bool, answer: Answer) -> Result<(), Stale> {
        let (frame, phase) = self.task(effect)?;
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        let waits_for_token = step::task::waits_for_token(&task.kind);
        match phase {
            Phase::Scheduled => Err(Stale),
            Phase::Started if by_token && waits_for_token => {
                if task.early.is_some() {
                    return Err(Stale);
                }
                let (output, error, cause) = match answer {
                    Answer::Succeeded(output) => (Some(Data::new(output)), None, None),
                    Answer::Failed(failure) => (None, failure.error, failure.cause),
                };
                self.emit(frame, Event::Task(TaskEvent::AnsweredEarly { output, error, cause }));
                Ok(())
            }
            Phase::Started | Phase::Submitted => {
                match answer {
                    Answer::Succeeded(output) => self.task_succeeded(frame, Data::new(output)),
                    Answer::Failed(failure) => self.task_failed(frame, failure),
                }
                Ok(())
            }
        }
    }

    fn interrupted(&mut self, effect: EffectId, failure: Failure) -> Result<(), Stale> {
        let (frame, phase) = self.task(effect)?;
        if phase != Phase::Started {
            return Err(Stale);
        }
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        match task.early.clone() {
            None => self.task_failed(frame, failure),
            Some(EarlyAnswer::Succeeded(output)) => self.task_succeeded(frame, output),
            Some(EarlyAnswer::Failed { error, cause }) => self.task_failed(frame, Failure { error, cause }),
        }
        Ok(())
    }

    fn task_succeeded(&mut self, frame: FrameId, output: Data) {
        if let Some(failure) = step::over_the_limit(self, frame, output.payload()) {
            return self.task_failed(frame, failure);
        }
        let Some((_, task)) = self.execution.task_of(frame) else { return };
        let kind = task.kind.clone();
        self.emit(frame, Event::Task(TaskEvent::Succeeded { kind, output }));
    }

    fn task_failed(&mut self, frame: FrameId, failure: Failure) {
        let Some((_, task)) = self.execution.task_of(frame) else { return };
        let kind = task.kind.clone();
        let Failure { error, cause } = failure.clone();
        self.emit(frame, Event::Task(TaskEvent::Failed { kind, error, cause }));
        self.failures.push((frame, failure));
    }

    fn task_timed_out(&mut self, effect: EffectId, heartbeat: bool) -> Result<(), Stale> {
        let (frame, phase) = self.task(effect)?;
        if phase == Phase::Scheduled {
            return Err(Stale);
        }
        let (_, task) = self.execution.task_of(frame).ok_or(Stale)?;
        let kind = task.kind.clone();
        self.emit(frame, Event::Task(TaskEvent::TimedOut { kind, heartbeat }));
        let error = if heartbeat { HEARTBEAT_TIMEOUT } else { TIMEOUT };
        self.failures.push((frame, Failure { error: Some(error.into()), cause: None }));
        Ok(())
    }

    /// Enters the state that a frame is about to enter.
    pub(crate) fn enter(&mut self, frame: FrameId) -> Result<(), Failure> {
        let Some(Cursor::Ready { state, input }) = self.frame(frame).map(|frame| &frame.cursor) else {
            return Ok(());
        };
        if self.machine_deleted {
            let name = self.execution.started.as_ref().map_or("", |started| &started.machine);
            return Err(Failure::runtime(format!("State machine {name} has been deleted.")));
        }
        let definition = self.definition.clone();
        let Some(found) = definition.state(state) else {
            return Err(Failure::new(
                RUNTIME,
                format!("The state '{state}' does not exist in the definition."),
            ));
        };
        let event =
            StateEvent::Entered { state: state.clone(), kind: step::kind(found), input: input.clone() };
        self.emit(frame, Event::State(event));
        Ok(())
    }

    /// The kind of the state that a frame is in.
    pub(crate) fn kind_of(&self, frame: FrameId) -> Option<StateKind> {
        self.frame(frame).and_then(Frame::visit).map(|visit| visit.kind)
    }
}

/// The event that ends a history that is full (recorded by others: event 25,000 is the failure itself).
fn history_is_full(id: u32) -> Event {
    let cause = format!("The execution reached the maximum number of history events ({id}).");
    Event::Execution(ExecutionEvent::Failed { error: Some(RUNTIME.into()), cause: Some(cause.into()) })
}
