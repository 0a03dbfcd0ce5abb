//! Activities: who of those that poll gets which of the tasks that wait. First come, first served, on both sides. A plain struct
//! over all shards of a node; what it knows is soft: the truth are the pending rows, which each shard announces when it is opened.
//!
//! Nobody is handed a task before its shard has said that the hand-over is durable ([`ActivityQueues::taken`]). A task whose
//! poller went away meanwhile is returned to its queue, at its old place.
//!
//! Not here: what a hand-over does to an execution (`interpreter`), connections and clocks (`runtime`).

mod task;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use interpreter::{Text, Timestamp};
use store::{PendingKey, ShardId};
use value::Payload;

pub use task::QueuedTask;

use crate::action::Ticket;

/// Milliseconds after which a return that could not be written is tried again.
const RETURN_AGAIN_MS: i64 = 500;
/// Milliseconds that all wait for a shard which is being opened: it may have tasks that came before those of the others.
const OPENING_MS: i64 = 2_000;

/// What the queues want done.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityAction {
    /// Hand this task over, durably, then call `taken`.
    Take {
        /// For whom.
        poll: Ticket,
        /// Which.
        task: PendingKey,
        /// The worker's name.
        worker: Option<Text>,
    },
    /// Return this task, which nobody was handed, then call `returned`.
    Return(PendingKey),
    /// Answer a poll.
    Answer(Ticket, Polled),
}

/// The answer to a poll.
#[derive(Clone, Debug, PartialEq)]
pub enum Polled {
    /// A task.
    Task {
        /// Which.
        key: PendingKey,
        /// Its token.
        token: String,
        /// Its input.
        input: Payload,
    },
    /// There was none in time.
    Empty,
    /// The activity was deleted meanwhile.
    Deleted,
    /// Too many poll for this activity.
    TooMany,
}

/// What came of a hand-over.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// It is durable.
    Task {
        /// The token.
        token: String,
        /// The input.
        input: Payload,
    },
    /// Nobody waits for the task any more.
    Stale,
    /// The shard was lost; nobody can know.
    Unknown,
}

/// The queues of a node.
#[derive(Debug)]
pub struct ActivityQueues {
    /// Polls of one activity at a time.
    most_polls: usize,
    activities: BTreeMap<String, Activity>,
    polls: BTreeMap<Ticket, Poll>,
    /// When polls that wait must be answered.
    deadlines: BTreeSet<(i64, Ticket)>,
    /// Tasks that are being handed over or returned, and what was announced of them meanwhile: until that is settled, nobody
    /// else is given them.
    busy: BTreeMap<PendingKey, Option<QueuedTask>>,
    /// Returns that have to be tried again.
    again: BTreeSet<(i64, PendingKey)>,
    /// Shards that have not announced all their tasks, and until when they are waited for.
    opening: BTreeMap<ShardId, i64>,
    actions: VecDeque<ActivityAction>,
    is_draining: bool,
}

/// One activity: those that wait, on both sides.
#[derive(Debug, Default)]
struct Activity {
    /// Tasks by the time since which they wait.
    tasks: BTreeSet<(i64, PendingKey)>,
    /// Polls, the first come first.
    waiting: VecDeque<Ticket>,
    /// All polls, also those for which a task is being handed over.
    polls: usize,
}

/// One poll.
#[derive(Debug)]
struct Poll {
    activity: String,
    worker: Option<Text>,
    until: i64,
    /// The task that is being handed over.
    taking: Option<PendingKey>,
    /// The client went away.
    is_gone: bool,
}

impl ActivityQueues {
    /// No queues. At most so many may poll one activity at a time (AWS: 1,000).
    pub fn new(most_polls: usize) -> ActivityQueues {
        ActivityQueues {
            most_polls,
            activities: BTreeMap::new(),
            polls: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            busy: BTreeMap::new(),
            again: BTreeSet::new(),
            opening: BTreeMap::new(),
            actions: VecDeque::new(),
            is_draining: false,
        }
    }

    /// What to do next, or `None` when everything is said.
    pub fn next_action(&mut self) -> Option<ActivityAction> {
        self.actions.pop_front()
    }

    /// Tasks that wait, and polls.
    pub fn len(&self) -> (usize, usize) {
        (self.activities.values().map(|activity| activity.tasks.len()).sum(), self.polls.len())
    }

    /// Whether nothing is known and nobody waits.
    pub fn is_empty(&self) -> bool {
        self.activities.is_empty() && self.polls.is_empty() && self.busy.is_empty()
    }

    /// Somebody polls, until a time.
    pub fn poll(&mut self, ticket: Ticket, activity: &str, worker: Option<Text>, until: Timestamp) {
        if self.is_draining {
            return self.answer(ticket, Polled::Empty);
        }
        let of = self.activities.entry(activity.to_owned()).or_default();
        if of.polls >= self.most_polls {
            return self.answer(ticket, Polled::TooMany);
        }
        of.polls += 1;
        of.waiting.push_back(ticket);
        let (activity, until) = (activity.to_owned(), until.0);
        self.polls
            .insert(ticket, Poll { activity: activity.clone(), worker, until, taking: None, is_gone: false });
        self.deadlines.insert((until, ticket));
        self.serve(&activity);
    }

    /// A poll's client went away.
    pub fn gone(&mut self, ticket: Ticket) {
        match self.polls.get_mut(&ticket) {
            None => {}
            // What is being handed over is returned when that is known to be durable.
            Some(poll) if poll.taking.is_some() => poll.is_gone = true,
            Some(_) => self.end(ticket),
        }
    }

    /// A task waits for a worker, durably. Said once more it changes nothing.
    pub fn queued(&mut self, task: QueuedTask) {
        if let Some(announced) = self.busy.get_mut(&task.key) {
            *announced = Some(task);
            return;
        }
        let activity = task.activity;
        self.activities.entry(activity.clone()).or_default().tasks.insert((task.since, task.key));
        self.serve(&activity);
    }

    /// A task no longer waits: it was handed over, or ended.
    pub fn unqueued(&mut self, task: &QueuedTask) {
        if let Some(announced) = self.busy.get_mut(&task.key) {
            *announced = None;
        }
        if let Some(activity) = self.activities.get_mut(&task.activity) {
            activity.tasks.remove(&(task.since, task.key));
            self.tidy(&task.activity);
        }
    }

    /// A shard is being opened, for the first time or again: what it announced is forgotten, and it announces all of it again.
    pub fn shard_opens(&mut self, shard: ShardId, now: Timestamp) {
        self.opening.insert(shard, now.0.saturating_add(OPENING_MS));
        for activity in self.activities.values_mut() {
            activity.tasks.retain(|(_, key)| key.execution.shard() != shard);
        }
        for (key, announced) in &mut self.busy {
            if key.execution.shard() == shard {
                *announced = None;
            }
        }
        self.activities.retain(|_, activity| !activity.is_idle());
    }

    /// A shard has announced all its tasks.
    pub fn shard_read(&mut self, shard: ShardId) {
        self.opening.remove(&shard);
        self.serve_all();
    }

    /// What came of a hand-over.
    pub fn taken(&mut self, ticket: Ticket, taken: Taken, now: Timestamp) {
        let Some(poll) = self.polls.get_mut(&ticket) else { return };
        let Some(key) = poll.taking.take() else { return };
        let (is_gone, is_late, activity) = (poll.is_gone, poll.until <= now.0, poll.activity.clone());
        match taken {
            Taken::Task { .. } if is_gone => {
                self.end(ticket);
                return self.give_back(key);
            }
            Taken::Task { token, input } => {
                self.end(ticket);
                self.busy.remove(&key);
                return self.answer(ticket, Polled::Task { key, token, input });
            }
            Taken::Unknown => self.give_back(key),
            Taken::Stale => self.settled(key),
        }
        if is_gone {
            return self.end(ticket);
        }
        if is_late || self.is_draining {
            self.end(ticket);
            return self.answer(ticket, Polled::Empty);
        }
        self.deadlines.insert((self.polls.get(&ticket).map_or(0, |poll| poll.until), ticket));
        self.activities.entry(activity.clone()).or_default().waiting.push_front(ticket);
        self.serve(&activity);
    }

    /// An answer with this task reached nobody.
    pub fn undelivered(&mut self, key: PendingKey) {
        self.give_back(key);
    }

    /// A return is durable, or was not needed; or, when its shard was lost, it has to be tried again.
    pub fn returned(&mut self, key: PendingKey, is_done: bool, now: Timestamp) {
        if !is_done {
            self.again.insert((now.0.saturating_add(RETURN_AGAIN_MS), key));
            return;
        }
        self.settled(key);
    }

    /// An activity was deleted: those that poll it hear so. Its tasks wait on: it may be created again.
    pub fn deleted(&mut self, activity: &str) {
        let Some(of) = self.activities.get_mut(activity) else { return };
        for ticket in std::mem::take(&mut of.waiting) {
            self.end(ticket);
            self.answer(ticket, Polled::Deleted);
        }
    }

    /// From now on nobody is given anything: whoever polls gets an empty answer.
    pub fn drain(&mut self) {
        self.is_draining = true;
        let waiting: Vec<Ticket> =
            self.activities.values_mut().flat_map(|activity| std::mem::take(&mut activity.waiting)).collect();
        for ticket in waiting {
            self.end(ticket);
            self.answer(ticket, Polled::Empty);
        }
    }

    /// When to call [`ActivityQueues::handle_timeout`] at the latest.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let first = self.deadlines.first().map(|(at, _)| *at);
        let again = self.again.first().map(|(at, _)| *at);
        let opened = self.opening.values().copied();
        first.into_iter().chain(again).chain(opened).min().map(Timestamp)
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let opening = self.opening.len();
        self.opening.retain(|_, until| *until > now.0);
        if self.opening.len() < opening {
            self.serve_all();
        }
        while let Some((_, ticket)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now.0) {
            self.end(ticket);
            self.answer(ticket, Polled::Empty);
        }
        while let Some((at, key)) = self.again.first().copied().filter(|(at, _)| *at <= now.0) {
            self.again.remove(&(at, key));
            self.actions.push_back(ActivityAction::Return(key));
        }
    }

    fn serve_all(&mut self) {
        let names: Vec<String> = self.activities.keys().cloned().collect();
        names.iter().for_each(|name| self.serve(name));
    }

    /// Hands tasks to those that wait for them, while there are both.
    fn serve(&mut self, name: &str) {
        if self.is_draining || !self.opening.is_empty() {
            return;
        }
        let Some(activity) = self.activities.get_mut(name) else { return };
        while let (Some(&first), Some(&ticket)) = (activity.tasks.first(), activity.waiting.front()) {
            activity.waiting.pop_front();
            let Some(poll) = self.polls.get_mut(&ticket) else { continue };
            activity.tasks.remove(&first);
            poll.taking = Some(first.1);
            self.busy.insert(first.1, None);
            self.deadlines.remove(&(poll.until, ticket));
            let worker = poll.worker.clone();
            self.actions.push_back(ActivityAction::Take { poll: ticket, task: first.1, worker });
        }
    }

    /// Nobody has this task, although it may have been handed over.
    fn give_back(&mut self, key: PendingKey) {
        self.busy.entry(key).or_default();
        self.actions.push_back(ActivityAction::Return(key));
    }

    /// A task is neither being handed over nor being returned any more.
    fn settled(&mut self, key: PendingKey) {
        if let Some(Some(task)) = self.busy.remove(&key) {
            self.queued(task);
        }
    }

    /// A poll is over.
    fn end(&mut self, ticket: Ticket) {
        let Some(poll) = self.polls.remove(&ticket) else { return };
        self.deadlines.remove(&(poll.until, ticket));
        if let Some(activity) = self.activities.get_mut(&poll.activity) {
            activity.polls = activity.polls.saturating_sub(1);
            activity.waiting.retain(|waiting| *waiting != ticket);
            self.tidy(&poll.activity);
        }
    }

    fn tidy(&mut self, name: &str) {
        if self.activities.get(name).is_some_and(Activity::is_idle) {
            self.activities.remove(name);
        }
    }

    fn answer(&mut self, ticket: Ticket, polled: Polled) {
        self.actions.push_back(ActivityAction::Answer(ticket, polled));
    }
}

impl Activity {
    fn is_idle(&self) -> bool {
        self.tasks.is_empty() && self.polls == 0
    }
}
