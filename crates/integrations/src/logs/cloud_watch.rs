//! Log groups at CloudWatch Logs: a stream for each state machine and hour, and PutLogEvents into it. The group has to exist, as for
//! Step Functions.

use std::collections::HashMap;

use aws_client::{Call, CallError, Client};
use aws_model::Form;
use tokio::sync::Mutex;
use uuid::Uuid;
use value::{Object, Value};

use super::log_group_name;

/// The service's name in the model.
const SERVICE: &str = "cloudwatchlogs";
/// Events of one call, and their bytes with what the service adds for each (API reference, PutLogEvents).
const EVENTS_MAX: usize = 10_000;
const BYTES_MAX: usize = 1_048_576;
const EVENT_BYTES: usize = 26;
/// The events of one call may be at most so far apart.
const SPAN_MS: i64 = 24 * 60 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Streams that are remembered.
const STREAMS_MAX: usize = 1_000;

/// Writes to CloudWatch Logs.
#[derive(Debug)]
pub struct CloudWatch {
    client: Client,
    streams: Mutex<HashMap<(String, String), (i64, String)>>,
}

impl CloudWatch {
    /// With this client.
    pub fn new(client: Client) -> CloudWatch {
        CloudWatch { client, streams: Mutex::default() }
    }

    /// Adds lines, each with its time in milliseconds, of a state machine to a log group.
    ///
    /// # Errors
    /// What the service said, or why it was not reached. Some lines may have been added.
    pub async fn append(&self, group_arn: &str, machine: &str, lines: &[(i64, &str)]) -> Result<(), String> {
        let group = log_group_name(group_arn);
        let failed = |error: CallError| format!("CloudWatch Logs: log group `{group}`: {error}");
        // The service wants them in the order of their times.
        let mut lines = lines.to_vec();
        lines.sort_by_key(|(at, _)| *at);
        let Some((now, _)) = lines.last() else { return Ok(()) };
        let stream = self.stream(group, machine, *now).await.map_err(failed)?;
        for part in parts(&lines) {
            if let Err(error) = self.put(group, &stream, part).await {
                // It may be that somebody removed the stream: the next attempt makes another one.
                self.streams.lock().await.remove(&(group.to_owned(), machine.to_owned()));
                return Err(failed(error));
            }
        }
        Ok(())
    }

    async fn stream(&self, group: &str, machine: &str, at: i64) -> Result<String, CallError> {
        let mut streams = self.streams.lock().await;
        let of = (group.to_owned(), machine.to_owned());
        let hour = at.div_euclid(HOUR_MS);
        if let Some((_, stream)) = streams.get(&of).filter(|(made, _)| *made >= hour) {
            return Ok(stream.clone());
        }
        let id = Uuid::new_v4().simple().to_string();
        let name = format!("states/{machine}/{}/{}", minute(at), id.get(..8).unwrap_or_default());
        let members = [("LogGroupName", Value::from(group)), ("LogStreamName", Value::from(name.as_str()))];
        self.call("createLogStream", members.into_iter().collect()).await?;
        if streams.len() >= STREAMS_MAX {
            streams.clear();
        }
        streams.insert(of, (hour, name.clone()));
        Ok(name)
    }

    async fn put(&self, group: &str, stream: &str, lines: &[(i64, &str)]) -> Result<(), CallError> {
        let event = |(at, text): &(i64, &str)| {
            let members = [("Timestamp", Value::from(*at)), ("Message", Value::from(*text))];
            Value::Obj(members.into_iter().collect::<Object>())
        };
        let events: Vec<Value> = lines.iter().map(event).collect();
        let members = [
            ("LogGroupName", Value::from(group)),
            ("LogStreamName", Value::from(stream)),
            ("LogEvents", Value::from(events)),
        ];
        self.call("putLogEvents", members.into_iter().collect()).await
    }

    async fn call(&self, action: &str, parameters: Object) -> Result<(), CallError> {
        let unknown = || CallError::Unsent { reason: format!("`{action}` is not in the model"), attempts: 0 };
        let service = aws_model::service(SERVICE).ok_or_else(unknown)?;
        let operation = service.operation(action).ok_or_else(unknown)?;
        let token = Uuid::new_v4().to_string();
        let call = Call {
            service: &service,
            operation,
            parameters: &Value::Obj(parameters),
            form: Form::Sdk,
            token: &token,
            role_arn: None,
            trace_header: None,
        };
        self.client.call(&call).await.map(|_| ())
    }
}

/// Lines in as many parts as calls are needed.
fn parts<'a, 'b>(lines: &'a [(i64, &'b str)]) -> Vec<&'a [(i64, &'b str)]> {
    let mut parts = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (index, (at, text)) in lines.iter().enumerate() {
        let size = text.len() + EVENT_BYTES;
        let first = lines.get(from).map_or(*at, |(at, _)| *at);
        let is_full = index - from >= EVENTS_MAX || bytes + size > BYTES_MAX || at - first >= SPAN_MS;
        if is_full && index > from {
            parts.extend(lines.get(from..index));
            (from, bytes) = (index, 0);
        }
        bytes += size;
    }
    parts.extend(lines.get(from..).filter(|rest| !rest.is_empty()));
    parts
}

/// `2026-11-26-10-05`, UTC.
fn minute(at: i64) -> String {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(u64::try_from(at).unwrap_or(0));
    // `Thu, 26 Nov 2026 10:05:00 GMT`
    let text = httpdate::fmt_http_date(time);
    let words: Vec<&str> = text.split([' ', ':']).collect();
    let [_, day, month, year, hour, minute, ..] = words.as_slice() else { return String::new() };
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|name| name == month).unwrap_or(0) + 1;
    format!("{year}-{month:02}-{day}-{hour}-{minute}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_as_large_as_the_service_takes() {
        let check = |lines: &[(i64, usize)], expected: &[usize]| {
            let texts: Vec<(i64, String)> = lines.iter().map(|(at, size)| (*at, "x".repeat(*size))).collect();
            let lines: Vec<(i64, &str)> = texts.iter().map(|(at, text)| (*at, text.as_str())).collect();
            let found: Vec<usize> = parts(&lines).iter().map(|part| part.len()).collect();
            assert_eq!(found, expected);
        };
        check(&[], &[]);
        check(&vec![(0, 1); EVENTS_MAX], &[EVENTS_MAX]);
        check(&vec![(0, 1); EVENTS_MAX + 1], &[EVENTS_MAX, 1]);
        let half = BYTES_MAX / 2 - EVENT_BYTES;
        check(&[(0, half), (0, half), (0, 0)], &[2, 1]);
        check(&[(0, half), (0, half + 1)], &[1, 1]);
        check(&[(0, 1), (SPAN_MS - 1, 1), (SPAN_MS, 1)], &[2, 1]);
    }

    #[test]
    fn a_stream_says_its_minute() {
        assert_eq!(minute(1_795_687_500_000), "2026-11-26-10-05");
    }
}
