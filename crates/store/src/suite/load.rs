//! The rules about many at once: readers beside a writer, several owners, many rows. Counts decide, never time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use super::Bench;
use super::fixture::{batch, effect, key, ok, pending, row, start, status};
use crate::{Commit, ExecutionKey, ExecutionQuery, ExecutionStatus, PendingKind, ShardId};

pub(super) fn readers(bench: &mut Bench<'_>) {
    const COMMITS: u32 = 150;
    let epoch = bench.acquire(1);
    let (a, b) = (key(0, 0, 1), key(0, 1, 1));
    let rows = [row(a, "m", ExecutionStatus::Running), row(b, "m", ExecutionStatus::Running)];
    let first = Commit { batches: vec![], ..start(1, epoch, &rows) };
    ok(bench.name, bench.store().commit(&[first]));
    let done = AtomicU32::new(0);
    let (name, store) = (bench.name, bench.store());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let least = done.load(Ordering::SeqCst);
                    let count = |key| ok(name, store.batches(key, 1, usize::MAX)).len();
                    let (of_a, of_b) = (count(a), count(b));
                    assert!(of_a >= least as usize, "{name}: {of_a} batches after commit {least}");
                    assert!(of_b >= of_a, "{name}: half a commit: {of_a} then {of_b}");
                    let stopped = ok(name, store.execution(a)).and_then(|row| row.stopped_at);
                    assert!(stopped.unwrap_or(0) >= i64::from(least), "{name}: {stopped:?} after {least}");
                    if least == COMMITS {
                        return;
                    }
                }
            });
        }
        for i in 1..=COMMITS {
            let commit = Commit {
                batches: vec![batch(a, i, i, i), batch(b, i, i, i)],
                executions: vec![status(a, ExecutionStatus::Failed, Some(i64::from(i)))],
                ..Commit::new(ShardId(1), epoch)
            };
            ok(name, store.commit(&[commit]));
            done.store(i, Ordering::SeqCst);
        }
    });
}

pub(super) fn acquirers(bench: &mut Bench<'_>) {
    let (name, store) = (bench.name, bench.store());
    let take = || (0..10).map(|_| ok(name, store.acquire(ShardId(1), "one"))).collect::<Vec<_>>();
    let own = || ok(name, store.property("key", format!("{:?}", thread::current().id()).as_bytes()));
    let (epochs, values) = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| (own(), take()))).collect();
        let mut epochs = Vec::new();
        let mut values = BTreeSet::new();
        for thread in threads {
            let Ok((value, taken)) = thread.join() else { panic!("{name}: a thread ended") };
            assert!(taken.is_sorted(), "{name}: {taken:?}");
            values.insert(value);
            epochs.extend(taken);
        }
        (epochs, values)
    });
    let distinct: BTreeSet<_> = epochs.iter().collect();
    assert_eq!(distinct.len(), 40, "{name}: an epoch was given twice");
    assert_eq!(values.len(), 1, "{name}: a property had two values");
}

pub(super) fn many(bench: &mut Bench<'_>) {
    const ROWS: u32 = 100_000;
    const PAGE: usize = 1000;
    let epoch = bench.acquire(1);
    let (name, store) = (bench.name, bench.store());
    let nth = |i: u32| key(i64::from(i / 50), (i % 50) as u16, 1);
    for from in (0..ROWS).step_by(2000) {
        let rows: Vec<_> = (from..from + 2000)
            .map(|i| row(nth(i), if i % 2 == 0 { "even" } else { "odd" }, ExecutionStatus::Succeeded))
            .collect();
        let waits = (from..from + 2000)
            .map(|i| pending(effect(nth(i), 1), PendingKind::Timer, Some(i64::from(ROWS - i)), None))
            .collect();
        ok(name, store.commit(&[Commit { pending: waits, ..start(1, epoch, &rows) }]));
    }
    let all = ExecutionQuery { limit: PAGE, ..Default::default() };
    let even = ExecutionQuery { machine: Some("even".to_owned()), ..all.clone() };
    let done = ExecutionQuery { status: Some(ExecutionStatus::Succeeded), ..even.clone() };
    for (query, expected) in [(all, ROWS), (even, ROWS / 2), (done, ROWS / 2)] {
        let mut query = query;
        let (mut rows, mut pages, mut last) = (0, 0, ExecutionKey(u64::MAX));
        loop {
            let page = ok(name, store.executions(&query));
            pages += 1;
            rows += page.rows.len();
            for row in &page.rows {
                assert!(row.key < last, "{name}: {query:?}: out of order");
                last = row.key;
            }
            query.before = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!((rows, pages), (expected as usize, expected as usize / PAGE), "{name}: {query:?}");
    }
    let (mut after, mut rows) = (None, 0);
    loop {
        let page = ok(name, store.pending(ShardId(1), PendingKind::Timer, after, PAGE));
        rows += page.len();
        let Some(row) = page.last() else { break };
        after = Some(row.key);
    }
    assert_eq!(rows, ROWS as usize, "{name}: timers by kind");
    let soon = ok(name, store.due(ShardId(1), 0, 501, usize::MAX));
    assert_eq!(soon.len(), 500, "{name}: timers by time");
    assert_eq!(soon.first().map(|row| row.key.execution), Some(nth(ROWS - 1)), "{name}: the earliest timer");
}
