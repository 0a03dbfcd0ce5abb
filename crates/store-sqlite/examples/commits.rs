//! Measures the writer: durable commits of groups, as a busy shard makes them, in rows and in bytes written per byte of
//! body. Not a benchmark of the service: `cargo xtask bench` measures that.
//!
//! `cargo run --release -p store-sqlite --example commits -- [directory] [group] [body bytes]`

use std::path::{Path, PathBuf};
use std::time::Instant;

use store::{
    Batch, Commit, ExecutionChange, ExecutionKey, ExecutionRow, ExecutionStatus, Pending, PendingKey,
    PendingKind, ShardId, Store,
};
use store_sqlite::{Options, SqliteStore};

const SHARD: ShardId = ShardId(1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap_or_else(|| "/tmp/stepwell-commits".to_owned()));
    let group: usize = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let size: usize = arguments.next().map_or(Ok(1500), |text| text.parse())?;
    for (name, make) in [("whole executions", whole as Make), ("waiting tasks", waiting as Make)] {
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        let store = SqliteStore::open(&directory, Options::default())?;
        let epoch = store.acquire(SHARD, "example")?;
        let commits = 200_000 / group;
        let written = bytes_written();
        let started = Instant::now();
        let mut rows = 0;
        for turn in 0..commits {
            let commit = make(Commit::new(SHARD, epoch), turn as u64, group, size);
            rows +=
                commit.batches.len() + commit.executions.len() + commit.pending.len() + commit.settled.len();
            store.commit(&[commit])?;
        }
        let seconds = started.elapsed().as_secs_f64();
        drop(store);
        let written = bytes_written().zip(written).map_or(0, |(after, before)| after - before);
        let bodies = (commits * group * size) as f64;
        println!(
            "{name}: {:.0} executions/s, {:.0} rows/s, {:.0} commits/s; written {:.2} x bodies, file {:.2} x bodies",
            (commits * group) as f64 / seconds,
            rows as f64 / seconds,
            commits as f64 / seconds,
            written as f64 / bodies,
            file_size(&directory) as f64 / bodies,
        );
    }
    Ok(())
}

type Make = fn(Commit, u64, usize, usize) -> Commit;

fn key(turn: u64, i: usize) -> ExecutionKey {
    ExecutionKey::new(1_800_000_000_000 + turn as i64 * 4, i as u16, SHARD)
}

/// Executions that start and end in one turn: a batch and a row each.
fn whole(mut commit: Commit, turn: u64, group: usize, size: usize) -> Commit {
    for i in 0..group {
        let execution = key(turn, i);
        commit.batches.push(Batch { execution, first: 1, last: 22, first_event: 1, body: vec![b'x'; size] });
        commit.executions.push(ExecutionChange::Started(row(execution, ExecutionStatus::Succeeded)));
    }
    commit
}

/// Executions that start and wait for a task, while those of the turn before end.
fn waiting(mut commit: Commit, turn: u64, group: usize, size: usize) -> Commit {
    for i in 0..group {
        let execution = key(turn, i);
        let body = vec![b'x'; size / 2];
        commit.batches.push(Batch { execution, first: 1, last: 5, first_event: 1, body: body.clone() });
        commit.executions.push(ExecutionChange::Started(row(execution, ExecutionStatus::Running)));
        let task = PendingKey { execution, effect: 5 };
        commit.pending.push(Pending {
            key: task,
            kind: PendingKind::Task,
            due: Some(turn as i64),
            subject: None,
        });
        let Some(before) = turn.checked_sub(1) else { continue };
        let execution = key(before, i);
        commit.batches.push(Batch { execution, first: 6, last: 9, first_event: 5, body });
        commit.settled.push(PendingKey { execution, effect: 5 });
        commit.executions.push(ExecutionChange::Status {
            execution,
            status: ExecutionStatus::Succeeded,
            stopped_at: Some(0),
            redrive_count: 0,
            redriven_at: None,
        });
    }
    commit
}

fn row(key: ExecutionKey, status: ExecutionStatus) -> ExecutionRow {
    ExecutionRow {
        key,
        machine: "orders".to_owned(),
        revision: "3b5e1b0e-7a55-4b0d-9f0e-6a3c2d1f4e5a".to_owned(),
        name: None,
        express: false,
        status,
        started_at: key.at_ms(),
        stopped_at: Some(key.at_ms()),
        version: None,
        alias: None,
        map_run: None,
        redrive_count: 0,
        redriven_at: None,
    }
}

/// What this process has sent to the disk so far (Linux only).
fn bytes_written() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/io").ok()?;
    text.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok())
}

fn file_size(directory: &Path) -> u64 {
    std::fs::metadata(directory.join(store_sqlite::FILE_NAME)).map_or(0, |file| file.len())
}
