//! SW2012: a value of a type that its field does not take.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW2012",
    title: "value of the wrong type",
    text: "What the states before this one put there is not of the type that the field takes: seconds are numbers, timestamps \
           and error names are strings, a Map iterates over an array, a condition is true or false.",
    example: "\"Set\": {\"Type\": \"Pass\", \"Result\": {\"delay\": \"60\"}, \"Next\": \"Rest\"},\n\
              \"Rest\": {\"Type\": \"Wait\", \"SecondsPath\": \"$.delay\", \"End\": true}      a string",
    aws: "States.Runtime at run time, or States.QueryEvaluationError",
};

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let FaultKind::WrongType { what, found, wanted, fails } = &fault.kind else { return };
    let what = if what.starts_with('$') { format!("`{what}`") } else { what.clone() };
    let severity = if *fails { lint.certain(fault) } else { Severity::Warning };
    let message = format!("{what} is {found}, and has to be {wanted}");
    lint.report(&RULE, severity, &Place::value(fault.state, fault.place.clone()), message, None);
}
