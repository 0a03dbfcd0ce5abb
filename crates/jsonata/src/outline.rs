//! What an expression looks like from outside: what it refers to, and enough of its tree for those who judge an expression
//! without evaluating it. Nothing here evaluates, and nothing here knows the States Language.

use std::sync::Arc;

use value::Value;

use crate::Expression;
use crate::ast::{Group, Kind, Node, NodeId, Op, Program, Stage};
use crate::functions::is_builtin;

/// What an expression refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Names (and `$`) that are looked up in the context of the whole expression, each once. Inside a path, a filter or a
    /// function there is another context, and names there are not among these.
    pub top_level: Vec<Arc<str>>,
    /// Whether `$$` is read.
    pub root: bool,
    /// Reads of variables from outside: the variable, and the member of it that is read, if a plain name follows.
    pub variables: Vec<(Arc<str>, Option<Arc<str>>)>,
}

/// The tree of an expression, as far as it can be told without knowing data.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// A literal.
    Literal(Value),
    /// `$name.a.b`: a variable from outside, and plain names.
    Member {
        /// The variable, without the dollar.
        variable: Arc<str>,
        /// The names behind it.
        members: Vec<Arc<str>>,
    },
    /// A path that begins so and goes on with what is no plain name: it finds nothing where its beginning finds nothing.
    Longer(Box<Outline>),
    /// An object constructor: keys and values.
    Object(Vec<(Outline, Outline)>),
    /// An array constructor.
    Array(Vec<Outline>),
    /// An operator between two operands.
    Binary {
        /// As it is written.
        operator: &'static str,
        /// Left operand.
        left: Box<Outline>,
        /// Right operand.
        right: Box<Outline>,
    },
    /// `a ? b : c`: all of them; the last is missing in `a ? b`.
    Condition(Vec<Outline>),
    /// A call of a function that comes from outside or is built in.
    Call {
        /// Its name, without the dollar.
        function: Arc<str>,
        /// Its arguments.
        arguments: Vec<Outline>,
    },
    /// Anything else, and what it holds.
    Other(Vec<Outline>),
}

/// Expressions whose trees are higher are not looked into: nothing that high can be evaluated, and looking takes stack.
const HEIGHT_MAX: u32 = 1_000;

impl Expression {
    /// What the expression refers to; nothing when it is too deep for any evaluation.
    pub fn references(&self) -> References {
        let mut found = References::default();
        if self.program().height > HEIGHT_MAX {
            return found;
        }
        Walk { program: self.program(), found: &mut found }.node(self.program().root, true);
        found
    }

    /// The expression's tree.
    pub fn outline(&self) -> Outline {
        if self.program().height > HEIGHT_MAX {
            return Outline::Other(Vec::new());
        }
        outline(self.program(), self.program().root)
    }
}

struct Walk<'a> {
    program: &'a Program,
    found: &'a mut References,
}

impl Walk<'_> {
    fn name(&self, id: u32) -> Arc<str> {
        self.program.names.get(id as usize).cloned().unwrap_or_default()
    }

    fn top_level(&mut self, name: Arc<str>) {
        if !self.found.top_level.contains(&name) {
            self.found.top_level.push(name);
        }
    }

    /// Recursion is bounded by [`HEIGHT_MAX`]. `is_top` tells whether the node sees the context
    /// of the whole expression.
    fn node(&mut self, id: NodeId, is_top: bool) {
        let program = self.program;
        let Some(node) = program.nodes.get(id as usize) else { return };
        self.attachments(node);
        match &node.kind {
            Kind::Path { steps, .. } => self.path(steps, is_top),
            Kind::Name(name) if is_top => self.top_level(self.name(*name)),
            Kind::Context if is_top => self.top_level("$".into()),
            Kind::Variable(name) | Kind::Global(name) if *name == program.root_name => self.found.root = true,
            Kind::Global(name) => {
                let name = self.name(*name);
                self.found.variables.push((name, None));
            }
            Kind::Lambda { body, .. } => self.node(*body, false),
            Kind::Transform { pattern, update, delete } => {
                [Some(*pattern), Some(*update), *delete]
                    .into_iter()
                    .flatten()
                    .for_each(|id| self.node(id, false));
            }
            Kind::Sort { terms } => terms.iter().for_each(|(term, _)| self.node(*term, false)),
            Kind::Object(group) => self.group(group, is_top),
            _ => children(node).for_each(|child| self.node(child, is_top)),
        }
    }

    fn path(&mut self, steps: &[NodeId], is_top: bool) {
        let Some((first, rest)) = steps.split_first() else { return };
        let program = self.program;
        match program.nodes.get(*first as usize) {
            Some(node)
                if is_plain(node)
                    && matches!(&node.kind, Kind::Global(name) if *name != program.root_name) =>
            {
                let Kind::Global(name) = node.kind else { return };
                let member = rest.first().and_then(|step| plain_name(program, *step));
                let name = self.name(name);
                self.found.variables.push((name, member));
            }
            _ => self.node(*first, is_top),
        }
        rest.iter().for_each(|step| self.node(*step, false));
    }

    /// Filters and groupings see what they are applied to.
    fn attachments(&mut self, node: &Node) {
        node.predicates.iter().for_each(|predicate| self.node(*predicate, false));
        for stage in &node.stages {
            if let Stage::Filter(filter) = stage {
                self.node(*filter, false);
            }
        }
        if let Some(group) = &node.group {
            self.group(group, false);
        }
    }

    fn group(&mut self, group: &Group, is_top: bool) {
        for (key, value) in &group.pairs {
            self.node(*key, is_top);
            self.node(*value, is_top);
        }
    }
}

/// Whether nothing is done with the node's result.
fn is_plain(node: &Node) -> bool {
    node.predicates.is_empty()
        && node.stages.is_empty()
        && node.group.is_none()
        && node.focus.is_none()
        && node.index.is_none()
}

/// The name that a step is, if it is one and nothing else.
fn plain_name(program: &Program, id: NodeId) -> Option<Arc<str>> {
    let node = program.nodes.get(id as usize).filter(|node| is_plain(node))?;
    match node.kind {
        Kind::Name(name) => program.names.get(name as usize).cloned(),
        _ => None,
    }
}

/// What a node holds, objects and functions aside.
fn children(node: &Node) -> impl Iterator<Item = NodeId> {
    let found: Vec<NodeId> = match &node.kind {
        Kind::Binary { lhs, rhs, .. } | Kind::Apply { lhs, rhs } => vec![*lhs, *rhs],
        Kind::Negate(inner) | Kind::Bind { value: inner, .. } => vec![*inner],
        Kind::Array(items) => items.clone(),
        Kind::Condition { condition, then, otherwise } => {
            [Some(*condition), Some(*then), *otherwise].into_iter().flatten().collect()
        }
        Kind::Block { expressions, .. } => expressions.clone(),
        Kind::Call { procedure, args, .. } => {
            std::iter::once(*procedure).chain(args.iter().copied()).collect()
        }
        Kind::Partial { procedure, args } => {
            std::iter::once(*procedure).chain(args.iter().copied().flatten()).collect()
        }
        _ => Vec::new(),
    };
    found.into_iter()
}

/// Recursion is bounded as in [`Walk::node`].
fn outline(program: &Program, id: NodeId) -> Outline {
    let Some(node) = program.nodes.get(id as usize) else { return Outline::Other(Vec::new()) };
    let inner =
        |ids: &mut dyn Iterator<Item = NodeId>| ids.map(|id| outline(program, id)).collect::<Vec<_>>();
    let name = |id: u32| program.names.get(id as usize).cloned().unwrap_or_default();
    if !is_plain(node) {
        let bare = Node { kind: node.kind.clone(), ..Node::new(Kind::Context, node.position) };
        return Outline::Longer(Box::new(outline_of(program, &bare)));
    }
    match &node.kind {
        Kind::Object(group) => Outline::Object(
            group
                .pairs
                .iter()
                .map(|(key, value)| (outline(program, *key), outline(program, *value)))
                .collect(),
        ),
        Kind::Array(items) => Outline::Array(inner(&mut items.iter().copied())),
        Kind::Binary { op, lhs, rhs } if *op != Op::Range => Outline::Binary {
            operator: op.text(),
            left: Box::new(outline(program, *lhs)),
            right: Box::new(outline(program, *rhs)),
        },
        Kind::Condition { .. } => Outline::Condition(inner(&mut children(node))),
        Kind::Call { procedure, args, .. } => {
            match program.nodes.get(*procedure as usize).map(|node| &node.kind) {
                Some(Kind::Global(function)) => {
                    Outline::Call { function: name(*function), arguments: inner(&mut args.iter().copied()) }
                }
                _ => Outline::Other(inner(&mut children(node))),
            }
        }
        Kind::Block { expressions, binds: false } if expressions.len() == 1 => {
            expressions.first().map_or(Outline::Other(Vec::new()), |only| outline(program, *only))
        }
        _ => outline_of(program, node),
    }
}

/// Leaves, paths and what is not told in detail.
fn outline_of(program: &Program, node: &Node) -> Outline {
    let name = |id: u32| program.names.get(id as usize).cloned().unwrap_or_default();
    match &node.kind {
        Kind::Literal(value) => Outline::Literal(value.clone()),
        Kind::Global(id) if *id == program.root_name || is_builtin(&name(*id)) => Outline::Other(Vec::new()),
        Kind::Global(id) => Outline::Member { variable: name(*id), members: Vec::new() },
        Kind::Path { steps, keep_singleton } => path(program, steps, *keep_singleton),
        // What functions and transformations hold has a context of its own.
        Kind::Lambda { .. } | Kind::Transform { .. } | Kind::Sort { .. } => Outline::Other(Vec::new()),
        _ => Outline::Other(children(node).map(|id| outline(program, id)).collect()),
    }
}

/// `$name.a.b`, or the part of a path that is so.
fn path(program: &Program, steps: &[NodeId], keeps: bool) -> Outline {
    let Some((first, rest)) = steps.split_first() else { return Outline::Other(Vec::new()) };
    let start = outline(program, *first);
    let Outline::Member { variable, mut members } = start else { return Outline::Longer(Box::new(start)) };
    let plain = rest.iter().map_while(|step| plain_name(program, *step));
    members.extend(plain);
    let is_whole = members.len() == rest.len() && !keeps;
    let member = Outline::Member { variable, members };
    if is_whole { member } else { Outline::Longer(Box::new(member)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, top_level: &[&str], root: bool, variables: &[(&str, Option<&str>)]) {
        let found = Expression::compile(text).unwrap().references();
        assert_eq!(found.top_level.iter().map(|name| &**name).collect::<Vec<_>>(), top_level, "{text}");
        assert_eq!(found.root, root, "{text}");
        let reads: Vec<_> =
            found.variables.iter().map(|(name, member)| (&**name, member.as_deref())).collect();
        assert_eq!(reads, variables, "{text}");
    }

    #[test]
    fn names_count_where_the_whole_expression_is_their_context() {
        check("phone", &["phone"], false, &[]);
        check("a.b & a", &["a"], false, &[]);
        check("$states.input.a", &[], false, &[("states", Some("input"))]);
        check("$states.input.items[price > 3].(name)", &[], false, &[("states", Some("input"))]);
        check("$x.items{id: n}", &[], false, &[("x", Some("items"))]);
        check("{'a': b}", &["b"], false, &[]);
        check("$sum(items)", &["items"], false, &[("sum", None)]);
        check("$map($x, function($v) { $v.a & b })", &[], false, &[("map", None), ("x", None)]);
        check("$$.a", &[], true, &[]);
        check("$x.($$.a)", &[], true, &[("x", None)]);
        check("$", &["$"], false, &[]);
        check("($y := 1; $y + $z)", &[], false, &[("z", None)]);
        check("$states[0].result", &[], false, &[("states", None)]);
    }

    #[test]
    fn outlines_show_plain_members() {
        let outline = |text: &str| Expression::compile(text).unwrap().outline();
        let member = |variable: &str, members: &[&str]| Outline::Member {
            variable: variable.into(),
            members: members.iter().map(|name| Arc::from(*name)).collect(),
        };
        assert_eq!(outline("$states.input.a.b"), member("states", &["input", "a", "b"]));
        assert_eq!(outline("($x)"), member("x", &[]));
        assert_eq!(outline("$x.a[0].b"), Outline::Longer(Box::new(member("x", &[]))));
        assert_eq!(outline("$x.(a & b)"), Outline::Longer(Box::new(member("x", &[]))));
        assert_eq!(outline("$uppercase"), Outline::Other(Vec::new()));
        assert_eq!(
            outline("{'a': $x}"),
            Outline::Object(vec![(Outline::Literal("a".into()), member("x", &[]))])
        );
        assert!(matches!(outline("$x + 1"), Outline::Binary { operator: "+", .. }));
        assert!(matches!(outline("$count($x)"), Outline::Call { function, .. } if &*function == "count"));
    }
}
