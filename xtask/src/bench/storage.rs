//! What the disk would allow: the rows that a server has written, written again by bare SQLite in groups of the same size.
//! The work is done by `tests/bench/bare_sqlite.py`, over the same SQLite library's twin that comes with Python.

use std::path::Path;

use serde::Deserialize;

use crate::clients;
use crate::shell::{self, Result};

/// The floor that the store is held against.
pub struct Floor {
    /// Executions a second, had nothing been done but writing their rows.
    pub executions_per_second: f64,
    /// Bytes that the server wrote for one byte of its records.
    pub amplification: f64,
}

#[derive(Deserialize)]
struct Report {
    seconds: f64,
    row_bytes: u64,
}

/// Copies the database in `data` and measures the copy's writing.
///
/// # Errors
/// When there is no database, or it cannot be copied.
pub fn bare_sqlite(root: &Path, data: &Path, written: u64, executions: usize) -> Result<Floor> {
    let mut python = clients::venv(root)?.command("python");
    python.arg(root.join("tests/bench/bare_sqlite.py")).arg(data).arg(executions.to_string());
    let report: Report = serde_json::from_str(&shell::output(&mut python)?)
        .map_err(|error| format!("the report of bare_sqlite.py does not parse: {error}"))?;
    Ok(Floor {
        executions_per_second: executions as f64 / report.seconds,
        amplification: written as f64 / report.row_bytes.max(1) as f64,
    })
}
