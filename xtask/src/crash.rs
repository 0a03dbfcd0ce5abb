//! `cargo xtask crash`: real clients load a server that is killed with SIGKILL at random moments; after each restart everything
//! that was promised is checked. The driver is `tests/crash/crash.py`, for it must see the server as users do.

use std::path::Path;

use crate::ci::Outcome;
use crate::shell::{self, Result};
use crate::{clients, server};

/// Runs the driver for that many rounds of kill and restart.
///
/// # Errors
/// When a promise was broken; the driver says which, and keeps the data directory.
pub fn run(root: &Path, rounds: u32) -> Result<Outcome> {
    let driver = root.join("tests/crash/crash.py");
    if !driver.exists() {
        return Ok(Outcome::Skipped("there is no tests/crash/crash.py".to_owned()));
    }
    let binary = server::binary(root)?;
    let mut python = clients::venv(root)?.command("python");
    python
        .arg(driver)
        .args(["--rounds", &rounds.to_string(), "--work-dir"])
        .arg(server::scratch(root, "crash")?);
    shell::run(python.env("STEPWELL_BIN", binary).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(root))?;
    Ok(Outcome::Passed)
}
