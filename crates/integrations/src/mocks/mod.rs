//! Canned responses that stand for the work of Task states: nothing outside is called for a state that has some.
//!
//! * [`MockConfig`]: the mock file of Step Functions Local, read and checked.
//! * [`MockSource`]: such a file that may change while a server runs.
//! * [`Mocks`]: what one execution is started with. It stands in the execution's first record, so that a restart, or a file that
//!   has changed, gives no other responses.
//!
//! Which response is wanted is counted by the interpreter; that a task without one is really called is the router's.

mod answer;
mod check;
mod error;
mod file;
mod source;

use value::{Object, Payload, Value};

pub(crate) use answer::{answer, poll};
pub use error::MockError;
pub use file::MockConfig;
pub use source::MockSource;

/// The member of a state that says where its responses come from.
const SOURCE: &str = "source";
/// The member of a state with its responses.
const RESPONSES: &str = "responses";
/// The number of the first invocation that a response is for.
const FIRST: &str = "first";
/// The number of the last one; absent: all that follow.
const LAST: &str = "last";
/// A response of the called service, as Step Functions Local has it.
const RETURN: &str = "return";
/// The task's result, whatever is called.
const RESULT: &str = "result";
/// An error.
const THROW: &str = "throw";

/// The responses that one execution is started with, by state.
///
/// ```text
/// {"Charge": {"source": "MockedResponses.ChargeTwice", "responses": [
///     {"first": 0, "last": 1, "throw": {"Error": "Busy", "Cause": "try again"}},
///     {"first": 2, "last": 2, "return": {"StatusCode": 200, "Payload": {"ok": true}}}]}}
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mocks(Object);

impl Mocks {
    /// No responses.
    pub fn new() -> Mocks {
        Mocks::default()
    }

    /// Every invocation of the state has this result.
    pub fn set_result(&mut self, state: &str, result: Value) {
        self.set_always(state, RESULT, result);
    }

    /// Every invocation of the state fails.
    pub fn set_error(&mut self, state: &str, error: &str, cause: Option<&str>) {
        let cause = cause.map(|cause| ("Cause", cause));
        self.set_always(state, THROW, [("Error", error)].into_iter().chain(cause).collect::<Object>());
    }

    fn set_always(&mut self, state: &str, kind: &str, what: impl Into<Value>) {
        let mut response = Object::new();
        response.insert(FIRST, 0_i64);
        response.insert(kind, what);
        self.set(state, "the command line", vec![response.into()]);
    }

    fn set(&mut self, state: &str, source: &str, responses: Vec<Value>) {
        let mut member = Object::new();
        member.insert(SOURCE, source);
        member.insert(RESPONSES, responses);
        self.0.insert(state, member);
    }

    /// Adds those of `other`, which win.
    pub fn extend(&mut self, other: Mocks) {
        self.0.extend(other.0);
    }

    /// The states that have responses.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }

    /// Whether this state has responses.
    pub fn contains(&self, state: &str) -> bool {
        self.0.contains_key(state)
    }

    /// As a start takes them.
    pub fn into_payload(self) -> Payload {
        Payload::from_value(Value::from(self.0))
    }
}
