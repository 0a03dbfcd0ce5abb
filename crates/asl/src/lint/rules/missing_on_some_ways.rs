//! SW2011: a path that only some predecessors produce.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use super::data_faults::origins;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW2011",
    title: "path that is missing on some ways",
    text: "Several ways lead to this state, and on some of them the data has nothing at the end of this path: the execution \
           fails then. Give every way the same shape, ask `IsPresent` before, or let the way that lacks it lead elsewhere.",
    example: "\"Charge\": {…, \"ResultPath\": \"$.charge\", \"Next\": \"Report\",\n\
              \x20          \"Catch\": [{\"ErrorEquals\": [\"States.ALL\"], \"ResultPath\": \"$.error\", \"Next\": \"Report\"}]},\n\
              \"Report\": {\"Type\": \"Pass\", \"InputPath\": \"$.charge\", \"End\": true}      not after an error",
    aws: "States.Runtime at run time, or States.QueryEvaluationError",
};

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let FaultKind::Sometimes { path, origins: from } = &fault.kind else { return };
    let message = format!("`{path}` is not there when this state is reached {}", origins(lint, from));
    lint.report(&RULE, Severity::Warning, &Place::value(fault.state, fault.place.clone()), message, None);
}
