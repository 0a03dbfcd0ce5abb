//! The shard: a plain struct that sequences the inputs of its executions. Grammar of its interface: `start`, `stop`,
//! `answer` … say what happened; [`Shard::poll`] says what to do next; [`Shard::poll_timeout`] says when to call
//! [`Shard::handle_timeout`]. Memory runs ahead of the disk; nothing outside hears of anything before
//! [`Shard::committed`].

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use interpreter::{Answer, EffectId, Environment, Execution, Input, Parent, Start, Text, Timestamp};
use store::{Epoch, ExecutionKey, ExecutionRow, ExecutionStatus, NameClaim, PendingKey, ShardId};

use crate::action::{Action, Reply, Ticket};
use crate::command::{Existing, StartCommand, Wish};
use crate::delivery::Delivery;
use crate::duties::Duty;
use crate::express::Express;
use crate::group::Group;
use crate::ids::name_of;
use crate::names::{FullName, Names};
use crate::slot::Slot;
use crate::timers::Timers;

/// Settings of a shard.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Tasks that may be with the world at a time; more wait as scheduled, their calls not begun.
    pub concurrent_tasks: usize,
    /// Executions kept in memory although nothing but a timer or a token will bring them on.
    pub idle_executions: usize,
    /// Executions that may be on their way through memory at a time, being read or with records that are not durable yet; more
    /// that a timer or an answer brings back wait for them. At least 1.
    pub loads: usize,
    /// Milliseconds for which the name of a closed execution is taken: 90 days (API reference, StartExecution).
    pub name_kept_ms: i64,
    /// Milliseconds between two polls of a `.sync` job.
    pub poll_interval_ms: i64,
    /// Express executions that run at a time after their start was answered; more wait, accepted.
    pub express_executions: usize,
    /// Express starts that may be accepted and not have ended; more are refused.
    pub express_accepted: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            concurrent_tasks: 1_000,
            idle_executions: 10_000,
            loads: 1_000,
            name_kept_ms: 90 * 24 * 60 * 60 * 1_000,
            poll_interval_ms: 1_000,
            express_executions: 10_000,
            express_accepted: 100_000,
        }
    }
}

/// How much a shard holds in memory: for metrics. All of it is nothing when every execution has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Executions in memory.
    pub executions: usize,
    /// Tasks that are with the world.
    pub tasks: usize,
    /// Tasks whose calls wait for room.
    pub queued: usize,
    /// Times at which the shard must look at something by itself.
    pub timers: usize,
    /// Tasks whose last sign of life is known.
    pub heartbeats: usize,
    /// Names of executions in memory, and names that are being looked up.
    pub names: usize,
    /// Executions that are being read, or whose end or redrive is being written while more has come for them.
    pub loading: usize,
    /// Express starts that are accepted and have not ended.
    pub express: usize,
    /// Ends that parents have not acknowledged, and abandoned jobs and children that have not been stopped.
    pub duties: usize,
}

/// Many executions and one log.
pub struct Shard {
    pub(crate) id: ShardId,
    pub(crate) epoch: Epoch,
    pub(crate) environment: Arc<Environment>,
    pub(crate) settings: Settings,
    pub(crate) is_idempotent: Box<dyn Fn(&str) -> bool + Send>,
    pub(crate) slots: HashMap<ExecutionKey, Slot>,
    pub(crate) names: Names,
    pub(crate) timers: Timers,
    /// When a task last gave a sign of life: soft state, never a record.
    pub(crate) heartbeats: BTreeMap<(ExecutionKey, EffectId), Timestamp>,
    pub(crate) gathering: Group,
    pub(crate) under_way: Option<Group>,
    pub(crate) actions: VecDeque<Action>,
    /// What waits for executions that are being read.
    pub(crate) loading: HashMap<ExecutionKey, Vec<Delivery>>,
    /// What waits for executions whose end or redrive is being written.
    pub(crate) put_off: HashMap<ExecutionKey, Vec<Delivery>>,
    /// What is owed for executions that need not be in memory.
    pub(crate) duties: BTreeMap<(ExecutionKey, EffectId), Duty>,
    /// Executions that are to be read once there is room, and whether whole.
    pub(crate) to_load: VecDeque<(ExecutionKey, bool)>,
    /// How many are being read.
    pub(crate) reading: usize,
    /// Tasks whose calls wait for room.
    pub(crate) queued: VecDeque<(ExecutionKey, EffectId)>,
    /// Tasks that are with the world.
    pub(crate) tasks_out: usize,
    /// Executions that may leave memory, oldest first.
    pub(crate) idle: VecDeque<ExecutionKey>,
    /// Executions whose removal is not durable yet: for everybody they are gone.
    pub(crate) removing: BTreeSet<ExecutionKey>,
    pub(crate) express: Express,
    /// State machines that are being deleted: their executions enter no state any more.
    pub(crate) deleting: BTreeSet<String>,
    /// Until the queues of activities were read: tasks that have left them since the shard was opened.
    pub(crate) unqueued_meanwhile: Option<BTreeSet<PendingKey>>,
    /// What executions abandoned before the shard was opened is known.
    pub(crate) knows_abandoned: bool,
    last_key: (i64, u16),
}

impl Shard {
    /// A shard that has just been acquired. Call [`Shard::recover`] next.
    pub fn new(
        id: ShardId,
        epoch: Epoch,
        environment: Arc<Environment>,
        settings: Settings,
        is_idempotent: Box<dyn Fn(&str) -> bool + Send>,
    ) -> Shard {
        Shard {
            id,
            epoch,
            environment,
            settings,
            is_idempotent,
            slots: HashMap::new(),
            names: Names::default(),
            timers: Timers::new(),
            heartbeats: BTreeMap::new(),
            gathering: Group::default(),
            under_way: None,
            actions: VecDeque::new(),
            loading: HashMap::new(),
            to_load: VecDeque::new(),
            reading: 0,
            put_off: HashMap::new(),
            duties: BTreeMap::new(),
            queued: VecDeque::new(),
            tasks_out: 0,
            idle: VecDeque::new(),
            removing: BTreeSet::new(),
            express: Express::default(),
            deleting: BTreeSet::new(),
            unqueued_meanwhile: Some(BTreeSet::new()),
            knows_abandoned: false,
            last_key: (0, 0),
        }
    }

    /// What to do next, or `None` when everything is said.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front().or_else(|| self.next_commit())
    }

    /// When to call [`Shard::handle_timeout`] at the latest.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        // What is due waits with the times that are kept anyway; whatever makes room looks again.
        self.room_for_due().and_then(|_| self.timers.next())
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let Some((from, to)) = self.timers.next_read(now) {
            self.actions.push_back(Action::ReadDue { from, to });
        }
        let mut due: HashMap<ExecutionKey, Vec<EffectId>> = HashMap::new();
        let room = self.room_for_due().unwrap_or(0);
        for (execution, effect) in self.timers.take_due(now, room) {
            if !self.duty_due(execution, effect) {
                due.entry(execution).or_default().push(effect);
            }
        }
        let mut due: Vec<_> = due.into_iter().collect();
        due.sort_unstable_by_key(|(execution, _)| *execution);
        for (execution, effects) in due {
            self.deliver(execution, Delivery::Due(effects), now);
        }
    }

    /// How much the shard holds now.
    pub fn gauges(&self) -> Gauges {
        Gauges {
            executions: self.slots.len(),
            tasks: self.tasks_out,
            queued: self.queued.len(),
            timers: self.timers.len(),
            heartbeats: self.heartbeats.len(),
            names: self.names.len(),
            loading: self.loading.len() + self.put_off.len(),
            express: self.express.len(),
            duties: self.duties.len(),
        }
    }

    /// An execution that is in memory, and whether all that it decided is durable: for those that check, not for drivers.
    pub fn execution(&self, key: ExecutionKey) -> Option<(&Execution, bool)> {
        self.slots.get(&key).map(|slot| (&slot.execution, slot.is_settled()))
    }

    /// Starts a Standard execution.
    pub fn start(&mut self, ticket: Ticket, start: StartCommand, now: Timestamp) {
        let Some(name) = start.name.clone() else {
            return self.start_new(ticket, start, now);
        };
        let name = (start.machine.clone(), name);
        self.wish(ticket, name, Wish::Start(Box::new(start)), now);
    }

    /// Finds the execution that a task has started under a name, in turn with the starts of that name.
    pub fn find_child(
        &mut self,
        ticket: Ticket,
        machine: String,
        name: String,
        parent: Parent,
        now: Timestamp,
    ) {
        self.wish(ticket, (machine, name), Wish::Find(parent), now);
    }

    fn wish(&mut self, ticket: Ticket, name: FullName, wish: Wish, now: Timestamp) {
        if let Some(key) = self.names.get(&name) {
            return self.start_again(ticket, key, &name.1, &wish, now);
        }
        if self.names.wait(name.clone(), ticket, wish) {
            let (machine, name) = name;
            self.actions.push_back(Action::LookUp { machine, name });
        }
    }

    /// The store's word on a name.
    pub fn looked_up(&mut self, machine: String, name: String, existing: Option<Existing>, now: Timestamp) {
        let name = (machine, name);
        let asked = self.names.take_asked(&name);
        let existing = existing.filter(|existing| self.keeps_name(&existing.row, now));
        self.answer_wishes(&name, asked, existing.as_ref(), now);
        // It may have ended since: whoever came meanwhile must not hear that it runs.
        let may_be_old =
            existing.as_ref().is_some_and(|existing| existing.row.status == ExecutionStatus::Running);
        if may_be_old && self.names.get(&name).is_none() {
            if self.names.ask_again(&name) {
                let (machine, name) = name;
                self.actions.push_back(Action::LookUp { machine, name });
            }
            return;
        }
        let later = self.names.take_later(&name);
        self.answer_wishes(&name, later, existing.as_ref(), now);
    }

    /// Whether an execution keeps its name for itself: a closed one does for a while only.
    fn keeps_name(&self, row: &ExecutionRow, now: Timestamp) -> bool {
        row.stopped_at.is_none_or(|at| now.0.saturating_sub(at) < self.settings.name_kept_ms)
    }

    fn answer_wishes(
        &mut self,
        name: &FullName,
        wishes: Vec<(Ticket, Wish)>,
        existing: Option<&Existing>,
        now: Timestamp,
    ) {
        for (ticket, wish) in wishes {
            match (self.names.get(name), existing, wish) {
                (Some(key), _, wish) => self.start_again(ticket, key, &name.1, &wish, now),
                // Who its parents are stands in its records.
                (None, Some(existing), wish) if wish.parent().is_some() => {
                    let delivery = Delivery::Named { ticket, name: name.1.clone(), wish };
                    self.deliver(existing.row.key, delivery, now);
                }
                (None, Some(existing), Wish::Start(start)) => {
                    self.reply_soon(ticket, answer_existing(existing, &start));
                }
                (None, None, Wish::Start(start)) => self.start_new(ticket, *start, now),
                (None, _, Wish::Find(_)) => self.reply_soon(ticket, Reply::NoSuchExecution),
            }
        }
    }

    /// A start under a name that an execution in memory has.
    pub(crate) fn start_again(
        &mut self,
        ticket: Ticket,
        key: ExecutionKey,
        name: &str,
        wish: &Wish,
        now: Timestamp,
    ) {
        let Some(slot) = self.slots.get(&key) else { return self.reply_soon(ticket, Reply::NameTaken) };
        if slot.is_redriving {
            let (name, wish) = (name.to_owned(), wish.clone());
            return self.put_off(key, Delivery::Named { ticket, name, wish });
        }
        let reply = answer_again(key, &slot.execution, name, wish);
        if let (Wish::Start(_), Some(parent), Reply::Started { .. }) = (wish, wish.parent(), &reply) {
            // One more that waits for its end; nothing happens when it is known already.
            self.advance(key, vec![Input::Adopted(parent)], now);
        }
        self.reply_soon(ticket, reply);
    }

    /// Answers when everything that was decided so far is durable.
    pub(crate) fn reply_soon(&mut self, ticket: Ticket, reply: Reply) {
        self.gathering.replies.push((ticket, reply));
    }

    fn start_new(&mut self, ticket: Ticket, start: StartCommand, now: Timestamp) {
        let key = self.mint_key(now);
        let name = start.name.clone().unwrap_or_else(|| name_of(key));
        let row = ExecutionRow {
            key,
            machine: start.machine.clone(),
            revision: start.revision.clone(),
            name: start.name.clone(),
            express: false,
            status: ExecutionStatus::Running,
            started_at: now.0,
            stopped_at: None,
            version: start.version.as_ref().map(|(number, _)| *number),
            alias: start.alias.as_ref().map(|(alias, _)| alias.clone()),
            map_run: None,
            redrive_count: 0,
            redriven_at: None,
        };
        if let Some(given) = &start.name {
            let claim = NameClaim { machine: start.machine.clone(), name: given.clone(), execution: key };
            self.gathering.names.push(claim);
            self.names.insert((start.machine.clone(), given.clone()), key);
        }
        let execution = Execution::new(start.definition, self.environment.clone(), key.0);
        self.slots.insert(key, Slot::new(execution, row, false));
        let input = Input::Start(Box::new(Start {
            input: start.input,
            name: Text::from(name.as_str()),
            machine: Text::from(start.machine),
            role: start.role,
            seed: start.seed,
            express: None,
            version_arn: start.version.map(|(_, arn)| arn),
            alias_arn: start.alias.map(|(_, arn)| arn),
            trace_header: start.trace_header,
            mocks: start.mocks,
            parent: start.parent,
        }));
        self.advance(key, vec![input], now);
        self.reply_soon(ticket, Reply::Started { execution: key, name, at: now });
    }

    /// Stops an execution.
    pub fn stop(
        &mut self,
        ticket: Ticket,
        execution: ExecutionKey,
        error: Option<Text>,
        cause: Option<Text>,
        now: Timestamp,
    ) {
        self.deliver(execution, Delivery::Stop { ticket, error, cause }, now);
    }

    /// A token, or an activity's worker, answers a task.
    pub fn answer(
        &mut self,
        ticket: Ticket,
        execution: ExecutionKey,
        effect: EffectId,
        answer: Answer,
        now: Timestamp,
    ) {
        self.deliver(execution, Delivery::Answer { ticket, effect, answer }, now);
    }

    /// A token gives a sign of life.
    pub fn heartbeat(&mut self, ticket: Ticket, execution: ExecutionKey, effect: EffectId, now: Timestamp) {
        self.deliver(execution, Delivery::Heartbeat { ticket, effect }, now);
    }

    /// A state machine is being deleted, or is gone: its executions end at their next transition (AWS page of
    /// DeleteStateMachine). What they wait for goes on until then.
    pub fn deleting(&mut self, machine: &str, is_gone: bool) {
        if is_gone {
            self.deleting.remove(machine);
        } else {
            self.deleting.insert(machine.to_owned());
        }
    }

    /// Removes executions that have ended and owe nothing. One that somebody asks for at this moment stays until the next time.
    pub fn remove(&mut self, ticket: Ticket, executions: &[ExecutionKey]) {
        for key in executions {
            let is_used = self.slots.contains_key(key)
                || self.loading.contains_key(key)
                || self.put_off.contains_key(key);
            if !is_used && self.removing.insert(*key) {
                self.gathering.removed.push(*key);
            }
        }
        self.reply_soon(ticket, Reply::Accepted);
    }

    /// From now on no call begins: tasks that would be dispatched stay as they are, to be dispatched after the next start.
    pub fn hold_calls(&mut self) {
        self.settings.concurrent_tasks = 0;
        self.settings.express_executions = 0;
    }

    /// A worker takes an activity's task.
    pub fn take(&mut self, ticket: Ticket, task: PendingKey, worker: Option<Text>, now: Timestamp) {
        self.deliver(task.execution, Delivery::Take { ticket, effect: task.effect, worker }, now);
    }

    /// A worker took an activity's task, and was gone before it could hear so.
    pub fn put_back_task(&mut self, ticket: Ticket, task: PendingKey, now: Timestamp) {
        self.deliver(task.execution, Delivery::Return { ticket, effect: task.effect }, now);
    }

    /// New keys come after this one.
    pub(crate) fn keys_after(&mut self, newest: ExecutionKey) {
        self.last_key = self.last_key.max((newest.at_ms(), ExecutionKey::MAX_COUNTER));
    }

    /// A key that no other execution of this shard has.
    pub(crate) fn mint_key(&mut self, now: Timestamp) -> ExecutionKey {
        let (at, counter) = self.last_key;
        self.last_key = if now.0 > at {
            (now.0, 0)
        } else if counter < ExecutionKey::MAX_COUNTER {
            (at, counter + 1)
        } else {
            (at + 1, 0)
        };
        ExecutionKey::new(self.last_key.0, self.last_key.1, self.id)
    }
}

/// The answer to a start under the name of an execution that is known. The same name and input again is the same start while
/// the first one runs (API reference); a task's start is the same however often the task makes it, and whatever became of it.
pub(crate) fn answer_again(key: ExecutionKey, execution: &Execution, name: &str, wish: &Wish) -> Reply {
    let is_child = wish.parent().is_some_and(|parent| execution.is_child_of(parent));
    let is_same = match wish {
        _ if is_child => true,
        Wish::Start(start) => {
            let input = execution.started().map(|started| started.input.payload());
            input == Some(&start.input) && !execution.is_closed()
        }
        Wish::Find(_) => return Reply::NoSuchExecution,
    };
    if is_same {
        Reply::Started { execution: key, name: name.to_owned(), at: execution.started_at() }
    } else {
        Reply::NameTaken
    }
}

fn answer_existing(existing: &Existing, start: &StartCommand) -> Reply {
    let running = existing.row.status == ExecutionStatus::Running;
    if running && existing.input == start.input {
        Reply::Started {
            execution: existing.row.key,
            name: start.name.clone().unwrap_or_default(),
            at: Timestamp(existing.row.started_at),
        }
    } else {
        Reply::NameTaken
    }
}
