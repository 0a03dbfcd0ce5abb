//! One event of a public history in the form that displays need: its type as text and its details as JSON.

use serde_json::Value;

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number, from 1.
    pub id: i64,
    /// The number of the event before it on the same path; 0 when there is none.
    pub previous: i64,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// Its type, such as `TaskStateEntered`.
    pub kind: &'static str,
    /// The members of its details; `null` when it has none.
    pub details: Value,
}

impl From<&wire::HistoryEvent> for Event {
    fn from(event: &wire::HistoryEvent) -> Self {
        let details = match serde_json::to_value(event) {
            Ok(Value::Object(members)) => members
                .into_iter()
                .find(|(name, _)| name.ends_with("EventDetails"))
                .map(|(_, details)| details),
            _ => None,
        };
        Self {
            id: event.id,
            previous: event.previous_event_id.unwrap_or(0),
            at: event.timestamp.millis(),
            kind: event.r#type.as_str(),
            details: details.unwrap_or(Value::Null),
        }
    }
}

/// JSON without the spaces that it came with, so that a table has room for what it says. Other text stays as it is.
pub fn compact(text: &str) -> String {
    value::Value::parse(text).map_or_else(|_| text.to_owned(), |value| value.to_json())
}

impl Event {
    /// A text in the details.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.details.get(member).and_then(Value::as_str)
    }

    /// Whether the event reports that something went wrong.
    pub fn is_failure(&self) -> bool {
        ["Failed", "TimedOut", "Aborted"].iter().any(|end| self.kind.ends_with(end))
    }

    /// Whether its type is this one, or begins so; case does not matter.
    pub fn is_of_type(&self, beginning: &str) -> bool {
        self.kind.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    }

    /// The details in one line: name, resource, error and cause, input or output.
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        for member in ["name", "resourceType", "resource", "error", "cause", "length", "index"] {
            match self.details.get(member) {
                Some(Value::String(text)) => parts.push(text.clone()),
                Some(Value::Number(number)) => parts.push(format!("{member} {number}")),
                _ => {}
            }
        }
        for member in ["input", "parameters", "output"] {
            if let Some(text) = self.text(member) {
                parts.push(format!("{member} {}", compact(text)));
            }
        }
        parts.join("  ")
    }
}
