//! A task in an activity's queue, and how its pending row says so: an index row is enough to put it back into its place after a
//! restart, without a look at its execution.

use interpreter::TaskEffect;
use store::{Pending, PendingKey, PendingKind};

/// A task that waits for a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedTask {
    /// Name of the activity.
    pub activity: String,
    /// Since when it waits, in milliseconds since the Unix epoch: the first come is the first served.
    pub since: i64,
    /// Which.
    pub key: PendingKey,
}

impl QueuedTask {
    /// The subject of the row of a task that waits: `<since>/<activity's name>`. A name holds no slash.
    pub(crate) fn subject(task: &TaskEffect) -> String {
        let name = task.resource.rsplit(':').next().unwrap_or_default();
        format!("{}/{name}", task.scheduled_at.0)
    }

    /// What a row says; `None` when it is not that of a task which waits for a worker.
    pub(crate) fn of(row: &Pending) -> Option<QueuedTask> {
        if row.kind != PendingKind::Activity {
            return None;
        }
        let (since, activity) = row.subject.as_deref()?.split_once('/')?;
        Some(QueuedTask { activity: activity.to_owned(), since: since.parse().ok()?, key: row.key })
    }
}
