//! The console's own checks: `npm ci`, then the scripts of `console/package.json`. What they check is the console's business.

use std::path::Path;
use std::process::Command;

use crate::ci::Outcome;
use crate::shell::{self, Result};

/// The scripts that are run if the console has them, in this order.
const SCRIPTS: &[&str] = &["typecheck", "lint", "test", "build"];

/// Installs exactly what the lock file says and runs the scripts.
///
/// # Errors
/// When one of them fails.
pub fn run(root: &Path) -> Result<Outcome> {
    let folder = root.join("console");
    let Ok(text) = std::fs::read_to_string(folder.join("package.json")) else {
        return Ok(Outcome::Skipped("there is no console/package.json".to_owned()));
    };
    let package: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| format!("console/package.json does not parse: {error}"))?;
    let npm = |args: &[&str]| shell::run(Command::new("npm").args(args).current_dir(&folder));
    npm(&["ci", "--no-audit", "--no-fund"])?;
    for script in SCRIPTS.iter().filter(|script| package["scripts"].get(script).is_some()) {
        npm(&["run", script])?;
    }
    Ok(Outcome::Passed)
}
