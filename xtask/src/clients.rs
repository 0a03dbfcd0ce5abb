//! The client stage: tests written with the AWS SDK and the AWS CLI, as users write their programs, against the release binary.
//! The tests are in `tests/clients`, and their `conftest.py` starts the server; here is only their environment.

use std::path::Path;

use crate::ci::Outcome;
use crate::server;
use crate::shell::{self, Result};
use crate::venv::Venv;

/// What the client tests, the crash test and the conformance runner need.
const PACKAGES: &[&str] = &["boto3", "awscli", "jsonpath-ng", "moto[server]", "pytest"];

/// The environment with the AWS clients.
///
/// # Errors
/// When it cannot be made.
pub fn venv(root: &Path) -> Result<Venv> {
    Venv::ensure(root, "venv", PACKAGES)
}

/// Runs `tests/clients`.
///
/// # Errors
/// When a test fails.
pub fn run(root: &Path) -> Result<Outcome> {
    let binary = server::binary(root)?;
    let mut pytest = venv(root)?.command("pytest");
    pytest.args([
        "-q",
        "-p",
        "no:cacheprovider",
        "--durations=5",
        "tests/clients",
        "tests/crash/test_checks.py",
    ]);
    shell::run(pytest.env("STEPWELL_BIN", binary).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(root))?;
    Ok(Outcome::Passed)
}
