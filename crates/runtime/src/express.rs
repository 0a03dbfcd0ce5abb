//! Express executions: the same interpreter, on a task of its own, committing nothing while it runs. One that is answered in the
//! same call runs on the caller's task (at most once); of one that runs on after its start was answered the shard keeps the start
//! (at least once). While it does not wait, an execution never leaves the thread.

use std::sync::Arc;
use std::time::Duration;

use engine::{CallAction, EXPRESS_MS, ExpressStart};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use interpreter::{
    Answer, Effect, EffectId, Environment, Execution, Input, Record, Start, Status, TaskPhase, Text,
    Timestamp,
};
use store::{ExecutionKey, ShardId};
use task::Connector;
use value::Payload;

use crate::blocking::blocking;
use crate::calls;
use crate::catalogue::Catalogue;
use crate::clock::{now, random_u64};
use crate::handle::StartExecution;
use crate::logs::{ExpressLog, Feed};
use engine::TaskOutcome;

/// How an Express execution ended.
#[derive(Clone, Debug)]
pub struct SyncOutcome {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Timestamp,
    /// How it ended.
    pub status: Status,
}

/// A call that returned.
type Returned = (EffectId, TaskOutcome);

/// Runs an Express execution to its end.
pub(crate) async fn run(
    environment: Arc<Environment>,
    connector: Arc<dyn Connector>,
    logs: &Feed,
    start: StartExecution,
) -> SyncOutcome {
    let started_at = now();
    let name = start.name.clone().unwrap_or_else(uuid);
    let definition = start.revision.definition.clone();
    let key = ExecutionKey::new(started_at.0, 0, ShardId(0));
    let execution = Execution::new(definition, environment, key.0);
    let log = logs.express(&start.revision);
    let mut run = Run { execution, connector, log, calls: FuturesUnordered::new(), id: uuid() };
    run.run(begin(start, &name), started_at).await;
    SyncOutcome {
        arn: run.execution.arn(),
        name,
        started_at,
        stopped_at: now(),
        status: run.execution.status().clone(),
    }
}

/// Runs an accepted start to its end, or until its five minutes are over: what is stored of it does not say more than that.
pub(crate) async fn run_accepted(
    environment: Arc<Environment>,
    connector: Arc<dyn Connector>,
    catalogue: Arc<Catalogue>,
    logs: &Feed,
    start: &ExpressStart,
) {
    let (of, id) = (catalogue.clone(), start.revision.clone());
    let revision = match catalogue.kept_revision(&start.revision) {
        Some(revision) => Ok(revision),
        None => blocking(move || of.revision(&id)).await,
    };
    let revision = match revision {
        Ok(revision) => revision,
        Err(why) => return tracing::error!(name = start.name, "an Express execution cannot be run: {why}"),
    };
    let begin = Start {
        input: Payload::from_trusted_text(start.input.as_str().into()),
        name: Text::from(start.name.as_str()),
        machine: Text::from(revision.machine.as_str()),
        role: Text::from(revision.role_arn.as_str()),
        seed: start.seed,
        express: Some(Text::from(start.id.as_str())),
        version_arn: start.version_arn.as_deref().map(Text::from),
        alias_arn: start.alias_arn.as_deref().map(Text::from),
        trace_header: start.trace_header.as_deref().map(Text::from),
        mocks: start.mocks.as_deref().map(|text| Payload::from_trusted_text(text.into())),
        parent: None,
    };
    let key = ExecutionKey::new(start.started_at, 0, ShardId(0));
    let execution = Execution::asynchronous(revision.definition.clone(), environment, key.0);
    let log = logs.express(&revision);
    let mut run = Run { execution, connector, log, calls: FuturesUnordered::new(), id: uuid() };
    let left = start.started_at.saturating_add(EXPRESS_MS).saturating_sub(now().0);
    let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
    let _ = tokio::time::timeout(left, run.run(begin, now())).await;
}

fn begin(start: StartExecution, name: &str) -> Start {
    Start {
        input: start.input,
        name: Text::from(name),
        machine: Text::from(start.revision.machine.as_str()),
        role: Text::from(start.revision.role_arn.as_str()),
        seed: random_u64(),
        express: Some(Text::from(uuid())),
        version_arn: None,
        alias_arn: None,
        trace_header: start.trace_header.map(Text::from),
        mocks: start.mocks,
        parent: None,
    }
}

struct Run {
    execution: Execution,
    connector: Arc<dyn Connector>,
    log: Option<ExpressLog>,
    calls: FuturesUnordered<BoxFuture<'static, Returned>>,
    /// Names this run and no other, in the keys of its calls.
    id: String,
}

impl Run {
    async fn run(&mut self, start: Start, at: Timestamp) {
        self.advance(vec![Input::Start(Box::new(start))], at).await;
        while !self.execution.is_closed() {
            self.turn().await;
        }
    }

    /// Tells the execution its inputs, and makes the calls that it then wants. Between long turns others may run, and its time
    /// may be over: a definition that never stops going round is no reason to stand still.
    async fn advance(&mut self, inputs: Vec<Input>, mut at: Timestamp) {
        self.tell(inputs, at);
        while self.execution.has_more() {
            tokio::task::yield_now().await;
            at = now();
            let mut inputs = self.due();
            inputs.push(Input::Continue);
            self.tell(inputs, at);
        }
        let scheduled: Vec<EffectId> = self
            .execution
            .outstanding()
            .filter(|(_, effect)| matches!(effect, Effect::Task(task) if task.phase == TaskPhase::Scheduled))
            .map(|(id, _)| id)
            .collect();
        for effect in scheduled {
            if let Ok(records) = self.execution.advance(Input::Dispatch { effect, worker: None }, at) {
                self.log(&records);
                self.call(effect);
            }
        }
    }

    fn tell(&mut self, inputs: Vec<Input>, at: Timestamp) {
        let (records, _) = self.execution.advance_all(inputs, at);
        self.log(&records);
    }

    fn log(&mut self, records: &[Record]) {
        if let Some(log) = &mut self.log {
            log.take(records, || self.execution.arn());
        }
    }

    fn call(&mut self, effect: EffectId) {
        let Some(Effect::Task(task)) = self.execution.effect(effect) else { return };
        let trace_header = self.execution.started().and_then(|started| started.trace_header.as_ref());
        let mut call = calls::to_call(&CallAction {
            execution: ExecutionKey(0),
            effect,
            execution_arn: self.execution.arn(),
            trace_header: trace_header.map(|text| text.to_string()),
            task,
        });
        // Of this run alone: one that is run again makes its calls again.
        call.idempotency_key = format!("express:{}-{effect}", self.id).into();
        let connector = self.connector.clone();
        self.calls.push(Box::pin(async move { (effect, calls::outcome(connector.call(call).await)) }));
    }

    /// Waits for the next call or the next time, and tells the execution.
    async fn turn(&mut self) {
        let wake = self.next_time();
        let sleep = Duration::from_millis(u64::try_from(wake.0.saturating_sub(now().0)).unwrap_or(0));
        let inputs = tokio::select! {
            Some((effect, outcome)) = self.calls.next(), if !self.calls.is_empty() => returned(effect, outcome),
            () = tokio::time::sleep(sleep) => self.due(),
        };
        self.advance(inputs, now()).await;
    }

    fn next_time(&self) -> Timestamp {
        let times = self.execution.outstanding().filter_map(|(_, effect)| match effect {
            Effect::Timer { at } => Some(at),
            Effect::Task(task) => task.due,
        });
        times.min().unwrap_or(Timestamp(i64::MAX))
    }

    fn due(&self) -> Vec<Input> {
        let at = now();
        let due = self.execution.outstanding().filter_map(|(id, effect)| match effect {
            Effect::Timer { at: due } if due <= at => Some(Input::TimerFired(id)),
            Effect::Task(task) if task.due.is_some_and(|due| due <= at) => {
                Some(Input::TaskTimedOut { effect: id, heartbeat: false })
            }
            Effect::Timer { .. } | Effect::Task(_) => None,
        });
        due.collect()
    }
}

/// Express states have neither jobs nor tokens (refused at creation), so only these outcomes mean anything.
fn returned(effect: EffectId, outcome: TaskOutcome) -> Vec<Input> {
    let answer = match outcome {
        TaskOutcome::Done(output) => Answer::Succeeded(output),
        TaskOutcome::Failed(failure) => Answer::Failed(failure),
        TaskOutcome::Submitted { output, .. } | TaskOutcome::AwaitingToken(output) => {
            Answer::Succeeded(output)
        }
        TaskOutcome::StillRunning => return Vec::new(),
    };
    vec![Input::Answered { effect, by_token: false, answer }]
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> String {
    let (high, low) = (random_u64(), random_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0x0FFF,
        0x8000 | ((low >> 48) & 0x3FFF),
        low & 0xFFFF_FFFF_FFFF
    )
}
