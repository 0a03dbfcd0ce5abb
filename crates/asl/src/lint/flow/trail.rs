//! The way from a state to a place inside it, kept on the stack while the analysis goes down, and written out when there is
//! something to report.

use crate::Name;

/// One step of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Step {
    Key(Name),
    Index(usize),
}

/// The way from a state to a place.
#[derive(Clone, Copy)]
pub(super) enum Trail<'a> {
    State,
    Key(&'a Trail<'a>, &'a str),
    Index(&'a Trail<'a>, usize),
}

impl<'a> Trail<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Trail<'a> {
        Trail::Key(self, key)
    }

    pub(super) fn index(&'a self, at: usize) -> Trail<'a> {
        Trail::Index(self, at)
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = *self;
        loop {
            at = match at {
                Trail::State => break,
                Trail::Key(before, key) => {
                    steps.push(Step::Key(key.into()));
                    *before
                }
                Trail::Index(before, index) => {
                    steps.push(Step::Index(index));
                    *before
                }
            };
        }
        steps.reverse();
        steps
    }
}
