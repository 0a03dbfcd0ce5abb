//! The tables, and how a database comes from an older form of them to the newest.
//!
//! As in the embedded store, executions are found by (scope, status, key) and a list without a status merges the ranges;
//! indexes on what most executions do not have are partial. Unlike there, batches are in a heap with their primary key
//! beside it anyway, and texts are not shared by number, because nodes would wait for each other's new numbers.
//! `pending` rows live shortly: they are vacuumed early, so that dead ones do not pile up at the head of an index.

use store::{Error, Result};
use tokio_postgres::Client;

use crate::error::error;

/// Each takes the schema one version further; the first makes it. Those that were released are never changed.
const MIGRATIONS: &[&str] = &[
    r#"
    CREATE TABLE shards (
        shard smallint PRIMARY KEY,
        epoch bigint NOT NULL,
        owner text NOT NULL
    );

    CREATE TABLE batches (
        shard smallint NOT NULL,
        execution bigint NOT NULL,
        first bigint NOT NULL,
        last bigint NOT NULL,
        first_event bigint NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (shard, execution, first) INCLUDE (first_event)
    );

    CREATE TABLE executions (
        shard smallint NOT NULL,
        key bigint NOT NULL,
        machine text COLLATE "C" NOT NULL,
        revision text COLLATE "C" NOT NULL,
        name text COLLATE "C",
        express boolean NOT NULL,
        status smallint NOT NULL,
        started_at bigint NOT NULL,
        stopped_at bigint,
        version bigint,
        alias text COLLATE "C",
        map_run text COLLATE "C",
        redrive_count bigint NOT NULL,
        redriven_at bigint,
        PRIMARY KEY (shard, key)
    );
    CREATE INDEX executions_by_machine ON executions (machine, status, key);
    CREATE INDEX executions_by_map_run ON executions (map_run, status, key) WHERE map_run IS NOT NULL;
    CREATE INDEX executions_by_alias ON executions (machine, alias, key) WHERE alias IS NOT NULL;
    CREATE INDEX executions_by_version ON executions (machine, version, key) WHERE version IS NOT NULL;
    CREATE INDEX executions_not_succeeded ON executions (shard, status, key) WHERE status <> 1;

    CREATE TABLE names (
        machine text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        execution bigint NOT NULL,
        PRIMARY KEY (machine, name)
    );

    CREATE TABLE pending (
        shard smallint NOT NULL,
        execution bigint NOT NULL,
        effect bigint NOT NULL,
        kind smallint NOT NULL,
        due bigint,
        subject text COLLATE "C",
        PRIMARY KEY (shard, execution, effect)
    ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
    CREATE INDEX pending_by_due ON pending (shard, due, execution, effect) WHERE due IS NOT NULL;
    CREATE INDEX pending_by_kind ON pending (shard, kind, execution, effect) WHERE kind <> 0;

    CREATE TABLE catalogue (
        kind smallint NOT NULL,
        id text COLLATE "C" NOT NULL,
        version bigint NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (kind, id)
    );

    CREATE TABLE properties (
        name text COLLATE "C" PRIMARY KEY,
        value bytea NOT NULL
    );
"#,
    // A list through an alias or a version by status is a range, too: of a million successes nobody looks for the failures.
    r#"
    DROP INDEX executions_by_alias;
    CREATE INDEX executions_by_alias ON executions (machine, alias, status, key) WHERE alias IS NOT NULL;
    DROP INDEX executions_by_version;
    CREATE INDEX executions_by_version ON executions (machine, version, status, key) WHERE version IS NOT NULL;
"#,
];

/// Schema names are written into SQL, so they are checked instead of quoted.
pub(crate) fn check_name(schema: &str) -> Result<()> {
    let mut bytes = schema.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let goes_on = bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if starts && goes_on && schema.len() <= 63 && !schema.starts_with("pg_") {
        return Ok(());
    }
    Err(Error::Failed(format!(
        "`{schema}` cannot be the schema's name; use up to 63 lower-case letters, digits and `_`, beginning with a letter"
    )))
}

/// Refuses a schema that is not ours or newer, and makes it or brings an older one up to date.
pub(crate) async fn migrate(client: &Client, schema: &str) -> Result<()> {
    let begin = "BEGIN; SELECT pg_advisory_xact_lock(6003100671677627756)";
    client.batch_execute(begin).await.map_err(|e| error(&e))?;
    let found = version(client, schema).await?;
    let known = MIGRATIONS.len();
    if found > known {
        return Err(Error::Version(format!(
            "the database's schema `{schema}` has version {found}, and this release knows versions up to {known}; it was \
             written by a newer release: run that one, or restore a backup made before the upgrade"
        )));
    }
    for (version, sql) in (1..).zip(MIGRATIONS).skip(found) {
        let sql = format!("{sql}; UPDATE schema_version SET version = {version}");
        client.batch_execute(&sql).await.map_err(|e| error(&e))?;
    }
    client.batch_execute("COMMIT").await.map_err(|e| error(&e))
}

/// The version of the schema, 0 for one that was just made.
async fn version(client: &Client, schema: &str) -> Result<usize> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE c.relname = 'schema_version')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1";
    let row = client.query_one(sql, &[&schema]).await.map_err(|e| error(&e))?;
    let (all, ours): (i64, i64) = (row.get(0), row.get(1));
    if all == 0 {
        let make = format!(
            "CREATE SCHEMA IF NOT EXISTS \"{schema}\"; CREATE TABLE schema_version (version integer NOT NULL);
             INSERT INTO schema_version (version) VALUES (0)"
        );
        client.batch_execute(&make).await.map_err(|e| error(&e))?;
    } else if ours == 0 {
        return Err(Error::Version(format!(
            "the database's schema `{schema}` has tables, but not Stepwell's; choose another schema or database"
        )));
    }
    let row = client.query_one("SELECT version FROM schema_version", &[]).await.map_err(|e| error(&e))?;
    let version: i32 = row.get(0);
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names() {
        let long = "a".repeat(64);
        for (name, good) in [
            ("stepwell", true),
            ("_a1", true),
            (&long[..63], true),
            (&long, false),
            ("", false),
            ("1a", false),
            ("A", false),
            ("a\"b", false),
            ("a b", false),
            ("pg_x", false),
        ] {
            assert_eq!(check_name(name).is_ok(), good, "{name}");
        }
    }
}
