//! The console of the demo. A binary that was built without it, from sources that are still there, builds it now: then the first
//! command that a newcomer runs shows the console, too.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::context::Context;

/// The folder with the console's files, if they are not inside of the binary and can be had. That they cannot is no reason not to
/// run the demo; the console's address then says how to get it.
pub fn folder(context: &Context) -> Option<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console");
    let built = sources.join("dist");
    if server::has_console() {
        return None;
    }
    if built.join("index.html").is_file() {
        return Some(built);
    }
    if !sources.join("package-lock.json").is_file() {
        return None;
    }
    context.say("building the console (npm ci, npm run build)…");
    for step in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"][..]] {
        let npm = Command::new("npm").args(step).current_dir(&sources).stdout(Stdio::null()).output();
        match npm {
            Ok(done) if done.status.success() => {}
            Ok(done) => {
                let why = String::from_utf8_lossy(&done.stderr);
                let last = why.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
                context.say(&format!("the console cannot be built: npm {} failed: {last}", step.join(" ")));
                return None;
            }
            Err(error) => {
                context.say(&format!(
                    "there is no console: npm cannot be run ({error}); it comes with Node 20 or later"
                ));
                return None;
            }
        }
    }
    built.join("index.html").is_file().then_some(built)
}
