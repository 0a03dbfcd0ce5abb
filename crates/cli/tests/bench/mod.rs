//! A server of the binary under test, and its commands in an environment of their own.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails by panicking, and not every test needs everything"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_stepwell");

/// A server on a free port, ended when dropped.
pub struct Server {
    child: Child,
    /// Where commands run, and what they find there.
    pub folder: TempDir,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// Starts one.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with further variables.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), variables)
    }

    /// Starts one in a folder that has something in it already.
    pub fn start_in(folder: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut command = command(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir", "data", "--log", "json"]);
        command.envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.by_ref().map(Result::unwrap).find(|line| line.contains("listens on")).unwrap();
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = line["message"].as_str().unwrap().split(' ').next_back().unwrap().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, folder, url }
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs a command and compares exit code, the whole of standard output, and a part of standard error.
    #[track_caller]
    pub fn check(&self, args: &str, exit: i32, out: &str, err: &str) {
        let found = self.run(args);
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(&self.url, "URL").replace("arn:aws:states:us-east-1:000000000000:", "ARN:")
        };
        let (stdout, stderr) = (text(&found.stdout), text(&found.stderr));
        assert_eq!(found.status.code(), Some(exit), "{args}: {stdout}{stderr}");
        assert_eq!(stdout, out, "{args}: {stderr}");
        assert!(stderr.contains(err), "{args}: {stderr}");
    }

    /// Runs a command; its arguments are what stands between spaces.
    pub fn run(&self, args: &str) -> Output {
        let mut command = command(self.folder.path());
        command.env("STEPWELL_ENDPOINT", &self.url).args(args.split(' ')).stdin(Stdio::null());
        command.output().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary in an environment of its own.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", folder).current_dir(folder);
    command
}
