//! What a `states:startExecution` task gets: the response of the start with its HTTP metadata, and the child's end. The forms
//! are recorded; they show version 1 of AWS's SDK for Java (order of headers, numbers, texts of errors). The three members of a
//! redrive, which later recordings of other accounts' children have, are not given.

use std::time::SystemTime;

use runtime::reads::Description;
use store::{ExecutionRow, ExecutionStatus};
use task::{Failure, Outcome};
use value::{Array, Object, Payload, Value};
use wire::ApiError;

/// The response of a start. The service shows what its own endpoint sent, to the byte: so does this.
pub(super) fn started(arn: &str, start_ms: i64, request_id: &str) -> Payload {
    let length = format!(r#"{{"executionArn":"{arn}","startDate":{}}}"#, java_seconds(start_ms)).len();
    let length = length.to_string();
    let date = httpdate::fmt_http_date(SystemTime::now());
    let (json, keep) = ("application/x-amz-json-1.0", "keep-alive");
    let single = [
        ("connection", keep),
        ("Content-Length", length.as_str()),
        ("Content-Type", json),
        ("Date", date.as_str()),
        ("x-amzn-RequestId", request_id),
    ];
    let all = ["x-amzn-RequestId", "connection", "Content-Length", "Date", "Content-Type"].map(|name| {
        let values = single.iter().filter(|(known, _)| *known == name).map(|(_, value)| Value::from(*value));
        (name, Value::from(values.collect::<Array>()))
    });
    let metadata: [(&str, Value); 3] = [
        ("AllHttpHeaders", object(all)),
        ("HttpHeaders", object(single.map(|(name, value)| (name, Value::from(value))))),
        ("HttpStatusCode", Value::Int(200)),
    ];
    Payload::from_value(object([
        ("ExecutionArn", Value::from(arn)),
        ("SdkHttpMetadata", object(metadata)),
        ("SdkResponseMetadata", object([("RequestId", Value::from(request_id))])),
        ("StartDate", Value::Int(start_ms)),
    ]))
}

/// Seconds with a fraction as Java prints a number of that size: `1.762432523123E9`.
fn java_seconds(millis: i64) -> String {
    let digits = millis.to_string();
    let (first, rest) = digits.split_at(1.min(digits.len()));
    let rest = rest.trim_end_matches('0');
    let rest = if rest.is_empty() { "0" } else { rest };
    format!("{first}.{rest}E{}", digits.len().saturating_sub(4))
}

/// A start that was refused.
pub(super) fn refused(error: &ApiError, request_id: &str) -> Failure {
    let code = error.code();
    let name = if code.ends_with("Exception") { code.to_owned() } else { format!("{code}Exception") };
    let cause = format!(
        "{} (Service: AWSStepFunctions; Status Code: {}; Error Code: {code}; Request ID: {request_id}; Proxy: null)",
        error.message(),
        error.http_status(),
    );
    Failure::new(format!("StepFunctions.{name}"), cause)
}

/// A child that has ended, as its row and its records say.
pub(super) struct End<'a> {
    pub(super) arn: String,
    pub(super) machine_arn: String,
    pub(super) name: String,
    pub(super) row: &'a ExecutionRow,
    pub(super) description: &'a Description,
}

impl End<'_> {
    /// What the task gets; with `parsed` (`.sync:2`) input and output are JSON instead of texts with JSON in them.
    pub(super) fn outcome(&self, parsed: bool) -> Outcome {
        let description = self.description;
        if self.row.status == ExecutionStatus::Succeeded {
            let output = description.output.as_ref();
            return Outcome::Done(Payload::from_value(self.members(parsed, |members| {
                members.extend(output.map(|output| ("Output", text_or_value(output, parsed))));
                members.push(("OutputDetails", included()));
            })));
        }
        let cause = self.members(false, |members| {
            members.extend(description.error.as_deref().map(|error| ("Error", Value::from(error))));
            members.extend(description.cause.as_deref().map(|cause| ("Cause", Value::from(cause))));
        });
        Outcome::Failed(Failure::new("States.TaskFailed", cause.to_json()))
    }

    /// The members that every end has and those that it adds, in the order of their names.
    fn members(&self, parsed: bool, add: impl FnOnce(&mut Vec<(&'static str, Value)>)) -> Value {
        let row = self.row;
        let mut members = vec![
            ("ExecutionArn", Value::from(self.arn.as_str())),
            ("InputDetails", included()),
            ("Name", Value::from(self.name.as_str())),
            ("StartDate", Value::Int(row.started_at)),
            ("StateMachineArn", Value::from(self.machine_arn.as_str())),
            ("Status", Value::from(status(row.status))),
        ];
        members.extend(self.description.input.as_ref().map(|input| ("Input", text_or_value(input, parsed))));
        members.extend(row.stopped_at.map(|at| ("StopDate", Value::Int(at))));
        add(&mut members);
        members.sort_by_key(|(name, _)| *name);
        object(members)
    }
}

fn text_or_value(payload: &Payload, parsed: bool) -> Value {
    if parsed { payload.value().clone() } else { Value::from(&**payload.text()) }
}

fn included() -> Value {
    object([("Included", Value::Bool(true))])
}

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Obj(members.into_iter().collect::<Object>())
}

fn status(status: ExecutionStatus) -> &'static str {
    match status {
        ExecutionStatus::Running => "RUNNING",
        ExecutionStatus::Succeeded => "SUCCEEDED",
        ExecutionStatus::Failed => "FAILED",
        ExecutionStatus::TimedOut => "TIMED_OUT",
        ExecutionStatus::Aborted => "ABORTED",
        ExecutionStatus::PendingRedrive => "PENDING_REDRIVE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_javas_form() {
        for (millis, expected) in [
            (1_762_432_523_123, "1.762432523123E9"),
            (1_762_432_523_120, "1.76243252312E9"),
            (1_000_000_000_000, "1.0E9"),
        ] {
            assert_eq!(java_seconds(millis), expected);
        }
    }

    #[test]
    fn a_start_shows_its_response() {
        let arn = "arn:aws:states:us-east-1:111111111111:execution:statemachine_create_and_record_execution_01234567:\
                   TestStartTarget";
        let payload = started(arn, 1_688_136_139_117, "id");
        let metadata = payload.value().get("SdkHttpMetadata").unwrap();
        // Recorded.
        assert_eq!(metadata.get("HttpHeaders").unwrap().get("Content-Length").unwrap().as_str(), Some("161"));
        let names = |of: &str| -> Vec<String> {
            metadata.get(of).unwrap().as_object().unwrap().keys().map(ToString::to_string).collect()
        };
        assert_eq!(
            names("AllHttpHeaders").join(" "),
            "x-amzn-RequestId connection Content-Length Date Content-Type"
        );
        assert_eq!(
            names("HttpHeaders").join(" "),
            "connection Content-Length Content-Type Date x-amzn-RequestId"
        );
    }
}
