//! One execution: the fold of its records, and what the world must be doing for it now.
//! Fields are written in `apply` only; decisions are made in `turn` and `step`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use asl::StateMachine;
use value::Payload;

use crate::child::{Abandoned, Parent};
use crate::data::Data;
use crate::environment::Environment;
use crate::event::{Started, TaskKind};
use crate::frame::{Cursor, Frame, Phase, TaskWork, Work};
use crate::limits::Limits;
use crate::record::{FrameId, Timestamp};
use crate::text::Text;
use crate::token::TokenSubject;

/// Number of the record that created an effect: never used again, so a late answer is stale by construction.
pub type EffectId = u32;

/// Status of an execution.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// No record yet.
    New,
    /// It runs.
    Running,
    /// It ended well.
    Succeeded {
        /// Its output.
        output: Data,
    },
    /// An error was not handled.
    Failed {
        /// The error's name.
        error: Option<Text>,
        /// The cause.
        cause: Option<Text>,
    },
    /// Its TimeoutSeconds passed.
    TimedOut,
    /// It was stopped.
    Aborted {
        /// As StopExecution said.
        error: Option<Text>,
        /// As StopExecution said.
        cause: Option<Text>,
    },
}

/// What the world must be doing.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Wake the execution at this time: a Wait, a backoff, or its timeout.
    Timer {
        /// When.
        at: Timestamp,
    },
    /// A task.
    Task(TaskEffect),
}

/// A task that the world must be doing.
#[derive(Clone, Debug)]
pub struct TaskEffect {
    /// How far it is.
    pub phase: TaskPhase,
    /// When this phase began.
    pub since: Timestamp,
    /// When it was scheduled: its place in an activity's queue.
    pub scheduled_at: Timestamp,
    /// The state.
    pub state: Text,
    /// The family.
    pub kind: TaskKind,
    /// `Resource` as written.
    pub resource: Text,
    /// What is sent.
    pub parameters: Payload,
    /// `TimeoutSeconds`, when set.
    pub timeout: Option<u64>,
    /// When it times out, or when the execution's life ends, once started.
    pub due: Option<Timestamp>,
    /// Seconds between heartbeats, when set.
    pub heartbeat: Option<u64>,
    /// The role of Credentials.
    pub role: Option<Text>,
    /// What polling and cancelling need.
    pub handle: Option<Payload>,
    /// The canned responses that stand for it, if it has any.
    pub mock: Option<TaskMock>,
}

/// Canned responses of one state, and which of them is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskMock {
    /// The state's member of [`Started::mocks`].
    pub responses: Payload,
    /// How many times the state's work was wanted before in this execution.
    pub invocation: u32,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskPhase {
    /// Wanted; the call has not left.
    Scheduled,
    /// It waits for a worker of its activity.
    Queued,
    /// The call may have left.
    Started,
    /// It waits for its token: somebody was handed it, or a worker of its activity has it.
    AwaitingToken,
    /// A job runs and is polled.
    Job,
}

/// Where an effect lives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// The execution's own timeout.
    Timeout { at: Timestamp },
    /// A timer of a frame.
    Timer { frame: FrameId, at: Timestamp },
    /// A task of a frame.
    Task { frame: FrameId },
}

/// One execution.
#[derive(Debug)]
pub struct Execution {
    /// An Express execution that runs on after its start was answered: its context says so.
    pub(crate) is_asynchronous: bool,
    pub(crate) definition: Arc<StateMachine>,
    pub(crate) environment: Arc<Environment>,
    pub(crate) key: u64,
    pub(crate) started: Option<Box<Started>>,
    pub(crate) started_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) status: Status,
    pub(crate) frames: BTreeMap<FrameId, Frame>,
    pub(crate) next_frame: FrameId,
    pub(crate) runnable: BTreeSet<FrameId>,
    pub(crate) effects: BTreeMap<EffectId, Place>,
    /// How many times the work of each mocked state was wanted.
    pub(crate) invocations: BTreeMap<Text, u32>,
    pub(crate) parents: BTreeMap<EffectId, Parent>,
    pub(crate) abandoned: BTreeMap<EffectId, Abandoned>,
    pub(crate) redrive_count: u32,
    pub(crate) redriven_at: Option<Timestamp>,
    /// Tokens of the last redrives, oldest first, and when each was.
    pub(crate) redrive_tokens: VecDeque<(Text, Timestamp)>,
    pub(crate) seq: u32,
    pub(crate) event: u32,
}

impl Execution {
    /// An execution before its first record. `key` is the store's key of it: tokens carry it.
    pub fn new(definition: Arc<StateMachine>, environment: Arc<Environment>, key: u64) -> Execution {
        Execution {
            is_asynchronous: false,
            definition,
            environment,
            key,
            started: None,
            started_at: Timestamp(0),
            closed_at: None,
            status: Status::New,
            frames: BTreeMap::new(),
            next_frame: 1,
            runnable: BTreeSet::new(),
            effects: BTreeMap::new(),
            invocations: BTreeMap::new(),
            parents: BTreeMap::new(),
            abandoned: BTreeMap::new(),
            redrive_count: 0,
            redriven_at: None,
            redrive_tokens: VecDeque::new(),
            seq: 0,
            event: 0,
        }
    }

    /// An Express execution that runs on after its start was answered, before its first record.
    pub fn asynchronous(definition: Arc<StateMachine>, environment: Arc<Environment>, key: u64) -> Execution {
        Execution { is_asynchronous: true, ..Execution::new(definition, environment, key) }
    }

    /// Its status.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        !matches!(self.status, Status::New | Status::Running)
    }

    /// Sequence number of its last record.
    pub fn seq(&self) -> u32 {
        self.seq
    }

    /// Public id of its last public event.
    pub fn last_event(&self) -> u32 {
        self.event
    }

    /// The facts it began with.
    pub fn started(&self) -> Option<&Started> {
        self.started.as_deref()
    }

    /// When it began.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// When it ended, if it has.
    pub fn closed_at(&self) -> Option<Timestamp> {
        self.closed_at
    }

    /// Whether its last turn ended because it was long, not because all frames are blocked.
    pub fn has_more(&self) -> bool {
        !self.runnable.is_empty() && !self.is_closed()
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        let Some(started) = &self.started else { return String::new() };
        let place = &self.environment.place;
        match &started.express {
            Some(id) => place.express_arn(&started.machine, &started.name, id),
            None => place.execution_arn(&started.machine, &started.name),
        }
    }

    /// What the world must be doing for it now: a function of the state alone.
    pub fn outstanding(&self) -> impl Iterator<Item = (EffectId, Effect)> + '_ {
        self.effects.keys().filter_map(|id| Some((*id, self.effect(*id)?)))
    }

    /// The ids of [`Execution::outstanding`], without their bodies.
    pub fn outstanding_ids(&self) -> impl Iterator<Item = EffectId> + '_ {
        self.effects.keys().copied()
    }

    /// One effect, if it is outstanding.
    pub fn effect(&self, id: EffectId) -> Option<Effect> {
        match *self.effects.get(&id)? {
            Place::Timeout { at } | Place::Timer { at, .. } => {
                Some(Effect::Timer { at: self.within_life(at) })
            }
            Place::Task { frame } => {
                let (state, task) = self.task_of(frame)?;
                Some(Effect::Task(TaskEffect {
                    phase: task.outside_phase(),
                    since: task.since,
                    scheduled_at: task.scheduled_at,
                    state: state.clone(),
                    kind: task.kind.clone(),
                    resource: task.resource.clone(),
                    parameters: task.parameters.payload().clone(),
                    timeout: task.timeout,
                    due: match task.due {
                        Some(due) => Some(self.within_life(due)),
                        None if task.may_outlive() => self.end_of_life(),
                        None => None,
                    },
                    heartbeat: task.heartbeat,
                    role: task.role.clone(),
                    handle: task.handle.as_ref().map(|data| data.payload().clone()),
                    mock: self.mock_of(state, task.mocked),
                }))
            }
        }
    }

    /// Whether canned responses stand for the work of this state.
    pub fn is_mocked(&self, state: &str) -> bool {
        let mocks = self.started.as_ref().and_then(|started| started.mocks.as_ref());
        mocks.is_some_and(|mocks| mocks.value().get(state).is_some())
    }

    fn mock_of(&self, state: &str, invocation: Option<u32>) -> Option<TaskMock> {
        let invocation = invocation?;
        let responses = self.started.as_ref()?.mocks.as_ref()?.value().get(state)?;
        Some(TaskMock { responses: Payload::from_value(responses.clone()), invocation })
    }

    pub(crate) fn limits(&self) -> &Limits {
        let express = self.started.as_ref().is_some_and(|started| started.express.is_some());
        if express { &self.environment.express } else { &self.environment.standard }
    }

    /// When its life ends, if it has not ended by then ([`Limits::lifetime_seconds`]).
    pub fn end_of_life(&self) -> Option<Timestamp> {
        self.started.as_ref()?;
        self.limits().lifetime_seconds.map(|seconds| self.started_at.plus_seconds(seconds))
    }

    /// A time to look at the execution again, brought forward to the end of its life.
    fn within_life(&self, at: Timestamp) -> Timestamp {
        self.end_of_life().map_or(at, |end| at.min(end))
    }

    /// The token of a task of this execution.
    pub fn token(&self, effect: EffectId) -> String {
        self.environment.token_key.token(TokenSubject { execution: self.key, effect })
    }

    /// The state and the task of a frame that runs one.
    pub(crate) fn task_of(&self, frame: FrameId) -> Option<(&Text, &TaskWork)> {
        let visit = self.frames.get(&frame)?.visit()?;
        match &visit.work {
            Work::Task(task) => Some((&visit.state, task)),
            Work::Begin
            | Work::Waiting
            | Work::Backoff
            | Work::Parallel { .. }
            | Work::Map(_)
            | Work::Returned { .. } => None,
        }
    }

    /// The variable as a frame sees it: its own scope first, then its parents'.
    pub(crate) fn variable(&self, frame: FrameId, name: &str) -> Option<&Data> {
        let mut at = Some(frame);
        while let Some(id) = at {
            let frame = self.frames.get(&id)?;
            if let Some(found) = frame.variables.get(name) {
                return Some(found);
            }
            at = frame.parent;
        }
        None
    }

    /// Bytes of all variables of all frames.
    pub(crate) fn variables_bytes(&self) -> usize {
        let of = |frame: &Frame| frame.variables.values().map(|data| data.payload().len()).sum::<usize>();
        self.frames.values().map(of).sum()
    }

    /// Frames below this one that are still open, oldest first.
    pub(crate) fn open_descendants(&self, root: FrameId) -> Vec<FrameId> {
        let is_open = |frame: &Frame| !matches!(frame.cursor, Cursor::Done { .. } | Cursor::Closed { .. });
        let mut inside = BTreeSet::from([root]);
        let mut open = Vec::new();
        for (id, frame) in self.frames.range(root.saturating_add(1)..) {
            if frame.parent.is_some_and(|parent| inside.contains(&parent)) {
                inside.insert(*id);
                if is_open(frame) {
                    open.push(*id);
                }
            }
        }
        open
    }
}

impl TaskWork {
    /// Whether nothing but the end of the execution's life would end it: a call returns, a worker or a token may never.
    fn may_outlive(&self) -> bool {
        match self.phase {
            Phase::Scheduled => false,
            Phase::Started => self.kind == TaskKind::Activity,
            Phase::Submitted => true,
        }
    }

    fn outside_phase(&self) -> TaskPhase {
        // A mocked one is answered like any other call.
        let is_activity = self.kind == TaskKind::Activity && self.mocked.is_none();
        match self.phase {
            Phase::Scheduled if is_activity => TaskPhase::Queued,
            Phase::Scheduled => TaskPhase::Scheduled,
            Phase::Started if is_activity => TaskPhase::AwaitingToken,
            Phase::Started => TaskPhase::Started,
            Phase::Submitted if self.handle.is_some() => TaskPhase::Job,
            Phase::Submitted => TaskPhase::AwaitingToken,
        }
    }
}
