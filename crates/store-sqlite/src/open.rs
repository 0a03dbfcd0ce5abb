//! Opening connections: how SQLite is set, and why.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use store::{Error, Result};

use crate::error::{error, explain};
use crate::{Options, schema};

/// The connection that writes. The file is made and brought up to date.
pub(crate) fn writer(path: &Path, options: &Options) -> Result<Connection> {
    let shown = path.display().to_string();
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|error| explain(&shown, error))?;
    // Before anything is changed: it may be somebody else's.
    schema::check(&connection, &shown)?;
    // Has an effect on a new file only; 4 KiB is measured, see `schema`.
    connection.pragma_update(None, "page_size", 4096).map_err(|error| explain(&shown, error))?;
    // Likewise. What retention removes can be given back to the disk, when nobody waits (`Writer::give_back`).
    connection.pragma_update(None, "auto_vacuum", 2).map_err(|error| explain(&shown, error))?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(|error| explain(&shown, error))?;
    if mode != "wal" {
        return Err(Error::Failed(format!(
            "`{shown}` cannot have a write-ahead log (its journal mode stays `{mode}`); put the data directory on a \
             local file system"
        )));
    }
    common(&connection, options.writer_cache)?;
    let set = |name, value: i64| connection.pragma_update(None, name, value).map_err(error);
    // FULL: a commit returns after the log's fsync.
    set("synchronous", 2)?;
    // On macOS an fsync does not reach the disk without these; elsewhere they change nothing.
    set("fullfsync", 1)?;
    set("checkpoint_fullfsync", 1)?;
    // Not in the committing thread: `checkpoint` does it beside.
    set("wal_autocheckpoint", 0)?;
    // After a log that a long reader made large, the room is given back.
    set("journal_size_limit", 256 << 20)?;
    schema::migrate(&mut connection, &shown)?;
    sync_directory(path)?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) fn reader(path: &Path, options: &Options) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(error)?;
    common(&connection, options.reader_cache)?;
    Ok(connection)
}

/// The connection that checkpoints.
pub(crate) fn checkpointer(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(error)?;
    common(&connection, 1 << 20)?;
    connection.pragma_update(None, "synchronous", 2).map_err(error)?;
    connection.pragma_update(None, "checkpoint_fullfsync", 1).map_err(error)?;
    Ok(connection)
}

/// What all connections have.
fn common(connection: &Connection, cache: u64) -> Result<()> {
    // Between our own connections only a log's start or recovery can make one wait.
    connection.busy_timeout(Duration::from_secs(10)).map_err(error)?;
    connection.set_prepared_statement_cache_capacity(128);
    let set = |name, value: i64| connection.pragma_update(None, name, value).map_err(error);
    // Negative: in KiB.
    set("cache_size", -i64::try_from(cache / 1024).unwrap_or(i64::MAX))?;
    // No memory map: a read error would be a signal that ends the process instead of an error.
    set("mmap_size", 0)?;
    // A damaged page is an error and not a wrong answer; the file's schema may call nothing unexpected.
    set("cell_size_check", 1)?;
    set("trusted_schema", 0)
}

/// Makes the directory's entries durable: SQLite does so for its log, but the database itself may be new.
fn sync_directory(path: &Path) -> Result<()> {
    let Some(directory) = path.parent().filter(|_| cfg!(unix)) else { return Ok(()) };
    let sync = File::open(directory).and_then(|directory| directory.sync_all());
    sync.map_err(|error| Error::Failed(format!("cannot make `{}` durable: {error}", directory.display())))
}
