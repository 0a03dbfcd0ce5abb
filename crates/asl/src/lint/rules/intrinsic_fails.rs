//! SW2005: a call of an intrinsic function that must fail.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW2005",
    title: "intrinsic function that fails",
    text: "An argument is of a type or has a value that the function does not take: an array where a string is wanted, a range of \
           more than 1,000 numbers, an unknown hash algorithm, more or fewer `{}` than values in States.Format.",
    example: "\"text.$\": \"States.Format('{} of {}', $.n)\"      two `{}`, one value",
    aws: "States.IntrinsicFailure or States.Runtime at run time",
};

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let FaultKind::Intrinsic { call, why } = &fault.kind else { return };
    let name = call.split('(').next().unwrap_or(call);
    let message = format!("`{name}` fails here: {why}");
    lint.report(&RULE, lint.certain(fault), &Place::value(fault.state, fault.place.clone()), message, None);
}
