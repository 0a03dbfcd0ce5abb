//! What is removed gives its room back to the disk.

use store::{Batch, Commit, ExecutionChange, ExecutionKey, ExecutionRow, ExecutionStatus, ShardId, Store};
use store_sqlite::{FILE_NAME, Options, SqliteStore};

#[test]
fn the_file_is_shorter_after_a_removal() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<ExecutionKey> =
        (1..=600).map(|at| ExecutionKey::new(1_800_000_000_000 + at, 0, ShardId(0))).collect();
    let length = || std::fs::metadata(folder.path().join(FILE_NAME)).unwrap().len();
    {
        let store = SqliteStore::open(folder.path(), Options::default()).unwrap();
        let epoch = store.acquire(ShardId(0), "test").unwrap();
        for keys in keys.chunks(100) {
            let batch = |key: &ExecutionKey| Batch {
                execution: *key,
                first: 1,
                last: 9,
                first_event: 1,
                body: vec![7; 6_000],
            };
            let row = |key: &ExecutionKey| ExecutionRow {
                key: *key,
                machine: "m".into(),
                revision: "r".into(),
                name: None,
                express: false,
                status: ExecutionStatus::Succeeded,
                started_at: key.at_ms(),
                stopped_at: Some(key.at_ms()),
                version: None,
                alias: None,
                map_run: None,
                redrive_count: 0,
                redriven_at: None,
            };
            let commit = Commit {
                batches: keys.iter().map(batch).collect(),
                executions: keys.iter().map(|key| ExecutionChange::Started(row(key))).collect(),
                ..Commit::new(ShardId(0), epoch)
            };
            store.commit(&[commit]).unwrap();
        }
    }
    let full = length();
    {
        let store = SqliteStore::open(folder.path(), Options::default()).unwrap();
        let epoch = store.acquire(ShardId(0), "test").unwrap();
        let mut after = None;
        loop {
            let ended = store.ended(ShardId(0), after, i64::MAX, 64).unwrap();
            after = ended.last().copied();
            if after.is_none() {
                break;
            }
            store.commit(&[Commit { removed: ended, ..Commit::new(ShardId(0), epoch) }]).unwrap();
        }
        while store.give_back().unwrap() {}
    }
    let left = length();
    assert!(full > 3_600_000 && left < full / 2, "{full} bytes, then {left}");
}
