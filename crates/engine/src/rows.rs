//! Pending rows: what brings an execution back that is not in memory. A function of its state alone, so that the rows can
//! be rebuilt from the records at any time. When the shard looks at an effect meanwhile is soft state (`timers`).

use interpreter::{Effect, Execution, TaskEffect, TaskPhase, Timestamp};
use store::{ExecutionKey, Pending, PendingKey, PendingKind};

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
            row(effect, kind, due)
        }
    });
    unfinished.into_iter().chain(of_effects).collect()
}

/// A job is asked after at once by whoever finds its row; a token with a heartbeat is looked at after one interval.
fn of_task(task: &TaskEffect) -> (PendingKind, Option<Timestamp>) {
    match task.phase {
        TaskPhase::Scheduled | TaskPhase::Started => (PendingKind::Task, task.due),
        TaskPhase::AwaitingToken => {
            let heartbeat = task.heartbeat.map(|interval| task.since.plus_seconds(interval));
            (PendingKind::Token, task.due.into_iter().chain(heartbeat).min())
        }
        TaskPhase::Job => (PendingKind::Job, Some(task.since)),
    }
}
