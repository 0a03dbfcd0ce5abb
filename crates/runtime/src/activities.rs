//! Activities at work: the queues of this node on a task of their own, and the long poll of a worker. Who gets which task is
//! `engine::ActivityQueues`' business; here are the shards that hand tasks over, the clock, and clients that go away.
//!
//! A client that is gone before its answer was written has no task: what was handed over for it returns to the queue. Once the
//! answer is given to the connection nobody can know; then the task's heartbeat or timeout tells (docs/decisions/0007).

use std::collections::HashMap;
use std::time::Duration;

use engine::{ActivityAction, ActivityQueues, Polled, QueuedTask, Reply, Taken, Ticket};
use interpreter::{Text, Timestamp};
use store::{PendingKey, ShardId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use value::Payload;

use crate::clock::now;
use crate::mailbox::{Message, Shards};

/// How long a poll waits for a task (API reference, GetActivityTask).
const POLL: Duration = Duration::from_secs(60);

/// A task that a worker is given.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityTask {
    /// Its token.
    pub token: String,
    /// Its input.
    pub input: Payload,
}

/// Why a worker is given nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollError {
    /// There is no such activity.
    DoesNotExist,
    /// Too many poll for it.
    TooManyPolls,
}

/// What the queues are told.
pub(crate) enum Told {
    /// Somebody polls.
    Poll { ticket: Ticket, activity: String, worker: Option<Text>, answer: oneshot::Sender<Answer> },
    /// A poll's client went away.
    Gone(Ticket),
    /// A task waits.
    Queued(QueuedTask),
    /// A task no longer waits.
    Unqueued(QueuedTask),
    /// A shard is opened, for the first time or again.
    Opens(ShardId),
    /// A shard has said all that waits.
    Read(ShardId),
    /// A hand-over is durable, or not.
    Taken(Ticket, Taken),
    /// A return is durable, or has to be tried again.
    Returned(PendingKey, bool),
    /// An answer reached nobody.
    Undelivered(PendingKey),
    /// An activity was deleted.
    Deleted(String),
    /// From now on everybody gets an empty answer.
    Drain,
}

/// The way to the queues.
pub(crate) type Hub = mpsc::UnboundedSender<Told>;

/// The answer to a poll, on its way. One that is dropped on the way gives its task back.
pub(crate) struct Answer {
    polled: Option<Polled>,
    hub: Hub,
}

impl Answer {
    fn received(mut self) -> Polled {
        self.polled.take().unwrap_or(Polled::Empty)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(Polled::Task { key, .. }) = self.polled.take() {
            let _ = self.hub.send(Told::Undelivered(key));
        }
    }
}

/// Says so when the poll's client goes away.
struct Waiting {
    ticket: Ticket,
    hub: Hub,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.hub.send(Told::Gone(self.ticket));
    }
}

/// Polls, until there is a task or the time is over. To drop the future is to go away.
pub(crate) async fn poll(
    hub: &Hub,
    ticket: Ticket,
    activity: &str,
    worker: Option<String>,
) -> Result<Option<ActivityTask>, PollError> {
    let (answer, answered) = oneshot::channel();
    let worker = worker.map(Text::from);
    let waiting = Waiting { ticket, hub: hub.clone() };
    let told = hub.send(Told::Poll { ticket, activity: activity.to_owned(), worker, answer });
    if told.is_err() {
        return Ok(None);
    }
    // A queue that is gone belongs to a process that ends: there is nothing for anybody.
    let polled = answered.await.map_or(Polled::Empty, Answer::received);
    drop(waiting);
    match polled {
        Polled::Task { token, input, .. } => Ok(Some(ActivityTask { token, input })),
        Polled::Empty => Ok(None),
        Polled::Deleted => Err(PollError::DoesNotExist),
        Polled::TooMany => Err(PollError::TooManyPolls),
    }
}

/// The queues of a node.
pub(crate) struct Activities {
    queues: ActivityQueues,
    hub: Hub,
    inbox: mpsc::UnboundedReceiver<Told>,
    shards: Shards,
    answers: HashMap<Ticket, oneshot::Sender<Answer>>,
    exists: Box<dyn Fn(&str) -> bool + Send>,
}

impl Activities {
    pub(crate) fn new(
        most_polls: usize,
        hub: Hub,
        inbox: mpsc::UnboundedReceiver<Told>,
        shards: Shards,
        exists: Box<dyn Fn(&str) -> bool + Send>,
    ) -> Activities {
        let queues = ActivityQueues::new(most_polls);
        Activities { queues, hub, inbox, shards, answers: HashMap::new(), exists }
    }

    /// Runs as long as the process.
    pub(crate) async fn run(mut self) {
        loop {
            while let Some(action) = self.queues.next_action() {
                self.carry_out(action);
            }
            let wake = wake(self.queues.poll_timeout());
            tokio::select! {
                told = self.inbox.recv() => match told {
                    Some(told) => self.take(told),
                    None => return,
                },
                () = tokio::time::sleep_until(wake) => self.queues.handle_timeout(now()),
            }
        }
    }

    fn take(&mut self, told: Told) {
        let at = now();
        match told {
            Told::Poll { ticket, activity, worker, answer } => {
                self.answers.insert(ticket, answer);
                // Asked here, where a deletion is heard of: nobody waits for what was deleted a moment ago.
                if (self.exists)(&activity) {
                    let until = at.0.saturating_add(i64::try_from(POLL.as_millis()).unwrap_or(i64::MAX));
                    self.queues.poll(ticket, &activity, worker, Timestamp(until));
                } else {
                    self.answer(ticket, Polled::Deleted);
                }
            }
            Told::Gone(ticket) => {
                self.answers.remove(&ticket);
                self.queues.gone(ticket);
            }
            Told::Queued(task) => self.queues.queued(task),
            Told::Unqueued(task) => self.queues.unqueued(&task),
            Told::Opens(shard) => self.queues.shard_opens(shard, at),
            Told::Read(shard) => self.queues.shard_read(shard),
            Told::Taken(ticket, taken) => self.queues.taken(ticket, taken, at),
            Told::Returned(key, is_done) => self.queues.returned(key, is_done, at),
            Told::Undelivered(key) => self.queues.undelivered(key),
            Told::Deleted(activity) => self.queues.deleted(&activity),
            Told::Drain => self.queues.drain(),
        }
    }

    fn carry_out(&mut self, action: ActivityAction) {
        match action {
            ActivityAction::Take { poll, task, worker } => {
                let reply = self.ask(task, |reply| Message::Take { task, worker, reply });
                let hub = self.hub.clone();
                tokio::spawn(async move {
                    let taken = match reply.await {
                        Ok(Reply::Task { token, input }) => Taken::Task { token, input },
                        Ok(Reply::Stale | Reply::NoSuchExecution) => Taken::Stale,
                        _ => Taken::Unknown,
                    };
                    let _ = hub.send(Told::Taken(poll, taken));
                });
            }
            ActivityAction::Return(key) => {
                let reply = self.ask(key, |reply| Message::PutBack { task: key, reply });
                let hub = self.hub.clone();
                tokio::spawn(async move {
                    let is_done =
                        matches!(reply.await, Ok(Reply::Accepted | Reply::Stale | Reply::NoSuchExecution));
                    let _ = hub.send(Told::Returned(key, is_done));
                });
            }
            ActivityAction::Answer(ticket, polled) => self.answer(ticket, polled),
        }
    }

    fn ask(
        &self,
        task: PendingKey,
        message: impl FnOnce(oneshot::Sender<Reply>) -> Message,
    ) -> oneshot::Receiver<Reply> {
        let (reply, answer) = oneshot::channel();
        if let Some(mailbox) = self.shards.of(task.execution.shard()) {
            let _ = mailbox.send(message(reply));
        }
        answer
    }

    fn answer(&mut self, ticket: Ticket, polled: Polled) {
        let answer = Answer { polled: Some(polled), hub: self.hub.clone() };
        match self.answers.remove(&ticket) {
            // One that is not received drops, and gives its task back.
            Some(to) => drop(to.send(answer)),
            None => drop(answer),
        }
    }
}

fn wake(at: Option<Timestamp>) -> Instant {
    let far = Duration::from_secs(3600);
    let wait = at.map_or(far, |at| {
        Duration::from_millis(u64::try_from(at.0.saturating_sub(now().0)).unwrap_or(0)).min(far)
    });
    Instant::now() + wait
}
