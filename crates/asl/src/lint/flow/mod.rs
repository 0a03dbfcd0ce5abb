//! Data flow: what the data and the variables are when a state is entered, on every way that leads there. A fixed point over
//! the graph of all flows: shapes only grow, and one that grows for too long becomes unknown, so that it ends. What follows
//! from it for the reader is the rules'.

mod choice;
mod context;
mod expressions;
mod intrinsics;
mod jsonata;
mod results;
mod state;
mod trail;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::graph::{Graph, Way};
use super::shape::Shape;
use crate::{Name, StateMachine};

pub(in crate::lint) use trail::Step;

/// How often a state's entry may grow before it becomes unknown.
const MOST_VISITS: usize = 12;

/// The most variables of a definition that are followed.
const MOST_VARIABLES: usize = 300;

/// What is known when a state is entered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) data: Shape,
    pub(super) variables: Variables,
}

/// The variables that have a value.
pub(super) type Variables = Arc<BTreeMap<Name, Variable>>;

/// A variable that has a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variable {
    pub(super) shape: Shape,
    /// Whether it has one on every way.
    pub(super) is_certain: bool,
}

/// Where something came from: a state and the way out of it.
pub(super) type Origin = (usize, Way);

/// Something that goes wrong, or hardly can be meant.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lint) struct Fault {
    pub(in crate::lint) state: usize,
    /// The place in the state.
    pub(in crate::lint) place: Vec<Step>,
    pub(in crate::lint) kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lint) enum FaultKind {
    /// A path that leads nowhere.
    Missing {
        path: String,
        /// The part of it that leads somewhere, and what is there.
        reached: String,
        found: Shape,
        /// The name that is not there, if it is a name.
        wanted: Option<Name>,
        /// Whether the state fails; otherwise something is left out.
        fails: bool,
    },
    /// A path that leads nowhere on some ways.
    Sometimes { path: String, origins: Vec<Origin> },
    /// An index past the end, which is `null` in a template.
    PastEnd { path: String },
    /// A variable without a value, on all ways or on some.
    Unassigned { name: Name, origins: Vec<Origin>, is_certain: bool, fails: bool },
    /// A variable that no state in sight assigns; perhaps one elsewhere does.
    Unknown { name: Name, is_elsewhere: bool, fails: bool },
    /// A value that the field does not take.
    WrongType { what: String, found: String, wanted: &'static str, fails: bool },
    /// A place that no value can be put at.
    NotAnObject { path: String, found: String },
    /// A call of an intrinsic function that fails.
    Intrinsic { call: String, why: String },
    /// A Choice rule that never decides anything.
    DeadRule { why: String },
}

/// The analysis of a definition.
pub(in crate::lint) struct Analysis<'a> {
    machine: &'a StateMachine,
    graph: &'a Graph,
    /// What is known at each state; none where no way leads.
    entries: Vec<Option<Entry>>,
    arrivals: HashMap<(usize, Option<Origin>), Entry>,
    /// What comes out of each flow; none while nothing does.
    outputs: Vec<Option<Shape>>,
    visits: Vec<usize>,
    queue: BTreeSet<usize>,
    /// The variables that the states of each flow assign.
    assigned: Vec<HashSet<Name>>,
    follows_variables: bool,
    /// The fewest items of Maps.
    certain_items: HashMap<usize, usize>,
    /// Gathered in a last round, when nothing grows any more.
    faults: Option<Vec<Fault>>,
}

impl<'a> Analysis<'a> {
    /// Follows the data through the whole definition.
    pub(in crate::lint) fn new(machine: &'a StateMachine, graph: &'a Graph) -> Analysis<'a> {
        let mut analysis = Analysis {
            machine,
            graph,
            entries: vec![None; machine.states.len()],
            arrivals: HashMap::new(),
            outputs: vec![None; graph.flows.len()],
            visits: vec![0; machine.states.len()],
            queue: BTreeSet::new(),
            assigned: assigned(machine, graph),
            follows_variables: true,
            certain_items: HashMap::new(),
            faults: None,
        };
        analysis.follows_variables =
            analysis.assigned.iter().map(HashSet::len).sum::<usize>() <= MOST_VARIABLES;
        if let Some(start) = graph.flows.first().and_then(|root| root.start) {
            analysis.arrive(start, None, Shape::ANY, Variables::default());
        }
        while let Some(at) = analysis.queue.pop_first() {
            analysis.visit(at);
        }
        analysis
    }

    /// What goes wrong, in the order of the definition.
    pub(in crate::lint) fn faults(&mut self) -> Vec<Fault> {
        self.faults = Some(Vec::new());
        for at in 0..self.entries.len() {
            self.visit(at);
        }
        self.faults.take().unwrap_or_default()
    }

    /// How many items a Map iterates over at least.
    pub(in crate::lint) fn certain_items(&self, state: usize) -> Option<usize> {
        self.certain_items.get(&state).copied()
    }

    /// Data comes to a state.
    fn arrive(&mut self, to: usize, from: Option<Origin>, data: Shape, variables: Variables) {
        if self.faults.is_some() {
            return;
        }
        let entry = Entry { data, variables };
        let before = self.entries.get(to).and_then(Option::as_ref);
        let mut joined = before.map_or_else(|| entry.clone(), |before| before.join(&entry));
        self.arrivals.insert((to, from), entry);
        if before == Some(&joined) {
            return;
        }
        let (Some(slot), Some(visits)) = (self.entries.get_mut(to), self.visits.get_mut(to)) else { return };
        *visits += 1;
        if *visits > MOST_VISITS {
            joined.widen();
            if slot.as_ref() == Some(&joined) {
                return;
            }
        }
        *slot = Some(joined);
        self.queue.insert(to);
    }

    /// A flow ends with this.
    fn flow_ends(&mut self, state: usize, data: Shape) {
        let Some(flow) = self.graph.flow_of.get(state).copied() else { return };
        let Some(slot) = self.outputs.get_mut(flow).filter(|_| self.faults.is_none()) else { return };
        let joined = slot.as_ref().map_or_else(|| data.clone(), |before| before.join(&data));
        if slot.as_ref() == Some(&joined) {
            return;
        }
        *slot = Some(joined);
        if let Some(owner) = self.graph.flows.get(flow).and_then(|flow| flow.owner) {
            self.queue.insert(owner);
        }
    }

    /// Whether variables are followed; there may be too many.
    pub(in crate::lint) fn follows_variables(&self) -> bool {
        self.follows_variables
    }

    fn fault(&mut self, state: usize, place: Vec<Step>, kind: FaultKind) {
        if let Some(faults) = &mut self.faults {
            let fault = Fault { state, place, kind };
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }

    fn is_reporting(&self) -> bool {
        self.faults.is_some()
    }

    /// Whether a state of a flow that the state sees assigns the variable.
    fn is_assigned_in_sight(&self, state: usize, name: &str) -> bool {
        let flows = self.graph.visible_flows(self.machine, state);
        flows.into_iter().any(|flow| self.assigned.get(flow).is_some_and(|names| names.contains(name)))
    }

    /// The ways to a state on which this does not hold, in the order of the definition.
    fn origins(&self, state: usize, holds: impl Fn(&Entry) -> bool) -> Vec<Origin> {
        let mut origins: Vec<Origin> = self
            .arrivals
            .iter()
            .filter(|((to, _), entry)| *to == state && !holds(entry))
            .filter_map(|((_, from), _)| *from)
            .collect();
        origins.sort_by_key(|(state, way)| (*state, format!("{way:?}")));
        origins
    }
}

impl Entry {
    fn join(&self, other: &Entry) -> Entry {
        Entry {
            data: self.data.join(&other.data),
            variables: join_variables(&self.variables, &other.variables),
        }
    }

    /// Forgets all but which variables there are.
    fn widen(&mut self) {
        self.data = Shape::ANY;
        for variable in Arc::make_mut(&mut self.variables).values_mut() {
            variable.shape = Shape::ANY;
        }
    }
}

fn join_variables(left: &Variables, right: &Variables) -> Variables {
    if Arc::ptr_eq(left, right) || left == right {
        return left.clone();
    }
    let mut joined = BTreeMap::new();
    for (name, variable) in left.iter() {
        let both = match right.get(name) {
            Some(other) => Variable {
                shape: variable.shape.join(&other.shape),
                is_certain: variable.is_certain && other.is_certain,
            },
            None => Variable { is_certain: false, ..variable.clone() },
        };
        joined.insert(name.clone(), both);
    }
    for (name, variable) in right.iter().filter(|(name, _)| !left.contains_key(*name)) {
        joined.insert(name.clone(), Variable { is_certain: false, ..variable.clone() });
    }
    Arc::new(joined)
}

/// The variables that the states of each flow assign, wherever in them.
fn assigned(machine: &StateMachine, graph: &Graph) -> Vec<HashSet<Name>> {
    let mut found = vec![HashSet::new(); graph.flows.len()];
    for (state, flow) in machine.states.iter().zip(&graph.flow_of) {
        let Some(names) = found.get_mut(*flow) else { continue };
        state.for_each_assign(&mut |name| {
            names.insert(name.clone());
        });
    }
    found
}
