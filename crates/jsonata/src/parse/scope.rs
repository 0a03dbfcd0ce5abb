//! Which variables an expression binds itself, and which must come from outside. Not for evaluation, which looks names up in
//! frames: this only serves to say what an expression refers to, and to tell globals from locals.

use std::collections::HashSet;

use crate::ast::NameId;

/// Scopes while parsing, in the order of the text.
#[derive(Default)]
pub(super) struct Scopes {
    /// Open blocks and functions: what each binds so far.
    open: Vec<Vec<NameId>>,
    /// What is bound outside of all blocks.
    top: Vec<NameId>,
    /// Names referred to while not bound.
    free: Vec<NameId>,
    bound: HashSet<NameId>,
}

impl Scopes {
    pub(super) fn open(&mut self) {
        self.open.push(Vec::new());
    }

    /// Ends a scope; whether it bound anything.
    pub(super) fn close(&mut self) -> bool {
        self.open.pop().is_some_and(|names| !names.is_empty())
    }

    pub(super) fn bind(&mut self, name: NameId) {
        self.bound.insert(name);
        let scope = self.open.last_mut().unwrap_or(&mut self.top);
        if !scope.contains(&name) {
            scope.push(name);
        }
    }

    /// Binds for the steps that follow; frames for these are made by evaluation, so the block need not have one.
    pub(super) fn bind_late(&mut self, name: NameId) {
        self.bind(name);
    }

    pub(super) fn refer(&mut self, name: NameId) {
        let local = self.top.contains(&name) || self.open.iter().any(|scope| scope.contains(&name));
        if !local {
            self.free.push(name);
        }
    }

    /// The last reference was none: it is being bound.
    pub(super) fn unrefer(&mut self, name: NameId) {
        if self.free.last() == Some(&name) {
            self.free.pop();
        }
    }

    /// A point to come back to.
    pub(super) fn mark(&self) -> usize {
        self.free.len()
    }

    /// Forgets references since the mark: they were parameters.
    pub(super) fn reset(&mut self, mark: usize) {
        self.free.truncate(mark);
    }

    /// All names that the expression binds anywhere.
    pub(super) fn bound(&self) -> HashSet<NameId> {
        self.bound.clone()
    }

    /// Free names, each once, in the order of the text.
    pub(super) fn free(&self) -> impl Iterator<Item = NameId> {
        let mut seen = HashSet::new();
        self.free.iter().copied().filter(move |name| seen.insert(*name))
    }
}
