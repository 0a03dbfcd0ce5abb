//! SW3010: a call that is not idempotent and is repeated.

use super::super::Lint;
use super::super::place::Place;
use super::{integration, parameters_key, tasks};
use crate::diagnostic::Severity;
use crate::error_names::error_matches;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3010",
    title: "retry of a call that is not idempotent",
    text: "After a timeout or an error of the server nobody knows whether a POST or PATCH took effect, and this Retrier sends it \
           again. Send an idempotency key that stays the same over the attempts (the execution's name and the state's make a \
           good one), or retry only what was certainly refused: `States.Http.StatusCode.429`.",
    example: "\"Pay\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::http:invoke\", \"Parameters\": {\"Method\": \"POST\", …},\n\
              \x20       \"Retry\": [{\"ErrorEquals\": [\"States.ALL\"]}]}",
    aws: "",
};

/// What leaves open whether the call took effect.
const AMBIGUOUS: [&str; 5] = [
    "States.Http.Socket",
    "States.Timeout",
    "States.Http.StatusCode.500",
    "States.Http.StatusCode.502",
    "States.Http.StatusCode.504",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    for (at, state, task) in tasks(lint) {
        let is_http = integration(task).is_some_and(|(service, ..)| matches!(service, "http" | "apigateway"));
        if !is_http {
            continue;
        }
        let parameters = lint.field_item(at, parameters_key(state)).and_then(|item| item.members());
        let mut members = parameters.into_iter().flatten();
        let method = members.find(|(member, _)| &*member.key == "Method").and_then(|(_, item)| item.as_str());
        let Some(method @ ("POST" | "PATCH")) = method else { continue };
        let repeats = |retrier: &crate::Retrier| {
            retrier.max_attempts > 0
                && AMBIGUOUS.iter().any(|error| error_matches(&retrier.error_equals, error))
        };
        if let Some(number) = state.retry.iter().position(repeats) {
            let message = format!("a {method} that may have taken effect is sent again");
            lint.report(&RULE, Severity::Warning, &Place::item(at, "Retry", number), message, None);
        }
    }
}
