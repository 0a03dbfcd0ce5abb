//! A `stepwell serve` of one's own: on a free port, with a temporary data directory, ended when dropped.
//! For stages that are driven from here; the Python tests start theirs in `tests/clients/conftest.py`.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::shell::{self, Result};

/// How long a program may take until it accepts connections.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A program that listens on a port, ended when dropped.
pub struct Listener {
    child: Child,
    port: u16,
}

impl Listener {
    /// Starts `command`, which is expected to listen on `port` of the loopback address, with its output in `log`.
    ///
    /// # Errors
    /// When it cannot be started, ends, or does not listen in time.
    pub fn start(mut command: Command, port: u16, log: &Path) -> Result<Self> {
        let shown = command.get_program().to_string_lossy().into_owned();
        let file = File::create(log).map_err(|error| shell::error("creating", log, &error))?;
        let errors = file.try_clone().map_err(|error| shell::error("opening", log, &error))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
        let mut listener = Self { child, port };
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Ok(Some(status)) = listener.child.try_wait() {
                return Err(format!("`{shown}` ended with {status}, see {}", log.display()));
            }
            if started.elapsed() > START_TIMEOUT {
                return Err(format!("`{shown}` does not listen on port {port}, see {}", log.display()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(listener)
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it with SIGKILL.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Bytes that it has sent to the disk. 0 where the system does not say.
    #[must_use]
    pub fn written_bytes(&self) -> u64 {
        self.proc_number("io", "write_bytes:")
    }

    /// Memory that it holds. 0 where the system does not say.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.proc_number("status", "VmRSS:") * 1024
    }

    fn proc_number(&self, file: &str, label: &str) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while asked.is_ok() && Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the release binaries. Always all of them together, for another set of packages would be another set of features, and
/// everything would be compiled again.
///
/// # Errors
/// When they do not build.
pub fn build(root: &Path) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--locked", "--package", "cli", "--package", "sim", "--package", "fuzz"])
        .current_dir(root);
    shell::run(&mut cargo)
}

/// The release binary.
///
/// # Errors
/// When it has not been built.
pub fn binary(root: &Path) -> Result<PathBuf> {
    let path = root.join("target/release/stepwell");
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{} does not exist: run `cargo xtask ci build`", path.display()))
    }
}

/// A port that was free a moment ago.
///
/// # Errors
/// When the machine has none.
pub fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| format!("no free port: {error}"))?;
    listener.local_addr().map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

/// An empty folder `target/ci/<name>` for logs and data.
///
/// # Errors
/// When it cannot be emptied or made.
pub fn scratch(root: &Path, name: &str) -> Result<PathBuf> {
    let folder = root.join("target/ci").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| shell::error("removing", &folder, &error))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| shell::error("creating", &folder, &error))?;
    Ok(folder)
}
