//! Workers that poll for activities' tasks: some work, some fail, some fall silent, and some are gone before they are answered.
//! Between them and the shards stand the queues of the node, which die with the process and outlive the loss of one shard.

use engine::{ActivityAction, ActivityQueues, Polled, QueuedTask, Reply, Taken, Ticket};
use interpreter::{Effect, TaskPhase, Timestamp};
use store::{PendingKey, ShardId};

use crate::ask::Ask;
use crate::rng::Rng;
use crate::sabotage::Sabotage;
use crate::truth::Breach;
use crate::world::{Happening, World};

/// Names of the activities that definitions use.
pub(crate) const ACTIVITIES: &[&str] = &["work", "toil"];
/// Milliseconds that a poll lasts.
const POLL_MS: i64 = 60_000;
/// Polls of one activity at a time.
const MOST_POLLS: usize = 8;

/// Something that the queues are told.
pub(crate) enum Told {
    Queued(QueuedTask),
    Unqueued(QueuedTask),
    Opens(ShardId),
    Read(ShardId),
    Taken(Ticket, Taken),
    Returned(PendingKey, bool),
    Poll(Ticket, &'static str),
    Gone(Ticket),
    Wake,
}

/// The queues, and those who poll.
pub(crate) struct Workers {
    pub(crate) rng: Rng,
    pub(crate) queues: ActivityQueues,
    /// Grows when the process dies: what was on its way then arrives nowhere.
    generation: u64,
    next_ticket: Ticket,
    /// Clients that still wait.
    polling: Vec<Ticket>,
    wake_at: Option<i64>,
}

impl Workers {
    pub(crate) fn new(rng: Rng) -> Workers {
        Workers {
            rng,
            queues: ActivityQueues::new(MOST_POLLS),
            generation: 0,
            next_ticket: 0,
            polling: Vec::new(),
            wake_at: None,
        }
    }
}

impl World {
    /// When workers poll while the world is busy.
    pub(crate) fn plan_workers(&mut self) {
        for _ in 0..self.plan.polls {
            let rng = &mut self.workers.rng;
            let at = rng.between(0, self.plan.busy_ms);
            let activity = rng.pick(ACTIVITIES).copied().unwrap_or("work");
            self.after(at, Happening::Poll(activity));
        }
    }

    /// A worker polls; some do not wait for the answer.
    pub(crate) fn poll(&mut self, activity: &'static str) -> Result<(), Breach> {
        self.workers.next_ticket += 1;
        let ticket = self.workers.next_ticket;
        self.workers.polling.push(ticket);
        self.tell_queues(0, Told::Poll(ticket, activity));
        if !self.is_good && self.workers.rng.chance(40) {
            // At any time, or while a task is on its way.
            let longest = if self.workers.rng.chance(70) { 2 * self.plan.slowness_ms + 40 } else { 30_000 };
            let delay = self.workers.rng.between(0, longest);
            self.tell_queues(delay, Told::Gone(ticket));
        }
        Ok(())
    }

    /// The queues hear something in so many milliseconds. What shards announce keeps its order.
    pub(crate) fn tell_queues(&mut self, delay: i64, told: Told) {
        let generation = self.workers.generation;
        self.after(delay, Happening::Queues { generation, told });
    }

    /// The process dies, and with it the queues and the connections of all who poll.
    pub(crate) fn crash_queues(&mut self) {
        self.workers.generation += 1;
        self.workers.queues = ActivityQueues::new(MOST_POLLS);
        self.workers.polling.clear();
        self.workers.wake_at = None;
    }

    pub(crate) fn queues_hear(&mut self, generation: u64, told: Told) -> Result<(), Breach> {
        if self.workers.generation != generation {
            return Ok(());
        }
        let now = Timestamp(self.now);
        let queues = &mut self.workers.queues;
        match told {
            Told::Queued(task) => queues.queued(task),
            Told::Unqueued(task) => queues.unqueued(&task),
            Told::Opens(shard) => queues.shard_opens(shard, now),
            Told::Read(shard) => queues.shard_read(shard),
            Told::Taken(ticket, taken) => queues.taken(ticket, taken, now),
            Told::Returned(key, is_done) => queues.returned(key, is_done, now),
            Told::Poll(ticket, activity) => {
                queues.poll(ticket, activity, None, Timestamp(self.now + POLL_MS));
            }
            Told::Gone(ticket) => {
                self.workers.polling.retain(|polling| *polling != ticket);
                queues.gone(ticket);
            }
            Told::Wake => {
                self.workers.wake_at = None;
                queues.handle_timeout(now);
            }
        }
        while let Some(action) = self.workers.queues.next_action() {
            self.act_for_queues(action)?;
        }
        self.wake_queues();
        Ok(())
    }

    /// The queues are woken when they want to be.
    fn wake_queues(&mut self) {
        let Some(due) = self.workers.queues.poll_timeout() else { return };
        if self.workers.wake_at.is_none_or(|planned| due.0 < planned) {
            self.workers.wake_at = Some(due.0);
            self.tell_queues((due.0 - self.now).max(0), Told::Wake);
        }
    }

    fn act_for_queues(&mut self, action: ActivityAction) -> Result<(), Breach> {
        match action {
            ActivityAction::Take { poll, task, .. } => {
                let delay = self.workers.rng.between(0, 20);
                self.send(delay, Ask::Take { task, poll });
            }
            ActivityAction::Return(task) => {
                if self.sabotage == Some(Sabotage::KeepUndelivered) {
                    self.tell_queues(1, Told::Returned(task, true));
                    return Ok(());
                }
                let delay = self.workers.rng.between(0, 20);
                self.send(delay, Ask::PutBack { task });
            }
            ActivityAction::Answer(ticket, polled) => {
                let waits = self.workers.polling.contains(&ticket);
                self.workers.polling.retain(|polling| *polling != ticket);
                let Polled::Task { key, token, .. } = polled else { return Ok(()) };
                if waits {
                    self.report.count("tasks received");
                    self.truth.received(key, &token)?;
                    self.work(key);
                } else {
                    self.workers.queues.undelivered(key);
                }
            }
        }
        Ok(())
    }

    /// What a worker does with a task.
    fn work(&mut self, key: PendingKey) {
        let (execution, effect) = (key.execution, key.effect);
        let mut delay = self.workers.rng.between(1, 2_000);
        for _ in 0..self.workers.rng.below(3) {
            self.send(delay, Ask::Heartbeat { execution, effect });
            delay += self.workers.rng.between(1, 20_000);
        }
        let silent = !self.is_good && self.workers.rng.chance(15);
        if !silent {
            let success = self.is_good || self.workers.rng.chance(80);
            let answer = self.outside.answer(execution, effect, success);
            self.send(delay, answer);
        }
    }

    /// A shard answered the queues, or could not.
    pub(crate) fn answer_queues(&mut self, ask: &Ask, reply: Option<&Reply>) {
        let delay = self.workers.rng.between(0, 20);
        match *ask {
            Ask::Take { poll, .. } => {
                let taken = match reply {
                    Some(Reply::Task { token, input }) => {
                        Taken::Task { token: token.clone(), input: input.clone() }
                    }
                    Some(Reply::Stale | Reply::NoSuchExecution) => Taken::Stale,
                    _ => Taken::Unknown,
                };
                self.tell_queues(delay, Told::Taken(poll, taken));
            }
            Ask::PutBack { task } => {
                let is_done = matches!(reply, Some(Reply::Accepted | Reply::Stale | Reply::NoSuchExecution));
                self.tell_queues(delay, Told::Returned(task, is_done));
            }
            _ => {}
        }
    }

    /// In a good world there is a worker for every task that waits.
    pub(crate) fn sweep_queues(&mut self) {
        let waits = |what: &Effect| matches!(what, Effect::Task(task) if task.phase == TaskPhase::Queued);
        let running = self.truth.running();
        let waiting = running
            .flat_map(|(_, shadow)| shadow.execution.outstanding().collect::<Vec<_>>())
            .filter(|(_, what)| waits(what))
            .count();
        for number in 0..waiting.min(MOST_POLLS) * ACTIVITIES.len() {
            let activity = ACTIVITIES.get(number % ACTIVITIES.len()).copied().unwrap_or("work");
            self.after(1, Happening::Poll(activity));
        }
    }
}
