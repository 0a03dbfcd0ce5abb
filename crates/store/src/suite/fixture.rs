//! Rows and commits for the suite, made from few numbers, and how an outcome is asserted.

use crate::{
    Batch, Commit, Epoch, Error, ExecutionChange, ExecutionKey, ExecutionRow, ExecutionStatus, NameClaim,
    Pending, PendingKey, PendingKind, Result, ShardId,
};

pub(super) const STATUSES: [ExecutionStatus; 6] = ExecutionStatus::ALL;

pub(super) const KINDS: [PendingKind; 9] = PendingKind::ALL;

/// The value of a read that must not fail.
pub(super) fn ok<T>(rule: &str, result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{rule}: {error}"),
    }
}

/// An outcome without its text.
pub(super) fn outcome<T>(result: &Result<T>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::Fenced) => "fenced",
        Err(Error::Conflict) => "conflict",
        Err(Error::Full(_)) => "full",
        Err(Error::Version(_)) => "version",
        Err(Error::Failed(_)) => "failed",
    }
}

/// The `counter`th execution of a shard, in the `at`th millisecond.
pub(super) fn key(at: i64, counter: u16, shard: u8) -> ExecutionKey {
    ExecutionKey::new(1_704_067_200_000_i64.saturating_add(at), counter, ShardId(shard))
}

pub(super) fn batch(execution: ExecutionKey, first: u32, last: u32, first_event: u32) -> Batch {
    let body = format!("records {first} to {last} of {}", execution.0).into_bytes();
    Batch { execution, first, last, first_event, body }
}

pub(super) fn row(key: ExecutionKey, machine: &str, status: ExecutionStatus) -> ExecutionRow {
    ExecutionRow {
        key,
        machine: machine.to_owned(),
        revision: format!("revision of {machine}"),
        name: None,
        express: false,
        status,
        started_at: key.at_ms(),
        stopped_at: None,
        version: None,
        alias: None,
        map_run: None,
        redrive_count: 0,
        redriven_at: None,
    }
}

pub(super) fn status(
    execution: ExecutionKey,
    status: ExecutionStatus,
    stopped_at: Option<i64>,
) -> ExecutionChange {
    ExecutionChange::Status { execution, status, stopped_at, redrive_count: 0, redriven_at: None }
}

pub(super) fn claim(machine: &str, name: &str, execution: ExecutionKey) -> NameClaim {
    NameClaim { machine: machine.to_owned(), name: name.to_owned(), execution }
}

pub(super) fn effect(execution: ExecutionKey, effect: u32) -> PendingKey {
    PendingKey { execution, effect }
}

pub(super) fn pending(
    key: PendingKey,
    kind: PendingKind,
    due: Option<i64>,
    subject: Option<&str>,
) -> Pending {
    Pending { key, kind, due, subject: subject.map(str::to_owned) }
}

/// A commit that starts executions, each with one batch.
pub(super) fn start(shard: u8, epoch: Epoch, rows: &[ExecutionRow]) -> Commit {
    Commit {
        batches: rows.iter().map(|row| batch(row.key, 1, 2, 1)).collect(),
        executions: rows.iter().cloned().map(ExecutionChange::Started).collect(),
        ..Commit::new(ShardId(shard), epoch)
    }
}
