//! Checkpoints: the log's pages go into the file beside the commits, not in them. A thread of its own copies what is in
//! the log without keeping the writer waiting, and then once more under the writer's lock: the rest is what was
//! committed meanwhile, so this is short, and it lets the next commit begin the log anew, so that it does not grow.
//! Commits that outrun the checkpoints wait for one, so that the log has a bound.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use store::{Error, Result};

use crate::error::is_fatal;
use crate::write::Writer;
use crate::{Options, open};

/// The thread that checkpoints; it ends when this is dropped.
pub(crate) struct Checkpointer {
    shared: Arc<Shared>,
    after: u64,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    work: Mutex<Work>,
    wake: Condvar,
}

#[derive(Default)]
struct Work {
    /// About how many bytes were committed since the last checkpoint began.
    bytes: u64,
    /// Since when the thread has not ended one.
    wanted: bool,
    stop: bool,
}

/// Commits wait for the checkpoint that runs when they are this many times the size that began it.
const AHEAD: u64 = 4;

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a checkpoint is wanted; `false` at the end.
    fn next(&self) -> bool {
        let waiting = self.wake.wait_while(self.work(), |work| !work.wanted && !work.stop);
        let mut work = waiting.unwrap_or_else(PoisonError::into_inner);
        work.bytes = 0;
        !work.stop
    }

    fn done(&self) {
        self.work().wanted = false;
        self.wake.notify_all();
    }
}

/// Nobody waits for a thread that has ended, however it did.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.work().stop = true;
        self.0.wake.notify_all();
    }
}

impl Checkpointer {
    pub(crate) fn start(path: &Path, options: &Options, writer: Arc<Writer>) -> Result<Checkpointer> {
        let connection = open::checkpointer(path)?;
        let shared = Arc::new(Shared::default());
        let end = End(Arc::clone(&shared));
        let run = move || {
            while end.0.next() {
                checkpoint(&connection, &writer);
                end.0.done();
            }
        };
        let thread = Builder::new().name("checkpoint".to_owned()).spawn(run);
        let thread = thread.map_err(|error| Error::Failed(format!("cannot start a thread: {error}")))?;
        Ok(Checkpointer { shared, after: options.checkpoint_after, thread: Some(thread) })
    }

    /// Takes note of a commit of about this size.
    pub(crate) fn committed(&self, bytes: u64) {
        let mut work = self.shared.work();
        work.bytes = work.bytes.saturating_add(bytes);
        if work.bytes < self.after {
            return;
        }
        if !work.wanted {
            work.wanted = true;
            self.shared.wake.notify_all();
        }
        let most = self.after.saturating_mul(AHEAD);
        if work.bytes >= most {
            drop(self.shared.wake.wait_while(work, |work| work.bytes >= most && work.wanted && !work.stop));
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.work().stop = true;
        self.shared.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there ended checkpoints only; closing the file makes the last one.
            _ = thread.join();
        }
    }
}

fn checkpoint(connection: &Connection, writer: &Writer) {
    let passive = || connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    let first = passive();
    let mut writer = writer.lock();
    // Without room the file cannot grow: the log is whole, and the next commit will say so. What may have damaged the
    // file ends the writing.
    if let Err(error) = first.and_then(|()| passive())
        && is_fatal(&error)
    {
        writer.give_up(&error);
    }
}
