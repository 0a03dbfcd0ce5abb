//! Connectors' calls as tasks: one for each call or poll under way, aborted when it is no longer wanted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{AbandonAction, CallAction, TaskOutcome};
use interpreter::{EffectId, Failure, Text};
use store::ExecutionKey;
use task::{Call, Connector, Mock, Outcome};
use tokio::task::JoinHandle;

use crate::mailbox::{Mailbox, Message};

/// The calls of one incarnation of a shard.
pub(crate) struct Calls {
    connector: Arc<dyn Connector>,
    mailbox: Mailbox,
    incarnation: u64,
    running: HashMap<(ExecutionKey, EffectId), JoinHandle<()>>,
    /// Jobs and children that are being stopped.
    stopping: HashMap<(ExecutionKey, EffectId), JoinHandle<()>>,
}

impl Calls {
    pub(crate) fn new(connector: Arc<dyn Connector>, mailbox: Mailbox, incarnation: u64) -> Calls {
        Calls { connector, mailbox, incarnation, running: HashMap::new(), stopping: HashMap::new() }
    }

    /// Makes a call.
    pub(crate) fn call(&mut self, action: CallAction) {
        let connector = self.connector.clone();
        let key = (action.execution, action.effect);
        let call = to_call(&action);
        self.spawn(key, async move { outcome(connector.call(call).await) });
    }

    /// Asks after a job.
    pub(crate) fn poll(&mut self, action: CallAction) {
        let Some(handle) = action.task.handle else { return };
        let connector = self.connector.clone();
        self.spawn((action.execution, action.effect), async move {
            connector.poll(&handle).await.map_or(TaskOutcome::StillRunning, outcome)
        });
    }

    fn spawn(
        &mut self,
        key: (ExecutionKey, EffectId),
        work: impl Future<Output = TaskOutcome> + Send + 'static,
    ) {
        let (mailbox, incarnation) = (self.mailbox.clone(), self.incarnation);
        let (execution, effect) = key;
        let task = tokio::spawn(async move {
            let outcome = work.await;
            let _ = mailbox.send(Message::TaskDone { incarnation, execution, effect, outcome });
        });
        self.running.insert(key, task);
    }

    /// The call returned.
    pub(crate) fn done(&mut self, execution: ExecutionKey, effect: EffectId) {
        self.running.remove(&(execution, effect));
    }

    /// The call is no longer wanted.
    pub(crate) fn cancel(&mut self, execution: ExecutionKey, effect: EffectId) {
        if let Some(task) = self.running.remove(&(execution, effect)) {
            task.abort();
        }
    }

    /// What a task started is to be stopped, once nothing of the task's call is under way any more.
    pub(crate) fn abandon(&mut self, action: AbandonAction) {
        let key = (action.execution, action.effect);
        let call = self.running.remove(&key);
        let connector = self.connector.clone();
        let (mailbox, incarnation) = (self.mailbox.clone(), self.incarnation);
        let stop = tokio::spawn(async move {
            if let Some(call) = call {
                call.abort();
                // When this returns, nothing more leaves.
                let _ = call.await;
            }
            let handle = action.what.handle.clone();
            connector.abandon(to_abandon(&action), handle).await;
            let (execution, effect) = key;
            let _ = mailbox.send(Message::Released { incarnation, execution, effect });
        });
        self.stopping.insert(key, stop);
    }

    /// What was abandoned has been stopped.
    pub(crate) fn released(&mut self, execution: ExecutionKey, effect: EffectId) {
        self.stopping.remove(&(execution, effect));
    }

    /// Whether nothing is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.stopping.is_empty()
    }

    /// Drops every call.
    pub(crate) fn abort_all(&mut self) {
        for (_, task) in self.running.drain().chain(self.stopping.drain()) {
            task.abort();
        }
    }
}

/// A task as connectors see it. The idempotency key names the effect: execution and event number.
pub(crate) fn to_call(action: &CallAction) -> Call {
    Call {
        resource: action.task.resource.0.clone(),
        parameters: action.task.parameters.clone(),
        idempotency_key: idempotency_key(action.execution, action.effect),
        execution_arn: action.execution_arn.as_str().into(),
        state_name: action.task.state.0.clone(),
        timeout: action.task.timeout.map(Duration::from_secs),
        role_arn: action.task.role.as_deref().map(Into::into),
        trace_header: action.trace_header.as_deref().map(Into::into),
        mock: action
            .task
            .mock
            .as_ref()
            .map(|mock| Mock { responses: mock.responses.clone(), invocation: mock.invocation }),
    }
}

/// An abandoned task's call, as it was.
fn to_abandon(action: &AbandonAction) -> Call {
    Call {
        resource: action.what.resource.0.clone(),
        parameters: action.what.parameters.clone(),
        idempotency_key: idempotency_key(action.execution, action.effect),
        execution_arn: action.execution_arn.as_str().into(),
        state_name: action.what.state.0.clone(),
        timeout: None,
        role_arn: action.what.role.as_deref().map(Into::into),
        trace_header: None,
        mock: None,
    }
}

fn idempotency_key(execution: ExecutionKey, effect: EffectId) -> Arc<str> {
    format!("{:016x}-{effect}", execution.0).into()
}

/// The execution and the task that a call's idempotency key names; `None` for one of an Express execution, which is nowhere.
pub fn task_of(idempotency_key: &str) -> Option<(ExecutionKey, EffectId)> {
    let (execution, effect) = idempotency_key.split_once('-')?;
    let execution = u64::from_str_radix(execution, 16).ok().filter(|key| *key != 0)?;
    Some((ExecutionKey(execution), effect.parse().ok()?))
}

/// A connector's outcome as shards see it.
pub(crate) fn outcome(outcome: Outcome) -> TaskOutcome {
    match outcome {
        Outcome::Done(output) => TaskOutcome::Done(output),
        Outcome::Failed(failure) => TaskOutcome::Failed(Failure {
            error: Some(Text::from(&failure.error)),
            cause: failure.cause.as_ref().map(Text::from),
        }),
        Outcome::Submitted { handle, output } => TaskOutcome::Submitted { output, handle },
        Outcome::AwaitingToken(output) => TaskOutcome::AwaitingToken(output),
    }
}
