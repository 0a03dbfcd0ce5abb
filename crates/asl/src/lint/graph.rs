//! A definition as a graph: which flows there are, which states they hold and where each state may lead. What flows along the
//! edges is `flow`'s.

use crate::{Flow, Kind, StateMachine, Transition};

/// One sub-machine.
pub(super) struct FlowNode {
    /// The Parallel or Map state that it belongs to; none for the top level.
    pub(super) owner: Option<usize>,
    pub(super) states: Vec<usize>,
    pub(super) start: Option<usize>,
}

/// Which of a state's ways it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    Next,
    Default,
    Rule(usize),
    Catch(usize),
    /// Into a flow of the state's own.
    Inside,
}

/// A transition inside a flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) way: Way,
}

/// The flows of a definition and their transitions; states are numbered as in the definition.
pub(super) struct Graph {
    pub(super) flows: Vec<FlowNode>,
    /// The flow of each state.
    pub(super) flow_of: Vec<usize>,
    /// The transitions of each state.
    pub(super) edges: Vec<Vec<Edge>>,
    /// The flows inside each state.
    pub(super) inside: Vec<Vec<usize>>,
}

impl Graph {
    pub(super) fn new(machine: &StateMachine) -> Graph {
        let count = machine.states.len();
        let mut graph = Graph {
            flows: Vec::new(),
            flow_of: vec![0; count],
            edges: vec![Vec::new(); count],
            inside: vec![Vec::new(); count],
        };
        graph.add(machine, &machine.root, None);
        for (at, state) in machine.states.iter().enumerate() {
            match &state.kind {
                Kind::Parallel(parallel) => {
                    parallel.branches.iter().for_each(|branch| graph.add(machine, branch, Some(at)));
                }
                Kind::Map(map) => graph.add(machine, &map.processor, Some(at)),
                _ => {}
            }
            graph.connect(machine, at);
        }
        graph
    }

    fn add(&mut self, machine: &StateMachine, flow: &Flow, owner: Option<usize>) {
        let number = self.flows.len();
        let find = |name| machine.index.get(name).copied();
        let states: Vec<usize> = flow.states.iter().filter_map(find).collect();
        for state in &states {
            if let Some(slot) = self.flow_of.get_mut(*state) {
                *slot = number;
            }
        }
        if let Some(inside) = owner.and_then(|owner| self.inside.get_mut(owner)) {
            inside.push(number);
        }
        self.flows.push(FlowNode { owner, states, start: find(&flow.start_at) });
    }

    fn connect(&mut self, machine: &StateMachine, at: usize) {
        let Some(state) = machine.states.get(at) else { return };
        let mut ways = Vec::new();
        if let Transition::Next(next) = &state.transition {
            ways.push((next, Way::Next));
        }
        if let Kind::Choice(choice) = &state.kind {
            ways.extend(choice.rules.iter().enumerate().map(|(rule, it)| (&it.next, Way::Rule(rule))));
            ways.extend(choice.default.iter().map(|next| (next, Way::Default)));
        }
        ways.extend(state.catch.iter().enumerate().map(|(catcher, it)| (&it.next, Way::Catch(catcher))));
        let found =
            ways.into_iter().filter_map(|(name, way)| Some(Edge { to: *machine.index.get(name)?, way }));
        if let Some(edges) = self.edges.get_mut(at) {
            edges.extend(found);
        }
    }

    /// Which states are reached without an error being caught on the way.
    pub(super) fn reached_without_errors(&self) -> Vec<bool> {
        let mut reached = vec![false; self.edges.len()];
        let mut open: Vec<usize> = self.flows.first().and_then(|root| root.start).into_iter().collect();
        while let Some(at) = open.pop() {
            let Some(slot) = reached.get_mut(at).filter(|slot| !**slot) else { continue };
            *slot = true;
            let edges = self.edges.get(at).into_iter().flatten();
            open.extend(edges.filter(|edge| !matches!(edge.way, Way::Catch(_))).map(|edge| edge.to));
            let inside = self.inside.get(at).into_iter().flatten();
            open.extend(inside.filter_map(|flow| self.flows.get(*flow)?.start));
        }
        reached
    }

    /// The states that the state leads to, each as often as it does.
    pub(super) fn successors(&self, at: usize) -> impl Iterator<Item = usize> {
        self.edges.get(at).into_iter().flatten().map(|edge| edge.to)
    }

    /// The flows around a state's flow, its own first, as far as variables reach: what a distributed Map runs sees none of
    /// outside.
    pub(super) fn visible_flows(&self, machine: &StateMachine, state: usize) -> Vec<usize> {
        let mut flows = Vec::new();
        let mut at = self.flow_of.get(state).copied();
        while let Some(flow) = at {
            flows.push(flow);
            let owner = self.flows.get(flow).and_then(|flow| flow.owner);
            at = owner
                .filter(|owner| !machine.states.get(*owner).is_some_and(is_distributed))
                .and_then(|owner| self.flow_of.get(owner).copied());
        }
        flows
    }

    /// The loops: sets of states of which each leads to each, in the order of the definition (Tarjan, without recursion).
    pub(super) fn loops(&self) -> Vec<Vec<usize>> {
        let mut search = Search::new(self.edges.len());
        for at in 0..self.edges.len() {
            search.from(self, at);
        }
        let is_loop = |states: &Vec<usize>| match states.as_slice() {
            [only] => self.successors(*only).any(|to| to == *only),
            _ => true,
        };
        let mut loops: Vec<Vec<usize>> = search.found.into_iter().filter(is_loop).collect();
        loops.iter_mut().for_each(|states| states.sort_unstable());
        loops.sort();
        loops
    }
}

/// Whether a state is a distributed Map.
pub(super) fn is_distributed(state: &crate::State) -> bool {
    matches!(&state.kind, Kind::Map(map) if map.mode != crate::MapMode::Inline)
}

struct Search {
    number: Vec<Option<usize>>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn new(count: usize) -> Search {
        Search {
            number: vec![None; count],
            low: vec![0; count],
            is_open: vec![false; count],
            open: Vec::new(),
            next: 0,
            found: Vec::new(),
        }
    }

    fn enter(&mut self, at: usize) {
        self.number[at] = Some(self.next);
        self.low[at] = self.next;
        self.is_open[at] = true;
        self.open.push(at);
        self.next += 1;
    }

    fn from(&mut self, graph: &Graph, start: usize) {
        if self.number[start].is_some() {
            return;
        }
        self.enter(start);
        let mut path = vec![(start, 0)];
        while let Some((at, edge)) = path.last_mut() {
            let (at, next) = (*at, graph.edges[*at].get(*edge).map(|edge| edge.to));
            *edge += 1;
            match next {
                Some(to) => match self.number[to] {
                    None => {
                        self.enter(to);
                        path.push((to, 0));
                    }
                    Some(number) if self.is_open[to] => self.low[at] = self.low[at].min(number),
                    Some(_) => {}
                },
                None => {
                    path.pop();
                    if let Some((before, _)) = path.last() {
                        self.low[*before] = self.low[*before].min(self.low[at]);
                    }
                    self.close(at);
                }
            }
        }
    }

    /// Takes the states of a finished set off the stack.
    fn close(&mut self, at: usize) {
        if Some(self.low[at]) != self.number[at] {
            return;
        }
        let mut states = Vec::new();
        while let Some(state) = self.open.pop() {
            self.is_open[state] = false;
            states.push(state);
            if state == at {
                break;
            }
        }
        self.found.push(states);
    }
}
