//! What SQLite's result codes mean for a store.

use rusqlite::ErrorCode;
use store::Error;

/// The error of a statement.
pub(crate) fn error(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Error::Full(format!("{error}; free some space on the disk of the data directory"))
        }
        _ => Error::Failed(error.to_string()),
    }
}

/// Whether what was written may be neither on the disk nor known not to be: nothing may be built on it.
pub(crate) fn is_fatal(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Whether a row with this key exists already.
pub(crate) fn is_duplicate(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// What the first look at a file says.
pub(crate) fn explain(shown: &str, sqlite: rusqlite::Error) -> Error {
    match sqlite.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::Version(format!(
            "`{shown}` is not an SQLite database; choose another data directory, or restore the file from a backup"
        )),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Failed(format!(
            "`{shown}` is locked by another program ({sqlite}); close that one (an `sqlite3` shell, a backup) and try again"
        )),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            Error::Failed(format!(
                "`{shown}` cannot be opened for writing ({sqlite}); check who owns it and the data directory"
            ))
        }
        _ => error(sqlite),
    }
}
