//! What is durable, kept beside the store and checked against it at each commit; and what follows from it for everything
//! that the outside hears: replies, calls, ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asl::StateMachine;
use engine::{CallAction, Reply, pending_rows};
use interpreter::{
    Effect, EffectId, Environment, Event, Execution, ExecutionEvent, Record, TaskPhase, Timestamp,
};
use store::{Batch, Commit, Epoch, ExecutionChange, ExecutionKey, MemoryStore, PendingKey, ShardId, Store};

use crate::ask::{Ask, StartAsk};
use crate::children::{Between, Families};
use crate::definitions::IDEMPOTENT;
use crate::shadow::{Punctual, Shadow};

/// What is durable.
pub struct Truth {
    /// Executions in the store.
    pub shadows: BTreeMap<ExecutionKey, Shadow>,
    /// Definitions by revision.
    pub definitions: BTreeMap<String, Arc<StateMachine>>,
    environment: Arc<Environment>,
    names: BTreeMap<(String, String), ExecutionKey>,
    newest: BTreeMap<ShardId, ExecutionKey>,
    /// Epochs in which an effect's call was made.
    calls: BTreeMap<(ExecutionKey, EffectId), Vec<Epoch>>,
    /// Parents and children.
    pub families: Families,
    /// When redrives with a token were.
    redrives: BTreeMap<(ExecutionKey, String), Timestamp>,
    /// Starts that were answered.
    acknowledged: BTreeMap<ExecutionKey, StartAsk>,
}

/// When something was asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// As the shard's clock showed.
    pub at: Timestamp,
    /// As the world counts time.
    pub true_at: i64,
    /// Of which epoch the shard was.
    pub epoch: Epoch,
}

/// A rule that did not hold.
pub type Breach = String;

impl Truth {
    /// Nothing is durable.
    pub fn new(environment: Arc<Environment>, definitions: BTreeMap<String, Arc<StateMachine>>) -> Truth {
        Truth {
            shadows: BTreeMap::new(),
            definitions,
            environment,
            names: BTreeMap::new(),
            newest: BTreeMap::new(),
            calls: BTreeMap::new(),
            families: Families::default(),
            redrives: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
        }
    }

    /// A commit took effect, at this time as the world counts it.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn committed(
        &mut self,
        commit: &Commit,
        store: &MemoryStore,
        now: i64,
        punctual: Punctual,
    ) -> Result<(), Breach> {
        for change in &commit.executions {
            if let ExecutionChange::Started(row) = change {
                let definition = self.definitions.get(&row.revision).cloned();
                let definition = definition.ok_or("a start of an unknown revision")?;
                let shadow = Shadow::new(row.clone(), definition, self.environment.clone());
                self.shadows.insert(row.key, shadow);
                let newest = self.newest.insert(commit.shard, row.key);
                if newest.is_some_and(|newest| newest >= row.key) {
                    return Err(format!("the key {:x} was given after {newest:x?}", row.key.0));
                }
            }
        }
        for claim in &commit.names {
            let name = (claim.machine.clone(), claim.name.clone());
            if let Some(earlier) = self.names.insert(name, claim.execution) {
                return Err(format!(
                    "{:?} and {:?} both have the name {}",
                    earlier, claim.execution, claim.name
                ));
            }
        }
        for batch in &commit.batches {
            self.take(batch, commit.epoch, now, punctual)
                .map_err(|why| format!("execution {:x}: {why}", batch.execution.0))?;
        }
        self.check_settled(commit)?;
        let settled = commit.settled.iter().map(|row| row.execution);
        let touched: BTreeSet<ExecutionKey> =
            commit.batches.iter().map(|batch| batch.execution).chain(settled).collect();
        touched.into_iter().try_for_each(|key| self.check_rows(key, store))
    }

    fn take(&mut self, batch: &Batch, epoch: Epoch, now: i64, punctual: Punctual) -> Result<(), Breach> {
        let shadow = self.shadows.get_mut(&batch.execution).ok_or("records of an execution without a row")?;
        let before = shadow.records.len();
        shadow.take(batch, epoch, now, punctual)?;
        shadow.closed = shadow.execution.is_closed().then_some(now);
        let new = shadow.records.get(before..).unwrap_or_default().to_vec();
        let is_redrive =
            |record: &Record| matches!(record.event, Event::Execution(ExecutionEvent::Redriven(_)));
        if new.iter().any(is_redrive) {
            // What was settled while it was closed is in the record, and its next end is reported again.
            self.families.done.retain(|row| row.execution != batch.execution);
        }
        self.check_families(batch.execution, &new)
    }

    /// Every row of the store is a function of the records.
    fn check_rows(&self, key: ExecutionKey, store: &MemoryStore) -> Result<(), Breach> {
        let Some(shadow) = self.shadows.get(&key) else { return Ok(()) };
        let stored = store.pending_of(key).map_err(|why| why.to_string())?;
        let mut wanted = pending_rows(key, &shadow.execution);
        wanted.retain(|row| !self.families.done.contains(&row.key));
        if stored != wanted {
            return Err(format!("pending rows are {stored:?}, the records call for {wanted:?}"));
        }
        let row = store.execution(key).map_err(|why| why.to_string())?;
        if row.as_ref() != Some(&shadow.row) {
            return Err(format!("the index row is {row:?}, the records call for {:?}", shadow.row));
        }
        if let Some(name) = &shadow.row.name
            && store.named(&shadow.row.machine, name).map_err(|why| why.to_string())? != Some(key)
        {
            return Err(format!("the name {name} does not lead to {key:?}"));
        }
        Ok(())
    }

    /// A call is about to leave; says whether an earlier epoch may have made it, too.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn calling(&mut self, call: &CallAction, epoch: Epoch) -> Result<bool, Breach> {
        let what = || format!("the call of effect {} of {:x}", call.effect, call.execution.0);
        self.check_call(call, TaskPhase::Started).map_err(|why| format!("{} {why}", what()))?;
        let made = self.calls.entry((call.execution, call.effect)).or_default();
        if made.last().is_some_and(|last| *last >= epoch) {
            return Err(format!("{} was made twice by one node", what()));
        }
        if !made.is_empty() && !IDEMPOTENT.contains(&&*call.task.resource) {
            return Err(format!("{} must not be repeated: `{}`", what(), call.task.resource));
        }
        made.push(epoch);
        let task = self.shadows.get(&call.execution).and_then(|shadow| shadow.tasks.get(&call.effect));
        Ok(task.and_then(|task| task.dispatched).is_some_and(|dispatched| dispatched < epoch))
    }

    /// A poll is about to leave.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn polling(&self, call: &CallAction) -> Result<(), Breach> {
        // Its execution may be ahead of the store: a poll changes nothing, but its job must be durable.
        let shadow =
            self.shadows.get(&call.execution).ok_or("a poll for an execution that is not durable")?;
        let was_submitted = shadow.tasks.get(&call.effect).is_some_and(|task| task.dispatched.is_some());
        if was_submitted { Ok(()) } else { Err(format!("a poll of effect {} without a job", call.effect)) }
    }

    fn check_call(&self, call: &CallAction, phase: TaskPhase) -> Result<(), Breach> {
        let Some(shadow) = self.shadows.get(&call.execution) else {
            return Err("is for an execution that is not durable".into());
        };
        let Some(Effect::Task(task)) = shadow.execution.effect(call.effect) else {
            return Err("is for nothing that the records call for".into());
        };
        if task.phase != phase {
            return Err(format!("leaves although the records say {:?}", task.phase));
        }
        if task.parameters != call.task.parameters || shadow.execution.arn() != call.execution_arn {
            return Err("is not the one that the records call for".into());
        }
        let body = call.task.parameters.value();
        let token = ["MessageBody", "Payload"]
            .iter()
            .find_map(|member| body.get(member)?.get("token")?.as_str().map(str::to_owned));
        if call.task.resource.ends_with(".waitForTaskToken") {
            let subject = token.and_then(|token| self.environment.token_key.verify(&token));
            if subject.map(|subject| (subject.execution, subject.effect))
                != Some((call.execution.0, call.effect))
            {
                return Err("carries the token of another task".into());
            }
        }
        Ok(())
    }

    /// A worker hears of its task.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn received(&mut self, key: PendingKey, token: &str) -> Result<(), Breach> {
        let what = || format!("the task {} of {:x}", key.effect, key.execution.0);
        let subject = self.environment.token_key.verify(token);
        if subject.map(|subject| (subject.execution, subject.effect)) != Some((key.execution.0, key.effect)) {
            return Err(format!("{} came with the token of another one", what()));
        }
        let task = self.shadows.get_mut(&key.execution).and_then(|shadow| shadow.tasks.get_mut(&key.effect));
        match task {
            Some(task) if task.is_received => Err(format!("{} was given to two workers", what())),
            Some(task) if task.dispatched.is_some() => {
                task.is_received = true;
                Ok(())
            }
            _ => Err(format!("{} was given to a worker before that was durable", what())),
        }
    }

    /// The outside hears an answer.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn replied(&mut self, ask: &Ask, asked: Asked, reply: &Reply) -> Result<(), Breach> {
        match (ask, reply) {
            (Ask::Start(start), Reply::Started { execution, name, at }) => {
                let shadow =
                    self.shadows.get(execution).ok_or("a start was answered before it was durable")?;
                let same_input =
                    shadow.execution.started().is_some_and(|started| started.input.payload() == &start.input);
                let same_name = start.name.as_ref().is_none_or(|name| shadow.row.name.as_ref() == Some(name));
                if shadow.row.started_at != at.0 || !same_input || !same_name || name.is_empty() {
                    return Err(format!("{ask:?} was answered with another start: {reply:?}"));
                }
                if shadow.closed.is_some_and(|closed| closed < asked.true_at) {
                    return Err(format!("{ask:?} was told that an execution runs that had ended: {reply:?}"));
                }
                self.acknowledged.insert(*execution, start.clone());
                Ok(())
            }
            (Ask::Start(start), Reply::NameTaken) => self.check_taken(start, asked),
            (Ask::Redrive { execution, token }, Reply::Redriven { at }) => {
                self.redriven(*execution, token.as_deref(), *at)
            }
            (Ask::Redrive { .. }, Reply::NotRedrivable(_) | Reply::Unavailable(_)) => Ok(()),
            (Ask::Stop { execution }, Reply::Stopped { at }) => {
                match self.shadows.get(execution).map(|shadow| shadow.row.stopped_at) {
                    Some(Some(stopped_at)) if stopped_at == at.0 => Ok(()),
                    other => Err(format!("a stop was answered with {at:?}; the store says {other:?}")),
                }
            }
            (Ask::Answer { execution, effect, text, .. }, Reply::Accepted) => {
                let task = self.shadows.get(execution).and_then(|shadow| shadow.tasks.get(effect));
                let kept = task.is_some_and(|task| task.answers.iter().any(|answer| answer.contains(text)));
                let is_full = self.shadows.get(execution).is_some_and(|shadow| shadow.execution.is_closed());
                if kept || is_full { Ok(()) } else { Err(format!("{ask:?} was accepted and is not durable")) }
            }
            (Ask::Heartbeat { execution, effect }, Reply::Accepted) => {
                let task = self.shadows.get_mut(execution).and_then(|shadow| shadow.tasks.get_mut(effect));
                let task = task.ok_or_else(|| format!("{ask:?} was accepted, and there is no such task"))?;
                task.beat = Some((asked.epoch, asked.at));
                Ok(())
            }
            (Ask::Between(_, Between::Stop { child }), Reply::Stopped { .. }) => {
                let is_closed = self.shadows.get(child).is_some_and(|shadow| shadow.execution.is_closed());
                if is_closed { Ok(()) } else { Err(format!("{child:x?} was said to be stopped, and runs")) }
            }
            // The others are for those that asked to judge.
            (Ask::Between(..), _) => Ok(()),
            (Ask::Take { task, .. }, Reply::Task { .. }) => {
                let shadow = self.shadows.get(&task.execution);
                let handed = shadow.and_then(|shadow| shadow.tasks.get(&task.effect));
                match handed.and_then(|task| task.dispatched) {
                    Some(_) => Ok(()),
                    None => Err(format!("{ask:?} was answered before it was durable")),
                }
            }
            (Ask::PutBack { .. }, Reply::Accepted) => Ok(()),
            (Ask::StartExpress { name }, Reply::Started { name: started, .. }) if name == started => Ok(()),
            (
                Ask::Answer { .. } | Ask::Heartbeat { .. } | Ask::Take { .. } | Ask::PutBack { .. },
                Reply::Stale,
            ) => Ok(()),
            (Ask::Start(_), _) => Err(format!("{ask:?} was answered with {reply:?}")),
            (ask, Reply::NoSuchExecution) => {
                let known = self.shadows.contains_key(&ask.execution());
                if known { Err(format!("{ask:?} was told that there is no such execution")) } else { Ok(()) }
            }
            _ => Err(format!("{ask:?} was answered with {reply:?}")),
        }
    }

    /// A redrive was accepted: it is durable, and the same token is the same redrive.
    fn redriven(&mut self, key: ExecutionKey, token: Option<&str>, at: Timestamp) -> Result<(), Breach> {
        let shadow = self.shadows.get(&key).ok_or("a redrive of nothing was accepted")?;
        let is_it = |record: &Record| {
            let Event::Execution(ExecutionEvent::Redriven(redriven)) = &record.event else { return false };
            record.at == at && redriven.token.as_deref() == token
        };
        if !shadow.records.iter().any(is_it) {
            return Err(format!("a redrive of {key:x?} at {at:?} was accepted and is not durable"));
        }
        let Some(token) = token else { return Ok(()) };
        match self.redrives.insert((key, token.to_owned()), at) {
            Some(first) if first != at && at < first.plus_seconds(900) => {
                Err(format!("{key:x?} was redriven at {first:?} and at {at:?} with one token"))
            }
            _ => Ok(()),
        }
    }

    fn check_taken(&self, start: &StartAsk, asked: Asked) -> Result<(), Breach> {
        let name = (start.machine.clone(), start.name.clone().unwrap_or_default());
        let shadow = self.names.get(&name).and_then(|key| self.shadows.get(key));
        let shadow = shadow.ok_or_else(|| format!("the name {name:?} is taken by nobody"))?;
        let input = shadow.execution.started().map(|started| started.input.payload());
        // It may have been redriven since the name was looked up.
        let is_redriven = shadow.redriven.is_some_and(|redriven| redriven >= asked.true_at);
        if input == Some(&start.input) && !shadow.execution.is_closed() && !is_redriven {
            return Err(format!("{start:?} is the same start, and was told that its name is taken"));
        }
        Ok(())
    }

    /// An execution in a shard whose decisions are all durable is the fold of its records.
    ///
    /// # Errors
    /// The difference.
    pub fn check_live(&self, key: ExecutionKey, live: &Execution, closely: bool) -> Result<(), Breach> {
        let shadow = self.shadows.get(&key).ok_or("an execution is settled and not in the store")?;
        let brief = |execution: &Execution| {
            (
                execution.seq(),
                execution.last_event(),
                execution.has_more(),
                execution.outstanding_ids().collect::<Vec<_>>(),
            )
        };
        let same = brief(live) == brief(&shadow.execution)
            && (!closely || format!("{live:?}") == format!("{:?}", shadow.execution));
        if same { Ok(()) } else { Err(format!("execution {:x} differs from its fold", key.0)) }
    }

    /// Everything that was ever answered, and all that is in the store, is there and whole.
    ///
    /// # Errors
    /// What is not.
    pub fn check_end(&self, store: &MemoryStore) -> Result<(), Breach> {
        for key in self.acknowledged.keys() {
            if !matches!(store.execution(*key), Ok(Some(_))) {
                return Err(format!("the acknowledged start {:x} is lost", key.0));
            }
        }
        for (key, shadow) in &self.shadows {
            let batches = store.batches(*key, 1, usize::MAX).map_err(|why| why.to_string())?;
            let mut again = Shadow::new(
                shadow.row.clone(),
                self.definitions[&shadow.row.revision].clone(),
                self.environment.clone(),
            );
            for (number, batch) in (1..).zip(&batches) {
                again.take(batch, number, 0, Punctual::NEVER)?;
            }
            if again.records != shadow.records {
                return Err(format!("the records of {:x} are not those that were committed", key.0));
            }
            self.check_rows(*key, store)?;
            let rows = store.pending_of(*key).map_err(|why| why.to_string())?;
            if !rows.is_empty() {
                return Err(format!("everything has ended, and {rows:?} is owed"));
            }
        }
        Ok(())
    }

    /// Executions that run.
    pub fn running(&self) -> impl Iterator<Item = (&ExecutionKey, &Shadow)> {
        self.shadows.iter().filter(|(_, shadow)| !shadow.execution.is_closed())
    }
}
