//! Deliveries: what is told to one execution. One that is not in memory is read first, and what came meanwhile waits.

use interpreter::{Answer, Effect, EffectId, Input, TaskEffect, TaskPhase, Text, Timestamp};
use store::{ExecutionKey, ExecutionStatus};

use crate::action::{Action, Reply, Ticket};
use crate::command::{Loaded, TaskOutcome, Wish};
use crate::shard::{Shard, answer_again};
use crate::slot::Slot;

/// Something told to one execution.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Times of these effects have come.
    Due(Vec<EffectId>),
    /// Stop.
    Stop { ticket: Ticket, error: Option<Text>, cause: Option<Text> },
    /// Go on after an unsuccessful end.
    Redrive { ticket: Ticket, token: Option<Text> },
    /// A token's answer.
    Answer { ticket: Ticket, effect: EffectId, answer: Answer },
    /// A token's sign of life.
    Heartbeat { ticket: Ticket, effect: EffectId },
    /// A worker takes an activity's task.
    Take { ticket: Ticket, effect: EffectId, worker: Option<Text> },
    /// A worker took it, and was gone before it could hear so.
    Return { ticket: Ticket, effect: EffectId },
    /// It had work under way when its node died.
    Wake,
    /// It had abandoned what this task started when its node died.
    Owed(EffectId),
    /// What it had abandoned has been seen to.
    Released(EffectId),
    /// A child has ended.
    ChildEnded { ticket: Ticket, effect: EffectId },
    /// A task wants what has its name.
    Named { ticket: Ticket, name: String, wish: Wish },
}

impl Delivery {
    fn ticket(&self) -> Option<Ticket> {
        match self {
            Delivery::Due(_) | Delivery::Wake | Delivery::Owed(_) | Delivery::Released(_) => None,
            Delivery::Stop { ticket, .. }
            | Delivery::Redrive { ticket, .. }
            | Delivery::ChildEnded { ticket, .. }
            | Delivery::Named { ticket, .. }
            | Delivery::Answer { ticket, .. }
            | Delivery::Take { ticket, .. }
            | Delivery::Return { ticket, .. }
            | Delivery::Heartbeat { ticket, .. } => Some(*ticket),
        }
    }

    /// Whether an execution that has ended must be read whole for it.
    fn needs_records(&self) -> bool {
        matches!(self, Delivery::Owed(_) | Delivery::Named { .. } | Delivery::Redrive { .. })
    }
}

impl Shard {
    /// Hands a delivery over, after reading the execution if need be.
    pub(crate) fn deliver(&mut self, key: ExecutionKey, delivery: Delivery, now: Timestamp) {
        if self.slots.contains_key(&key) {
            return self.hand_over(key, delivery, now);
        }
        if self.removing.contains(&key) {
            let reply = delivery.ticket().map(|ticket| Action::Reply(ticket, Reply::NoSuchExecution));
            return self.actions.extend(reply);
        }
        let load = (key, delivery.needs_records());
        let is_asked = delivery.ticket().is_some();
        let waiting = self.loading.entry(key).or_default();
        waiting.push(delivery);
        if waiting.len() > 1 {
            return;
        }
        // Somebody who waits for an answer does not wait for all whose time has come.
        if is_asked {
            self.to_load.push_front(load);
        } else {
            self.to_load.push_back(load);
        }
        self.load_more();
    }

    /// Reads what waits to be read, as far as there is room. What is on its way always arrives, so there is room again.
    pub(crate) fn load_more(&mut self) {
        while self.on_their_way() < self.settings.loads.max(1)
            && let Some((key, whole)) = self.to_load.pop_front()
        {
            self.reading += 1;
            self.actions.push_back(if whole { Action::LoadWhole(key) } else { Action::Load(key) });
        }
    }

    fn on_their_way(&self) -> usize {
        let under_way = self.under_way.as_ref().map_or(0, |group| group.touched.len());
        self.reading + self.gathering.touched.len() + under_way
    }

    /// How many more that are due may be taken up, or `None` when enough wait to be read.
    pub(crate) fn room_for_due(&self) -> Option<usize> {
        let room = self.settings.loads.max(1).saturating_sub(self.to_load.len());
        (room > 0).then_some(room)
    }

    /// An execution was read, or there is none.
    pub fn loaded(&mut self, key: ExecutionKey, loaded: Option<Loaded>, now: Timestamp) {
        self.reading = self.reading.saturating_sub(1);
        self.take_loaded(key, loaded, now);
        self.load_more();
    }

    fn take_loaded(&mut self, key: ExecutionKey, loaded: Option<Loaded>, now: Timestamp) {
        let waiting = self.loading.remove(&key).unwrap_or_default();
        if self.slots.contains_key(&key) {
            // Somebody asked for a key before it was given to a new execution: the live one is ahead of what was read.
            return waiting.into_iter().for_each(|delivery| self.hand_over(key, delivery, now));
        }
        match loaded {
            None => {
                let tickets = waiting.iter().filter_map(Delivery::ticket);
                self.actions.extend(tickets.map(|ticket| Action::Reply(ticket, Reply::NoSuchExecution)));
            }
            Some(loaded) if loaded.row.status != ExecutionStatus::Running => {
                for delivery in waiting {
                    // A redrive brings it back into memory.
                    if self.slots.contains_key(&key) {
                        self.hand_over(key, delivery, now);
                    } else {
                        self.deliver_closed(key, delivery, &loaded, now);
                    }
                }
            }
            Some(loaded) => {
                self.take_in(key, loaded, now);
                waiting.into_iter().for_each(|delivery| self.deliver(key, delivery, now));
                self.reconcile(key, now);
            }
        }
    }

    /// A delivery to an execution that has ended and is not kept in memory.
    fn deliver_closed(&mut self, key: ExecutionKey, delivery: Delivery, loaded: &Loaded, now: Timestamp) {
        if delivery.needs_records() && loaded.records.is_empty() {
            // It was being read for somebody who needs less.
            return self.deliver(key, delivery, now);
        }
        let (ticket, reply) = match delivery {
            Delivery::Due(_) | Delivery::Wake => return,
            Delivery::Owed(effect) => return self.owed_of_closed(key, effect, loaded),
            Delivery::Released(effect) => return self.settle(key, effect),
            Delivery::Redrive { ticket, token } => {
                return self.redrive_closed(key, ticket, token, loaded, now);
            }
            Delivery::Stop { ticket, .. } => {
                let at = loaded.row.stopped_at.unwrap_or(loaded.row.started_at);
                (ticket, Reply::Stopped { at: Timestamp(at) })
            }
            Delivery::Named { ticket, name, wish } => {
                let execution = self.fold(key, loaded);
                (ticket, answer_again(key, &execution, &name, &wish))
            }
            Delivery::Answer { ticket, .. }
            | Delivery::Heartbeat { ticket, .. }
            | Delivery::Take { ticket, .. }
            | Delivery::Return { ticket, .. }
            | Delivery::ChildEnded { ticket, .. } => (ticket, Reply::Stale),
        };
        self.actions.push_back(Action::Reply(ticket, reply));
    }

    fn take_in(&mut self, key: ExecutionKey, loaded: Loaded, now: Timestamp) {
        let execution = self.fold(key, &loaded);
        let mut slot = Slot::new(execution, loaded.row, true);
        slot.rows = slot.wanted_rows(key);
        self.slots.insert(key, slot);
        self.claim_name(key);
        self.resume(key, now);
    }

    fn hand_over(&mut self, key: ExecutionKey, delivery: Delivery, now: Timestamp) {
        if self.must_wait(key, &delivery) {
            return self.put_off(key, delivery);
        }
        match delivery {
            Delivery::Wake | Delivery::Owed(_) => self.reconcile(key, now),
            Delivery::Redrive { ticket, token } => self.redrive_running(key, ticket, token.as_ref(), now),
            Delivery::Released(effect) => self.release(key, effect, now),
            Delivery::ChildEnded { ticket, effect } => self.hear_child(key, ticket, effect, now),
            Delivery::Named { ticket, name, wish } => self.start_again(ticket, key, &name, &wish, now),
            Delivery::Due(effects) => self.due(key, &effects, now),
            Delivery::Stop { ticket, error, cause } => {
                let stopped = self.advance(key, vec![Input::Stop { error, cause }], now);
                let closed_at = self.slots.get(&key).and_then(|slot| slot.execution.closed_at());
                let at = if stopped { now } else { closed_at.unwrap_or(now) };
                self.reply_soon(ticket, Reply::Stopped { at });
            }
            Delivery::Answer { ticket, effect, answer } => {
                let accepted =
                    self.advance(key, vec![Input::Answered { effect, by_token: true, answer }], now);
                self.reply_soon(ticket, if accepted { Reply::Accepted } else { Reply::Stale });
            }
            Delivery::Take { ticket, effect, worker } => {
                let reply = self.hand_out(key, effect, worker, now);
                self.reply_soon(ticket, reply.unwrap_or(Reply::Stale));
            }
            Delivery::Return { ticket, effect } => {
                let is_back = self.put_back(key, effect, now);
                self.reply_soon(ticket, if is_back { Reply::Accepted } else { Reply::Stale });
            }
            Delivery::Heartbeat { ticket, effect } => {
                // Nobody can hold the token of a task that no commit has seen.
                let is_written = self.slots.get(&key).is_some_and(|slot| slot.rows.contains_key(&effect));
                let is_out =
                    |task: TaskEffect| !matches!(task.phase, TaskPhase::Scheduled | TaskPhase::Queued);
                let waits = is_written && self.task(key, effect).is_some_and(is_out);
                if waits {
                    self.heartbeats.insert((key, effect), now);
                }
                self.reply_soon(ticket, if waits { Reply::Accepted } else { Reply::Stale });
            }
        }
    }

    /// Hands an activity's task to a worker: its clocks begin to run.
    fn hand_out(
        &mut self,
        key: ExecutionKey,
        effect: EffectId,
        worker: Option<Text>,
        now: Timestamp,
    ) -> Option<Reply> {
        let task = self.task(key, effect).filter(|task| task.phase == TaskPhase::Queued)?;
        self.advance(key, vec![Input::Dispatch { effect, worker }], now).then_some(())?;
        // A history that is full ends the execution instead.
        self.task(key, effect).filter(|task| task.phase == TaskPhase::AwaitingToken)?;
        let token = self.slots.get(&key)?.execution.token(effect);
        Some(Reply::Task { token, input: task.parameters })
    }

    /// Puts an activity's task back into its queue.
    fn put_back(&mut self, key: ExecutionKey, effect: EffectId, now: Timestamp) -> bool {
        let is_back = self.advance(key, vec![Input::Returned { effect }], now);
        if is_back {
            self.heartbeats.remove(&(key, effect));
            self.timers.forget(key, effect);
        }
        is_back
    }

    /// A call or a poll returned.
    pub fn task_done(&mut self, key: ExecutionKey, effect: EffectId, outcome: TaskOutcome, now: Timestamp) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if !slot.calling.remove(&effect) {
            return;
        }
        if slot.polling.remove(&effect) {
            if matches!(outcome, TaskOutcome::StillRunning) {
                self.child_not_found_ended(key, effect);
                // The next look is planned even while records wait to be written; otherwise the row's could be taken for it.
                self.plan(key, now);
                return self.reconcile(key, now);
            }
        } else {
            self.tasks_out = self.tasks_out.saturating_sub(1);
        }
        let answered = |answer| Input::Answered { effect, by_token: false, answer };
        let input = match outcome {
            TaskOutcome::Done(output) => answered(Answer::Succeeded(output)),
            TaskOutcome::Failed(failure) => answered(Answer::Failed(failure)),
            TaskOutcome::Submitted { output, handle } => {
                Input::Submitted { effect, output, handle: Some(handle) }
            }
            TaskOutcome::AwaitingToken(output) => Input::Submitted { effect, output, handle: None },
            TaskOutcome::StillRunning => return,
        };
        self.advance(key, vec![input], now);
        self.dispatch_queued(now);
        self.reconcile(key, now);
    }

    /// A task that is outstanding.
    pub(crate) fn task(&self, key: ExecutionKey, effect: EffectId) -> Option<TaskEffect> {
        match self.slots.get(&key)?.execution.effect(effect)? {
            Effect::Task(task) => Some(task),
            Effect::Timer { .. } => None,
        }
    }

    /// Times have come: timers fire, tasks time out, jobs are asked after. All of one execution's at once.
    fn due(&mut self, key: ExecutionKey, effects: &[EffectId], now: Timestamp) {
        let mut inputs = Vec::new();
        for effect in effects {
            let Some(slot) = self.slots.get(&key) else { return };
            match slot.execution.effect(*effect) {
                None => {}
                Some(Effect::Timer { at }) if at <= now => inputs.push(Input::TimerFired(*effect)),
                // Too early: it is planned again below.
                Some(Effect::Timer { .. }) => {}
                Some(Effect::Task(task)) => inputs.extend(self.due_task(key, *effect, &task, now)),
            }
        }
        self.advance(key, inputs, now);
        self.dispatch_queued(now);
        self.reconcile(key, now);
    }

    fn due_task(
        &mut self,
        key: ExecutionKey,
        effect: EffectId,
        task: &TaskEffect,
        now: Timestamp,
    ) -> Option<Input> {
        if task.due.is_some_and(|due| due <= now) {
            return Some(Input::TaskTimedOut { effect, heartbeat: false });
        }
        if self.heartbeat_end(key, effect, task, now).is_some_and(|end| end <= now) {
            return Some(Input::TaskTimedOut { effect, heartbeat: true });
        }
        // A look that is still planned is the next poll: this one was the row's, read late.
        let is_polled = task.phase == TaskPhase::Job && !task.kind.is_child();
        if is_polled && !self.timers.is_planned(key, effect) {
            self.poll_job(key, effect, task);
        }
        None
    }

    /// When the task's heartbeat is overdue. After a restart, when nobody knows the last one, it gets one fresh interval.
    pub(crate) fn heartbeat_end(
        &mut self,
        key: ExecutionKey,
        effect: EffectId,
        task: &TaskEffect,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let interval = task.heartbeat.filter(|_| task.phase == TaskPhase::AwaitingToken)?;
        let last = *self.heartbeats.entry((key, effect)).or_insert(now);
        Some(last.plus_seconds(interval))
    }
}
