//! `aws-sdk:sfn:<action>`: any operation of this service as a task. Members are PascalCase and times are text both ways; errors
//! are `Sfn.<Name>Exception` in the words of AWS's SDK for Java, version 2 (recorded).

use asl::timestamp::format_millis;
use task::{Call, Failure};
use value::{Array, Object, Payload, Value};
use wire::{ApiError, OperationName};

use super::parameters::{self, pascal};
use crate::operations;
use crate::service::Service;

/// Whether an action may be repeated when nobody knows what became of it.
pub(super) fn is_idempotent(action: &str) -> bool {
    let reads = ["describe", "list", "getExecution", "validate"];
    reads.iter().any(|prefix| action.starts_with(prefix))
        || matches!(action, "startExecution" | "stopExecution")
}

/// Makes one call.
pub(super) async fn call(service: &Service, call: &Call, action: &str) -> Result<Payload, Failure> {
    let name = OperationName::from_wire(&pascal(action));
    let name = name.ok_or_else(|| call.unusable(&format!("Step Functions has no action `{action}`")))?;
    let body = parameters::body(name, &call.parameters).map_err(|why| call.unusable(&why))?;
    let answer = match (name, super::parent(call, false)) {
        (OperationName::StartExecution, Some(parent)) => {
            operations::start_child(service, body.into(), parent, call.trace_header.as_deref())
                .await
                .and_then(|started| crate::answer::write(&started))
        }
        _ => {
            let trace_header = call.trace_header.as_deref().map(str::to_owned);
            operations::run(service, name, operations::Call { body: body.into(), trace_header }).await
        }
    };
    let answer = answer.map_err(|error| failure(service, &error))?;
    let text = String::from_utf8_lossy(&answer);
    let answer =
        Value::parse(&text).map_err(|error| Failure::new("Sfn.SdkClientException", error.message()))?;
    Ok(Payload::from_value(shown("", answer)))
}

/// An error as the SDK throws it.
fn failure(service: &Service, error: &ApiError) -> Failure {
    let code = error.code();
    let name = match error.http_status() {
        500.. => "SfnException".to_owned(),
        _ if code.ends_with("Exception") => code.to_owned(),
        _ => format!("{code}Exception"),
    };
    let cause = format!(
        "{} (Service: Sfn, Status Code: {}, Request ID: {}) (SDK Attempt Count: 1)",
        error.message(),
        error.http_status(),
        service.request_id(),
    );
    Failure::new(format!("Sfn.{name}"), cause)
}

/// A member of an answer as tasks see it. `name` is the member's own.
fn shown(name: &str, value: Value) -> Value {
    match value {
        // Its members are states of somebody's.
        value if name == "variableReferences" => value,
        Value::Obj(members) => {
            let members = members.iter().map(|(name, value)| (pascal(name), shown(name, value.clone())));
            Value::Obj(members.collect::<Object>())
        }
        Value::Arr(items) => {
            Value::from(items.iter().map(|item| shown(name, item.clone())).collect::<Array>())
        }
        number @ (Value::Int(_) | Value::Float(_)) if is_time(name) => {
            let seconds = number.as_f64().unwrap_or_default();
            Value::from(format_millis((seconds * 1000.0).round() as i64))
        }
        other => other,
    }
}

/// All times of this API are so called.
fn is_time(name: &str) -> bool {
    name.ends_with("Date") || name == "timestamp"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_tasks_see_them() {
        let check = |answer: &str, expected: &str| {
            assert_eq!(shown("", Value::parse(answer).unwrap()).to_json(), expected);
        };
        check(
            r#"{"executionArn":"a","startDate":1762432523.123}"#,
            r#"{"ExecutionArn":"a","StartDate":"2025-11-06T12:35:23.123Z"}"#,
        );
        check(
            r#"{"events":[{"id":1,"timestamp":1762432523,"type":"X"}],"variableReferences":{"state a":["$x"]}}"#,
            r#"{"Events":[{"Id":1,"Timestamp":"2025-11-06T12:35:23Z","Type":"X"}],"VariableReferences":{"state a":["$x"]}}"#,
        );
    }
}
