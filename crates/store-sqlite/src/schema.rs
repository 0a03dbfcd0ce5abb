//! The tables, and how a file comes from an older form of them to the newest.
//!
//! Why they are as they are (measured with groups of 64 commits, bytes of log per byte of body):
//! - `batches` has a row number for its key, and an index for (execution, first). A table clustered by (execution,
//!   first) writes 1.1 to 5 times as much for new executions (a body above a quarter of a page goes to overflow pages of
//!   its own there) and 2 to 5 times as much for executions that go on after others started.
//! - Pages have 4 KiB: with 8 KiB the log grows by 20 to 40 %, because the last page of each tree is written with each
//!   group; only bodies between a half and a whole 4 KiB page would gain.
//! - `executions` is found by (machine, status, key), those with an alias or a version by it, too. A list without a status merges the six ranges: a few more
//!   rows read for one index less to write. Indexes on what most executions do not have (alias, version, Map Run, a
//!   status that is not `SUCCEEDED`) are partial: the others do not pay. All end in the key, which grows, so a group
//!   touches a page of an index and not a page for each row.
//! - Texts that many rows share (machine, revision, alias, Map Run) stand once, in `texts`.
//! - `pending` is found by its key; the index on the kind leaves timers out, which are the most and found by time.

use rusqlite::{Connection, TransactionBehavior};
use store::{Error, Result};

use crate::error::{error, explain};

/// `Swel` in the file's header: this file is ours.
pub(crate) const APPLICATION_ID: i32 = 0x5377_656C;

/// Each takes the schema one version further; the first makes it. Those that were released are never changed.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE shards (
        shard INTEGER PRIMARY KEY,
        epoch INTEGER NOT NULL,
        owner TEXT NOT NULL
    ) STRICT;

    CREATE TABLE texts (
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE batches (
        position INTEGER PRIMARY KEY,
        execution INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        first_event INTEGER NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (execution, first)
    ) STRICT;

    CREATE TABLE executions (
        key INTEGER PRIMARY KEY,
        machine INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        name TEXT,
        express INTEGER NOT NULL,
        status INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        stopped_at INTEGER,
        version INTEGER,
        alias INTEGER,
        map_run INTEGER,
        redrive_count INTEGER NOT NULL,
        redriven_at INTEGER
    ) STRICT;
    CREATE INDEX executions_by_machine ON executions (machine, status);
    CREATE INDEX executions_by_map_run ON executions (map_run, status) WHERE map_run IS NOT NULL;
    CREATE INDEX executions_by_alias ON executions (machine, alias) WHERE alias IS NOT NULL;
    CREATE INDEX executions_by_version ON executions (machine, version) WHERE version IS NOT NULL;
    CREATE INDEX executions_not_succeeded ON executions (status) WHERE status <> 1;

    CREATE TABLE names (
        machine INTEGER NOT NULL,
        name TEXT NOT NULL,
        execution INTEGER NOT NULL,
        PRIMARY KEY (machine, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE pending (
        shard INTEGER NOT NULL,
        execution INTEGER NOT NULL,
        effect INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        due INTEGER,
        subject TEXT,
        PRIMARY KEY (shard, execution, effect)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pending_by_due ON pending (shard, due) WHERE due IS NOT NULL;
    CREATE INDEX pending_by_kind ON pending (shard, kind) WHERE kind <> 0;

    CREATE TABLE catalogue (
        kind INTEGER NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT;

    CREATE TABLE properties (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT;
",
    // A list through an alias or a version by status is a range, too: of a million successes nobody looks for the failures.
    "
    DROP INDEX executions_by_alias;
    CREATE INDEX executions_by_alias ON executions (machine, alias, status) WHERE alias IS NOT NULL;
    DROP INDEX executions_by_version;
    CREATE INDEX executions_by_version ON executions (machine, version, status) WHERE version IS NOT NULL;
",
];

/// The version of the schema that the file has, 0 for an empty one; refuses a file that is not ours or newer.
pub(crate) fn check(connection: &Connection, shown: &str) -> Result<usize> {
    let number =
        |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|e| explain(shown, e));
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let empty = objects == 0 && application == 0 && version == 0;
    if !empty && application != i64::from(APPLICATION_ID) {
        return Err(Error::Version(format!(
            "`{shown}` is an SQLite database, but not one of Stepwell's; choose another data directory"
        )));
    }
    let known = MIGRATIONS.len();
    let found = usize::try_from(version).unwrap_or(usize::MAX);
    if found > known {
        return Err(Error::Version(format!(
            "`{shown}` has schema {version}, and this release knows schemas up to {known}; it was written by a newer \
             release: run that one, or restore a backup made before the upgrade"
        )));
    }
    Ok(found)
}

/// Brings an empty or older file up to date, each step a transaction.
pub(crate) fn migrate(connection: &mut Connection, shown: &str) -> Result<()> {
    let found = check(connection, shown)?;
    for (version, sql) in (1i64..).zip(MIGRATIONS).skip(found) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
        transaction.execute_batch(sql).map_err(error)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(error)?;
        transaction.pragma_update(None, "user_version", version).map_err(error)?;
        transaction.commit().map_err(error)?;
    }
    Ok(())
}
