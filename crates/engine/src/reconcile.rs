//! Reconciliation: after each commit the shard starts what an execution's state calls for and cancels what it no longer
//! does. Effects are a function of state, so recovery is the same code.

use interpreter::{
    Effect, EffectId, Event, Execution, Input, Record, TaskEffect, TaskEvent, TaskKind, TaskPhase, Timestamp,
};
use store::ExecutionKey;

use crate::action::{Action, CallAction};
use crate::shard::Shard;

impl Shard {
    /// Tells an execution in memory its inputs; says whether the first was accepted. Tasks that became wanted are
    /// dispatched in the same turn while there is room, so that their calls can leave after one commit.
    pub(crate) fn advance(&mut self, key: ExecutionKey, inputs: Vec<Input>, now: Timestamp) -> bool {
        let Some(slot) = self.slots.get_mut(&key) else { return false };
        if inputs.is_empty() {
            return false;
        }
        let mut inputs = inputs;
        if self.deleting.contains(&slot.row.machine) {
            inputs.push(Input::MachineDeleted);
        }
        let (records, accepted) = slot.execution.advance_all(inputs, now);
        self.keep(key, records);
        self.dispatch_queued(now);
        accepted.first().is_some_and(Result::is_ok)
    }

    /// Keeps new records for the next commit, and queues the tasks that they call for.
    fn keep(&mut self, key: ExecutionKey, records: Vec<Record>) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if records.is_empty() {
            return;
        }
        let wanted = records.iter().filter(|record| wants_call(&slot.execution, record));
        self.queued.extend(wanted.map(|record| (key, record.seq)));
        slot.records.extend(records);
        self.gathering.touched.insert(key);
    }

    /// Dispatches waiting tasks while there is room.
    pub(crate) fn dispatch_queued(&mut self, now: Timestamp) {
        while self.tasks_out < self.settings.concurrent_tasks {
            let Some((key, effect)) = self.queued.pop_front() else { return };
            self.dispatch(key, effect, now);
        }
    }

    fn dispatch(&mut self, key: ExecutionKey, effect: EffectId, now: Timestamp) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.is_redriving {
            // The task is one of its life before: nothing else is decided until the redrive is durable.
            return;
        }
        let mut inputs = vec![Input::Dispatch { effect, worker: None }];
        if self.deleting.contains(&slot.row.machine) {
            inputs.push(Input::MachineDeleted);
        }
        let (records, accepted) = slot.execution.advance_all(inputs, now);
        if !accepted.first().is_some_and(Result::is_ok) {
            // An execution whose turn was long may have gone on all the same.
            return self.keep(key, records);
        }
        slot.calling.insert(effect);
        slot.to_call.push(effect);
        self.tasks_out += 1;
        // An execution whose turn was long goes on in this one, and may call for more.
        self.keep(key, records);
    }

    /// What an execution's durable state calls for. While more records of it wait to be written, nothing: their own
    /// commit will call again.
    pub(crate) fn reconcile(&mut self, key: ExecutionKey, now: Timestamp) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if !slot.is_settled() {
            return;
        }
        slot.is_redriving = false;
        let to_call = std::mem::take(&mut slot.to_call);
        let gone: Vec<EffectId> =
            slot.calling.iter().copied().filter(|effect| slot.execution.effect(*effect).is_none()).collect();
        gone.into_iter().for_each(|effect| self.cancel(key, effect));
        for effect in to_call {
            if let Some(task) = self.task(key, effect)
                && let Some(call) = self.call_action(key, effect, task)
            {
                self.actions.push_back(Action::Call(Box::new(call)));
            }
        }
        self.plan(key, now);
        self.take_up_duties(key);
        self.answer_children(key);
        let Some(slot) = self.slots.get(&key) else { return };
        if slot.execution.is_closed() {
            self.forget(key);
            self.actions.push_back(Action::Closed(key));
        } else if slot.execution.has_more() {
            self.advance(key, vec![Input::Continue], now);
        } else if slot.is_idle() {
            self.idle.push_back(key);
            self.evict();
        }
        self.take_up_put_off(key, now);
        // A cancelled call left room for another one; last, since that one may be of this execution.
        self.dispatch_queued(now);
    }

    /// Plans the times at which the execution must be looked at. Those that are a row's are kept while they are near; of
    /// the others (heartbeats, polls, a job's timeout) only memory knows.
    pub(crate) fn plan(&mut self, key: ExecutionKey, now: Timestamp) {
        let Some(slot) = self.slots.get(&key) else { return };
        let mut watched: Vec<(EffectId, TaskEffect)> = Vec::new();
        for (effect, what) in slot.execution.outstanding() {
            match what {
                Effect::Timer { at } => self.timers.set(at.0, key, effect),
                Effect::Task(task) => match task.phase {
                    TaskPhase::Scheduled | TaskPhase::Queued => {}
                    TaskPhase::Started => {
                        task.due.into_iter().for_each(|due| self.timers.set(due.0, key, effect))
                    }
                    TaskPhase::AwaitingToken | TaskPhase::Job => watched.push((effect, task)),
                },
            }
        }
        for (effect, task) in watched {
            let is_child = task.phase == TaskPhase::Job && task.kind.is_child();
            let look = match task.phase {
                TaskPhase::Job if is_child => {
                    self.ask_child(key, effect, &task);
                    None
                }
                TaskPhase::Job => self.next_poll(key, effect, now),
                _ => self.heartbeat_end(key, effect, &task, now),
            };
            match look {
                Some(look) => self.timers.set_soft(task.due.map_or(look, |due| due.min(look)).0, key, effect),
                None if task.phase == TaskPhase::Job && !is_child => {
                    task.due.into_iter().for_each(|due| self.timers.set_soft(due.0, key, effect));
                }
                None => task.due.into_iter().for_each(|due| self.timers.set(due.0, key, effect)),
            }
        }
    }

    /// When a job is asked after next, unless that is being done.
    fn next_poll(&self, key: ExecutionKey, effect: EffectId, now: Timestamp) -> Option<Timestamp> {
        let is_polled = self.slots.get(&key).is_some_and(|slot| slot.polling.contains(&effect));
        (!is_polled).then(|| Timestamp(now.0.saturating_add(self.settings.poll_interval_ms)))
    }

    /// Asks after a child that has not been asked after since its parent came into memory, or that has ended since. All
    /// others say themselves when they end.
    fn ask_child(&mut self, key: ExecutionKey, effect: EffectId, task: &TaskEffect) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.is_settled() && !slot.polling.contains(&effect) && slot.children.ask(effect) {
            self.poll_job(key, effect, task);
        }
    }

    /// Asks after a job, unless that is being done.
    pub(crate) fn poll_job(&mut self, key: ExecutionKey, effect: EffectId, task: &TaskEffect) {
        let Some(call) = self.call_action(key, effect, task.clone()) else { return };
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.calling.insert(effect) {
            slot.polling.insert(effect);
            self.actions.push_back(Action::Poll(Box::new(call)));
        }
    }

    fn call_action(&self, key: ExecutionKey, effect: EffectId, task: TaskEffect) -> Option<CallAction> {
        let execution = &self.slots.get(&key)?.execution;
        let started = execution.started()?;
        Some(CallAction {
            execution: key,
            effect,
            execution_arn: execution.arn(),
            trace_header: started.trace_header.as_ref().map(|text| text.to_string()),
            task,
        })
    }

    /// The world need not do this any more.
    fn cancel(&mut self, key: ExecutionKey, effect: EffectId) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.calling.remove(&effect) && !slot.polling.remove(&effect) {
            self.tasks_out = self.tasks_out.saturating_sub(1);
        }
        if slot.execution.abandoned().any(|(abandoned, _)| abandoned == effect) {
            // It is to be stopped as a whole, which begins with its call.
            return;
        }
        self.actions.push_back(Action::Cancel { execution: key, effect });
    }

    /// Takes an execution out of memory. What is known of its effects stays: they are looked at while it is away.
    fn forget(&mut self, key: ExecutionKey) {
        let Some(slot) = self.slots.remove(&key) else { return };
        if let Some(name) = slot.row.name {
            let name = (slot.row.machine, name);
            if self.names.get(&name) == Some(key) {
                self.names.remove(&name);
            }
        }
    }

    /// Takes idle executions out of memory while there are too many, the longest idle first.
    fn evict(&mut self) {
        while self.slots.len() > self.settings.idle_executions {
            let Some(key) = self.idle.pop_front() else { return };
            if self.slots.get(&key).is_some_and(|slot| slot.is_idle()) {
                self.forget(key);
            }
        }
        // The queue may name an execution many times, or one that has gone on; it is rebuilt before it grows.
        if self.idle.len() > 2 * self.settings.idle_executions + 1_000 {
            let mut idle: Vec<ExecutionKey> = self.idle.drain(..).collect();
            idle.sort_unstable();
            idle.dedup();
            let slots = &self.slots;
            self.idle
                .extend(idle.into_iter().filter(|key| slots.get(key).is_some_and(|slot| slot.is_idle())));
        }
    }
}

/// Whether a record makes a call wanted. Activities wait for a worker instead, unless they are mocked.
fn wants_call(execution: &Execution, record: &Record) -> bool {
    let Event::Task(TaskEvent::Scheduled { kind, .. }) = &record.event else { return false };
    let is_mocked = || match execution.effect(record.seq) {
        Some(Effect::Task(task)) => task.mock.is_some(),
        Some(Effect::Timer { .. }) | None => false,
    };
    *kind != TaskKind::Activity || is_mocked()
}
