//! The one connection that writes: commits, the catalogue, shards and properties. It decides nothing beyond what the
//! trait promises; checkpoints are run by `checkpoint`, under this writer's lock where that is needed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use store::{
    Batch, CatalogueChange, Commit, Epoch, Error, ExecutionChange, ExecutionKey, ExecutionRow, NameClaim,
    Pending, PendingKey, Result, ShardId,
};

use crate::error::{error, is_duplicate, is_fatal};

/// About what a row costs beside its body: in its table, in its indexes, in the pages around it.
const ROW_BYTES: u64 = 256;

/// Bytes of a page, see `schema`.
const PAGE_BYTES: u64 = 4096;
/// Free pages that stay for what comes, and how many are given back at a time.
const FREE_PAGES_KEPT: u64 = 256;
const GIVEN_PAGES: u64 = 256;

/// So many interned texts are remembered; then it begins anew. Most are names of machines and revisions in use.
const TEXTS: usize = 10_000;

/// The writer.
pub(crate) struct Writer(Mutex<State>);

/// What the lock protects.
pub(crate) struct State {
    pub(crate) connection: Connection,
    /// Ids of texts that are durable.
    texts: HashMap<String, i64>,
    /// The error after which nothing may be written any more.
    broken: Option<String>,
}

impl Writer {
    pub(crate) fn new(connection: Connection) -> Writer {
        Writer(Mutex::new(State { connection, texts: HashMap::new(), broken: None }))
    }

    /// Keeps others from writing.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in a transaction has rolled it back: the state is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn acquire(&self, shard: ShardId, owner: &str) -> Result<Epoch> {
        self.lock().write(|tables| {
            let sql = "INSERT INTO shards (shard, epoch, owner) VALUES (?1, 1, ?2)
                       ON CONFLICT (shard) DO UPDATE SET epoch = epoch + 1, owner = ?2 RETURNING epoch";
            let epoch: i64 = tables.sql.query_row(sql, params![shard.0, owner], |row| row.get(0))?;
            Ok(epoch.cast_unsigned())
        })
    }

    /// Writes the groups; about how many bytes they were.
    pub(crate) fn commit(&self, groups: &[Commit]) -> Result<u64> {
        if groups.is_empty() {
            return Ok(0);
        }
        self.lock().write(|tables| groups.iter().try_fold(0, |bytes, group| Ok(bytes + tables.group(group)?)))
    }

    /// Writes the changes; about how many bytes they were.
    pub(crate) fn catalogue_put(&self, changes: &[CatalogueChange]) -> Result<u64> {
        if changes.is_empty() {
            return Ok(0);
        }
        self.lock()
            .write(|tables| changes.iter().try_fold(0, |bytes, change| Ok(bytes + tables.entry(change)?)))
    }

    /// Gives free pages at the end of the file back, a few at a time; about how many bytes that wrote, and whether there are more.
    pub(crate) fn give_back(&self) -> Result<(u64, bool)> {
        let mut state = self.lock();
        let free = |state: &State| {
            state
                .connection
                .query_row("PRAGMA freelist_count", [], |row| row.get::<_, i64>(0))
                .map(i64::cast_unsigned)
                .map_err(error)
        };
        // Without this the file keeps its room for what comes: it was made by an early release.
        let mode: i64 =
            state.connection.query_row("PRAGMA auto_vacuum", [], |row| row.get(0)).map_err(error)?;
        if mode != 2 || free(&state)? <= FREE_PAGES_KEPT {
            return Ok((0, false));
        }
        let given = state.connection.execute_batch(&format!("PRAGMA incremental_vacuum({GIVEN_PAGES})"));
        if let Err(why) = given {
            if is_fatal(&why) {
                state.give_up(&why);
            }
            return Err(error(why));
        }
        Ok((GIVEN_PAGES * PAGE_BYTES, free(&state)? > FREE_PAGES_KEPT))
    }

    /// The property, made with this value if it is absent.
    pub(crate) fn property(&self, name: &str, initial: &[u8]) -> Result<Vec<u8>> {
        self.lock().write(|tables| {
            let sql = "INSERT INTO properties (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
            tables.sql.execute(sql, params![name, initial])?;
            let sql = "SELECT value FROM properties WHERE name = ?1";
            Ok(tables.sql.query_row(sql, [name], |row| row.get(0))?)
        })
    }
}

/// Why a transaction is given up: as the trait says it, or as SQLite does.
enum Refusal {
    Store(Error),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Refusal {
        Refusal::Sqlite(error)
    }
}

type Step<T> = std::result::Result<T, Refusal>;

fn refuse<T>(why: String) -> Step<T> {
    Err(Refusal::Store(Error::Failed(why)))
}

impl State {
    /// From now on nothing is written.
    pub(crate) fn give_up(&mut self, error: &rusqlite::Error) {
        self.broken.get_or_insert_with(|| error.to_string());
    }

    /// Runs one durable transaction. All or nothing.
    fn write<T>(&mut self, write: impl FnOnce(&mut Tables<'_>) -> Step<T>) -> Result<T> {
        if let Some(why) = &self.broken {
            return Err(Error::Failed(format!(
                "an earlier write failed ({why}) and what reached the disk is unknown; check the disk, then restart"
            )));
        }
        match self.transaction(write) {
            Ok(value) => Ok(value),
            Err(refusal) => {
                // Some of them may have been rolled back.
                self.texts.clear();
                Err(match refusal {
                    Refusal::Store(error) => error,
                    Refusal::Sqlite(sqlite) => {
                        if is_fatal(&sqlite) {
                            self.give_up(&sqlite);
                        }
                        error(sqlite)
                    }
                })
            }
        }
    }

    fn transaction<T>(&mut self, write: impl FnOnce(&mut Tables<'_>) -> Step<T>) -> Step<T> {
        if self.texts.len() > TEXTS {
            self.texts.clear();
        }
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tables = Tables { sql, texts: &mut self.texts };
        let value = write(&mut tables)?;
        tables.sql.commit()?;
        Ok(value)
    }
}

/// The tables within a transaction, which is rolled back when it is dropped uncommitted.
struct Tables<'a> {
    sql: Transaction<'a>,
    texts: &'a mut HashMap<String, i64>,
}

impl Tables<'_> {
    fn group(&mut self, group: &Commit) -> Step<u64> {
        self.fence(group.shard, group.epoch)?;
        group.check_shard().map_err(Refusal::Store)?;
        let bytes = self.batches(&group.batches)?;
        for change in &group.executions {
            match change {
                ExecutionChange::Started(row) => self.started(row)?,
                ExecutionChange::Status { .. } => self.status(change)?,
            }
        }
        self.names(&group.names)?;
        self.settled(&group.settled)?;
        self.pending(&group.pending)?;
        let removed = self.remove(&group.removed)?;
        let rows = group.batches.len() + group.executions.len() + group.names.len();
        let rows = rows + group.settled.len() + group.pending.len();
        Ok(bytes + removed + rows as u64 * ROW_BYTES)
    }

    fn fence(&self, shard: ShardId, epoch: Epoch) -> Step<()> {
        let mut newest = self.sql.prepare_cached("SELECT epoch FROM shards WHERE shard = ?1")?;
        let newest: Option<i64> = newest.query_row([shard.0], |row| row.get(0)).optional()?;
        match newest {
            Some(newest) if newest.cast_unsigned() == epoch => Ok(()),
            _ => Err(Refusal::Store(Error::Fenced)),
        }
    }

    fn batches(&self, batches: &[Batch]) -> Step<u64> {
        let mut bytes = 0;
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO batches (execution, first, last, first_event, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for Batch { execution, first, last, first_event, body } in batches {
            let inserted = insert.execute(params![execution.as_i64(), first, last, first_event, body]);
            match inserted {
                Ok(_) => bytes += body.len() as u64,
                Err(error) if is_duplicate(&error) => {
                    return refuse(format!(
                        "execution {} has a batch from record {first} already",
                        execution.0
                    ));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(bytes)
    }

    fn started(&mut self, row: &ExecutionRow) -> Step<()> {
        let machine = self.text(&row.machine)?;
        let revision = self.text(&row.revision)?;
        let alias = row.alias.as_deref().map(|text| self.text(text)).transpose()?;
        let map_run = row.map_run.as_deref().map(|text| self.text(text)).transpose()?;
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO executions (key, machine, revision, name, express, status, started_at, stopped_at, version,
                 alias, map_run, redrive_count, redriven_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        let inserted = insert.execute(params![
            row.key.as_i64(),
            machine,
            revision,
            row.name,
            row.express,
            row.status as u8,
            row.started_at,
            row.stopped_at,
            row.version,
            alias,
            map_run,
            row.redrive_count,
            row.redriven_at,
        ]);
        match inserted {
            Ok(_) => Ok(()),
            Err(error) if is_duplicate(&error) => refuse(format!("execution {} exists already", row.key.0)),
            Err(error) => Err(error.into()),
        }
    }

    fn status(&self, change: &ExecutionChange) -> Step<()> {
        let ExecutionChange::Status { execution, status, stopped_at, redrive_count, redriven_at } = change
        else {
            return Ok(());
        };
        let mut update = self.sql.prepare_cached(
            "UPDATE executions SET status = ?2, stopped_at = ?3, redrive_count = ?4, redriven_at = ?5 WHERE key = ?1",
        )?;
        let key = execution.as_i64();
        match update.execute(params![key, *status as u8, stopped_at, redrive_count, redriven_at])? {
            0 => refuse(format!("there is no execution {}", execution.0)),
            _ => Ok(()),
        }
    }

    fn names(&mut self, names: &[NameClaim]) -> Step<()> {
        for NameClaim { machine, name, execution } in names {
            let machine = self.text(machine)?;
            let mut insert = self.sql.prepare_cached(
                "INSERT INTO names (machine, name, execution) VALUES (?1, ?2, ?3)
                 ON CONFLICT (machine, name) DO UPDATE SET execution = ?3",
            )?;
            insert.execute(params![machine, name, execution.as_i64()])?;
        }
        Ok(())
    }

    fn settled(&self, keys: &[PendingKey]) -> Step<()> {
        let mut delete = self
            .sql
            .prepare_cached("DELETE FROM pending WHERE shard = ?1 AND execution = ?2 AND effect = ?3")?;
        for PendingKey { execution, effect } in keys {
            delete.execute(params![execution.shard().0, execution.as_i64(), effect])?;
        }
        Ok(())
    }

    fn pending(&self, rows: &[Pending]) -> Step<()> {
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO pending (shard, execution, effect, kind, due, subject) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (shard, execution, effect) DO UPDATE SET kind = ?4, due = ?5, subject = ?6",
        )?;
        for Pending { key: PendingKey { execution, effect }, kind, due, subject } in rows {
            let shard = execution.shard().0;
            insert.execute(params![shard, execution.as_i64(), effect, *kind as u8, due, subject])?;
        }
        Ok(())
    }

    /// Removes executions; about how many bytes of pages were changed.
    fn remove(&self, keys: &[ExecutionKey]) -> Step<u64> {
        let mut bytes = 0;
        for key in keys {
            let (shard, key) = (key.shard().0, key.as_i64());
            let mut names = self.sql.prepare_cached(
                "DELETE FROM names WHERE execution = ?1
                 AND (machine, name) = (SELECT machine, name FROM executions WHERE key = ?1)",
            )?;
            names.execute([key])?;
            let mut pending =
                self.sql.prepare_cached("DELETE FROM pending WHERE shard = ?1 AND execution = ?2")?;
            pending.execute(params![shard, key])?;
            let mut batches = self.sql.prepare_cached("DELETE FROM batches WHERE execution = ?1")?;
            bytes += PAGE_BYTES * batches.execute([key])? as u64;
            let mut row = self.sql.prepare_cached("DELETE FROM executions WHERE key = ?1")?;
            bytes += PAGE_BYTES * row.execute([key])? as u64;
        }
        Ok(bytes)
    }

    /// The id of a text that rows share.
    fn text(&mut self, text: &str) -> Step<i64> {
        if let Some(id) = self.texts.get(text) {
            return Ok(*id);
        }
        let mut find = self.sql.prepare_cached("SELECT id FROM texts WHERE text = ?1")?;
        let id = match find.query_row([text], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => {
                let mut insert = self.sql.prepare_cached("INSERT INTO texts (text) VALUES (?1)")?;
                insert.insert([text])?
            }
        };
        self.texts.insert(text.to_owned(), id);
        Ok(id)
    }

    fn entry(&self, (kind, id, expected, body): &CatalogueChange) -> Step<u64> {
        let kind = *kind as u8;
        let Ok(version) = i64::try_from(*expected) else { return Err(Refusal::Store(Error::Conflict)) };
        let prepare = |sql| self.sql.prepare_cached(sql);
        let changed = match (version, body) {
            (0, Some(body)) => prepare(
                "INSERT INTO catalogue (kind, id, version, body) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT (kind, id) DO NOTHING",
            )?
            .execute(params![kind, id, body])?,
            (_, Some(body)) => prepare(
                "UPDATE catalogue SET version = version + 1, body = ?4
                 WHERE kind = ?1 AND id = ?2 AND version = ?3",
            )?
            .execute(params![kind, id, version, body])?,
            (0, None) => {
                let mut find = prepare("SELECT 1 FROM catalogue WHERE kind = ?1 AND id = ?2")?;
                usize::from(!find.exists(params![kind, id])?)
            }
            (_, None) => prepare("DELETE FROM catalogue WHERE kind = ?1 AND id = ?2 AND version = ?3")?
                .execute(params![kind, id, version])?,
        };
        match changed {
            0 => Err(Refusal::Store(Error::Conflict)),
            _ => Ok(body.as_ref().map_or(0, |body| body.len() as u64) + ROW_BYTES),
        }
    }
}
