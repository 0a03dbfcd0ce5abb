//! What tasks return, as far as it is documented: the results of optimised integrations (developer guide, "Integrating
//! optimized services"; recorded for Lambda, Step Functions, SQS, SNS and DynamoDB). Whatever else a task returns is not known.

use super::super::shape::{Member, Members, NULL, NUMBER, Presence, STRING, Shape};
use crate::{Name, Pattern, ResourceKind, Task};

/// The shape of a task's result.
pub(super) fn task_result(task: &Task) -> Shape {
    let ResourceKind::Service { resource_type, resource, pattern } = &task.resource.kind else {
        return Shape::ANY;
    };
    let api = resource.split('.').next().unwrap_or_default();
    match (&**resource_type, api, pattern) {
        (_, _, Pattern::WaitForTaskToken) => Shape::ANY,
        ("lambda", "invoke", _) => service(
            &[("ExecutedVersion", STRING), ("StatusCode", NUMBER)],
            &["Payload", "LogResult", "FunctionError"],
        ),
        ("states", "startExecution", Pattern::RequestResponse) => {
            service(&[("ExecutionArn", STRING)], &["StartDate"])
        }
        ("states", "startExecution", _) => service(
            &[("ExecutionArn", STRING), ("Name", STRING), ("StateMachineArn", STRING), ("Status", STRING)],
            &[
                "Input",
                "InputDetails",
                "Output",
                "OutputDetails",
                "StartDate",
                "StopDate",
                "TraceHeader",
                "MapRunArn",
                "StateMachineVersionArn",
                "StateMachineAliasArn",
                "RedriveCount",
                "RedriveDate",
                "RedriveStatus",
                "RedriveStatusReason",
                "BillingDetails",
            ],
        ),
        ("sqs", "sendMessage", _) => service(
            &[("MessageId", STRING)],
            &[
                "MD5OfMessageBody",
                "Md5OfMessageBody",
                "MD5OfMessageAttributes",
                "Md5OfMessageAttributes",
                "MD5OfMessageSystemAttributes",
                "Md5OfMessageSystemAttributes",
                "SequenceNumber",
            ],
        ),
        ("sns", "publish", _) => service(&[("MessageId", STRING)], &["SequenceNumber"]),
        ("dynamodb", "getItem", _) => service(&[], &["Item", "ConsumedCapacity"]),
        ("dynamodb", _, _) => service(&[], &["Attributes", "ConsumedCapacity", "ItemCollectionMetrics"]),
        ("events", "putEvents", _) => service(&[("FailedEntryCount", NUMBER)], &["Entries"]),
        _ => Shape::ANY,
    }
}

/// A service's answer: scalars that are always there, what else there may be, and the metadata.
fn service(always: &[(&str, u8)], perhaps: &[&str]) -> Shape {
    let always = always.iter().map(|(name, kind)| (*name, Shape::scalar(*kind), Presence::Always));
    let perhaps = ["SdkHttpMetadata", "SdkResponseMetadata"]
        .iter()
        .chain(perhaps)
        .map(|name| (*name, Shape::ANY, Presence::Perhaps));
    let members =
        always.chain(perhaps).map(|(name, shape, presence)| (Name::from(name), Member { shape, presence }));
    Shape::object(Members { known: members.collect(), is_open: false })
}

/// The error output that a Catcher gets (recorded: the cause may be null).
pub(super) fn error_output() -> Shape {
    Shape::closed([("Error", Shape::scalar(STRING | NULL)), ("Cause", Shape::scalar(STRING | NULL))])
}

/// The result of a distributed Map that writes its results elsewhere.
pub(super) fn written_results() -> Shape {
    let details = Shape::closed([("Bucket", Shape::scalar(STRING)), ("Key", Shape::scalar(STRING))]);
    Shape::closed([("MapRunArn", Shape::scalar(STRING)), ("ResultWriterDetails", details)])
}
