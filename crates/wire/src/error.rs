//! The API's error form: a code, a message, the error's extra members, and the HTTP status that carries them.
//! Constructors for the errors of the model are generated; those that every AWS service shares are here. It does not decide
//! when an error occurs.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

/// An error as the service answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    code: Cow<'static, str>,
    message: String,
    extra: Vec<(&'static str, String)>,
    http_status: u16,
}

impl ApiError {
    /// An error with status 400, which is what every error of the model has.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), extra: Vec::new(), http_status: 400 }
    }

    /// Adds a member beside the message: `reason` of ValidationException, `resourceName` of ResourceNotFound and TooManyTags,
    /// `kmsKeyState` of KmsInvalidStateException.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<String>) -> Self {
        self.extra.push((member, value.into()));
        self
    }

    /// Changes the HTTP status.
    #[must_use]
    pub fn with_status(mut self, http_status: u16) -> Self {
        self.http_status = http_status;
        self
    }

    /// A body that is not what the operation takes: no JSON, or JSON of another type.
    #[must_use]
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    /// A target that is no operation of this service.
    #[must_use]
    pub fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "")
    }

    /// A fault of ours, status 500. The message must not show internals.
    #[must_use]
    pub fn internal_failure(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", message).with_status(500)
    }

    /// Temporarily not able to serve, status 503.
    #[must_use]
    pub fn service_unavailable(message: impl Into<String>) -> Self {
        Self::new("ServiceUnavailable", message).with_status(503)
    }

    /// Too many requests. SDKs back off and try again.
    #[must_use]
    pub fn throttling(message: impl Into<String>) -> Self {
        Self::new("ThrottlingException", message)
    }

    /// The caller is known but may not do this.
    #[must_use]
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new("AccessDeniedException", message)
    }

    /// The error's code: the shape's name.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The value of an extra member.
    #[must_use]
    pub fn extra(&self, member: &str) -> Option<&str> {
        self.extra.iter().find(|(name, _)| *name == member).map(|(_, value)| value.as_str())
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// The answer's body: `__type`, `message`, and the extra members.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut map = Map::new();
        map.insert("__type".to_owned(), Value::String(self.code.clone().into_owned()));
        map.insert("message".to_owned(), Value::String(self.message.clone()));
        for (name, value) in &self.extra {
            map.insert((*name).to_owned(), Value::String(value.clone()));
        }
        Value::Object(map)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::ApiError;

    #[test]
    fn body_has_type_message_and_members() {
        let error = ApiError::resource_not_found("no").with("resourceName", "arn");
        assert_eq!(
            error.body().to_string(),
            r#"{"__type":"ResourceNotFound","message":"no","resourceName":"arn"}"#
        );
        assert_eq!(
            (error.http_status(), error.extra("resourceName"), error.extra("reason")),
            (400, Some("arn"), None)
        );
        assert_eq!(ApiError::internal_failure("x").http_status(), 500);
    }
}
