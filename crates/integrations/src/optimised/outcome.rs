//! Results and errors of the optimised integrations. They are called through version 1 of AWS's SDK for Java, whose names and causes
//! are not those of the AWS SDK integrations (recorded: `DynamoDB.AmazonDynamoDBException`, `SNS.InvalidParameterException`).

use std::sync::Arc;
use std::time::Duration;

use aws_client::{Answer, CallError};
use aws_model::ApiError;
use task::{Call, Failure};
use value::{Object, Payload, Value};

use super::table::Row;
use crate::sdk_metadata;

/// How long the name of a host is looked up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// The result of a call, members in alphabetical order (recorded).
pub(super) fn result(row: &Row, answer: Answer) -> Payload {
    let Value::Obj(members) = answer.result else { return Payload::from_value(answer.result) };
    if !row.service.has_metadata {
        return Payload::from_value(Value::Obj(members));
    }
    let request_id = answer.response.header("x-amzn-requestid").unwrap_or_default();
    let metadata = sdk_metadata::members(answer.response.status, &answer.response.headers, request_id);
    let metadata = metadata.into_iter().map(|(name, value)| (Arc::from(name), value));
    let own = members.iter().map(|(name, value)| (Arc::clone(name), value.clone()));
    let mut all: Vec<(Arc<str>, Value)> = own.chain(metadata).collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    Payload::from_value(Value::Obj(all.into_iter().collect::<Object>()))
}

/// The error of a call that gave no result. `sdk_prefix` is what the error's name begins with for the AWS SDK integrations.
pub(super) async fn failure(call: &Call, row: &Row, sdk_prefix: &str, error: &CallError) -> Failure {
    match error {
        CallError::Parameters(problems) => call.unusable(&problems.to_string()),
        CallError::Service { error, .. } => match unknown_host(call, row).await {
            Some(host) => no_answer(row, &format!("{host}: Name or service not known")),
            None => refused(row, sdk_prefix, error),
        },
        CallError::Unsent { reason, .. } | CallError::Unanswered { reason, .. } => no_answer(row, reason),
    }
}

fn no_answer(row: &Row, why: &str) -> Failure {
    let error = format!("{}.SdkClientException", row.service.prefix);
    Failure::new(error, format!("Unable to execute HTTP request: {why}"))
}

fn refused(row: &Row, sdk_prefix: &str, error: &ApiError) -> Failure {
    let name = error.name.strip_prefix(sdk_prefix).and_then(|rest| rest.strip_prefix('.'));
    let name = name.unwrap_or(&error.name);
    let is_general = name.strip_prefix(sdk_prefix) == Some("Exception");
    let name = if is_general { row.service.general_error } else { name };
    let cause = format!(
        "{} (Service: {}; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
        error.message.as_deref().unwrap_or("null"),
        row.service.shown,
        error.status,
        error.code.as_deref().unwrap_or("null"),
        error.request_id.as_deref().unwrap_or("null"),
    );
    Failure::new(format!("{}.{name}", row.service.prefix), cause)
}

/// The host of the URL that the SDK would have sent the request to, when there is none of that name.
///
/// The SDK sends to that host and nowhere else; here all goes to the service's address, so that a URL made up by an endpoint in a
/// container does no harm. Only a call that failed anyway is looked at: whether it had no chance at AWS either (recorded:
/// `SQS.SdkClientException` for `http://no-such-queue`).
async fn unknown_host(call: &Call, row: &Row) -> Option<String> {
    let url = call.parameters.value().get(row.service.address?)?.as_str()?.parse::<hyper::Uri>().ok()?;
    let host = url.host()?;
    let lookup = tokio::net::lookup_host((host, 443));
    let found = tokio::time::timeout(LOOKUP_TIMEOUT, lookup).await.ok()?;
    found.is_err().then(|| host.to_owned())
}
