//! Errors of calls as a workflow sees them.

use aws_client::CallError;
use aws_model::Service;
use task::{Call, Failure};

/// The error of an AWS SDK integration: the service's own as recorded, and `<Prefix>.SdkClientException`, as the AWS SDK for Java
/// has it, when there was no answer.
pub fn failure(call: &Call, service: &Service, error: &CallError) -> Failure {
    let no_answer = |why: &str, attempts: &u32| {
        let cause = format!("Unable to execute HTTP request: {why} (SDK Attempt Count: {attempts})");
        Failure::new(format!("{}.SdkClientException", service.prefix), cause)
    };
    match error {
        CallError::Parameters(problems) => call.unusable(&problems.to_string()),
        CallError::Service { error, attempts, .. } => {
            Failure::new(error.name.as_str(), error.cause(*attempts))
        }
        CallError::Unsent { reason, attempts } => no_answer(reason, attempts),
        CallError::Unanswered { reason, attempts } => no_answer(reason, attempts),
    }
}
