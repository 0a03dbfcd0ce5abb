//! Errors that services answer with, and how a workflow sees them.

use std::sync::Arc;

use value::Value;

use crate::response::{Response, with_root};
use crate::service::{Operation, Protocol, Service};
use crate::{cbor, customization, json, xml};

/// Services of which errors without the number of attempts are recorded, from the time before Step Functions had it.
const WITHOUT_ATTEMPTS: [&str; 3] = ["DynamoDb", "S3", "SecretsManager"];

/// Codes that mean "slower, please"; the call was not made.
const THROTTLING: [&str; 14] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

/// An error of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// As a Retrier names it: `DynamoDb.ResourceNotFoundException`.
    pub name: String,
    /// The service's own code, if it sent one.
    pub code: Option<String>,
    /// The service's own message, if it sent one.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// By which the service knows the call.
    pub request_id: Option<String>,
    /// By which S3 knows the call too.
    pub extended_request_id: Option<String>,
    prefix: Arc<str>,
}

impl ApiError {
    /// The cause that a workflow sees, after `attempts` attempts (recorded; the number of attempts is what later recordings have).
    pub fn cause(&self, attempts: u32) -> String {
        let message = match (&self.message, &self.code) {
            (Some(message), _) => message.clone(),
            (None, Some(_)) => "null".to_owned(),
            (None, None) => format!("Service returned HTTP status code {}", self.status),
        };
        let id = self.request_id.as_deref().unwrap_or("null");
        let mut text =
            format!("{message} (Service: {}, Status Code: {}, Request ID: {id}", self.prefix, self.status);
        if let Some(id) = &self.extended_request_id {
            text.push_str(&format!(", Extended Request ID: {id}"));
        }
        text.push(')');
        if !WITHOUT_ATTEMPTS.contains(&&*self.prefix) {
            text.push_str(&format!(" (SDK Attempt Count: {attempts})"));
        }
        text
    }

    /// The service did nothing because it was asked too often: the same call may be made again, later.
    pub fn is_throttling(&self) -> bool {
        self.status == 429 || self.code.as_deref().is_some_and(|code| THROTTLING.contains(&code))
    }

    /// The service failed for a moment; whether it did something is not known.
    pub fn is_transient(&self) -> bool {
        matches!(self.status, 500 | 502 | 503 | 504)
            || matches!(
                self.code.as_deref(),
                Some("RequestTimeout" | "RequestTimeoutException" | "InternalError")
            )
    }
}

/// What an error's body and headers say.
#[derive(Default)]
struct Told {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

/// Reads an error.
pub(crate) fn read(service: &Service, operation: &Operation, response: &Response) -> Box<ApiError> {
    let told = match service.protocol {
        Protocol::Json | Protocol::RestJson => of_json(json::parse(&response.body), response),
        Protocol::RpcV2Cbor => of_json(cbor::parse(&response.body), response),
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => of_xml(response),
    };
    let code = told.code.or_else(|| customization::code_of_status(service, operation, response));
    Box::new(build(service, response, code, told.message, told.request_id))
}

/// The error for an answer that cannot be read.
pub(crate) fn unreadable(service: &Service, response: &Response) -> Box<ApiError> {
    let message = format!("Unable to unmarshall response ({} bytes)", response.body.len());
    let error = build(service, response, None, Some(message), None);
    Box::new(ApiError { name: format!("{}.SdkClientException", service.prefix), ..error })
}

fn build(
    service: &Service,
    response: &Response,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
) -> ApiError {
    let known = code
        .as_deref()
        .and_then(|code| service.errors.iter().find(|error| &*error.code == code || &*error.shape == code));
    // The code that the error had before the service changed its protocol.
    let older = response.header("x-amzn-query-error").and_then(|text| text.split(';').next());
    let code = older.filter(|older| !older.is_empty()).map(str::to_owned).or(code);
    // An error that the model does not have is the service's general one (recorded: `DynamoDb.DynamoDbException`).
    let name = known.map_or_else(|| format!("{}Exception", service.prefix), |error| error.name.to_string());
    let header = |names: &[&str]| names.iter().find_map(|name| response.header(name)).map(str::to_owned);
    ApiError {
        name: format!("{}.{name}", service.prefix),
        code,
        message,
        status: response.status,
        request_id: header(&["x-amzn-requestid", "x-amz-request-id"]).or(request_id),
        extended_request_id: header(&["x-amz-id-2"]),
        prefix: Arc::clone(&service.prefix),
    }
}

fn of_json(body: Option<Value>, response: &Response) -> Told {
    let body = body.unwrap_or_default();
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    // `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`, `NotFoundException:http://…`
    let header = response.header("x-amzn-errortype").map(str::to_owned);
    let code = header.or_else(|| text(&["__type", "code", "Code"])).map(|code| {
        let code = code.split(':').next().unwrap_or_default();
        code.rsplit('#').next().unwrap_or_default().to_owned()
    });
    Told {
        code: code.filter(|code| !code.is_empty()),
        message: text(&["message", "Message", "errorMessage"]),
        request_id: None,
    }
}

/// `<ErrorResponse><Error>`, `<Response><Errors><Error>`, or `<Error>`.
fn of_xml(response: &Response) -> Told {
    let told = with_root(response, |root| {
        let error = xml::child(root, "Error")
            .or_else(|| xml::child(xml::child(root, "Errors")?, "Error"))
            .unwrap_or(root);
        let text =
            |node, name: &str| xml::child(node, name).map(xml::content).filter(|text| !text.is_empty());
        Told {
            code: text(error, "Code"),
            message: text(error, "Message").or_else(|| text(error, "message")),
            request_id: text(root, "RequestId").or_else(|| text(root, "RequestID")),
        }
    });
    told.unwrap_or_default()
}
