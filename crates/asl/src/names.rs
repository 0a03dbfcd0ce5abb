//! Which names are allowed, and what a resource names: the rules of section "Identifiers" of the developer guide and of
//! the API reference (`Name`), and the forms of a Task's `Resource`.

use std::fmt;

use crate::expression::variable_name;
use crate::{Pattern, ResourceKind};

/// The most characters of a state, state machine, activity or execution name, and of a variable name.
pub const MAX_NAME: usize = 80;

/// The most characters of a Map's `Label`.
pub const MAX_LABEL: usize = 40;

/// Whether a state machine, an activity or an execution may be called that (API reference: `Name`): 1 to 80 characters,
/// none of them blank, a bracket, a wildcard, one of `" # % \ ^ | ~ ` $ & , ; : /`, or a control character.
pub fn is_valid_name(name: &str) -> bool {
    has_length(name, MAX_NAME) && !name.chars().any(|ch| is_forbidden(ch) || ch == '/')
}

/// Whether a Map may have this `Label` (developer guide, "Distributed Map state"): as a name, but at most 40 characters
/// and with `/` allowed.
pub fn is_valid_label(label: &str) -> bool {
    has_length(label, MAX_LABEL) && !label.chars().any(is_forbidden)
}

/// Whether `Assign` may write a variable of this name: an identifier of UAX #31, at most 80 characters. The reserved
/// name `states` is a valid identifier.
pub fn is_valid_variable_name(name: &str) -> bool {
    has_length(name, MAX_NAME) && variable_name(name) == name
}

fn has_length(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.chars().take(most + 1).count())
}

fn is_forbidden(ch: char) -> bool {
    ch.is_whitespace()
        || ch.is_control()
        || "<>{}[]?*\"#%\\^|~`$&,;:".contains(ch)
        || matches!(ch, '\u{FFFE}' | '\u{FFFF}' | '\u{10FFFF}')
}

/// Why a text names no resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidResource {
    /// Not of the form `arn:partition:service:region:account:resource`.
    NotAnArn,
    /// An ARN of something that a Task cannot call.
    NotRecognized,
}

impl fmt::Display for InvalidResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidResource::NotAnArn => "not an ARN",
            InvalidResource::NotRecognized => {
                "not an ARN of a function, an activity or a service integration"
            }
        })
    }
}

impl std::error::Error for InvalidResource {}

/// Takes a Task's `Resource` apart: `arn:…:lambda:…:function:…`, `arn:…:states:…:activity:…`,
/// `arn:…:states:::service:api[.pattern]` or `arn:…:states:::aws-sdk:service:api[.pattern]`.
pub fn parse_resource(text: &str) -> Result<ResourceKind, InvalidResource> {
    let mut parts = text.splitn(6, ':');
    let (Some("arn"), Some(_partition), Some(service), Some(region), Some(account), Some(resource)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(InvalidResource::NotAnArn);
    };
    match service {
        "lambda" if resource.strip_prefix("function:").is_some_and(|name| !name.is_empty()) => {
            Ok(ResourceKind::Lambda)
        }
        "states" if region.is_empty() && account.is_empty() => {
            parse_integration(resource).ok_or(InvalidResource::NotRecognized)
        }
        "states" if resource.strip_prefix("activity:").is_some_and(|name| !name.is_empty()) => {
            Ok(ResourceKind::Activity)
        }
        _ => Err(InvalidResource::NotRecognized),
    }
}

/// `service:api[.pattern]`; the service of `aws-sdk:service:api` has two parts.
fn parse_integration(text: &str) -> Option<ResourceKind> {
    let prefix = if text.starts_with("aws-sdk:") { "aws-sdk:".len() } else { 0 };
    let colon = prefix + text.get(prefix..)?.find(':')?;
    let (resource_type, resource) = (text.get(..colon)?, text.get(colon + 1..)?);
    let (api, pattern) = match resource.split_once('.') {
        None => (resource, Pattern::RequestResponse),
        Some((api, "sync")) => (api, Pattern::Sync),
        Some((api, "sync:2")) => (api, Pattern::Sync2),
        Some((api, "waitForTaskToken")) => (api, Pattern::WaitForTaskToken),
        Some(_) => return None,
    };
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_".contains(ch))
    };
    if !is_word(resource_type.get(prefix..)?) || !is_word(api) {
        return None;
    }
    Some(ResourceKind::Service { resource_type: resource_type.into(), resource: resource.into(), pattern })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_services_rules() {
        for (name, wanted) in [
            ("a", true),
            ("a-b_c.d'e(f)!g=h+i@j", true),
            ("größe", true),
            (&*"n".repeat(80), true),
            (&*"n".repeat(81), false),
            ("", false),
            ("a b", false),
            ("a\tb", false),
            ("a/b", false),
            ("a:b", false),
            ("a<b", false),
            ("a\u{7f}b", false),
            ("a\u{85}b", false),
        ] {
            assert_eq!(is_valid_name(name), wanted, "{name}");
        }
        assert!(is_valid_label("a/b"));
        assert!(!is_valid_label(&"l".repeat(41)));
        for (name, wanted) in
            [("x", true), ("größe2", true), ("_x", true), ("2x", false), ("a.b", false), ("", false)]
        {
            assert_eq!(is_valid_variable_name(name), wanted, "{name}");
        }
    }

    #[test]
    fn resources_are_taken_apart() {
        let service = |resource_type: &str, resource: &str, pattern| {
            Ok(ResourceKind::Service {
                resource_type: resource_type.into(),
                resource: resource.into(),
                pattern,
            })
        };
        for (text, wanted) in [
            ("arn:aws:lambda:us-east-1:123456789012:function:f", Ok(ResourceKind::Lambda)),
            ("arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST", Ok(ResourceKind::Lambda)),
            ("arn:aws:states:us-east-1:123456789012:activity:a", Ok(ResourceKind::Activity)),
            ("arn:aws:states:::lambda:invoke", service("lambda", "invoke", Pattern::RequestResponse)),
            ("arn:aws-cn:states:::http:invoke", service("http", "invoke", Pattern::RequestResponse)),
            (
                "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                service("sqs", "sendMessage.waitForTaskToken", Pattern::WaitForTaskToken),
            ),
            (
                "arn:aws:states:::states:startExecution.sync:2",
                service("states", "startExecution.sync:2", Pattern::Sync2),
            ),
            ("arn:aws:states:::ecs:runTask.sync", service("ecs", "runTask.sync", Pattern::Sync)),
            (
                "arn:aws:states:::aws-sdk:dynamodb:putItem",
                service("aws-sdk:dynamodb", "putItem", Pattern::RequestResponse),
            ),
            ("createToken", Err(InvalidResource::NotAnArn)),
            ("arn:aws:lambda", Err(InvalidResource::NotAnArn)),
            ("arn:aws:states:us-east-1:123456789012:stateMachine:m", Err(InvalidResource::NotRecognized)),
            ("arn:aws:s3:::bucket", Err(InvalidResource::NotRecognized)),
            ("arn:aws:states:::lambda", Err(InvalidResource::NotRecognized)),
            ("arn:aws:states:::lambda:invoke.async", Err(InvalidResource::NotRecognized)),
            ("arn:aws:states:::aws-sdk:s3", Err(InvalidResource::NotRecognized)),
        ] {
            assert_eq!(parse_resource(text), wanted, "{text}");
        }
    }
}
