//! SW3008: a history that is over its limit.

use super::super::Lint;
use super::super::events::{Events, MOST_EVENTS, literal_seconds};
use super::super::flow::Analysis;
use super::super::loops::{Loop, loops};
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW3008",
    title: "history over the limit",
    text: "A Standard execution fails when its history has 25,000 events. A Task writes five, most others two, each iteration of an \
           inline Map two and those of its states. Let a distributed Map do the work (every item has a history of its own), \
           start a new execution after some turns, wait longer between turns, or use an Express workflow.",
    example: "\"Tick\": {\"Type\": \"Wait\", \"Seconds\": 1, \"Next\": \"Look\"} in a loop that lasts for a day",
    aws: "States.Runtime at run time",
};

pub(super) fn check(lint: &mut Lint<'_>, analysis: &Analysis<'_>) {
    if lint.is_express() {
        return;
    }
    let events = Events::new(lint, Some(analysis));
    for at in 0..events.of_state.len() {
        let count = events.of_state.get(at).copied().unwrap_or(0);
        let inner = lint.graph.inside.get(at).into_iter().flatten();
        let is_inner = inner
            .filter_map(|flow| lint.graph.flows.get(*flow))
            .flat_map(|flow| &flow.states)
            .any(|state| events.of_state.get(*state).is_some_and(|count| *count > MOST_EVENTS));
        if count > MOST_EVENTS && !is_inner && !is_in_distributed_express(lint, at) {
            let message = format!(
                "a visit of this state writes at least {count} events, and {MOST_EVENTS} are the most"
            );
            lint.report(&RULE, Severity::Error, &Place::state(at), message, None);
        }
    }
    for found in loops(lint) {
        check_loop(lint, &events, &found);
    }
}

fn check_loop(lint: &mut Lint<'_>, events: &Events, found: &Loop) {
    let Some(through) = found.states.first().copied() else { return };
    let turn = events.of_turn(lint, &found.states, through).max(1);
    let most_turns = MOST_EVENTS / turn;
    if is_in_distributed_express(lint, through) {
        return;
    }
    if let Some(turns) = found.turns().filter(|_| found.is_counted())
        && turns > most_turns as f64
    {
        let message = format!(
            "{turns} turns of this loop write {} events, and {MOST_EVENTS} are the most",
            (turns as u64).saturating_mul(turn)
        );
        lint.report(&RULE, Severity::Warning, &Place::state(through), message, None);
        return;
    }
    let waited: Vec<(usize, f64)> = found
        .states
        .iter()
        .filter_map(|at| Some((*at, literal_seconds(&lint.machine.states.get(*at)?.kind)?)))
        .collect();
    let seconds: f64 = waited.iter().map(|(_, seconds)| seconds).sum();
    let Some(timeout) = lint.machine.timeout_seconds.filter(|_| !found.is_counted() && seconds > 0.0) else {
        return;
    };
    if let Some((wait, _)) = waited.first()
        && timeout as f64 / seconds > most_turns as f64
    {
        let hours = most_turns as f64 * seconds / 3600.0;
        let message = format!(
            "the history is full after {most_turns} turns of this loop, {hours:.1} hours, and the execution may take {:.1}",
            timeout as f64 / 3600.0
        );
        lint.report(&RULE, Severity::Warning, &Place::state(*wait), message, None);
    }
}

/// Whether the state runs as an Express workflow, which has no such limit.
fn is_in_distributed_express(lint: &Lint<'_>, state: usize) -> bool {
    let mut at = Some(state);
    while let Some(state) = at {
        let flow = lint.graph.flow_of.get(state).and_then(|flow| lint.graph.flows.get(*flow));
        at = flow.and_then(|flow| flow.owner);
        let owner = at.and_then(|owner| lint.machine.states.get(owner)).map(|state| &state.kind);
        if matches!(owner, Some(crate::Kind::Map(map)) if map.mode == crate::MapMode::DistributedExpress) {
            return true;
        }
    }
    false
}
