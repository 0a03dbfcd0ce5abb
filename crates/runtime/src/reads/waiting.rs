//! A task that waits for its answer: what it was asked, by which state, since when. Found from its effect alone.

use interpreter::{EffectId, Event, FrameId, StateEvent, TaskEvent};
use store::{ExecutionKey, Store};
use value::Payload;

use super::ReadError;
use super::records::Records;

/// Batches that are looked through for the entry of the state; it is nearly always in the same one.
const LOOK_BACK: usize = 64;

/// A task.
#[derive(Clone, Debug)]
pub struct WaitingTask {
    /// The state.
    pub state: String,
    /// `Resource` as written.
    pub resource: String,
    /// When it was scheduled, in milliseconds since the epoch.
    pub since: i64,
    /// What was sent.
    pub parameters: Payload,
    /// Seconds between heartbeats, when set.
    pub heartbeat: Option<u64>,
    /// Whether its call has left; of an activity, whether a worker has it.
    pub is_started: bool,
}

/// The task that the record `effect` scheduled; `None` when it scheduled none.
///
/// # Errors
/// The store's, and [`ReadError::Records`].
pub fn waiting_task(
    store: &dyn Store,
    execution: ExecutionKey,
    effect: EffectId,
) -> Result<Option<WaitingTask>, ReadError> {
    let mut records = Records::new(store, execution);
    let mut from = effect;
    let mut found: Option<(u32, WaitingTask)> = None;
    for _ in 0..LOOK_BACK {
        let Some(batch) = store.batches(execution, from, 1)?.into_iter().next() else { break };
        let first = batch.first;
        for record in records.of(batch)?.into_iter().rev().filter(|record| record.seq <= effect) {
            match (&mut found, record.event) {
                (None, Event::Task(TaskEvent::Scheduled { resource, parameters, heartbeat, .. }))
                    if record.seq == effect =>
                {
                    let task = WaitingTask {
                        state: String::new(),
                        resource: resource.to_string(),
                        since: record.at.0,
                        parameters: parameters.payload().clone(),
                        heartbeat,
                        is_started: is_started(store, execution, effect, record.frame)?,
                    };
                    found = Some((record.frame, task));
                }
                (Some((frame, task)), Event::State(StateEvent::Entered { state, .. }))
                    if *frame == record.frame =>
                {
                    task.state = state.to_string();
                    return Ok(found.map(|(_, task)| task));
                }
                _ => {}
            }
        }
        if first <= 1 || found.is_none() {
            break;
        }
        from = first - 1;
    }
    Ok(found.map(|(_, task)| task))
}

/// Whether the task of this thread was started after it was scheduled.
fn is_started(
    store: &dyn Store,
    execution: ExecutionKey,
    effect: EffectId,
    frame: FrameId,
) -> Result<bool, ReadError> {
    let mut records = Records::new(store, execution);
    for batch in store.batches(execution, effect, LOOK_BACK)? {
        for record in records.of(batch)? {
            let of_task = record.frame == frame && record.seq > effect;
            if of_task && matches!(record.event, Event::Task(TaskEvent::Started { .. })) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
