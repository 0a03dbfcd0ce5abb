//! SW5002: a Pass state that does nothing.

use super::super::Lint;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Kind, PathField, ResultPath, State, Transition};

pub(super) const RULE: Rule = Rule {
    code: "SW5002",
    title: "Pass state without effect",
    text: "The state changes neither the data nor a variable, so what leads to it could lead on. Each visit is a transition, \
           which the service bills, and two events of the history. As a placeholder, or for its name in the graph, it may stay.",
    example: "\"Begin\": {\"Type\": \"Pass\", \"Next\": \"Load\"}",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        if does_nothing(state) && state.comment.is_none() {
            let message = "the state does nothing".to_owned();
            lint.report(&RULE, Severity::Note, &Place::state(at), message, None);
        }
    }
}

/// A last state has to be there for its `End`.
fn does_nothing(state: &State) -> bool {
    let Kind::Pass(pass) = &state.kind else { return false };
    matches!(state.transition, Transition::Next(_))
        && pass.result.is_none()
        && state.parameters.is_none()
        && state.assign.is_none()
        && state.output.is_none()
        && matches!(state.input_path, PathField::Whole)
        && matches!(state.output_path, PathField::Whole)
        && !matches!(state.result_path, ResultPath::At(_))
}
