//! The shape of a history without its payloads: what a picture, a timeline and a table are folded from. Read in order, and on from
//! where the last reading ended, so that a page that watches costs what is new.
//!
//! *Not* here: columns and JSON (the server's), which status a state has (who draws folds that).

use std::collections::HashMap;

use interpreter::history::project;
use interpreter::{Event, MapEvent, ParallelEvent, ROOT, Record, StateEvent};
use store::{ExecutionKey, Store};
use wire::{HistoryEvent, HistoryEventType};

use super::ReadError;
use super::records::Records;

/// Batches that are fetched at a time.
const FETCH: usize = 64;

/// One public event.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: u32,
    /// Its `previousEventId`.
    pub previous: u32,
    /// Its type.
    pub kind: HistoryEventType,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// The thread of control that it belongs to.
    pub frame: u32,
    /// The state that this thread was in.
    pub state: Option<String>,
    /// The error's name, of an event that tells of one.
    pub error: Option<String>,
}

/// How a thread of control began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The top level.
    Root,
    /// A branch of a Parallel.
    Branch,
    /// An iteration of a Map.
    Iteration,
}

/// A thread of control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameStart {
    /// Its number.
    pub id: u32,
    /// The thread that it was begun by; the root's is its own.
    pub parent: u32,
    /// How it began.
    pub kind: FrameKind,
    /// Which branch, which item.
    pub index: u32,
    /// The event that began it.
    pub event: u32,
}

/// A retry that was scheduled.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// The event that it follows.
    pub after: u32,
    /// Its thread of control.
    pub frame: u32,
    /// Which Retrier.
    pub retrier: u32,
    /// When the next attempt begins.
    pub until: i64,
    /// The error that was matched.
    pub error: Option<String>,
}

/// A Wait that began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// The event that it follows.
    pub after: u32,
    /// Its thread of control.
    pub frame: u32,
    /// When it ends.
    pub until: i64,
}

/// What one reading found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// Events in the order of their ids, without a gap.
    pub entries: Vec<Entry>,
    /// Threads of control that began.
    pub frames: Vec<FrameStart>,
    /// Retries that were scheduled.
    pub retries: Vec<Backoff>,
    /// Waits that began.
    pub waits: Vec<Waiting>,
}

/// A reader of one execution; each call of [`IndexReader::read`] goes on where the last one ended.
#[derive(Debug)]
pub struct IndexReader {
    execution: ExecutionKey,
    /// Sequence number of the next record.
    next: u32,
    /// The state that each thread is in, and its last event.
    places: HashMap<u32, (Option<String>, u32)>,
}

impl IndexReader {
    /// A reader that begins at the first event.
    pub fn new(execution: ExecutionKey) -> IndexReader {
        IndexReader { execution, next: 1, places: HashMap::new() }
    }

    /// What is new, up to about `limit` events. Nothing when there is nothing new.
    ///
    /// # Errors
    /// The store's, and [`ReadError::Records`].
    pub fn read(&mut self, store: &dyn Store, limit: usize) -> Result<Index, ReadError> {
        let mut records = Records::new(store, self.execution);
        let mut index = Index::default();
        while index.entries.len() < limit {
            let batches = store.batches(self.execution, self.next, FETCH)?;
            let Some(last) = batches.last().map(|batch| batch.last) else { break };
            for batch in batches {
                for record in records.of(batch)? {
                    if record.seq >= self.next {
                        self.take(&record, &mut index);
                    }
                }
            }
            self.next = last.saturating_add(1);
        }
        Ok(index)
    }

    fn take(&mut self, record: &Record, to: &mut Index) {
        let frame = record.frame;
        self.place(record, to);
        if let Some((public, event)) = record.public.zip(project(record, false)) {
            let place = self.places.entry(frame).or_default();
            place.1 = public.id;
            to.entries.push(Entry {
                id: public.id,
                previous: public.previous,
                kind: event.r#type,
                at: record.at.0,
                frame,
                state: place.0.clone(),
                error: error_of(&event),
            });
            if matches!(record.event, Event::State(StateEvent::Exited { .. } | StateEvent::Aborted { .. })) {
                place.0 = None;
            }
        }
        if record.seq == 1 {
            to.frames.push(FrameStart { id: ROOT, parent: ROOT, kind: FrameKind::Root, index: 0, event: 1 });
        }
    }

    /// What a record says of threads and of times to come.
    fn place(&mut self, record: &Record, to: &mut Index) {
        let frame = record.frame;
        let event = record.public.map_or(0, |public| public.id);
        match &record.event {
            Event::State(StateEvent::Entered { state, .. }) => {
                self.places.insert(frame, (Some(state.to_string()), event));
            }
            Event::State(StateEvent::Waiting { until }) => {
                let after = self.places.get(&frame).map_or(0, |place| place.1);
                to.waits.push(Waiting { after, frame, until: until.0 });
            }
            Event::State(StateEvent::RetryScheduled { retrier, until, after, error }) => {
                let error = error.as_ref().map(ToString::to_string);
                to.retries.push(Backoff { after: *after, frame, retrier: *retrier, until: until.0, error });
            }
            Event::Parallel(ParallelEvent::Started { first, start_at, .. }) => {
                for index in 0..u32::try_from(start_at.len()).unwrap_or(u32::MAX) {
                    let id = first.saturating_add(index);
                    to.frames.push(FrameStart { id, parent: frame, kind: FrameKind::Branch, index, event });
                }
            }
            Event::Map(MapEvent::IterationStarted { index, frame: id, .. }) => {
                let (id, index) = (*id, *index);
                to.frames.push(FrameStart { id, parent: frame, kind: FrameKind::Iteration, index, event });
            }
            _ => {}
        }
    }
}

/// The name of the error that an event tells of.
fn error_of(event: &HistoryEvent) -> Option<String> {
    None.or(event.task_failed_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.lambda_function_failed_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.activity_failed_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.task_timed_out_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.lambda_function_timed_out_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.activity_timed_out_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.evaluation_failed_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.execution_failed_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.execution_aborted_event_details.as_ref().and_then(|details| details.error.clone()))
        .or(event.execution_timed_out_event_details.as_ref().and_then(|details| details.error.clone()))
}
