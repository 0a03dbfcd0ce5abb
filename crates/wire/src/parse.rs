//! From the bytes of a request to its typed form, through the constraints of the model.
//! The one entry that a server needs; what it refuses is never seen by an operation.

use serde_json::Value;

use crate::error::ApiError;
use crate::shape::Request;
use crate::validate::{Limits, validate};

/// Reads a request. An empty body counts as `{}`, as SDKs send it for an operation without members.
///
/// # Errors
/// `SerializationException` for what is no JSON object or has members of the wrong JSON type, `ValidationException` for what
/// breaks the model's constraints.
pub fn parse<R: Request>(body: &[u8], limits: &Limits) -> Result<R, ApiError> {
    let mut value: Value = if body.is_empty() {
        Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_slice(body).map_err(|_| ApiError::serialization(""))?
    };
    validate(R::OPERATION, &mut value, limits)?;
    R::deserialize(value).map_err(|_| ApiError::serialization(""))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::{ListStateMachinesInput, StartExecutionInput, TagResourceInput, TestStateInput};

    #[test]
    fn requests_become_typed() {
        let limits = Default::default();
        let start: StartExecutionInput =
            parse(br#"{"stateMachineArn":"a","input":"{}","name":null,"other":[1]}"#, &limits).unwrap();
        assert_eq!(
            (start.state_machine_arn.as_str(), start.input.as_deref(), start.name),
            ("a", Some("{}"), None)
        );
        assert_eq!(parse::<ListStateMachinesInput>(b"", &limits).unwrap(), Default::default());
        let list: ListStateMachinesInput = parse(br#"{"maxResults":7.0}"#, &limits).unwrap();
        assert_eq!(list.max_results, Some(7));
        let tags: TagResourceInput = parse(br#"{"resourceArn":"a","tags":[{"key":"k"}]}"#, &limits).unwrap();
        assert_eq!(tags.tags[0].key.as_deref(), Some("k"));
        let test: TestStateInput =
            parse(br#"{"definition":"{}","mock":{"result":"1","fieldValidationMode":"NONE"}}"#, &limits)
                .unwrap();
        assert_eq!(test.mock.unwrap().result.as_deref(), Some("1"));
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let deep = "[".repeat(100_000);
        for body in
            ["", "[]", "{", "7", "nul", "\u{feff}{}", deep.as_str(), "{\"stateMachineArn\":\"\\ud800\"}"]
        {
            assert!(
                parse::<StartExecutionInput>(body.as_bytes(), &Default::default()).is_err(),
                "{body:.20}"
            );
        }
        assert!(
            parse::<StartExecutionInput>(b"{\"stateMachineArn\":\"\xff\"}", &Default::default()).is_err()
        );
    }
}
