//! A response of the Invoke API and what a workflow sees of it: the result with its `SdkHttpMetadata`, or the error.
//!
//! The forms are those that the service was recorded to give; it uses version 1 of AWS's SDK for Java, whose traits (texts of
//! errors) show through.

use std::sync::Arc;

use bytes::Bytes;
use task::Failure;
use value::{Object, Payload, Value};

use crate::sdk_metadata;

/// Most bytes of a task's result (256 KiB). A larger one is refused elsewhere, whatever it is; it need not be JSON.
const RESULT_BYTES_MAX: usize = 262_144;

/// A response, whoever gave it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Response {
    pub status: u16,
    /// Headers as they came, in order.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let is_it = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers.iter().find(is_it).map(|(_, value)| value.as_str())
    }

    /// The result of the function alone: what a Task whose resource is a function's ARN gets.
    ///
    /// # Errors
    /// The failure that the workflow sees: Lambda's refusal, or the function's own error.
    pub(crate) fn into_result(self) -> Result<Payload, Failure> {
        self.check()?;
        result(&self.body)
    }

    /// The whole response: what a `lambda:invoke` Task gets.
    ///
    /// # Errors
    /// As for [`Response::into_result`].
    pub(crate) fn into_invoke_result(self) -> Result<Payload, Failure> {
        self.check().map_err(compact_cause)?;
        let payload =
            if self.body.is_empty() { Value::from("") } else { result(&self.body)?.value().clone() };
        let mut members = Object::new();
        if let Some(version) = self.header("x-amz-executed-version") {
            members.insert("ExecutedVersion", version);
        }
        if let Some(log) = self.header("x-amz-log-result") {
            members.insert("LogResult", log);
        }
        members.insert("Payload", payload);
        let request_id = self.header("x-amzn-requestid").unwrap_or_default();
        members.extend(sdk_metadata::members(self.status, &self.headers, request_id));
        members.insert("StatusCode", i64::from(self.status));
        Ok(Payload::from_value(Value::from(members)))
    }

    fn check(&self) -> Result<(), Failure> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal());
        }
        match self.header("x-amz-function-error") {
            Some(_) => Err(function_error(&self.body)),
            None => Ok(()),
        }
    }

    /// An error of Lambda itself, with the text of the Java SDK.
    fn refusal(&self) -> Failure {
        let kind = self
            .header("x-amzn-errortype")
            .and_then(|text| text.split([':', ',']).next())
            .unwrap_or_default();
        let body = Value::parse(&String::from_utf8_lossy(&self.body)).unwrap_or_default();
        let message =
            ["Message", "message", "errorMessage"].into_iter().find_map(|name| body.get(name)?.as_str());
        let mut message = message.unwrap_or("null").to_owned();
        // Step Functions asks for `$LATEST` when nothing else is asked for, and the answer names it (recorded).
        if message.starts_with("Function not found: arn:") && message.split(':').count() == 8 {
            message.push_str(":$LATEST");
        }
        let error = if kind.is_empty() { "AWSLambdaException" } else { kind };
        let cause = format!(
            "{message} (Service: AWSLambda; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
            self.status,
            if kind.is_empty() { "null" } else { kind },
            self.header("x-amzn-requestid").unwrap_or("null"),
        );
        Failure::new(format!("Lambda.{error}"), cause)
    }
}

/// The function's result as a payload: its bytes as they are, where they are JSON.
fn result(body: &Bytes) -> Result<Payload, Failure> {
    let text: Arc<str> = String::from_utf8_lossy(body).into();
    match Payload::parse(Arc::clone(&text)) {
        Ok(payload) => Ok(payload),
        Err(_) if text.len() > RESULT_BYTES_MAX => Ok(Payload::from_value(Value::from(text))),
        Err(error) => Err(Failure::new(
            "Lambda.Unknown",
            format!("The function returned a payload that is not JSON: {error}"),
        )),
    }
}

/// An error that the function raised or that its process met: `errorType` is its name, the document its cause.
fn function_error(body: &Bytes) -> Failure {
    let text: Arc<str> = String::from_utf8_lossy(body).into();
    let document = Value::parse(&text).unwrap_or_default();
    match document.get("errorType").and_then(Value::as_str) {
        Some(kind) if !kind.is_empty() => Failure::new(kind, text),
        _ => Failure::new(
            "Lambda.Unknown",
            format!(
                "The cause could not be determined because Lambda did not return an error type. Returned payload: {text}"
            ),
        ),
    }
}

/// The service writes the error document anew on its way through `lambda:invoke`; a function's ARN keeps the text (recorded).
fn compact_cause(failure: Failure) -> Failure {
    let document = failure.cause.as_deref().and_then(|cause| Value::parse(cause).ok());
    match document {
        Some(document) => Failure { cause: Some(document.to_json().into()), ..failure },
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: Bytes::from(body.to_owned()) }
    }

    fn show(result: Result<Payload, Failure>) -> String {
        match result {
            Ok(payload) => payload.text().to_string(),
            Err(failure) => format!("{}: {}", failure.error, failure.cause.unwrap_or_default()),
        }
    }

    #[test]
    fn a_whole_response_has_the_recorded_order() {
        let headers = [
            ("Date", "d"),
            ("Content-Type", "application/json"),
            ("Content-Length", "8"),
            ("Connection", "keep-alive"),
            ("x-amzn-RequestId", "r"),
            ("x-amzn-Remapped-Content-Length", "0"),
            ("X-Amz-Log-Result", "bG9n"),
            ("X-Amz-Executed-Version", "$LATEST"),
            ("X-Amzn-Trace-Id", "t"),
        ];
        let expected = concat!(
            r#"{"ExecutedVersion":"$LATEST","LogResult":"bG9n","Payload":{"a":1},"SdkHttpMetadata":{"AllHttpHeaders":{"#,
            r#""X-Amz-Log-Result":["bG9n"],"X-Amz-Executed-Version":["$LATEST"],"x-amzn-Remapped-Content-Length":["0"],"#,
            r#""Connection":["keep-alive"],"x-amzn-RequestId":["r"],"Content-Length":["8"],"Date":["d"],"#,
            r#""X-Amzn-Trace-Id":["t"],"Content-Type":["application/json"]},"HttpHeaders":{"Connection":"keep-alive","#,
            r#""Content-Length":"8","Content-Type":"application/json","Date":"d","X-Amz-Executed-Version":"$LATEST","#,
            r#""X-Amz-Log-Result":"bG9n","x-amzn-Remapped-Content-Length":"0","x-amzn-RequestId":"r","#,
            r#""X-Amzn-Trace-Id":"t"},"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"r"},"StatusCode":200}"#,
        );
        assert_eq!(show(response(200, &headers, "{\"a\": 1}").into_invoke_result()), expected);
    }

    #[test]
    fn results_and_errors() {
        let check = |response: Response, expected: &str| assert_eq!(show(response.into_result()), expected);
        check(response(200, &[], "{\"a\": 1}"), "{\"a\": 1}");
        let failed = [("X-Amz-Function-Error", "Unhandled")];
        let document = r#"{"errorMessage": "no", "errorType": "Refused"}"#;
        check(response(200, &failed, document), &format!("Refused: {document}"));
        check(
            response(200, &failed, r#"{"errorMessage":"x"}"#),
            "Lambda.Unknown: The cause could not be determined because Lambda did not return an error type. Returned payload: {\"errorMessage\":\"x\"}",
        );
        let headers = [("x-amzn-ErrorType", "ResourceNotFoundException"), ("x-amzn-RequestId", "r")];
        check(
            response(
                404,
                &headers,
                r#"{"Message":"Function not found: arn:aws:lambda:us-east-1:1:function:f"}"#,
            ),
            "Lambda.ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:1:function:f:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
        );
        let headers = [("x-amzn-ErrorType", "TooManyRequestsException:http://x/"), ("x-amzn-RequestId", "r")];
        check(
            response(429, &headers, r#"{"message":"Rate Exceeded."}"#),
            "Lambda.TooManyRequestsException: Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: r; Proxy: null)",
        );
        check(
            response(502, &[], "bad gateway"),
            "Lambda.AWSLambdaException: null (Service: AWSLambda; Status Code: 502; Error Code: null; Request ID: null; Proxy: null)",
        );
    }

    #[test]
    fn what_is_no_json_is_an_error_unless_it_is_too_large_anyway() {
        let failure = response(200, &[], "oops").into_result().unwrap_err();
        assert_eq!(&*failure.error, "Lambda.Unknown");
        let large = "a".repeat(RESULT_BYTES_MAX + 1);
        assert!(response(200, &[], &large).into_invoke_result().unwrap().len() > RESULT_BYTES_MAX);
    }
}
