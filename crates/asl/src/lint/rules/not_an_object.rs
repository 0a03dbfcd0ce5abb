//! SW2014: a result that cannot be put where ResultPath says.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW2014",
    title: "ResultPath into something that is no object",
    text: "ResultPath puts the result into the state's input, so the input, and whatever the path goes through, has to be an \
           object. Here it cannot be one: the state before hands on a string, a number or an array.",
    example: "\"Id\": {\"Type\": \"Pass\", \"Result\": \"x\", \"Next\": \"Load\"},\n\
              \"Load\": {…, \"ResultPath\": \"$.loaded\"}      the input is a string",
    aws: "States.ResultPathMatchFailure at run time",
};

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let FaultKind::NotAnObject { path, found } = &fault.kind else { return };
    let message = format!("the result cannot be put at `{path}`: the state's input is {found}");
    lint.report(&RULE, lint.certain(fault), &Place::value(fault.state, fault.place.clone()), message, None);
}
