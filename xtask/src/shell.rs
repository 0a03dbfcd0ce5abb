//! Running other programs and reporting their failure in one line.
//! Not a shell: no pipes, no globs, no quoting.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of a task; the error is what the person at the terminal reads.
pub type Result<T> = std::result::Result<T, String>;

/// An error about a path: `writing a/b.rs: permission denied`.
pub fn error(doing: &str, path: &Path, cause: &dyn Display) -> String {
    format!("{doing} {}: {cause}", path.display())
}

/// The root of the repository, which is the parent of this crate's folder.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Runs a command with this process's output and waits for it.
///
/// # Errors
/// When it cannot be started or does not end with status 0.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}")) }
}

/// Runs a command and returns what it wrote to its standard output.
///
/// # Errors
/// As [`run`], and when the output is not UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{shown}` ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{shown}` wrote text that is not UTF-8"))
}

fn show(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
