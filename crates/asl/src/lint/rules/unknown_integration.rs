//! SW4008: an API, or a pattern of an API, that an optimised integration does not have.

use super::super::Lint;
use super::super::place::Place;
use super::{integration, integrations, tasks};
use crate::Pattern;
use crate::diagnostic::{Severity, closest};
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW4008",
    title: "unknown API of an integration",
    text: "The developer guide does not list this API for the optimised integration, or not with this pattern: not every API of a \
           service with `.sync` jobs is such a job. Through the SDK (`aws-sdk:service:api`) almost every API can be called, \
           without `.sync`.",
    example: "\"Resource\": \"arn:aws:states:::athena:getQueryResults.sync\"",
    aws: "SCHEMA_VALIDATION_FAILED",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    for (at, _, task) in tasks(lint) {
        let Some((service, name, pattern)) = integration(task) else { continue };
        if !integrations::is_listed(service) {
            continue;
        }
        let Some(api) = integrations::find(service, name) else {
            let message = format!("the integration of `{service}` has no `{name}`");
            let help =
                closest(name, integrations::names(service)).map(|close| format!("did you mean `{close}`?"));
            lint.report(&RULE, Severity::Warning, &Place::field(at, "Resource"), message, help);
            continue;
        };
        let (letter, suffix) = match pattern {
            Pattern::RequestResponse => continue,
            Pattern::Sync | Pattern::Sync2 => ('s', ".sync"),
            Pattern::WaitForTaskToken => ('t', ".waitForTaskToken"),
        };
        if !api.patterns.contains(letter) {
            let message = format!("`{service}:{name}` has no `{suffix}`");
            lint.report(&RULE, Severity::Warning, &Place::field(at, "Resource"), message, None);
        }
    }
}
