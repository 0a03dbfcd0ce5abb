//! SW3015: states from which no end can be reached.

use super::super::Lint;
use super::super::loops::loops;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3015",
    title: "loop without a way out",
    text: "Once the execution is in this loop, no transition leads out of it: it turns until the history is full, the time is over \
           or a state fails. Add a Choice that leads out, or an end.",
    example: "\"Work\": {…, \"Next\": \"Rest\"}, \"Rest\": {\"Type\": \"Wait\", \"Seconds\": 60, \"Next\": \"Work\"}",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    for found in loops(lint) {
        if found.exits.is_empty()
            && let Some(first) = found.states.first()
        {
            let message = "no way leads out of this loop".to_owned();
            lint.report(&RULE, Severity::Warning, &Place::state(*first), message, None);
        }
    }
}
