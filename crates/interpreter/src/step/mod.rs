//! One step of a frame: a state is entered, its work begins, or it is left. One module a state type.

mod choice;
mod fail;
pub(crate) mod map;
mod parallel;
mod pass;
mod succeed;
pub(crate) mod task;
mod wait;

use asl::{Kind, State};
use value::Payload;

use crate::dataflow;
use crate::event::{Event, ExecutionEvent, StateKind};
use crate::failure::{DATA_LIMIT, Failure};
use crate::frame::{Cursor, Work};
use crate::record::FrameId;
use crate::test_state;
use crate::turn::Turn;

/// The type of a state, as records name it.
pub(crate) fn kind(state: &State) -> StateKind {
    match &state.kind {
        Kind::Pass(_) => StateKind::Pass,
        Kind::Task(_) => StateKind::Task,
        Kind::Choice(_) => StateKind::Choice,
        Kind::Wait(_) => StateKind::Wait,
        Kind::Succeed => StateKind::Succeed,
        Kind::Fail(_) => StateKind::Fail,
        Kind::Parallel(_) => StateKind::Parallel,
        Kind::Map(_) => StateKind::Map,
    }
}

/// Makes one step of a runnable frame.
pub(crate) fn step(turn: &mut Turn<'_>, frame: FrameId) -> Result<(), Failure> {
    let definition = turn.definition.clone();
    let cursor = turn.frame(frame).map(|frame| &frame.cursor);
    let Some(Cursor::In(visit)) = cursor else { return turn.enter(frame) };
    let Some(state) = definition.state(&visit.state) else {
        return Err(Failure::runtime(format!(
            "The state '{}' does not exist in the definition.",
            visit.state
        )));
    };
    match &visit.work {
        Work::Returned { result } => {
            let result = result.clone();
            dataflow::conclude(turn, frame, state, &result)
        }
        Work::Map(_) => map::proceed(turn, frame, state),
        Work::Begin => begin(turn, frame, state),
        Work::Task(_) | Work::Waiting | Work::Backoff | Work::Parallel { .. } => Ok(()),
    }
}

/// Begins the work of the state that a frame is in, at the first and at every later attempt.
fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State) -> Result<(), Failure> {
    match &state.kind {
        Kind::Pass(pass) => pass::begin(turn, frame, state, pass),
        Kind::Task(task) => task::begin(turn, frame, state, task),
        Kind::Choice(choice) => choice::begin(turn, frame, state, choice),
        Kind::Wait(wait) => wait::begin(turn, frame, state, wait),
        Kind::Succeed => succeed::begin(turn, frame, state),
        Kind::Fail(fail) => fail::begin(turn, frame, fail),
        Kind::Parallel(_) if turn.bench.is_some() => test_state::parallel(turn, frame, state),
        Kind::Map(map) if turn.bench.is_some() => test_state::map(turn, frame, state, map),
        Kind::Parallel(parallel) => parallel::begin(turn, frame, state, parallel),
        Kind::Map(map) => map::begin(turn, frame, state, map),
    }
}

/// A timer of a frame fired: a Wait ends, or a backoff does.
pub(crate) fn timer_fired(turn: &mut Turn<'_>, frame: FrameId) -> Result<(), Failure> {
    let definition = turn.definition.clone();
    let Some(visit) = turn.frame(frame).and_then(|frame| frame.visit()) else { return Ok(()) };
    let Some(state) = definition.state(&visit.state) else {
        return Err(Failure::runtime(format!(
            "The state '{}' does not exist in the definition.",
            visit.state
        )));
    };
    match &visit.work {
        Work::Waiting => wait::end(turn, frame, state),
        Work::Backoff => begin(turn, frame, state),
        Work::Begin | Work::Task(_) | Work::Parallel { .. } | Work::Map(_) | Work::Returned { .. } => Ok(()),
    }
}

/// A frame's flow ended: the execution succeeded, or the Parallel or Map that runs the frame hears of it.
pub(crate) fn flow_ended(turn: &mut Turn<'_>, frame: FrameId) {
    let Some(found) = turn.frame(frame) else { return };
    let Cursor::Done { output } = &found.cursor else { return };
    let output = output.clone();
    match found.parent {
        None => turn.emit(frame, Event::Execution(ExecutionEvent::Succeeded { output })),
        Some(parent) => match turn.kind_of(parent) {
            Some(StateKind::Parallel) => parallel::branch_ended(turn, parent, frame),
            Some(StateKind::Map) => map::iteration_ended(turn, parent, frame),
            _ => {}
        },
    }
}

/// The failure of a task's result over the limit. The service names the task by its kind: `lambda` (recorded).
pub(crate) fn over_the_limit(turn: &Turn<'_>, frame: FrameId, result: &Payload) -> Option<Failure> {
    let most = turn.limits().payload_bytes?;
    if result.len() <= most {
        return None;
    }
    let (state, task) = turn.execution.task_of(frame)?;
    Some(Failure::new(DATA_LIMIT, dataflow::too_large(task::limit_name(state, &task.kind, &task.resource))))
}
