//! The seam to outside work: make one call for one task, poll what was submitted, cancel what is no longer wanted.
//!
//! This crate says what a piece of outside work is ([`Call`]), how it can end ([`Outcome`]) and who does it
//! ([`Connector`]). It does no work itself, has no clock and no runtime: implementations live above the pure
//! ranks, except for [`ScriptedConnector`], which answers from a script for tests and the simulator.
//!
//! It is NOT the place for retries, timeouts, heartbeats or result processing: those are decisions of the
//! interpreter. A connector makes one attempt and reports what happened.

mod scripted;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use value::Payload;

pub use scripted::{Reply, ScriptedConnector};

/// An owned future that may be sent between threads; what every method of [`Connector`] returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One piece of outside work of one execution: one attempt of one Task state.
#[derive(Clone, Debug)]
pub struct Call {
    /// The `Resource` of the Task state, verbatim.
    pub resource: Arc<str>,
    /// What is sent: the state's input after `InputPath` and `Parameters`, or its `Arguments`.
    pub parameters: Payload,
    /// Names this effect and no other. The same attempt, repeated after a crash, carries the same key; a retry
    /// that a Retrier asked for carries a new one.
    pub idempotency_key: Arc<str>,
    /// ARN of the execution that the work is for.
    pub execution_arn: Arc<str>,
    /// Name of the Task state.
    pub state_name: Arc<str>,
    /// Time that the state leaves for this attempt (`TimeoutSeconds`), if it says so. For information: whoever
    /// asked drops the future when the time is over.
    pub timeout: Option<Duration>,
    /// Role to be assumed (`Credentials.RoleArn`), if the state names one.
    pub role_arn: Option<Arc<str>>,
    /// `X-Amzn-Trace-Id` of the execution, to be passed on.
    pub trace_header: Option<Arc<str>>,
    /// The canned responses that stand for the work, if the execution was started with some for this state: then nothing
    /// outside is called.
    pub mock: Option<Mock>,
}

/// Canned responses of one state, and which of them is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Mock {
    /// The responses of the state, in the form of whoever reads them (`integrations::mocks`).
    pub responses: Payload,
    /// How many times the state's work was wanted before in the execution: retries, later visits and iterations count.
    pub invocation: u32,
}

impl Call {
    /// The failure of a call whose parameters turn out to be wrong only when the task starts, in the service's words.
    pub fn unusable(&self, why: &str) -> Failure {
        let cause = format!(
            "An error occurred while scheduling the state '{}'. The provided parameters '{}' could not be used to start the \
             Task: [{why}]",
            self.state_name,
            self.parameters.text()
        );
        Failure::new("States.Runtime", cause)
    }
}

/// How a [`Call`] or a poll ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The work is done and this is its result.
    Done(Payload),
    /// The work failed. Retriers and catchers see the error's name.
    Failed(Failure),
    /// The work has been started (`.sync`): poll it later.
    Submitted {
        /// What [`Connector::poll`] and [`Connector::cancel`] need to find the work again, after a restart too.
        handle: Payload,
        /// The result of the call that started the work (history: `TaskSubmitted`).
        output: Payload,
    },
    /// The call is made (`.waitForTaskToken`), its answer arrives by token. The payload is the result of the
    /// call that handed the token over (history: `TaskSubmitted`).
    AwaitingToken(Payload),
}

/// An error as a workflow sees it: data that flows through Retry and Catch.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Error name, for example `Lambda.TooManyRequestsException` or a function's own `errorType`.
    pub error: Arc<str>,
    /// The text that explains it, if there is one.
    pub cause: Option<Arc<str>>,
}

impl Failure {
    /// A failure with a name and a cause.
    pub fn new(error: impl Into<Arc<str>>, cause: impl Into<Arc<str>>) -> Self {
        Failure { error: error.into(), cause: Some(cause.into()) }
    }
}

/// Somebody who does outside work.
///
/// Every method may be called from many tasks at once. Errors of the work are [`Outcome::Failed`]; a connector
/// has no other way to fail.
pub trait Connector: Send + Sync {
    /// Makes one attempt. Dropping the future cancels: the connector stops what it can stop and nobody waits
    /// for the answer.
    fn call<'a>(&'a self, call: Call) -> BoxFuture<'a, Outcome>;

    /// Asks how submitted work stands; `None` means that it is still running. `handle` is what
    /// [`Outcome::Submitted`] carried.
    fn poll<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, Option<Outcome>>;

    /// Asks for submitted work to be stopped, as far as that is possible. Best effort: there is nobody left to
    /// hear of an error.
    fn cancel<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, ()>;

    /// The task that `call` was for is no longer wanted, and nothing of the call is under way in this process any more:
    /// stops whatever it started. `handle` is what [`Outcome::Submitted`] carried, if the call got that far; without one, only
    /// a connector whose work is found by the call's key can do something. Repeated until it returns, after a restart too.
    fn abandon<'a>(&'a self, call: Call, handle: Option<Payload>) -> BoxFuture<'a, ()> {
        let _ = call;
        Box::pin(async move {
            if let Some(handle) = handle {
                self.cancel(&handle).await;
            }
        })
    }

    /// May a call of `resource` whose outcome nobody knows be repeated? True for reads and for calls that carry
    /// a client token or a name.
    fn is_idempotent(&self, resource: &str) -> bool;
}
