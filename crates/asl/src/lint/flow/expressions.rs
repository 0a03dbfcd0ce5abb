//! Expressions of JSONPath states, on shapes: paths, context paths, variables and payload templates.

use std::sync::Arc;

use jsonpath::{Path, ReferencePath, Step as PathStep};

use super::super::shape::{Found, Member, Members, Presence, Shape};
use super::trail::Trail;
use super::{Analysis, Entry, FaultKind, Variable, Variables};
use crate::{Expression, ExpressionKind, Node, PathField, Template};

/// What an expression sees.
#[derive(Clone)]
pub(super) struct View<'v> {
    pub(super) state: usize,
    pub(super) entry: &'v Entry,
    /// `$`.
    pub(super) data: Shape,
    /// Whether `$` is what the state was entered with.
    pub(super) is_entry: bool,
    /// `$states.result`.
    pub(super) result: Option<Shape>,
    /// `$states.errorOutput`.
    pub(super) error_output: Option<Shape>,
    /// The item at hand, where a Map's fields see it.
    pub(super) item: Option<Shape>,
}

impl<'v> View<'v> {
    /// What a state sees when it is entered.
    pub(super) fn new(state: usize, entry: &'v Entry) -> View<'v> {
        View {
            state,
            entry,
            data: entry.data.clone(),
            is_entry: true,
            result: None,
            error_output: None,
            item: None,
        }
    }

    /// The same with another `$`.
    pub(super) fn on(&self, data: Shape) -> View<'v> {
        View { data, is_entry: false, ..self.clone() }
    }
}

/// What a path that ends past an array's end is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PastEnd {
    Fails,
    IsNull,
}

impl Analysis<'_> {
    /// The shape of an expression that is a whole field.
    pub(super) fn field(&mut self, view: &View<'_>, expression: &Expression, key: &str) -> Shape {
        self.expression(view, expression, &Trail::State.key(key), PastEnd::Fails)
    }

    /// `InputPath` or `OutputPath`.
    pub(super) fn path_field(&mut self, view: &View<'_>, field: &PathField, key: &str) -> Shape {
        match field {
            PathField::Whole => view.data.clone(),
            PathField::Nothing => Shape::closed([]),
            PathField::At(expression) => self.field(view, expression, key),
        }
    }

    /// The shape of an expression; reports what cannot be.
    pub(super) fn expression(
        &mut self,
        view: &View<'_>,
        expression: &Expression,
        trail: &Trail<'_>,
        past_end: PastEnd,
    ) -> Shape {
        match &expression.kind {
            ExpressionKind::Data(path) => {
                let found = self.look(view, path, &view.data, trail, past_end, &expression.text);
                if view.is_entry
                    && let Found::Sometimes(_) = found
                    && let Some(steps) = steps(path)
                {
                    self.sometimes(view, trail, &expression.text, |entry| {
                        entry.data.follow(&steps).0 != Found::Missing
                    });
                }
                found.shape()
            }
            ExpressionKind::Context(path) => {
                let context = self.context(view);
                self.look(view, path, &context, trail, past_end, &expression.text).shape()
            }
            ExpressionKind::Variable { name, path } => {
                let Some(value) = self.variable(view, name, trail, true) else { return Shape::ANY };
                let found = self.look(view, path, &value, trail, past_end, &expression.text);
                if let Found::Sometimes(_) = found
                    && let Some(steps) = steps(path)
                {
                    self.sometimes(view, trail, &expression.text, |entry| {
                        let value = entry.variables.get(name).map(|variable| variable.shape.clone());
                        value.is_none_or(|value| value.follow(&steps).0 != Found::Missing)
                    });
                }
                found.shape()
            }
            ExpressionKind::Intrinsic(call) => self.intrinsic(view, call, &expression.text, trail),
        }
    }

    /// What a path finds in a shape; reports where it can find nothing.
    fn look(
        &mut self,
        view: &View<'_>,
        path: &Path,
        data: &Shape,
        trail: &Trail<'_>,
        past_end: PastEnd,
        text: &str,
    ) -> Found {
        let Some(steps) = steps(path) else {
            let shape = if path.is_definite() { Shape::ANY } else { Shape::array(Shape::ANY, None) };
            return Found::There(shape);
        };
        let (found, reached) = data.follow(&steps);
        if found != Found::Missing || !self.is_reporting() {
            return found;
        }
        let rest = steps.get(reached..).unwrap_or_default();
        let there = data.follow(steps.get(..reached).unwrap_or_default()).0.shape();
        if past_end == PastEnd::IsNull && matches!(rest, [PathStep::Index(_)]) && there.items().is_some() {
            self.fault(view.state, trail.steps(), FaultKind::PastEnd { path: text.to_owned() });
            return found;
        }
        let wanted = match rest.first() {
            Some(PathStep::Name(name)) => Some(name.clone()),
            _ => None,
        };
        let root = text.split(['.', '[']).next().unwrap_or("$");
        let kind = FaultKind::Missing {
            path: text.to_owned(),
            reached: written(root, steps.get(..reached).unwrap_or_default()),
            found: there,
            wanted,
            fails: true,
        };
        self.fault(view.state, trail.steps(), kind);
        found
    }

    /// Reports a path that is there on some ways only.
    pub(super) fn sometimes(
        &mut self,
        view: &View<'_>,
        trail: &Trail<'_>,
        path: &str,
        holds: impl Fn(&Entry) -> bool,
    ) {
        if self.is_reporting() {
            let origins = self.origins(view.state, holds);
            if !origins.is_empty() {
                self.fault(
                    view.state,
                    trail.steps(),
                    FaultKind::Sometimes { path: path.to_owned(), origins },
                );
            }
        }
    }

    /// The value of a variable; none when it can have none, or nothing assigns it.
    pub(super) fn variable(
        &mut self,
        view: &View<'_>,
        name: &str,
        trail: &Trail<'_>,
        fails: bool,
    ) -> Option<Shape> {
        if !self.follows_variables {
            return Some(Shape::ANY);
        }
        if !self.is_assigned_in_sight(view.state, name) {
            self.unknown_variable(view, name, trail, fails);
            return None;
        }
        let found = view.entry.variables.get(name);
        let is_certain = found.is_some_and(|variable| variable.is_certain);
        if !is_certain && self.is_reporting() {
            let origins = self.origins(view.state, |entry| {
                entry.variables.get(name).is_some_and(|variable| variable.is_certain)
            });
            let is_certain = found.is_none();
            let kind = FaultKind::Unassigned { name: name.into(), origins, is_certain, fails };
            self.fault(view.state, trail.steps(), kind);
        }
        found.map(|variable| variable.shape.clone())
    }

    /// Reports a variable that no state in sight assigns.
    pub(super) fn unknown_variable(&mut self, view: &View<'_>, name: &str, trail: &Trail<'_>, fails: bool) {
        if self.is_reporting() {
            let is_elsewhere = self.assigned.iter().any(|names| names.contains(name));
            let kind = FaultKind::Unknown { name: name.into(), is_elsewhere, fails };
            self.fault(view.state, trail.steps(), kind);
        }
    }

    /// The shape of a template in a JSONPath state.
    pub(super) fn template(&mut self, view: &View<'_>, template: &Template, trail: &Trail<'_>) -> Shape {
        self.node(view, &template.root, trail)
    }

    /// Recursion is bounded by the nesting that the parser allows.
    fn node(&mut self, view: &View<'_>, node: &Node, trail: &Trail<'_>) -> Shape {
        match node {
            Node::Literal(value) => Shape::of(value),
            Node::Path { expression, .. } => self.expression(view, expression, trail, PastEnd::IsNull),
            Node::Jsonata { expression, .. } => self.jsonata(view, expression, trail).shape(),
            Node::Object(members) => {
                let mut object = Members::default();
                for (name, node) in members {
                    let key = match node {
                        Node::Path { key, .. } => key,
                        _ => name,
                    };
                    let shape = self.node(view, node, &trail.key(key));
                    object.known.insert(name.clone(), Member { shape, presence: Presence::Always });
                }
                Shape::object(object)
            }
            Node::Array(items) => {
                let items = items.iter().enumerate();
                Shape::tuple(items.map(|(at, item)| self.node(view, item, &trail.index(at))).collect())
            }
        }
    }

    /// The variables after `Assign`, whose values are these members.
    pub(super) fn assign(
        &mut self,
        view: &View<'_>,
        assign: Option<&Template>,
        trail: &Trail<'_>,
    ) -> Variables {
        let before = view.entry.variables.clone();
        let Some(assign) = assign else { return before };
        let shape = self.template(view, assign, trail);
        let Some(members) = shape.members().filter(|_| self.follows_variables) else { return before };
        let mut after = before;
        let variables = Arc::make_mut(&mut after);
        for (name, member) in &members.known {
            variables.insert(name.clone(), Variable { shape: member.shape.clone(), is_certain: true });
        }
        after
    }

    /// A value of a field that takes only some kinds.
    pub(super) fn expect(
        &mut self,
        view: &View<'_>,
        place: (&str, &str),
        shape: &Shape,
        fits: bool,
        wanted: &'static str,
    ) {
        let (key, what) = place;
        if !fits && self.is_reporting() {
            let found = shape.describe();
            let kind = FaultKind::WrongType { what: what.to_owned(), found, wanted, fails: true };
            self.fault(view.state, Trail::State.key(key).steps(), kind);
        }
    }
}

/// The steps of a Reference Path; none for other paths.
pub(super) fn steps(path: &Path) -> Option<Vec<PathStep>> {
    let steps = ReferencePath::try_from(path.clone()).ok()?.steps().to_vec();
    // `length()` and its like are functions.
    let is_call = |step: &PathStep| matches!(step, PathStep::Name(name) if name.ends_with(')'));
    (!steps.iter().any(is_call)).then_some(steps)
}

/// Steps as one writes them.
pub(super) fn written(root: &str, steps: &[PathStep]) -> String {
    let mut text = root.to_owned();
    for step in steps {
        match step {
            PathStep::Name(name) if name.chars().all(|ch| ch.is_alphanumeric() || ch == '_') => {
                text.push('.');
                text.push_str(name);
            }
            PathStep::Name(name) => text.push_str(&format!("['{name}']")),
            PathStep::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}
