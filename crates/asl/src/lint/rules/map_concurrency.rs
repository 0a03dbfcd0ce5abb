//! SW3006: a Map that calls a service with limits, as often at once as it likes.

use super::super::Lint;
use super::super::graph::is_distributed;
use super::super::place::Place;
use super::integration;
use crate::Kind;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3006",
    title: "Map without MaxConcurrency",
    text: "Without MaxConcurrency an inline Map runs 40 iterations at once, a distributed Map 10,000 executions. What it calls \
           (an HTTP endpoint, a model, an API with quotas, a database) may refuse that many. Give the Map a MaxConcurrency \
           that the service bears.",
    example: "\"Enrich\": {\"Type\": \"Map\", \"MaxConcurrency\": 5, …}",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        let Kind::Map(map) = &state.kind else { continue };
        if map.max_concurrency.is_some() {
            continue;
        }
        if let Some((task, service)) = called_inside(lint, at, is_distributed(state)) {
            let many = if is_distributed(state) { "10,000" } else { "40" };
            let message =
                format!("up to {many} iterations at once call `{service}` in `{}`", lint.name(task));
            lint.report(&RULE, Severity::Note, &Place::state(at), message, None);
        }
    }
}

/// A task inside that calls something with limits; with many executions at once, everything has.
fn called_inside(lint: &Lint<'_>, map: usize, is_distributed: bool) -> Option<(usize, String)> {
    for flow in lint.graph.inside.get(map)? {
        for at in &lint.graph.flows.get(*flow)?.states {
            let Some(Kind::Task(task)) = lint.machine.states.get(*at).map(|state| &state.kind) else {
                continue;
            };
            match integration(task) {
                Some((service, ..))
                    if is_distributed
                        || matches!(service, "http" | "apigateway" | "bedrock" | "bedrockagentcore")
                        || service.starts_with("aws-sdk:") =>
                {
                    return Some((*at, service.to_owned()));
                }
                None if is_distributed => return Some((*at, task.resource.text.to_string())),
                _ => {}
            }
        }
    }
    None
}
