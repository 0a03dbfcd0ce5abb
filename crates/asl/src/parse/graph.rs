//! Transitions of one flow: that they lead somewhere, that every state can be reached, and that there is an end.
//! Texts, places and order as measured with the service's validation.

use std::collections::HashMap;
use std::ops::Range;

use crate::Name;

use super::Parser;
use super::fields::{Fields, shortened};

/// A transition: `Next`, `Default`, and `Next` of rules and Catchers.
pub(super) struct Edge {
    /// The place of the state in its flow.
    pub(super) from: usize,
    pub(super) to: Name,
    pub(super) location: String,
    pub(super) span: Range<usize>,
}

/// A state of the flow.
pub(super) struct Node {
    pub(super) name: Name,
    pub(super) span: Range<usize>,
    pub(super) location: String,
    /// Whether the flow can end here.
    pub(super) is_terminal: bool,
}

impl Parser {
    /// Checks a flow. `start` is what `StartAt` says and where; without it nothing can be said about reachability.
    pub(super) fn check_graph<'t>(
        &mut self,
        start: Option<(&str, String, Option<Range<usize>>)>,
        nodes: &[Node],
        edges: &[Edge],
        fields: &Fields<'t>,
    ) {
        let places: HashMap<&str, usize> =
            nodes.iter().enumerate().map(|(at, node)| (&*node.name, at)).collect();
        if let Some((name, location, span)) = &start
            && !places.contains_key(name)
        {
            self.missing_target(name, location.clone(), span.clone().unwrap_or_default(), nodes);
        }
        let mut targets: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for edge in edges {
            match (places.get(&*edge.to), targets.get_mut(edge.from)) {
                (Some(to), Some(targets)) => targets.push(*to),
                _ => self.missing_target(&edge.to, edge.location.clone(), edge.span.clone(), nodes),
            }
        }
        if !nodes.iter().any(|node| node.is_terminal) {
            let location = fields.location.clone();
            let span = fields.get("States").map(|item| item.span().start).unwrap_or_default();
            let message = "Workflow has no terminal state".to_owned();
            self.report("MISSING_END_STATE", "SW1008", location, span..span + 1, message, None);
            return;
        }
        if let Some((name, ..)) = start {
            self.check_reachable(places.get(name).copied(), nodes, &targets);
        }
    }

    fn check_reachable(&mut self, start: Option<usize>, nodes: &[Node], targets: &[Vec<usize>]) {
        let mut reached = vec![false; nodes.len()];
        let mut open: Vec<usize> = start.into_iter().collect();
        while let Some(at) = open.pop() {
            if let Some(seen) = reached.get_mut(at)
                && !std::mem::replace(seen, true)
            {
                open.extend(targets.get(at).into_iter().flatten());
            }
        }
        for (node, _) in nodes.iter().zip(&reached).filter(|(_, reached)| !**reached) {
            let message = format!("State \"{}\" is not reachable.", shortened(&node.name));
            let location = node.location.clone();
            self.report("MISSING_TRANSITION_TARGET", "SW1004", location, node.span.clone(), message, None);
        }
    }

    fn missing_target(&mut self, name: &str, location: String, span: Range<usize>, nodes: &[Node]) {
        let message = format!("Missing 'Next' target: {}", shortened(name));
        let help = self.suggestion(name, nodes.iter().map(|node| &*node.name));
        self.report("MISSING_TRANSITION_TARGET", "SW1003", location, span, message, help);
    }
}
