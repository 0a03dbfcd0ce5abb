//! A backup under load has every commit that was acknowledged before it began, and only whole ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use store::{
    Batch, Commit, ExecutionChange, ExecutionKey, ExecutionQuery, ExecutionRow, ExecutionStatus, ShardId,
    Store,
};
use store_sqlite::{Options, SqliteStore, backup, restore};

/// A commit starts so many executions.
const TOGETHER: u64 = 3;

fn row(key: ExecutionKey) -> ExecutionRow {
    ExecutionRow {
        key,
        machine: "m".into(),
        revision: "r".into(),
        name: None,
        express: false,
        status: ExecutionStatus::Running,
        started_at: key.at_ms(),
        stopped_at: None,
        version: None,
        alias: None,
        map_run: None,
        redrive_count: 0,
        redriven_at: None,
    }
}

fn commit(number: u64, epoch: u64) -> Commit {
    let keys = (0..TOGETHER).map(|index| ExecutionKey(((number * TOGETHER + index) << 8) + 256));
    let keys: Vec<ExecutionKey> = keys.collect();
    let batch = |key: &ExecutionKey| Batch {
        execution: *key,
        first: 1,
        last: 1,
        first_event: 1,
        body: number.to_le_bytes().repeat(64),
    };
    Commit {
        batches: keys.iter().map(batch).collect(),
        executions: keys.iter().map(|key| ExecutionChange::Started(row(*key))).collect(),
        ..Commit::new(ShardId(0), epoch)
    }
}

#[test]
fn a_backup_under_load_keeps_what_was_promised() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy, other) =
        (folder.path().join("data"), folder.path().join("b.db"), folder.path().join("other"));
    let store = Arc::new(SqliteStore::open(&data, Options::default()).unwrap());
    let key = store.property("token-key", b"secret").unwrap();
    let epoch = store.acquire(ShardId(0), "test").unwrap();
    let (acknowledged, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let writer = std::thread::spawn({
        let (store, acknowledged, stop) = (store.clone(), acknowledged.clone(), stop.clone());
        move || {
            let mut number = 0;
            while !stop.load(Ordering::Acquire) {
                store.commit(&[commit(number, epoch)]).unwrap();
                number += 1;
                acknowledged.store(number, Ordering::Release);
            }
            number
        }
    });
    while acknowledged.load(Ordering::Acquire) < 20 {
        std::thread::yield_now();
    }
    let before = acknowledged.load(Ordering::Acquire);
    let made = backup(&data, &copy).unwrap();
    stop.store(true, Ordering::Release);
    let written = writer.join().unwrap();
    assert!(backup(&data, &copy).is_err(), "a file that exists is not overwritten");
    assert!(restore(&copy, &data, true).is_err(), "the data directory is in use");

    let (restored, kept) = restore(&copy, &other, false).unwrap();
    assert_eq!((restored.executions, kept), (made.executions, None));
    assert!(restore(&copy, &other, false).is_err(), "nothing is replaced unasked");
    let found = SqliteStore::open(&other, Options::default()).unwrap();
    assert_eq!(found.property("token-key", b"another").unwrap(), key);
    assert_eq!(made.executions % TOGETHER, 0, "half a commit");
    let commits = made.executions / TOGETHER;
    assert!(before <= commits && commits <= written, "{before} <= {commits} <= {written}");
    let page = found.executions(&ExecutionQuery { limit: 1_000_000, ..Default::default() }).unwrap();
    assert_eq!(page.rows.len() as u64, made.executions);
    for row in &page.rows {
        assert_eq!(found.batches(row.key, 1, 9).unwrap(), store.batches(row.key, 1, 9).unwrap());
    }
    assert!(found.acquire(ShardId(0), "test").unwrap() > epoch);
}

#[test]
fn what_is_no_backup_is_not_restored_and_what_is_replaced_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["a", "b"] {
        SqliteStore::open(at(name), Options::default()).unwrap().property("who", name.as_bytes()).unwrap();
    }
    backup(&at("a"), &at("a.db")).unwrap();
    let whole = std::fs::read(at("a.db")).unwrap();
    std::fs::write(at("half.db"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(
        at("text.db"),
        "not a database, but long enough to be read as the header of one".repeat(9),
    )
    .unwrap();
    for name in ["half.db", "text.db", "none.db"] {
        assert!(restore(&at(name), &at("b"), true).is_err(), "{name}");
    }
    let who = |folder: &str| {
        SqliteStore::open(at(folder), Options::default()).unwrap().property("who", b"?").unwrap()
    };
    assert_eq!(who("b"), b"b", "a restore that failed changed nothing");
    let (_, kept) = restore(&at("a.db"), &at("b"), true).unwrap();
    assert_eq!(who("b"), b"a");
    std::fs::create_dir(at("c")).unwrap();
    std::fs::rename(kept.unwrap(), at("c").join("stepwell.db")).unwrap();
    assert_eq!(who("c"), b"b");
}
