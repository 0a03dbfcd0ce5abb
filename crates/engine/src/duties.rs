//! What a shard owes the world for executions that need not be in memory: a child's end that its parent must hear of, and a
//! job or a child that runs for nobody and must be stopped. Each is a row, written with the record that makes it due, and is
//! done again after every crash until it is acknowledged. Doing it twice must be harmless, and is.

use std::collections::BTreeSet;

use interpreter::{Abandoned, EffectId, Execution, Input, Parent, Timestamp};
use store::{ExecutionKey, Pending, PendingKey, PendingKind};

use crate::action::{AbandonAction, Action, Reply, Ticket};
use crate::command::Loaded;
use crate::delivery::Delivery;
use crate::rows::parent_of;
use crate::shard::Shard;

/// Milliseconds until a parent that could not be told is told again.
const RETRY_MS: i64 = 1_000;

/// Something that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// The parent is being told, or is told again soon.
    Report {
        /// Whom.
        parent: Parent,
        /// Nobody is telling it just now.
        waits: bool,
    },
    /// The job or child is being stopped.
    Stop,
}

impl Shard {
    /// Takes up what is owed for an execution whose records are durable.
    pub(crate) fn take_up_duties(&mut self, key: ExecutionKey) {
        let Some(slot) = self.slots.get(&key) else { return };
        let stops: Vec<(EffectId, AbandonAction)> = stops_of(key, &slot.execution, None);
        let reports: Vec<(EffectId, Parent)> = if slot.execution.is_closed() {
            slot.execution.parents().filter(|(_, parent)| parent.awaits).collect()
        } else {
            Vec::new()
        };
        stops.into_iter().for_each(|(effect, stop)| self.stop_abandoned(effect, stop));
        reports.into_iter().for_each(|(effect, parent)| self.report(key, effect, parent));
    }

    fn stop_abandoned(&mut self, effect: EffectId, stop: AbandonAction) {
        let known = self.duties.insert((stop.execution, effect), Duty::Stop);
        if known.is_none() {
            self.actions.push_back(Action::Abandon(Box::new(stop)));
        }
    }

    fn report(&mut self, child: ExecutionKey, effect: EffectId, parent: Parent) {
        self.duties.insert((child, effect), Duty::Report { parent, waits: false });
        self.actions.push_back(Action::Report { child, effect, parent });
    }

    /// The rows of what was owed when this shard was last alive.
    pub(crate) fn owed_read(&mut self, rows: &[Pending], now: Timestamp) {
        for Pending { key: PendingKey { execution, effect }, kind, subject, .. } in rows {
            match (kind, subject.as_deref().and_then(parent_of)) {
                (PendingKind::Report, Some(parent)) => self.report(*execution, *effect, parent),
                (PendingKind::Abandoned, _) => self.deliver(*execution, Delivery::Owed(*effect), now),
                _ => {}
            }
        }
    }

    /// What is owed for an execution that was read whole: one that runs has it in memory now, of one that has ended only this
    /// is of interest.
    pub(crate) fn owed_of_closed(&mut self, key: ExecutionKey, effect: EffectId, loaded: &Loaded) {
        let execution = self.fold(key, loaded);
        let stops = stops_of(key, &execution, Some(effect));
        stops.into_iter().for_each(|(effect, stop)| self.stop_abandoned(effect, stop));
    }

    /// An execution that is not to be kept in memory.
    pub(crate) fn fold(&self, key: ExecutionKey, loaded: &Loaded) -> Execution {
        let mut execution = Execution::new(loaded.definition.clone(), self.environment.clone(), key.0);
        loaded.records.iter().for_each(|record| execution.apply(record));
        execution
    }

    /// A time has come for something that is owed; says whether it was for that.
    pub(crate) fn duty_due(&mut self, key: ExecutionKey, effect: EffectId) -> bool {
        let Some(Duty::Report { parent, waits: true }) = self.duties.get(&(key, effect)).copied() else {
            return false;
        };
        self.report(key, effect, parent);
        true
    }

    /// The parent has heard of the end (or nothing of it waits any more), or could not be told.
    pub fn reported(&mut self, child: ExecutionKey, effect: EffectId, heard: bool, now: Timestamp) {
        match self.duties.get_mut(&(child, effect)) {
            Some(Duty::Report { .. }) if heard => {
                self.duties.remove(&(child, effect));
                self.gathering.settled.push(PendingKey { execution: child, effect });
            }
            Some(Duty::Report { waits, .. }) => {
                *waits = true;
                self.timers.set_soft(now.0.saturating_add(RETRY_MS), child, effect);
            }
            Some(Duty::Stop) | None => {}
        }
    }

    /// An abandoned job or child has been stopped, as far as that is possible.
    pub fn released(&mut self, key: ExecutionKey, effect: EffectId, now: Timestamp) {
        if self.duties.remove(&(key, effect)).is_some() {
            self.deliver(key, Delivery::Released(effect), now);
        }
    }

    /// A child says that it has ended. It is answered once its parent has durably taken that in, so it may ask again.
    pub fn child_ended(&mut self, ticket: Ticket, key: ExecutionKey, effect: EffectId, now: Timestamp) {
        self.deliver(key, Delivery::ChildEnded { ticket, effect }, now);
    }

    /// The parent is in memory: it asks after the child, for what the child's end is stands in the store alone.
    pub(crate) fn hear_child(&mut self, key: ExecutionKey, ticket: Ticket, effect: EffectId, now: Timestamp) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.execution.effect(effect).is_none() {
            return self.reply_soon(ticket, Reply::Accepted);
        }
        slot.children.ended(effect, ticket);
        self.reconcile(key, now);
    }

    /// Answers children whose ends have been taken in.
    pub(crate) fn answer_children(&mut self, key: ExecutionKey) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        let execution = &slot.execution;
        for ticket in slot.children.take_heard(|effect| execution.effect(effect).is_none()) {
            self.actions.push_back(Action::Reply(ticket, Reply::Accepted));
        }
    }

    /// A poll found a child running that said it had ended: what was read is older than that. It says so again.
    pub(crate) fn child_not_found_ended(&mut self, key: ExecutionKey, effect: EffectId) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.children.is_to_be_asked(effect) {
            return;
        }
        for ticket in slot.children.take_heard(|of| of == effect) {
            let why = "the child's end was not found yet".to_owned();
            self.actions.push_back(Action::Reply(ticket, Reply::Unavailable(why)));
        }
    }

    /// What was abandoned has been seen to: one that runs notes it, of one that has ended the row goes.
    pub(crate) fn release(&mut self, key: ExecutionKey, effect: EffectId, now: Timestamp) {
        let noted = self.advance(key, vec![Input::Released { effect }], now);
        if !noted {
            self.settle(key, effect);
        }
    }

    /// A row goes that no record speaks of.
    pub(crate) fn settle(&mut self, key: ExecutionKey, effect: EffectId) {
        self.gathering.settled.push(PendingKey { execution: key, effect });
    }
}

/// What must be stopped of an execution: all of it, or what one task started.
fn stops_of(
    key: ExecutionKey,
    execution: &Execution,
    only: Option<EffectId>,
) -> Vec<(EffectId, AbandonAction)> {
    if execution.started().is_none() {
        return Vec::new();
    }
    let wanted = execution.abandoned().filter(|(effect, _)| only.is_none_or(|only| only == *effect));
    let stop = |(effect, what): (EffectId, &Abandoned)| {
        let stop =
            AbandonAction { execution: key, effect, execution_arn: execution.arn(), what: what.clone() };
        (effect, stop)
    };
    wanted.map(stop).collect()
}

/// What is known of the children that an execution in memory waits for. Soft state: an execution that is read again asks
/// after each of them once.
#[derive(Debug, Default)]
pub(crate) struct Children {
    /// Those that were asked after.
    asked: BTreeSet<EffectId>,
    /// Those that said that they had ended, and who waits for an answer.
    ended: Vec<(EffectId, Ticket)>,
}

impl Children {
    fn ended(&mut self, effect: EffectId, ticket: Ticket) {
        self.asked.remove(&effect);
        self.ended.push((effect, ticket));
    }

    fn take_heard(&mut self, heard: impl Fn(EffectId) -> bool) -> Vec<Ticket> {
        self.ended.extract_if(.., |(effect, _)| heard(*effect)).map(|(_, ticket)| ticket).collect()
    }

    fn is_to_be_asked(&self, effect: EffectId) -> bool {
        !self.asked.contains(&effect)
    }

    /// Whether the child has to be asked after; from now on not again by itself.
    pub(crate) fn ask(&mut self, effect: EffectId) -> bool {
        self.asked.insert(effect)
    }

    /// Whether nobody waits for an answer.
    pub(crate) fn is_quiet(&self) -> bool {
        self.ended.is_empty()
    }
}
