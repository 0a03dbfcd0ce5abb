//! Places in a definition: a state, and the keys and indexes that lead on from it; where they stand in the text, and how the
//! service writes them.

use std::ops::Range;

use super::Lint;
use super::flow::Step;
use crate::Kind;
use crate::syntax::Item;

/// A place in a definition.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The state; none for the top level.
    state: Option<usize>,
    steps: Vec<Step>,
    /// Whether the name of the last step is meant, not its value.
    is_key: bool,
}

impl Place {
    /// A field of the top level.
    pub(super) fn top(key: &str) -> Place {
        Place { state: None, steps: vec![Step::Key(key.into())], is_key: true }
    }

    /// A state as a whole, shown by its name.
    pub(super) fn state(state: usize) -> Place {
        Place { state: Some(state), steps: Vec::new(), is_key: true }
    }

    /// A value in a state.
    pub(super) fn value(state: usize, steps: Vec<Step>) -> Place {
        Place { state: Some(state), steps, is_key: false }
    }

    /// The value of a field of a state.
    pub(super) fn field(state: usize, key: &str) -> Place {
        Place::value(state, vec![Step::Key(key.into())])
    }

    /// The name of a member somewhere in a state.
    pub(super) fn key(state: usize, steps: Vec<Step>) -> Place {
        Place { state: Some(state), steps, is_key: true }
    }

    /// An item of an array field of a state.
    pub(super) fn item(state: usize, key: &str, at: usize) -> Place {
        Place::value(state, vec![Step::Key(key.into()), Step::Index(at)])
    }

    /// The place of a member of this one.
    pub(super) fn member(mut self, key: &str) -> Place {
        self.steps.push(Step::Key(key.into()));
        self
    }
}

impl<'a> Lint<'a> {
    /// Bytes of the text. Where a step leads nowhere, what is before it.
    pub(super) fn span(&self, place: &Place) -> Range<usize> {
        let source = place.state.and_then(|state| self.sources.get(state));
        let mut item = match source {
            Some(source) => Some(self.tree.item(source.item)),
            None => self.tree.root(),
        };
        let mut span = source.map(|source| source.key.clone()).unwrap_or_default();
        for (at, step) in place.steps.iter().enumerate() {
            let Some((inner, key)) = item.and_then(|item| follow(item, step)) else { break };
            let is_last = at + 1 == place.steps.len();
            span = match key {
                Some(key) if is_last && place.is_key => key,
                _ => head(inner),
            };
            item = Some(inner);
        }
        span
    }

    /// As the service writes places: `/States/X/Choices[0]/Next`.
    pub(super) fn location(&self, place: &Place) -> String {
        let mut location = place.state.map(|state| self.state_location(state)).unwrap_or_default();
        for step in &place.steps {
            match step {
                Step::Key(key) => {
                    location.push('/');
                    location.push_str(key);
                }
                Step::Index(at) => location.push_str(&format!("[{at}]")),
            }
        }
        location
    }

    fn state_location(&self, state: usize) -> String {
        let mut parts = Vec::new();
        let mut at = Some(state);
        while let Some(state) = at {
            parts.push(format!("/States/{}", self.name(state)));
            let Some(flow) = self.graph.flow_of.get(state).copied() else { break };
            let Some(owner) = self.graph.flows.get(flow).and_then(|flow| flow.owner) else { break };
            let place =
                self.graph.inside.get(owner).and_then(|inside| inside.iter().position(|it| *it == flow));
            parts.push(match (self.machine.states.get(owner).map(|state| &state.kind), place) {
                (Some(Kind::Parallel(_)), Some(branch)) => format!("/Branches[{branch}]"),
                _ => format!("/{}", self.processor_key(owner)),
            });
            at = Some(owner);
        }
        parts.reverse();
        parts.concat()
    }

    /// `ItemProcessor`, or `Iterator` as it was called before.
    pub(super) fn processor_key(&self, state: usize) -> &'static str {
        if self.has_field(state, "Iterator") { "Iterator" } else { "ItemProcessor" }
    }

    /// Whether the state's object has a field of that name.
    pub(super) fn has_field(&self, state: usize, key: &str) -> bool {
        self.field_item(state, key).is_some()
    }

    /// A field of a state as it stands in the text.
    pub(super) fn field_item(&self, state: usize, key: &str) -> Option<Item<'a>> {
        let (tree, source) = (self.tree, self.sources.get(state)?);
        follow(tree.item(source.item), &Step::Key(key.into())).map(|(item, _)| item)
    }
}

/// Of an object or an array only the beginning is shown, so that a terminal is not flooded.
fn head(item: Item<'_>) -> Range<usize> {
    let span = item.span();
    if item.scalar().is_some() { span } else { span.start..(span.start + 1).min(span.end) }
}

fn follow<'t>(item: Item<'t>, step: &Step) -> Option<(Item<'t>, Option<Range<usize>>)> {
    match step {
        Step::Key(key) => {
            let mut members = item.members()?;
            members
                .find(|(member, _)| member.key == *key)
                .map(|(member, item)| (item, Some(member.key_span.clone())))
        }
        Step::Index(at) => item.items()?.nth(*at).map(|item| (item, None)),
    }
}
