//! The optimised integrations, a row each: which operation of which service, by which patterns, and what is special about it.
//! Which parameters an operation takes and what it gives is in the table of `aws-model`.
//!
//! Source: Step Functions Developer Guide, "Integrating optimized services"; names of errors and of services in causes are recorded,
//! those of EventBridge are the SDK's.

use task::{Call, Failure};
use value::Value;

use super::events;

/// A service as the optimised integrations know it.
#[derive(Debug)]
pub(super) struct Service {
    /// In a `Resource`: `events`.
    pub name: &'static str,
    /// In the table of `aws-model`: `eventbridge`.
    pub model: &'static str,
    /// What error names begin with: `SQS` in `SQS.SdkClientException`.
    pub prefix: &'static str,
    /// The error that stands for all that the service's model does not have: `AmazonDynamoDBException`.
    pub general_error: &'static str,
    /// In causes: `AmazonDynamoDBv2`.
    pub shown: &'static str,
    /// Results have `SdkHttpMetadata` and `SdkResponseMetadata`.
    pub has_metadata: bool,
    /// The parameter with the URL that the SDK sends the request to, instead of to the service's address.
    pub address: Option<&'static str>,
}

/// An optimised integration.
#[derive(Debug)]
pub(super) struct Row {
    /// Whose operation.
    pub service: &'static Service,
    /// `sendMessage`.
    pub action: &'static str,
    /// `.waitForTaskToken` is there, too.
    pub has_token: bool,
    /// What the service gets, when that is not what the state says.
    pub prepare: Option<fn(&Call) -> Value>,
    /// The failure that a result without an error stands for.
    pub judge: Option<fn(&Value) -> Option<Failure>>,
}

const DYNAMODB: Service = Service {
    name: "dynamodb",
    model: "dynamodb",
    prefix: "DynamoDB",
    general_error: "AmazonDynamoDBException",
    shown: "AmazonDynamoDBv2",
    has_metadata: true,
    address: None,
};

const EVENTS: Service = Service {
    name: "events",
    model: "eventbridge",
    prefix: "EventBridge",
    general_error: "AmazonEventBridgeException",
    shown: "AmazonEventBridge",
    has_metadata: false,
    address: None,
};

const SNS: Service = Service {
    name: "sns",
    model: "sns",
    prefix: "SNS",
    general_error: "AmazonSNSException",
    shown: "AmazonSNS",
    has_metadata: true,
    address: None,
};

const SQS: Service = Service {
    name: "sqs",
    model: "sqs",
    prefix: "SQS",
    general_error: "AmazonSQSException",
    shown: "AmazonSQS",
    has_metadata: true,
    address: Some("QueueUrl"),
};

const fn row(service: &'static Service, action: &'static str) -> Row {
    Row { service, action, has_token: false, prepare: None, judge: None }
}

static ROWS: [Row; 7] = [
    row(&DYNAMODB, "deleteItem"),
    row(&DYNAMODB, "getItem"),
    row(&DYNAMODB, "putItem"),
    row(&DYNAMODB, "updateItem"),
    Row {
        has_token: true,
        prepare: Some(events::with_origin),
        judge: Some(events::failed_entry),
        ..row(&EVENTS, "putEvents")
    },
    Row { has_token: true, ..row(&SNS, "publish") },
    Row { has_token: true, ..row(&SQS, "sendMessage") },
];

/// The row of a `Resource` (`arn:<partition>:states:::<service>:<action>[.waitForTaskToken]`), and whether the task ends by token;
/// `None` when there is none.
pub(super) fn find(resource: &str) -> Option<(&'static Row, bool)> {
    let (partition, rest) = resource.strip_prefix("arn:")?.split_once(":states:::")?;
    let (service, action) = rest.split_once(':')?;
    let (action, wait_for_token) = match action.strip_suffix(".waitForTaskToken") {
        Some(action) => (action, true),
        None => (action, false),
    };
    let row = ROWS.iter().find(|row| row.service.name == service && row.action == action)?;
    let fits = !partition.contains(':') && (row.has_token || !wait_for_token);
    fits.then_some((row, wait_for_token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_an_operation() {
        for row in &ROWS {
            let service = aws_model::service(row.service.model);
            let operation = service.as_ref().and_then(|service| service.operation(row.action));
            assert!(operation.is_some(), "{}:{}", row.service.model, row.action);
        }
    }

    #[test]
    fn resources() {
        let check = |resource: &str, expected: Option<(&str, bool)>| {
            let found = find(resource).map(|(row, wait_for_token)| (row.service.prefix, wait_for_token));
            assert_eq!(found, expected, "{resource}");
        };
        check("arn:aws:states:::sqs:sendMessage", Some(("SQS", false)));
        check("arn:aws-cn:states:::sqs:sendMessage.waitForTaskToken", Some(("SQS", true)));
        check("arn:aws:states:::events:putEvents.waitForTaskToken", Some(("EventBridge", true)));
        check("arn:aws:states:::dynamodb:getItem", Some(("DynamoDB", false)));
        check("arn:aws:states:::dynamodb:getItem.waitForTaskToken", None);
        check("arn:aws:states:::sns:publish.sync", None);
        check("arn:aws:states:::sqs:receiveMessage", None);
        check("arn:aws:states:::aws-sdk:sqs:sendMessage", None);
        check("arn:aws:states:us-east-1::sqs:sendMessage", None);
        check("", None);
    }
}
