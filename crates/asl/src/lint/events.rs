//! How many events a visit of a state writes into the history at least, and what a loop costs (developer guide, "Execution
//! history"). Retries and failures write more; nothing here writes less.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Lint;
use super::flow::Analysis;
use super::graph::is_distributed;
use crate::{Kind, NumberField, Wait};

/// The most events of a Standard execution.
pub(super) const MOST_EVENTS: u64 = 25_000;

/// Events by state.
pub(super) struct Events {
    /// A visit of each state, what is inside it included.
    pub(super) of_state: Vec<u64>,
}

impl Events {
    /// Counts for all states, inner ones first: they stand behind their owners in a definition's states.
    pub(super) fn new(lint: &Lint<'_>, analysis: Option<&Analysis<'_>>) -> Events {
        let mut events = Events { of_state: vec![0; lint.machine.states.len()] };
        for at in (0..events.of_state.len()).rev() {
            let count = events.count(lint, analysis, at);
            if let Some(slot) = events.of_state.get_mut(at) {
                *slot = count;
            }
        }
        events
    }

    fn count(&self, lint: &Lint<'_>, analysis: Option<&Analysis<'_>>, at: usize) -> u64 {
        let Some(state) = lint.machine.states.get(at) else { return 0 };
        let inside = lint.graph.inside.get(at).map(Vec::as_slice).unwrap_or_default();
        match &state.kind {
            Kind::Fail(_) => 1,
            Kind::Task(_) => 5,
            Kind::Parallel(_) => {
                inside.iter().map(|flow| self.shortest(lint, *flow)).fold(4, u64::saturating_add)
            }
            // Entered, started, the Map Run's own start and end, succeeded, exited.
            Kind::Map(_) if is_distributed(state) => 6,
            Kind::Map(_) => {
                let items = analysis.and_then(|analysis| analysis.certain_items(at)).unwrap_or(0) as u64;
                let each = inside.first().map_or(0, |flow| self.shortest(lint, *flow)).saturating_add(2);
                items.saturating_mul(each).saturating_add(4)
            }
            _ => 2,
        }
    }

    /// The fewest events from a flow's start to one of its ends.
    fn shortest(&self, lint: &Lint<'_>, flow: usize) -> u64 {
        let Some(start) = lint.graph.flows.get(flow).and_then(|flow| flow.start) else { return 0 };
        let is_end = |at: usize| lint.graph.successors(at).next().is_none();
        self.distance(lint, start, |_| true, is_end).unwrap_or(0)
    }

    /// The fewest events of a way from `start` to where `is_end` holds, both included, through states that are `within`.
    fn distance(
        &self,
        lint: &Lint<'_>,
        start: usize,
        within: impl Fn(usize) -> bool,
        is_end: impl Fn(usize) -> bool,
    ) -> Option<u64> {
        let cost = |at: usize| self.of_state.get(at).copied().unwrap_or(0);
        let mut best = std::collections::HashMap::new();
        let mut open = BinaryHeap::from([Reverse((cost(start), start))]);
        while let Some(Reverse((events, at))) = open.pop() {
            if best.insert(at, events).is_some() {
                continue;
            }
            if is_end(at) {
                return Some(events);
            }
            for to in lint.graph.successors(at).filter(|to| within(*to) && !best.contains_key(to)) {
                open.push(Reverse((events.saturating_add(cost(to)), to)));
            }
        }
        None
    }

    /// The fewest events of a turn of a loop that comes through this state.
    pub(super) fn of_turn(&self, lint: &Lint<'_>, states: &[usize], through: usize) -> u64 {
        let within = |at: usize| states.binary_search(&at).is_ok();
        let before = |at: usize| lint.graph.successors(at).any(|to| to == through);
        self.distance(lint, through, within, before).unwrap_or(2)
    }
}

/// The seconds that a state waits, where the definition says them.
pub(super) fn literal_seconds(kind: &Kind) -> Option<f64> {
    match kind {
        Kind::Wait(Wait::Seconds(NumberField::Literal(seconds))) => Some(*seconds),
        _ => None,
    }
}
