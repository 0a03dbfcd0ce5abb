//! Python virtual environments under `target/`, for the tools that only exist there (the service model, the AWS clients).
//! Not a package manager: it creates an environment once per list of packages and never upgrades it behind your back.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Result};

/// A virtual environment that exists and holds its packages.
pub struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// Creates `target/<name>` with `packages` unless it already holds exactly this list.
    ///
    /// # Errors
    /// When `python3 -m venv` or `pip install` fails.
    pub fn ensure(root: &Path, name: &str, packages: &[&str]) -> Result<Self> {
        let dir = root.join("target").join(name);
        let stamp = dir.join("packages.txt");
        let wanted = packages.join("\n");
        if std::fs::read_to_string(&stamp).ok().as_deref() != Some(wanted.as_str()) {
            shell::run(Command::new("python3").args(["-m", "venv"]).arg(&dir))?;
            shell::run(
                Command::new(dir.join("bin/pip"))
                    .args(["install", "--quiet", "--disable-pip-version-check"])
                    .args(packages),
            )?;
            std::fs::write(&stamp, wanted).map_err(|error| shell::error("writing", &stamp, &error))?;
        }
        Ok(Self { dir })
    }

    /// A command that runs one of the environment's programs, with the environment's `bin` first on `PATH`.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let bin = self.dir.join("bin");
        let mut command = Command::new(bin.join(program));
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", bin.display()));
        command
    }
}
