//! Scopes of variables: what a flow assigns, what the flows around it assign, and what its states read.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::{Name, Read};

use super::Parser;
use super::fields::shortened;

/// What is known about variables while a definition is read. A scope is a flow: the top level, a branch, an item
/// processor; scope 0 is the top level.
#[derive(Default)]
pub(super) struct Scopes {
    /// The scope around each scope; none for the top level and for what a distributed Map runs, which sees nothing.
    parents: Vec<Option<usize>>,
    /// The state that each scope belongs to, by its place in the definition; none for the top level.
    owners: Vec<Option<usize>>,
    current: Option<usize>,
    /// The state being read.
    state: Option<usize>,
    assigned: Vec<Assigned>,
    states: Vec<Place>,
}

/// A variable that a state assigns.
struct Assigned {
    scope: usize,
    state: Option<usize>,
    name: Name,
    location: String,
    span: Range<usize>,
}

/// Where a state stands; in the order of the definition's states.
struct Place {
    scope: usize,
    location: String,
    span: Range<usize>,
}

impl Scopes {
    /// Enters the scope of a flow; returns what to hand to [`Scopes::leave`].
    pub(super) fn enter(&mut self, is_isolated: bool) -> Option<usize> {
        self.parents.push(self.current.filter(|_| !is_isolated));
        self.owners.push(self.state);
        self.current.replace(self.parents.len() - 1)
    }

    pub(super) fn leave(&mut self, outer: Option<usize>) {
        self.current = outer;
    }

    pub(super) fn assign(&mut self, name: &str, location: String, span: Range<usize>) {
        let scope = self.current.unwrap_or_default();
        self.assigned.push(Assigned { scope, state: self.state, name: name.into(), location, span });
    }

    /// Enters a state; returns what to hand to [`Scopes::leave_state`].
    pub(super) fn enter_state(&mut self, location: String, span: Range<usize>) -> Option<usize> {
        let scope = self.current.unwrap_or_default();
        self.states.push(Place { scope, location, span });
        self.state.replace(self.states.len() - 1)
    }

    pub(super) fn leave_state(&mut self, outer: Option<usize>) {
        self.state = outer;
    }

    /// The scopes that `scope` sees, itself first.
    fn visible(&self, scope: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(scope), |scope| self.parents.get(*scope).copied().flatten())
    }
}

/// Which scopes assign which variables.
struct Assignments<'s> {
    /// The only state that assigns the variable in the scope; none if several do.
    states: HashMap<(usize, &'s str), Option<usize>>,
    anywhere: HashSet<&'s str>,
}

impl<'s> Assignments<'s> {
    fn of(scopes: &'s Scopes) -> Assignments<'s> {
        let mut states = HashMap::new();
        for assigned in &scopes.assigned {
            let only = states.entry((assigned.scope, &*assigned.name)).or_insert(assigned.state);
            if *only != assigned.state {
                *only = None;
            }
        }
        Assignments { states, anywhere: scopes.assigned.iter().map(|assigned| &*assigned.name).collect() }
    }

    fn has(&self, scope: usize, name: &str) -> bool {
        self.states.contains_key(&(scope, name))
    }

    /// Whether a scope around the assignment assigns the same variable. What the state does that owns the inner scope
    /// comes after the inner scope has gone, and does not count.
    fn around(&self, scopes: &Scopes, inner: &Assigned) -> bool {
        let mut scope = inner.scope;
        while let Some(outer) = scopes.parents.get(scope).copied().flatten() {
            let owner = scopes.owners.get(scope).copied().flatten();
            if let Some(only) = self.states.get(&(outer, &*inner.name))
                && (only.is_none() || *only != owner)
            {
                return true;
            }
            scope = outer;
        }
        false
    }
}

impl Parser {
    /// An inner scope should not assign what an outer one assigns, and a variable that is read should be assigned where
    /// it can be seen (developer guide, "Variables"). The service judges neither when it takes a definition (recorded
    /// for the first), so these are warnings of ours.
    pub(super) fn check_scopes(&mut self) {
        let scopes = std::mem::take(&mut self.scopes);
        let assigned = Assignments::of(&scopes);
        for inner in &scopes.assigned {
            if assigned.around(&scopes, inner) {
                let name = shortened(&inner.name);
                let message = format!(
                    "the variable `{name}` is assigned in an outer scope, too: this assigns another one"
                );
                self.warn("", "SW2004", inner.location.clone(), inner.span.clone(), message, None);
            }
        }
        let mut faults = Vec::new();
        for (state, place) in self.states.iter().zip(&scopes.states) {
            let mut said = HashSet::new();
            state.for_each_read(&mut |read| {
                let Read::Expression(expression) = read else { return };
                for name in expression.variables() {
                    let is_seen = scopes.visible(place.scope).any(|scope| assigned.has(scope, name));
                    if !is_seen && said.insert(name.clone()) {
                        faults.push((place, name.clone(), assigned.anywhere.contains(&**name)));
                    }
                }
            });
        }
        for (place, name, is_assigned) in faults {
            let name = shortened(&name);
            let (sw_code, message) = if is_assigned {
                ("SW2004", format!("the variable `{name}` is assigned only where this state does not see it"))
            } else {
                ("SW2003", format!("no state assigns the variable `{name}`"))
            };
            self.warn("", sw_code, place.location.clone(), place.span.clone(), message, None);
        }
    }
}
