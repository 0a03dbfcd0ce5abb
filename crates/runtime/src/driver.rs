//! The driver of one shard: one loop over its mailbox and its timer, which tells the shard what happened and does what
//! the shard says. A failed commit ends the shard; a new incarnation is opened from the store, by the same code as at
//! start.

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use engine::{Action, ExpressRun, Reply, Settings, Shard, Ticket};
use futures_util::FutureExt;
use interpreter::{EffectId, Environment, Parent};
use store::{ExecutionKey, ExecutionQuery, ShardId};
use task::Connector;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::activities::{Hub, Told};
use crate::calls::Calls;
use crate::changes::Changes;
use crate::clock::now;
use crate::committer::Job;
use crate::express;
use crate::loader::Loader;
use crate::logs::{Feed, Hints};
use crate::mailbox::{Mailbox, Message, ReplyTo, Shards};
use crate::open_executions::{self, OpenExecutions};

/// Messages taken in before actions are carried out: what arrives together is committed together.
const BURST: usize = 512;
/// Executions that one thread reads.
const LOADS: usize = 64;
/// How long to wait before a shard that could not be opened is tried again.
const REOPEN: Duration = Duration::from_millis(500);

/// What a driver needs.
pub(crate) struct Parts {
    pub(crate) id: ShardId,
    pub(crate) owner: String,
    pub(crate) environment: Arc<Environment>,
    pub(crate) settings: Settings,
    pub(crate) loader: Loader,
    pub(crate) connector: Arc<dyn Connector>,
    /// All shards: a child's parent may be on any.
    pub(crate) shards: Shards,
    pub(crate) committer: Sender<Job>,
    pub(crate) open_executions: Arc<OpenExecutions>,
    /// Where tasks that wait for a worker are announced.
    pub(crate) activities: Hub,
    /// How long a store that cannot be opened again is tried.
    pub(crate) give_up_after: Duration,
    /// Told which executions have new records, once these are durable.
    pub(crate) changes: Changes,
    /// Told the same for the execution logs.
    pub(crate) logs: Feed,
    /// Told when the store is given up.
    pub(crate) failed: Arc<watch::Sender<Option<String>>>,
}

/// One shard and its surroundings.
pub(crate) struct Driver {
    parts: Parts,
    mailbox: Mailbox,
    inbox: mpsc::UnboundedReceiver<Message>,
    incarnation: u64,
    shard: Shard,
    calls: Calls,
    /// Executions that are to be read, and whether whole.
    loads: Vec<(ExecutionKey, bool)>,
    tickets: HashMap<Ticket, ReplyTo>,
    next_ticket: Ticket,
    /// The shard is lost and must be opened again.
    broken: Option<String>,
    draining: Option<(Instant, oneshot::Sender<()>)>,
    /// State machines that are being deleted: known to every incarnation.
    deleting: BTreeSet<String>,
    /// Express executions that run on after their start was answered.
    express: JoinSet<()>,
    committing: bool,
    /// The executions of the commit under way that somebody watches for.
    changing: Vec<ExecutionKey>,
    /// What it means to the execution logs.
    hints: Hints,
}

impl Driver {
    /// Opens the shard. Blocks.
    pub(crate) fn open(
        parts: Parts,
        mailbox: Mailbox,
        inbox: mpsc::UnboundedReceiver<Message>,
    ) -> Result<Driver, store::Error> {
        let shard = open_shard(&parts)?;
        let _ = parts.activities.send(Told::Opens(parts.id));
        let calls = Calls::new(parts.connector.clone(), mailbox.clone(), 0);
        Ok(Driver {
            parts,
            mailbox,
            inbox,
            incarnation: 0,
            shard,
            calls,
            loads: Vec::new(),
            tickets: HashMap::new(),
            next_ticket: 0,
            broken: None,
            draining: None,
            deleting: BTreeSet::new(),
            express: JoinSet::new(),
            committing: false,
            changing: Vec::new(),
            hints: Hints::default(),
        })
    }

    /// Runs until the engine is shut down.
    pub(crate) async fn run(mut self) {
        loop {
            self.act();
            if self.broken.is_some() {
                self.reopen().await;
                continue;
            }
            if self.is_drained() {
                self.calls.abort_all();
                if let Some((_, done)) = self.draining.take() {
                    let _ = done.send(());
                }
                return;
            }
            if !self.wait().await {
                return;
            }
        }
    }

    /// Waits for messages or for time; false when every sender is gone.
    async fn wait(&mut self) -> bool {
        let mut messages = Vec::with_capacity(BURST);
        let sleep = tokio::time::sleep_until(self.next_wake());
        tokio::select! {
            received = self.inbox.recv_many(&mut messages, BURST) => {
                if received == 0 {
                    return false;
                }
            }
            // One that has said that it ended may not be over yet when that is heard.
            Some(_) = self.express.join_next(), if self.draining.is_some() => {}
            () = sleep => {}
        }
        let at = now();
        for message in messages {
            self.take(message);
        }
        if self.shard.poll_timeout().is_some_and(|due| due <= at) {
            self.shard.handle_timeout(now());
        }
        true
    }

    fn next_wake(&self) -> Instant {
        let far = Duration::from_secs(3600);
        let wait = self.shard.poll_timeout().map_or(far, |at| {
            Duration::from_millis(u64::try_from(at.0.saturating_sub(now().0)).unwrap_or(0)).min(far)
        });
        let wake = Instant::now() + wait;
        self.draining.as_ref().map_or(wake, |(until, _)| wake.min(*until))
    }

    fn is_drained(&self) -> bool {
        let idle = self.calls.is_empty() && self.express.is_empty() && !self.committing;
        self.draining.as_ref().is_some_and(|(until, _)| idle || *until <= Instant::now())
    }

    fn take(&mut self, message: Message) {
        let at = now();
        match message {
            Message::Start(start, reply) => {
                let Some(ticket) = self.ticket_unless_draining(reply) else { return };
                self.shard.start(ticket, *start, at);
            }
            Message::Stop { execution, error, cause, reply } => {
                let ticket = self.ticket(reply);
                self.shard.stop(ticket, execution, error, cause, at);
            }
            Message::Redrive { execution, token, reply } => {
                let Some(ticket) = self.ticket_unless_draining(reply) else { return };
                self.shard.redrive(ticket, execution, token, at);
            }
            Message::Answer { execution, effect, answer, reply } => {
                let ticket = self.ticket(reply);
                self.shard.answer(ticket, execution, effect, answer, at);
            }
            Message::Heartbeat { execution, effect, reply } => {
                let ticket = self.ticket(reply);
                self.shard.heartbeat(ticket, execution, effect, at);
            }
            Message::FindChild { machine, name, parent, reply } => {
                let ticket = self.ticket(reply);
                self.shard.find_child(ticket, machine, name, parent, at);
            }
            Message::ChildEnded { execution, effect, reply } => {
                let ticket = self.ticket(reply);
                self.shard.child_ended(ticket, execution, effect, at);
            }
            Message::StartExpress(start, reply) => {
                let Some(ticket) = self.ticket_unless_draining(reply) else { return };
                self.shard.start_express(ticket, *start, at);
            }
            Message::Take { task, worker, reply } => {
                let ticket = self.ticket(reply);
                self.shard.take(ticket, task, worker, at);
            }
            Message::PutBack { task, reply } => {
                let ticket = self.ticket(reply);
                self.shard.put_back_task(ticket, task, at);
            }
            Message::Remove { executions, reply } => {
                let ticket = self.ticket(reply);
                self.shard.remove(ticket, &executions);
            }
            Message::Deleting { machine, is_gone } => {
                self.shard.deleting(&machine, is_gone);
                if is_gone {
                    self.deleting.remove(&machine)
                } else {
                    self.deleting.insert(machine)
                };
            }
            Message::Drain { until, done } => self.drain(until, done),
            internal => self.take_internal(internal),
        }
    }

    /// What the driver's own helpers say; those of an earlier incarnation are not heard.
    fn take_internal(&mut self, message: Message) {
        let at = now();
        let current = self.incarnation;
        match message {
            Message::Committed { incarnation, result } if incarnation == current => {
                self.committing = false;
                match result {
                    Ok(()) => {
                        self.parts.changes.tell(self.changing.drain(..));
                        self.parts.logs.tell(std::mem::take(&mut self.hints));
                        self.shard.committed(at);
                    }
                    Err(why) => self.broken = Some(why),
                }
            }
            Message::Loaded { incarnation, execution, loaded } if incarnation == current => match loaded {
                Ok(loaded) => self.shard.loaded(execution, loaded.map(|loaded| *loaded), at),
                Err(why) => self.broken = Some(why),
            },
            Message::LookedUp { incarnation, machine, name, found } if incarnation == current => {
                match found {
                    Ok(found) => self.shard.looked_up(machine, name, found.map(|found| *found), at),
                    Err(why) => self.broken = Some(why),
                }
            }
            Message::DueRead { incarnation, rows } if incarnation == current => match rows {
                Ok((rows, to)) => self.shard.due_read(&rows, to, at),
                Err(why) => self.broken = Some(why),
            },
            Message::PendingRead { incarnation, kind, rows } if incarnation == current => match rows {
                Ok(rows) => self.shard.pending_read(kind, &rows, at),
                Err(why) => self.broken = Some(why),
            },
            Message::ExpressEnded { incarnation, chunk, index } if incarnation == current => {
                // Itself, or another one that has ended.
                while self.express.try_join_next().is_some() {}
                self.shard.express_ended(chunk, index);
            }
            Message::TaskDone { incarnation, execution, effect, outcome } if incarnation == current => {
                self.calls.done(execution, effect);
                self.shard.task_done(execution, effect, outcome, at);
            }
            Message::Reported { incarnation, child, effect, heard } if incarnation == current => {
                self.shard.reported(child, effect, heard, at);
            }
            Message::Released { incarnation, execution, effect } if incarnation == current => {
                self.calls.released(execution, effect);
                self.shard.released(execution, effect, at);
            }
            _ => {}
        }
    }

    /// A ticket for what begins or goes on, of which nothing does while the shard drains.
    fn ticket_unless_draining(&mut self, reply: ReplyTo) -> Option<Ticket> {
        if self.draining.is_some() {
            let _ = reply.send(Reply::Unavailable("the server is shutting down".into()));
            return None;
        }
        Some(self.ticket(reply))
    }

    fn ticket(&mut self, reply: ReplyTo) -> Ticket {
        self.next_ticket += 1;
        self.tickets.insert(self.next_ticket, reply);
        self.next_ticket
    }

    /// Does what the shard says until it has nothing more to say.
    fn act(&mut self) {
        while self.broken.is_none()
            && let Some(action) = self.shard.poll()
        {
            match action {
                Action::Commit(commit) => {
                    self.committing = true;
                    // Taken back by the count after a commit that fails.
                    self.parts.open_executions.changed(open_executions::change_of(&commit));
                    self.changing = self.parts.changes.watched(&commit);
                    self.hints = self.parts.logs.hints_of(&commit);
                    let (incarnation, from) = (self.incarnation, self.mailbox.clone());
                    if self.parts.committer.send(Job { commit, incarnation, from }).is_err() {
                        self.broken = Some("the committer is gone".into());
                    }
                }
                Action::Reply(ticket, reply) => {
                    if let Some(to) = self.tickets.remove(&ticket) {
                        let _ = to.send(reply);
                    }
                }
                Action::Call(call) => self.calls.call(*call),
                Action::Poll(call) => self.calls.poll(*call),
                Action::Cancel { execution, effect } => self.calls.cancel(execution, effect),
                Action::Load(key) => self.loads.push((key, false)),
                Action::LoadWhole(key) => self.loads.push((key, true)),
                Action::Abandon(stop) => self.calls.abandon(*stop),
                Action::Report { child, effect, parent } => self.report(child, effect, parent),
                Action::RunExpress(run) => self.run_express(*run),
                Action::Queued(task) => self.announce(Told::Queued(task)),
                Action::Unqueued(task) => self.announce(Told::Unqueued(task)),
                Action::QueuesRead => self.announce(Told::Read(self.parts.id)),
                Action::Closed(_) => {}
                read => self.read(read),
            }
        }
        self.load();
    }

    /// Reads the executions that were asked for, some by each thread: a storm of timers must not become one of threads.
    fn load(&mut self) {
        let loads = std::mem::take(&mut self.loads);
        for some in loads.chunks(LOADS) {
            let some = some.to_vec();
            let loader = self.parts.loader.clone();
            let (mailbox, incarnation) = (self.mailbox.clone(), self.incarnation);
            tokio::task::spawn_blocking(move || {
                for (execution, whole) in some {
                    let loaded = loader.execution(execution, whole);
                    _ = mailbox.send(Message::Loaded { incarnation, execution, loaded });
                }
            });
        }
    }

    /// Tells a parent's shard that a child has ended, and its own shard what came of it.
    fn report(&self, child: ExecutionKey, effect: EffectId, parent: Parent) {
        let (mailbox, incarnation) = (self.mailbox.clone(), self.incarnation);
        let (reply, answer) = oneshot::channel();
        let execution = ExecutionKey(parent.execution);
        let ended = Message::ChildEnded { execution, effect: parent.effect, reply };
        // A key of a store with more shards than there are is nobody's: as good as heard.
        let Some(shard) = self.parts.shards.of(execution.shard()) else {
            _ = mailbox.send(Message::Reported { incarnation, child, effect, heard: true });
            return;
        };
        _ = shard.send(ended);
        tokio::spawn(async move {
            let heard = matches!(answer.await, Ok(Reply::Accepted | Reply::Stale | Reply::NoSuchExecution));
            _ = mailbox.send(Message::Reported { incarnation, child, effect, heard });
        });
    }

    /// Runs an accepted Express start to its end.
    fn run_express(&mut self, run: ExpressRun) {
        let (environment, connector) = (self.parts.environment.clone(), self.parts.connector.clone());
        let logs = self.parts.logs.clone();
        let catalogue = self.parts.loader.catalogue.clone();
        let (mailbox, incarnation) = (self.mailbox.clone(), self.incarnation);
        let ExpressRun { chunk, index, start } = run;
        self.express.spawn(async move {
            let run = express::run_accepted(environment, connector, catalogue, &logs, &start);
            if AssertUnwindSafe(run).catch_unwind().await.is_err() {
                tracing::error!(name = start.name, "an Express execution panicked");
            }
            let _ = mailbox.send(Message::ExpressEnded { incarnation, chunk, index });
        });
    }

    fn announce(&self, told: Told) {
        // Without the queues nobody polls any more.
        let _ = self.parts.activities.send(told);
    }

    /// What is under way may end until then; nothing new begins. Tasks whose calls have not left are dispatched after the next
    /// start.
    fn drain(&mut self, until: Instant, done: oneshot::Sender<()>) {
        self.draining = Some((until, done));
        self.shard.hold_calls();
    }

    /// Reads on the blocking pool.
    fn read(&self, action: Action) {
        let loader = self.parts.loader.clone();
        let (mailbox, incarnation, shard) = (self.mailbox.clone(), self.incarnation, self.parts.id);
        let work = move || {
            let message = match action {
                Action::LookUp { machine, name } => {
                    let found = loader.named(&machine, &name);
                    Message::LookedUp { incarnation, machine, name, found }
                }
                Action::ReadDue { from, to } => {
                    Message::DueRead { incarnation, rows: loader.due(shard, from, to) }
                }
                Action::ReadPending(kind) => {
                    Message::PendingRead { incarnation, kind, rows: loader.pending(shard, kind) }
                }
                Action::Commit(_)
                | Action::Load(_)
                | Action::LoadWhole(_)
                | Action::Reply(..)
                | Action::Call(_)
                | Action::Poll(_)
                | Action::Cancel { .. }
                | Action::Abandon(_)
                | Action::Report { .. }
                | Action::RunExpress(_)
                | Action::Queued(_)
                | Action::Unqueued(_)
                | Action::QueuesRead
                | Action::Closed(_) => return,
            };
            let _ = mailbox.send(message);
        };
        tokio::task::spawn_blocking(work);
    }

    /// The shard is lost: everybody who waits is told, and it is opened again from the store.
    async fn reopen(&mut self) {
        let why = self.broken.take().unwrap_or_default();
        tracing::error!(shard = self.parts.id.0, "the shard is opened again: {why}");
        self.calls.abort_all();
        self.express = JoinSet::new();
        self.loads.clear();
        // What was under way may be durable.
        self.parts.logs.missed(std::mem::take(&mut self.hints));
        for (_, reply) in self.tickets.drain() {
            let _ = reply.send(Reply::Unavailable(why.clone()));
        }
        self.incarnation += 1;
        self.committing = false;
        self.calls = Calls::new(self.parts.connector.clone(), self.mailbox.clone(), self.incarnation);
        self.announce(Told::Opens(self.parts.id));
        let mut failing_since = None;
        loop {
            let why = match tokio::task::block_in_place(|| self.open_again()) {
                Ok(shard) => {
                    self.shard = shard;
                    self.deleting.iter().for_each(|machine| self.shard.deleting(machine, false));
                    if self.draining.is_some() {
                        self.shard.hold_calls();
                    }
                    return;
                }
                Err(why) => why,
            };
            tracing::error!(shard = self.parts.id.0, "cannot open the shard: {why}");
            // A full disk is waited for: reads go on meanwhile. A store that fails otherwise is not to be trusted again.
            if !matches!(why, store::Error::Full(_)) {
                let since = *failing_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= self.parts.give_up_after {
                    self.parts.failed.send_replace(Some(why.to_string()));
                }
            }
            if self.draining.as_ref().is_some_and(|(until, _)| *until <= Instant::now()) {
                return;
            }
            self.refuse_for(REOPEN, &why.to_string()).await;
        }
    }

    fn open_again(&self) -> Result<Shard, store::Error> {
        self.parts.open_executions.recount(&*self.parts.loader.store)?;
        open_shard(&self.parts)
    }

    /// While the shard is lost, whoever asks is told so at once.
    async fn refuse_for(&mut self, time: Duration, why: &str) {
        let end = Instant::now() + time;
        loop {
            let message = tokio::select! {
                message = self.inbox.recv() => message,
                () = tokio::time::sleep_until(end) => return,
            };
            match message {
                None => return tokio::time::sleep_until(end).await,
                Some(Message::Drain { until, done }) => self.drain(until, done),
                Some(Message::Deleting { machine, is_gone }) => {
                    if is_gone {
                        self.deleting.remove(&machine)
                    } else {
                        self.deleting.insert(machine)
                    };
                }
                Some(message) => {
                    if let Some(reply) = message.reply() {
                        let _ = reply.send(Reply::Unavailable(why.to_owned()));
                    }
                }
            }
        }
    }
}

fn open_shard(parts: &Parts) -> Result<Shard, store::Error> {
    let store = &parts.loader.store;
    let epoch = store.acquire(parts.id, &parts.owner)?;
    let newest = store.executions(&ExecutionQuery { limit: 1, ..ExecutionQuery::default() })?;
    let connector = parts.connector.clone();
    let mut shard = Shard::new(
        parts.id,
        epoch,
        parts.environment.clone(),
        parts.settings.clone(),
        Box::new(move |resource| connector.is_idempotent(resource)),
    );
    shard.recover(newest.rows.first().map(|row| row.key), now());
    Ok(shard)
}
