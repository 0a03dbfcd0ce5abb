//! Connectors' calls as tasks: one for each call or poll under way, aborted when it is no longer wanted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{CallAction, TaskOutcome};
use interpreter::{EffectId, Failure, Text};
use store::ExecutionKey;
use task::{Call, Connector, Mock, Outcome};
use tokio::task::AbortHandle;

use crate::mailbox::{Mailbox, Message};

/// The calls of one incarnation of a shard.
pub(crate) struct Calls {
    connector: Arc<dyn Connector>,
    mailbox: Mailbox,
    incarnation: u64,
    running: HashMap<(ExecutionKey, EffectId), AbortHandle>,
}

impl Calls {
    pub(crate) fn new(connector: Arc<dyn Connector>, mailbox: Mailbox, incarnation: u64) -> Calls {
        Calls { connector, mailbox, incarnation, running: HashMap::new() }
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
        self.running.insert(key, task.abort_handle());
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

    /// Whether nothing is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Drops every call.
    pub(crate) fn abort_all(&mut self) {
        for (_, task) in self.running.drain() {
            task.abort();
        }
    }
}

/// A task as connectors see it. The idempotency key names the effect: execution and event number.
pub(crate) fn to_call(action: &CallAction) -> Call {
    Call {
        resource: action.task.resource.0.clone(),
        parameters: action.task.parameters.clone(),
        idempotency_key: format!("{:016x}-{}", action.execution.0, action.effect).into(),
        execution_arn: action.execution_arn.as_str().into(),
        state_name: action.task.state.0.clone(),
        timeout: action.task.timeout.map(Duration::from_secs),
        role_arn: Some(action.task.role.as_deref().unwrap_or(&action.role).into()),
        trace_header: action.trace_header.as_deref().map(Into::into),
        mock: action
            .task
            .mock
            .as_ref()
            .map(|mock| Mock { responses: mock.responses.clone(), invocation: mock.invocation }),
    }
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
