//! What only this store has: the lock, files of others and of other times, a full disk, a kill, the log's size, and
//! the plans of its queries. The rules that all stores share are in `tests/suite.rs`.

use std::fs;

use rusqlite::Connection;
use store::{Error, ExecutionStatus};
use tempfile::TempDir;

use super::*;

const SHARD: ShardId = ShardId(1);

fn open(directory: &Path) -> Result<SqliteStore> {
    SqliteStore::open(directory, Options::default())
}

fn message(directory: &Path) -> String {
    let shown = directory.display().to_string();
    match open(directory) {
        Ok(_) => "opened".to_owned(),
        Err(error) => error.to_string().replace(&shown, "DIR"),
    }
}

fn key(i: u32) -> ExecutionKey {
    ExecutionKey::from_i64(i64::from(i) << 8 | i64::from(SHARD.0))
}

fn commit(epoch: Epoch, i: u32, size: usize) -> Commit {
    let batch = Batch { execution: key(i), first: 1, last: 1, first_event: 1, body: vec![7; size] };
    Commit { batches: vec![batch], ..Commit::new(SHARD, epoch) }
}

fn has(store: &SqliteStore, i: u32) -> bool {
    !store.batches(key(i), 1, 1).unwrap().is_empty()
}

#[test]
fn a_directory_has_one_owner() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("a/b")).unwrap();
    let expected = format!(
        "the store failed: the data directory `DIR` is in use by another process (process {}); stop that one, or \
         choose another data directory",
        std::process::id()
    );
    assert_eq!(message(&directory.path().join("a/b")), expected);
    drop(store);
    assert_eq!(message(&directory.path().join("a/b")), "opened");
}

#[test]
fn other_files_are_refused_and_left_alone() {
    type Make = fn(&Path);
    let cases: [(&str, Make, &str); 5] = [
        (
            "a text",
            |path| fs::write(path, "a text that is no database ".repeat(100)).unwrap(),
            "the store has another format: `DIR/stepwell.db` is not an SQLite database; choose another data \
             directory, or restore the file from a backup",
        ),
        (
            "another database",
            |path| Connection::open(path).unwrap().execute_batch("CREATE TABLE t (c)").unwrap(),
            "the store has another format: `DIR/stepwell.db` is an SQLite database, but not one of Stepwell's; \
             choose another data directory",
        ),
        (
            "a newer schema",
            |path| {
                drop(open(path.parent().unwrap()).unwrap());
                Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap();
            },
            "the store has another format: `DIR/stepwell.db` has schema 99, and this release knows schemas up to 2; \
             it was written by a newer release: run that one, or restore a backup made before the upgrade",
        ),
        (
            "a directory",
            |path| fs::create_dir(path).unwrap(),
            "the store failed: `DIR/stepwell.db` cannot be opened for writing (unable to open database file: \
             DIR/stepwell.db); check who owns it and the data directory",
        ),
        ("an empty file", |path| fs::write(path, "").unwrap(), "opened"),
    ];
    for (case, make, expected) in cases {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join(FILE_NAME);
        make(&path);
        let before = fs::read(&path).ok();
        assert_eq!(message(directory.path()), expected, "{case}");
        if expected != "opened" {
            assert_eq!(fs::read(&path).ok(), before, "{case}: the file has changed");
            assert!(!directory.path().join("stepwell.db-wal").exists(), "{case}: a log was begun");
        }
    }
}

#[test]
fn a_full_disk_stops_writes_until_there_is_room() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let epoch = store.acquire(SHARD, "test").unwrap();
    store.commit(&[commit(epoch, 1, 10)]).unwrap();
    let limit = |pages: i64| {
        let state = store.writer.lock();
        state
            .connection
            .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))
            .unwrap();
    };
    limit(1);
    for _ in 0..2 {
        let error = store.commit(&[commit(epoch, 2, 100_000)]).unwrap_err();
        assert!(matches!(error, Error::Full(_)), "{error}");
        assert!(matches!(store.property("new", &[0; 100_000]), Err(Error::Full(_))));
        assert_eq!([1, 2].map(|i| has(&store, i)), [true, false]);
    }
    limit(1_000_000);
    store.commit(&[commit(epoch, 2, 100_000)]).unwrap();
    assert!(has(&store, 2));
}

#[test]
fn after_a_failed_write_nothing_is_written() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let epoch = store.acquire(SHARD, "test").unwrap();
    store.commit(&[commit(epoch, 1, 10)]).unwrap();
    let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    let text = "disk I/O error".to_owned();
    store.writer.lock().give_up(&rusqlite::Error::SqliteFailure(failure, Some(text)));
    let error = store.commit(&[commit(epoch, 2, 10)]).unwrap_err().to_string();
    assert!(error.starts_with("the store failed: an earlier write failed (disk I/O error"), "{error}");
    assert!(error.ends_with("check the disk, then restart"), "{error}");
    assert!(store.acquire(SHARD, "test").is_err());
    assert_eq!([1, 2].map(|i| has(&store, i)), [true, false]);
}

#[test]
fn a_kill_loses_nothing_and_a_torn_log_only_the_last_commit() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let epoch = store.acquire(SHARD, "test").unwrap();
    store.commit(&[commit(epoch, 1, 5000)]).unwrap();
    store.commit(&[commit(epoch, 2, 5000), commit(epoch, 3, 5000)]).unwrap();
    for (cut, last) in [(0, true), (1, false), (5000, false)] {
        // What a killed process leaves behind.
        let copy = TempDir::new().unwrap();
        for name in [FILE_NAME, "stepwell.db-wal"] {
            fs::copy(directory.path().join(name), copy.path().join(name)).unwrap();
        }
        let log = fs::File::options().write(true).open(copy.path().join("stepwell.db-wal")).unwrap();
        log.set_len(log.metadata().unwrap().len() - cut).unwrap();
        let found = open(copy.path()).unwrap();
        assert_eq!([1, 2, 3].map(|i| has(&found, i)), [true, last, last], "{cut} bytes cut");
    }
}

#[test]
fn the_log_has_a_bound() {
    let directory = TempDir::new().unwrap();
    let options = Options { checkpoint_after: 100_000, ..Options::default() };
    let store = SqliteStore::open(directory.path(), options).unwrap();
    let epoch = store.acquire(SHARD, "test").unwrap();
    let mut most = 0;
    for i in 0..400 {
        store.commit(&[commit(epoch, i, 50_000)]).unwrap();
        most = most.max(fs::metadata(directory.path().join("stepwell.db-wal")).unwrap().len());
    }
    // 20 MB were written.
    assert!(most < 2_000_000, "the log grew to {most} bytes");
    assert!(has(&store, 399));
}

#[test]
fn every_question_has_its_index() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let epoch = store.acquire(SHARD, "test").unwrap();
    store.commit(&[Commit { names: vec![], ..commit(epoch, 1, 1) }]).unwrap();
    let text = |name: &str| Some(name.to_owned());
    let mut queries = Vec::new();
    for status in ExecutionStatus::ALL.map(Some).into_iter().chain([None]) {
        for machine in [None, text("m")] {
            for (map_run, alias, version) in
                [(None, None, None), (text("m"), None, None), (None, text("m"), None), (None, None, Some(1))]
            {
                let machine = machine.clone();
                queries.push(ExecutionQuery {
                    machine,
                    map_run,
                    status,
                    alias,
                    version,
                    before: None,
                    limit: 10,
                });
            }
        }
    }
    let readers = &store.readers;
    for query in &queries {
        let plan = readers.read(|connection| page::plan(connection, query)).unwrap();
        let scans: Vec<_> = plan.iter().filter(|step| step.starts_with("SCAN e")).collect();
        assert!(scans.is_empty(), "{query:?}: {plan:#?}");
        // Only a query by nothing selective walks the table, and then by key.
        let sparse = query.machine.is_some() || query.map_run.is_some();
        let walks = plan.iter().any(|step| step.contains("executions USING INTEGER PRIMARY KEY"));
        assert!(!(sparse && walks), "{query:?}: {plan:#?}");
    }
    let others = [
        "SELECT body FROM batches WHERE execution = 1 AND first <= 2 ORDER BY first DESC LIMIT 1",
        "SELECT subject FROM pending WHERE shard = 1 AND kind = 2 AND kind <> 0 AND (execution, effect) > (3, 4)
             ORDER BY execution, effect",
        "SELECT subject FROM pending WHERE shard = 1 AND kind = 0 AND (execution, effect) > (3, 4)
             ORDER BY execution, effect",
        "SELECT subject FROM pending WHERE shard = 1 AND due >= 1 AND due < 2 ORDER BY due, execution, effect",
        "SELECT body FROM catalogue WHERE kind = 1 AND id >= 'a' AND (NULL IS NULL OR id > NULL) ORDER BY id",
    ];
    for sql in others {
        let plan = readers.read(|connection| page::explain(connection, sql, &[])).unwrap();
        assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{sql}: {plan:#?}");
    }
}
