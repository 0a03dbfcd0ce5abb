//! One process of a function: started, asked, ended. It serves one invocation at a time.
//!
//! Ending is thorough: the process leads a group of its own, and the whole group is killed when this value is dropped. If
//! the server itself is killed, nobody drops anything: then the process's standard input closes and its connection to the
//! Runtime API breaks, on either of which it ends itself (the shims watch for both); a `bootstrap`, which may not, has a
//! guard.

use std::future::Future;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};

use super::command::{self, Launch, Surroundings};
use super::config::{FunctionConfig, Runtime};
use super::guard::Guard;
use super::invocation::{Answer, Fault, Invocation, exit_text};
use super::logs::{LogSink, Output};
use super::memory;
use super::runtime_api::{Delivery, Report, RuntimeApi};

/// Time for initialisation on top of the function's timeout (AWS: 10 seconds).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// A process that is ready for an invocation.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    api: RuntimeApi,
    output: Output,
    /// Held open for as long as the process is wanted.
    _stdin: Option<ChildStdin>,
    _guard: Option<Guard>,
    config: Arc<FunctionConfig>,
}

/// What a process made of an invocation.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It answered, and can be asked again.
    Answered(Answer),
    /// It gave no answer and is of no more use; this is the answer in its place.
    Died(Answer),
    /// It had ended before it was given the invocation, of which it therefore knows nothing.
    NeverTaken,
}

/// Why a process did not get as far as to wait for an invocation.
#[derive(Debug)]
pub(crate) enum StartError {
    /// It said why: this is its error document.
    Reported(Bytes),
    /// It did not.
    Fault(Fault),
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // An error means that there is nobody left to kill.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Process {
    /// Starts a process and waits until it asks for its first invocation.
    ///
    /// # Errors
    /// When it cannot be started, fails to initialise, ends, takes too long or uses too much memory.
    pub(crate) async fn start(
        config: Arc<FunctionConfig>,
        launch: &Launch,
        around: &Surroundings,
        sink: LogSink,
    ) -> Result<Process, StartError> {
        let mut process = Self::spawn(config, launch, around, sink)
            .await
            .map_err(|text| StartError::Fault(Fault::NoEntrypoint(text)))?;
        let initialised = process.initialise().await;
        // What it wrote so far belongs to no invocation.
        process.output.settle().await;
        initialised.map(|()| process)
    }

    async fn spawn(
        config: Arc<FunctionConfig>,
        launch: &Launch,
        around: &Surroundings,
        sink: LogSink,
    ) -> Result<Process, String> {
        let api = RuntimeApi::open().await.map_err(|error| format!("no port for the function: {error}"))?;
        let mut child = Command::new(&launch.program)
            .args(&launch.arguments)
            .env_clear()
            .envs(command::environment(&config, around, api.address))
            .current_dir(&config.code)
            .stdin(Output::stdio())
            .stdout(Output::stdio())
            .stderr(Output::stdio())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("fork/exec {}: {error}", launch.program.display()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let output = Output::new(config.name.as_str().into(), sink, child.stdout.take(), child.stderr.take());
        let stdin = child.stdin.take();
        let guard = match config.runtime {
            Runtime::Provided(_) => group.and_then(Guard::new),
            Runtime::Python(_) | Runtime::Node(_) => None,
        };
        Ok(Process { child, group, api, output, _stdin: stdin, _guard: guard, config })
    }

    async fn initialise(&mut self) -> Result<(), StartError> {
        let pid = self.child.id().unwrap_or(0);
        let limit = INIT_LIMIT + self.config.timeout;
        tokio::select! {
            biased;
            report = self.api.reports.recv() => match report {
                Some(Report::InitError(document)) => Err(StartError::Reported(document)),
                Some(Report::Ready) => Ok(()),
                _ => Err(StartError::Fault(Fault::Exited(None))),
            },
            status = self.child.wait() => Err(match last_words(&mut self.api) {
                Some(Report::InitError(document)) => StartError::Reported(document),
                _ => StartError::Fault(exited(status)),
            }),
            () = tokio::time::sleep(limit) => Err(StartError::Fault(Fault::TimedOut(self.config.timeout))),
            () = memory::exceeded(pid, self.config.memory_mb) => Err(StartError::Fault(Fault::OutOfMemory)),
        }
    }

    /// Has the process ended while nobody asked anything of it?
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Hands over an invocation and waits for its end. The process is killed when it takes too long or uses too much
    /// memory, and when `stop` completes.
    pub(crate) async fn invoke(&mut self, invocation: &Invocation, stop: impl Future<Output = ()>) -> Ended {
        let started = Instant::now();
        self.output.begin(&invocation.request_id);
        self.api.deliver(Delivery {
            invocation: invocation.clone(),
            deadline_ms: unix_ms()
                .saturating_add(u64::try_from(self.config.timeout.as_millis()).unwrap_or(u64::MAX)),
        });
        let outcome = self.outcome(stop).await;
        let never_taken = matches!(outcome, Err(Fault::Exited(_))) && !self.api.is_taken();
        if never_taken {
            return Ended::NeverTaken;
        }
        let duration = started.elapsed();
        let log_tail = self.output.end(&invocation.request_id, duration, self.config.memory_mb).await;
        let answer = |payload, is_error| Answer { payload, is_error, log_tail, duration };
        match outcome {
            Ok(Report::Response(payload)) => Ended::Answered(answer(payload, false)),
            Ok(Report::Error(document)) => Ended::Answered(answer(document, true)),
            Ok(_) => Ended::Answered(answer(Fault::ResponseTooLarge.document(&invocation.request_id), true)),
            Err(fault) => Ended::Died(answer(fault.document(&invocation.request_id), true)),
        }
    }

    /// The process's own words, or what happened to it.
    async fn outcome(&mut self, stop: impl Future<Output = ()>) -> Result<Report, Fault> {
        let pid = self.child.id().unwrap_or(0);
        let watch = async {
            tokio::select! {
                () = tokio::time::sleep(self.config.timeout) => Fault::TimedOut(self.config.timeout),
                () = memory::exceeded(pid, self.config.memory_mb) => Fault::OutOfMemory,
                () = stop => Fault::Exited(Some("signal: killed".to_owned())),
            }
        };
        tokio::pin!(watch);
        loop {
            tokio::select! {
                biased;
                report = self.api.reports.recv() => match report {
                    // An idle process asks again when its connection was broken; there is nothing to do.
                    Some(Report::Ready | Report::InitError(_)) => {}
                    Some(report) => return Ok(report),
                    None => return Err(Fault::Exited(None)),
                },
                status = self.child.wait() => {
                    return match last_words(&mut self.api) {
                        Some(report) => Ok(report),
                        None => Err(exited(status)),
                    };
                }
                fault = &mut watch => return Err(fault),
            }
        }
    }
}

/// What a process said before it ended, if that has not been read yet.
fn last_words(api: &mut RuntimeApi) -> Option<Report> {
    std::iter::from_fn(|| api.reports.try_recv().ok()).find(|report| !matches!(report, Report::Ready))
}

fn exited(status: std::io::Result<ExitStatus>) -> Fault {
    match status {
        Ok(status) => Fault::Exited(exit_text(status)),
        Err(error) => Fault::Exited(Some(error.to_string())),
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
