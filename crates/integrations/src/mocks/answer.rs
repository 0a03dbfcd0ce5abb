//! The response that a mocked task gets, in the way that its `Resource` is answered: at once, by polling (`.sync`), or as if its
//! token had been (`.waitForTaskToken`).

use task::{Call, Failure, Mock, Outcome};
use value::{Object, Payload, Value};

use super::{FIRST, LAST, RESPONSES, RESULT, RETURN, SOURCE, THROW};

/// The member of a handle that is the response which a poll gives.
const MOCKED: &str = "mocked";

/// Answers a mocked task. Nothing is called.
pub(crate) fn answer(call: &Call, mock: &Mock) -> Outcome {
    let Some(response) = response_of(mock) else { return Outcome::Failed(uncovered(call, mock)) };
    let is_job = [".sync", ".sync:2"].iter().any(|end| call.resource.ends_with(end));
    let has_token = call.resource.ends_with(".waitForTaskToken");
    if !is_job && !has_token {
        return outcome(response, is_function(&call.resource));
    }
    let handle: Object = [(MOCKED, response.clone())].into_iter().collect();
    // What the call that began the job gave is not in the mock file; a job's is closest to its result.
    let output = response.get(RETURN).or_else(|| response.get(RESULT)).filter(|_| is_job);
    let output = output.cloned().unwrap_or_else(|| Value::from(Object::new()));
    Outcome::Submitted { handle: payload(Value::from(handle)), output: payload(output) }
}

/// The answer to the poll of a mocked task; none for another's handle.
pub(crate) fn poll(handle: &Payload) -> Option<Outcome> {
    handle.value().get(MOCKED).map(|response| outcome(response, false))
}

fn response_of(mock: &Mock) -> Option<&Value> {
    let responses = mock.responses.value().get(RESPONSES)?.as_array()?;
    let number = i64::from(mock.invocation);
    responses.iter().find(|response| {
        let bound = |name: &str| response.get(name).and_then(Value::as_i64);
        bound(FIRST).is_some_and(|first| first <= number) && bound(LAST).is_none_or(|last| number <= last)
    })
}

fn outcome(response: &Value, is_function: bool) -> Outcome {
    if let Some(error) = response.get(THROW) {
        let text = |name: &str| error.get(name).and_then(Value::as_str);
        return Outcome::Failed(Failure {
            error: text("Error").unwrap_or_default().into(),
            cause: text("Cause").map(Into::into),
        });
    }
    if let Some(result) = response.get(RESULT) {
        return Outcome::Done(payload(result.clone()));
    }
    let returned = response.get(RETURN).cloned().unwrap_or_default();
    // A function that is named by its ARN gives only what it returns; the file has the whole response of Invoke (recorded).
    let result = match returned.get("Payload") {
        Some(result) if is_function => result.clone(),
        _ => returned,
    };
    Outcome::Done(payload(result))
}

fn is_function(resource: &str) -> bool {
    resource.split(':').nth(2) == Some("lambda")
}

fn payload(value: Value) -> Payload {
    Payload::from_value(value)
}

/// The developer guide: an invocation that the file does not cover fails the execution.
fn uncovered(call: &Call, mock: &Mock) -> Failure {
    let source = mock.responses.value().get(SOURCE).and_then(Value::as_str).unwrap_or_default();
    let cause = format!(
        "The state '{}' has no mocked response for invocation {number}: add \"{number}\" to {source}",
        call.state_name,
        number = mock.invocation,
    );
    Failure::new("States.Runtime", cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mocks::{MockConfig, Mocks};

    const FILE: &str = r#"{"StateMachines": {"m": {"TestCases": {"c": {"S": "R"}}}}, "MockedResponses": {"R": {
        "0": {"Return": {"StatusCode": 200, "Payload": {"ok": true}}},
        "1-2": {"Throw": {"Error": "Busy", "Cause": "later"}}}}}"#;

    fn ask(mocks: Mocks, resource: &str, invocation: u32) -> Outcome {
        let responses = payload(mocks.into_payload().value().get("S").unwrap().clone());
        let call = Call {
            resource: resource.into(),
            parameters: Payload::parse("{}").unwrap(),
            idempotency_key: "key".into(),
            execution_arn: "arn".into(),
            state_name: "S".into(),
            timeout: None,
            role_arn: None,
            trace_header: None,
            mock: Some(Mock { responses, invocation }),
        };
        answer(&call, call.mock.as_ref().unwrap())
    }

    #[track_caller]
    fn check(resource: &str, invocation: u32, expected: &str) {
        let mocks = MockConfig::parse(FILE).unwrap().test_case("m", "c").unwrap();
        let shown = |outcome: Outcome| match outcome {
            Outcome::Done(result) => result.text().to_string(),
            Outcome::Failed(failure) => format!("{}: {}", failure.error, failure.cause.unwrap_or_default()),
            other => format!("{other:?}"),
        };
        let found = match ask(mocks, resource, invocation) {
            Outcome::Submitted { handle, output } => {
                format!("{output:?} then {}", shown(poll(&handle).unwrap()))
            }
            outcome => shown(outcome),
        };
        assert_eq!(found, expected, "{resource} {invocation}");
    }

    #[test]
    fn every_pattern_is_answered_in_its_way() {
        let whole = r#"{"StatusCode":200,"Payload":{"ok":true}}"#;
        check("arn:aws:states:::lambda:invoke", 0, whole);
        check("arn:aws:lambda:us-east-1:000000000000:function:f", 0, r#"{"ok":true}"#);
        check("arn:aws:states:us-east-1:000000000000:activity:a", 0, whole);
        check("arn:aws:states:::ecs:runTask.sync", 0, &format!("{whole} then {whole}"));
        check("arn:aws:states:::states:startExecution.sync:2", 0, &format!("{whole} then {whole}"));
        check("arn:aws:states:::sqs:sendMessage.waitForTaskToken", 0, &format!("{{}} then {whole}"));
        check("arn:aws:states:::lambda:invoke", 1, "Busy: later");
        check("arn:aws:states:::ecs:runTask.sync", 2, "{} then Busy: later");
        check(
            "arn:aws:states:::lambda:invoke",
            3,
            "States.Runtime: The state 'S' has no mocked response for invocation 3: add \"3\" to MockedResponses.R",
        );
    }

    #[test]
    fn responses_of_the_command_line_are_for_every_invocation() {
        let mut mocks = Mocks::new();
        mocks.set_result("S", Value::parse(r#"{"Payload":1}"#).unwrap());
        let done = Outcome::Done(Payload::parse(r#"{"Payload":1}"#).unwrap());
        assert_eq!(ask(mocks.clone(), "arn:aws:lambda:us-east-1:000000000000:function:f", 9), done);
        mocks.set_error("S", "Boom", None);
        let failed = Outcome::Failed(Failure { error: "Boom".into(), cause: None });
        assert_eq!(ask(mocks, "arn:aws:states:::lambda:invoke", 0), failed);
    }
}
