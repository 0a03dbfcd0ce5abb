//! SW4006: a call without a parameter that it needs.

use super::super::Lint;
use super::super::flow::Step;
use super::super::place::Place;
use super::{integration, integrations, parameters_key, tasks};
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW4006",
    title: "call without a parameter that it needs",
    text: "The API that the task calls does not work without this parameter (developer guide, \"Integrating optimized \
           services\"; the API's own reference). A few such parameters the service misses when the state machine is created, \
           and then it is an error; this one would be missed by the call.",
    example: "\"Resource\": \"arn:aws:states:::http:invoke\", \"Parameters\": {\"ApiEndpoint\": \"https://…\"}      no Method",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    for (at, state, task) in tasks(lint) {
        let Some(api) = integration(task).and_then(|(service, api, _)| integrations::find(service, api))
        else {
            continue;
        };
        let key = parameters_key(state);
        let Some(names) = parameter_names(lint, at, key) else { continue };
        for required in api.required.split(' ').filter(|word| !word.is_empty()) {
            let has = |name: &str| names.iter().any(|found| found == name);
            if !required.split('|').any(has) {
                let wanted: Vec<String> = required.split('|').map(|name| format!("`{name}`")).collect();
                let message = format!("`{}:{}` needs {}", api.service, api.name, wanted.join(" or "));
                let place = Place::key(at, vec![Step::Key(key.into())]);
                lint.report(&RULE, Severity::Warning, &place, message, None);
            }
        }
    }
}

/// The names of a task's parameters, without `.$`; none where they are not an object.
pub(super) fn parameter_names(lint: &Lint<'_>, state: usize, key: &str) -> Option<Vec<String>> {
    let members = lint.field_item(state, key)?.members()?;
    Some(members.map(|(member, _)| member.key.strip_suffix(".$").unwrap_or(&member.key).to_owned()).collect())
}
