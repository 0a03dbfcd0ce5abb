//! A compiled expression: nodes in one flat arena, names interned. Not for how it came about (`parse`) or what it does (`eval`).

use std::sync::Arc;

use value::Value;

use crate::function::FunctionId;
use crate::regex::Pattern;
use crate::signature::Signature;

/// Index of a [`Node`].
pub(crate) type NodeId = u32;
/// Index of an interned name: a field, a variable, a label of an ancestor.
pub(crate) type NameId = u32;

/// Everything that evaluation needs of an expression.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: Vec<Arc<str>>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) signatures: Vec<Signature>,
    pub(crate) root: NodeId,
    /// Nodes inside each other. Text that is not nested makes high trees, too: `1 + 1 + 1 …` leans to the left.
    pub(crate) height: u32,
    /// Names of variables that come from outside.
    pub(crate) free: Vec<Arc<str>>,
    /// Variables that may come from outside.
    pub(crate) globals: Vec<Global>,
    /// The place of a name among the globals.
    pub(crate) places: Vec<Option<u32>>,
    /// The name of the root document, `$$`.
    pub(crate) root_name: NameId,
}

/// A variable that may come from outside.
#[derive(Debug)]
pub(crate) struct Global {
    pub(crate) name: NameId,
    /// The built-in function of that name.
    pub(crate) builtin: Option<FunctionId>,
    /// Its members that the expression reads; `None` when it reads all of it.
    pub(crate) fields: Option<Vec<NameId>>,
}

/// One node. As in the reference implementation, what a node does as a step of a path stands on the node itself.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Byte offset in the text.
    pub(crate) position: u32,
    /// `[]` was written behind it: a single result stays an array.
    pub(crate) keep_array: bool,
    /// An array constructor as first or last step, whose result is not flattened.
    pub(crate) cons_array: bool,
    /// Its results carry bindings (`@`, `#`, `%`).
    pub(crate) tuple: bool,
    /// Nothing is to be done with the result: no predicates, no grouping, no `[]`.
    pub(crate) bare: bool,
    /// A field name without anything else, as a step, or as a path of that one step.
    pub(crate) field: Option<NameId>,
    /// A literal, a variable, or a path of names from the context or from a variable: with objects all the way its value is
    /// there to be looked at, and nothing has to be made.
    pub(crate) direct: bool,
    /// Filters on the result.
    pub(crate) predicates: Vec<NodeId>,
    /// Filters and index bindings as a step of a path.
    pub(crate) stages: Vec<Stage>,
    pub(crate) group: Option<Box<Group>>,
    /// `@$name`.
    pub(crate) focus: Option<NameId>,
    /// `#$name`.
    pub(crate) index: Option<NameId>,
    /// The label under which the step's context is kept for a parent operator further on; an index of slots while parsing.
    pub(crate) ancestor: Option<u32>,
    /// Parent operators inside that look for their step outside; only while parsing.
    pub(crate) seeking: Vec<u32>,
}

/// What happens to the results of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    Filter(NodeId),
    Index(NameId),
}

/// Pairs of key and value, of a constructor or a grouping.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) pairs: Vec<(NodeId, NodeId)>,
    pub(crate) position: u32,
    /// The keys, when they are strings that differ from each other.
    pub(crate) constant_keys: Option<Vec<Arc<str>>>,
}

impl Group {
    fn inside(&self, found: &mut Vec<NodeId>) {
        found.extend(self.pairs.iter().flat_map(|(key, value)| [key, value]));
    }
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Path {
        steps: Vec<NodeId>,
        keep_singleton: bool,
    },
    Name(NameId),
    Wildcard,
    Descendant,
    /// The parent operator; the name of the label, or an index of slots while parsing.
    Parent(u32),
    /// `$`.
    Context,
    /// A variable that is bound somewhere in the expression.
    Variable(NameId),
    /// A variable that can only come from outside, or be a built-in function.
    Global(NameId),
    Literal(Value),
    Regex(u32),
    Binary {
        op: Op,
        lhs: NodeId,
        rhs: NodeId,
    },
    Negate(NodeId),
    Array(Vec<NodeId>),
    Object(Box<Group>),
    Bind {
        name: NameId,
        value: NodeId,
    },
    Condition {
        condition: NodeId,
        then: NodeId,
        otherwise: Option<NodeId>,
    },
    Block {
        expressions: Vec<NodeId>,
        /// Whether it binds variables, and so needs a frame.
        binds: bool,
    },
    Call {
        procedure: NodeId,
        args: Vec<NodeId>,
        /// Whether it is the last thing that a function does.
        tail: bool,
    },
    Partial {
        procedure: NodeId,
        /// `None` for `?`.
        args: Vec<Option<NodeId>>,
    },
    Lambda {
        params: Vec<NameId>,
        signature: Option<u32>,
        body: NodeId,
    },
    Apply {
        lhs: NodeId,
        rhs: NodeId,
    },
    Transform {
        pattern: NodeId,
        update: NodeId,
        delete: Option<NodeId>,
    },
    Sort {
        /// Expressions, and whether they sort downwards.
        terms: Vec<(NodeId, bool)>,
    },
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concat,
    Range,
    In,
    And,
    Or,
}

impl Op {
    /// The operator of that spelling.
    pub(crate) fn from_text(text: &str) -> Option<Op> {
        SPELLINGS.iter().find(|(t, _)| *t == text).map(|(_, op)| *op)
    }

    /// How it is written.
    pub(crate) fn text(self) -> &'static str {
        SPELLINGS.iter().find(|(_, op)| *op == self).map_or("", |(text, _)| text)
    }
}

const SPELLINGS: &[(&str, Op)] = &[
    ("+", Op::Add),
    ("-", Op::Subtract),
    ("*", Op::Multiply),
    ("/", Op::Divide),
    ("%", Op::Modulo),
    ("=", Op::Equal),
    ("!=", Op::NotEqual),
    ("<", Op::Less),
    ("<=", Op::LessOrEqual),
    (">", Op::Greater),
    (">=", Op::GreaterOrEqual),
    ("&", Op::Concat),
    ("..", Op::Range),
    ("in", Op::In),
    ("and", Op::And),
    ("or", Op::Or),
];

impl Node {
    /// Puts the nodes inside this one into a list.
    pub(crate) fn inside(&self, found: &mut Vec<NodeId>) {
        match &self.kind {
            Kind::Path { steps: nodes, .. } | Kind::Array(nodes) | Kind::Block { expressions: nodes, .. } => {
                found.extend(nodes);
            }
            Kind::Binary { lhs, rhs, .. } | Kind::Apply { lhs, rhs } => found.extend([lhs, rhs]),
            Kind::Negate(one) | Kind::Bind { value: one, .. } | Kind::Lambda { body: one, .. } => {
                found.push(*one)
            }
            Kind::Object(group) => group.inside(found),
            Kind::Condition { condition, then, otherwise } => {
                found.extend([condition, then]);
                found.extend(otherwise);
            }
            Kind::Call { procedure, args, .. } => {
                found.push(*procedure);
                found.extend(args);
            }
            Kind::Partial { procedure, args } => {
                found.push(*procedure);
                found.extend(args.iter().flatten());
            }
            Kind::Transform { pattern, update, delete } => {
                found.extend([pattern, update]);
                found.extend(delete);
            }
            Kind::Sort { terms } => found.extend(terms.iter().map(|(term, _)| *term)),
            Kind::Name(_) | Kind::Wildcard | Kind::Descendant | Kind::Parent(_) | Kind::Context => {}
            Kind::Variable(_) | Kind::Global(_) | Kind::Literal(_) | Kind::Regex(_) => {}
        }
        found.extend(&self.predicates);
        found.extend(self.stages.iter().filter_map(|stage| match stage {
            Stage::Filter(filter) => Some(*filter),
            Stage::Index(_) => None,
        }));
        if let Some(group) = &self.group {
            group.inside(found);
        }
    }

    pub(crate) fn new(kind: Kind, position: u32) -> Node {
        Node {
            kind,
            position,
            keep_array: false,
            cons_array: false,
            tuple: false,
            bare: false,
            field: None,
            direct: false,
            predicates: Vec::new(),
            stages: Vec::new(),
            group: None,
            focus: None,
            index: None,
            ancestor: None,
            seeking: Vec::new(),
        }
    }
}
