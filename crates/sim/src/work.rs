//! What of an execution's work is done and must not be done again, kept from its records alone: states that were left, and
//! branches and iterations that succeeded below a Parallel or a Map that was redriven.

use std::collections::{BTreeMap, BTreeSet};

use interpreter::{Event, ExecutionEvent, FrameId, MapEvent, ParallelEvent, Record, StateEvent, Text};

/// What is done.
#[derive(Debug, Default)]
pub(crate) struct WorkDone {
    /// States that were left; flows only lead forward, so none is entered again in the same frame.
    left: BTreeSet<(FrameId, Text)>,
    /// Parallels and Maps that run: how many branches or items, and how many of them have succeeded.
    containers: BTreeMap<FrameId, (usize, usize)>,
    /// Which of them a branch belongs to.
    branches: BTreeMap<FrameId, FrameId>,
    /// Those that were redriven while only a part of them had succeeded.
    partial: BTreeSet<FrameId>,
}

impl WorkDone {
    /// A record comes.
    ///
    /// # Errors
    /// What it does again.
    pub(crate) fn check(&mut self, record: &Record) -> Result<(), String> {
        let frame = record.frame;
        match &record.event {
            Event::State(StateEvent::Entered { state, .. })
                if self.left.contains(&(frame, state.clone())) =>
            {
                return Err(format!("record {} enters {state} again, which was left", record.seq));
            }
            Event::State(StateEvent::Exited { state, next, .. }) => {
                self.left.insert((frame, state.clone()));
                self.gone(frame);
                if next.is_none()
                    && let Some(parent) = self.branches.get(&frame)
                {
                    self.containers.entry(*parent).or_default().1 += 1;
                }
            }
            Event::State(StateEvent::RetryScheduled { .. }) => self.gone(frame),
            Event::Parallel(ParallelEvent::Started { first, start_at, .. }) => {
                self.begun(record, start_at.len())?;
                let branches = (0..).zip(start_at).map(|(index, _): (u32, _)| (first + index, frame));
                self.branches.extend(branches);
            }
            Event::Map(MapEvent::Started { length, .. }) => self.begun(record, *length as usize)?,
            Event::Map(MapEvent::IterationSucceeded { .. }) => {
                self.containers.entry(frame).or_default().1 += 1;
            }
            Event::Execution(ExecutionEvent::Redriven(_)) => {
                let partial = self.containers.iter().filter(|(_, (all, done))| *done > 0 && done < all);
                self.partial = partial.map(|(frame, _)| *frame).collect();
            }
            _ => {}
        }
        Ok(())
    }

    fn begun(&mut self, record: &Record, all: usize) -> Result<(), String> {
        if self.partial.contains(&record.frame) {
            return Err(format!("record {} runs again what had succeeded", record.seq));
        }
        self.containers.insert(record.frame, (all, 0));
        Ok(())
    }

    fn gone(&mut self, frame: FrameId) {
        self.containers.remove(&frame);
        self.partial.remove(&frame);
    }
}
