//! An execution as a row of a list.

use interpreter::Place;
use serde::Serialize;
use store::{ExecutionRow, ExecutionStatus};

use crate::lookup;
use crate::service::Service;

/// A row.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    arn: String,
    machine: String,
    machine_arn: String,
    name: String,
    r#type: &'static str,
    status: &'static str,
    started_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    redrive_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    map_run_arn: Option<String>,
}

/// The row of an execution.
pub(super) fn row(service: &Service, row: &ExecutionRow) -> Row {
    row_at(&service.engine.environment().place, row)
}

/// As [`row`], for who outlives the request.
pub(super) fn row_at(place: &Place, row: &ExecutionRow) -> Row {
    Row {
        arn: place.execution_arn(&row.machine, &lookup::execution_name(row)),
        machine_arn: place.state_machine_arn(&row.machine),
        machine: row.machine.clone(),
        name: lookup::execution_name(row),
        r#type: if row.express { "EXPRESS" } else { "STANDARD" },
        status: status(row.status),
        started_at: row.started_at,
        stopped_at: row.stopped_at,
        version: row.version,
        alias: row.alias.clone(),
        redrive_count: row.redrive_count,
        map_run_arn: row.map_run.clone(),
    }
}

/// A status as the API names it.
pub(super) fn status(status: ExecutionStatus) -> &'static str {
    match status {
        ExecutionStatus::Running => "RUNNING",
        ExecutionStatus::Succeeded => "SUCCEEDED",
        ExecutionStatus::Failed => "FAILED",
        ExecutionStatus::TimedOut => "TIMED_OUT",
        ExecutionStatus::Aborted => "ABORTED",
        ExecutionStatus::PendingRedrive => "PENDING_REDRIVE",
    }
}

/// The status that a word of the API names.
pub(super) fn status_named(word: &str) -> Option<ExecutionStatus> {
    use ExecutionStatus::{Aborted, Failed, PendingRedrive, Running, Succeeded, TimedOut};
    [Running, Succeeded, Failed, TimedOut, Aborted, PendingRedrive]
        .into_iter()
        .find(|one| status(*one) == word)
}
