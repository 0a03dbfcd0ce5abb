//! The rules every store keeps, as one test-suite that takes a way to open a store. It uses nothing but the trait
//! and panics with the name of the rule and of the case. What only one store has (locks, versions, connections)
//! is tested where that store is.
//!
//! Most rules are tables in `rules` and `index`; `random` then compares long random histories with the memory
//! store, read by read.

#![expect(clippy::panic, reason = "a test-suite that other crates call: a failed rule ends the test")]

mod fixture;
mod index;
mod load;
mod observe;
mod random;
mod removal;
mod rules;

use crate::{Epoch, ShardId, Store};
use fixture::ok;

/// Which store the suite asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// An empty one.
    Fresh,
    /// The one of the last [`Open::Fresh`] once more, as a restarted process finds it. Its handle was dropped before.
    Again,
}

/// A way to open a store.
pub type Opener<'a> = &'a mut dyn FnMut(Open) -> Box<dyn Store>;

/// Runs all rules. Panics at the first that is broken.
pub fn run(open: Opener<'_>) {
    for (name, rule) in RULES {
        let mut bench = Bench { name, store: None, open: &mut *open };
        bench.fresh();
        rule(&mut bench);
    }
}

type Rule = fn(&mut Bench<'_>);

const RULES: &[(&str, Rule)] = &[
    ("an empty store answers every question with nothing", rules::empty),
    ("only the newest epoch of a shard writes", rules::fencing),
    ("a commit is all or nothing", rules::atomicity),
    ("extreme values come back as they were written", rules::extremes),
    ("batches are paged by record", rules::batches),
    ("batches are found by public event", rules::batch_at_event),
    ("statuses change in order", rules::statuses),
    ("a later claim replaces a name", rules::names),
    ("what is removed leaves nothing, and nothing else goes", removal::removed),
    ("ended executions are found in order", removal::ended),
    ("catalogue entries change by version", rules::catalogue),
    ("the catalogue is listed by prefix", rules::catalogue_list),
    ("a property keeps its first value", rules::property),
    ("executions are found by every filter and paged", index::executions),
    ("pending rows are found by kind, time and execution", index::waiting),
    ("settled goes before pending", index::settled),
    ("a reopened store has everything", rules::reopen),
    ("readers see whole commits, and none too late", load::readers),
    ("shards are acquired one at a time", load::acquirers),
    ("many rows are paged without loss", load::many),
    ("random histories read like the model's", random::histories),
];

/// The store under test and how to get it back.
struct Bench<'a> {
    name: &'static str,
    store: Option<Box<dyn Store>>,
    open: Opener<'a>,
}

impl Bench<'_> {
    fn fresh(&mut self) {
        self.store = None;
        self.store = Some((self.open)(Open::Fresh));
    }

    fn again(&mut self) {
        self.store = None;
        self.store = Some((self.open)(Open::Again));
    }

    fn store(&self) -> &dyn Store {
        match &self.store {
            Some(store) => store.as_ref(),
            None => panic!("{}: no store is open", self.name),
        }
    }

    fn acquire(&self, shard: u8) -> Epoch {
        ok(self.name, self.store().acquire(ShardId(shard), "suite"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    #[test]
    fn memory() {
        let mut last = MemoryStore::new();
        run(&mut |open| {
            last = match open {
                Open::Fresh => MemoryStore::new(),
                Open::Again => last.reopen(),
            };
            Box::new(last.reopen())
        });
    }
}
