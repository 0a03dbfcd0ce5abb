//! SW3013: an error that the state does not raise.

use super::super::Lint;
use super::super::flow::Step;
use super::super::graph::is_distributed;
use super::super::place::Place;
use super::integration;
use crate::diagnostic::Severity;
use crate::error_names::{HEARTBEAT_TIMEOUT, QUERY_EVALUATION_ERROR, TIMEOUT};
use crate::rules::Rule;
use crate::{Kind, Name, QueryLanguage, State};

pub(super) const RULE: Rule = Rule {
    code: "SW3013",
    title: "error that is not raised here",
    text: "The state cannot fail with this error: a timeout needs TimeoutSeconds, a missed heartbeat HeartbeatSeconds; reading \
           items and writing results are a distributed Map's; errors that start with `Lambda.` come from functions. A \
           function's own timeout is `Sandbox.Timedout`, or `Lambda.Unknown` in older runtimes.",
    example: "\"Load\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::dynamodb:getItem\", …,\n\
              \x20        \"Retry\": [{\"ErrorEquals\": [\"Lambda.ServiceException\"]}]}",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        for (handler, retrier) in state.retry.iter().enumerate() {
            check_names(lint, at, state, ("Retry", handler), &retrier.error_equals);
        }
        for (handler, catcher) in state.catch.iter().enumerate() {
            check_names(lint, at, state, ("Catch", handler), &catcher.error_equals);
        }
    }
}

fn check_names(lint: &mut Lint<'_>, at: usize, state: &State, (key, handler): (&str, usize), names: &[Name]) {
    for (index, name) in names.iter().enumerate() {
        let Some((severity, why)) = why_not(lint, at, state, name) else { continue };
        let steps = vec![
            Step::Key(key.into()),
            Step::Index(handler),
            Step::Key("ErrorEquals".into()),
            Step::Index(index),
        ];
        lint.report(
            &RULE,
            severity,
            &Place::value(at, steps),
            format!("`{name}` is not raised here: {why}"),
            None,
        );
    }
}

fn why_not(lint: &Lint<'_>, at: usize, state: &State, name: &str) -> Option<(Severity, String)> {
    let warning = |why: &str| Some((Severity::Warning, why.to_owned()));
    match (&state.kind, name) {
        (Kind::Task(task), HEARTBEAT_TIMEOUT) if task.heartbeat.is_none() => {
            warning("the state has no HeartbeatSeconds")
        }
        (Kind::Task(task), TIMEOUT) if task.timeout.is_none() && task.heartbeat.is_none() => {
            Some((Severity::Note, "the state has no TimeoutSeconds".to_owned()))
        }
        (Kind::Map(_), "States.ItemReaderFailed" | "States.ResultWriterFailed")
        | (Kind::Map(_), "States.ExceedToleratedFailureThreshold")
            if !is_distributed(state) =>
        {
            warning("the Map is not distributed")
        }
        (
            Kind::Task(_),
            "States.ItemReaderFailed"
            | "States.ResultWriterFailed"
            | "States.ExceedToleratedFailureThreshold"
            | "States.BranchFailed"
            | "States.NoChoiceMatched",
        ) => warning("a Task does not fail with it"),
        (Kind::Task(_), QUERY_EVALUATION_ERROR) if state.query_language == QueryLanguage::JsonPath => {
            warning("the state has no JSONata")
        }
        (Kind::Parallel(_) | Kind::Map(_), QUERY_EVALUATION_ERROR) if !has_jsonata(lint, at) => {
            warning("neither the state nor what is inside it has JSONata")
        }
        (Kind::Task(task), name) if name.starts_with("Lambda.") => {
            let (service, ..) = integration(task)?;
            let is_other = !service.contains("lambda") && service != "states";
            is_other.then(|| (Severity::Warning, format!("the state calls `{service}`, not a function")))
        }
        _ => None,
    }
}

/// Whether a state or one inside it is in JSONata.
fn has_jsonata(lint: &Lint<'_>, state: usize) -> bool {
    let mut open = vec![state];
    while let Some(at) = open.pop() {
        let is_jsonata =
            lint.machine.states.get(at).is_some_and(|state| state.query_language == QueryLanguage::Jsonata);
        if is_jsonata {
            return true;
        }
        for flow in lint.graph.inside.get(at).into_iter().flatten() {
            open.extend(lint.graph.flows.get(*flow).into_iter().flat_map(|flow| flow.states.iter().copied()));
        }
    }
    false
}
