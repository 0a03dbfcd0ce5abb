//! Pending rows: what brings an execution back that is not in memory. A function of its state alone, so that the rows can
//! be rebuilt from the records at any time. When the shard looks at an effect meanwhile is soft state (`timers`).

use interpreter::{Effect, Execution, Parent, TaskEffect, TaskPhase, Timestamp};
use store::{ExecutionKey, Pending, PendingKey, PendingKind};

use crate::activities::QueuedTask;

/// The effect of the row that an execution has while its turn is not at its end: no record has this number.
const UNFINISHED_TURN: u32 = 0;

/// The pending rows that an execution's state calls for, in the order of their effects.
pub fn pending_rows(key: ExecutionKey, execution: &Execution) -> Vec<Pending> {
    let row = |effect, kind, due: Option<Timestamp>| Pending {
        key: PendingKey { execution: key, effect },
        kind,
        due: due.map(|at| at.0),
        subject: None,
    };
    // A long turn waits for nothing outside, so nothing but this row finds the execution after a crash.
    let unfinished = execution.has_more().then(|| row(UNFINISHED_TURN, PendingKind::Task, None));
    let of_effects = execution.outstanding().map(|(effect, what)| match what {
        Effect::Timer { at } => row(effect, PendingKind::Timer, Some(at)),
        Effect::Task(task) => {
            let (kind, due) = of_task(&task);
            let subject = (kind == PendingKind::Activity).then(|| QueuedTask::subject(&task));
            Pending { subject, ..row(effect, kind, due) }
        }
    });
    let abandoned = execution.abandoned().map(|(effect, _)| row(effect, PendingKind::Abandoned, None));
    let reports = execution.parents().filter(|(_, parent)| parent.awaits && execution.is_closed());
    let reports = reports.map(|(seq, parent)| Pending {
        subject: Some(subject_of(parent)),
        ..row(seq, PendingKind::Report, None)
    });
    let mut rows: Vec<Pending> =
        unfinished.into_iter().chain(of_effects).chain(abandoned).chain(reports).collect();
    rows.sort_unstable_by_key(|row| row.key);
    rows
}

/// Whom a report is for, as a row says it: the execution's key and the task.
fn subject_of(parent: Parent) -> String {
    format!("{:016x}-{}", parent.execution, parent.effect)
}

/// Whom a report's row is for.
pub(crate) fn parent_of(subject: &str) -> Option<Parent> {
    let (execution, effect) = subject.split_once('-')?;
    Some(Parent {
        execution: u64::from_str_radix(execution, 16).ok()?,
        effect: effect.parse().ok()?,
        awaits: true,
    })
}

/// A job is asked after at once by whoever finds its row, a child says itself when it has ended; a token with a heartbeat is
/// looked at after one interval.
fn of_task(task: &TaskEffect) -> (PendingKind, Option<Timestamp>) {
    match task.phase {
        TaskPhase::Scheduled | TaskPhase::Started => (PendingKind::Task, task.due),
        TaskPhase::Queued => (PendingKind::Activity, None),
        TaskPhase::AwaitingToken => {
            let heartbeat = task.heartbeat.map(|interval| task.since.plus_seconds(interval));
            (PendingKind::Token, task.due.into_iter().chain(heartbeat).min())
        }
        TaskPhase::Job if task.kind.is_child() => (PendingKind::Child, task.due),
        TaskPhase::Job => (PendingKind::Job, Some(task.since)),
    }
}
