//! The rules about single commits and single rows, as tables.

use super::Bench;
use super::fixture::{batch, claim, effect, key, ok, outcome, pending, row, start, status};
use super::observe::{Universe, observe, same};
use crate::{
    CatalogueKind, Commit, ExecutionChange, ExecutionKey, ExecutionQuery, ExecutionStatus, PendingKind,
    ShardId,
};

pub(super) fn empty(bench: &mut Bench<'_>) {
    let universe = Universe {
        executions: vec![key(0, 0, 0), key(5, 1, 7)],
        machines: vec!["m".to_owned(), String::new()],
        names: vec!["n".to_owned()],
        shards: vec![0, 7],
        entries: vec![(CatalogueKind::Machine, "m".to_owned())],
    };
    let text = observe(bench.name, bench.store(), &universe);
    let nothing = [": None", ": []", ": ExecutionPage { rows: [], next: None }"];
    let odd = text.lines().find(|line| !nothing.iter().any(|end| line.ends_with(end)));
    assert_eq!(odd, None, "{}", bench.name);
    assert_eq!(outcome(&bench.store().commit(&[])), "ok", "{}: a commit of nothing", bench.name);
}

pub(super) fn fencing(bench: &mut Bench<'_>) {
    let shard = |shard, epoch| start(shard, epoch, &[]);
    assert_eq!(outcome(&bench.store().commit(&[shard(1, 0)])), "fenced", "{}: nobody's shard", bench.name);
    let old = bench.acquire(1);
    let new = bench.acquire(1);
    let other = bench.acquire(2);
    assert!(old < new, "{}: {old} then {new}", bench.name);
    let cases = [
        ("the newest", vec![shard(1, new)], "ok"),
        ("an old one", vec![shard(1, old)], "fenced"),
        ("one from the future", vec![shard(1, new + 1)], "fenced"),
        ("two shards", vec![shard(1, new), shard(2, other)], "ok"),
        ("one of two is old", vec![shard(2, other), shard(1, old)], "fenced"),
        ("nobody's shard among others", vec![shard(1, new), shard(9, 1)], "fenced"),
        ("one shard twice", vec![shard(1, new), shard(1, new)], "ok"),
    ];
    for (case, groups, expected) in cases {
        assert_eq!(outcome(&bench.store().commit(&groups)), expected, "{}: {case}", bench.name);
    }
    bench.again();
    assert_eq!(outcome(&bench.store().commit(&[shard(1, new)])), "ok", "{}: after reopening", bench.name);
    assert!(bench.acquire(1) > new, "{}: epochs grow over reopening", bench.name);
    assert_eq!(outcome(&bench.store().commit(&[shard(1, new)])), "fenced", "{}: since then", bench.name);
}

pub(super) fn atomicity(bench: &mut Bench<'_>) {
    let (old, epoch, other) = (bench.acquire(1), bench.acquire(1), bench.acquire(2));
    let (known, fresh, foreign) = (key(0, 0, 1), key(1, 0, 1), key(1, 0, 2));
    let good = Commit {
        names: vec![claim("m", "n", fresh)],
        pending: vec![pending(effect(fresh, 1), PendingKind::Timer, Some(5), Some("s"))],
        settled: vec![effect(known, 1)],
        ..start(1, epoch, &[row(fresh, "m", ExecutionStatus::Running)])
    };
    let first = Commit {
        names: vec![claim("m", "n", known)],
        pending: vec![pending(effect(known, 1), PendingKind::Task, Some(4), None)],
        ..start(1, epoch, &[row(known, "m", ExecutionStatus::Running)])
    };
    ok(bench.name, bench.store().commit(&[first]));
    let with =
        |change: ExecutionChange| Commit { executions: vec![change], ..Commit::new(ShardId(2), other) };
    let here = || Commit::new(ShardId(1), epoch);
    let bad = [
        ("fenced", "an old epoch", Commit::new(ShardId(1), old)),
        ("failed", "a batch that exists", Commit { batches: vec![batch(known, 1, 9, 1)], ..here() }),
        (
            "failed",
            "a batch twice",
            Commit { batches: vec![batch(fresh, 5, 6, 1), batch(fresh, 5, 7, 1)], ..here() },
        ),
        (
            "failed",
            "a second start",
            Commit { batches: vec![], ..start(1, epoch, &[row(known, "x", ExecutionStatus::Failed)]) },
        ),
        ("failed", "a status of nobody", with(status(key(7, 7, 2), ExecutionStatus::Failed, None))),
        ("failed", "another shard's batch", Commit { batches: vec![batch(foreign, 1, 1, 1)], ..here() }),
        (
            "failed",
            "another shard's start",
            with(ExecutionChange::Started(row(key(9, 0, 1), "m", ExecutionStatus::Running))),
        ),
        ("failed", "another shard's status", with(status(known, ExecutionStatus::Failed, None))),
        ("failed", "another shard's name", Commit { names: vec![claim("m", "o", foreign)], ..here() }),
        ("failed", "another shard's effect", Commit { settled: vec![effect(foreign, 1)], ..here() }),
    ];
    let universe = Universe {
        executions: vec![known, fresh, foreign],
        machines: vec!["m".to_owned(), "x".to_owned()],
        names: vec!["n".to_owned(), "o".to_owned()],
        shards: vec![1, 2],
        entries: Vec::new(),
    };
    let before = observe(bench.name, bench.store(), &universe);
    for (expected, case, bad) in bad {
        for groups in [[good.clone(), bad.clone()], [bad.clone(), good.clone()]] {
            assert_eq!(outcome(&bench.store().commit(&groups)), expected, "{}: {case}", bench.name);
            same(bench.name, case, &observe(bench.name, bench.store(), &universe), &before);
        }
    }
    assert_eq!(outcome(&bench.store().commit(&[good])), "ok", "{}: the good one alone", bench.name);
}

pub(super) fn extremes(bench: &mut Bench<'_>) {
    let texts = ["", "a", "ünï 😀 'quote\" \\ %_", &"long ".repeat(10_000)];
    let bodies = [vec![], vec![0], (0..=255).collect(), vec![0xA5; 3_000_000]];
    let times = [i64::MIN, -1, 0, i64::MAX];
    let keys =
        [key(0, 0, 0), key(1, ExecutionKey::MAX_COUNTER, 255), key(i64::MAX, 0x3FFF, 255), key(3, 9, 128)];
    for (i, execution) in keys.into_iter().enumerate() {
        let (text, time, number) = (texts[i], times[i], [0, 1, u32::MAX - 1, u32::MAX][i]);
        let row = crate::ExecutionRow {
            revision: text.to_owned(),
            name: Some(text.to_owned()),
            express: i % 2 == 0,
            started_at: time,
            stopped_at: Some(time),
            version: Some(number),
            alias: Some(text.to_owned()),
            map_run: Some(text.to_owned()),
            redrive_count: number,
            redriven_at: Some(time),
            ..row(execution, text, super::fixture::STATUSES[i + 1])
        };
        let batch = crate::Batch {
            execution,
            first: number,
            last: u32::MAX,
            first_event: number,
            body: bodies[i].clone(),
        };
        let waits = pending(effect(execution, number), super::fixture::KINDS[i + 2], Some(time), Some(text));
        let shard = execution.shard();
        let epoch = ok(bench.name, bench.store().acquire(shard, text));
        let commit = Commit {
            batches: vec![batch.clone()],
            executions: vec![ExecutionChange::Started(row.clone())],
            names: vec![claim(text, text, execution)],
            pending: vec![waits.clone()],
            ..Commit::new(shard, epoch)
        };
        ok(bench.name, bench.store().commit(&[commit]));
        bench.again();
        let store = bench.store();
        assert_eq!(ok(bench.name, store.execution(execution)), Some(row.clone()), "{}: row {i}", bench.name);
        assert_eq!(ok(bench.name, store.batches(execution, 0, 9)), [batch], "{}: batch {i}", bench.name);
        assert_eq!(ok(bench.name, store.named(text, text)), Some(execution), "{}: name {i}", bench.name);
        assert_eq!(ok(bench.name, store.pending_of(execution)), [waits], "{}: pending {i}", bench.name);
        let query = ExecutionQuery { map_run: Some(text.to_owned()), limit: 9, ..Default::default() };
        assert_eq!(ok(bench.name, store.executions(&query)).rows, [row], "{}: map run {i}", bench.name);
    }
}

pub(super) fn batches(bench: &mut Bench<'_>) {
    let epoch = bench.acquire(3);
    let (a, b) = (key(0, 0, 3), key(0, 1, 3));
    let all =
        [batch(a, 1, 3, 1), batch(a, 4, 4, 2), batch(b, 1, 9, 1), batch(a, 5, 20, 3), batch(a, 21, 22, 9)];
    let group = Commit { batches: all.to_vec(), ..Commit::new(ShardId(3), epoch) };
    ok(bench.name, bench.store().commit(&[group]));
    let cases: [(u32, usize, &[u32]); 11] = [
        (0, 9, &[1, 4, 5, 21]),
        (1, 9, &[1, 4, 5, 21]),
        (3, 9, &[1, 4, 5, 21]),
        (4, 9, &[4, 5, 21]),
        (5, 9, &[5, 21]),
        (20, 9, &[5, 21]),
        (22, 9, &[21]),
        (23, 9, &[]),
        (u32::MAX, 9, &[]),
        (2, 2, &[1, 4]),
        (1, 0, &[]),
    ];
    for (from, limit, expected) in cases {
        let found = ok(bench.name, bench.store().batches(a, from, limit));
        let expected: Vec<_> =
            all.iter().filter(|b| b.execution == a && expected.contains(&b.first)).cloned().collect();
        assert_eq!(found, expected, "{}: from {from} limit {limit}", bench.name);
    }
}

pub(super) fn batch_at_event(bench: &mut Bench<'_>) {
    let epoch = bench.acquire(3);
    let (a, b) = (key(0, 0, 3), key(0, 1, 3));
    // Records 6-7 and the last batch hold no public event; 1-2 come before the first.
    let rows = [(1, 2, 1), (3, 5, 1), (6, 7, 4), (8, 8, 4), (9, 30, 5), (31, 31, 12)];
    let mut all: Vec<_> = rows.map(|(first, last, event)| batch(a, first, last, event)).to_vec();
    all.push(batch(b, 1, 1, 1));
    ok(bench.name, bench.store().commit(&[Commit { batches: all, ..Commit::new(ShardId(3), epoch) }]));
    let cases: [(u32, Option<u32>, Option<u32>); 8] = [
        (0, Some(3), None),
        (1, Some(3), Some(3)),
        (3, Some(3), Some(3)),
        (4, Some(8), Some(8)),
        (5, Some(9), Some(9)),
        (11, Some(9), Some(9)),
        (12, Some(31), Some(31)),
        (u32::MAX, Some(31), Some(31)),
    ];
    for (id, forwards, back) in cases {
        for (backwards, expected) in [(false, forwards), (true, back)] {
            let found =
                ok(bench.name, bench.store().batch_at_event(a, id, backwards)).map(|batch| batch.first);
            assert_eq!(found, expected, "{}: event {id} backwards {backwards}", bench.name);
        }
    }
    assert_eq!(ok(bench.name, bench.store().batch_at_event(key(9, 9, 3), 1, false)), None, "{}", bench.name);
}

pub(super) fn statuses(bench: &mut Bench<'_>) {
    let epoch = bench.acquire(4);
    let a = key(0, 0, 4);
    let started = ExecutionChange::Started(row(a, "m", ExecutionStatus::Running));
    let redriven = ExecutionChange::Status {
        execution: a,
        status: ExecutionStatus::Running,
        stopped_at: None,
        redrive_count: 2,
        redriven_at: Some(77),
    };
    // Each step is a commit; the row after it.
    let steps = [
        (
            vec![started, status(a, ExecutionStatus::Failed, Some(5))],
            (ExecutionStatus::Failed, Some(5), 0, None),
        ),
        (vec![redriven], (ExecutionStatus::Running, None, 2, Some(77))),
        (
            vec![status(a, ExecutionStatus::Aborted, Some(8)), status(a, ExecutionStatus::TimedOut, Some(9))],
            (ExecutionStatus::TimedOut, Some(9), 0, None),
        ),
    ];
    for (i, (executions, expected)) in steps.into_iter().enumerate() {
        ok(bench.name, bench.store().commit(&[Commit { executions, ..Commit::new(ShardId(4), epoch) }]));
        let found = ok(bench.name, bench.store().execution(a));
        let found = found.map(|row| (row.status, row.stopped_at, row.redrive_count, row.redriven_at));
        assert_eq!(found, Some(expected), "{}: step {i}", bench.name);
        let query = ExecutionQuery { machine: Some("m".to_owned()), limit: 5, ..Default::default() };
        for asked in super::fixture::STATUSES {
            let page = ok(
                bench.name,
                bench.store().executions(&ExecutionQuery { status: Some(asked), ..query.clone() }),
            );
            assert_eq!(
                page.rows.len(),
                usize::from(asked == expected.0),
                "{}: step {i}: {asked:?}",
                bench.name
            );
        }
    }
}

pub(super) fn names(bench: &mut Bench<'_>) {
    let epoch = bench.acquire(5);
    let (a, b, c) = (key(0, 0, 5), key(0, 1, 5), key(0, 2, 5));
    let steps = [
        (vec![claim("m", "n", a)], [Some(a), None, None]),
        (vec![claim("m", "o", b), claim("n", "m", c)], [Some(a), Some(b), Some(c)]),
        (vec![claim("m", "n", c)], [Some(c), Some(b), Some(c)]),
        (vec![claim("m", "n", a), claim("m", "n", b)], [Some(b), Some(b), Some(c)]),
    ];
    for (i, (names, expected)) in steps.into_iter().enumerate() {
        ok(bench.name, bench.store().commit(&[Commit { names, ..Commit::new(ShardId(5), epoch) }]));
        let found = [("m", "n"), ("m", "o"), ("n", "m")]
            .map(|(machine, name)| ok(bench.name, bench.store().named(machine, name)));
        assert_eq!(found, expected, "{}: step {i}", bench.name);
    }
    for (machine, name) in [("m", "N"), ("M", "n"), ("m", ""), ("mn", "")] {
        assert_eq!(
            ok(bench.name, bench.store().named(machine, name)),
            None,
            "{}: {machine} {name}",
            bench.name
        );
    }
}

pub(super) fn catalogue(bench: &mut Bench<'_>) {
    use CatalogueKind::{Machine, Tags};
    let body = |text: &str| Some(text.as_bytes().to_vec());
    let change = |kind, id: &str, version, body| (kind, id.to_owned(), version, body);
    let steps = [
        ("create", vec![change(Machine, "a", 0, body("1"))], "ok", Some((1, "1"))),
        ("create again", vec![change(Machine, "a", 0, body("x"))], "conflict", Some((1, "1"))),
        ("write", vec![change(Machine, "a", 1, body("2"))], "ok", Some((2, "2"))),
        ("write an old one", vec![change(Machine, "a", 1, body("x"))], "conflict", Some((2, "2"))),
        ("write a future one", vec![change(Machine, "a", 3, body("x"))], "conflict", Some((2, "2"))),
        ("remove an old one", vec![change(Machine, "a", 1, None)], "conflict", Some((2, "2"))),
        ("another kind", vec![change(Tags, "a", 0, body("t"))], "ok", Some((2, "2"))),
        (
            "one of two conflicts",
            vec![change(Machine, "a", 2, body("x")), change(Machine, "b", 1, body("x"))],
            "conflict",
            Some((2, "2")),
        ),
        (
            "one of two conflicts, first",
            vec![change(Machine, "b", 1, body("x")), change(Machine, "a", 2, body("x"))],
            "conflict",
            Some((2, "2")),
        ),
        (
            "twice",
            vec![change(Machine, "a", 2, body("3")), change(Machine, "a", 3, body("4"))],
            "ok",
            Some((4, "4")),
        ),
        (
            "twice alike",
            vec![change(Machine, "a", 4, body("x")), change(Machine, "a", 4, body("y"))],
            "conflict",
            Some((4, "4")),
        ),
        ("remove", vec![change(Machine, "a", 4, None)], "ok", None),
        ("remove what is gone", vec![change(Machine, "a", 4, None)], "conflict", None),
        ("remove what is absent", vec![change(Machine, "a", 0, None)], "ok", None),
        ("create after removal", vec![change(Machine, "a", 0, body(""))], "ok", Some((1, ""))),
        ("nothing", vec![], "ok", Some((1, ""))),
    ];
    for (case, changes, expected, entry) in steps {
        assert_eq!(outcome(&bench.store().catalogue_put(&changes)), expected, "{}: {case}", bench.name);
        let found = ok(bench.name, bench.store().catalogue_get(Machine, "a"));
        let found = found.as_ref().map(|found| (found.id.as_str(), found.version, found.body.as_slice()));
        assert_eq!(
            found,
            entry.map(|(version, body)| ("a", version, body.as_bytes())),
            "{}: {case}",
            bench.name
        );
        assert_eq!(ok(bench.name, bench.store().catalogue_get(Machine, "b")), None, "{}: {case}", bench.name);
    }
    bench.again();
    let tags = ok(bench.name, bench.store().catalogue_get(Tags, "a"));
    assert_eq!(tags.map(|entry| entry.body), body("t"), "{}: after reopening", bench.name);
}

pub(super) fn catalogue_list(bench: &mut Bench<'_>) {
    use CatalogueKind::{Alias, Version};
    let ids = [
        "",
        "A:1",
        "a",
        "a:0001",
        "a:0002",
        "a:0010",
        "a\u{10FFFF}",
        "a\u{10FFFF}z",
        "a%",
        "b:0001",
        "ü",
        "😀",
    ];
    let changes = ids.map(|id| (Version, id.to_owned(), 0, Some(id.as_bytes().to_vec())));
    ok(bench.name, bench.store().catalogue_put(&changes));
    ok(bench.name, bench.store().catalogue_put(&[(Alias, "a:zzz".to_owned(), 0, Some(vec![]))]));
    for prefix in ["", "a", "a:", "a:000", "a\u{10FFFF}", "\u{10FFFF}", "%", "a%", "b", "ü", "zz"] {
        for after in
            [None, Some(""), Some("a"), Some("a:0001"), Some("a:0005"), Some("b"), Some("zzz"), Some("😀")]
        {
            for limit in [0, 1, 2, 100] {
                let mut expected: Vec<&str> = ids.into_iter().filter(|id| id.starts_with(prefix)).collect();
                expected.retain(|id| after.is_none_or(|after| *id > after));
                expected.sort_unstable();
                expected.truncate(limit);
                let found = ok(bench.name, bench.store().catalogue_list(Version, prefix, after, limit));
                assert!(found.iter().all(|entry| entry.version == 1 && entry.body == entry.id.as_bytes()));
                let found: Vec<&str> = found.iter().map(|entry| entry.id.as_str()).collect();
                assert_eq!(found, expected, "{}: {prefix:?} after {after:?} limit {limit}", bench.name);
            }
        }
    }
}

pub(super) fn property(bench: &mut Bench<'_>) {
    let large = vec![7; 100_000];
    let cases: [(&str, &[u8], &[u8]); 6] = [
        ("key", b"one", b"one"),
        ("key", b"two", b"one"),
        ("other", b"", b""),
        ("other", b"x", b""),
        ("", &large, &large),
        ("key", b"", b"one"),
    ];
    for (name, initial, expected) in cases {
        assert_eq!(ok(bench.name, bench.store().property(name, initial)), expected, "{}: {name}", bench.name);
        bench.again();
        assert_eq!(
            ok(bench.name, bench.store().property(name, b"no")),
            expected,
            "{}: {name} later",
            bench.name
        );
    }
}

pub(super) fn reopen(bench: &mut Bench<'_>) {
    let epoch = bench.acquire(6);
    let keys: Vec<_> = (0..5).map(|i| key(i, 0, 6)).collect();
    let rows: Vec<_> = keys.iter().map(|key| row(*key, "m", ExecutionStatus::Running)).collect();
    let commit = Commit {
        names: keys.iter().map(|key| claim("m", &key.0.to_string(), *key)).collect(),
        pending: keys
            .iter()
            .map(|key| pending(effect(*key, 1), PendingKind::Job, Some(3), Some("s")))
            .collect(),
        ..start(6, epoch, &rows)
    };
    let universe = Universe {
        names: keys.iter().map(|key| key.0.to_string()).collect(),
        executions: keys,
        machines: vec!["m".to_owned()],
        shards: vec![6],
        entries: vec![(CatalogueKind::Machine, "m".to_owned())],
    };
    ok(bench.name, bench.store().commit(&[commit]));
    let put = [(CatalogueKind::Machine, "m".to_owned(), 0, Some(b"{}".to_vec()))];
    ok(bench.name, bench.store().catalogue_put(&put));
    let before = observe(bench.name, bench.store(), &universe);
    for time in ["once", "twice"] {
        bench.again();
        same(bench.name, time, &observe(bench.name, bench.store(), &universe), &before);
    }
}
