//! The writer of logs: one task. It gathers hints for a moment, reads what is new of the executions they name, hands the lines over,
//! and now and then keeps in the store how far it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use interpreter::Place;
use store::{ExecutionKey, ExecutionQuery, ExecutionRow, ExecutionStatus, Store};
use tokio::sync::{mpsc, oneshot};

use super::feed::{Hint, Inner, Logging, Told};
use super::line::{LogLine, Subject, is_shown, line};
use super::{LogBatch, LogOutlet, progress};
use crate::blocking::blocking;
use crate::catalogue::Catalogue;
use crate::clock::now;
use crate::reads::{self, HistoryQuery};

/// Hints are gathered for so long.
const GATHER: Duration = Duration::from_millis(50);
/// How often the progress is kept, when there is some.
const KEEP: Duration = Duration::from_secs(5);
/// A record may be so much older than the hint of it.
const LATE_MS: i64 = 10_000;
/// Executions that are read together.
const CHUNK: usize = 128;
/// Events of a page, and about how many bytes.
const EVENTS: usize = 500;
const PAGE_BYTES: usize = 4 << 20;
/// Rows of the index that are read together.
const ROWS: usize = 1_000;
/// Pauses between attempts to hand lines over; after the last one they are lost.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];
/// Losses are told so often at most.
const TELL: Duration = Duration::from_secs(10);

/// An execution whose log is written.
#[derive(Clone, Debug)]
struct Followed {
    of: Arc<Logging>,
    /// The next event.
    next: u32,
    /// What is older was handed over before.
    since: i64,
}

/// What one reading of an execution found.
struct Found {
    key: ExecutionKey,
    machine: String,
    lines: Vec<LogLine>,
    next: u32,
    is_over: bool,
    has_more: bool,
}

/// An outlet, and whether it did not take what it was given last: then it is asked once a batch, without pauses.
struct Outlet {
    outlet: LogOutlet,
    fails: bool,
}

pub(super) struct Writer {
    store: Arc<dyn Store>,
    catalogue: Arc<Catalogue>,
    place: Arc<Place>,
    outlets: Vec<Outlet>,
    told: mpsc::Receiver<Told>,
    shared: Arc<Inner>,
    followed: HashMap<ExecutionKey, Followed>,
    dirty: BTreeSet<ExecutionKey>,
    express: Vec<LogBatch>,
    flushes: Vec<oneshot::Sender<()>>,
    kept: Instant,
    /// What the store has; nothing before there is something to log.
    kept_until: Option<i64>,
    /// When there was something to log last.
    last: i64,
    lost_told: (u64, Option<Instant>),
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        catalogue: Arc<Catalogue>,
        place: Arc<Place>,
        outlets: Vec<LogOutlet>,
        told: mpsc::Receiver<Told>,
        shared: Arc<Inner>,
    ) -> Writer {
        Writer {
            store,
            catalogue,
            place,
            outlets: outlets.into_iter().map(|outlet| Outlet { outlet, fails: false }).collect(),
            told,
            shared,
            followed: HashMap::new(),
            dirty: BTreeSet::new(),
            express: Vec::new(),
            flushes: Vec::new(),
            kept: Instant::now(),
            kept_until: None,
            last: i64::MIN,
            lost_told: (0, None),
        }
    }

    /// Runs until the engine is gone.
    pub(super) async fn run(mut self) {
        self.look_through().await;
        loop {
            let began = now().0;
            self.write_all().await;
            let is_flush = !self.flushes.is_empty();
            self.keep(began, is_flush).await;
            for done in self.flushes.drain(..) {
                let _ = done.send(());
            }
            let wait = if self.is_unkept() { KEEP } else { Duration::from_secs(3600) };
            match tokio::time::timeout(wait, self.told.recv()).await {
                Ok(None) => return,
                Ok(Some(first)) => self.hear(first),
                Err(_) => continue,
            }
            if self.flushes.is_empty() {
                tokio::time::sleep(GATHER).await;
            }
            while let Ok(more) = self.told.try_recv() {
                self.hear(more);
            }
            if self.shared.missed.swap(false, Ordering::AcqRel) {
                tracing::warn!("execution logs are behind: looking through the store for what was missed");
                self.look_through().await;
            }
        }
    }

    /// Whether the store does not have yet that all is handed over.
    fn is_unkept(&self) -> bool {
        self.kept_until.is_some_and(|until| until <= self.last)
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Flush(done) => self.flushes.push(done),
            Told::Express(batch) => self.express.push(batch),
            Told::Committed(hints) => {
                for (key, hint) in hints {
                    self.hear_of(key, hint);
                }
            }
        }
    }

    fn hear_of(&mut self, key: ExecutionKey, hint: Hint) {
        match hint {
            Hint::Started(revision) => {
                let of = self.catalogue.kept_revision(&revision).and_then(|revision| Logging::of(&revision));
                if let Some(of) = of {
                    self.followed.entry(key).or_insert(Followed { of: Arc::new(of), next: 1, since: 0 });
                }
            }
            // Its events so far are old: of what comes now the time is not before this hint's, but for the delay of a commit.
            Hint::Reopened => {
                let (store, catalogue) = (&self.store, &self.catalogue);
                let of = tokio::task::block_in_place(|| {
                    let row = store.execution(key).ok().flatten()?;
                    Logging::of(&*catalogue.revision(&row.revision).ok()?)
                });
                if let Some(of) = of {
                    let followed = Followed { of: Arc::new(of), next: 1, since: now().0 - LATE_MS };
                    self.followed.entry(key).or_insert(followed);
                }
            }
            Hint::More => {}
        }
        if self.followed.contains_key(&key) {
            self.dirty.insert(key);
        }
    }

    /// Finds in the store what was not handed over when the process ended, or was not heard of.
    async fn look_through(&mut self) {
        let (store, catalogue) = (self.store.clone(), self.catalogue.clone());
        match blocking(move || unfinished(&*store, &catalogue)).await {
            Ok(found) => {
                for (key, followed) in found {
                    self.followed.entry(key).or_insert(followed);
                    self.dirty.insert(key);
                }
            }
            Err(why) => {
                tracing::error!("execution logs: the store cannot be read: {why}");
                self.shared.missed.store(true, Ordering::Release);
            }
        }
    }

    /// Writes what is new of all executions that have something new.
    async fn write_all(&mut self) {
        for batch in std::mem::take(&mut self.express) {
            self.shared.waiting_bytes.fetch_sub(batch.bytes(), Ordering::Relaxed);
            self.hand_over(batch).await;
        }
        if !self.dirty.is_empty() {
            self.last = now().0;
            if self.kept_until.is_none() {
                // From now on a crash is one that the next start looks after.
                self.keep(self.last - LATE_MS, true).await;
            }
        }
        while !self.dirty.is_empty() {
            let keys: Vec<ExecutionKey> = self.dirty.iter().take(CHUNK).copied().collect();
            let wanted: Vec<(ExecutionKey, Followed)> =
                keys.iter().filter_map(|key| Some((*key, self.followed.get(key)?.clone()))).collect();
            let (store, place) = (self.store.clone(), self.place.clone());
            let read = move || wanted.into_iter().map(|(key, of)| read(&*store, &place, key, &of)).collect();
            let found: Vec<Result<Option<Found>, String>> = blocking(read).await;
            for (key, found) in keys.into_iter().zip(found) {
                self.take(key, found).await;
            }
        }
    }

    async fn take(&mut self, key: ExecutionKey, found: Result<Option<Found>, String>) {
        let found = match found {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.dirty.remove(&key);
                self.followed.remove(&key);
                return;
            }
            Err(why) => {
                tracing::warn!("execution logs: {why}; tried again with its next record");
                self.dirty.remove(&key);
                return;
            }
        };
        let Some(followed) = self.followed.get_mut(&found.key) else { return };
        followed.next = found.next;
        let log_group_arn = followed.of.group.clone();
        if !found.has_more {
            self.dirty.remove(&key);
            if found.is_over {
                self.followed.remove(&key);
            }
        }
        if !found.lines.is_empty() {
            self.hand_over(LogBatch { log_group_arn, machine: found.machine, lines: found.lines }).await;
        }
    }

    async fn hand_over(&mut self, batch: LogBatch) {
        let is_last = !self.flushes.is_empty();
        let mut losses = Vec::new();
        for outlet in &mut self.outlets {
            if let Err(why) = outlet.write(&batch, is_last).await {
                losses.push(why);
            }
        }
        for why in losses {
            self.shared.lost.fetch_add(batch.lines.len() as u64, Ordering::Relaxed);
            self.tell_loss(&batch.log_group_arn, &why);
        }
    }

    fn tell_loss(&mut self, group: &str, why: &str) {
        let lost = self.shared.lost.load(Ordering::Relaxed);
        let (told, at) = self.lost_told;
        if lost > told && at.is_none_or(|at| at.elapsed() >= TELL) {
            self.lost_told = (lost, Some(Instant::now()));
            let new = lost - told;
            tracing::warn!(group, lost = new, "lines of execution logs are lost: {why}");
        }
    }

    /// Everything that was heard of before `began` is handed over.
    async fn keep(&mut self, began: i64, is_now: bool) {
        if self.shared.lost.load(Ordering::Relaxed) > self.lost_told.0 {
            self.tell_loss("", "they came faster than they could be written");
        }
        let is_wanted = self.is_unkept() || (self.kept_until.is_none() && !self.dirty.is_empty());
        if !is_wanted || !(is_now || self.kept.elapsed() >= KEEP) {
            return;
        }
        let store = self.store.clone();
        let until = if self.flushes.is_empty() { began - LATE_MS } else { now().0 };
        match blocking(move || progress::write(&*store, until)).await {
            Ok(()) => self.kept_until = Some(until),
            Err(why) => tracing::warn!("the progress of the execution logs cannot be kept: {why}"),
        }
        self.kept = Instant::now();
    }
}

impl Outlet {
    async fn write(&mut self, batch: &LogBatch, is_last: bool) -> Result<(), String> {
        let mut pauses = PAUSES.iter().filter(|_| !self.fails && !is_last);
        loop {
            match (self.outlet.write(batch.clone()).await, pauses.next()) {
                (Ok(()), _) => {
                    self.fails = false;
                    return Ok(());
                }
                (Err(_), Some(pause)) => tokio::time::sleep(*pause).await,
                (Err(why), None) => {
                    self.fails = true;
                    return Err(why);
                }
            }
        }
    }
}

/// The executions that have, or may get, records which were not handed over. Nothing when nothing was ever logged. Blocks.
fn unfinished(store: &dyn Store, catalogue: &Catalogue) -> Result<Vec<(ExecutionKey, Followed)>, String> {
    let Some(since) = progress::read(store).map_err(|why| why.to_string())? else { return Ok(Vec::new()) };
    let mut logging: BTreeMap<String, Option<Arc<Logging>>> = BTreeMap::new();
    let mut query = ExecutionQuery { limit: ROWS, ..ExecutionQuery::default() };
    let mut found = Vec::new();
    loop {
        let page = store.executions(&query).map_err(|why| why.to_string())?;
        for row in page.rows.iter().filter(|row| may_have_more(row, since)) {
            let of = logging.entry(row.revision.clone()).or_insert_with(|| {
                let revision = catalogue.revision(&row.revision).ok()?;
                Logging::of(&revision).map(Arc::new)
            });
            if let Some(of) = of {
                found.push((row.key, Followed { of: of.clone(), next: 1, since }));
            }
        }
        query.before = page.next;
        if query.before.is_none() {
            return Ok(found);
        }
    }
}

fn may_have_more(row: &ExecutionRow, since: i64) -> bool {
    row.status == ExecutionStatus::Running || row.stopped_at.is_none_or(|at| at >= since)
}

/// The next lines of an execution; `None` when it is gone. Blocks.
fn read(
    store: &dyn Store,
    place: &Place,
    key: ExecutionKey,
    followed: &Followed,
) -> Result<Option<Found>, String> {
    // Before its records: what it says of the end is then true of them.
    let Some(row) = store.execution(key).map_err(|why| why.to_string())? else { return Ok(None) };
    let query = HistoryQuery {
        from: Some(followed.next),
        reverse: false,
        limit: EVENTS,
        budget: PAGE_BYTES,
        include_data: followed.of.include_data,
    };
    let page = reads::history(store, key, &query).map_err(|why| why.to_string())?;
    let name = row.name.clone().unwrap_or_else(|| engine::name_of(key));
    let arn = place.execution_arn(&row.machine, &name);
    let subject = Subject {
        execution_arn: &arn,
        redrive_count: row.redrive_count,
        include_data: followed.of.include_data,
    };
    let last = page.events.last().and_then(|event| u32::try_from(event.id).ok());
    let shown = page.events.iter().filter(|event| is_shown(followed.of.level, event.r#type));
    let lines = shown.map(|event| line(event, &subject)).filter(|line| line.at >= followed.since).collect();
    Ok(Some(Found {
        key,
        machine: row.machine,
        lines,
        next: page.next.unwrap_or_else(|| last.map_or(followed.next, |last| last.saturating_add(1))),
        is_over: row.status != ExecutionStatus::Running,
        has_more: page.next.is_some(),
    }))
}
