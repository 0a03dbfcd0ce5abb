//! Packages of Debian that checks need, installed on machines where that is ours to do: as root, where apt-get is.
//! Never a service that the machine would start.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::shell::{self, Result};

/// Whether we are root.
///
/// # Errors
/// When `id` cannot be run.
pub fn is_root() -> Result<bool> {
    Ok(shell::output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Whether packages can be installed.
///
/// # Errors
/// When `id` cannot be run.
pub fn can_install() -> Result<bool> {
    Ok(Path::new("/usr/bin/apt-get").exists() && is_root()?)
}

/// Installs a package. The lists of a fresh machine may be old or missing: then they are fetched first.
///
/// # Errors
/// When it cannot be installed.
pub fn install(package: &str) -> Result<()> {
    let install = || {
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--yes", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]);
        apt.arg(package).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        apt
    };
    if shell::run(&mut install()).is_ok() {
        return Ok(());
    }
    shell::run(Command::new("apt-get").args(["update", "--quiet"]).stdout(Stdio::null()))?;
    shell::run(&mut install())
}
