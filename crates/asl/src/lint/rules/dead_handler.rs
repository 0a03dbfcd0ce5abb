//! SW3011: a Retrier or Catcher that is never used, since one before it takes the same errors.

use super::super::Lint;
use super::super::place::Place;
use crate::Name;
use crate::diagnostic::Severity;
use crate::error_names::{ALL, RUNTIME, TASK_FAILED, error_matches};
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3011",
    title: "Retrier or Catcher that is never used",
    text: "Retriers and Catchers are asked in their order, and the first that names the error is used; `States.TaskFailed` stands \
           for every error but timeouts. What stands behind one that takes the same errors is never asked. A Retrier whose \
           attempts are used up does not hand on to the next one.",
    example: "\"Catch\": [{\"ErrorEquals\": [\"States.TaskFailed\"], \"Next\": \"A\"}, {\"ErrorEquals\": [\"Declined\"], \"Next\": \"B\"}]",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        let retriers: Vec<&[Name]> =
            state.retry.iter().map(|retrier| retrier.error_equals.as_slice()).collect();
        let catchers: Vec<&[Name]> =
            state.catch.iter().map(|catcher| catcher.error_equals.as_slice()).collect();
        check_list(lint, at, "Retry", &retriers);
        check_list(lint, at, "Catch", &catchers);
    }
}

/// The most handlers that are compared with each other.
const MOST_HANDLERS: usize = 100;

fn check_list(lint: &mut Lint<'_>, state: usize, key: &str, handlers: &[&[Name]]) {
    for (at, names) in handlers.iter().enumerate().take(MOST_HANDLERS) {
        let taken: Vec<(&Name, usize)> = names
            .iter()
            .filter(|name| &***name != RUNTIME)
            .filter_map(|name| Some((name, handlers.iter().take(at).position(|before| takes(before, name))?)))
            .collect();
        let Some((name, before)) = taken.first() else { continue };
        let place = Place::item(state, key, at).member("ErrorEquals");
        let what = if key == "Retry" { "Retrier" } else { "Catcher" };
        let message = if taken.len() == names.len() {
            format!("this {what} is never used: {what} {before} takes `{name}` first")
        } else {
            format!("{what} {before} takes `{name}` first, so it is never taken here")
        };
        lint.report(&RULE, Severity::Warning, &place, message, None);
    }
}

/// Whether a handler takes every error that the name stands for.
fn takes(handler: &[Name], name: &Name) -> bool {
    match &**name {
        ALL => handler.iter().any(|taken| &**taken == ALL),
        TASK_FAILED => handler.iter().any(|taken| &**taken == TASK_FAILED || &**taken == ALL),
        name => error_matches(handler, name),
    }
}
