//! SW2010: a variable that has no value yet; and SW2003 and SW2004, more exactly than the parser tells them, which knows
//! nothing of ways.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use super::data_faults::origins;
use crate::diagnostic::Severity;
use crate::rules::{Rule, rule};

pub(super) const RULE: Rule = Rule {
    code: "SW2010",
    title: "variable without a value",
    text: "A state assigns the variable, but not before this one is reached, or not on every way that leads here. What a state \
           assigns is seen from the next state on, never by the state itself; a Catcher assigns only what stands in its own \
           Assign.",
    example: "\"A\": {\"Type\": \"Pass\", \"Assign\": {\"x\": 1, \"y.$\": \"$x\"}, \"Next\": \"B\"}      `$x` has no value yet",
    aws: "States.Runtime at run time, or States.QueryEvaluationError",
};

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let place = Place::value(fault.state, fault.place.clone());
    let certain = lint.certain(fault);
    let severity = |is_certain: bool| if is_certain { certain } else { Severity::Warning };
    match &fault.kind {
        FaultKind::Unassigned { name, is_certain: true, fails, .. } => {
            let message =
                format!("`${name}` has no value here: it is assigned on no way that leads to this state");
            lint.report(&RULE, severity(*fails), &place, message, None);
        }
        FaultKind::Unassigned { name, origins: from, .. } => {
            let from = if from.is_empty() { "in some ways".to_owned() } else { origins(lint, from) };
            let message = format!("`${name}` has no value when this state is reached {from}");
            lint.report(&RULE, Severity::Warning, &place, message, None);
        }
        FaultKind::Unknown { name, is_elsewhere, fails } => {
            let (code, message) = if *is_elsewhere {
                ("SW2004", format!("the variable `{name}` is assigned only where this state does not see it"))
            } else {
                ("SW2003", format!("no state assigns the variable `{name}`"))
            };
            lint.report(rule(code).unwrap_or(&RULE), severity(*fails), &place, message, None);
        }
        _ => {}
    }
}
