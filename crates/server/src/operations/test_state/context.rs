//! `context` of TestState: a context object as a state of this kind could see it. The members are those of the developer guide
//! ("Context object"); that unknown ones and a `Task` without a token are refused, and the words, is recorded.

use asl::{Kind, Pattern, ResourceKind, State};
use value::{Payload, Value};
use wire::ApiError;

use super::subject::Subject;

/// What a member of the context object is.
#[derive(Clone, Copy)]
enum Member {
    Anything,
    Text,
    Number,
    Object(&'static [(&'static str, Member)]),
}

const CONTEXT: &[(&str, Member)] = &[
    (
        "Execution",
        Member::Object(&[
            ("Id", Member::Text),
            ("Input", Member::Anything),
            ("Name", Member::Text),
            ("RedriveCount", Member::Number),
            ("RedriveTime", Member::Text),
            ("RoleArn", Member::Text),
            ("StartTime", Member::Text),
        ]),
    ),
    (
        "State",
        Member::Object(&[
            ("EnteredTime", Member::Text),
            ("Name", Member::Text),
            ("RetryCount", Member::Number),
        ]),
    ),
    ("StateMachine", Member::Object(&[("Id", Member::Text), ("Name", Member::Text)])),
    ("Task", Member::Object(&[("Token", Member::Text)])),
    (
        "Map",
        Member::Object(&[(
            "Item",
            Member::Object(&[
                ("Index", Member::Number),
                ("Key", Member::Text),
                ("Source", Member::Text),
                ("Value", Member::Anything),
            ]),
        )]),
    ),
];

/// Reads a context object.
///
/// # Errors
/// `ValidationException`.
pub(super) fn read(text: &str, state: &State, subject: &Subject) -> Result<Value, ApiError> {
    let parsed = Payload::parse(text).map_err(|error| refuse(error.message()))?;
    let Value::Obj(members) = parsed.value() else {
        return Err(refuse("Context object must be a JSON object"));
    };
    check(members, CONTEXT)?;
    if members.contains_key("Task") && !has_token(state) {
        return Err(refuse(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' \
             service integration pattern",
        ));
    }
    if members.contains_key("Map") && !subject.stands_in_map() {
        return Err(refuse("Context object contains 'Map' when state is not inside a Map state"));
    }
    Ok(parsed.value().clone())
}

fn refuse(why: &str) -> ApiError {
    ApiError::validation_exception(format!("Invalid Context object provided: {why}"))
}

/// Recursion is bounded by the table.
fn check(members: &value::Object, known: &[(&str, Member)]) -> Result<(), ApiError> {
    for (name, value) in members.iter() {
        let Some((_, member)) = known.iter().find(|(known, _)| *known == &**name) else {
            return Err(refuse(&format!("Field '{name}' is not allowed")));
        };
        let wanted = match member {
            Member::Anything => continue,
            Member::Text if value.is_string() => continue,
            Member::Number if value.is_number() => continue,
            Member::Object(known) => match value {
                Value::Obj(inner) => {
                    check(inner, known)?;
                    continue;
                }
                _ => "an object",
            },
            Member::Text => "a string",
            Member::Number => "a number",
        };
        return Err(refuse(&format!("Field '{name}' must be {wanted}")));
    }
    Ok(())
}

fn has_token(state: &State) -> bool {
    match &state.kind {
        Kind::Task(task) => matches!(
            &task.resource.kind,
            ResourceKind::Service { pattern: Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken, .. }
        ),
        _ => false,
    }
}
