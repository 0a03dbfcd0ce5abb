//! A shard and its store. `settle` does all that the shard asks for; `held` keeps back what a test wants to be late.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::ParseOptions;
use engine::{
    AbandonAction, Action, CallAction, Existing, ExpressRun, ExpressStart, Gauges, Loaded, QueuedTask, Reply,
    Settings, Shard, StartCommand, TaskOutcome, Ticket,
};
use interpreter::{
    Answer, Decoder, EffectId, Environment, Event, ExecutionEvent, Limits, Parent, Place, Record, TaskEvent,
    Text, Timestamp, TokenKey, decode_batch,
};
use store::memory::Fault;
use store::{
    ExecutionKey, ExecutionQuery, ExecutionStatus, MemoryStore, PendingKey, PendingKind, ShardId, Store,
};
use value::Payload;

/// A function whose call must not be repeated.
pub const CHARGE: &str = "arn:aws:lambda:us-east-1:000000000000:function:charge";
/// A read, which may be repeated.
pub const READ: &str = "arn:aws:states:::dynamodb:getItem";
/// A message whose receiver answers with a token.
pub const ASK: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
/// An activity.
pub const WORK: &str = "arn:aws:states:us-east-1:000000000000:activity:work";
/// A job.
pub const JOB: &str = "arn:aws:states:::glue:startJobRun.sync";
/// An execution of ours that is waited for.
pub const CHILD: &str = "arn:aws:states:::states:startExecution.sync";

pub struct Bench {
    pub store: MemoryStore,
    pub shard: Shard,
    pub now: i64,
    pub calls: Vec<CallAction>,
    pub polls: Vec<CallAction>,
    pub cancelled: Vec<EffectId>,
    pub abandoned: Vec<AbandonAction>,
    pub reports: Vec<(ExecutionKey, EffectId, Parent)>,
    /// Runs of Express starts.
    pub runs: Vec<ExpressRun>,
    /// Tasks that wait for a worker, as they were announced.
    pub queued: Vec<QueuedTask>,
    pub commits: usize,
    /// Actions of these names are kept back.
    pub hold: Vec<&'static str>,
    pub held: Vec<Action>,
    replies: BTreeMap<Ticket, Reply>,
    settings: Settings,
    environment: Arc<Environment>,
    definitions: BTreeMap<String, Arc<asl::StateMachine>>,
    tickets: Ticket,
}

impl Bench {
    pub fn new(definition: &str) -> Bench {
        Bench::with(definition, Settings::default(), Limits::SERVICE)
    }

    pub fn with(definition: &str, settings: Settings, standard: Limits) -> Bench {
        let parsed = asl::parse(definition, ParseOptions::default());
        let machine = parsed.machine.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
        let environment = Arc::new(Environment {
            place: Arc::new(Place::default()),
            standard,
            express: Limits::EXPRESS,
            token_key: TokenKey::new([1; 32]),
            deadline: interpreter::no_deadline,
            activity_exists: interpreter::any_activity(),
            wait_scale: interpreter::WaitScale::REAL,
        });
        let store = MemoryStore::new();
        let now = 1_750_000_000_000;
        let shard = open(&store, &environment, &settings, now);
        let mut bench = Bench {
            store,
            shard,
            now,
            calls: Vec::new(),
            polls: Vec::new(),
            cancelled: Vec::new(),
            abandoned: Vec::new(),
            reports: Vec::new(),
            runs: Vec::new(),
            queued: Vec::new(),
            commits: 0,
            hold: Vec::new(),
            held: Vec::new(),
            replies: BTreeMap::new(),
            settings,
            environment,
            definitions: BTreeMap::from([("r1".to_owned(), Arc::new(machine))]),
            tickets: 0,
        };
        bench.settle();
        bench
    }

    /// The process dies and another one takes over.
    pub fn crash(&mut self) {
        self.held.clear();
        self.queued.clear();
        self.shard = open(&self.store, &self.environment, &self.settings, self.now);
        self.settle();
    }

    pub fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    /// Does all that the shard asks for, except what is to be held.
    pub fn settle(&mut self) {
        while let Some(action) = self.shard.poll() {
            if self.hold.contains(&name(&action)) {
                self.held.push(action);
            } else {
                self.carry_out(action);
            }
        }
    }

    /// Lets go of what was held.
    pub fn release(&mut self) {
        self.hold.clear();
        for action in std::mem::take(&mut self.held) {
            self.carry_out(action);
        }
        self.settle();
    }

    /// Lets go of what was held first, and holds on to the rest.
    pub fn release_one(&mut self) {
        let action = self.held.remove(0);
        self.carry_out(action);
        if self.shard.poll_timeout().is_some_and(|due| due <= self.at()) {
            self.shard.handle_timeout(self.at());
        }
        self.settle();
    }

    fn carry_out(&mut self, action: Action) {
        let at = self.at();
        match action {
            Action::Commit(commit) => {
                self.commits += 1;
                match self.store.commit(&[commit]) {
                    Ok(()) => self.shard.committed(at),
                    Err(_) => self.crash(),
                }
            }
            Action::Load(key) => {
                let loaded = self.load(key, false);
                self.shard.loaded(key, loaded, at);
            }
            Action::LoadWhole(key) => {
                let loaded = self.load(key, true);
                self.shard.loaded(key, loaded, at);
            }
            Action::LookUp { machine, name } => {
                let found = self.look_up(&name);
                self.shard.looked_up(machine, name, found, at);
            }
            Action::ReadDue { from, to } => {
                let rows = self.store.due(ShardId(0), from, to, usize::MAX).unwrap();
                self.shard.due_read(&rows, to, at);
            }
            Action::ReadPending(kind) => {
                let rows = self.store.pending(ShardId(0), kind, None, usize::MAX).unwrap();
                self.shard.pending_read(kind, &rows, at);
            }
            Action::Call(call) => self.calls.push(*call),
            Action::Poll(call) => self.polls.push(*call),
            Action::Cancel { effect, .. } => self.cancelled.push(effect),
            Action::Abandon(stop) => self.abandoned.push(*stop),
            Action::Report { child, effect, parent } => self.reports.push((child, effect, parent)),
            Action::Reply(ticket, reply) => {
                assert!(self.replies.insert(ticket, reply).is_none(), "ticket {ticket} was answered twice");
            }
            Action::Queued(task) => self.queued.push(task),
            Action::Unqueued(task) => self.queued.retain(|queued| *queued != task),
            Action::RunExpress(run) => self.runs.push(*run),
            Action::QueuesRead | Action::Closed(_) => {}
        }
    }

    /// What the store knows of a name now.
    pub fn look_up(&self, name: &str) -> Option<Existing> {
        let key = self.store.named("m", name).unwrap()?;
        Some(Existing { row: self.store.execution(key).unwrap().unwrap(), input: self.input(key) })
    }

    fn load(&self, key: ExecutionKey, whole: bool) -> Option<Loaded> {
        let row = self.store.execution(key).unwrap()?;
        let definition = self.definitions[&row.revision].clone();
        let is_read = whole || row.status == ExecutionStatus::Running;
        let records = if is_read { self.records(key) } else { Vec::new() };
        Some(Loaded { row, definition, records })
    }

    fn input(&self, key: ExecutionKey) -> Payload {
        let batch = self.store.batches(key, 1, 1).unwrap().remove(0);
        match decode_batch(&batch.body).unwrap().remove(0).event {
            Event::Execution(ExecutionEvent::Started(started)) => started.input.payload().clone(),
            other => panic!("begins with {other:?}"),
        }
    }

    /// What the store has of an execution.
    pub fn records(&self, key: ExecutionKey) -> Vec<Record> {
        let mut decoder = Decoder::default();
        let batches = self.store.batches(key, 1, usize::MAX).unwrap();
        batches.iter().flat_map(|batch| decoder.decode(&batch.body).unwrap()).collect()
    }

    pub fn status(&self, key: ExecutionKey) -> ExecutionStatus {
        self.store.execution(key).unwrap().unwrap().status
    }

    /// Error names of the failed attempts of its tasks.
    pub fn failures(&self, key: ExecutionKey) -> Vec<String> {
        let error = |record: Record| match record.event {
            Event::Task(TaskEvent::Failed { error, .. }) => Some(error.unwrap_or("".into()).to_string()),
            Event::Task(TaskEvent::TimedOut { heartbeat, .. }) => {
                Some(if heartbeat { "heartbeat" } else { "timeout" }.to_owned())
            }
            _ => None,
        };
        self.records(key).into_iter().filter_map(error).collect()
    }

    /// Asks for a start; answered when the shard says so.
    pub fn start(&mut self, name: Option<&str>, input: &str) -> Ticket {
        self.start_of("r1", name, input, None)
    }

    /// Asks for a start of another revision, maybe for a task.
    pub fn start_of(
        &mut self,
        revision: &str,
        name: Option<&str>,
        input: &str,
        parent: Option<Parent>,
    ) -> Ticket {
        self.tickets += 1;
        let command = StartCommand {
            definition: self.definitions[revision].clone(),
            revision: revision.into(),
            machine: "m".into(),
            name: name.map(str::to_owned),
            input: Payload::parse(input).unwrap(),
            role: Text::from("role"),
            seed: 7,
            trace_header: None,
            version: None,
            alias: None,
            mocks: None,
            parent,
        };
        self.shard.start(self.tickets, command, self.at());
        self.settle();
        self.tickets
    }

    /// Starts an execution that must be accepted.
    pub fn started(&mut self) -> ExecutionKey {
        let ticket = self.start(None, "{}");
        self.key(ticket)
    }

    pub fn stop(&mut self, key: ExecutionKey) -> Ticket {
        self.tickets += 1;
        self.shard.stop(self.tickets, key, None, None, self.at());
        self.settle();
        self.tickets
    }

    pub fn redrive(&mut self, key: ExecutionKey, token: Option<&str>) -> Ticket {
        self.tickets += 1;
        self.shard.redrive(self.tickets, key, token.map(Text::from), self.at());
        self.settle();
        self.tickets
    }

    /// Another definition.
    pub fn define(&mut self, revision: &str, definition: &str) {
        let machine = asl::parse(definition, ParseOptions::default()).machine.unwrap();
        self.definitions.insert(revision.to_owned(), Arc::new(machine));
    }

    pub fn find_child(&mut self, name: &str, parent: Parent) -> Ticket {
        self.tickets += 1;
        self.shard.find_child(self.tickets, "m".into(), name.into(), parent, self.at());
        self.settle();
        self.tickets
    }

    /// A child says that it has ended.
    pub fn child_ended(&mut self, key: ExecutionKey, effect: EffectId) -> Ticket {
        self.tickets += 1;
        self.shard.child_ended(self.tickets, key, effect, self.at());
        self.settle();
        self.tickets
    }

    pub fn reported(&mut self, child: ExecutionKey, effect: EffectId, heard: bool) {
        self.shard.reported(child, effect, heard, self.at());
        self.settle();
    }

    pub fn released(&mut self, key: ExecutionKey, effect: EffectId) {
        self.shard.released(key, effect, self.at());
        self.settle();
    }

    /// The kinds of the rows that the store has for an execution.
    pub fn rows(&self, key: ExecutionKey) -> Vec<PendingKind> {
        self.store.pending_of(key).unwrap().into_iter().map(|row| row.kind).collect()
    }

    pub fn answer(&mut self, key: ExecutionKey, effect: EffectId) -> Ticket {
        self.tickets += 1;
        let answer = Answer::Succeeded(Payload::parse("1").unwrap());
        self.shard.answer(self.tickets, key, effect, answer, self.at());
        self.settle();
        self.tickets
    }

    pub fn heartbeat(&mut self, key: ExecutionKey, effect: EffectId) -> Ticket {
        self.tickets += 1;
        self.shard.heartbeat(self.tickets, key, effect, self.at());
        self.settle();
        self.tickets
    }

    /// Asks for an Express start of this name.
    pub fn start_express(&mut self, name: &str) -> Ticket {
        self.tickets += 1;
        let start = ExpressStart {
            revision: "r1".into(),
            name: name.into(),
            id: format!("id-{name}"),
            input: format!("\"{name}\""),
            seed: 7,
            started_at: 0,
            trace_header: None,
            version_arn: None,
            alias_arn: None,
            mocks: None,
        };
        self.shard.start_express(self.tickets, start, self.at());
        self.settle();
        self.tickets
    }

    /// A run ends.
    pub fn ends(&mut self, run: &ExpressRun) {
        self.shard.express_ended(run.chunk, run.index);
        self.settle();
    }

    /// A worker takes a task.
    pub fn take(&mut self, task: PendingKey) -> Ticket {
        self.tickets += 1;
        self.shard.take(self.tickets, task, Some("w".into()), self.at());
        self.settle();
        self.tickets
    }

    /// A task that a worker took is put back.
    pub fn put_back(&mut self, task: PendingKey) -> Ticket {
        self.tickets += 1;
        self.shard.put_back_task(self.tickets, task, self.at());
        self.settle();
        self.tickets
    }

    /// The latest call or poll of an effect returns.
    pub fn returns(&mut self, key: ExecutionKey, effect: EffectId, outcome: TaskOutcome) {
        self.shard.task_done(key, effect, outcome, self.at());
        self.settle();
    }

    /// Time passes, in steps of what the shard asks for.
    pub fn pass(&mut self, millis: i64) {
        let until = self.now + millis;
        while let Some(due) = self.shard.poll_timeout().filter(|due| due.0 <= until) {
            self.now = self.now.max(due.0);
            self.shard.handle_timeout(self.at());
            self.settle();
        }
        self.now = until;
    }

    pub fn reply(&self, ticket: Ticket) -> Option<&Reply> {
        self.replies.get(&ticket)
    }

    pub fn key(&self, ticket: Ticket) -> ExecutionKey {
        match self.reply(ticket) {
            Some(Reply::Started { execution, .. }) => *execution,
            other => panic!("the start was answered with {other:?}"),
        }
    }

    /// When the store says that an execution stopped.
    pub fn store_stop(&self, key: ExecutionKey) -> i64 {
        self.store.execution(key).unwrap().unwrap().stopped_at.unwrap()
    }

    /// Which execution the store has under a name.
    pub fn store_key(&self, name: &str) -> ExecutionKey {
        self.store.named("m", name).unwrap().unwrap()
    }

    /// How many executions the store has.
    pub fn executions(&self) -> usize {
        let query = ExecutionQuery { limit: usize::MAX, ..ExecutionQuery::default() };
        self.store.executions(&query).unwrap().rows.len()
    }

    /// Nothing may be left in memory once everything has ended and what was abandoned has been stopped.
    pub fn assert_empty(&mut self) {
        for stop in self.abandoned.clone() {
            self.released(stop.execution, stop.effect);
        }
        self.pass(200_000);
        assert_eq!(self.shard.gauges(), Gauges::default());
    }

    pub fn fail_next_commit(&self, fault: Fault) {
        self.store.fail_commit(1, fault);
    }
}

fn open(store: &MemoryStore, environment: &Arc<Environment>, settings: &Settings, now: i64) -> Shard {
    let epoch = store.acquire(ShardId(0), "test").unwrap();
    let newest = store.executions(&ExecutionQuery { limit: 1, ..ExecutionQuery::default() }).unwrap();
    let mut shard = Shard::new(
        ShardId(0),
        epoch,
        environment.clone(),
        settings.clone(),
        Box::new(|resource| resource == READ || resource == CHILD),
    );
    shard.recover(newest.rows.first().map(|row| row.key), Timestamp(now));
    shard
}

fn name(action: &Action) -> &'static str {
    match action {
        Action::Commit(_) => "commit",
        Action::Load(_) | Action::LoadWhole(_) => "load",
        Action::LookUp { .. } => "look up",
        Action::ReadDue { .. } => "read due",
        Action::ReadPending(_) => "read pending",
        Action::Call(_) => "call",
        Action::Poll(_) => "poll",
        Action::Cancel { .. } => "cancel",
        Action::Abandon(_) => "abandon",
        Action::Report { .. } => "report",
        Action::Queued(_) => "queued",
        Action::Unqueued(_) => "unqueued",
        Action::QueuesRead => "queues read",
        Action::RunExpress(_) => "run express",
        Action::Reply(..) => "reply",
        Action::Closed(_) => "closed",
    }
}

/// A machine of one task.
pub fn task(resource: &str, more: &str) -> String {
    let parameters = match resource {
        ASK => r#","Parameters":{"QueueUrl":"q","MessageBody":{"token.$":"$$.Task.Token"}}"#,
        READ => r#","Parameters":{"TableName":"t","Key":{"id":{"S":"1"}}}"#,
        JOB => r#","Parameters":{"JobName":"j"}"#,
        CHILD => {
            r#","Parameters":{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:m"}"#
        }
        _ => "",
    };
    format!(
        r#"{{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"{resource}"{parameters}{more},"End":true}}}}}}"#
    )
}

/// A machine that waits.
pub fn wait(seconds: u32) -> String {
    format!(r#"{{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":{seconds},"End":true}}}}}}"#)
}

pub fn done() -> TaskOutcome {
    TaskOutcome::Done(Payload::parse("1").unwrap())
}

pub fn sent() -> TaskOutcome {
    TaskOutcome::AwaitingToken(Payload::parse("{}").unwrap())
}

pub fn submitted() -> TaskOutcome {
    TaskOutcome::Submitted { output: Payload::parse("{}").unwrap(), handle: Payload::parse("{}").unwrap() }
}
