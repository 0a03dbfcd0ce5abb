//! Paths whose steps bind: `@$context`, `#$index` and what the parent operator needs. Not for plain paths.

use value::Value;

use super::path::Input;
use super::{Evaluated, Evaluator};
use crate::ast::{Kind, Node, NodeId, Stage};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::item::{Focus, Item, Tuple};

impl<'e> Evaluator<'e> {
    /// A frame with what a tuple binds.
    pub(super) fn tuple_frame(&mut self, tuple: &Tuple, frame: FrameId) -> Result<FrameId, Fault> {
        self.budget.bytes(64 + tuple.bindings.len() * 48)?;
        Ok(self.environment.open(frame, tuple.bindings.iter().cloned().collect()))
    }

    /// The steps of a path from the first that binds on.
    pub(super) fn tuple_steps(
        &mut self,
        steps: &'e [NodeId],
        input: Input<'_>,
        frame: FrameId,
    ) -> Result<Vec<Tuple>, Fault> {
        let mut tuples: Option<Vec<Tuple>> = None;
        for step in steps {
            let node = self.node(*step);
            let next = match (&node.kind, tuples) {
                (Kind::Sort { terms }, Some(tuples)) => {
                    self.sort_tuples(terms, node.position, tuples, frame)?
                }
                (Kind::Sort { terms }, None) => {
                    let items = (0..input.len()).filter_map(|at| input.get(at).value.cloned()).collect();
                    let sorted = self.sort_items(terms, node.position, items, frame)?;
                    sorted.iter().enumerate().map(|(at, value)| index_tuple(node, at, value)).collect()
                }
                (_, None) => {
                    let start = (0..input.len()).map(|at| Tuple {
                        context: input.get(at).value.cloned().into(),
                        bindings: Vec::new(),
                    });
                    let start: Vec<Tuple> = start.collect();
                    self.tuple_step(*step, node, &start, &input, frame)?
                }
                (_, Some(tuples)) => self.tuple_step(*step, node, &tuples, &Input::Nothing, frame)?,
            };
            tuples = Some(self.tuple_stages(node, next, frame)?);
        }
        Ok(tuples.unwrap_or_default())
    }

    fn tuple_step(
        &mut self,
        step: NodeId,
        node: &Node,
        tuples: &[Tuple],
        input: &Input<'_>,
        frame: FrameId,
    ) -> Result<Vec<Tuple>, Fault> {
        let mut out = Vec::new();
        for (at, tuple) in tuples.iter().enumerate() {
            let inner = self.tuple_frame(tuple, frame)?;
            let context = tuple.context.to_value();
            let focus = match input {
                Input::Whole(focus) if at == 0 => *focus,
                _ => Focus::maybe(context.as_ref()),
            };
            match self.eval(step, focus, inner)? {
                Item::Undefined | Item::TailCall(..) => {}
                Item::Tuples(results) => {
                    for result in results.iter() {
                        self.charge_tuple(tuple)?;
                        let mut next = tuple.clone();
                        next.context = result.context.clone();
                        for (name, item) in &result.bindings {
                            next.bind(*name, item.clone());
                        }
                        out.push(next);
                    }
                }
                Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => {
                    for (index, value) in items.iter().enumerate() {
                        self.charge_tuple(tuple)?;
                        out.push(bind(node, tuple, index, value.clone()));
                    }
                }
                Item::Value(value) => {
                    self.charge_tuple(tuple)?;
                    out.push(bind(node, tuple, 0, value));
                }
            }
        }
        Ok(out)
    }

    fn charge_tuple(&mut self, tuple: &Tuple) -> Result<(), Fault> {
        self.budget.steps(1)?;
        self.budget.bytes(96 + tuple.bindings.len() * 48)
    }

    fn tuple_stages(
        &mut self,
        node: &'e Node,
        tuples: Vec<Tuple>,
        frame: FrameId,
    ) -> Result<Vec<Tuple>, Fault> {
        let mut tuples = tuples;
        for stage in &node.stages {
            match stage {
                Stage::Index(name) => {
                    for (at, tuple) in tuples.iter_mut().enumerate() {
                        tuple.bind(*name, Item::Value(Value::from(at)));
                    }
                }
                Stage::Filter(predicate) => {
                    if let Item::Tuples(kept) = self.filter(*predicate, Item::Tuples(tuples.into()), frame)? {
                        tuples = std::sync::Arc::try_unwrap(kept).unwrap_or_else(|shared| (*shared).clone());
                    } else {
                        tuples = Vec::new();
                    }
                }
            }
        }
        Ok(tuples)
    }

    /// The end of such a path: the tuples when something outside needs their bindings, their contexts otherwise.
    pub(super) fn end_tuples(
        &mut self,
        node: &'e Node,
        tuples: Vec<Tuple>,
        keep: bool,
        frame: FrameId,
    ) -> Evaluated {
        if let Some(group) = &node.group {
            return self.group(group, Item::Tuples(tuples.into()), frame);
        }
        if node.tuple {
            return Ok(Item::Tuples(tuples.into()));
        }
        self.budget.array(tuples.len())?;
        let contexts = tuples.into_iter().filter_map(|tuple| tuple.context.into_value()).collect();
        let sequence = Item::sequence(contexts);
        Ok(if keep { sequence.kept() } else { sequence })
    }
}

/// The tuple after a step: with the step's result as context, or bound to a name.
fn bind(node: &Node, tuple: &Tuple, index: usize, value: Value) -> Tuple {
    let mut next = tuple.clone();
    match node.focus {
        Some(name) => next.bind(name, Item::Value(value)),
        None => next.context = Item::Value(value),
    }
    if let Some(name) = node.index {
        next.bind(name, Item::Value(Value::from(index)));
    }
    if let Some(label) = node.ancestor {
        next.bind(label, tuple.context.clone());
    }
    next
}

fn index_tuple(node: &Node, at: usize, value: &Value) -> Tuple {
    let mut tuple = Tuple { context: Item::Value(value.clone()), bindings: Vec::new() };
    if let Some(name) = node.index {
        tuple.bind(name, Item::Value(Value::from(at)));
    }
    tuple
}
