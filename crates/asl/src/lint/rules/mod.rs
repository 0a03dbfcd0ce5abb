//! The rules of lint, one file each: what it finds, why it matters and an example, together. What they share about definitions
//! is here: which error names a handler takes, and what a task calls.

mod assigned_never_read;
mod call_parameters;
mod choice_without_default;
mod data_faults;
mod dead_handler;
mod dead_rule;
mod dropped_error;
mod endless_loop;
mod error_not_raised;
mod history_limit;
mod http_retry;
mod inline_map_fields;
mod integrations;
mod intrinsic_fails;
mod map_concurrency;
mod mergeable_pass;
mod missing_on_some_ways;
mod not_an_object;
mod other_language;
mod path_never_there;
mod payload_limit;
pub(in crate::lint) mod placeholder;
mod polling;
mod regions;
mod retry_lambda;
mod task_timeout;
mod times;
mod token_heartbeat;
mod unassigned_variable;
mod unbounded_loop;
mod uncatchable;
mod unknown_integration;
mod unknown_parameter;
mod wrong_type;

use super::Lint;
use super::flow::Analysis;
use crate::rules::Rule;
use crate::{Kind, Name, Pattern, ResourceKind, State, Task};

/// The rules of lint, by code. What the checks of the service find has its rules in `crate::rules`.
pub(crate) static RULES: [Rule; 32] = [
    intrinsic_fails::RULE,
    path_never_there::RULE,
    assigned_never_read::RULE,
    unassigned_variable::RULE,
    missing_on_some_ways::RULE,
    wrong_type::RULE,
    dead_rule::RULE,
    not_an_object::RULE,
    other_language::RULE,
    task_timeout::RULE,
    token_heartbeat::RULE,
    choice_without_default::RULE,
    retry_lambda::RULE,
    unbounded_loop::RULE,
    map_concurrency::RULE,
    payload_limit::RULE,
    history_limit::RULE,
    dropped_error::RULE,
    http_retry::RULE,
    dead_handler::RULE,
    uncatchable::RULE,
    error_not_raised::RULE,
    times::RULE,
    endless_loop::RULE,
    placeholder::RULE,
    regions::RULE,
    call_parameters::RULE,
    unknown_parameter::RULE,
    unknown_integration::RULE,
    inline_map_fields::RULE,
    mergeable_pass::RULE,
    polling::RULE,
];

/// Asks every rule.
pub(super) fn check(lint: &mut Lint<'_>, analysis: &mut Analysis<'_>) {
    data_faults::check(lint, analysis);
    assigned_never_read::check(lint);
    other_language::check(lint);
    inline_map_fields::check(lint);
    choice_without_default::check(lint);
    dead_rule::check(lint);
    dead_handler::check(lint);
    uncatchable::check(lint);
    error_not_raised::check(lint);
    dropped_error::check(lint);
    task_timeout::check(lint);
    token_heartbeat::check(lint);
    retry_lambda::check(lint);
    http_retry::check(lint);
    map_concurrency::check(lint);
    endless_loop::check(lint);
    unbounded_loop::check(lint);
    payload_limit::check(lint);
    history_limit::check(lint, analysis);
    times::check(lint);
    regions::check(lint);
    call_parameters::check(lint);
    unknown_parameter::check(lint);
    unknown_integration::check(lint);
    mergeable_pass::check(lint);
    polling::check(lint);
}

/// The Task states of a definition.
fn tasks<'a>(lint: &Lint<'a>) -> Vec<(usize, &'a State, &'a Task)> {
    let machine = lint.machine;
    let states = machine.states.iter().enumerate();
    states
        .filter_map(|(at, state)| match &state.kind {
            Kind::Task(task) => Some((at, state, task)),
            _ => None,
        })
        .collect()
}

/// The service, API and pattern of an integration.
fn integration(task: &Task) -> Option<(&str, &str, Pattern)> {
    match &task.resource.kind {
        ResourceKind::Service { resource_type, resource, pattern } => {
            Some((resource_type, resource.split('.').next().unwrap_or_default(), *pattern))
        }
        ResourceKind::Lambda | ResourceKind::Activity => None,
    }
}

/// Whether a task calls a function; not known of what a template fills in.
fn calls_function(task: &Task) -> bool {
    let is_arn = task.resource.kind == ResourceKind::Lambda && task.resource.text.starts_with("arn:");
    is_arn || integration(task).is_some_and(|(service, api, _)| (service, api) == ("lambda", "invoke"))
}

/// The name of the field that a task's parameters stand in.
fn parameters_key(state: &State) -> &'static str {
    match state.query_language {
        crate::QueryLanguage::JsonPath => "Parameters",
        crate::QueryLanguage::Jsonata => "Arguments",
    }
}

/// Names as a list for a sentence.
fn listed(names: &[Name]) -> String {
    let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(shown.len());
    let list = shown.join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}
