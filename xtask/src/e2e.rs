//! The journeys through the console: the release binary, a real Chromium, `console/e2e`. What they check is the console's business.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::Outcome;
use crate::debian;
use crate::server;
use crate::shell::{self, Result};

/// Names under which Chromium is found.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Runs the journeys. The console must be built, and be inside of the release binary.
///
/// # Errors
/// When there is no Chromium, or a journey fails.
pub fn run(root: &Path) -> Result<Outcome> {
    let folder = root.join("console");
    if !folder.join("package.json").exists() {
        return Ok(Outcome::Skipped("there is no console/package.json".to_owned()));
    }
    let chromium = chromium()?;
    let mut npm = Command::new("npm");
    npm.args(["run", "e2e"]).current_dir(&folder).env("CHROMIUM", chromium);
    shell::run(npm.env("STEPWELL_BIN", server::binary(root)?))?;
    Ok(Outcome::Passed)
}

fn chromium() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !debian::can_install()? {
        return Err("there is no Chromium here: install it, or say where it is in CHROMIUM".to_owned());
    }
    debian::install("chromium")?;
    find().ok_or_else(|| "Chromium was installed, but is not to be found".to_owned())
}

fn find() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.exists());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || {
        let mut places =
            std::env::split_paths(&path).flat_map(|folder| NAMES.iter().map(move |name| folder.join(name)));
        places.find(|place| place.exists())
    };
    named.or_else(on_path)
}
