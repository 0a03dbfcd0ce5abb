//! SW3005: a loop that nothing bounds.

use super::super::Lint;
use super::super::events::{Events, MOST_EVENTS, literal_seconds};
use super::super::loops::loops;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3005",
    title: "unbounded loop",
    text: "Nothing counts the turns of this loop, and the state machine has no TimeoutSeconds: if what it waits for never comes, \
           it turns until the history is full or a year is over, and every turn costs transitions. Count the turns and give up, \
           or give the state machine TimeoutSeconds.",
    example: "\"Wait\" → \"Ask\" → \"Done?\" → \"Wait\", without a count and without TimeoutSeconds",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    if lint.machine.timeout_seconds.is_some() || lint.is_express() {
        return;
    }
    let events = Events::new(lint, None);
    for found in loops(lint) {
        // A loop without a way out is another rule's.
        if found.exits.is_empty() || found.is_counted() || iterates(lint, &found.states) {
            continue;
        }
        let Some(first) = found.states.first().copied() else { continue };
        let turns = MOST_EVENTS / events.of_turn(lint, &found.states, first).max(1);
        let kinds = found.states.iter().filter_map(|at| lint.machine.states.get(*at));
        let seconds: f64 = kinds.filter_map(|state| literal_seconds(&state.kind)).sum();
        let full = if seconds > 0.0 {
            let days = turns as f64 * seconds / 86_400.0;
            format!("the history is full after {turns} turns, {days:.1} days")
        } else {
            format!("the history is full after {turns} turns")
        };
        let message =
            format!("nothing bounds this loop, and the state machine has no TimeoutSeconds; {full}");
        lint.report(&RULE, Severity::Warning, &Place::state(first), message, None);
    }
}

/// Whether the loop goes through pages or items: a condition asks whether there is something left.
fn iterates(lint: &Lint<'_>, states: &[usize]) -> bool {
    use crate::{Comparator, Condition, Kind};
    fn asks(condition: &Condition) -> bool {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => parts.iter().any(asks),
            Condition::Not(part) => asks(part),
            Condition::Compare { comparator, .. } => *comparator == Comparator::IsPresent,
            Condition::Jsonata(expression) => expression.text().contains("$exists("),
            Condition::Literal(_) => false,
        }
    }
    let is_waiting = |kind: &Kind| matches!(kind, Kind::Wait(_));
    let kinds: Vec<&Kind> =
        states.iter().filter_map(|at| lint.machine.states.get(*at)).map(|state| &state.kind).collect();
    !kinds.iter().any(|kind| is_waiting(kind))
        && kinds.iter().any(|kind| {
            matches!(kind, Kind::Choice(choice) if choice.rules.iter().any(|rule| asks(&rule.condition)))
        })
}
