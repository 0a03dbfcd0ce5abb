//! The rules about what is found by something else than its key: the executions index and the pending rows. Each
//! answer is compared with a plain filter over the rows that were written.

use super::Bench;
use super::fixture::{KINDS, STATUSES, effect, key, ok, pending, row, start};
use super::observe::{Universe, queries};
use crate::{Commit, ExecutionQuery, ExecutionRow, Pending, PendingKind, ShardId};

pub(super) fn executions(bench: &mut Bench<'_>) {
    let machines = ["m", "m/label", "n", "N"];
    let mut rows = Vec::new();
    // Keys of three shards interleave; they are written out of order.
    for i in (0..120u16).rev() {
        let (shard, at) = ([1, 2, 200][usize::from(i % 3)], i64::from(i / 4));
        rows.push(ExecutionRow {
            version: (i % 5 == 0).then_some(u32::from(i % 2) + 1),
            alias: (i % 4 == 1).then(|| if i % 8 == 1 { "live" } else { "test" }.to_owned()),
            map_run: (i % 6 == 5).then(|| if i % 12 == 5 { "run" } else { "run2" }.to_owned()),
            ..row(key(at, i % 4, shard), machines[usize::from(i / 7) % 4], STATUSES[usize::from(i / 3) % 6])
        });
    }
    for shard in [1, 2, 200] {
        let epoch = bench.acquire(shard);
        let mine: Vec<_> = rows.iter().filter(|row| row.key.shard().0 == shard).cloned().collect();
        for part in mine.chunks(13) {
            ok(bench.name, bench.store().commit(&[start(shard, epoch, part)]));
        }
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.key));
    let machines = machines.iter().chain(&["", "absent"]).map(|text| (*text).to_owned()).collect();
    for query in queries(&Universe { machines, ..Universe::default() }) {
        let expected: Vec<_> = rows.iter().filter(|row| wanted(&query, row)).cloned().collect();
        for limit in [1, 7, 120, 1000] {
            assert_eq!(walk(bench, &query, limit), expected, "{}: {query:?} limit {limit}", bench.name);
        }
    }
}

fn wanted(query: &ExecutionQuery, row: &ExecutionRow) -> bool {
    (query.machine.is_none() || query.machine.as_ref() == Some(&row.machine))
        && (query.status.is_none() || query.status == Some(row.status))
        && (query.version.is_none() || query.version == row.version)
        && (query.alias.is_none() || query.alias == row.alias)
        && (query.map_run.is_none() || query.map_run == row.map_run)
}

/// All rows of a query, page by page. No page may be short, and the last one says that it is the last.
fn walk(bench: &Bench<'_>, query: &ExecutionQuery, limit: usize) -> Vec<ExecutionRow> {
    let mut query = ExecutionQuery { limit, ..query.clone() };
    let mut rows = Vec::new();
    loop {
        let page = ok(bench.name, bench.store().executions(&query));
        rows.extend_from_slice(&page.rows);
        if page.next.is_none() {
            return rows;
        }
        assert_eq!(page.rows.len(), limit, "{}: {query:?}: a short page", bench.name);
        assert_eq!(page.next, rows.last().map(|row| row.key), "{}: {query:?}", bench.name);
        assert!(query.before.is_none() || page.next < query.before, "{}: {query:?} does not end", bench.name);
        query.before = page.next;
    }
}

fn pending_rows(shard: u8) -> Vec<Pending> {
    let mut rows = Vec::new();
    for i in 0..64u32 {
        let execution = key(i64::from(i / 8), 0, shard);
        let due = match i % 5 {
            0 => None,
            // Many are due at the same time: the key decides.
            1 | 2 => Some(10),
            3 => Some(i64::from(i) - 20),
            _ => Some(i64::from(i * 3)),
        };
        let subject = [None, Some("activity"), Some("")][i as usize % 3];
        rows.push(pending(effect(execution, i * 7 % 8 + 1), KINDS[i as usize % 7 % 8], due, subject));
    }
    rows
}

pub(super) fn waiting(bench: &mut Bench<'_>) {
    let shards = [7, 8];
    for shard in shards {
        let epoch = bench.acquire(shard);
        for part in pending_rows(shard).rchunks(11) {
            let commit = Commit { pending: part.to_vec(), ..Commit::new(ShardId(shard), epoch) };
            ok(bench.name, bench.store().commit(&[commit]));
        }
    }
    for shard in shards {
        let mut rows = pending_rows(shard);
        rows.sort_unstable_by_key(|row| row.key);
        by_kind(bench, shard, &rows);
        by_time(bench, shard, &rows);
        for execution in rows.iter().map(|row| row.key.execution) {
            let expected: Vec<_> =
                rows.iter().filter(|row| row.key.execution == execution).cloned().collect();
            assert_eq!(ok(bench.name, bench.store().pending_of(execution)), expected, "{}", bench.name);
        }
    }
}

fn by_kind(bench: &Bench<'_>, shard: u8, rows: &[Pending]) {
    for kind in KINDS {
        let of_kind: Vec<_> = rows.iter().filter(|row| row.kind == kind).cloned().collect();
        for after in rows.iter().map(|row| Some(row.key)).chain([None]) {
            for limit in [0, 1, 3, 1000] {
                let expected: Vec<_> = of_kind
                    .iter()
                    .filter(|row| after.is_none_or(|key| row.key > key))
                    .take(limit)
                    .cloned()
                    .collect();
                let found = ok(bench.name, bench.store().pending(ShardId(shard), kind, after, limit));
                assert_eq!(found, expected, "{}: {kind:?} after {after:?} limit {limit}", bench.name);
            }
        }
    }
}

fn by_time(bench: &Bench<'_>, shard: u8, rows: &[Pending]) {
    let ranges = [(i64::MIN, i64::MAX), (0, 10), (10, 11), (0, 11), (-5, 40), (11, 10), (10, 10), (190, 200)];
    for (from, to) in ranges {
        let mut expected: Vec<_> =
            rows.iter().filter(|row| row.due.is_some_and(|due| from <= due && due < to)).cloned().collect();
        expected.sort_by_key(|row| (row.due, row.key));
        for limit in [0, 1, 5, 1000] {
            let expected = &expected[..limit.min(expected.len())];
            let found = ok(bench.name, bench.store().due(ShardId(shard), from, to, limit));
            assert_eq!(found, expected, "{}: due from {from} to {to} limit {limit}", bench.name);
        }
    }
}

pub(super) fn settled(bench: &mut Bench<'_>) {
    use PendingKind::{Job, Task, Timer};
    let epoch = bench.acquire(9);
    let a = key(0, 0, 9);
    let e = |id| effect(a, id);
    let p = |id, kind, due| pending(effect(a, id), kind, due, None);
    // Each step: settled, pending, and all rows afterwards.
    let steps = [
        (
            "insert",
            vec![],
            vec![p(1, Task, Some(5)), p(2, Timer, None)],
            vec![p(1, Task, Some(5)), p(2, Timer, None)],
        ),
        ("replace", vec![], vec![p(1, Job, None)], vec![p(1, Job, None), p(2, Timer, None)]),
        (
            "settle and insert",
            vec![e(1)],
            vec![p(1, Task, Some(9))],
            vec![p(1, Task, Some(9)), p(2, Timer, None)],
        ),
        ("settle", vec![e(2), e(2)], vec![], vec![p(1, Task, Some(9))]),
        ("settle what is gone", vec![e(2), e(77)], vec![], vec![p(1, Task, Some(9))]),
        (
            "one key twice",
            vec![],
            vec![p(3, Task, Some(1)), p(3, Timer, Some(2))],
            vec![p(1, Task, Some(9)), p(3, Timer, Some(2))],
        ),
        ("settle all", vec![e(1), e(3)], vec![], vec![]),
    ];
    for (case, settled, pending, expected) in steps {
        let commit = Commit { settled, pending, ..Commit::new(ShardId(9), epoch) };
        ok(bench.name, bench.store().commit(&[commit]));
        let store = bench.store();
        assert_eq!(ok(bench.name, store.pending_of(a)), expected, "{}: {case}", bench.name);
        let mut due: Vec<_> = expected.iter().filter(|row| row.due.is_some()).cloned().collect();
        due.sort_by_key(|row| row.due);
        assert_eq!(ok(bench.name, store.due(ShardId(9), 0, 99, 99)), due, "{}: {case}", bench.name);
        for kind in [Task, Timer, Job] {
            let of_kind: Vec<_> = expected.iter().filter(|row| row.kind == kind).cloned().collect();
            let found = ok(bench.name, store.pending(ShardId(9), kind, None, 9));
            assert_eq!(found, of_kind, "{}: {case}: {kind:?}", bench.name);
        }
    }
    let insert =
        Commit { pending: vec![p(1, Task, None), p(4, Task, None)], ..Commit::new(ShardId(9), epoch) };
    let settle =
        Commit { settled: vec![e(1)], pending: vec![p(4, Timer, Some(1))], ..Commit::new(ShardId(9), epoch) };
    ok(bench.name, bench.store().commit(&[insert, settle]));
    assert_eq!(
        ok(bench.name, bench.store().pending_of(a)),
        [p(4, Timer, Some(1))],
        "{}: groups in order",
        bench.name
    );
}
