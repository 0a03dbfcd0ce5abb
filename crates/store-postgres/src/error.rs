//! What PostgreSQL's errors mean for a store, and after which of them a transaction may be run once more.

use std::error::Error as _;

use store::Error;
use tokio_postgres::error::SqlState;

/// The error of a statement.
pub(crate) fn error(error: &tokio_postgres::Error) -> Error {
    let Some(server) = error.as_db_error() else {
        // The cause says more than the error itself ("error connecting to server").
        let cause = error.source().map_or(String::new(), |cause| format!(": {cause}"));
        return Error::Failed(format!("PostgreSQL: {error}{cause}"));
    };
    let detail = server.detail().map_or(String::new(), |detail| format!(" ({detail})"));
    let text = format!("PostgreSQL: {}{detail}", server.message());
    match *server.code() {
        SqlState::DISK_FULL => Error::Full(text),
        SqlState::READ_ONLY_SQL_TRANSACTION => Error::Failed(format!(
            "{text}; this server is a standby: connect to the primary (`target_session_attrs=read-write`)"
        )),
        _ => Error::Failed(text),
    }
}

/// Whether the connection was lost, or the server gave the transaction up for another's sake. As long as `COMMIT` was
/// not sent, nothing was written, and the same may be tried again.
pub(crate) fn is_passing(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>()),
        Some(code) => {
            let class = code.code().get(..2).unwrap_or_default();
            let stopped = [
                SqlState::ADMIN_SHUTDOWN,
                SqlState::CRASH_SHUTDOWN,
                SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            ];
            // 08: connection exceptions; 40: serialisation failures and deadlocks.
            matches!(class, "08" | "40") || stopped.contains(code)
        }
    }
}
