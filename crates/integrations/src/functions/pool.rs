//! The processes of one function: how many, which is used next, when a new one is started.
//!
//! Invocations wait for a slot in the order in which they came; the process used last is used first, so that a quiet function
//! keeps few. Code that fails to initialise is tried again at every invocation, with a growing pause between the attempts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::command::{self, Launch, Surroundings};
use super::config::FunctionConfig;
use super::invocation::{Answer, Fault, Invocation};
use super::logs::{FunctionLog, LogSink};
use super::process::{Ended, Process, StartError};

/// Pause after the first failed initialisation; doubled after each further one.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often an invocation is handed to another process because the first one was gone before it could take it.
const HAND_OVERS_MAX: u32 = 3;

/// What the functions of a host share.
#[derive(Debug)]
pub(crate) struct Host {
    pub around: Surroundings,
    pub sink: LogSink,
    /// Becomes true when everything is to end.
    pub stopping: watch::Sender<bool>,
}

/// One function and its processes.
#[derive(Debug)]
pub(crate) struct Pool {
    pub config: Arc<FunctionConfig>,
    slots: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Idle>,
    /// Counts restarts: a process of an earlier generation is not used again.
    generation: u64,
    launch: Option<Launch>,
    failures: u32,
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct Idle {
    process: Process,
    generation: u64,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(config: FunctionConfig) -> Pool {
        Pool { slots: Semaphore::new(config.concurrency), config: Arc::new(config), state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes that are busy or starting, and processes that wait.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.config.concurrency.saturating_sub(self.slots.available_permits()), self.lock().idle.len())
    }

    /// Ends idle processes now, busy ones after their invocation.
    pub(crate) fn restart(&self) {
        let mut state = self.lock();
        *state = State { generation: state.generation + 1, ..State::default() };
    }

    /// Takes no more invocations, also not those that wait for a slot.
    pub(crate) fn close(&self) {
        self.slots.close();
        self.restart();
    }

    /// Ends processes that have been idle for longer than `limit`.
    pub(crate) fn reap(&self, limit: Duration) {
        self.lock().idle.retain(|idle| idle.since.elapsed() < limit);
    }

    /// Runs one invocation; `None` when the pool is closed.
    pub(crate) async fn invoke(&self, host: &Host, invocation: &Invocation) -> Option<Answer> {
        let _slot = self.slots.acquire().await.ok()?;
        for _ in 0..HAND_OVERS_MAX {
            let (mut process, generation) = match self.take_idle() {
                Some(found) => found,
                None => match self.start(host).await {
                    Ok(started) => started,
                    Err(error) => return Some(failed_start(error, &invocation.request_id)),
                },
            };
            let mut stopping = host.stopping.subscribe();
            let stop = async move {
                // An error means that the host is gone, which is the same.
                let _ = stopping.wait_for(|stopping| *stopping).await;
            };
            match process.invoke(invocation, stop).await {
                Ended::Answered(answer) => {
                    self.give_back(process, generation);
                    return Some(answer);
                }
                Ended::Died(answer) => return Some(answer),
                Ended::NeverTaken => {}
            }
        }
        Some(failed_start(StartError::Fault(Fault::Exited(None)), &invocation.request_id))
    }

    /// Starts a process and keeps it for the first invocation; `None` when the pool is closed.
    pub(crate) async fn warm(&self, host: &Host) -> Option<Result<Duration, Bytes>> {
        let _slot = self.slots.acquire().await.ok()?;
        let began = Instant::now();
        Some(match self.start(host).await {
            Ok((process, generation)) => {
                self.give_back(process, generation);
                Ok(began.elapsed())
            }
            Err(error) => Err(failed_start(error, "-").payload),
        })
    }

    fn take_idle(&self) -> Option<(Process, u64)> {
        let mut state = self.lock();
        while let Some(mut idle) = state.idle.pop() {
            if idle.process.is_alive() {
                return Some((idle.process, idle.generation));
            }
        }
        None
    }

    fn give_back(&self, process: Process, generation: u64) {
        let mut state = self.lock();
        if generation == state.generation {
            state.idle.push(Idle { process, generation, since: Instant::now() });
        }
    }

    async fn start(&self, host: &Host) -> Result<(Process, u64), StartError> {
        let (generation, not_before, known) = {
            let state = self.lock();
            (state.generation, state.not_before, state.launch.clone())
        };
        if let Some(instant) = not_before {
            tokio::time::sleep_until(instant).await;
        }
        let launch = match known {
            Some(launch) => launch,
            None => {
                self.find_program(host).await.map_err(|text| StartError::Fault(Fault::NoEntrypoint(text)))?
            }
        };
        let started =
            Process::start(Arc::clone(&self.config), &launch, &host.around, host.sink.clone()).await;
        let mut state = self.lock();
        if generation == state.generation {
            state.note(launch, started.is_ok());
        }
        started.map(|process| (process, generation))
    }

    async fn find_program(&self, host: &Host) -> Result<Launch, String> {
        let config = Arc::clone(&self.config);
        let found =
            tokio::task::spawn_blocking(move || command::launch(&config, &command::search_path())).await;
        let launch = found.map_err(|error| error.to_string())??;
        if let Some(remark) = &launch.remark {
            let function = self.config.name.as_str().into();
            host.sink.take(FunctionLog { function, request_id: None, line: remark.clone() });
        }
        Ok(launch)
    }
}

impl State {
    /// Remembers how a start went.
    fn note(&mut self, launch: Launch, ok: bool) {
        if ok {
            (self.launch, self.failures, self.not_before) = (Some(launch), 0, None);
            return;
        }
        let pause = PAUSE_FIRST.saturating_mul(1 << self.failures.min(10)).min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(Instant::now() + pause);
    }
}

fn failed_start(error: StartError, request_id: &str) -> Answer {
    let payload: Bytes = match error {
        StartError::Reported(document) => document,
        StartError::Fault(fault) => fault.document(request_id),
    };
    Answer { payload, is_error: true, log_tail: String::new(), duration: Duration::ZERO }
}
