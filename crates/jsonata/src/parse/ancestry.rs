//! The parent operator: finding, at compile time, the step whose context `%` means. Not for evaluation, which only looks up the
//! label that this gives to both.

use super::Parser;
use crate::ast::{Kind, NameId, NodeId};
use crate::error::Fault;

/// One parent operator.
pub(super) struct Slot {
    /// The label that its step binds; several operators that mean the same step share it.
    pub(super) label: u32,
    /// How many steps up are still to go.
    level: u32,
    /// The interned label, once all is parsed.
    pub(super) name: NameId,
}

impl Parser<'_> {
    /// A new parent operator.
    pub(super) fn parent(&mut self, at: u32) -> NodeId {
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot { label: slot, level: 1, name: 0 });
        self.add(Kind::Parent(slot), at)
    }

    /// Parent operators that `part` could not resolve inside itself: its own and those it collected.
    fn unresolved(&self, part: NodeId) -> Vec<u32> {
        let node = self.node(part);
        let mut slots = node.seeking.clone();
        if let Kind::Parent(slot) = node.kind {
            slots.push(slot);
        }
        slots
    }

    /// Hands the unresolved parent operators of a part to the whole.
    pub(super) fn push_ancestry(&mut self, whole: NodeId, part: NodeId) {
        let part = self.node(part);
        if part.seeking.is_empty() && !matches!(part.kind, Kind::Parent(_)) {
            return;
        }
        let mut slots = part.seeking.clone();
        if let Kind::Parent(slot) = part.kind {
            slots.push(slot);
        }
        self.node_mut(whole).seeking.extend(slots);
    }

    /// Looks for the parents that the last step of a path wants among the steps before it.
    pub(super) fn resolve_ancestry(&mut self, path: NodeId) {
        let Kind::Path { steps, .. } = &self.node(path).kind else { return };
        let Some(last) = steps.last() else { return };
        let slots = self.unresolved(*last);
        if slots.is_empty() {
            return;
        }
        let steps = steps.clone();
        for slot in slots {
            let mut index = steps.len() - 1;
            while self.slots[slot as usize].level > 0 {
                if index == 0 {
                    self.node_mut(path).seeking.push(slot);
                    break;
                }
                index -= 1;
                let mut step = steps[index];
                // Steps that bind the context follow each other without moving it.
                while index > 0
                    && self.node(step).focus.is_some()
                    && self.node(steps[index - 1]).focus.is_some()
                {
                    index -= 1;
                    step = steps[index];
                }
                if !self.seek_parent(step, slot) {
                    return;
                }
            }
        }
    }

    /// The parent operators of a predicate look at its step first.
    pub(super) fn seek_from_predicate(&mut self, step: NodeId, predicate: NodeId) {
        let slots = self.node(predicate).seeking.clone();
        if slots.is_empty() {
            return;
        }
        for slot in slots {
            if self.slots[slot as usize].level == 1 {
                self.seek_parent(step, slot);
            } else {
                let level = &mut self.slots[slot as usize].level;
                *level = level.saturating_sub(1);
            }
        }
        self.push_ancestry(step, predicate);
    }

    /// Counts one step on the way up; false when that cannot work, and the fault is noted.
    fn seek_parent(&mut self, node: NodeId, slot: u32) -> bool {
        if self.seeks_left == 0 {
            self.late(Fault::timeout());
            return false;
        }
        self.seeks_left -= 1;
        let found = self.node(node);
        let position = found.position;
        match &found.kind {
            Kind::Name(_) | Kind::Wildcard => self.seek_step(node, slot),
            Kind::Parent(_) => self.slots[slot as usize].level += 1,
            Kind::Block { expressions, .. } => {
                if let Some(last) = expressions.last().copied() {
                    self.node_mut(node).tuple = true;
                    return self.seek_parent(last, slot);
                }
            }
            Kind::Path { steps, .. } => {
                let steps = steps.clone();
                self.node_mut(node).tuple = true;
                for (back, step) in steps.into_iter().rev().enumerate() {
                    if back > 0 && self.slots[slot as usize].level == 0 {
                        break;
                    }
                    if !self.seek_parent(step, slot) {
                        return false;
                    }
                }
            }
            other => {
                let token = type_name(other);
                self.late(Fault::new("S0217").at(position).token(token));
                return false;
            }
        }
        true
    }

    fn seek_step(&mut self, node: NodeId, slot: u32) {
        let level = &mut self.slots[slot as usize].level;
        *level = level.saturating_sub(1);
        if *level > 0 {
            return;
        }
        if let Some(known) = self.node(node).ancestor {
            self.slots[slot as usize].label = self.slots[known as usize].label;
        }
        let step = self.node_mut(node);
        step.ancestor = Some(slot);
        step.tuple = true;
    }
}

/// What the reference implementation calls this kind of node.
pub(super) fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Path { .. } => "path",
        Kind::Name(_) => "name",
        Kind::Wildcard => "wildcard",
        Kind::Descendant => "descendant",
        Kind::Parent(_) => "parent",
        Kind::Context | Kind::Variable(_) | Kind::Global(_) => "variable",
        Kind::Literal(value) if value.is_string() => "string",
        Kind::Literal(value) if value.is_number() => "number",
        Kind::Literal(_) => "value",
        Kind::Regex(_) => "regex",
        Kind::Binary { .. } => "binary",
        Kind::Negate(_) | Kind::Array(_) | Kind::Object(_) => "unary",
        Kind::Bind { .. } => "bind",
        Kind::Condition { .. } => "condition",
        Kind::Block { .. } => "block",
        Kind::Call { .. } => "function",
        Kind::Partial { .. } => "partial",
        Kind::Lambda { .. } => "lambda",
        Kind::Apply { .. } => "apply",
        Kind::Transform { .. } => "transform",
        Kind::Sort { .. } => "sort",
    }
}
