//! Predicates: positions and conditions. Not for `$filter`.

use value::{Array, Value};

use super::{Evaluated, Evaluator};
use crate::ast::{Kind, NodeId};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::function;
use crate::item::{Focus, Item, Tuple};
use crate::number;

impl Evaluator<'_> {
    /// `item[predicate]`.
    pub(super) fn filter(&mut self, predicate: NodeId, item: Item, frame: FrameId) -> Evaluated {
        if let Item::Tuples(tuples) = item {
            return self.filter_tuples(predicate, &tuples, frame);
        }
        let items = match item {
            Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => items,
            Item::Value(value) => Array::from(vec![value]),
            Item::Undefined | Item::Tuples(_) | Item::TailCall(..) => {
                if self.literal_index(predicate).is_some()
                    || self.predicate_holds(predicate, Focus::none(), frame, 0, 1)? == 0
                {
                    // Not nothing, for which a further predicate could hold.
                    return Ok(Item::sequence(Vec::new()));
                }
                self.holes_seen = true;
                return Ok(Item::sequence(vec![function::hole()]));
            }
        };
        if let Some(index) = self.literal_index(predicate) {
            let at = position(index, items.len());
            return Ok(match at.and_then(|at| items.get(at)) {
                Some(found) => found.clone().into(),
                None => Item::sequence(Vec::new()),
            });
        }
        let mut out = Vec::new();
        for (at, value) in items.iter().enumerate() {
            let times = self.predicate_holds(predicate, Focus::of(value), frame, at, items.len())?;
            for _ in 0..times {
                out.push(value.clone());
            }
        }
        self.budget.array(out.len())?;
        Ok(Item::sequence(out))
    }

    fn filter_tuples(&mut self, predicate: NodeId, tuples: &[Tuple], frame: FrameId) -> Evaluated {
        if let Some(index) = self.literal_index(predicate) {
            let found = position(index, tuples.len()).and_then(|at| tuples.get(at));
            return Ok(Item::Tuples(found.cloned().into_iter().collect::<Vec<_>>().into()));
        }
        let mut out = Vec::new();
        for (at, tuple) in tuples.iter().enumerate() {
            let inner = self.tuple_frame(tuple, frame)?;
            let context = tuple.context.to_value();
            let focus = Focus::maybe(context.as_ref());
            let times = self.predicate_holds(predicate, focus, inner, at, tuples.len())?;
            for _ in 0..times {
                self.budget.bytes(64)?;
                out.push(tuple.clone());
            }
        }
        Ok(Item::Tuples(out.into()))
    }

    /// A predicate that is nothing but a number.
    fn literal_index(&self, predicate: NodeId) -> Option<i64> {
        let node = self.node(predicate);
        match &node.kind {
            Kind::Literal(value @ (Value::Int(_) | Value::Float(_))) => Some(floor(value)),
            _ => None,
        }
    }

    /// How often an item at a position is to be taken: once when the predicate is true, as often as its position is named when
    /// it gives numbers.
    fn predicate_holds(
        &mut self,
        predicate: NodeId,
        focus: Focus<'_>,
        frame: FrameId,
        at: usize,
        length: usize,
    ) -> Result<usize, Fault> {
        let result = self.eval(predicate, focus, frame)?;
        if let Item::Value(Value::Bool(holds)) = result {
            return Ok(usize::from(holds));
        }
        if self.is_number(&result)? {
            let Item::Value(value) = &result else { return Ok(0) };
            return Ok(usize::from(position(floor(value), length) == Some(at)));
        }
        if let Some(items) = result.as_array() {
            self.budget.steps(items.len() as u64)?;
            let mut times = 0;
            let mut numbers = true;
            for item in items {
                numbers = self.is_number(&Item::Value(item.clone()))?;
                if !numbers {
                    break;
                }
                times += usize::from(position(floor(item), length) == Some(at));
            }
            if numbers {
                return Ok(times);
            }
        }
        Ok(usize::from(self.truthy(&result)?))
    }
}

fn floor(value: &Value) -> i64 {
    match value {
        Value::Int(i) => *i,
        other => number::floor_to_i64(number::as_f64(other)),
    }
}

/// An index from the start, or from the end when it is negative.
fn position(index: i64, length: usize) -> Option<usize> {
    if index < 0 {
        let back = usize::try_from(index.unsigned_abs()).ok()?;
        return length.checked_sub(back);
    }
    usize::try_from(index).ok()
}
