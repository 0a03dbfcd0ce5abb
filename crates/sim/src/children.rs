//! Children, as drivers see to them: a task's start goes to the shard that has the child's name, an end goes to the parent's
//! shard, what was abandoned is found and stopped. Here stands what connects the shards; what must hold stands here too.

use std::collections::{BTreeMap, BTreeSet};

use engine::{AbandonAction, CallAction, Reply, TaskOutcome, child_name_of};
use interpreter::{EffectId, Event, ExecutionEvent, Failure, Parent, Record, TaskEvent};
use store::{Commit, Epoch, ExecutionKey, ExecutionStatus, PendingKey, Store};
use value::{Payload, Value};

use crate::ask::{Ask, StartAsk};
use crate::news::News;
use crate::sabotage::Sabotage;
use crate::shadow::Shadow;
use crate::truth::{Breach, Truth};
use crate::world::{Happening, World};

/// What all tasks begin with that start an execution.
pub const START: &str = "arn:aws:states:::states:startExecution";
/// Milliseconds until a shard that did not answer is asked again.
const AGAIN_MS: i64 = 200;

/// On whose behalf a shard asks another one: it is of interest only to the shard as it was then.
#[derive(Clone, Copy, Debug)]
pub struct Errand {
    node: usize,
    epoch: Epoch,
    execution: ExecutionKey,
    effect: EffectId,
}

impl Errand {
    /// The task that it is for.
    pub fn parent(self) -> Parent {
        Parent { execution: self.execution.0, effect: self.effect, awaits: true }
    }
}

/// What shards ask each other.
#[derive(Clone, Debug)]
pub enum Between {
    /// Start a child.
    Start(StartAsk),
    /// Find what a task has started.
    Find {
        /// Which machine.
        machine: String,
        /// Under which name.
        name: String,
    },
    /// Stop a child.
    Stop {
        /// Which.
        child: ExecutionKey,
    },
    /// A child has ended: the errand is the child's.
    Ended {
        /// Whom to tell.
        parent: Parent,
    },
}

/// What must hold of children, in what is durable.
#[derive(Debug, Default)]
pub struct Families {
    /// The one child of each task.
    children: BTreeMap<(ExecutionKey, EffectId), ExecutionKey>,
    /// Tasks whose child was seen to: none may be started any more.
    released: BTreeSet<(ExecutionKey, EffectId)>,
    /// Rows that are gone although the records call for them: what they stood for is done.
    pub done: BTreeSet<PendingKey>,
    /// Jobs that the world was told to stop.
    pub stopped_jobs: BTreeSet<(ExecutionKey, EffectId)>,
}

impl Truth {
    /// New records that speak of parents and children.
    pub(crate) fn check_families(&mut self, key: ExecutionKey, new: &[Record]) -> Result<(), Breach> {
        for record in new {
            match &record.event {
                Event::Execution(ExecutionEvent::Started(started)) => {
                    started.parent.map_or(Ok(()), |parent| self.born(key, parent))?;
                }
                Event::Task(TaskEvent::Succeeded { output, .. }) => {
                    self.check_end_of_child(output.payload().value())?;
                }
                Event::Task(TaskEvent::Failed { cause: Some(cause), .. }) => {
                    if let Ok(end) = Value::parse(cause) {
                        self.check_end_of_child(&end)?;
                    }
                }
                Event::Task(TaskEvent::Released { effect }) => self.check_released(key, *effect)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn born(&mut self, child: ExecutionKey, parent: Parent) -> Result<(), Breach> {
        let task = (ExecutionKey(parent.execution), parent.effect);
        if self.families.released.contains(&task) {
            return Err(format!("{child:x?} was started for {task:x?}, which was seen to"));
        }
        match self.families.children.insert(task, child) {
            None => Ok(()),
            Some(first) => Err(format!("{task:x?} started both {first:x?} and {child:x?}")),
        }
    }

    /// A task that says how its child ended says the truth.
    fn check_end_of_child(&self, end: &Value) -> Result<(), Breach> {
        let (Some(child), Some(status)) = (end.get("child"), end.get("status")) else { return Ok(()) };
        let key = child.as_str().and_then(|text| u64::from_str_radix(text, 16).ok()).map(ExecutionKey);
        // It may have been redriven since.
        let ends = key.and_then(|key| self.shadows.get(&key)).map(|shadow| &shadow.ends);
        let is_so = |end: &ExecutionStatus| status.as_str() == Some(format!("{end:?}").as_str());
        match ends {
            Some(ends) if ends.iter().any(is_so) => Ok(()),
            found => Err(format!("a child is said to have ended {status:?}; the store says {found:?}")),
        }
    }

    fn check_released(&mut self, key: ExecutionKey, effect: EffectId) -> Result<(), Breach> {
        let shadow = self.shadows.get(&key);
        let is_job = shadow.and_then(|shadow| shadow.tasks.get(&effect));
        let is_job = is_job.is_some_and(|task| !task.resource.starts_with(START));
        if is_job {
            let is_stopped = self.families.stopped_jobs.contains(&(key, effect));
            return if is_stopped {
                Ok(())
            } else {
                Err(format!("job {effect} of {key:x?} runs for nobody"))
            };
        }
        self.families.released.insert((key, effect));
        let child = self.families.children.get(&(key, effect));
        match child.and_then(|child| self.shadows.get(child)) {
            // It may have been redriven since.
            Some(shadow) if shadow.ends.is_empty() => {
                Err(format!("{child:x?} runs for nobody: {key:x?} was told that it is stopped"))
            }
            _ => Ok(()),
        }
    }

    /// Rows that go although no record says so.
    pub(crate) fn check_settled(&mut self, commit: &Commit) -> Result<(), Breach> {
        for row in &commit.settled {
            let Some(shadow) = self.shadows.get(&row.execution) else { continue };
            if shadow.execution.abandoned().any(|(effect, _)| effect == row.effect) {
                self.check_released(row.execution, row.effect)?;
                self.families.done.insert(*row);
            } else if let Some(parent) = owed_to(shadow, row.effect) {
                self.check_heard(row.execution, parent)?;
                self.families.done.insert(*row);
            }
        }
        Ok(())
    }

    fn check_heard(&self, child: ExecutionKey, parent: Parent) -> Result<(), Breach> {
        let waits = self.shadows.get(&ExecutionKey(parent.execution));
        let waits = waits.is_some_and(|shadow| shadow.execution.effect(parent.effect).is_some());
        if waits {
            Err(format!("{parent:x?} is said to have heard of the end of {child:x?}"))
        } else {
            Ok(())
        }
    }

    /// The start of a child was answered.
    fn check_child(&self, parent: Parent, reply: &Reply) -> Result<(), Breach> {
        let own = self.families.children.get(&(ExecutionKey(parent.execution), parent.effect));
        match reply {
            Reply::Started { execution, .. } => {
                let shadow = self.shadows.get(execution).ok_or("a child's start was answered too early")?;
                let knows = !parent.awaits || shadow.execution.is_child_of(parent);
                if knows {
                    Ok(())
                } else {
                    Err(format!("{execution:x?} does not know its parent {parent:x?}"))
                }
            }
            Reply::NameTaken if own.is_none() => Ok(()),
            other => Err(format!("the start of {own:x?} for {parent:x?} was answered with {other:?}")),
        }
    }
}

/// The parent that a closed execution's row is for.
fn owed_to(shadow: &Shadow, effect: EffectId) -> Option<Parent> {
    if !shadow.execution.is_closed() {
        return None;
    }
    shadow.execution.parents().find(|(seq, parent)| *seq == effect && parent.awaits).map(|(_, parent)| parent)
}

fn hex(key: ExecutionKey) -> String {
    format!("{:x}", key.0)
}

fn json(text: String) -> Payload {
    Payload::from_trusted_text(text.into())
}

/// The machine and the name that a start's parameters ask for.
fn wanted(parameters: &Payload, task: (ExecutionKey, EffectId)) -> (String, String) {
    let member = |name: &str| parameters.value().get(name).and_then(Value::as_str).map(str::to_owned);
    let machine = member("StateMachineArn").unwrap_or_default();
    let machine = machine.rsplit(':').next().unwrap_or_default().to_owned();
    (machine, member("Name").unwrap_or_else(|| child_name_of(task.0, task.1)))
}

impl World {
    /// A task starts an execution.
    pub(crate) fn call_child(&mut self, node: usize, call: &CallAction) {
        let task = (call.execution, call.effect);
        let (machine, name) = wanted(&call.task.parameters, task);
        let awaits = call.task.resource.ends_with(".sync");
        let parent = Parent { execution: call.execution.0, effect: call.effect, awaits };
        let start = StartAsk {
            revision: machine.clone(),
            machine,
            name: Some(name),
            input: json(r#"{"n":3,"items":[]}"#.to_owned()),
            seed: call.execution.0 ^ u64::from(call.effect),
            parent: Some(parent),
        };
        let errand = self.errand(node, task);
        self.children_starting.insert((errand.epoch, task.0, task.1));
        self.send(0, Ask::Between(errand, Between::Start(start)));
    }

    fn errand(&self, node: usize, (execution, effect): (ExecutionKey, EffectId)) -> Errand {
        Errand { node, epoch: self.nodes[node].epoch, execution, effect }
    }

    /// Somebody asks after a child: what the store says now is heard a little later.
    pub(crate) fn poll_child(&mut self, node: usize, call: &CallAction) {
        self.report.count("children asked after");
        let handle = call.task.handle.as_ref().map(|handle| handle.value().clone()).unwrap_or_default();
        let key =
            handle.get("child").and_then(Value::as_str).and_then(|text| u64::from_str_radix(text, 16).ok());
        let row = key.and_then(|key| self.store.execution(ExecutionKey(key)).ok().flatten());
        let outcome = match row {
            Some(row) if row.status == ExecutionStatus::Running => TaskOutcome::StillRunning,
            Some(row) => {
                let end = format!(r#"{{"child":"{}","status":"{:?}"}}"#, hex(row.key), row.status);
                match row.status {
                    ExecutionStatus::Succeeded => TaskOutcome::Done(json(end)),
                    _ => TaskOutcome::Failed(Failure::new("States.TaskFailed", end.as_str())),
                }
            }
            None => TaskOutcome::Failed(Failure::new("States.TaskFailed", "gone")),
        };
        let (delay, epoch) = (self.slowness(), self.nodes[node].epoch);
        let news = News::TaskDone { execution: call.execution, effect: call.effect, outcome };
        self.after(delay, Happening::Tell { node, epoch, news: Box::new(news) });
    }

    /// What a task started runs for nobody.
    pub(crate) fn abandon(&mut self, node: usize, stop: &AbandonAction) {
        self.report.count("abandoned");
        let task = (stop.execution, stop.effect);
        let errand = self.errand(node, task);
        self.children_starting.remove(&(errand.epoch, task.0, task.1));
        self.outside.cancelled(stop.execution, stop.effect);
        if self.sabotage == Some(Sabotage::LoseStops) {
            return self.release(errand, 1);
        }
        if !stop.what.resource.starts_with(START) {
            self.truth.families.stopped_jobs.insert(task);
            let delay = self.slowness();
            return self.release(errand, delay);
        }
        let child = stop.what.handle.as_ref().and_then(|handle| handle.value().get("child").cloned());
        let child =
            child.as_ref().and_then(Value::as_str).and_then(|text| u64::from_str_radix(text, 16).ok());
        let ask = match child {
            Some(child) => Between::Stop { child: ExecutionKey(child) },
            None => {
                self.report.count("abandoned while starting");
                let (machine, name) = wanted(&stop.what.parameters, task);
                Between::Find { machine, name }
            }
        };
        self.send(0, Ask::Between(errand, ask));
    }

    fn release(&mut self, errand: Errand, delay: i64) {
        let Errand { node, epoch, execution, effect } = errand;
        let news = News::Released { execution, effect };
        self.after(delay, Happening::Tell { node, epoch, news: Box::new(news) });
    }

    /// A child has ended.
    pub(crate) fn tell_parent(&mut self, node: usize, child: ExecutionKey, effect: EffectId, parent: Parent) {
        self.report.count("ends told");
        let errand = self.errand(node, (child, effect));
        if self.sabotage == Some(Sabotage::LoseReports) {
            return self.heard(errand, true);
        }
        // It may be lost on the way, or come late.
        let delay = self.slowness();
        if !self.is_good && self.rng.chance(10) {
            return self.heard(errand, false);
        }
        self.send(delay, Ask::Between(errand, Between::Ended { parent }));
    }

    fn heard(&mut self, errand: Errand, heard: bool) {
        let Errand { node, epoch, execution, effect } = errand;
        let news = News::Reported { child: execution, effect, heard };
        self.after(1, Happening::Tell { node, epoch, news: Box::new(news) });
    }

    /// The other shard answered.
    pub(crate) fn answered_between(
        &mut self,
        errand: Errand,
        between: &Between,
        reply: &Reply,
    ) -> Result<(), Breach> {
        match (between, reply) {
            (Between::Start(start), reply) => {
                let task = (errand.execution, errand.effect);
                let awaits = start.parent.is_some_and(|parent| parent.awaits);
                let parent = Parent { execution: task.0.0, effect: task.1, awaits };
                self.truth.check_child(parent, reply)?;
                self.report.count("children started");
                if self.children_starting.remove(&(errand.epoch, task.0, task.1)) {
                    self.started_child(errand, awaits, reply);
                }
            }
            (Between::Find { .. }, Reply::Started { execution, .. }) => {
                self.report.count("children found");
                self.send(0, Ask::Between(errand, Between::Stop { child: *execution }));
            }
            (Between::Find { .. }, Reply::NoSuchExecution) => self.release(errand, 1),
            (Between::Stop { .. }, Reply::Stopped { .. }) => self.release(errand, 1),
            (Between::Ended { .. }, Reply::Accepted | Reply::Stale | Reply::NoSuchExecution) => {
                self.heard(errand, true);
            }
            (Between::Ended { .. }, Reply::Unavailable(_)) => self.heard(errand, false),
            _ => return Err(format!("{between:?} was answered with {reply:?}")),
        }
        Ok(())
    }

    fn started_child(&mut self, errand: Errand, awaits: bool, reply: &Reply) {
        let outcome = match reply {
            Reply::Started { execution, .. } if awaits => TaskOutcome::Submitted {
                output: json(r#"{"started":true}"#.to_owned()),
                handle: json(format!(r#"{{"child":"{}"}}"#, hex(*execution))),
            },
            Reply::Started { .. } => TaskOutcome::Done(json(r#"{"started":true}"#.to_owned())),
            _ => TaskOutcome::Failed(Failure::new("StepFunctions.ExecutionAlreadyExistsException", "taken")),
        };
        let Errand { node, epoch, execution, effect } = errand;
        let news = News::TaskDone { execution, effect, outcome };
        self.after(1, Happening::Tell { node, epoch, news: Box::new(news) });
    }

    /// The other shard was dead, or died before it answered.
    pub(crate) fn unanswered_between(&mut self, errand: Errand, between: Between) {
        let is_current =
            self.nodes[errand.node].epoch == errand.epoch && self.nodes[errand.node].shard.is_some();
        if !is_current {
            return;
        }
        match between {
            Between::Ended { .. } => self.heard(errand, false),
            again => self.after(AGAIN_MS, Happening::Again(errand, Box::new(again))),
        }
    }

    /// Asks again, unless nobody wants to know any more.
    pub(crate) fn again(&mut self, errand: Errand, between: Between) {
        let is_start = matches!(between, Between::Start(_));
        if is_start && !self.children_starting.contains(&(errand.epoch, errand.execution, errand.effect)) {
            return;
        }
        if self.nodes[errand.node].epoch == errand.epoch {
            self.send(0, Ask::Between(errand, between));
        }
    }
}
