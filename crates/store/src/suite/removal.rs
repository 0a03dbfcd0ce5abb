//! Rules of what retention does: finding what has ended, and removing it whole.

use super::Bench;
use super::fixture::{batch, claim, effect, key, ok, outcome, pending, row, start, status};
use super::observe::{Universe, observe, same};
use crate::{Commit, ExecutionKey, ExecutionStatus, PendingKind, ShardId};

/// An execution with a name, two batches and a pending row.
fn rich(bench: &Bench<'_>, epoch: u64, key: ExecutionKey, name: &str) {
    let mut named = row(key, "m", ExecutionStatus::Running);
    named.name = Some(name.to_owned());
    let first = Commit {
        names: vec![claim("m", name, key)],
        pending: vec![pending(effect(key, 1), PendingKind::Timer, Some(5), None)],
        ..start(1, epoch, &[named])
    };
    let second = Commit {
        batches: vec![batch(key, 3, 4, 3)],
        executions: vec![status(key, ExecutionStatus::Failed, Some(key.at_ms() + 10))],
        ..Commit::new(ShardId(1), epoch)
    };
    ok(bench.name, bench.store().commit(&[first, second]));
}

pub(super) fn removed(bench: &mut Bench<'_>) {
    let (gone, stays, again) = (key(1, 0, 1), key(2, 0, 1), key(3, 0, 1));
    let universe = || Universe {
        executions: vec![gone, stays, again],
        machines: vec!["m".to_owned()],
        names: vec!["a".to_owned(), "b".to_owned()],
        shards: vec![1],
        entries: vec![],
    };
    let epoch = bench.acquire(1);
    rich(bench, epoch, stays, "b");
    let without = observe(bench.name, bench.store(), &universe());
    rich(bench, epoch, gone, "a");
    let remove = |keys: &[ExecutionKey]| Commit { removed: keys.to_vec(), ..Commit::new(ShardId(1), epoch) };
    let foreign = bench.store().commit(&[remove(&[key(1, 0, 2)])]);
    assert_eq!(outcome(&foreign), "failed", "{}: another shard's", bench.name);
    ok(bench.name, bench.store().commit(&[remove(&[gone, key(9, 9, 1)])]));
    same(bench.name, "what stays", &observe(bench.name, bench.store(), &universe()), &without);
    bench.again();
    same(bench.name, "what stays", &observe(bench.name, bench.store(), &universe()), &without);
    // A name that was given again stays with whom it was given to.
    rich(bench, epoch, gone, "a");
    rich(bench, epoch, again, "a");
    ok(bench.name, bench.store().commit(&[remove(&[gone])]));
    assert_eq!(ok(bench.name, bench.store().named("m", "a")), Some(again), "{}", bench.name);
    while ok(bench.name, bench.store().give_back()) {}
    assert_eq!(ok(bench.name, bench.store().batches(stays, 1, 9)).len(), 2, "{}", bench.name);
}

pub(super) fn ended(bench: &mut Bench<'_>) {
    let epoch = bench.acquire(1);
    let other = bench.acquire(2);
    let keys: Vec<ExecutionKey> = (0..6).map(|at| key(at * 100, 0, 1)).collect();
    for (index, key) in keys.iter().enumerate() {
        rich(bench, epoch, *key, &index.to_string());
    }
    let runs = key(50, 0, 1);
    let of_other = key(60, 0, 2);
    let mut closed = row(of_other, "m", ExecutionStatus::Succeeded);
    closed.stopped_at = Some(of_other.at_ms());
    let commits = [start(1, epoch, &[row(runs, "m", ExecutionStatus::Running)]), start(2, other, &[closed])];
    ok(bench.name, bench.store().commit(&commits));
    let check =
        |shard: u8, after: Option<ExecutionKey>, before: i64, limit: usize, expected: &[ExecutionKey]| {
            let found = ok(bench.name, bench.store().ended(ShardId(shard), after, before, limit));
            assert_eq!(found, expected, "{}: {shard} {after:?} {before} {limit}", bench.name);
        };
    let at = |index: usize| keys.get(index).map_or(0, |key| key.at_ms() + 10);
    check(1, None, i64::MAX, 100, &keys);
    check(1, None, at(3), 100, &keys[..3]);
    check(1, None, at(3) + 1, 100, &keys[..4]);
    check(1, None, i64::MAX, 2, &keys[..2]);
    check(1, keys.get(1).copied(), i64::MAX, 2, &keys[2..4]);
    check(1, None, 0, 100, &[]);
    check(2, None, i64::MAX, 100, &[of_other]);
    check(3, None, i64::MAX, 100, &[]);
}
