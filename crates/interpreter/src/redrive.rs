//! Redrive: who may go on after an unsuccessful end, and from where (developer guide, "Restarting state machine executions
//! with redrive"; API reference, RedriveExecution). What is decided here stands in the record; `apply` reopens the frames.
//!
//! States that were left are never run again. Of the others a Task is scheduled again, a Choice and a Wait are evaluated
//! again, a Fail is entered again; of a Parallel or an inline Map only what failed or was aborted goes on.

use std::collections::BTreeSet;
use std::fmt;

use minicbor::{Decode, Encode};

use crate::event::StateKind;
use crate::execution::{EffectId, Execution, Status};
use crate::failure::DATA_LIMIT;
use crate::frame::{Cursor, Frame, Work};
use crate::limits::Limits;
use crate::record::{FrameId, Timestamp};
use crate::text::Text;

/// How many client tokens of redrives are remembered (API reference).
pub(crate) const TOKENS: usize = 10;
/// For how long each is, in seconds: 15 minutes (API reference).
const TOKEN_SECONDS: u64 = 900;

/// An execution goes on after it had ended unsuccessfully.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Redriven {
    /// `redriveCount`: how often it was, with this one.
    #[n(0)]
    pub count: u32,
    /// When the whole execution times out from now on.
    #[n(1)]
    pub timeout_at: Option<Timestamp>,
    /// Which frames go on, and how; the others stay as they are.
    #[n(2)]
    pub points: Vec<Point>,
    /// The client's token for this redrive.
    #[n(3)]
    pub token: Option<Text>,
    /// Jobs and children that it had given up, and that were seen to while it was closed, by their tasks.
    #[n(4)]
    pub released: Vec<EffectId>,
}

/// A frame that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Point {
    /// Which.
    #[n(0)]
    pub frame: FrameId,
    /// How.
    #[n(1)]
    pub resume: Resume,
}

/// How a frame goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Resume {
    /// The work of its state begins again; frames below it are gone.
    #[n(0)]
    Again,
    /// Its state is entered again.
    #[n(1)]
    Enter,
    /// From where it stood: a Parallel or a Map with frames below it that go on, or a state that it was about to enter.
    #[n(2)]
    GoOn,
}

/// Why an execution cannot be redriven; shown as `redriveStatusReason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRedrivable {
    /// It runs, or has succeeded: the status as the API names it.
    Status(&'static str),
    /// Its state machine is being deleted.
    MachineDeleting,
    /// Its history has no room left.
    HistoryEvents,
    /// It began longer ago than an execution may last.
    ExecutionTime,
    /// It ended longer ago than an execution can be redriven.
    Period,
}

impl fmt::Display for NotRedrivable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first is recorded; the others are those of the API reference, DescribeExecution.
        f.write_str(match self {
            NotRedrivable::Status(status) => {
                return write!(f, "Execution is {status} and cannot be redriven");
            }
            NotRedrivable::MachineDeleting => "State machine is in DELETING status",
            NotRedrivable::HistoryEvents => "Execution history event limit exceeded",
            NotRedrivable::ExecutionTime => "Execution has exceeded the max execution time",
            NotRedrivable::Period => "Execution redrivable period exceeded",
        })
    }
}

impl std::error::Error for NotRedrivable {}

impl Limits {
    /// Whether an execution that ended unsuccessfully can be redriven at this time. `events` are those of its public history.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn redrivable(
        &self,
        started_at: Timestamp,
        stopped_at: Timestamp,
        events: u32,
        at: Timestamp,
    ) -> Result<(), NotRedrivable> {
        let is_over = |from: Timestamp, seconds: Option<u64>| {
            seconds.is_some_and(|seconds| at >= from.plus_seconds(seconds))
        };
        // Fewer than 24,999 of 25,000: there must be room for what a redrive adds.
        if self.history_events.is_some_and(|most| events.saturating_add(1) >= most) {
            return Err(NotRedrivable::HistoryEvents);
        }
        if is_over(started_at, self.lifetime_seconds) {
            return Err(NotRedrivable::ExecutionTime);
        }
        if is_over(stopped_at, self.redrivable_seconds) {
            return Err(NotRedrivable::Period);
        }
        Ok(())
    }
}

impl Execution {
    /// Whether it can be redriven at this time. Whether its state machine is being deleted is for others to know.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn redrivable(&self, at: Timestamp) -> Result<(), NotRedrivable> {
        match (&self.status, self.closed_at) {
            (Status::Succeeded { .. }, _) => Err(NotRedrivable::Status("SUCCEEDED")),
            (Status::Failed { .. } | Status::TimedOut | Status::Aborted { .. }, Some(closed_at)) => {
                self.limits().redrivable(self.started_at, closed_at, self.event, at)
            }
            _ => Err(NotRedrivable::Status("RUNNING")),
        }
    }

    /// When it was redriven with this token, if that is still remembered: the last ten, each for 15 minutes.
    pub fn redriven_with(&self, token: &str, at: Timestamp) -> Option<Timestamp> {
        let found = self.redrive_tokens.iter().rev().find(|(known, _)| &**known == token);
        found.map(|(_, redriven)| *redriven).filter(|redriven| at < redriven.plus_seconds(TOKEN_SECONDS))
    }

    /// How often it was redriven, and when last.
    pub fn redrives(&self) -> (u32, Option<Timestamp>) {
        (self.redrive_count, self.redriven_at)
    }

    /// The frames that a redrive goes on with. A parent's number is smaller than its children's, so it comes first.
    pub(crate) fn resume_points(&self) -> Vec<Point> {
        let mut going_on = BTreeSet::new();
        let mut points = Vec::new();
        for (frame, found) in &self.frames {
            if found.parent.is_some_and(|parent| !going_on.contains(&parent)) {
                continue;
            }
            let Some(resume) = self.resume(found) else { continue };
            if resume == Resume::GoOn {
                going_on.insert(*frame);
            }
            points.push(Point { frame: *frame, resume });
        }
        points
    }

    /// How a frame goes on; `None` when its flow had ended.
    fn resume(&self, frame: &Frame) -> Option<Resume> {
        let visit = match frame.cursor.before_closing() {
            Cursor::Ready { .. } => return Some(Resume::GoOn),
            Cursor::Done { .. } | Cursor::Closed { .. } => return None,
            Cursor::In(visit) => visit,
        };
        let is_container = matches!(visit.kind, StateKind::Parallel | StateKind::Map);
        Some(match visit.failed.as_ref().unwrap_or(&visit.work) {
            _ if visit.kind == StateKind::Fail => Resume::Enter,
            // When all of them have succeeded, it was their result that failed: all run again.
            Work::Parallel { first, count } if self.has_unfinished(*first, *count) => Resume::GoOn,
            Work::Map(map) if map.finished < map.length => Resume::GoOn,
            Work::Returned { .. } if is_container && !self.failed_for_size() => Resume::GoOn,
            _ => Resume::Again,
        })
    }

    fn has_unfinished(&self, first: FrameId, count: u32) -> bool {
        let is_done =
            |id| matches!(self.frames.get(&id).map(|frame| &frame.cursor), Some(Cursor::Done { .. }));
        (first..first.saturating_add(count)).any(|id| !is_done(id))
    }

    fn failed_for_size(&self) -> bool {
        matches!(&self.status, Status::Failed { error: Some(error), .. } if &**error == DATA_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::NotRedrivable;
    use crate::{Limits, Timestamp};

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn an_end_is_redrivable_for_a_while_and_with_room_in_its_history() {
        let check = |events: u32, started: i64, at: i64, wanted: Option<NotRedrivable>| {
            let found =
                Limits::SERVICE.redrivable(Timestamp(started), Timestamp(0), events, Timestamp(at)).err();
            assert_eq!(found, wanted, "{events} events, started {started}, at {at}");
        };
        check(24_998, 0, 0, None);
        check(24_999, 0, 0, Some(NotRedrivable::HistoryEvents));
        check(5, 0, 14 * DAY_MS - 1, None);
        check(5, 0, 14 * DAY_MS, Some(NotRedrivable::Period));
        check(5, -364 * DAY_MS, DAY_MS - 1, None);
        check(5, -364 * DAY_MS, DAY_MS, Some(NotRedrivable::ExecutionTime));
    }
}
