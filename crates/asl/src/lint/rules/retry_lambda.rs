//! SW3004: a function called without a Retrier for what passes by itself.

use super::super::Lint;
use super::super::place::Place;
use super::{calls_function, tasks};
use crate::diagnostic::Severity;
use crate::error_names::error_matches;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3004",
    title: "no Retrier for Lambda's transient errors",
    text: "Lambda is now and then busy or fails for a moment: `Lambda.ServiceException`, `Lambda.AWSLambdaException`, \
           `Lambda.SdkClientException`, `Lambda.TooManyRequestsException` and `Lambda.ClientExecutionTimeoutException`. The \
           developer guide recommends to retry them; the function did not run then, or may safely run again if it is \
           idempotent.",
    example: "\"Retry\": [{\"ErrorEquals\": [\"Lambda.ServiceException\", \"Lambda.AWSLambdaException\",\n\
              \x20          \"Lambda.SdkClientException\", \"Lambda.TooManyRequestsException\"],\n\
              \x20          \"IntervalSeconds\": 1, \"MaxAttempts\": 3, \"BackoffRate\": 2, \"JitterStrategy\": \"FULL\"}]",
    aws: "",
};

/// Errors of which a Retrier should take at least one.
const TRANSIENT: [&str; 2] = ["Lambda.ServiceException", "Lambda.TooManyRequestsException"];

pub(super) fn check(lint: &mut Lint<'_>) {
    for (at, state, task) in tasks(lint) {
        let is_retried = state
            .retry
            .iter()
            .any(|retrier| TRANSIENT.iter().any(|error| error_matches(&retrier.error_equals, error)));
        if calls_function(task) && !is_retried {
            let message = "no Retrier takes Lambda's transient errors".to_owned();
            lint.report(&RULE, Severity::Note, &Place::state(at), message, None);
        }
    }
}
