//! The top level of a definition, and the flows in it.

use crate::diagnostic::{Advice, closest};
use crate::names::MAX_NAME;
use crate::syntax::{Item, Tree};
use crate::{Flow, Name, QueryLanguage, StateMachine};

use super::fields::{Fields, shortened};
use super::numbers::{MOST, Range};
use super::{MAX_FLOW_NESTING, MachineType, Parser};

/// What a flow inherits from what it stands in.
#[derive(Clone, Copy)]
pub(super) struct Surroundings {
    /// How many flows are around it.
    pub(super) depth: usize,
    /// Whether it runs as an Express workflow.
    pub(super) is_express: bool,
    /// Whether it runs as an execution of its own, which sees no variables of its parent.
    pub(super) is_isolated: bool,
}

impl Parser {
    /// Reads the whole definition.
    pub(super) fn machine(&mut self, tree: &Tree) -> Option<StateMachine> {
        let root = tree.root().filter(|root| root.members().is_some());
        let Some(root) = root else {
            let span = tree.root().map(Item::span).unwrap_or_default();
            self.error("SW1001", "", span, "Definition must be a valid JSON object");
            return None;
        };
        let fields = self.object(root, String::new())?;
        self.allow(&fields, &["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"]);
        self.language = self.query_language(&fields).unwrap_or(QueryLanguage::JsonPath);
        self.enum_field(&fields, "Version", &["1.0"]);
        let timeout_seconds = self.integer_literal(&fields, "TimeoutSeconds", Range::integer(0, MOST));
        let comment = self.comment(&fields);
        let is_express = self.options.machine_type == MachineType::Express;
        let flow = self.flow(&fields, Surroundings { depth: 0, is_express, is_isolated: true });
        if !self.options.single_state {
            self.check_scopes();
        }
        let flow = flow?;
        Some(StateMachine {
            comment,
            query_language: self.language,
            timeout_seconds: timeout_seconds.filter(|seconds| *seconds > 0),
            root: flow,
            states: std::mem::take(&mut self.states),
            index: std::mem::take(&mut self.index),
        })
    }

    /// `QueryLanguage`. Any value but exactly `JSONPath` means JSONata, and a wrong one is reported as well (measured).
    pub(super) fn query_language<'t>(&mut self, fields: &Fields<'t>) -> Option<QueryLanguage> {
        fields.get("QueryLanguage")?;
        match self.enum_field(fields, "QueryLanguage", &["JSONPath", "JSONata"]) {
            Some("JSONPath") => Some(QueryLanguage::JsonPath),
            _ => Some(QueryLanguage::Jsonata),
        }
    }

    /// `StartAt` and `States` of the top level, a branch or an item processor. Recursion is bounded by
    /// [`MAX_FLOW_NESTING`].
    pub(super) fn flow<'t>(&mut self, fields: &Fields<'t>, around: Surroundings) -> Option<Flow> {
        if around.depth > MAX_FLOW_NESTING {
            let message = format!("States are nested deeper than {MAX_FLOW_NESTING} levels");
            let span = fields.span.start..fields.span.start;
            self.report("TOO_DEEPLY_NESTED", "SW1014", fields.here(), span, message, None);
            return None;
        }
        self.require(fields, &["States", "StartAt"]);
        let comment = if around.depth > 0 { self.comment(fields) } else { None };
        let start_at = self.string_field(fields, "StartAt");
        let states = self.object_field(fields, "States")?;
        let outer = std::mem::take(&mut self.edges);
        let outer_scope = self.scopes.enter(around.is_isolated);
        let mut names: Vec<Name> = Vec::new();
        let mut nodes = Vec::new();
        for (member, item) in states.iter() {
            let name = member.key.clone();
            self.check_state_name(&states, &name, member.key_span.clone());
            nodes.push(super::graph::Node {
                name: name.clone(),
                span: member.key_span.clone(),
                location: states.at(&name),
                is_terminal: false,
            });
            let from = nodes.len() - 1;
            let is_terminal = self.state(member, item, states.at(&name), from, around);
            if let Some(node) = nodes.last_mut() {
                node.is_terminal = is_terminal;
            }
            names.push(name);
        }
        if nodes.is_empty() {
            self.error("SW1014", states.here(), states.span.clone(), "Value cannot be empty");
        }
        self.scopes.leave(outer_scope);
        let edges = std::mem::replace(&mut self.edges, outer);
        if !self.options.single_state && !nodes.is_empty() {
            let start =
                start_at.map(|name| (name, fields.at("StartAt"), fields.get("StartAt").map(Item::span)));
            self.check_graph(start, &nodes, &edges, fields);
        }
        Some(Flow { start_at: start_at.unwrap_or_default().into(), states: names, comment })
    }

    /// The name's length and that no other state has it, at whatever depth.
    fn check_state_name<'t>(&mut self, states: &Fields<'t>, name: &Name, span: std::ops::Range<usize>) {
        let length = name.chars().take(MAX_NAME + 1).count();
        if length == 0 || length > MAX_NAME {
            let message = if length == 0 {
                "Invalid State name: State name cannot be empty".to_owned()
            } else {
                format!(
                    "Invalid State name: State exceeds the {MAX_NAME}-character limit allowed by the service"
                )
            };
            self.report("INVALID_STATE_NAME", "SW1010", states.at(name), span.clone(), message, None);
        }
        if self.index.contains_key(name) {
            let message = format!("Duplicate State name: {}", shortened(name));
            let help =
                "state names are unique in the whole definition, branches and item processors included";
            self.report(
                "DUPLICATE_STATE_NAME",
                "SW1005",
                states.at(name),
                span,
                message,
                Some(Advice::from(help.to_owned())),
            );
        }
    }

    /// A name close to one that does not exist.
    pub(super) fn suggestion<'a>(&self, name: &str, names: impl Iterator<Item = &'a str>) -> Option<Advice> {
        if !self.reporter.wants_help() {
            return None;
        }
        closest(name, names).map(Advice::did_you_mean)
    }
}
