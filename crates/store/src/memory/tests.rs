//! Faults, crashes and copies; the rules that all stores share are in the suite.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const SHARD: ShardId = ShardId(1);

fn key(i: u32) -> ExecutionKey {
    ExecutionKey::new(0, i as u16, SHARD)
}

/// A commit with the first batch of the `i`th execution.
fn commit(epoch: Epoch, i: u32) -> Commit {
    let batch = Batch { execution: key(i), first: 1, last: 1, first_event: 1, body: vec![1] };
    Commit { batches: vec![batch], ..Commit::new(SHARD, epoch) }
}

fn has(store: &MemoryStore, i: u32) -> bool {
    !store.batches(key(i), 1, 9).unwrap().is_empty()
}

#[test]
fn faults() {
    for (fault, text, written) in [
        (Fault::Lost, "the store failed: injected fault: the write was lost", false),
        (Fault::Unknown, "the store failed: injected fault: the answer to the write was lost", true),
        (Fault::Full, "the store has no room: injected fault: no space is left", false),
    ] {
        let store = MemoryStore::new();
        let epoch = store.acquire(SHARD, "test").unwrap();
        store.fail_commit(2, fault);
        let answers = [1, 2, 3].map(|i| store.commit(&[commit(epoch, i)]).map_err(|error| error.to_string()));
        assert_eq!(answers, [Ok(()), Err(text.to_owned()), Ok(())]);
        let crashed = store.reopen();
        assert_eq!([1, 2, 3].map(|i| has(&crashed, i)), [true, written, true], "{fault:?}");
        assert_eq!((store.commits(), crashed.commits()), (3, 0));
    }
}

#[test]
fn standing_fault_reaches_every_write_and_no_read() {
    let store = MemoryStore::new();
    let epoch = store.acquire(SHARD, "test").unwrap();
    store.property("old", b"value").unwrap();
    store.fail_writes(Some(Fault::Full));
    assert!(matches!(store.acquire(SHARD, "test"), Err(Error::Full(_))));
    assert!(matches!(store.commit(&[commit(epoch, 1)]), Err(Error::Full(_))));
    assert!(matches!(store.catalogue_put(&[]), Err(Error::Full(_))));
    assert!(matches!(store.property("new", b""), Err(Error::Full(_))));
    assert_eq!(store.property("old", b"").unwrap(), b"value");
    assert!(!has(&store, 1));
    store.fail_writes(None);
    store.commit(&[commit(epoch, 1)]).unwrap();
    assert!(has(&store, 1));
}

#[test]
fn hook_sees_commits_and_fails_them() {
    let store = MemoryStore::new();
    let epoch = store.acquire(SHARD, "test").unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    store.on_commit(Box::new(move |number, groups| {
        count.fetch_add(groups.len(), Ordering::SeqCst);
        (number == 1).then_some(Fault::Unknown)
    }));
    assert!(store.commit(&[commit(epoch, 1), commit(epoch, 2)]).is_err());
    assert!(store.commit(&[commit(epoch, 3)]).is_ok());
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[test]
fn snapshot_is_independent() {
    let store = MemoryStore::new();
    let epoch = store.acquire(SHARD, "test").unwrap();
    store.commit(&[commit(epoch, 1)]).unwrap();
    let copy = store.snapshot();
    store.commit(&[commit(epoch, 2)]).unwrap();
    copy.commit(&[commit(epoch, 3)]).unwrap();
    assert_eq!([1, 2, 3].map(|i| has(&store, i)), [true, true, false]);
    assert_eq!([1, 2, 3].map(|i| has(&copy, i)), [true, false, true]);
}
