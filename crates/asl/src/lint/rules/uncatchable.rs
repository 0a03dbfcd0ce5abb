//! SW3012: an error that no Retrier and no Catcher gets.

use super::super::Lint;
use super::super::flow::Step;
use super::super::place::Place;
use crate::Name;
use crate::diagnostic::Severity;
use crate::error_names::RUNTIME;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3012",
    title: "error that cannot be caught",
    text: "`States.Runtime` ends the execution whatever stands in Retry and Catch, even by its own name (recorded): a path that \
           leads nowhere, a value of the wrong type. Prevent it instead: ask `IsPresent` in a Choice, give the value a default \
           in a Pass state, or use JSONata, whose errors can be caught as `States.QueryEvaluationError`.",
    example: "\"Catch\": [{\"ErrorEquals\": [\"States.Runtime\"], \"Next\": \"Handle\"}]",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        for (handler, retrier) in state.retry.iter().enumerate() {
            check_names(lint, at, "Retry", handler, &retrier.error_equals);
        }
        for (handler, catcher) in state.catch.iter().enumerate() {
            check_names(lint, at, "Catch", handler, &catcher.error_equals);
        }
    }
}

fn check_names(lint: &mut Lint<'_>, state: usize, key: &str, handler: usize, names: &[Name]) {
    for (at, _) in names.iter().enumerate().filter(|(_, name)| &***name == RUNTIME) {
        let steps = vec![
            Step::Key(key.into()),
            Step::Index(handler),
            Step::Key("ErrorEquals".into()),
            Step::Index(at),
        ];
        let verb = if key == "Retry" { "retried" } else { "caught" };
        let message = format!("`States.Runtime` cannot be {verb}: the execution fails all the same");
        lint.report(&RULE, Severity::Warning, &Place::value(state, steps), message, None);
    }
}
