//! Variables while an expression runs: frames in one arena, freed together, so that no chain of closures can exhaust the stack.
//! Not for variables from outside, which the evaluator asks its caller for once.

use smallvec::SmallVec;

use crate::ast::NameId;
use crate::item::Item;

/// Index of a [`Frame`].
pub(crate) type FrameId = u32;

/// Variables of a frame: mostly one or two, so that they need no allocation.
pub(crate) type Variables = SmallVec<[(NameId, Item); 2]>;

/// Variables of one block, call or tuple.
#[derive(Debug)]
pub(crate) struct Frame {
    parent: FrameId,
    variables: Variables,
}

/// All frames of an evaluation.
#[derive(Debug)]
pub(crate) struct Environment {
    /// Variables outside of all blocks; frame 0.
    outermost: Variables,
    /// Frames from 1 on.
    frames: Vec<Frame>,
}

impl Environment {
    /// An environment with nothing but its outermost frame, number 0.
    pub(crate) fn new() -> Environment {
        Environment { outermost: Variables::new(), frames: Vec::new() }
    }

    /// Opens a frame.
    pub(crate) fn open(&mut self, parent: FrameId, variables: Variables) -> FrameId {
        self.frames.push(Frame { parent, variables });
        u32::try_from(self.frames.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn bind(&mut self, frame: FrameId, name: NameId, item: Item) {
        let variables = match (frame as usize).checked_sub(1).and_then(|at| self.frames.get_mut(at)) {
            Some(frame) => &mut frame.variables,
            None => &mut self.outermost,
        };
        match variables.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = item,
            None => variables.push((name, item)),
        }
    }

    /// The innermost binding of a name, and how many frames were looked at.
    pub(crate) fn lookup(&self, frame: FrameId, name: NameId) -> (Option<&Item>, u64) {
        let mut at = frame as usize;
        let mut hops = 0;
        while let Some(frame) = at.checked_sub(1).and_then(|at| self.frames.get(at)) {
            hops += 1;
            if let Some((_, item)) = frame.variables.iter().rev().find(|(n, _)| *n == name) {
                return (Some(item), hops);
            }
            at = frame.parent as usize;
        }
        (self.outermost.iter().find(|(n, _)| *n == name).map(|(_, item)| item), hops)
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
