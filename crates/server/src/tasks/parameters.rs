//! From a task's parameters (PascalCase, any JSON) to the body of a request (camelCase, as the model says): where the model
//! wants text, other values are sent as their JSON text (recorded).

use value::{Array, Object, Payload, Value};
use wire::{OperationName, Shape};

/// The body of a request.
///
/// # Errors
/// What is wrong with the parameters, for the person who wrote them.
pub(super) fn body(operation: OperationName, parameters: &Payload) -> Result<Vec<u8>, String> {
    let Value::Obj(parameters) = parameters.value() else {
        return Err("The parameters must be an object".to_owned());
    };
    let body = structure(operation.operation().input, parameters, "")?;
    Ok(Value::Obj(body).to_json().into_bytes())
}

fn structure(shape: &Shape, parameters: &Object, at: &str) -> Result<Object, String> {
    let Shape::Structure { fields, .. } = shape else { return Ok(parameters.clone()) };
    let mut body = Object::new();
    for (name, value) in parameters.iter() {
        let field = fields.iter().find(|field| pascal(field.name) == **name);
        let field =
            field.ok_or_else(|| format!("The field \"{at}{name}\" is not supported by Step Functions"))?;
        if !value.is_null() {
            body.insert(field.name, member(field.shape, value, &format!("{at}{name}."))?);
        }
    }
    Ok(body)
}

fn member(shape: &Shape, value: &Value, at: &str) -> Result<Value, String> {
    Ok(match (shape, value) {
        (Shape::String { .. } | Shape::Enum { .. }, Value::Str(_)) => value.clone(),
        (Shape::String { .. }, other) => Value::from(other.to_json()),
        (Shape::Structure { .. }, Value::Obj(members)) => Value::Obj(structure(shape, members, at)?),
        (Shape::List { element, .. }, Value::Arr(items)) => {
            let items: Result<Array, String> = items.iter().map(|item| member(element, item, at)).collect();
            Value::from(items?)
        }
        _ => value.clone(),
    })
}

/// A member's name as tasks write it.
pub(super) fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_requests() {
        let check = |operation: &str, parameters: &str, expected: Result<&str, &str>| {
            let operation = OperationName::from_wire(operation).unwrap();
            let found = body(operation, &Payload::parse(parameters).unwrap());
            let found = found.map(|body| String::from_utf8(body).unwrap());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{parameters}");
        };
        check(
            "StartExecution",
            r#"{"StateMachineArn":"a","Input":{"key": [1, 2.0]},"Name":null}"#,
            Ok(r#"{"stateMachineArn":"a","input":"{\"key\":[1,2.0]}"}"#),
        );
        check("StartExecution", r#"{"Input":"[1, 2]"}"#, Ok(r#"{"input":"[1, 2]"}"#));
        check("StartExecution", r#"{"Input":7,"Name":true}"#, Ok(r#"{"input":"7","name":"true"}"#));
        check("ListExecutions", r#"{"MaxResults":7}"#, Ok(r#"{"maxResults":7}"#));
        check(
            "TagResource",
            r#"{"ResourceArn":"a","Tags":[{"Key":"k","Value":"v"}]}"#,
            Ok(r#"{"resourceArn":"a","tags":[{"key":"k","value":"v"}]}"#),
        );
        check(
            "TagResource",
            r#"{"Tags":[{"key":"k"}]}"#,
            Err(r#"The field "Tags.key" is not supported by Step Functions"#),
        );
        check(
            "StartExecution",
            r#"{"stateMachineArn":"a"}"#,
            Err(r#"The field "stateMachineArn" is not supported by Step Functions"#),
        );
        check("StartExecution", "[]", Err("The parameters must be an object"));
    }
}
