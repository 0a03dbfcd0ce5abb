//! `events:putEvents`: entries say where they come from, and one refused entry fails the task.
//! Source: Step Functions Developer Guide, "Add EventBridge events with Step Functions"; order and causes are recorded.

use task::{Call, Failure};
use value::{Array, Object, Value};

/// The parameters with the ARNs of state machine and execution after the `Resources` of every entry. What is no list of entries stays
/// as it is: the service's model has a word for it.
pub(super) fn with_origin(call: &Call) -> Value {
    let Value::Obj(parameters) = call.parameters.value() else { return call.parameters.value().clone() };
    let mut parameters = parameters.clone();
    if let Some(Value::Arr(entries)) = parameters.get("Entries") {
        let origin = origin(&call.execution_arn);
        let entries = entries.iter().map(|entry| with_resources(entry, &origin)).collect::<Array>();
        parameters.insert("Entries", entries);
    }
    Value::Obj(parameters)
}

fn with_resources(entry: &Value, origin: &[Value]) -> Value {
    let Value::Obj(entry) = entry else { return entry.clone() };
    let given: &[Value] = match entry.get("Resources") {
        Some(Value::Arr(given)) => given,
        None | Some(Value::Null) => &[],
        Some(_) => return Value::Obj(entry.clone()),
    };
    let mut entry: Object = entry.clone();
    entry.insert("Resources", given.iter().chain(origin).cloned().collect::<Array>());
    Value::Obj(entry)
}

/// `arn:…:execution:<machine>:<name>` and `arn:…:express:<machine>:<name>:<id>` have the machine's name in one place.
fn origin(execution_arn: &str) -> Vec<Value> {
    let parts: Vec<&str> = execution_arn.split(':').collect();
    let machine = match parts.as_slice() {
        [head @ .., "execution", machine, _] | [head @ .., "express", machine, _, _] => {
            Some(format!("{}:stateMachine:{machine}", head.join(":")))
        }
        _ => None,
    };
    machine.map(Value::from).into_iter().chain([Value::from(execution_arn)]).collect()
}

/// Fails when an entry was refused, with the whole answer as the cause.
pub(super) fn failed_entry(result: &Value) -> Option<Failure> {
    let failed = result.get("FailedEntryCount").and_then(Value::as_f64).unwrap_or_default();
    (failed > 0.0).then(|| Failure::new("EventBridge.FailedEntry", result.to_json()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use value::Payload;

    fn call(execution_arn: &str, parameters: &str) -> Call {
        Call {
            resource: "arn:aws:states:::events:putEvents".into(),
            parameters: Payload::parse(parameters).unwrap(),
            idempotency_key: "key".into(),
            execution_arn: execution_arn.into(),
            state_name: "State".into(),
            timeout: None,
            role_arn: None,
            trace_header: None,
            mock: None,
        }
    }

    #[test]
    fn entries_say_where_they_come_from() {
        let check = |execution_arn: &str, parameters: &str, expected: &str| {
            assert_eq!(with_origin(&call(execution_arn, parameters)).to_json(), expected);
        };
        check(
            "arn:aws:states:r:1:execution:m:e",
            r#"{"Entries":[{"Source":"s"},{"Resources":["x"]},{"Resources":null},{"Resources":1},2]}"#,
            concat!(
                r#"{"Entries":[{"Source":"s","Resources":["arn:aws:states:r:1:stateMachine:m","arn:aws:states:r:1:execution:m:e"]},"#,
                r#"{"Resources":["x","arn:aws:states:r:1:stateMachine:m","arn:aws:states:r:1:execution:m:e"]},"#,
                r#"{"Resources":["arn:aws:states:r:1:stateMachine:m","arn:aws:states:r:1:execution:m:e"]},{"Resources":1},2]}"#,
            ),
        );
        check(
            "arn:aws:states:r:1:express:m:e:id",
            r#"{"Entries":[{}]}"#,
            r#"{"Entries":[{"Resources":["arn:aws:states:r:1:stateMachine:m","arn:aws:states:r:1:express:m:e:id"]}]}"#,
        );
        check("arn", r#"{"Entries":1}"#, r#"{"Entries":1}"#);
        check("arn", "[]", "[]");
    }

    #[test]
    fn a_refused_entry_fails() {
        let refused = r#"{"Entries":[{"ErrorCode":"MalformedDetail"}],"FailedEntryCount":1}"#;
        let expected = Failure::new("EventBridge.FailedEntry", refused);
        assert_eq!(failed_entry(&Value::parse(refused).unwrap()), Some(expected));
        assert_eq!(failed_entry(&Value::parse(r#"{"FailedEntryCount":0}"#).unwrap()), None);
        assert_eq!(failed_entry(&Value::Null), None);
    }
}
