//! Who watches executions hears which of them have new records. Costs nothing while nobody watches.
//!
//! *Not* here: what the records say (`reads`). A hint and no more: whoever misses one reads the store.

use store::{Commit, ExecutionKey};
use tokio::sync::broadcast;

/// Changes that a listener may be behind before it is told that it missed some.
const BEHIND_MAX: usize = 4096;

/// The channel.
#[derive(Clone, Debug)]
pub(crate) struct Changes(broadcast::Sender<ExecutionKey>);

impl Default for Changes {
    fn default() -> Changes {
        Changes(broadcast::Sender::new(BEHIND_MAX))
    }
}

impl Changes {
    /// A new listener.
    pub(crate) fn listen(&self) -> broadcast::Receiver<ExecutionKey> {
        self.0.subscribe()
    }

    /// The executions of a commit, if anybody listens.
    pub(crate) fn watched(&self, commit: &Commit) -> Vec<ExecutionKey> {
        if self.0.receiver_count() == 0 {
            return Vec::new();
        }
        commit.batches.iter().map(|batch| batch.execution).collect()
    }

    /// Tells that these executions have new records.
    pub(crate) fn tell(&self, executions: impl Iterator<Item = ExecutionKey>) {
        for execution in executions {
            // Nobody listens any more.
            let _ = self.0.send(execution);
        }
    }
}
