//! Evaluation: one function for each kind of node, under a budget. Not for built-in functions.
//!
//! The reference implementation is followed call by call where it can be told: when sequences collapse, what is flattened, and
//! where depth is counted.

mod call;
mod direct;
mod filter;
mod group;
mod operators;
mod path;
mod sort;
mod transform;
mod tuple;

use std::cell::{Cell, OnceCell};

use smallvec::SmallVec;
use value::Value;

use crate::ast::{Kind, NameId, Node, NodeId, Program};
use crate::budget::Budget;
use crate::environment::{Environment, FrameId, Variables};
use crate::error::Fault;
use crate::expression::Context;
use crate::function::{self, FunctionId};
use crate::functions;
use crate::item::{Flag, Focus, Item};
use direct::Direct;

pub(crate) use call::{Function, of as function_of};
pub(crate) use sort::compare;

/// The result of evaluating something.
pub(crate) type Evaluated = Result<Item, Fault>;

/// Evaluates a program.
pub(crate) fn evaluate(program: &Program, context: &Context<'_>) -> Result<Option<Value>, Fault> {
    let mut evaluator = Evaluator {
        program,
        context,
        budget: Budget::new(context.limits, context.cancelled),
        environment: Environment::new(),
        made: Vec::new(),
        globals: program.globals.iter().map(|_| OnceCell::new()).collect(),
        functions_seen: Cell::new(false),
        holes_seen: false,
    };
    let focus = Focus { value: context.input, whole: true };
    let result = evaluator.eval(program.root, focus, 0)?.into_value();
    match result {
        Some(value) if evaluator.functions_seen.get() && function::inside(&value) => {
            Err(Fault::function_result())
        }
        Some(value) if evaluator.holes_seen => Ok(Some(function::filled(value, 0))),
        result => Ok(result),
    }
}

/// One evaluation.
pub(crate) struct Evaluator<'e> {
    pub(crate) program: &'e Program,
    pub(crate) context: &'e Context<'e>,
    pub(crate) budget: Budget<'e>,
    environment: Environment,
    /// Functions that this evaluation made.
    made: Vec<Function>,
    /// Variables from outside and built-in functions, in the places of [`Program::globals`], once they were asked for.
    globals: SmallVec<[OnceCell<Item>; 4]>,
    /// Some function was a value, so the result may hold one.
    functions_seen: Cell<bool>,
    /// Some array has an element without a value.
    pub(crate) holes_seen: bool,
}

impl<'e> Evaluator<'e> {
    pub(crate) fn node(&self, id: NodeId) -> &'e Node {
        &self.program.nodes[id as usize]
    }

    /// The value of a node.
    pub(crate) fn eval(&mut self, id: NodeId, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        let node = self.node(id);
        if node.direct {
            match self.direct(node, focus, frame)? {
                Direct::Value(value) => return Ok(Item::Value(value.clone())),
                Direct::Nothing => return Ok(Item::Undefined),
                Direct::Other => {}
            }
        }
        self.budget.depth += 1;
        if self.budget.depth > self.budget.limits.depth {
            return Err(Fault::depth());
        }
        self.budget.steps(1)?;
        let result = self.eval_kind(id, node, focus, frame);
        self.budget.depth -= 1;
        // Most results are returned where they were made: reading back what was just written costs more than making it.
        match &result {
            Ok(Item::Flagged(..)) => {}
            Ok(_) if !node.bare => {}
            _ => return result,
        }
        self.budget.depth += 1;
        let mut item = result?;
        if !node.bare {
            item = self.finish(node, item, frame)?;
        }
        self.budget.depth -= 1;
        Ok(item.collapse())
    }

    /// Counts an expression that has none inside but `levels` of its own.
    #[inline]
    fn leaf(&self, levels: u32) -> Result<(), Fault> {
        if self.budget.depth + levels > self.budget.limits.depth {
            return Err(Fault::depth());
        }
        self.budget.steps(1)
    }

    /// What stands behind an expression: predicates, grouping, `[]`.
    #[inline(never)]
    fn finish(&mut self, node: &'e Node, mut item: Item, frame: FrameId) -> Evaluated {
        if let Item::TailCall(..) = item {
            if node.predicates.is_empty() {
                return Ok(item);
            }
            item = self.finish_tail_call(item, Focus::none())?;
        }
        for predicate in &node.predicates {
            item = self.filter(*predicate, item, frame)?;
        }
        if let (Some(group), false) = (&node.group, matches!(node.kind, Kind::Path { .. })) {
            item = self.group(group, item, frame)?;
        }
        let by_predicate = !node.predicates.is_empty() && node.group.is_none();
        Ok(match item {
            Item::Value(value) if node.keep_array && !value.is_array() && by_predicate => {
                Item::Flagged(vec![value].into(), Flag::Kept)
            }
            item if node.keep_array => item.kept(),
            item => item,
        })
    }

    fn eval_kind(&mut self, id: NodeId, node: &'e Node, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        match &node.kind {
            Kind::Path { steps, keep_singleton } => self.path(node, steps, *keep_singleton, focus, frame),
            Kind::Literal(value) => Ok(Item::Value(value.clone())),
            Kind::Name(name) => match focus.value {
                Some(value) => self.lookup(value, *name),
                None => Ok(Item::Undefined),
            },
            Kind::Context => Ok(focus.value.cloned().into()),
            Kind::Variable(name) => self.variable(*name, frame),
            Kind::Global(name) => Ok(self.global(*name).clone()),
            Kind::Binary { op, lhs, rhs } => self.binary(*op, *lhs, *rhs, node.position, focus, frame),
            Kind::Call { tail: true, .. } => Ok(Item::TailCall(id, frame)),
            Kind::Call { procedure, args, tail: false } => {
                self.call(node, *procedure, args, None, focus, frame)
            }
            Kind::Object(group) => self.object(group, focus, frame),
            Kind::Array(items) => self.array(node, items, focus, frame),
            Kind::Condition { condition, then, otherwise } => {
                let condition = self.eval(*condition, focus, frame)?;
                if self.truthy(&condition)? {
                    self.eval(*then, focus, frame)
                } else if let Some(otherwise) = otherwise {
                    self.eval(*otherwise, focus, frame)
                } else {
                    Ok(Item::Undefined)
                }
            }
            Kind::Block { expressions, binds } => self.block(expressions, *binds, focus, frame),
            Kind::Bind { name, value } => {
                let item = self.eval(*value, focus, frame)?;
                self.environment.bind(frame, *name, item.clone());
                Ok(item)
            }
            _ => self.eval_rare(id, node, focus, frame),
        }
    }

    #[inline(never)]
    fn eval_rare(&mut self, id: NodeId, node: &'e Node, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        match &node.kind {
            Kind::Parent(label) => self.variable(*label, frame),
            Kind::Wildcard => self.wildcard(focus),
            Kind::Descendant => self.descendants(focus),
            Kind::Negate(inner) => self.negate(*inner, node.position, focus, frame),
            Kind::Regex(pattern) => {
                self.functions_seen.set(true);
                Ok(Item::of_function(functions::count() + pattern))
            }
            Kind::Partial { procedure, args } => self.partial(node, *procedure, args, focus, frame),
            Kind::Lambda { .. } => {
                let input = focus.value.cloned();
                self.make(Function::Lambda { node: id, frame, input, whole: focus.whole })
            }
            Kind::Apply { lhs, rhs } => self.apply_operator(node, *lhs, *rhs, focus, frame),
            Kind::Transform { .. } => self.make(Function::Transform { node: id, frame }),
            // A sort is evaluated as a step of its path, all others above.
            _ => Ok(Item::Undefined),
        }
    }

    /// A variable that the expression binds somewhere.
    fn variable(&mut self, name: NameId, frame: FrameId) -> Evaluated {
        let (found, hops) = self.environment.lookup(frame, name);
        let found = found.cloned();
        self.budget.steps(hops / 8)?;
        Ok(match found {
            Some(item) => item,
            None if self.place(name).is_some() => self.global(name).clone(),
            None => self.find_global(name, functions::find(&self.program.names[name as usize])),
        })
    }

    fn place(&self, name: NameId) -> Option<usize> {
        self.program.places.get(name as usize).copied().flatten().map(|place| place as usize)
    }

    /// A variable from outside, or a built-in function: one that [`Kind::Global`] names.
    #[inline]
    fn global(&self, name: NameId) -> &Item {
        let Some(place) = self.place(name) else { return &Item::Undefined };
        self.globals[place].get_or_init(|| self.find_global(name, self.program.globals[place].builtin))
    }

    fn find_global(&self, name: NameId, builtin: Option<FunctionId>) -> Item {
        let item = if name == self.program.root_name {
            self.context.input.cloned().into()
        } else {
            match (self.context.variables)(&self.program.names[name as usize]) {
                Some(value) => Item::Value(value),
                None => builtin.map_or(Item::Undefined, Item::of_function),
            }
        };
        if item.function().is_some() {
            self.functions_seen.set(true);
        }
        item
    }

    fn block(&mut self, expressions: &[NodeId], binds: bool, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        let mark = self.environment.mark();
        let made = self.made.len();
        let mut inner = frame;
        if binds {
            self.budget.bytes(64)?;
            inner = self.environment.open(frame, Variables::new());
        }
        let mut result = Item::Undefined;
        for expression in expressions {
            result = self.eval(*expression, focus, inner)?;
        }
        if binds && self.made.len() == made && !matches!(result, Item::TailCall(..)) {
            self.environment.release(mark);
            self.budget.give_back(64);
        }
        Ok(result)
    }

    #[inline(never)]
    fn array(&mut self, node: &Node, items: &[NodeId], focus: Focus<'_>, frame: FrameId) -> Evaluated {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(*item, focus, frame)?;
            let nested = matches!(self.node(*item).kind, Kind::Array(_));
            match value.as_array() {
                Some(elements) if !nested => {
                    if out.is_empty() && items.len() == 1 && !node.cons_array {
                        // The only item: its elements are the array.
                        return Ok(Item::Value(Value::Arr(elements.clone())));
                    }
                    self.budget.array(out.len() + elements.len())?;
                    out.extend(elements.iter().cloned());
                }
                _ => out.extend(value.into_value()),
            }
        }
        self.budget.array(out.len())?;
        if node.cons_array {
            return Ok(Item::Flagged(out.into(), Flag::Constructed));
        }
        Ok(Item::array(out))
    }

    fn negate(&mut self, inner: NodeId, position: u32, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        let item = self.eval(inner, focus, frame)?;
        match &item {
            Item::Undefined => Ok(Item::Undefined),
            Item::Value(value) if self.is_number(&item)? => Ok(Item::Value(crate::number::negate(value))),
            _ => Err(Fault::new("D1002").at(position).token("-").item("value", &item)),
        }
    }

    /// Whether it is a number; infinite ones are out of range.
    pub(crate) fn is_number(&self, item: &Item) -> Result<bool, Fault> {
        match item.as_number() {
            Some(f) if f.is_infinite() => Err(Fault::new("D1001").text("value", "null".to_owned())),
            Some(f) => Ok(!f.is_nan()),
            None => Ok(false),
        }
    }

    /// JSONata's idea of truth: `$boolean`, with nothing as false.
    pub(crate) fn truthy(&mut self, item: &Item) -> Result<bool, Fault> {
        match item {
            Item::Undefined | Item::TailCall(..) => Ok(false),
            Item::Value(value) => self.value_truthy(value),
            Item::Flagged(items, _) => self.any_truthy(items),
            Item::Tuples(tuples) => Ok(!tuples.is_empty()),
        }
    }

    fn value_truthy(&mut self, value: &Value) -> Result<bool, Fault> {
        match value {
            Value::Null => Ok(false),
            Value::Bool(b) => Ok(*b),
            Value::Int(i) => Ok(*i != 0),
            Value::Float(f) if f.is_infinite() => Err(Fault::new("D1001").text("value", "null".to_owned())),
            Value::Float(f) => Ok(!f.is_nan() && *f != 0.0),
            Value::Str(s) => Ok(!s.is_empty()),
            Value::Obj(members) => Ok(!members.is_empty()),
            Value::Arr(items) => self.any_truthy(items),
        }
    }

    /// Whether any element is true, arrays inside included. Iterative.
    fn any_truthy(&mut self, items: &[Value]) -> Result<bool, Fault> {
        let mut open: Vec<&[Value]> = vec![items];
        while let Some(items) = open.pop() {
            self.budget.steps(items.len() as u64)?;
            for item in items {
                match item {
                    Value::Arr(inner) => open.push(inner),
                    leaf => {
                        if self.value_truthy(leaf)? {
                            return Ok(true);
                        }
                    }
                }
            }
        }
        Ok(false)
    }
}
