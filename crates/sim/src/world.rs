//! The simulated world: a queue of happenings in simulated time, the shards, the store between them, and the faults.
//! What clients and tasks do is in `clients` and `outside`; what must hold is in `truth`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Action, CallAction, Gauges, Shard, StartCommand, Ticket};
use interpreter::{Answer, EffectId, Environment, Failure, Limits, Place, Text, Timestamp, TokenKey};
use store::memory::Fault;
use store::{Commit, Epoch, Error, ExecutionKey, ExecutionQuery, MemoryStore, ShardId, Store};
use value::Payload;

use crate::ask::Ask;
use crate::children::{Between, Errand, START};
use crate::clients::Clients;
use crate::definitions::{self, IDEMPOTENT};
use crate::express::{self, Express};
use crate::news::{News, Question};
use crate::outside::Outside;
use crate::plan::Plan;
use crate::report::Report;
use crate::rng::Rng;
use crate::sabotage::Sabotage;
use crate::shadow::Punctual;
use crate::truth::{Asked, Breach, Truth};
use crate::workers::{Told, Workers};

/// When every run begins: 2025-06-01T00:00:00Z.
const BEGINNING: i64 = 1_748_736_000_000;
/// After the world has become good, everything must have ended within this many milliseconds: 30 days.
const PATIENCE_MS: i64 = 30 * 86_400_000;
/// No run takes this many steps unless something goes round in circles.
const STEPS: u64 = 3_000_000;
/// Milliseconds between two rounds in which a good world answers all that waits.
const SWEEP_MS: i64 = 30_000;
/// After the last end, milliseconds until nothing may be left in memory.
const CALM_MS: i64 = 200_000;

/// Something that happens at a time.
pub(crate) enum Happening {
    /// A commit reaches the store.
    Write { node: usize, epoch: Epoch, commit: Box<Commit>, fault: Option<Fault> },
    /// A question reaches the store.
    Read { node: usize, epoch: Epoch, question: Question },
    /// A shard hears something from its driver.
    Tell { node: usize, epoch: Epoch, news: Box<News> },
    /// A shard is asked something by a client.
    Ask { node: usize, ask: Box<Ask> },
    /// The driver of a shard acts.
    Act(usize),
    /// Every shard dies, or one.
    Crash(Option<usize>),
    /// A dead shard is opened.
    Open(usize),
    /// No more faults; whoever has not answered does.
    Good,
    /// The good world answers all that waits.
    Sweep,
    /// One shard asks another again.
    Again(Errand, Box<Between>),
    /// A run of an Express start ends.
    ExpressEnds { node: usize, epoch: Epoch, chunk: ExecutionKey, index: u32 },
    /// A worker polls for a task of an activity.
    Poll(&'static str),
    /// The queues of activities hear something.
    Queues { generation: u64, told: Told },
    /// A machine is being deleted from now on.
    Delete(String),
}

/// One shard and its driver.
pub(crate) struct Node {
    pub(crate) id: ShardId,
    pub(crate) shard: Option<Shard>,
    pub(crate) epoch: Epoch,
    /// What its clock shows, less the true time.
    clock: i64,
    tickets: BTreeMap<Ticket, (Ask, Asked)>,
    opened: Timestamp,
    deaths: u32,
}

/// The simulated world.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) now: i64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) truth: Truth,
    pub(crate) clients: Clients,
    pub(crate) outside: Outside,
    pub(crate) workers: Workers,
    pub(crate) express: Express,
    deleting: Option<String>,
    /// When the whole process last died.
    pub(crate) died_at: i64,
    pub(crate) report: Report,
    pub(crate) is_good: bool,
    pub(crate) rng: Rng,
    pub(crate) environment: Arc<Environment>,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) store: MemoryStore,
    /// Tasks whose starts of children are under way.
    pub(crate) children_starting: BTreeSet<(Epoch, ExecutionKey, EffectId)>,
    queue: BTreeMap<(i64, u64), Happening>,
    order: u64,
    next_ticket: Ticket,
    pub(crate) steps: u64,
    /// What happened, when somebody wants to know.
    pub(crate) trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>) -> Result<World, Breach> {
        let mut rng = Rng::new(seed);
        let plan = Plan::draw(&mut rng.child());
        let limits = Limits {
            transitions_per_turn: plan.transitions_per_turn,
            history_events: plan.history_events,
            ..Limits::SERVICE
        };
        let environment = Arc::new(Environment {
            place: Arc::new(Place::default()),
            standard: limits,
            express: Limits::EXPRESS,
            token_key: TokenKey::new([7; 32]),
            deadline: interpreter::no_deadline,
            activity_exists: interpreter::any_activity(),
            wait_scale: interpreter::WaitScale::REAL,
        });
        let mut texts = rng.child();
        let mut parsed = BTreeMap::new();
        for machine in 0..plan.machines {
            parsed.insert(format!("m{machine}"), definitions::parse(&definitions::generate(&mut texts))?);
        }
        for machine in definitions::CHILDREN {
            let text = definitions::generate_child(&mut texts);
            parsed.insert((*machine).to_owned(), definitions::parse(&text)?);
        }
        let node = |id| Node {
            id: ShardId(id),
            shard: None,
            epoch: 0,
            clock: 0,
            tickets: BTreeMap::new(),
            opened: Timestamp(0),
            deaths: 0,
        };
        let mut world = World {
            now: BEGINNING,
            nodes: (0..plan.shards).map(node).collect(),
            truth: Truth::new(environment.clone(), parsed),
            clients: Clients::new(rng.child()),
            outside: Outside::new(rng.child()),
            workers: Workers::new(rng.child()),
            express: Express::new(rng.child()),
            deleting: None,
            died_at: i64::MIN,
            report: Report::default(),
            is_good: false,
            environment,
            sabotage,
            store: MemoryStore::new(),
            children_starting: BTreeSet::new(),
            queue: BTreeMap::new(),
            order: 0,
            next_ticket: 0,
            steps: 0,
            trace: None,
            rng,
            plan,
        };
        world.schedule();
        Ok(world)
    }

    fn schedule(&mut self) {
        for node in 0..self.nodes.len() {
            self.after(0, Happening::Open(node));
        }
        for _ in 0..self.plan.crashes {
            let at = self.rng.between(0, self.plan.busy_ms);
            let one = self.rng.below(self.nodes.len() as u64) as usize;
            let whom = self.rng.chance(40).then_some(one);
            self.after(at, Happening::Crash(whom));
        }
        self.plan_clients();
        self.plan_workers();
        self.plan_express();
        if let Some((machine, at)) = self.plan.deletion {
            self.after(at, Happening::Delete(format!("m{machine}")));
        }
        self.after(self.plan.busy_ms, Happening::Good);
    }

    /// Lets something happen in so many milliseconds.
    pub(crate) fn after(&mut self, delay: i64, happening: Happening) {
        self.order += 1;
        self.queue.insert((self.now.saturating_add(delay), self.order), happening);
    }

    fn note(&mut self, node: usize, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let millis = self.now - BEGINNING;
            trace.push(format!("{millis:>9} shard {node}: {}", what()));
        }
    }

    /// How long the store takes.
    pub(crate) fn slowness(&mut self) -> i64 {
        if self.is_good { 1 } else { self.rng.between(0, self.plan.slowness_ms) }
    }

    /// What the clock of a node shows.
    pub(crate) fn clock(&self, node: usize) -> Timestamp {
        Timestamp(self.now.saturating_add(self.nodes[node].clock))
    }

    /// Runs to the end.
    pub(crate) fn run(&mut self) -> Result<(), Breach> {
        loop {
            if self.is_good && self.is_over() {
                return self.end();
            }
            if self.now > BEGINNING + self.plan.busy_ms + PATIENCE_MS || self.steps > STEPS {
                return Err(self.stuck());
            }
            self.steps += 1;
            let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
            match (queued, self.next_timeout()) {
                (Some(at), Some((due, node))) if due <= at => self.wake(due, node)?,
                (None, Some((due, node))) => self.wake(due, node)?,
                (None, None) => return Err(self.stuck()),
                (Some(_), _) => {
                    if let Some(((at, _), happening)) = self.queue.pop_first() {
                        self.now = self.now.max(at);
                        self.happen(happening)?;
                    }
                }
            }
        }
    }

    /// The next time, as the world counts it, at which a shard wants to be woken.
    fn next_timeout(&self) -> Option<(i64, usize)> {
        let of = |(index, node): (usize, &Node)| {
            let due = node.shard.as_ref()?.poll_timeout()?;
            Some((due.0.saturating_sub(node.clock).max(self.now), index))
        };
        self.nodes.iter().enumerate().filter_map(of).min()
    }

    fn wake(&mut self, due: i64, node: usize) -> Result<(), Breach> {
        self.now = self.now.max(due);
        self.note(node, || "wakes".into());
        let at = self.clock(node);
        if let Some(shard) = &mut self.nodes[node].shard {
            shard.handle_timeout(at);
        }
        self.act(node)
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Breach> {
        match happening {
            Happening::Write { node, epoch, commit, fault } => self.write(node, epoch, *commit, fault),
            Happening::Read { node, epoch, question } => {
                if self.nodes[node].epoch == epoch {
                    let news = question.ask(self, node)?;
                    let delay = self.slowness();
                    self.after(delay, Happening::Tell { node, epoch, news: Box::new(news) });
                }
                Ok(())
            }
            Happening::Tell { node, epoch, news } => self.tell(node, epoch, *news),
            Happening::Ask { node, ask } => self.ask(node, *ask),
            Happening::Act(node) => self.act(node),
            Happening::Crash(_) if self.is_good => Ok(()),
            Happening::Crash(Some(node)) => {
                self.crash(node);
                Ok(())
            }
            Happening::Crash(None) => {
                self.crash_queues();
                self.died_at = self.now;
                (0..self.nodes.len()).for_each(|node| self.crash(node));
                Ok(())
            }
            Happening::Open(node) => self.open(node),
            Happening::Good => {
                self.is_good = true;
                self.after(SWEEP_MS, Happening::Sweep);
                Ok(())
            }
            Happening::Again(errand, between) => {
                self.again(errand, *between);
                Ok(())
            }
            Happening::ExpressEnds { node, epoch, chunk, index } => {
                self.express_ends(node, epoch, chunk, index);
                self.act(node)
            }
            Happening::Poll(activity) => self.poll(activity),
            Happening::Queues { generation, told } => self.queues_hear(generation, told),
            Happening::Delete(machine) => {
                let shards = self.nodes.iter_mut().filter_map(|node| node.shard.as_mut());
                shards.for_each(|shard| shard.deleting(&machine, false));
                self.deleting = Some(machine);
                Ok(())
            }
            Happening::Sweep => {
                self.sweep();
                self.sweep_queues();
                self.after(SWEEP_MS, Happening::Sweep);
                Ok(())
            }
        }
    }

    fn write(
        &mut self,
        node: usize,
        epoch: Epoch,
        mut commit: Commit,
        fault: Option<Fault>,
    ) -> Result<(), Breach> {
        let is_current = self.nodes[node].epoch == epoch && self.nodes[node].shard.is_some();
        if let Some(sabotage) = self.sabotage {
            sabotage.spoil(&mut commit);
            if sabotage == Sabotage::Unfenced {
                commit.epoch = self.nodes[node].epoch;
            }
        }
        if let Some(fault) = fault {
            self.store.fail_commit(1, fault);
        }
        let result = self.store.commit(std::slice::from_ref(&commit));
        self.note(node, || format!("writes in epoch {epoch}: {result:?}"));
        if result.is_ok() && self.nodes[node].epoch != epoch {
            return Err(format!("a commit of epoch {epoch} was taken in epoch {}", self.nodes[node].epoch));
        }
        if result.is_ok() || (fault == Some(Fault::Unknown) && !matches!(result, Err(Error::Fenced))) {
            self.report.count("commits");
            let punctual = self.punctual(node, epoch);
            self.truth.committed(&commit, &self.store, self.now, punctual)?;
        } else if fault.is_none() && !matches!(result, Err(Error::Fenced)) {
            return Err(format!("the store refused a commit: {result:?}"));
        } else if is_current && matches!(result, Err(Error::Fenced)) {
            return Err("the live shard was fenced".into());
        } else if matches!(result, Err(Error::Fenced)) {
            self.report.count("fenced commits");
        }
        let news = match result {
            Err(_) if self.sabotage != Some(Sabotage::IgnoreFailure) => News::Broken,
            _ => News::Committed(commit.batches.iter().map(|batch| batch.execution).collect()),
        };
        let delay = self.slowness();
        self.after(delay, Happening::Tell { node, epoch, news: Box::new(news) });
        Ok(())
    }

    /// How late this shard may be. A dead one's last words, pages of few rows, and memory for few, are not held to anything.
    fn punctual(&self, node: usize, epoch: Epoch) -> Punctual {
        let of = &self.nodes[node];
        if of.epoch != epoch || self.plan.due_page < 1_000 || self.plan.settings.loads < 1_000 {
            return Punctual::NEVER;
        }
        Punctual { opened: of.opened, slack_ms: 5 * self.plan.slowness_ms + 50 }
    }

    fn tell(&mut self, node: usize, epoch: Epoch, news: News) -> Result<(), Breach> {
        if self.nodes[node].epoch != epoch {
            return Ok(());
        }
        self.note(node, || format!("hears {}", news.brief()));
        if let News::Broken = news {
            self.report.count("failed commits");
            self.crash(node);
            return Ok(());
        }
        let at = self.clock(node);
        let Some(shard) = &mut self.nodes[node].shard else { return Ok(()) };
        let closely = self.rng.chance(10);
        if let News::TaskDone { execution, effect, .. } = &news {
            self.outside.out.remove(&(node, *execution, *effect));
        }
        news.tell(shard, at, |key, live| self.truth.check_live(key, live, closely))?;
        self.soon(node)
    }

    /// The driver acts, now or after what else has come.
    fn soon(&mut self, node: usize) -> Result<(), Breach> {
        if self.rng.chance(self.plan.bursts) {
            let delay = self.rng.between(0, 5);
            self.after(delay, Happening::Act(node));
            return Ok(());
        }
        self.act(node)
    }

    fn ask(&mut self, node: usize, ask: Ask) -> Result<(), Breach> {
        let at = self.clock(node);
        self.note(node, || format!("is asked {ask:?}"));
        let Some(shard) = &mut self.nodes[node].shard else {
            self.unanswered(ask);
            return Ok(());
        };
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        match &ask {
            Ask::Between(_, Between::Stop { child }) => shard.stop(ticket, *child, None, None, at),
            Ask::Between(errand, Between::Find { machine, name }) => {
                shard.find_child(ticket, machine.clone(), name.clone(), errand.parent(), at);
            }
            Ask::Between(_, Between::Ended { parent }) => {
                shard.child_ended(ticket, ExecutionKey(parent.execution), parent.effect, at);
            }
            Ask::Start(start) | Ask::Between(_, Between::Start(start)) => {
                let command = StartCommand {
                    definition: self.truth.definitions[&start.revision].clone(),
                    revision: start.revision.clone(),
                    machine: start.machine.clone(),
                    name: start.name.clone(),
                    input: start.input.clone(),
                    role: Text::from("arn:aws:iam::000000000000:role/r"),
                    seed: start.seed,
                    trace_header: None,
                    version: None,
                    alias: None,
                    mocks: None,
                    parent: start.parent.filter(|_| self.sabotage != Some(Sabotage::ForgetParents)),
                };
                shard.start(ticket, command, at);
            }
            Ask::Stop { execution } => shard.stop(ticket, *execution, Some("Stopped".into()), None, at),
            Ask::Redrive { execution, token } => {
                let token = token.as_deref().map(Text::from);
                shard.redrive(ticket, *execution, token, at);
            }
            Ask::Answer { execution, effect, success, text } => {
                let answer = if *success {
                    Answer::Succeeded(Payload::from_trusted_text(format!("\"{text}\"").into()))
                } else {
                    Answer::Failed(Failure::new("Boom", text.as_str()))
                };
                shard.answer(ticket, *execution, *effect, answer, at);
            }
            Ask::Heartbeat { execution, effect } => shard.heartbeat(ticket, *execution, *effect, at),
            Ask::Take { task, .. } => shard.take(ticket, *task, None, at),
            Ask::PutBack { task } => shard.put_back_task(ticket, *task, at),
            Ask::StartExpress { name } => shard.start_express(ticket, express::start(name), at),
        }
        self.report.count("requests");
        let asked = Asked { at, true_at: self.now, epoch: self.nodes[node].epoch };
        self.nodes[node].tickets.insert(ticket, (ask, asked));
        self.soon(node)
    }

    /// Does what the shard says until it has nothing more to say.
    fn act(&mut self, node: usize) -> Result<(), Breach> {
        while let Some(action) = self.nodes[node].shard.as_mut().and_then(Shard::poll) {
            self.carry_out(node, action)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, node: usize, action: Action) -> Result<(), Breach> {
        let epoch = self.nodes[node].epoch;
        self.note(node, || format!("wants {action:?}"));
        match action {
            Action::Commit(commit) => self.begin_commit(node, commit),
            Action::Load(key) => {
                self.report.count("loads");
                self.read(node, Question::Load(key));
            }
            Action::LoadWhole(key) => self.read(node, Question::LoadWhole(key)),
            Action::Abandon(stop) => self.abandon(node, &stop),
            Action::Report { child, effect, parent } => self.tell_parent(node, child, effect, parent),
            Action::LookUp { machine, name } => self.read(node, Question::LookUp { machine, name }),
            Action::ReadDue { from, to } => self.read(node, Question::Due { from, to }),
            Action::ReadPending(kind) => self.read(node, Question::Pending(kind)),
            Action::Call(call) => {
                self.report.count("calls");
                let is_repeated = self.truth.calling(&call, epoch)?;
                self.outside.called(node, &call, is_repeated, self.plan.settings.concurrent_tasks)?;
                self.call(node, &call);
            }
            Action::Poll(call) => {
                self.report.count("polls");
                self.truth.polling(&call)?;
                self.check_poll(node, &call)?;
                self.poll_job(node, &call);
            }
            Action::Cancel { execution, effect } => self.outside.cancelled(execution, effect),
            Action::Reply(ticket, reply) => {
                let Some((ask, asked)) = self.nodes[node].tickets.remove(&ticket) else {
                    return Err(format!("ticket {ticket} was answered twice"));
                };
                self.truth.replied(&ask, asked, &reply)?;
                if let Ask::Between(errand, between) = &ask {
                    return self.answered_between(*errand, between, &reply);
                }
                self.report.count_reply(&ask, &reply);
                self.answer_queues(&ask, Some(&reply));
                if let Ask::StartExpress { name } = &ask {
                    self.express_acknowledged(name);
                }
                self.answered(&reply);
            }
            Action::RunExpress(run) => self.run_express(node, &run)?,
            Action::Queued(task) => self.tell_queues(1, Told::Queued(task)),
            Action::Unqueued(task) => self.tell_queues(1, Told::Unqueued(task)),
            Action::QueuesRead => self.tell_queues(1, Told::Read(self.nodes[node].id)),
            Action::Closed(key) => {
                let shadow = self.truth.shadows.get(&key);
                if !shadow.is_some_and(|shadow| shadow.execution.is_closed()) {
                    return Err(format!("{key:?} was called closed before that was durable"));
                }
            }
        }
        Ok(())
    }

    fn check_poll(&mut self, node: usize, call: &CallAction) -> Result<(), Breach> {
        let (at, epoch) = (self.clock(node), self.nodes[node].epoch);
        if call.task.resource.starts_with(START) {
            return Ok(());
        }
        let interval = self.plan.settings.poll_interval_ms;
        match self.outside.last_poll.insert((call.execution, call.effect), (epoch, at.0)) {
            Some((last_epoch, last)) if last_epoch == epoch && at.0 < last + interval => {
                Err(format!("effect {} was polled after {} ms", call.effect, at.0 - last))
            }
            _ => Ok(()),
        }
    }

    fn begin_commit(&mut self, node: usize, commit: Commit) {
        let epoch = self.nodes[node].epoch;
        let fault = (!self.is_good && self.rng.chance(self.plan.failed_commits))
            .then(|| if self.rng.chance(50) { Fault::Lost } else { Fault::Unknown });
        if self.sabotage == Some(Sabotage::AcknowledgeEarly) {
            let keys = commit.batches.iter().map(|batch| batch.execution).collect();
            self.after(0, Happening::Tell { node, epoch, news: Box::new(News::Committed(keys)) });
        }
        let delay = self.slowness();
        if self.plan.crashes > 0 && self.rng.chance(2) {
            // The worst moment: while a commit is under way.
            let moment = self.rng.between(0, delay);
            self.after(moment, Happening::Crash(Some(node)));
        }
        self.after(delay, Happening::Write { node, epoch, commit: Box::new(commit), fault });
    }

    fn read(&mut self, node: usize, question: Question) {
        let epoch = self.nodes[node].epoch;
        let delay = self.slowness();
        self.after(delay, Happening::Read { node, epoch, question });
    }

    /// A shard dies with all that it holds in memory. A commit that is under way still reaches the store, or does not.
    fn crash(&mut self, node: usize) {
        if self.nodes[node].shard.take().is_none() {
            return;
        }
        self.report.count("crashes");
        self.nodes[node].deaths += 1;
        self.express.is_lenient |= self.nodes[node].deaths >= 3;
        self.note(node, || "dies".into());
        self.outside.out.retain(|(of, ..)| *of != node);
        for (_, (ask, _)) in std::mem::take(&mut self.nodes[node].tickets) {
            self.unanswered(ask);
        }
        self.last_words(node);
        let slowest = if self.rng.chance(50) { 5 } else { 4_000 };
        let delay = self.rng.between(0, slowest);
        self.after(delay, Happening::Open(node));
        if self.rng.chance(50) {
            let jumps = [-5_000, -1, 1, 1_000, 90_000, 3_600_000];
            let jump = self.rng.pick(&jumps).copied().unwrap_or(0);
            self.express.is_lenient |= jump >= 90_000;
            self.nodes[node].clock += jump;
        }
    }

    /// The commit that a dead shard had under way reaches the store, or does not, or does so when nobody expects it.
    fn last_words(&mut self, node: usize) {
        let fate = self.rng.weighted(&[40, 30, 30]);
        let is_write =
            |happening: &Happening| matches!(happening, Happening::Write { node: of, .. } if *of == node);
        let writes = self.queue.iter().filter(|(_, happening)| is_write(happening));
        let writes: Vec<(i64, u64)> = writes.map(|(at, _)| *at).collect();
        for at in writes.into_iter().filter(|_| fate != 1) {
            let Some(write) = self.queue.remove(&at) else { continue };
            if fate == 2 {
                let delay = self.rng.between(0, 10_000);
                self.after(delay, write);
            }
        }
    }

    fn open(&mut self, node: usize) -> Result<(), Breach> {
        if self.nodes[node].shard.is_some() {
            return Ok(());
        }
        self.note(node, || "opens".into());
        let id = self.nodes[node].id;
        let at = self.clock(node);
        let text = |why: Error| why.to_string();
        let epoch = self.store.acquire(id, "node").map_err(text)?;
        let newest =
            self.store.executions(&ExecutionQuery { limit: 1, ..ExecutionQuery::default() }).map_err(text)?;
        let repeats = self.sabotage == Some(Sabotage::RepeatCalls);
        let mut shard = Shard::new(
            id,
            epoch,
            self.environment.clone(),
            self.plan.settings.clone(),
            Box::new(move |resource| repeats || IDEMPOTENT.contains(&resource)),
        );
        shard.recover(newest.rows.first().map(|row| row.key), at);
        if let Some(machine) = &self.deleting {
            shard.deleting(machine, false);
        }
        self.tell_queues(1, Told::Opens(id));
        self.nodes[node].shard = Some(shard);
        self.nodes[node].epoch = epoch;
        self.nodes[node].opened = at;
        self.act(node)
    }

    fn is_over(&self) -> bool {
        self.nodes.iter().all(|node| node.shard.is_some() && node.tickets.is_empty())
            && self.truth.running().next().is_none()
            && self
                .nodes
                .iter()
                .all(|node| node.shard.as_ref().is_some_and(|shard| shard.gauges().express == 0))
            && self
                .nodes
                .iter()
                .filter_map(|node| node.shard.as_ref())
                .all(|shard| shard.gauges().duties == 0)
            && !self.queue.values().any(|happening| matches!(happening, Happening::Ask { .. }))
    }

    /// Everything has ended: nothing may be left.
    fn end(&mut self) -> Result<(), Breach> {
        let until = self.now + CALM_MS;
        loop {
            let queued = self.queue.first_key_value().map_or(i64::MAX, |((at, _), _)| *at);
            let timeout = self.next_timeout().unwrap_or((i64::MAX, 0));
            if queued.min(timeout.0) > until {
                break;
            }
            if timeout.0 <= queued {
                self.wake(timeout.0, timeout.1)?;
            } else if let Some(((at, _), happening)) = self.queue.pop_first() {
                self.now = self.now.max(at);
                if !matches!(happening, Happening::Sweep) {
                    self.happen(happening)?;
                }
            }
        }
        self.truth.check_end(&self.store)?;
        self.check_express()?;
        if !self.workers.queues.is_empty() {
            return Err(format!("all has ended, and the queues still hold {:?}", self.workers.queues));
        }
        for node in &self.nodes {
            let gauges = node.shard.as_ref().map(Shard::gauges).unwrap_or_default();
            if gauges != Gauges::default() {
                return Err(format!("all has ended, and a shard still holds {gauges:?}"));
            }
        }
        self.truth.shadows.values().for_each(|shadow| self.report.count_execution(shadow));
        self.report.count_many("steps", self.steps);
        Ok(())
    }

    fn stuck(&self) -> Breach {
        let mut text = "these never end:".to_owned();
        for (key, shadow) in self.truth.running() {
            let waits: Vec<_> = shadow.execution.outstanding().collect();
            text.push_str(&format!("\n  {:x} waits for {waits:?}", key.0));
        }
        for node in &self.nodes {
            let gauges = node.shard.as_ref().map(Shard::gauges);
            text.push_str(&format!("\n  shard {}: {gauges:?}, {:?}", node.id.0, node.tickets));
        }
        text
    }
}
