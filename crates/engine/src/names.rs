//! Names that clients give: the same name with the same input is the same start while the first one runs; anything else
//! is refused. Starts of one name are answered one after the other, so that two at once cannot both win.

use std::collections::HashMap;

use store::ExecutionKey;

use crate::action::Ticket;
use crate::command::StartCommand;

/// A machine's name and an execution's.
pub(crate) type FullName = (String, String);

/// What is known of names that are in use right now.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Named executions that are in memory.
    known: HashMap<FullName, ExecutionKey>,
    /// Starts that wait for the store's word on their name, first come first.
    waiting: HashMap<FullName, Vec<(Ticket, StartCommand)>>,
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
    pub(crate) fn wait(&mut self, name: FullName, ticket: Ticket, start: StartCommand) -> bool {
        let waiting = self.waiting.entry(name).or_default();
        waiting.push((ticket, start));
        waiting.len() == 1
    }

    /// The starts that waited for this name.
    pub(crate) fn take_waiting(&mut self, name: &FullName) -> Vec<(Ticket, StartCommand)> {
        self.waiting.remove(name).unwrap_or_default()
    }
}
