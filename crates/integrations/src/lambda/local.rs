//! Lambda's answers for functions of the function host: the responses that the Invoke API would have given.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use task::Call;
use uuid::Uuid;

use super::request::{InvocationType, Request};
use super::response::Response;
use crate::functions::{Answer, FunctionHost, Invocation, InvokeError};

/// Where the host's functions are, as ARNs have it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub region: String,
    pub account: String,
}

impl Place {
    fn function_arn(&self, name: &str) -> String {
        format!("arn:aws:lambda:{}:{}:function:{name}", self.region, self.account)
    }
}

/// Invokes a function of the host.
pub(crate) async fn invoke(host: &FunctionHost, place: &Place, request: &Request, call: &Call) -> Response {
    let name = &request.function.name;
    let id = Uuid::new_v4().to_string();
    if let Err(error) = value::Value::parse(&String::from_utf8_lossy(&request.event)) {
        let message =
            format!("Could not parse request body into json: Could not parse payload into json: {error}");
        return refusal(&id, 400, "InvalidRequestContentException", &message);
    }
    let invocation = invocation(&id, place, request, call);
    let answer = match request.invocation {
        InvocationType::RequestResponse => host.invoke(name, &invocation).await.map(Some),
        InvocationType::Event => host.invoke_in_background(name, invocation.clone()).map(|()| None),
        InvocationType::DryRun if host.contains(name) => Ok(None),
        InvocationType::DryRun => Err(InvokeError::Unknown),
    };
    match answer {
        Ok(Some(answer)) => answered(&id, request, &invocation, answer),
        Ok(None) => accepted(&id, request, &invocation),
        Err(InvokeError::Unknown) => not_found(&id, host, place, request),
        Err(InvokeError::Stopped) => stopped(&id),
    }
}

fn invocation(id: &str, place: &Place, request: &Request, call: &Call) -> Invocation {
    let arn = request.function.arn.clone().unwrap_or_else(|| place.function_arn(&request.function.name));
    let arn = match &request.function.qualifier {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    };
    let context = request.client_context.as_ref().and_then(|text| BASE64.decode(text).ok());
    Invocation {
        request_id: id.into(),
        payload: request.event.clone(),
        function_arn: arn.into(),
        client_context: context.and_then(|bytes| String::from_utf8(bytes).ok()).map(Into::into),
        trace_header: Some(call.trace_header.clone().unwrap_or_else(|| new_trace().into())),
        idempotency_key: Some(call.idempotency_key.clone()),
    }
}

/// `Root=1-<seconds>-<random>`, as the service gives to a call that has none.
fn new_trace() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("Root=1-{seconds:08x}-{};Sampled=0", &Uuid::new_v4().simple().to_string()[..24])
}

fn answered(id: &str, request: &Request, invocation: &Invocation, answer: Answer) -> Response {
    let mut headers = common_headers(id, answer.payload.len());
    headers.push(("x-amzn-Remapped-Content-Length", "0".to_owned()));
    if answer.is_error {
        headers.push(("X-Amz-Function-Error", "Unhandled".to_owned()));
    }
    if request.with_log {
        headers.push(("X-Amz-Log-Result", BASE64.encode(&answer.log_tail)));
    }
    headers.push(("X-Amz-Executed-Version", "$LATEST".to_owned()));
    headers.extend(trace_header(invocation));
    response(200, headers, answer.payload)
}

fn accepted(id: &str, request: &Request, invocation: &Invocation) -> Response {
    let status = if request.invocation == InvocationType::Event { 202 } else { 204 };
    let mut headers = common_headers(id, 0);
    headers.push(("x-amzn-Remapped-Content-Length", "0".to_owned()));
    headers.extend(trace_header(invocation));
    response(status, headers, Bytes::new())
}

/// The service's text, and what to do about it.
fn not_found(id: &str, host: &FunctionHost, place: &Place, request: &Request) -> Response {
    let function = &request.function;
    let arn = function.arn.clone().unwrap_or_else(|| place.function_arn(&function.name));
    let qualifier = function.qualifier.as_deref().unwrap_or("$LATEST");
    let known: Vec<&str> = host.names().collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let message = format!(
        "Function not found: {arn}:{qualifier}. Functions here: {known}. Declare it as [functions.{}] in stepwell.toml, \
         with runtime, handler and code",
        function.name
    );
    refusal(id, 404, "ResourceNotFoundException", &message)
}

fn stopped(id: &str) -> Response {
    refusal(id, 503, "ServiceException", "the function host is shutting down")
}

fn refusal(id: &str, status: u16, kind: &str, message: &str) -> Response {
    let members: value::Object = [("Type", "User"), ("Message", message)].into_iter().collect();
    let body = Bytes::from(value::Value::from(members).to_json());
    let mut headers = common_headers(id, body.len());
    headers.push(("x-amzn-ErrorType", kind.to_owned()));
    response(status, headers, body)
}

fn common_headers(id: &str, length: usize) -> Vec<(&'static str, String)> {
    vec![
        ("Date", httpdate::fmt_http_date(SystemTime::now())),
        ("Content-Type", "application/json".to_owned()),
        ("Content-Length", length.to_string()),
        ("Connection", "keep-alive".to_owned()),
        ("x-amzn-RequestId", id.to_owned()),
    ]
}

fn trace_header(invocation: &Invocation) -> Option<(&'static str, String)> {
    invocation.trace_header.as_ref().map(|trace| ("X-Amzn-Trace-Id", trace.to_string()))
}

fn response(status: u16, headers: Vec<(&'static str, String)>, body: Bytes) -> Response {
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Response { status, headers, body }
}
