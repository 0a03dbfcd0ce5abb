//! The way from the engine to the writer of logs: bounded, and never waited for. Of a Standard execution only a hint is sent, since
//! its records are in the store: one that finds no room makes the writer look through the store. Lines of an Express execution are
//! nowhere else: those that find no room are lost, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use interpreter::Record;
use interpreter::history::project;
use store::{Commit, ExecutionChange, ExecutionKey, ExecutionStatus};
use tokio::sync::{mpsc, oneshot};
use wire::LogLevel;

use super::line::{LogLine, Subject, is_shown, line};
use crate::catalogue::{Catalogue, Revision};

/// Messages that may wait.
const MESSAGES_MAX: usize = 8_192;
/// Bytes of lines of Express executions that may wait.
const BYTES_MAX: usize = 64 << 20;
/// Lines of a running Express execution that are kept until they are sent on their way.
const LINES: usize = 256;

/// What a commit says about an execution.
#[derive(Clone, Debug)]
pub(super) enum Hint {
    /// It started, with this revision.
    Started(String),
    /// It runs again.
    Reopened,
    /// It has new records.
    More,
}

/// Lines for one log group.
#[derive(Clone, Debug)]
pub struct LogBatch {
    /// ARN of the log group, as the state machine has it: it ends in `:*`.
    pub log_group_arn: String,
    /// Name of the state machine.
    pub machine: String,
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
}

/// What the writer hears.
pub(super) enum Told {
    Committed(Vec<(ExecutionKey, Hint)>),
    Express(LogBatch),
    Flush(oneshot::Sender<()>),
}

/// The engine's end. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Feed {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    sender: mpsc::Sender<Told>,
    catalogue: Arc<Catalogue>,
    /// A hint found no room.
    pub(super) missed: AtomicBool,
    pub(super) waiting_bytes: AtomicUsize,
    pub(super) lost: AtomicU64,
}

impl Feed {
    pub(super) fn new(catalogue: Arc<Catalogue>) -> (Feed, mpsc::Receiver<Told>, Arc<Inner>) {
        let (sender, receiver) = mpsc::channel(MESSAGES_MAX);
        let inner = Arc::new(Inner {
            sender,
            catalogue,
            missed: AtomicBool::new(false),
            waiting_bytes: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
        });
        (Feed { inner: inner.clone() }, receiver, inner)
    }

    /// What a commit will say once it is durable. Costs nothing while no state machine logs.
    pub(crate) fn hints_of(&self, commit: &Commit) -> Hints {
        if !self.inner.catalogue.logs() {
            return Hints::default();
        }
        let more = commit.batches.iter().map(|batch| (batch.execution, Hint::More));
        let changed = commit.executions.iter().filter_map(|change| match change {
            ExecutionChange::Started(row) => Some((row.key, Hint::Started(row.revision.clone()))),
            ExecutionChange::Status { execution, status: ExecutionStatus::Running, .. } => {
                Some((*execution, Hint::Reopened))
            }
            ExecutionChange::Status { .. } => None,
        });
        // Who an execution is comes before what it has.
        Hints(changed.chain(more).collect())
    }

    /// They are durable.
    pub(crate) fn tell(&self, hints: Hints) {
        if !hints.0.is_empty() && self.inner.sender.try_send(Told::Committed(hints.0)).is_err() {
            self.inner.missed.store(true, Ordering::Release);
        }
    }

    /// Nobody knows whether they are durable.
    pub(crate) fn missed(&self, hints: Hints) {
        if !hints.0.is_empty() {
            self.inner.missed.store(true, Ordering::Release);
        }
    }

    /// The log of an Express execution of this revision, if it has one.
    pub(crate) fn express(&self, revision: &Revision) -> Option<ExpressLog> {
        let of = Logging::of(revision)?;
        let machine = revision.machine.clone();
        Some(ExpressLog { feed: self.clone(), of, machine, arn: String::new(), lines: Vec::new(), bytes: 0 })
    }

    /// Waits until everything said so far is written, or cannot be.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.inner.sender.send(Told::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
    }

    /// Lines that were lost: for want of room, or because their log group could not be written to.
    pub(crate) fn lost(&self) -> u64 {
        self.inner.lost.load(Ordering::Relaxed)
    }

    fn send_lines(&self, batch: LogBatch) {
        let (count, bytes) = (batch.lines.len() as u64, batch.bytes());
        let waiting = self.inner.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if waiting > BYTES_MAX || self.inner.sender.try_send(Told::Express(batch)).is_err() {
            self.inner.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.inner.lost.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl LogBatch {
    pub(super) fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.text.len()).sum()
    }
}

/// What commits said that are not durable yet.
#[derive(Debug, Default)]
pub(crate) struct Hints(Vec<(ExecutionKey, Hint)>);

/// How a revision logs.
#[derive(Clone, Debug)]
pub(super) struct Logging {
    pub(super) level: LogLevel,
    pub(super) include_data: bool,
    pub(super) group: String,
}

impl Logging {
    /// `None` when it does not.
    pub(super) fn of(revision: &Revision) -> Option<Logging> {
        let logging = &revision.logging;
        let level = logging.level.filter(|level| *level != LogLevel::Off)?;
        let destination = logging.destinations.as_ref()?.first()?;
        let group = destination.cloud_watch_logs_log_group.as_ref()?.log_group_arn.clone()?;
        Some(Logging { level, include_data: logging.include_execution_data == Some(true), group })
    }
}

/// The log of an Express execution while it runs. What is left of it is sent when it is dropped, however the run ended.
pub(crate) struct ExpressLog {
    feed: Feed,
    of: Logging,
    machine: String,
    arn: String,
    lines: Vec<LogLine>,
    bytes: usize,
}

impl ExpressLog {
    /// Takes what happened.
    pub(crate) fn take(&mut self, records: &[Record], arn: impl FnOnce() -> String) {
        if self.arn.is_empty() {
            self.arn = arn();
        }
        let subject =
            Subject { execution_arn: &self.arn, redrive_count: 0, include_data: self.of.include_data };
        for record in records {
            let Some(event) = project(record, self.of.include_data) else { continue };
            if is_shown(self.of.level, event.r#type) {
                let line = line(&event, &subject);
                self.bytes += line.text.len();
                self.lines.push(line);
            }
        }
        if self.lines.len() >= LINES || self.bytes > BYTES_MAX / 64 {
            self.send();
        }
    }

    fn send(&mut self) {
        self.bytes = 0;
        let lines = std::mem::take(&mut self.lines);
        if !lines.is_empty() {
            let (log_group_arn, machine) = (self.of.group.clone(), self.machine.clone());
            self.feed.send_lines(LogBatch { log_group_arn, machine, lines });
        }
    }
}

impl Drop for ExpressLog {
    fn drop(&mut self) {
        self.send();
    }
}
