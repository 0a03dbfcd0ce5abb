//! A worker: it polls for an activity's tasks and has a command do them, so many at a time, with heartbeats meanwhile. A signal
//! lets the tasks at hand end; a second one does not.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wire::{GetActivityTaskInput, SendTaskFailureInput, SendTaskHeartbeatInput, SendTaskSuccessInput};

use crate::client::{CallError, Client};
use crate::failure::{Exit, Failure};
use crate::output::note;
use crate::serve::asked_to_stop;

/// Pause after a server could not be reached.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest cause of a failure in characters (API reference, SendTaskFailure).
const CAUSE: usize = 32_768;
/// Longest output that is read. The service takes 262,144 bytes and says so itself.
const OUTPUT_BYTES: u64 = 4 << 20;

/// What a worker does.
#[derive(Clone, Debug)]
pub struct Work {
    /// ARN of the activity.
    pub activity: String,
    /// What a shell runs for each task.
    pub command: String,
    /// The worker's name.
    pub worker: String,
    /// Time between two heartbeats.
    pub heartbeat: Duration,
    /// One task is enough.
    pub once: bool,
}

/// How a command ended.
enum Ended {
    Well(String),
    Badly {
        error: String,
        cause: String,
    },
    /// Nobody waits for it any more.
    Unwanted,
}

/// Works until it is told to stop, or after one task.
///
/// # Errors
/// When the server refuses; with [`Work::once`] also when it cannot be reached, and when the task fails (exit 1).
pub async fn run(client: &Client, work: Work, workers: u16, quiet: bool) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    for _ in 0..workers {
        running.spawn(one(client.clone(), work.clone(), stopped.clone(), quiet));
    }
    let mut is_asked = false;
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => return Ok(()),
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(failure))) => return Err(failure),
                Some(Err(error)) => return Err(Failure::environment(format!("a worker ended: {error}"))),
            },
            asked = asked_to_stop() => {
                asked?;
                if is_asked {
                    return Err(Failure::new(Exit::Interrupted, "stopped at once; the tasks at hand were not answered"));
                }
                is_asked = true;
                let _ = stop.send(true);
            }
        }
    }
}

async fn one(
    client: Client,
    work: Work,
    mut stopped: watch::Receiver<bool>,
    quiet: bool,
) -> Result<(), Failure> {
    while !*stopped.borrow() {
        let request = GetActivityTaskInput {
            activity_arn: work.activity.clone(),
            worker_name: Some(work.worker.clone()),
        };
        let polled = tokio::select! {
            polled = client.call(&request) => polled,
            // Whoever breaks off is given nothing.
            _ = stopped.changed() => return Ok(()),
        };
        let task = match polled {
            Ok(task) => task,
            Err(CallError::Unreachable(_)) if !work.once => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(token) = task.task_token else { continue };
        let is_done = done(&client, &work, token, task.input.unwrap_or_default(), quiet).await?;
        if work.once {
            return if is_done { Ok(()) } else { Err(Failure::silent(Exit::Failed)) };
        }
    }
    Ok(())
}

/// Has one task done, and answers it; says whether it went well.
async fn done(
    client: &Client,
    work: &Work,
    token: String,
    input: String,
    quiet: bool,
) -> Result<bool, Failure> {
    let ended = tokio::select! {
        ended = command(work, &token, input) => ended?,
        () = beat(client, &token, work.heartbeat) => Ended::Unwanted,
    };
    let (answer, is_done) = match ended {
        Ended::Unwanted => {
            note("the task was stopped or timed out; its command was ended");
            return Ok(false);
        }
        Ended::Well(output) => {
            let request = SendTaskSuccessInput { task_token: token, output };
            (client.call(&request).await.map(|_| ()), true)
        }
        Ended::Badly { error, cause } => {
            if !quiet {
                note(&format!("the task failed: {error}"));
            }
            let request = SendTaskFailureInput { task_token: token, error: Some(error), cause: Some(cause) };
            (client.call(&request).await.map(|_| ()), false)
        }
    };
    match answer {
        Ok(()) => Ok(is_done),
        // It took too long, or its execution was stopped: the next task may fare better.
        Err(CallError::Refused { code, message }) => {
            note(&format!("the answer was refused: {code}: {message}"));
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends heartbeats; returns when nobody waits for the task any more.
async fn beat(client: &Client, token: &str, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let request = SendTaskHeartbeatInput { task_token: token.to_owned() };
        if let Err(CallError::Refused { .. }) = client.call(&request).await {
            return;
        }
    }
}

/// Runs the command with the task's input. To drop the future is to kill it.
async fn command(work: &Work, token: &str, input: String) -> Result<Ended, Failure> {
    let failed = |error: std::io::Error| Failure::environment(format!("`{}`: {error}", work.command));
    let mut child: Child = Command::new("/bin/sh")
        .args(["-c", &work.command])
        .env("STEPWELL_TASK_TOKEN", token)
        .env("STEPWELL_ACTIVITY_ARN", &work.activity)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        // A command that does not read its input need not.
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let ((), output, errors) = tokio::join!(write, read(stdout), read(stderr));
    if !errors.is_empty() {
        note(errors.trim_end());
    }
    let status = child.wait().await.map_err(failed)?;
    if status.success() {
        return Ok(Ended::Well(as_json(&output)));
    }
    let error = match (status.code(), status.signal()) {
        (Some(code), _) => format!("Exit.{code}"),
        (None, signal) => format!("Signal.{}", signal.unwrap_or_default()),
    };
    let cause = if errors.trim().is_empty() { output } else { errors };
    Ok(Ended::Badly { error, cause: last(cause.trim(), CAUSE).to_owned() })
}

/// What a command writes, as text, up to the limit; the rest is read and dropped.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let mut bytes = Vec::new();
    let _ = (&mut stream).take(OUTPUT_BYTES).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// JSON as it is; other text as a JSON string; nothing as an empty object.
fn as_json(output: &str) -> String {
    let text = output.trim();
    if text.is_empty() {
        return "{}".to_owned();
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => text.to_owned(),
        Err(_) => Value::from(text).to_string(),
    }
}

/// The last characters of a text.
fn last(text: &str, most: usize) -> &str {
    let from = text.chars().count().saturating_sub(most);
    text.char_indices().nth(from).map_or("", |(at, _)| text.get(at..).unwrap_or_default())
}

/// The host's name and the process, within what the API takes.
pub fn own_name() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let host: String =
        host.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).take(60).collect();
    format!("{host}-{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::{as_json, last};

    #[test]
    fn what_a_command_prints_becomes_json() {
        for (printed, expected) in [
            ("", "{}"),
            (" \n", "{}"),
            ("{ \"a\": 1 }\n", "{ \"a\": 1 }"),
            ("7\n", "7"),
            ("done\n", "\"done\""),
            ("two\nlines", "\"two\\nlines\""),
        ] {
            assert_eq!(as_json(printed), expected, "{printed:?}");
        }
    }

    #[test]
    fn a_cause_is_its_end() {
        for (text, most, expected) in
            [("abc", 2, "bc"), ("abc", 3, "abc"), ("äöü", 1, "ü"), ("", 5, ""), ("a", 0, "")]
        {
            assert_eq!(last(text, most), expected, "{text} {most}");
        }
    }
}
