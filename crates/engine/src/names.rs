//! Names that clients give: the same name with the same input is the same start while the first one runs; anything else
//! is refused. Starts of one name are answered one after the other, so that two at once cannot both win.

use std::collections::HashMap;

use store::ExecutionKey;

use crate::action::Ticket;
use crate::command::Wish;

/// A machine's name and an execution's.
pub(crate) type FullName = (String, String);

/// What is known of names that are in use right now.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Named executions that are in memory.
    known: HashMap<FullName, ExecutionKey>,
    /// Starts that wait for the store's word on their name.
    waiting: HashMap<FullName, Waiting>,
}

/// Starts of one name, first come first.
#[derive(Debug, Default)]
struct Waiting {
    /// The store was asked after they came.
    asked: Vec<(Ticket, Wish)>,
    /// They came while the store was being asked: what it says may be older than they are.
    later: Vec<(Ticket, Wish)>,
}

impl Names {
    pub(crate) fn get(&self, name: &FullName) -> Option<ExecutionKey> {
        self.known.get(name).copied()
    }

    pub(crate) fn insert(&mut self, name: FullName, execution: ExecutionKey) {
        self.known.insert(name, execution);
    }

    pub(crate) fn remove(&mut self, name: &FullName) {
        self.known.remove(name);
    }

    /// Names in use, and names that are being looked up.
    pub(crate) fn len(&self) -> usize {
        self.known.len() + self.waiting.len()
    }

    /// Lets a start wait; says whether the store has to be asked.
    pub(crate) fn wait(&mut self, name: FullName, ticket: Ticket, wish: Wish) -> bool {
        let waiting = self.waiting.entry(name).or_default();
        let is_first = waiting.asked.is_empty();
        if is_first { &mut waiting.asked } else { &mut waiting.later }.push((ticket, wish));
        is_first
    }

    /// The starts that waited when the store was asked after this name; those that came later wait on.
    pub(crate) fn take_asked(&mut self, name: &FullName) -> Vec<(Ticket, Wish)> {
        self.waiting.get_mut(name).map(|waiting| std::mem::take(&mut waiting.asked)).unwrap_or_default()
    }

    /// The starts that came while the store was asked; nobody waits for this name any more.
    pub(crate) fn take_later(&mut self, name: &FullName) -> Vec<(Ticket, Wish)> {
        self.waiting.remove(name).map(|waiting| waiting.later).unwrap_or_default()
    }

    /// The store is asked once more, for all that came meanwhile; says whether there are such.
    pub(crate) fn ask_again(&mut self, name: &FullName) -> bool {
        let later = self.take_later(name);
        let is_needed = !later.is_empty();
        if is_needed {
            self.waiting.insert(name.clone(), Waiting { asked: later, later: Vec::new() });
        }
        is_needed
    }
}
