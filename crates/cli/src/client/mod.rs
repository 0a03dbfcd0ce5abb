//! A client of the public API: one call at a time, with the shapes of `wire`. It works against any server that speaks the
//! API. It signs nothing: the Authorization header has the form that servers expect and no secret in it.

mod endpoint;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request as HttpRequest;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::Value;
use wire::{OperationName, Request};

pub use endpoint::Endpoint;

use crate::failure::{Exit, Failure};
use crate::output::note;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest wait for an answer of an operation that runs a whole Express execution (five minutes, and some).
const SYNC_ANSWER_TIMEOUT: Duration = Duration::from_secs(330);
/// Longest wait for an activity's task: a poll lasts a minute (API reference, GetActivityTask).
const POLL_ANSWER_TIMEOUT: Duration = Duration::from_secs(75);
/// Longest answer that is read. The service's longest is about 1 MB.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A client of one server.
#[derive(Clone, Debug)]
pub struct Client {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    endpoint: Endpoint,
    authorization: String,
    debug: bool,
}

/// What is known of an answer that is not one of the API.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// The server's time: its Date header.
    pub date: Option<String>,
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The server refused: the error's code and message.
    Refused {
        /// The shape's name, such as `ExecutionDoesNotExist`.
        code: String,
        /// The server's words.
        message: String,
    },
    /// There is no server, or it is not one of this API.
    Unreachable(Failure),
}

impl CallError {
    /// Whether the server refused with this code.
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable(failure) => failure,
            CallError::Refused { code, message } => {
                let exit = if is_about_the_caller(&code) { Exit::Unauthorised } else { Exit::Refused };
                let message = crate::terminal::printable(&message);
                Self::new(exit, if message.is_empty() { code } else { format!("{code}: {message}") })
            }
        }
    }
}

fn is_about_the_caller(code: &str) -> bool {
    matches!(
        code,
        "AccessDeniedException"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignatureException"
            | "ExpiredTokenException"
    )
}

impl Client {
    /// A client. Nothing is sent yet.
    pub fn new(endpoint: Endpoint, region: &str, debug: bool) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_nodelay(true);
        let scope = format!("20260101/{region}/{}/aws4_request", wire::SIGNING_NAME);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=stepwell/{scope}, SignedHeaders=host;x-amz-date, Signature={}",
            "0".repeat(64)
        );
        let http = HttpClient::builder(TokioExecutor::new()).build(connector);
        Self { http, endpoint, authorization, debug }
    }

    /// The server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// When the server refuses, cannot be reached, or answers with something else.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Response, CallError> {
        let body = serde_json::to_vec(request)
            .map_err(|error| self.unreachable(format!("the request cannot be written: {error}")))?;
        let started = Instant::now();
        let name = format!("{:?}", R::OPERATION);
        let patience = match R::OPERATION {
            OperationName::StartSyncExecution | OperationName::TestState => SYNC_ANSWER_TIMEOUT,
            OperationName::GetActivityTask => POLL_ANSWER_TIMEOUT,
            _ => ANSWER_TIMEOUT,
        };
        let (status, request_id, answer) =
            tokio::time::timeout(patience, self.send(&name, body)).await.map_err(|_| {
                self.unreachable(format!("no answer to {name} within {} s", patience.as_secs()))
            })??;
        if self.debug {
            note(&format!(
                "{name}: {status} in {} ms, request id {request_id}",
                started.elapsed().as_millis()
            ));
        }
        if status == 200 {
            return serde_json::from_slice(&answer).map_err(|error| {
                self.unreachable(format!("the answer to {name} is not as expected: {error}"))
            });
        }
        Err(refusal(&answer).unwrap_or_else(|| {
            self.unreachable(format!("answered {name} with status {status} and no error of the API"))
        }))
    }

    /// Asks for something that is not an operation, such as `/health`.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn get(&self, path: &str) -> Result<Page, String> {
        let base = self.endpoint.to_string();
        let request = HttpRequest::get(format!("{base}{path}")).body(Full::default());
        let request = request.map_err(|error| error.to_string())?;
        let response = self.http.request(request).await.map_err(|error| root_cause(&error))?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
        Ok(Page { status: response.status().as_u16(), date })
    }

    async fn send(&self, name: &str, body: Vec<u8>) -> Result<(u16, String, Bytes), CallError> {
        let request = HttpRequest::post(self.endpoint.url())
            .header(CONTENT_TYPE, HeaderValue::from_static(wire::CONTENT_TYPE))
            .header("x-amz-target", format!("{}.{name}", wire::TARGET_PREFIX))
            .header("x-amz-date", "20260101T000000Z")
            .header(AUTHORIZATION, &self.authorization)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| self.unreachable(error.to_string()))?;
        let response =
            self.http.request(request).await.map_err(|error| self.unreachable(root_cause(&error)))?;
        let status = response.status().as_u16();
        let request_id = response
            .headers()
            .get("x-amzn-requestid")
            .and_then(|id| id.to_str().ok())
            .unwrap_or("-")
            .to_owned();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body =
            body.map_err(|error| self.unreachable(format!("the answer to {name} broke off: {error}")))?;
        Ok((status, request_id, body.to_bytes()))
    }

    fn unreachable(&self, why: String) -> CallError {
        let failure = Failure::new(Exit::Unreachable, format!("the server at {}: {why}", self.endpoint))
            .hint("start one with `stepwell serve`, or say where it is with `--endpoint URL` or STEPWELL_ENDPOINT");
        CallError::Unreachable(failure)
    }
}

/// The innermost error, which is the one that says something ("connection refused").
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn refusal(answer: &[u8]) -> Option<CallError> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(rename = "__type")]
        code: String,
        #[serde(alias = "Message", default)]
        message: Value,
    }
    let body: Body = serde_json::from_slice(answer).ok()?;
    let code = body.code.rsplit('#').next().unwrap_or_default().to_owned();
    Some(CallError::Refused { code, message: body.message.as_str().unwrap_or_default().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{CallError, refusal};
    use crate::failure::{Exit, Failure};

    #[track_caller]
    fn check(body: &str, wanted: Option<(Exit, &str)>) {
        let found = refusal(body.as_bytes()).map(Failure::from);
        assert_eq!(found, wanted.map(|(exit, text)| Failure::new(exit, text)), "{body}");
    }

    #[test]
    fn refusals_are_read() {
        check(r#"{"__type":"InvalidArn","message":"m"}"#, Some((Exit::Refused, "InvalidArn: m")));
        check(
            r#"{"__type":"com.amazonaws#InvalidArn","Message":"m"}"#,
            Some((Exit::Refused, "InvalidArn: m")),
        );
        check(
            r#"{"__type":"AccessDeniedException","message":null}"#,
            Some((Exit::Unauthorised, "AccessDeniedException")),
        );
        check("<html>", None);
        check("{}", None);
        let refused = CallError::Refused { code: "InvalidArn".into(), message: String::new() };
        assert!(refused.is("InvalidArn") && !refused.is("InvalidName"));
    }
}
