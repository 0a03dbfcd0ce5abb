//! A million finished executions: how long pages of the executions index take, the first and the thousandth, by every filter; and
//! how long a start's commit takes while retention removes them. Made through the store, not by running them, and in bulk.
//!
//! `cargo xtask bench list-million` runs it. Report: figures of this machine, and whether the goals are met (a page below 50 ms; the
//! thousandth at most twice the first and a millisecond; a start beside retention at most twice one alone and five milliseconds).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends"
)]

use std::time::{Duration, Instant};

use store::{
    Batch, Commit, ExecutionChange, ExecutionKey, ExecutionQuery, ExecutionRow, ExecutionStatus, ShardId,
    Store,
};
use store_sqlite::{Options, SqliteStore};

const MACHINES: u64 = 5;
const TOGETHER: u64 = 1_000;
const PAGE: usize = 100;
const PAGES: usize = 1_000;
const FIRST_AT: i64 = 1_780_000_000_000;

fn row(number: u64) -> ExecutionRow {
    let key = ExecutionKey::new(FIRST_AT + number as i64 * 5, 0, ShardId(0));
    let status = match number % 20 {
        0..=13 => ExecutionStatus::Succeeded,
        14..=17 => ExecutionStatus::Failed,
        18 => ExecutionStatus::TimedOut,
        _ => ExecutionStatus::Aborted,
    };
    ExecutionRow {
        key,
        // Most of them of one state machine, so that each filter has its thousand pages.
        machine: format!("machine-{}", if number.is_multiple_of(4) { number / 4 % MACHINES } else { 0 }),
        revision: "revision".into(),
        name: None,
        express: false,
        status,
        started_at: key.at_ms(),
        stopped_at: Some(key.at_ms() + 100),
        version: number.is_multiple_of(3).then_some(u32::try_from(number % 2).unwrap() + 1),
        alias: number.is_multiple_of(3).then(|| "live".to_owned()),
        map_run: None,
        redrive_count: 0,
        redriven_at: None,
    }
}

fn commit(rows: &[ExecutionRow], epoch: u64) -> Commit {
    let batch = |row: &ExecutionRow| Batch {
        execution: row.key,
        first: 1,
        last: 12,
        first_event: 1,
        body: row.key.0.to_le_bytes().repeat(40),
    };
    Commit {
        batches: rows.iter().map(batch).collect(),
        executions: rows.iter().cloned().map(ExecutionChange::Started).collect(),
        ..Commit::new(ShardId(0), epoch)
    }
}

fn fill(store: &SqliteStore, epoch: u64, count: u64) {
    let began = Instant::now();
    for first in (0..count).step_by(TOGETHER as usize) {
        let rows: Vec<ExecutionRow> = (first..(first + TOGETHER).min(count)).map(row).collect();
        store.commit(&[commit(&rows, epoch)]).unwrap();
    }
    println!("{count} finished executions made through the store in {:.1} s", began.elapsed().as_secs_f64());
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn quantile(times: &mut [Duration], part: f64) -> f64 {
    times.sort_unstable();
    times.get(((times.len() as f64 - 1.0) * part) as usize).copied().map_or(0.0, ms)
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

/// Walks the pages of a query; of the first and of the last the best of three times, since a machine has other things to do.
fn walk(store: &SqliteStore, name: &str, mut query: ExecutionQuery) {
    let read = |query: &ExecutionQuery| {
        let mut best = Duration::MAX;
        let mut page = None;
        for _ in 0..3 {
            let began = Instant::now();
            page = Some(store.executions(query).unwrap());
            best = best.min(began.elapsed());
        }
        (page.unwrap(), best)
    };
    query.limit = PAGE;
    let (page, first) = read(&query);
    query.before = page.next;
    let (mut pages, mut times, mut last) = (1, vec![first], first);
    while pages < PAGES && query.before.is_some() {
        let began = Instant::now();
        let page = store.executions(&query).unwrap();
        times.push(began.elapsed());
        pages += 1;
        if pages == PAGES || page.next.is_none() {
            last = read(&query).1;
        }
        query.before = page.next;
    }
    let p99 = quantile(&mut times, 0.99);
    let is_met = ms(first) < 50.0 && ms(last) <= ms(first) * 2.0 + 1.0;
    println!(
        "{name:34} first {:7.2} ms   page {pages:4} {:7.2} ms   p99 {p99:7.2} ms   {}",
        ms(first),
        ms(last),
        verdict(is_met)
    );
}

/// Commits of one start, as long as `go_on` says; each's time.
fn starts(store: &SqliteStore, epoch: u64, from: &mut u64, count: usize) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let mut fresh = row(*from);
        fresh.status = ExecutionStatus::Running;
        fresh.stopped_at = None;
        *from += 1;
        let began = Instant::now();
        store.commit(&[commit(&[fresh], epoch)]).unwrap();
        times.push(began.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    times
}

/// Removes as retention does, until told to stop; how many.
fn remove(store: &SqliteStore, epoch: u64, stop: &std::sync::atomic::AtomicBool) -> (usize, Duration) {
    let (mut after, mut removed, mut longest) = (None, 0, Duration::ZERO);
    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
        let began = Instant::now();
        let ended = store.ended(ShardId(0), after, i64::MAX, 64).unwrap();
        after = ended.last().copied();
        removed += ended.len();
        store.commit(&[Commit { removed: ended, ..Commit::new(ShardId(0), epoch) }]).unwrap();
        longest = longest.max(began.elapsed());
        std::thread::sleep(began.elapsed() * 4);
    }
    (removed, longest)
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), Options::default()).unwrap();
    let epoch = store.acquire(ShardId(0), "bench").unwrap();
    fill(&store, epoch, count);
    let machine = || ExecutionQuery { machine: Some("machine-0".into()), ..ExecutionQuery::default() };
    let with = |status| ExecutionQuery { status: Some(status), ..machine() };
    walk(&store, "all", ExecutionQuery::default());
    walk(&store, "a state machine's", machine());
    walk(&store, "and SUCCEEDED", with(ExecutionStatus::Succeeded));
    walk(&store, "and FAILED", with(ExecutionStatus::Failed));
    walk(&store, "and RUNNING (none)", with(ExecutionStatus::Running));
    walk(&store, "through an alias", ExecutionQuery { alias: Some("live".into()), ..machine() });
    walk(&store, "through a version", ExecutionQuery { version: Some(1), ..machine() });
    let failed = Some(ExecutionStatus::Failed);
    walk(
        &store,
        "through an alias, FAILED",
        ExecutionQuery { alias: Some("live".into()), status: failed, ..machine() },
    );
    walk(&store, "FAILED, of all", ExecutionQuery { status: failed, ..ExecutionQuery::default() });
    let mut from = count + 1;
    let mut alone = starts(&store, epoch, &mut from, 300);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (mut beside, (removed, longest)) = std::thread::scope(|scope| {
        let remover = scope.spawn(|| remove(&store, epoch, &stop));
        let times = starts(&store, epoch, &mut from, 300);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        (times, remover.join().unwrap())
    });
    let (alone_ms, beside_ms) = (quantile(&mut alone, 0.5), quantile(&mut beside, 0.5));
    println!(
        "a start's commit alone {alone_ms:.2} ms (p99 {:.2}), beside retention {beside_ms:.2} ms (p99 {:.2}); {removed} removed, a slice at most {:.1} ms   {}",
        quantile(&mut alone, 0.99),
        quantile(&mut beside, 0.99),
        ms(longest),
        verdict(beside_ms <= alone_ms * 2.0 + 5.0)
    );
}
