//! The structure of a definition: boxes, the scopes they stand in, and what leads from where to where, with the reasons in words.
//! *Not* here: coordinates (`layout`), spans of the text (`asl`'s diagnostics).

use std::collections::HashMap;

use asl::{ChoiceRule, Flow, Kind, MapMode, Name, ResourceKind, State, StateMachine, Transition};

use crate::condition;

/// A definition's boxes and edges. Nodes of a scope stand in the order of the text; scopes come before those nested in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Every box: states of all depths, and the top level's start and end.
    pub nodes: Vec<OutlineNode>,
    /// Every edge; both ends are in one scope.
    pub edges: Vec<OutlineEdge>,
    /// The top level first.
    pub scopes: Vec<OutlineScope>,
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineNode {
    /// The state's name; `Start` and `End` for the two markers.
    pub name: Name,
    /// What it is.
    pub kind: NodeKind,
    /// A second line: what a Task calls, how long a Wait waits, which error a Fail ends with.
    pub detail: Option<String>,
    /// The scope it stands in, an index of [`Outline::scopes`].
    pub scope: usize,
    /// The scopes inside it, one a branch.
    pub scopes: Vec<usize>,
    /// How many Retriers it has.
    pub retriers: usize,
}

/// The kinds of boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the state types, and two markers")]
pub enum NodeKind {
    Start,
    End,
    Pass,
    Task,
    Choice,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
    DistributedMap,
}

/// An edge. Several reasons to go from one state to another of one sort are one edge.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineEdge {
    /// Index of [`Outline::nodes`].
    pub from: usize,
    /// Index of [`Outline::nodes`].
    pub to: usize,
    /// Its sort.
    pub kind: EdgeKind,
    /// Why it is taken: conditions, error names. Empty for `Next`.
    pub label: String,
}

/// The sorts of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EdgeKind {
    /// `StartAt`, `Next`, and the way to the end.
    Next,
    /// A rule or the `Default` of a Choice.
    Choice,
    /// A Catcher.
    Catch,
}

/// One flow: the top level, a branch, a Map's processor.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineScope {
    /// The Parallel or Map that it belongs to; none for the top level.
    pub owner: Option<usize>,
    /// Its boxes, indexes of [`Outline::nodes`].
    pub nodes: Vec<usize>,
    /// Where it begins, an index of [`Outline::nodes`]; none in a flow without states.
    pub start: Option<usize>,
}

/// The structure of `machine`.
pub fn outline(machine: &StateMachine) -> Outline {
    let mut out = Outline::default();
    let mut flows = vec![(&machine.root, None::<usize>)];
    let mut at = 0;
    while let Some((flow, owner)) = flows.get(at).copied() {
        if let Some(owner) = owner {
            out.nodes[owner].scopes.push(at);
        }
        scope(&mut out, machine, flow, owner, &mut flows);
        at += 1;
    }
    out
}

fn scope<'a>(
    out: &mut Outline,
    machine: &'a StateMachine,
    flow: &'a Flow,
    owner: Option<usize>,
    flows: &mut Vec<(&'a Flow, Option<usize>)>,
) {
    let number = out.scopes.len();
    let first = out.nodes.len();
    let top = owner.is_none();
    if top {
        out.nodes.push(marker("Start", NodeKind::Start, number));
    }
    let states: Vec<&State> = flow.states.iter().filter_map(|name| machine.state(name)).collect();
    let mut places = HashMap::new();
    for state in &states {
        places.insert(state.name.clone(), out.nodes.len());
        for inner in inner_flows(&state.kind) {
            flows.push((inner, Some(out.nodes.len())));
        }
        out.nodes.push(node(state, number));
    }
    let end = top.then(|| {
        out.nodes.push(marker("End", NodeKind::End, number));
        out.nodes.len() - 1
    });
    let entry = places.get(&flow.start_at).copied();
    if let (true, Some(to)) = (top, entry) {
        out.edges.push(OutlineEdge { from: first, to, kind: EdgeKind::Next, label: String::new() });
    }
    for state in &states {
        edges(&mut out.edges, state, &places, end);
    }
    let nodes = (first..out.nodes.len()).collect();
    out.scopes.push(OutlineScope { owner, nodes, start: if top { Some(first) } else { entry } });
}

fn marker(name: &str, kind: NodeKind, scope: usize) -> OutlineNode {
    OutlineNode { name: name.into(), kind, detail: None, scope, scopes: Vec::new(), retriers: 0 }
}

fn inner_flows(kind: &Kind) -> &[Flow] {
    match kind {
        Kind::Parallel(parallel) => &parallel.branches,
        Kind::Map(map) => std::slice::from_ref(&map.processor),
        _ => &[],
    }
}

fn node(state: &State, scope: usize) -> OutlineNode {
    let (kind, detail) = match &state.kind {
        Kind::Pass(_) => (NodeKind::Pass, None),
        Kind::Task(task) => (NodeKind::Task, Some(resource(&task.resource))),
        Kind::Choice(_) => (NodeKind::Choice, None),
        Kind::Wait(wait) => (NodeKind::Wait, Some(wait_detail(wait))),
        Kind::Succeed => (NodeKind::Succeed, None),
        Kind::Fail(fail) => (NodeKind::Fail, fail.error.as_ref().map(text_field)),
        Kind::Parallel(_) => (NodeKind::Parallel, None),
        Kind::Map(map) if map.mode == MapMode::Inline => (NodeKind::Map, None),
        Kind::Map(_) => (NodeKind::DistributedMap, None),
    };
    let name = state.name.clone();
    OutlineNode { name, kind, detail, scope, scopes: Vec::new(), retriers: state.retry.len() }
}

fn resource(resource: &asl::Resource) -> String {
    match &resource.kind {
        ResourceKind::Service { resource_type, resource, .. } => format!("{resource_type}:{resource}"),
        ResourceKind::Lambda => {
            let name = resource.text.split(":function:").nth(1).unwrap_or(&resource.text);
            format!("lambda {name}")
        }
        ResourceKind::Activity => {
            let name = resource.text.rsplit(':').next().unwrap_or(&resource.text);
            format!("activity {name}")
        }
    }
}

fn wait_detail(wait: &asl::Wait) -> String {
    match wait {
        asl::Wait::Seconds(asl::NumberField::Literal(seconds)) => format!("{seconds} s"),
        asl::Wait::Seconds(asl::NumberField::Path(path)) => format!("{} s", path.text),
        asl::Wait::Seconds(asl::NumberField::Jsonata(expression)) => {
            format!("{} s", expression.text().trim())
        }
        asl::Wait::Timestamp(field) => format!("until {}", text_field(field)),
    }
}

fn text_field(field: &asl::TextField) -> String {
    match field {
        asl::TextField::Literal(text) => text.to_string(),
        asl::TextField::Path(path) => path.text.to_string(),
        asl::TextField::Jsonata(expression) => expression.text().trim().to_owned(),
    }
}

fn edges(out: &mut Vec<OutlineEdge>, state: &State, places: &HashMap<Name, usize>, end: Option<usize>) {
    let Some(from) = places.get(&state.name).copied() else { return };
    let mut lead = |to: Option<usize>, kind: EdgeKind, label: String| {
        let Some(to) = to else { return };
        match out
            .iter_mut()
            .rev()
            .take_while(|edge| edge.from == from)
            .find(|edge| (edge.to, edge.kind) == (to, kind))
        {
            Some(edge) if !label.is_empty() => {
                edge.label.push_str(" or ");
                edge.label.push_str(&label);
            }
            Some(_) => {}
            None => out.push(OutlineEdge { from, to, kind, label }),
        }
    };
    if let Kind::Choice(choice) = &state.kind {
        let rule = |rule: &ChoiceRule| (places.get(&rule.next).copied(), condition::rule(rule));
        for (to, label) in choice.rules.iter().map(rule) {
            lead(to, EdgeKind::Choice, label);
        }
        if let Some(default) = &choice.default {
            lead(places.get(default).copied(), EdgeKind::Choice, "default".to_owned());
        }
    }
    match &state.transition {
        Transition::Next(next) => lead(places.get(next).copied(), EdgeKind::Next, String::new()),
        Transition::End => lead(end, EdgeKind::Next, String::new()),
        Transition::None if matches!(state.kind, Kind::Fail(_)) => lead(end, EdgeKind::Next, String::new()),
        Transition::None => {}
    }
    for catcher in &state.catch {
        lead(places.get(&catcher.next).copied(), EdgeKind::Catch, catcher.error_equals.join(", "));
    }
}
