//! One execution on its own: the same interpreter, but no store, no shard and nothing kept. For trying a definition out.
//!
//! Its time may be virtual: then what the execution waits for passes at once, in its order, and only real calls take real time.
//! What is promised to executions of a server is not promised here: when this is dropped, everything is gone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use asl::StateMachine;
use engine::{CallAction, TaskOutcome};
use futures_util::FutureExt;
use interpreter::{
    Answer, Effect, EffectId, Environment, Execution, Input, Limits, Place, Record, Start, TaskEffect,
    TaskKind, TaskPhase, Text, Timestamp, TokenKey, WaitScale,
};
use store::ExecutionKey;
use task::Connector;
use tokio::task::{AbortHandle, JoinSet};
use value::Payload;

use crate::calls;
use crate::clock::{self, now, random_u64};
use crate::express::uuid;

/// Time between two polls of a job.
const POLL_INTERVAL_MS: i64 = 1_000;

/// A wait without an end of its own; it is looked at again after it.
const FAR: Duration = Duration::from_secs(3_600);

/// What is to be rehearsed.
#[derive(Clone, Debug)]
pub struct Script {
    /// The definition.
    pub definition: Arc<StateMachine>,
    /// Partition, region and account of ARNs.
    pub place: Place,
    /// Name of the state machine.
    pub machine: String,
    /// The execution's name; a UUID if there is none.
    pub name: Option<String>,
    /// Its input.
    pub input: Payload,
    /// ARN of its role.
    pub role_arn: String,
    /// Whether it is an Express execution.
    pub express: bool,
    /// Canned responses that stand for the work of Task states (`integrations::mocks`).
    pub mocks: Option<Payload>,
    /// Where draws (UUIDs, random numbers, jitter) begin; 64 random bits if nothing is said.
    pub seed: Option<u64>,
    /// Whether time is virtual.
    pub virtual_time: bool,
}

/// What a rehearsal has to say.
#[derive(Debug)]
pub enum Step {
    /// The execution went on: its new records.
    Records(Vec<Record>),
    /// The execution has ended.
    Ended,
    /// Only an answer from outside could bring it on, and nobody can give one: these states wait for it.
    Stuck(Vec<Stuck>),
}

/// A state that waits for somebody who is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The state.
    pub state: String,
    /// It waits for a worker of an activity; otherwise for its task token.
    pub is_activity: bool,
}

/// A rehearsal.
pub struct Rehearsal {
    execution: Execution,
    connector: Arc<dyn Connector>,
    begin: Option<Box<Start>>,
    /// Answers of mocked tasks, in the order of their calls.
    answered: VecDeque<(EffectId, TaskOutcome)>,
    /// Calls and polls that take real time.
    calls: JoinSet<(EffectId, TaskOutcome)>,
    running: BTreeMap<EffectId, AbortHandle>,
    /// When jobs are asked after next.
    polls: BTreeMap<EffectId, Timestamp>,
    /// The virtual time, if time is virtual.
    at: Option<Timestamp>,
}

impl Rehearsal {
    /// Prepares an execution; [`Rehearsal::step`] begins it. Virtual time begins now.
    pub fn new(script: Script, connector: Arc<dyn Connector>) -> Rehearsal {
        let mut key = [0; 32];
        clock::fill(&mut key);
        let environment = Arc::new(Environment {
            place: Arc::new(script.place),
            standard: Limits::SERVICE,
            express: Limits::EXPRESS,
            token_key: TokenKey::new(key),
            deadline: clock::expression_deadline,
            activity_exists: interpreter::any_activity(),
            wait_scale: WaitScale::REAL,
        });
        let begin = Start {
            input: script.input,
            name: Text::from(script.name.unwrap_or_else(uuid)),
            machine: Text::from(script.machine),
            role: Text::from(script.role_arn.as_str()),
            seed: script.seed.unwrap_or_else(random_u64),
            express: script.express.then(|| Text::from(uuid())),
            version_arn: None,
            alias_arn: None,
            parent: None,
            trace_header: None,
            mocks: script.mocks,
        };
        Rehearsal {
            execution: Execution::new(script.definition, environment, 1),
            connector,
            begin: Some(Box::new(begin)),
            answered: VecDeque::new(),
            calls: JoinSet::new(),
            running: BTreeMap::new(),
            polls: BTreeMap::new(),
            at: script.virtual_time.then(now),
        }
    }

    /// The execution as it stands.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }

    /// The time, as the execution sees it.
    pub fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(now)
    }

    /// Goes on until there is something to say. Dropping the future while it waits loses nothing but virtual time.
    pub async fn step(&mut self) -> Step {
        loop {
            let inputs = match self.ready() {
                inputs if !inputs.is_empty() => inputs,
                _ if self.execution.is_closed() => return Step::Ended,
                _ => match self.wait().await {
                    Ok(inputs) => inputs,
                    Err(stuck) => return Step::Stuck(stuck),
                },
            };
            let records = self.advance(inputs);
            if !records.is_empty() {
                return Step::Records(records);
            }
        }
    }

    /// What can be told without waiting: the start, answers of mocked tasks, the rest of a long turn.
    fn ready(&mut self) -> Vec<Input> {
        if let Some(start) = self.begin.take() {
            return vec![Input::Start(start)];
        }
        if let Some((effect, outcome)) = self.answered.pop_front() {
            return self.heard(effect, outcome);
        }
        if self.execution.has_more() { vec![Input::Continue] } else { Vec::new() }
    }

    /// Tells the execution, lets leave the calls that it then wants, and cancels those that it no longer wants.
    fn advance(&mut self, inputs: Vec<Input>) -> Vec<Record> {
        let at = self.now();
        let (mut records, _) = self.execution.advance_all(inputs, at);
        for (effect, task) in self.tasks() {
            if task.phase == TaskPhase::Scheduled {
                let dispatch = Input::Dispatch { effect, worker: None };
                records.extend(self.execution.advance(dispatch, at).unwrap_or_default());
                self.call(effect);
            }
        }
        let execution = &self.execution;
        self.polls.retain(|effect, _| execution.effect(*effect).is_some());
        self.running.retain(|effect, call| {
            let is_wanted = execution.effect(*effect).is_some();
            if !is_wanted {
                call.abort();
            }
            is_wanted
        });
        records
    }

    fn tasks(&self) -> Vec<(EffectId, TaskEffect)> {
        let tasks = self.execution.outstanding().filter_map(|(id, effect)| match effect {
            Effect::Task(task) => Some((id, task)),
            Effect::Timer { .. } => None,
        });
        tasks.collect()
    }

    /// Makes a task's call. That of a mocked one takes no time, so answers come in the order of the calls.
    fn call(&mut self, effect: EffectId) {
        let Some(Effect::Task(task)) = self.execution.effect(effect) else { return };
        let is_mocked = task.mock.is_some();
        let call = calls::to_call(&CallAction {
            execution: ExecutionKey(1),
            effect,
            execution_arn: self.execution.arn(),
            trace_header: None,
            task,
        });
        if is_mocked && let Some(outcome) = self.connector.call(call.clone()).now_or_never() {
            return self.answered.push_back((effect, calls::outcome(outcome)));
        }
        let connector = self.connector.clone();
        let handle = self.calls.spawn(async move { (effect, calls::outcome(connector.call(call).await)) });
        self.running.insert(effect, handle);
    }

    /// What an outcome means to the execution.
    fn heard(&mut self, effect: EffectId, outcome: TaskOutcome) -> Vec<Input> {
        self.running.remove(&effect);
        let input = match outcome {
            TaskOutcome::Done(output) => {
                Input::Answered { effect, by_token: false, answer: Answer::Succeeded(output) }
            }
            TaskOutcome::Failed(failure) => {
                Input::Answered { effect, by_token: false, answer: Answer::Failed(failure) }
            }
            TaskOutcome::Submitted { output, handle } => {
                // What is mocked is done as soon as it is asked after, and that may be at once.
                let Some(Effect::Task(task)) = self.execution.effect(effect) else { return Vec::new() };
                let wait = if task.mock.is_some() { 0 } else { POLL_INTERVAL_MS };
                self.polls.insert(effect, Timestamp(self.now().0.saturating_add(wait)));
                Input::Submitted { effect, output, handle: Some(handle) }
            }
            TaskOutcome::AwaitingToken(output) => Input::Submitted { effect, output, handle: None },
            TaskOutcome::StillRunning => {
                self.polls.insert(effect, Timestamp(self.now().0.saturating_add(POLL_INTERVAL_MS)));
                return Vec::new();
            }
        };
        vec![input]
    }

    /// Waits for the next call to return or the next time to come; an empty answer means to look again.
    async fn wait(&mut self) -> Result<Vec<Input>, Vec<Stuck>> {
        let due = self.next_time();
        let began = Instant::now();
        if self.running.is_empty() {
            let Some(due) = due.filter(|due| !self.is_hopeless(*due)) else { return Err(self.stuck()) };
            match &mut self.at {
                Some(at) => *at = due.max(*at),
                None => tokio::time::sleep(until(due, now())).await,
            }
            return Ok(self.due());
        }
        let left = due.map_or(FAR, |due| until(due, self.now()));
        let returned = tokio::time::timeout(left, self.calls.join_next()).await;
        if let Some(at) = &mut self.at {
            let passed =
                Timestamp(at.0.saturating_add(i64::try_from(began.elapsed().as_millis()).unwrap_or(0)));
            *at = due.map_or(passed, |due| passed.min(due.max(*at)));
        }
        match returned {
            Ok(Some(Ok((effect, outcome)))) if self.running.contains_key(&effect) => {
                Ok(self.heard(effect, outcome))
            }
            // A call that was cancelled, or that had returned when it was.
            Ok(_) => Ok(Vec::new()),
            Err(_) => Ok(self.due()),
        }
    }

    /// Whether all that is left is to wait for others until the end of the execution's life.
    fn is_hopeless(&self, due: Timestamp) -> bool {
        let mut effects = self.execution.outstanding();
        self.execution.end_of_life().is_some_and(|end| due >= end)
            && effects.all(|(_, effect)| matches!(effect, Effect::Task(_)))
    }

    fn next_time(&self) -> Option<Timestamp> {
        let effects = self.execution.outstanding().filter_map(|(_, effect)| match effect {
            Effect::Timer { at } => Some(at),
            Effect::Task(task) => task.due.into_iter().chain(heartbeat_end(&task)).min(),
        });
        let is_asked = |effect: &EffectId| self.running.contains_key(effect);
        let polls = self.polls.iter().filter(|(effect, _)| !is_asked(effect)).map(|(_, at)| *at);
        effects.chain(polls).min()
    }

    /// What has come due, in the order of the effects: timers, timeouts, looks at jobs.
    fn due(&mut self) -> Vec<Input> {
        let at = self.now();
        let mut inputs = Vec::new();
        let mut looks = Vec::new();
        for (id, effect) in self.execution.outstanding() {
            match effect {
                Effect::Timer { at: due } if due <= at => inputs.push(Input::TimerFired(id)),
                Effect::Timer { .. } => {}
                Effect::Task(task) if task.due.is_some_and(|due| due <= at) => {
                    inputs.push(Input::TaskTimedOut { effect: id, heartbeat: false });
                }
                Effect::Task(task) if heartbeat_end(&task).is_some_and(|end| end <= at) => {
                    inputs.push(Input::TaskTimedOut { effect: id, heartbeat: true });
                }
                Effect::Task(task) => {
                    let is_due = self.polls.get(&id).is_some_and(|look| *look <= at);
                    if is_due && !self.running.contains_key(&id) {
                        looks.extend(task.handle.map(|handle| (id, handle)));
                    }
                }
            }
        }
        looks.into_iter().for_each(|(effect, handle)| self.poll(effect, handle));
        inputs
    }

    fn poll(&mut self, effect: EffectId, handle: Payload) {
        self.polls.remove(&effect);
        let outcome =
            |polled: Option<task::Outcome>| polled.map_or(TaskOutcome::StillRunning, calls::outcome);
        let is_mocked =
            matches!(self.execution.effect(effect), Some(Effect::Task(task)) if task.mock.is_some());
        if is_mocked && let Some(polled) = self.connector.poll(&handle).now_or_never() {
            return self.answered.push_back((effect, outcome(polled)));
        }
        let connector = self.connector.clone();
        let call = self.calls.spawn(async move { (effect, outcome(connector.poll(&handle).await)) });
        self.running.insert(effect, call);
    }

    fn stuck(&self) -> Vec<Stuck> {
        let of = |(_, task): (EffectId, TaskEffect)| Stuck {
            state: task.state.to_string(),
            is_activity: task.kind == TaskKind::Activity,
        };
        self.tasks().into_iter().map(of).collect()
    }
}

fn until(due: Timestamp, at: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(due.0.saturating_sub(at.0)).unwrap_or(0))
}

/// When a task whose token nobody uses has missed its heartbeat.
fn heartbeat_end(task: &TaskEffect) -> Option<Timestamp> {
    let interval = task.heartbeat.filter(|_| task.phase == TaskPhase::AwaitingToken)?;
    Some(task.since.plus_seconds(interval))
}
