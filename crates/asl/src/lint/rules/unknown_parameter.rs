//! SW4007: a parameter that the integration does not have.

use super::super::Lint;
use super::super::flow::Step;
use super::super::place::Place;
use super::{integration, integrations, parameters_key, tasks};
use crate::diagnostic::{Fix, Severity, closest};
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW4007",
    title: "unknown parameter of an integration",
    text: "An optimised integration takes a fixed set of parameters, in PascalCase whatever the service's own API writes; others \
           are refused. The integration through the SDK (`aws-sdk:…`) takes all.",
    example: "\"Resource\": \"arn:aws:states:::sqs:sendMessage\", \"Parameters\": {\"QueueUrl\": \"…\", \"Body\": \"…\"}",
    aws: "SCHEMA_VALIDATION_FAILED",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    for (at, state, task) in tasks(lint) {
        let Some(api) = integration(task).and_then(|(service, api, _)| integrations::find(service, api))
        else {
            continue;
        };
        if api.parameters.is_empty() {
            continue;
        }
        let field = parameters_key(state);
        let Some(members) = lint.field_item(at, field).and_then(|item| item.members()) else { continue };
        let keys: Vec<_> = members.map(|(member, _)| (member.key.clone(), member.key_span.clone())).collect();
        for (key, span) in keys {
            let name = key.strip_suffix(".$").unwrap_or(&key);
            let known = || api.parameters.split_whitespace();
            if known().any(|parameter| parameter == name) {
                continue;
            }
            let close = closest(name, known());
            let fix = close.map(|close| {
                let suffix = if key.ends_with(".$") { ".$" } else { "" };
                Fix { span, replacement: value::Value::from(format!("{close}{suffix}")).to_json() }
            });
            let message = format!("`{}:{}` has no parameter `{name}`", api.service, api.name);
            let help = close.map(|close| format!("did you mean `{close}`?"));
            let place = Place::key(at, vec![Step::Key(field.into()), Step::Key(key.clone())]);
            lint.report_fixable(&RULE, Severity::Warning, &place, message, help, fix);
        }
    }
}
