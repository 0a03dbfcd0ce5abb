//! Redrives of executions that have ended: the execution is read whole, goes back into memory, and goes on once that is
//! durable. What comes for it in between waits, so that each commit changes its index status once.

use interpreter::{EffectId, Input, NotRedrivable, Text, Timestamp};
use store::ExecutionKey;

use crate::action::{Action, Reply, Ticket};
use crate::command::Loaded;
use crate::delivery::Delivery;
use crate::duties::Duty;
use crate::shard::Shard;
use crate::slot::Slot;

impl Shard {
    /// Redrives an execution. The same token again, while it is remembered, is the same redrive.
    pub fn redrive(&mut self, ticket: Ticket, execution: ExecutionKey, token: Option<Text>, now: Timestamp) {
        self.deliver(execution, Delivery::Redrive { ticket, token }, now);
    }

    /// Whether a delivery to an execution in memory has to wait: its end, or its redrive, is being written.
    pub(crate) fn must_wait(&self, key: ExecutionKey, delivery: &Delivery) -> bool {
        let Some(slot) = self.slots.get(&key) else { return false };
        let is_redrive = matches!(delivery, Delivery::Redrive { .. });
        slot.is_redriving || (is_redrive && slot.execution.is_closed())
    }

    /// Keeps a delivery until the execution is as durable as it is in memory, and has left it if it has ended.
    pub(crate) fn put_off(&mut self, key: ExecutionKey, delivery: Delivery) {
        self.put_off.entry(key).or_default().push(delivery);
    }

    /// Hands over what waited.
    pub(crate) fn take_up_put_off(&mut self, key: ExecutionKey, now: Timestamp) {
        for delivery in self.put_off.remove(&key).unwrap_or_default() {
            self.deliver(key, delivery, now);
        }
    }

    /// What executions abandoned before the shard was opened is known: redrives that came before that are taken up.
    pub(crate) fn abandoned_read(&mut self, now: Timestamp) {
        self.knows_abandoned = true;
        let mut waiting: Vec<ExecutionKey> = self.put_off.keys().copied().collect();
        waiting.sort_unstable();
        waiting.into_iter().for_each(|key| self.take_up_put_off(key, now));
    }

    /// A redrive of an execution that runs.
    pub(crate) fn redrive_running(
        &mut self,
        key: ExecutionKey,
        ticket: Ticket,
        token: Option<&Text>,
        now: Timestamp,
    ) {
        let Some(slot) = self.slots.get(&key) else { return };
        let reply = match token.and_then(|token| slot.execution.redriven_with(token, now)) {
            Some(at) => Reply::Redriven { at },
            None => Reply::NotRedrivable(NotRedrivable::Status("RUNNING")),
        };
        self.reply_soon(ticket, reply);
    }

    /// A redrive of an execution that has ended, as it was read.
    pub(crate) fn redrive_closed(
        &mut self,
        key: ExecutionKey,
        ticket: Ticket,
        token: Option<Text>,
        loaded: &Loaded,
        now: Timestamp,
    ) {
        let execution = self.fold(key, loaded);
        let known = token.as_ref().and_then(|token| execution.redriven_with(token, now));
        let is_deleting = self.deleting.contains(&loaded.row.machine);
        let refused = match execution.redrivable(now) {
            Ok(()) if is_deleting => Some(NotRedrivable::MachineDeleting),
            Ok(()) => None,
            Err(why) => Some(why),
        };
        if let Some(reply) =
            known.map(|at| Reply::Redriven { at }).or_else(|| refused.map(Reply::NotRedrivable))
        {
            return self.actions.push_back(Action::Reply(ticket, reply));
        }
        if !self.knows_abandoned {
            return self.put_off(key, Delivery::Redrive { ticket, token });
        }
        // A parent that has not heard of this end hears of the next one.
        let owed = self.duties.range((key, EffectId::MIN)..=(key, EffectId::MAX));
        let owed: Vec<(EffectId, Duty)> = owed.map(|((_, effect), duty)| (*effect, *duty)).collect();
        let (stops, reports): (Vec<_>, Vec<_>) = owed.into_iter().partition(|(_, duty)| *duty == Duty::Stop);
        reports.iter().for_each(|(effect, _)| _ = self.duties.remove(&(key, *effect)));
        let owed = stops.into_iter().map(|(effect, _)| effect).collect();
        let mut slot = Slot::new(execution, loaded.row.clone(), true);
        slot.rows = slot.wanted_rows(key);
        slot.is_redriving = true;
        self.slots.insert(key, slot);
        self.advance(key, vec![Input::Redrive { token, owed }], now);
        let Some(slot) = self.slots.get_mut(&key) else { return };
        let (count, at) = slot.execution.redrives();
        (slot.row.redrive_count, slot.row.redriven_at) = (count, at.map(|at| at.0));
        self.claim_name(key);
        self.reply_soon(ticket, Reply::Redriven { at: now });
    }

    /// The name of an execution that was read leads to it, unless another one has it by now.
    pub(crate) fn claim_name(&mut self, key: ExecutionKey) {
        let Some(slot) = self.slots.get(&key) else { return };
        if let Some(name) = &slot.row.name {
            let name = (slot.row.machine.clone(), name.clone());
            if self.names.get(&name).is_none() {
                self.names.insert(name, key);
            }
        }
    }
}
