//! A line of an execution's log: which events a level shows, and the shape of one (recorded; AWS page "Using CloudWatch Logs to log
//! execution history in Step Functions"). A projection of the public history: nothing is read or sent here.

use serde::Serialize;
use serde_json::{Map, Value};
use wire::{HistoryEvent, HistoryEventType, LogLevel};

/// Bytes of an input or an output as it stands escaped in a line; a longer one is cut, and its details say so (AWS page: 248 KiB).
const PAYLOAD_BYTES_MAX: usize = 248 * 1024;
/// The members that hold execution data. The history leaves out most of them by itself.
const DATA: [&str; 4] = ["input", "output", "parameters", "assignedVariables"];

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When its event happened, in milliseconds since the Unix epoch.
    pub at: i64,
    /// A JSON object, without the end of the line.
    pub text: String,
}

/// What is the same for all lines of an execution.
#[derive(Clone, Debug)]
pub(super) struct Subject<'a> {
    pub(super) execution_arn: &'a str,
    pub(super) redrive_count: u32,
    pub(super) include_data: bool,
}

#[derive(Serialize)]
struct Shape<'a> {
    id: String,
    r#type: &'static str,
    details: Value,
    previous_event_id: String,
    event_timestamp: String,
    execution_arn: &'a str,
    redrive_count: String,
}

/// Whether a level shows events of a type (AWS page, "Log levels for Step Functions execution events").
pub(super) fn is_shown(level: LogLevel, kind: HistoryEventType) -> bool {
    let name = kind.as_str();
    let is_fatal = matches!(name, "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted");
    match level {
        LogLevel::All => true,
        LogLevel::Error => {
            is_fatal
                || name == "FailStateEntered"
                || ["Failed", "TimedOut", "Aborted"].iter().any(|end| name.ends_with(end))
        }
        LogLevel::Fatal => is_fatal,
        LogLevel::Off => false,
    }
}

/// The line of an event.
pub(super) fn line(event: &HistoryEvent, subject: &Subject<'_>) -> LogLine {
    let at = event.timestamp.millis();
    let shape = Shape {
        id: event.id.to_string(),
        r#type: event.r#type.as_str(),
        details: details(event, subject.include_data),
        previous_event_id: event.previous_event_id.unwrap_or(0).to_string(),
        event_timestamp: at.to_string(),
        execution_arn: subject.execution_arn,
        redrive_count: subject.redrive_count.to_string(),
    };
    LogLine { at, text: serde_json::to_string(&shape).unwrap_or_default() }
}

/// The one member of an event that says more than its type; an event has at most one.
fn details(event: &HistoryEvent, include_data: bool) -> Value {
    let Ok(Value::Object(members)) = serde_json::to_value(event) else { return Value::Object(Map::new()) };
    let of_event = members.into_iter().find(|(name, _)| name.ends_with("EventDetails"));
    let Some((_, Value::Object(mut details))) = of_event else { return Value::Object(Map::new()) };
    if !include_data {
        for name in DATA {
            details.remove(name);
            details.remove(&format!("{name}Details"));
        }
    }
    for name in DATA {
        let Some(Value::String(text)) = details.get_mut(name) else { continue };
        if cut(text) {
            details.insert(format!("{name}Details"), serde_json::json!({ "truncated": true }));
        }
    }
    Value::Object(details)
}

/// Shortens a text to what a line may hold of it. Says whether it had to.
fn cut(text: &mut String) -> bool {
    if text.len() * 2 <= PAYLOAD_BYTES_MAX {
        return false;
    }
    let mut bytes = 0;
    for (index, c) in text.char_indices() {
        bytes += match c {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            c if c < ' ' => 6,
            c => c.len_utf8(),
        };
        if bytes > PAYLOAD_BYTES_MAX {
            text.truncate(index);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use wire::{
        ExecutionStartedEventDetails, HistoryEventExecutionDataDetails, StateEnteredEventDetails, Timestamp,
    };

    use super::*;

    fn started(input: &str) -> HistoryEvent {
        HistoryEvent {
            timestamp: Timestamp::from_millis(1_700_000_000_123),
            id: 1,
            previous_event_id: Some(0),
            r#type: HistoryEventType::ExecutionStarted,
            execution_started_event_details: Some(Box::new(ExecutionStartedEventDetails {
                input: Some(input.into()),
                input_details: Some(HistoryEventExecutionDataDetails { truncated: Some(false) }),
                role_arn: Some("r".into()),
                ..Default::default()
            })),
            ..HistoryEvent::default()
        }
    }

    fn text(event: &HistoryEvent, include_data: bool) -> String {
        line(event, &Subject { execution_arn: "arn", redrive_count: 2, include_data }).text
    }

    #[test]
    fn a_line_has_the_recorded_shape() {
        assert_eq!(
            text(&started(r#"{"a":1}"#), true),
            r#"{"id":"1","type":"ExecutionStarted","details":{"input":"{\"a\":1}","inputDetails":{"truncated":false},"roleArn":"r"},"previous_event_id":"0","event_timestamp":"1700000000123","execution_arn":"arn","redrive_count":"2"}"#
        );
        assert_eq!(
            text(&started("{}"), false),
            r#"{"id":"1","type":"ExecutionStarted","details":{"roleArn":"r"},"previous_event_id":"0","event_timestamp":"1700000000123","execution_arn":"arn","redrive_count":"2"}"#
        );
        let bare = HistoryEvent { r#type: HistoryEventType::MapStateSucceeded, ..HistoryEvent::default() };
        assert!(text(&bare, true).contains(r#""details":{},"#), "{}", text(&bare, true));
    }

    #[test]
    fn a_long_payload_is_cut_and_says_so() {
        let check = |length: usize, expected: bool| {
            // With its quotes, each escaped by one more byte.
            let event = started(&format!("\"{}\"", "x".repeat(length)));
            let found = text(&event, true);
            assert_eq!(found.contains(r#""truncated":true"#), expected, "{length}");
            assert!(found.len() <= PAYLOAD_BYTES_MAX + 400, "{}", found.len());
        };
        check(PAYLOAD_BYTES_MAX - 4, false);
        check(PAYLOAD_BYTES_MAX - 3, true);
    }

    #[test]
    fn levels_show_what_the_table_of_the_service_says() {
        let check = |kind: HistoryEventType, expected: [bool; 4]| {
            let levels = [LogLevel::Off, LogLevel::Fatal, LogLevel::Error, LogLevel::All];
            assert_eq!(levels.map(|level| is_shown(level, kind)), expected, "{kind}");
        };
        check(HistoryEventType::ExecutionStarted, [false, false, false, true]);
        check(HistoryEventType::ExecutionFailed, [false, true, true, true]);
        check(HistoryEventType::ExecutionAborted, [false, true, true, true]);
        check(HistoryEventType::ExecutionSucceeded, [false, false, false, true]);
        check(HistoryEventType::FailStateEntered, [false, false, true, true]);
        check(HistoryEventType::LambdaFunctionTimedOut, [false, false, true, true]);
        check(HistoryEventType::TaskSubmitFailed, [false, false, true, true]);
        check(HistoryEventType::MapIterationAborted, [false, false, true, true]);
        check(HistoryEventType::TaskStateEntered, [false, false, false, true]);
        let entered = HistoryEvent {
            r#type: HistoryEventType::PassStateEntered,
            state_entered_event_details: Some(Box::new(StateEnteredEventDetails::default())),
            ..HistoryEvent::default()
        };
        assert!(!text(&entered, false).contains("input"));
    }
}
