//! One execution as the store has it: folded from the durable records alone, each checked as it comes.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::StateMachine;
use interpreter::{
    Decoder, Effect, EffectId, Environment, Event, Execution, ExecutionEvent, FrameId, Record, StateEvent,
    Status, TaskEvent, Text, Timestamp,
};
use store::{Batch, Epoch, ExecutionRow, ExecutionStatus};

use crate::definitions::IDEMPOTENT;
use crate::work::WorkDone;

/// How the cause of a call begins whose outcome nobody can know.
pub const INTERRUPTED: &str = "The service restarted while this call was in flight.";

/// One execution as the store has it.
pub struct Shadow {
    /// Its index row, as it must be.
    pub row: ExecutionRow,
    /// The fold of its records.
    pub execution: Execution,
    /// Its records.
    pub records: Vec<Record>,
    /// Its tasks, by effect.
    pub tasks: BTreeMap<EffectId, TaskShadow>,
    decoder: Decoder,
    task_of_frame: BTreeMap<FrameId, EffectId>,
    /// When its end became durable, as the world counts time.
    pub closed: Option<i64>,
    /// When its last redrive became durable, as the world counts time.
    pub redriven: Option<i64>,
    /// How it has ended so far.
    pub ends: Vec<ExecutionStatus>,
    work: WorkDone,
    /// As the world counts time.
    now: i64,
    /// Until when a frame waits.
    until: BTreeMap<FrameId, Timestamp>,
    timeout_at: Option<Timestamp>,
}

/// One attempt of a task.
pub struct TaskShadow {
    /// Its resource.
    pub resource: Text,
    /// Epoch in which its dispatch was committed.
    pub dispatched: Option<Epoch>,
    /// What it was answered: texts of outputs, causes of failures.
    pub answers: Vec<String>,
    due: Option<Timestamp>,
    heartbeat: Option<u64>,
    /// When it last gave an accepted sign of life, and to which epoch's shard.
    pub beat: Option<(Epoch, Timestamp)>,
    /// A worker of its activity has it.
    pub is_received: bool,
    /// When its dispatch became durable, as the world counts time.
    pub dispatched_at: i64,
}

/// Milliseconds after the death of a process in which its last commit may still arrive.
const LAST_WORDS_MS: i64 = 15_000;

impl TaskShadow {
    /// Whether somebody has it who can answer: of an activity's task, a worker, unless the process died between the hand-over and
    /// the answer, when nobody can know. Others are never without.
    pub fn is_held(&self, died_at: i64) -> bool {
        let is_activity = self.resource.contains(":activity:");
        !is_activity || self.is_received || self.dispatched_at <= died_at.saturating_add(LAST_WORDS_MS)
    }
}

impl Shadow {
    /// An execution whose index row has just been written.
    pub fn new(row: ExecutionRow, definition: Arc<StateMachine>, environment: Arc<Environment>) -> Shadow {
        let execution = Execution::new(definition, environment, row.key.0);
        Shadow {
            row,
            execution,
            records: Vec::new(),
            tasks: BTreeMap::new(),
            decoder: Decoder::default(),
            task_of_frame: BTreeMap::new(),
            closed: None,
            redriven: None,
            ends: Vec::new(),
            work: WorkDone::default(),
            now: 0,
            until: BTreeMap::new(),
            timeout_at: None,
        }
    }

    /// Takes in a batch that was committed under this epoch.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, batch: &Batch, epoch: Epoch, now: i64, punctual: Punctual) -> Result<(), String> {
        self.now = now;
        let records = self.decoder.decode(&batch.body).map_err(|why| format!("undecodable batch: {why}"))?;
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Err("a batch without records".into());
        };
        if (first.seq, last.seq) != (batch.first, batch.last) {
            return Err(format!("batch {}..{} holds {}..{}", batch.first, batch.last, first.seq, last.seq));
        }
        let public = records.iter().find_map(|record| record.public);
        let first_event = public.map_or(self.execution.last_event() + 1, |public| public.id);
        if batch.first_event != first_event {
            return Err(format!("batch says first event {}, it is {first_event}", batch.first_event));
        }
        for record in records {
            self.check(&record, epoch, punctual)?;
            self.execution.apply(&record);
            self.check_due(&record)?;
            self.records.push(record);
        }
        self.row.status = status(&self.execution);
        self.row.stopped_at = self.execution.closed_at().map(|at| at.0);
        let (count, at) = self.execution.redrives();
        if count != self.row.redrive_count {
            self.redriven = Some(now);
        }
        (self.row.redrive_count, self.row.redriven_at) = (count, at.map(|at| at.0));
        if self.execution.is_closed() {
            self.ends.push(self.row.status);
        }
        Ok(())
    }

    fn check(&mut self, record: &Record, epoch: Epoch, punctual: Punctual) -> Result<(), String> {
        if record.seq != self.execution.seq() + 1 {
            return Err(format!("record {} comes after {}", record.seq, self.execution.seq()));
        }
        if let Some(public) = record.public
            && (public.id != self.execution.last_event() + 1 || public.previous >= public.id)
        {
            return Err(format!("event {public:?} comes after {}", self.execution.last_event()));
        }
        let redriven = match &record.event {
            Event::Execution(ExecutionEvent::Redriven(redriven)) => Some(redriven),
            _ => None,
        };
        if self.execution.is_closed() != redriven.is_some() {
            return Err(format!("record {} of a closed execution", record.seq));
        }
        self.work.check(record)?;
        if let Some(redriven) = redriven {
            self.until.clear();
            self.timeout_at = redriven.timeout_at;
        }
        if let Event::Execution(ExecutionEvent::Started(started)) = &record.event {
            self.timeout_at = started.timeout_at;
        }
        self.check_time(record, punctual)?;
        if let Event::Task(event) = &record.event {
            self.check_task(record, event, epoch, punctual)?;
        }
        Ok(())
    }

    /// Nothing that waits for a time goes on before it, or much later.
    fn check_time(&mut self, record: &Record, punctual: Punctual) -> Result<(), String> {
        match &record.event {
            Event::State(StateEvent::Aborted { .. }) => return Ok(()),
            Event::Execution(ExecutionEvent::TimedOut) => {
                let due = self.timeout_at.into_iter().chain(self.execution.end_of_life()).min();
                let due = due.ok_or("an execution without a timeout timed out")?;
                return punctual.check(record, due);
            }
            Event::Execution(_) => return Ok(()),
            Event::State(_) | Event::Task(_) | Event::Parallel(_) | Event::Map(_) => {}
        }
        if matches!(record.event, Event::Task(TaskEvent::Released { .. })) {
            return Ok(());
        }
        if let Some(until) = self.until.remove(&record.frame) {
            punctual.check(record, until)?;
        }
        if let Event::State(StateEvent::Waiting { until } | StateEvent::RetryScheduled { until, .. }) =
            &record.event
        {
            self.until.insert(record.frame, *until);
        }
        Ok(())
    }

    /// A task that has started is watched until its timeout.
    fn check_due(&self, record: &Record) -> Result<(), String> {
        let Event::Task(TaskEvent::Started { due, .. }) = &record.event else { return Ok(()) };
        let effect = self.task_of_frame.get(&record.frame);
        match effect.and_then(|effect| self.execution.effect(*effect)) {
            // Without a timeout of its own it is due when the execution's life ends, if nothing else would end it.
            Some(Effect::Task(task)) if due.is_none() || task.due == *due => {
                let wanted = task.timeout.map(|seconds| record.at.plus_seconds(seconds));
                if wanted == *due { Ok(()) } else { Err(format!("due {due:?} instead of {wanted:?}")) }
            }
            other => Err(format!("record {} starts {other:?}", record.seq)),
        }
    }

    fn check_task(
        &mut self,
        record: &Record,
        event: &TaskEvent,
        epoch: Epoch,
        punctual: Punctual,
    ) -> Result<(), String> {
        if let TaskEvent::Scheduled { resource, heartbeat, .. } = event {
            let task = TaskShadow {
                resource: resource.clone(),
                dispatched: None,
                answers: Vec::new(),
                due: None,
                heartbeat: *heartbeat,
                beat: None,
                is_received: false,
                dispatched_at: 0,
            };
            self.tasks.insert(record.seq, task);
            self.task_of_frame.insert(record.frame, record.seq);
            return Ok(());
        }
        if let TaskEvent::Released { .. } = event {
            return Ok(());
        }
        let effect = self.task_of_frame.get(&record.frame);
        let Some(task) = effect.and_then(|effect| self.tasks.get_mut(effect)) else {
            return Err(format!("record {} of no task", record.seq));
        };
        match event {
            TaskEvent::Scheduled { .. } | TaskEvent::Submitted { .. } | TaskEvent::Released { .. } => {}
            TaskEvent::Started { .. } if task.dispatched.is_some() => {
                return Err(format!("record {} starts what has started", record.seq));
            }
            TaskEvent::Returned => {
                if task.is_received {
                    return Err(format!("record {} takes a task from its worker", record.seq));
                }
                (task.dispatched, task.due, task.beat) = (None, None, None);
            }
            TaskEvent::Started { due, .. } => {
                task.dispatched = Some(epoch);
                task.dispatched_at = self.now;
                task.due = *due;
            }
            TaskEvent::TimedOut { heartbeat: true, .. } => check_missed(task, record, epoch)?,
            TaskEvent::TimedOut { .. } => {
                punctual.check(record, task.due.ok_or("a task without a timeout timed out")?)?;
            }
            TaskEvent::Succeeded { output, .. } => task.answers.push(output.payload().text().to_string()),
            TaskEvent::Failed { cause, .. } => {
                let cause = cause.as_deref().unwrap_or_default();
                if cause.starts_with(INTERRUPTED) {
                    check_interruption(task, epoch)?;
                }
                task.answers.push(cause.to_owned());
            }
            TaskEvent::AnsweredEarly { output, cause, .. } => {
                if !task.answers.is_empty() {
                    return Err(format!("record {} is a second answer", record.seq));
                }
                let text = output.as_ref().map(|output| output.payload().text().to_string());
                task.answers.push(text.unwrap_or_else(|| cause.as_deref().unwrap_or_default().to_owned()));
            }
        }
        Ok(())
    }
}

/// How late a shard may notice that a time has come.
#[derive(Clone, Copy, Debug)]
pub struct Punctual {
    /// When it was opened: nobody notices anything before.
    pub opened: Timestamp,
    /// Milliseconds that its store may take to find the row and the execution.
    pub slack_ms: i64,
}

impl Punctual {
    /// Nobody can say how late.
    pub const NEVER: Punctual = Punctual { opened: Timestamp(0), slack_ms: i64::MAX };

    fn check(self, record: &Record, due: Timestamp) -> Result<(), String> {
        let (early, latest) = (record.at < due, due.max(self.opened).0.saturating_add(self.slack_ms));
        if early || record.at.0 > latest {
            let how = if early { "early" } else { "late" };
            return Err(format!("record {} at {:?} is {how}: due {due:?}", record.seq, record.at));
        }
        Ok(())
    }
}

/// A heartbeat is missed only when there is one to be missed, and none came.
fn check_missed(task: &TaskShadow, record: &Record, epoch: Epoch) -> Result<(), String> {
    let interval = task.heartbeat.ok_or("a heartbeat that nobody wanted")?;
    match task.beat {
        Some((of, beat)) if of == epoch && beat.plus_seconds(interval) > record.at => {
            Err(format!("record {} misses a heartbeat that came at {beat:?}", record.seq))
        }
        _ => Ok(()),
    }
}

/// Only a call that may have been made, by a node that is gone, and that must not be repeated, fails as interrupted.
fn check_interruption(task: &TaskShadow, epoch: Epoch) -> Result<(), String> {
    if !task.answers.is_empty() {
        return Err(format!("a call of `{}` was answered, and failed as interrupted", task.resource));
    }
    if IDEMPOTENT.contains(&&*task.resource) {
        return Err(format!("a call of `{}` may be repeated, and failed as interrupted", task.resource));
    }
    match task.dispatched {
        Some(dispatched) if dispatched < epoch => Ok(()),
        dispatched => Err(format!("interrupted in epoch {epoch}, but dispatched in {dispatched:?}")),
    }
}

/// The index status of a fold.
fn status(execution: &Execution) -> ExecutionStatus {
    match execution.status() {
        Status::New | Status::Running => ExecutionStatus::Running,
        Status::Succeeded { .. } => ExecutionStatus::Succeeded,
        Status::Failed { .. } => ExecutionStatus::Failed,
        Status::TimedOut => ExecutionStatus::TimedOut,
        Status::Aborted { .. } => ExecutionStatus::Aborted,
    }
}
