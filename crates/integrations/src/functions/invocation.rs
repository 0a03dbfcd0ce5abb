//! What is asked of a function and what it answers, with the texts of AWS for the ways in which a process can fail.
//!
//! Only data. Who asks is `lambda`; who answers is a process, seen through `runtime_api`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use value::{Object, Value};

/// Most bytes of a response (AWS: 6 MB, with this many bytes in its error's text).
pub(crate) const RESPONSE_BYTES_MAX: usize = 6_291_556;

/// One invocation of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Names the invocation in logs and errors; a UUID.
    pub request_id: Arc<str>,
    /// The event: JSON text.
    pub payload: Bytes,
    /// ARN under which the function was called, with a qualifier if there was one.
    pub function_arn: Arc<str>,
    /// Client context: JSON text.
    pub client_context: Option<Arc<str>>,
    /// `X-Amzn-Trace-Id`.
    pub trace_header: Option<Arc<str>>,
    /// Names the effect that the invocation stands for; the same when the same effect is tried again after a crash.
    pub idempotency_key: Option<Arc<str>>,
}

/// What came of an invocation.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The function's result, or the error document when `is_error`. Exactly the bytes that the function sent.
    pub payload: Bytes,
    /// The function failed: it raised, timed out, exited or could not be started.
    pub is_error: bool,
    /// The end of what the function wrote to its standard output and standard error, as Lambda's `LogResult` has it.
    pub log_tail: String,
    /// Time from the hand-over to the answer.
    pub duration: Duration,
}

/// Why a process gave no answer of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// It ran longer than the function's timeout.
    TimedOut(Duration),
    /// It ended: what its exit status says (`exit status 1`, `signal: killed`), or nothing when it ended with success.
    Exited(Option<String>),
    /// It used more memory than the function has.
    OutOfMemory,
    /// There is nothing to start.
    NoEntrypoint(String),
    /// The answer is larger than AWS allows.
    ResponseTooLarge,
}

impl Fault {
    /// The error document that AWS returns for it.
    pub(crate) fn document(&self, request_id: &str) -> Bytes {
        let (error_type, message) = match self {
            Fault::TimedOut(limit) => {
                ("Sandbox.Timedout", format!("Task timed out after {:.2} seconds", limit.as_secs_f64()))
            }
            Fault::Exited(Some(status)) => {
                ("Runtime.ExitError", format!("Runtime exited with error: {status}"))
            }
            Fault::Exited(None) => {
                ("Runtime.ExitError", "Runtime exited without providing a reason".to_owned())
            }
            Fault::OutOfMemory => {
                ("Runtime.OutOfMemory", "Runtime exited with error: signal: killed".to_owned())
            }
            Fault::NoEntrypoint(reason) => ("Runtime.InvalidEntrypoint", reason.clone()),
            Fault::ResponseTooLarge => return too_large(),
        };
        document(error_type, &format!("RequestId: {request_id} Error: {message}"))
    }
}

fn too_large() -> Bytes {
    let text =
        format!("Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes).");
    document("Function.ResponseSizeTooLarge", &text)
}

fn document(error_type: &str, message: &str) -> Bytes {
    let members = [("errorType", error_type), ("errorMessage", message)];
    let object: Object =
        members.into_iter().map(|(name, text)| (Arc::from(name), Value::from(text))).collect();
    Bytes::from(Value::from(object).to_json())
}

/// What an exit status says, in the words of Lambda (those of Go); nothing for success.
pub(crate) fn exit_text(status: std::process::ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    if let Some(signal) = status.signal() {
        let name = match signal {
            1 => "hangup",
            2 => "interrupt",
            4 => "illegal instruction",
            6 => "aborted",
            7 => "bus error",
            8 => "floating point exception",
            9 => "killed",
            11 => "segmentation fault",
            13 => "broken pipe",
            15 => "terminated",
            other => return Some(format!("signal: {other}")),
        };
        return Some(format!("signal: {name}"));
    }
    status.code().filter(|code| *code != 0).map(|code| format!("exit status {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn documents_have_the_texts_of_aws() {
        let check = |fault: Fault, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&fault.document("r-1")), expected, "{fault:?}");
        };
        check(
            Fault::TimedOut(Duration::from_secs(3)),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r-1 Error: Task timed out after 3.00 seconds"}"#,
        );
        check(
            Fault::Exited(exit_text(std::process::ExitStatus::from_raw(0x100))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r-1 Error: Runtime exited with error: exit status 1"}"#,
        );
        check(
            Fault::Exited(exit_text(std::process::ExitStatus::from_raw(9))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r-1 Error: Runtime exited with error: signal: killed"}"#,
        );
        check(
            Fault::Exited(exit_text(std::process::ExitStatus::from_raw(0))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r-1 Error: Runtime exited without providing a reason"}"#,
        );
        check(
            Fault::ResponseTooLarge,
            r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#,
        );
    }
}
