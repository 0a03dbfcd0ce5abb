//! Variables while an expression runs: frames in one arena, freed together, so that no chain of closures can exhaust the stack.
//! Not for variables from outside, which the evaluator asks its caller for once.

use crate::ast::NameId;
use crate::item::Item;

/// Index of a [`Frame`].
pub(crate) type FrameId = u32;

/// Variables of one block, call or tuple.
#[derive(Debug)]
pub(crate) struct Frame {
    parent: Option<FrameId>,
    pub(crate) variables: Vec<(NameId, Item)>,
}

/// All frames of an evaluation.
#[derive(Debug)]
pub(crate) struct Environment {
    frames: Vec<Frame>,
}

impl Environment {
    /// An environment with its outermost frame, number 0.
    pub(crate) fn new() -> Environment {
        Environment { frames: vec![Frame { parent: None, variables: Vec::new() }] }
    }

    /// Opens a frame.
    pub(crate) fn open(&mut self, parent: FrameId, variables: Vec<(NameId, Item)>) -> FrameId {
        self.frames.push(Frame { parent: Some(parent), variables });
        u32::try_from(self.frames.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn bind(&mut self, frame: FrameId, name: NameId, item: Item) {
        let Some(frame) = self.frames.get_mut(frame as usize) else { return };
        match frame.variables.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = item,
            None => frame.variables.push((name, item)),
        }
    }

    /// The innermost binding of a name, and how many frames were looked at.
    pub(crate) fn lookup(&self, frame: FrameId, name: NameId) -> (Option<&Item>, u64) {
        let mut at = Some(frame);
        let mut hops = 0;
        while let Some(frame) = at.and_then(|id| self.frames.get(id as usize)) {
            hops += 1;
            if let Some((_, item)) = frame.variables.iter().rev().find(|(n, _)| *n == name) {
                return (Some(item), hops);
            }
            at = frame.parent;
        }
        (None, hops)
    }

    /// A point to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.frames.len()
    }

    /// Frees frames since the mark; only when nothing can refer to them any more.
    pub(crate) fn release(&mut self, mark: usize) {
        self.frames.truncate(mark);
    }
}
