//! A connector that answers from a script and remembers what it was asked.
//!
//! For tests, the simulator and mocked runs. It is NOT a mock framework: no matchers, no expectations; a test
//! reads [`ScriptedConnector::calls`] and asserts what it wants.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::{pending, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use value::Payload;

use crate::{BoxFuture, Call, Connector, Failure, Outcome};

/// What the script says to one call.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Answers at once.
    Now(Outcome),
    /// Never answers: the caller has to time out or to drop the future.
    Never,
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        Reply::Now(outcome)
    }
}

/// Replies in order to calls of a state or of a resource.
///
/// A call looks for its state's name first and for its resource then. Each key has a queue; when the queue is
/// empty, the key's standing reply is given, if there is one. A call that the script does not cover fails with
/// `States.TaskFailed` and a cause that says so.
#[derive(Debug, Default)]
pub struct ScriptedConnector {
    script: Mutex<Script>,
}

#[derive(Debug, Default)]
struct Script {
    replies: HashMap<String, Lane<Reply>>,
    polls: HashMap<String, Lane<Option<Outcome>>>,
    idempotent: HashSet<String>,
    calls: Vec<Call>,
    cancelled: Vec<Payload>,
}

/// A queue of answers and the one that is given when the queue is empty.
#[derive(Debug)]
struct Lane<T> {
    queue: VecDeque<T>,
    standing: Option<T>,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Lane { queue: VecDeque::new(), standing: None }
    }
}

impl<T: Clone> Lane<T> {
    fn next(&mut self) -> Option<T> {
        self.queue.pop_front().or_else(|| self.standing.clone())
    }
}

impl ScriptedConnector {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reply to the queue of `key`: a state's name or a resource.
    pub fn reply(&self, key: &str, reply: impl Into<Reply>) -> &Self {
        self.lock().replies.entry(key.to_owned()).or_default().queue.push_back(reply.into());
        self
    }

    /// Sets the reply of `key` for when its queue is empty.
    pub fn reply_always(&self, key: &str, reply: impl Into<Reply>) -> &Self {
        self.lock().replies.entry(key.to_owned()).or_default().standing = Some(reply.into());
        self
    }

    /// Adds an answer to the polls of the work with this handle; `None` is "still running".
    pub fn poll_reply(&self, handle: &Payload, answer: Option<Outcome>) -> &Self {
        self.lock().polls.entry(handle.text().to_string()).or_default().queue.push_back(answer);
        self
    }

    /// Makes calls of this resource repeatable (see [`Connector::is_idempotent`]).
    pub fn idempotent(&self, resource: &str) -> &Self {
        self.lock().idempotent.insert(resource.to_owned());
        self
    }

    /// The calls made so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// The handles cancelled so far, in order.
    pub fn cancelled(&self) -> Vec<Payload> {
        self.lock().cancelled.clone()
    }

    /// A script stays usable when a test has panicked with it in hand.
    fn lock(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    fn answer(&mut self, call: &Call) -> Reply {
        for key in [&call.state_name, &call.resource] {
            if let Some(reply) = self.replies.get_mut(&**key).and_then(Lane::next) {
                return reply;
            }
        }
        let cause = format!(
            "the script has no reply for state `{}` or resource `{}`",
            call.state_name, call.resource
        );
        Reply::Now(Outcome::Failed(Failure::new("States.TaskFailed", cause)))
    }
}

impl Connector for ScriptedConnector {
    fn call<'a>(&'a self, call: Call) -> BoxFuture<'a, Outcome> {
        let mut script = self.lock();
        let reply = script.answer(&call);
        script.calls.push(call);
        match reply {
            Reply::Now(outcome) => Box::pin(ready(outcome)),
            Reply::Never => Box::pin(pending()),
        }
    }

    fn poll<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, Option<Outcome>> {
        let answer = self.lock().polls.get_mut(&**handle.text()).and_then(Lane::next);
        Box::pin(ready(answer.flatten()))
    }

    fn cancel<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, ()> {
        self.lock().cancelled.push(handle.clone());
        Box::pin(ready(()))
    }

    fn is_idempotent(&self, resource: &str) -> bool {
        self.lock().idempotent.contains(resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    fn json(text: &str) -> Payload {
        Payload::parse(text).unwrap()
    }

    fn call(state: &str, resource: &str) -> Call {
        Call {
            resource: resource.into(),
            parameters: json("{}"),
            idempotency_key: "key".into(),
            execution_arn: "arn".into(),
            state_name: state.into(),
            timeout: None,
            role_arn: None,
            trace_header: None,
            mock: None,
        }
    }

    fn now<T>(mut future: BoxFuture<'_, T>) -> Option<T> {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn replies_come_in_order_state_before_resource_then_standing() {
        let script = ScriptedConnector::new();
        let done = |text: &str| Outcome::Done(json(text));
        script.reply("Charge", done("1")).reply("Charge", Reply::Never).reply("charge-resource", done("3"));
        script.reply_always("charge-resource", done("4"));
        let expected = [Some(done("1")), None, Some(done("3")), Some(done("4")), Some(done("4"))];
        for (index, want) in expected.into_iter().enumerate() {
            assert_eq!(now(script.call(call("Charge", "charge-resource"))), want, "call {index}");
        }
        assert_eq!(script.calls().len(), 5);
    }

    #[test]
    fn a_call_outside_the_script_fails_and_says_so() {
        let script = ScriptedConnector::new();
        let Some(Outcome::Failed(failure)) = now(script.call(call("A", "r"))) else { panic!("not failed") };
        assert_eq!(&*failure.error, "States.TaskFailed");
        assert_eq!(failure.cause.as_deref(), Some("the script has no reply for state `A` or resource `r`"));
    }

    #[test]
    fn polls_are_by_handle_and_cancels_are_remembered() {
        let script = ScriptedConnector::new();
        let (one, two) = (json("{\"id\":1}"), json("{\"id\":2}"));
        script.poll_reply(&one, None).poll_reply(&one, Some(Outcome::Done(json("true"))));
        assert_eq!(now(script.poll(&one)), Some(None));
        assert_eq!(now(script.poll(&two)), Some(None));
        assert_eq!(now(script.poll(&one)), Some(Some(Outcome::Done(json("true")))));
        assert_eq!(now(script.cancel(&two)), Some(()));
        assert_eq!(script.cancelled(), [two]);
        assert!(!script.is_idempotent("r"));
        script.idempotent("r");
        assert!(script.is_idempotent("r"));
    }
}
