//! Ends the processes of a `bootstrap` when the server is killed: then nothing of the server is left to do it.
//!
//! A shell waits on a pipe that only the server holds open. When the pipe closes, however the server ended, the shell kills
//! the process group. Python and Node functions need no guard: their shims watch a pipe themselves. Without a `/bin/sh` there
//! is no guard.

use std::process::Stdio;

use rustix::process::Pid;
use tokio::process::{Child, Command};

/// Waits for the end of its input, then kills the group.
const SCRIPT: &str = "while read -r line; do :; done; kill -s KILL -- \"-$1\"";

/// A shell that waits; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Guard {
    #[cfg_attr(not(test), expect(dead_code, reason = "held for its pipe"))]
    shell: Child,
}

impl Guard {
    /// Guards a group; `None` when there is no shell to do it.
    pub(crate) fn new(group: Pid) -> Option<Guard> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "guard", &group.as_raw_nonzero().to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own: what a terminal sends to the server's group is not for the guard.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        Some(Guard { shell })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn the_group_ends_when_the_pipe_closes() {
        let mut process =
            Command::new("sleep").arg("600").process_group(0).kill_on_drop(true).spawn().unwrap();
        let group = Pid::from_raw(i32::try_from(process.id().unwrap()).unwrap()).unwrap();
        let mut guard = Guard::new(group).unwrap();
        assert!(process.try_wait().unwrap().is_none());
        drop(guard.shell.stdin.take());
        let status = tokio::time::timeout(Duration::from_secs(10), process.wait()).await;
        assert!(status.is_ok_and(|status| !status.unwrap().success()));
    }
}
