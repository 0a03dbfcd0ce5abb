//! Backups of a data directory, also while a server uses it, and the way back. A backup is one database file: everything that was
//! durable when it began, the key of task tokens included, and nothing that came later.
//!
//! Made by `VACUUM INTO`, in a read transaction of its own: the server goes on, its log grows meanwhile, and the copy has no holes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use store::{Error, Result};

use crate::error::{error, explain};
use crate::lock::DirectoryLock;
use crate::{FILE_NAME, schema};

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Executions in it.
    pub executions: u64,
}

/// Copies the database of a data directory, in use or not, to a file that does not exist. For a folder, to `stepwell.db` in it, so
/// that the folder is a data directory itself.
///
/// # Errors
/// When there is no database, the destination exists or has no room, or the copy is not whole. Nothing is left behind then.
pub fn backup(directory: &Path, to: &Path) -> Result<Backup> {
    let from = directory.join(FILE_NAME);
    let to = if to.is_dir() { to.join(FILE_NAME) } else { to.to_owned() };
    if to.exists() {
        return failed(format!("`{}` exists already; choose another file", to.display()));
    }
    let connection = open(&from)?;
    let partial = with_suffix(&to, ".partial");
    let copy = || {
        let shown = partial.display().to_string();
        let text = partial
            .to_str()
            .ok_or_else(|| Error::Failed(format!("`{shown}` is not a path in UTF-8; choose another file")))?;
        connection.execute("VACUUM INTO ?1", [text]).map_err(|why| explain(&shown, why))?;
        let found = check(&partial)?;
        let synced = File::open(&partial).and_then(|file| file.sync_all());
        synced.and_then(|()| fs::rename(&partial, &to)).map_err(|why| io("write", &to, &why))?;
        sync_folder(&to)?;
        Ok(Backup { path: to.clone(), ..found })
    };
    let copied = copy();
    if copied.is_err() {
        // Only what this made; that it may be gone already is fine.
        _ = fs::remove_file(&partial);
    }
    copied
}

/// Puts a backup into a data directory that nobody uses. A database that is there is an error, unless it is to be replaced: then it is
/// kept beside under another name, which is returned.
///
/// # Errors
/// When the backup is not a whole database of a release up to this one, the directory is in use, or there is no room.
pub fn restore(backup: &Path, directory: &Path, replace: bool) -> Result<(Backup, Option<PathBuf>)> {
    let found = check(backup)?;
    let _lock = DirectoryLock::take(directory)?;
    let to = directory.join(FILE_NAME);
    if to.exists() && !replace {
        return failed(format!(
            "`{}` exists; restore into another data directory, or replace it",
            to.display()
        ));
    }
    let partial = with_suffix(&to, ".partial");
    let copied = fs::copy(backup, &partial)
        .and_then(|_| File::open(&partial).and_then(|file| file.sync_all()))
        .map_err(|why| io("write", &partial, &why));
    if let Err(why) = copied.and_then(|()| check(&partial)) {
        _ = fs::remove_file(&partial);
        return Err(why);
    }
    let kept = if to.exists() { Some(set_aside(&to)?) } else { None };
    // A log without its database would be taken for the new one's.
    for suffix in LOG {
        _ = fs::remove_file(with_suffix(&to, suffix));
    }
    fs::rename(&partial, &to).map_err(|why| io("write", &to, &why))?;
    sync_folder(&to)?;
    Ok((Backup { path: to, ..found }, kept))
}

const LOG: [&str; 2] = ["-wal", "-shm"];

/// Renames a database and its log to the first name that is free.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let free = (1..1_000)
        .map(|number| with_suffix(path, &format!(".replaced-{number}")))
        .find(|path| !path.exists());
    let Some(aside) = free else { return failed(format!("too many databases beside `{}`", path.display())) };
    for suffix in LOG {
        let log = with_suffix(path, suffix);
        if log.exists() {
            fs::rename(&log, with_suffix(&aside, suffix)).map_err(|why| io("rename", &log, &why))?;
        }
    }
    fs::rename(path, &aside).map_err(|why| io("rename", path, &why))?;
    Ok(aside)
}

/// Reads a database through: ours, of a schema that this release knows, whole.
fn check(path: &Path) -> Result<Backup> {
    let connection = open(path)?;
    let shown = path.display().to_string();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|why| explain(&shown, why))?;
    if verdict != "ok" {
        return failed(format!("`{shown}` is damaged: {verdict}"));
    }
    let executions: i64 = connection
        .query_row("SELECT count(*) FROM executions", [], |row| row.get(0))
        .map_err(|why| explain(&shown, why))?;
    let bytes = fs::metadata(path).map_err(|why| io("read", path, &why))?.len();
    Ok(Backup { path: path.to_owned(), bytes, executions: executions.cast_unsigned() })
}

/// A connection to a database that exists and is ours.
fn open(path: &Path) -> Result<Connection> {
    let shown = path.display().to_string();
    if !path.is_file() {
        return failed(format!("there is no database `{shown}`"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|why| explain(&shown, why))?;
    connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(error)?;
    if schema::check(&connection, &shown)? == 0 {
        return failed(format!("`{shown}` is empty"));
    }
    Ok(connection)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(suffix);
    text.into()
}

fn sync_folder(path: &Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| cfg!(unix) && !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|why| io("write", folder, &why))
}

fn failed<T>(why: String) -> Result<T> {
    Err(Error::Failed(why))
}

fn io(what: &str, path: &Path, why: &std::io::Error) -> Error {
    Error::Failed(format!("cannot {what} `{}`: {why}", path.display()))
}
