//! What is there to be looked at: literals, variables, and fields of objects. Most operands and most whole expressions of
//! workflows are such, so they are borrowed where they stand: no item is made, no counter of a shared value is touched.
//! Not for anything that goes through an array.

use value::Value;

use super::Evaluator;
use crate::ast::{Kind, Node, NodeId};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::item::{Focus, Item};

/// What a [direct](crate::ast::Node::direct) node turned out to be.
pub(super) enum Direct<'v> {
    /// It has this value, which is neither a function nor an element without a value.
    Value(&'v Value),
    /// It has none.
    Nothing,
    /// It has to be evaluated after all.
    Other,
}

impl<'e> Evaluator<'e> {
    /// Looks at a node for which [`Node::direct`] holds.
    #[inline]
    pub(super) fn direct<'v>(
        &'v self,
        node: &'v Node,
        focus: Focus<'v>,
        frame: FrameId,
    ) -> Result<Direct<'v>, Fault> {
        if let Kind::Path { steps, .. } = &node.kind {
            return self.direct_path(steps, focus, frame);
        }
        self.leaf(1)?;
        Ok(match &node.kind {
            Kind::Literal(value) => Direct::Value(value),
            kind => self.direct_start(kind, focus, frame),
        })
    }

    fn direct_path<'v>(
        &'v self,
        steps: &[NodeId],
        focus: Focus<'v>,
        frame: FrameId,
    ) -> Result<Direct<'v>, Fault> {
        self.leaf(2)?;
        let Some((first, rest)) = steps.split_first() else { return Ok(Direct::Other) };
        let (start, names) = match &self.node(*first).kind {
            Kind::Name(_) => (direct(focus.value), steps),
            kind => (self.direct_start(kind, focus, frame), rest),
        };
        let Direct::Value(mut value) = start else { return Ok(start) };
        self.budget.steps(names.len() as u64)?;
        for step in names {
            let (Some(name), Value::Obj(members)) = (self.node(*step).field, value) else {
                return Ok(if value.is_array() { Direct::Other } else { Direct::Nothing });
            };
            match members.get(&self.program.names[name as usize]) {
                Some(found) => value = found,
                None => return Ok(Direct::Nothing),
            }
        }
        Ok(direct(Some(value)))
    }

    #[inline]
    fn direct_start<'v>(&'v self, kind: &Kind, focus: Focus<'v>, frame: FrameId) -> Direct<'v> {
        let item = match kind {
            Kind::Context => return direct(focus.value),
            Kind::Global(name) => self.global(*name),
            Kind::Variable(name) => match self.environment.lookup(frame, *name) {
                (Some(item), _) => item,
                (None, _) => return Direct::Other,
            },
            _ => return Direct::Other,
        };
        match item {
            Item::Undefined => Direct::Nothing,
            Item::Value(value) => direct(Some(value)),
            Item::Flagged(..) | Item::Tuples(_) | Item::TailCall(..) => Direct::Other,
        }
    }
}

#[inline]
fn direct(value: Option<&Value>) -> Direct<'_> {
    match value {
        None => Direct::Nothing,
        // A function, or an element without a value.
        Some(Value::Float(f)) if f.is_nan() => Direct::Other,
        Some(value) => Direct::Value(value),
    }
}
