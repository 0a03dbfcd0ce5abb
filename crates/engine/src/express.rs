//! Express executions that run on after their start was answered: an accepted start is durable, is run at least once, three times
//! at most and not after its five minutes, and when it has ended nothing of it is left in the store.
//!
//! Such an execution has no records. Starts that came together are one chunk: a pending row that holds them, and once there is
//! something to say a second one with the attempt and those that have ended. Both go when all have ended. Running them is the
//! driver's work ([`crate::Action::RunExpress`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use interpreter::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Commit, ExecutionKey, Pending, PendingKey, PendingKind};

use crate::action::{Action, Reply, Ticket};
use crate::shard::Shard;

/// Times that a start is run (the first one included).
const ATTEMPTS: u32 = 3;
/// Milliseconds after which a start is not run any more (AWS page "Quotas": five minutes).
pub const EXPRESS_MS: i64 = 300_000;
/// Starts of one chunk, and about how many bytes of input.
const CHUNK: (usize, usize) = (256, 1 << 20);
/// The row that holds a chunk's starts. No record has this number: no execution's row is taken for it.
const STARTS: u32 = u32::MAX - 1;
/// The row that says how far a chunk is.
const PROGRESS: u32 = u32::MAX;

/// An accepted start of an Express execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressStart {
    /// Id of the revision.
    pub revision: String,
    /// The execution's name.
    pub name: String,
    /// The id that ends its ARN.
    pub id: String,
    /// Its input, as it came.
    pub input: String,
    /// 64 random bits.
    pub seed: u64,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Trace header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<String>,
    /// ARN of the version it was started through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_arn: Option<String>,
    /// ARN of the alias it was started through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_arn: Option<String>,
    /// Canned responses that stand for the work of Task states, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mocks: Option<String>,
}

/// A run of an accepted start.
#[derive(Clone, Debug)]
pub struct ExpressRun {
    /// Its chunk.
    pub chunk: ExecutionKey,
    /// Which start of it.
    pub index: u32,
    /// The start.
    pub start: Arc<ExpressStart>,
}

/// How far a chunk is, as its second row says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Progress {
    /// The attempt that is being made, from 1.
    attempt: u32,
    /// Starts that have ended.
    ended: BTreeSet<u32>,
}

/// A chunk that is, or is about to be, in the store.
#[derive(Debug)]
struct Chunk {
    /// How many starts.
    count: u32,
    progress: Progress,
    /// Starts that run when what is said of them is durable.
    waiting: Vec<(u32, Arc<ExpressStart>)>,
}

/// The Express executions of a shard.
#[derive(Debug, Default)]
pub(crate) struct Express {
    chunks: BTreeMap<ExecutionKey, Chunk>,
    /// The chunk that is being gathered, and bytes of its inputs.
    open: Option<(ExecutionKey, usize)>,
    /// Chunks that the next commit writes.
    dirty: BTreeSet<ExecutionKey>,
    /// Chunks that the commit under way writes.
    writing: BTreeSet<ExecutionKey>,
    /// Starts that may run, when there is room.
    ready: VecDeque<ExpressRun>,
    /// Starts that came before the shard knew what there is: their chunks' keys must come after those that are in the store.
    early: Vec<(Ticket, ExpressStart)>,
    is_read: bool,
    running: usize,
    accepted: usize,
}

impl Express {
    /// Whether there is something to write.
    pub(crate) fn is_clean(&self) -> bool {
        self.dirty.is_empty()
    }

    /// Accepted starts that have not ended.
    pub(crate) fn len(&self) -> usize {
        self.accepted
    }

    /// Adds what is new to a commit.
    pub(crate) fn write(&mut self, commit: &mut Commit) {
        self.open = None;
        self.writing = std::mem::take(&mut self.dirty);
        for key in &self.writing {
            let Some(chunk) = self.chunks.get_mut(key) else { continue };
            let row = |effect| PendingKey { execution: *key, effect };
            let is_new = chunk.progress.attempt == 1 && !chunk.waiting.is_empty();
            if chunk.is_over() && !is_new {
                commit.settled.extend([row(STARTS), row(PROGRESS)]);
                continue;
            }
            let subject = if is_new {
                serde_json::to_string(&chunk.waiting.iter().map(|(_, start)| &**start).collect::<Vec<_>>())
            } else {
                serde_json::to_string(&chunk.progress)
            };
            let key = row(if is_new { STARTS } else { PROGRESS });
            commit.pending.push(Pending {
                key,
                kind: PendingKind::Express,
                due: None,
                subject: subject.ok(),
            });
        }
    }
}

impl Chunk {
    fn is_over(&self) -> bool {
        self.progress.ended.len() as u32 >= self.count
    }
}

impl Shard {
    /// Accepts a start of an Express execution; it runs once that is durable.
    pub fn start_express(&mut self, ticket: Ticket, mut start: ExpressStart, now: Timestamp) {
        if self.express.accepted >= self.settings.express_accepted {
            self.actions.push_back(Action::Reply(ticket, Reply::Busy));
            return;
        }
        if !self.express.is_read {
            return self.express.early.push((ticket, start));
        }
        start.started_at = now.0;
        let open = self.express.open.filter(|(key, bytes)| {
            let count = self.express.chunks.get(key).map_or(0, |chunk| chunk.waiting.len());
            count < CHUNK.0 && *bytes < CHUNK.1
        });
        let (key, bytes) = open.unwrap_or_else(|| (self.mint_key(now), 0));
        self.express.open = Some((key, bytes + start.input.len()));
        let chunk = self.express.chunks.entry(key).or_insert_with(|| Chunk {
            count: 0,
            progress: Progress { attempt: 1, ended: BTreeSet::new() },
            waiting: Vec::new(),
        });
        let name = start.name.clone();
        chunk.waiting.push((chunk.count, Arc::new(start)));
        chunk.count += 1;
        self.express.accepted += 1;
        self.express.dirty.insert(key);
        self.reply_soon(ticket, Reply::Started { execution: key, name, at: now });
    }

    /// A run of an accepted start has ended, however it ended.
    pub fn express_ended(&mut self, key: ExecutionKey, index: u32) {
        self.express.running = self.express.running.saturating_sub(1);
        if let Some(chunk) = self.express.chunks.get_mut(&key)
            && chunk.progress.ended.insert(index)
        {
            self.express.accepted = self.express.accepted.saturating_sub(1);
            self.express.dirty.insert(key);
        }
        self.run_express();
    }

    /// What was written is durable: starts run, and chunks that are over are forgotten.
    pub(crate) fn express_committed(&mut self) {
        for key in std::mem::take(&mut self.express.writing) {
            let Some(chunk) = self.express.chunks.get_mut(&key) else { continue };
            let waiting = std::mem::take(&mut chunk.waiting);
            let is_forgotten = chunk.is_over() && waiting.is_empty() && !self.express.dirty.contains(&key);
            let runs = waiting.into_iter().map(|(index, start)| ExpressRun { chunk: key, index, start });
            self.express.ready.extend(runs);
            if is_forgotten {
                self.express.chunks.remove(&key);
            }
        }
        self.run_express();
    }

    fn run_express(&mut self) {
        while self.express.running < self.settings.express_executions
            && let Some(run) = self.express.ready.pop_front()
        {
            self.express.running += 1;
            self.actions.push_back(Action::RunExpress(Box::new(run)));
        }
    }

    /// Accepted starts that had not ended when the process did run again, unless they had their chances.
    pub(crate) fn express_read(&mut self, rows: &[Pending], now: Timestamp) {
        let mut found: BTreeMap<ExecutionKey, (Option<Vec<ExpressStart>>, Option<Progress>)> =
            BTreeMap::new();
        for row in rows {
            let (starts, progress) = found.entry(row.key.execution).or_default();
            let subject = row.subject.as_deref().unwrap_or_default();
            match row.key.effect {
                STARTS => *starts = serde_json::from_str(subject).ok(),
                _ => *progress = serde_json::from_str(subject).ok(),
            }
        }
        if let Some((newest, _)) = found.last_key_value() {
            self.keys_after(*newest);
        }
        for (key, (starts, progress)) in found {
            // What this release cannot read is left for one that can.
            if let Some(starts) = starts {
                self.take_up(key, starts, progress, now);
            }
        }
        self.express.is_read = true;
        for (ticket, start) in std::mem::take(&mut self.express.early) {
            self.start_express(ticket, start, now);
        }
    }

    fn take_up(
        &mut self,
        key: ExecutionKey,
        starts: Vec<ExpressStart>,
        progress: Option<Progress>,
        now: Timestamp,
    ) {
        let mut progress = progress.unwrap_or(Progress { attempt: 1, ended: BTreeSet::new() });
        progress.attempt += 1;
        let count = u32::try_from(starts.len()).unwrap_or(u32::MAX);
        let mut waiting = Vec::new();
        for (index, start) in (0..).zip(starts) {
            let is_over = progress.attempt > ATTEMPTS || now.0 >= start.started_at.saturating_add(EXPRESS_MS);
            if is_over {
                progress.ended.insert(index);
            } else if !progress.ended.contains(&index) {
                waiting.push((index, Arc::new(start)));
            }
        }
        self.express.accepted += waiting.len();
        self.express.dirty.insert(key);
        self.express.chunks.insert(key, Chunk { count, progress, waiting });
    }
}
