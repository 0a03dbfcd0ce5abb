//! Recovery: a shard that was just acquired reads its pending rows and goes on. Tasks that were with the world when the
//! node died are repeated where that is safe, and fail otherwise: nobody can know whether they ran.

use interpreter::{Effect, EffectId, Failure, Input, TaskKind, TaskPhase, Text, Timestamp};
use store::{ExecutionKey, Pending, PendingKind};

use crate::action::Action;
use crate::activities::QueuedTask;
use crate::delivery::Delivery;
use crate::shard::Shard;

impl Shard {
    /// Begins recovery. `newest` is the newest execution in the store: new keys come after it even if the clock went back.
    pub fn recover(&mut self, newest: Option<ExecutionKey>, now: Timestamp) {
        if let Some(newest) = newest {
            self.keys_after(newest);
        }
        for kind in [
            PendingKind::Task,
            PendingKind::Activity,
            PendingKind::Express,
            PendingKind::Report,
            PendingKind::Abandoned,
        ] {
            self.actions.push_back(Action::ReadPending(kind));
        }
        self.handle_timeout(now);
    }

    /// All pending rows of a kind were read.
    pub fn pending_read(&mut self, kind: PendingKind, rows: &[Pending], now: Timestamp) {
        match kind {
            PendingKind::Activity => self.queues_read(rows),
            PendingKind::Express => self.express_read(rows, now),
            PendingKind::Task => self.wake_all(rows, now),
            _ => self.owed_read(rows, now),
        }
        if kind == PendingKind::Abandoned {
            self.abandoned_read(now);
        }
    }

    /// Tasks that wait for a worker are announced; their executions stay where they are.
    fn queues_read(&mut self, rows: &[Pending]) {
        let gone = self.unqueued_meanwhile.take().unwrap_or_default();
        let queued = rows.iter().filter(|row| !gone.contains(&row.key)).filter_map(QueuedTask::of);
        self.actions.extend(queued.map(Action::Queued).chain([Action::QueuesRead]));
    }

    fn wake_all(&mut self, rows: &[Pending], now: Timestamp) {
        let mut keys: Vec<ExecutionKey> = rows.iter().map(|row| row.key.execution).collect();
        keys.dedup();
        for key in keys {
            self.deliver(key, Delivery::Wake, now);
        }
    }

    /// The rows due before `to` were read.
    pub fn due_read(&mut self, rows: &[Pending], to: i64, now: Timestamp) {
        self.timers.read(rows, to);
        self.handle_timeout(now);
    }

    /// An execution has just been read: its tasks that nobody is doing are taken up again.
    pub(crate) fn resume(&mut self, key: ExecutionKey, now: Timestamp) {
        let Some(slot) = self.slots.get(&key) else { return };
        let mut interrupted = Vec::new();
        let mut repeated: Vec<EffectId> = Vec::new();
        for (effect, what) in slot.execution.outstanding() {
            let Effect::Task(task) = what else { continue };
            match task.phase {
                TaskPhase::Scheduled => self.queued.push_back((key, effect)),
                TaskPhase::Started => {
                    if (self.is_idempotent)(&task.resource) {
                        repeated.push(effect);
                    } else {
                        let failure = interruption(&task.kind);
                        interrupted.push(Input::Interrupted { effect, failure });
                    }
                }
                TaskPhase::Queued | TaskPhase::AwaitingToken | TaskPhase::Job => {}
            }
        }
        if let Some(slot) = self.slots.get_mut(&key) {
            slot.calling.extend(&repeated);
            self.tasks_out += repeated.len();
            slot.to_call.extend(repeated);
        }
        self.advance(key, interrupted, now);
        self.dispatch_queued(now);
    }
}

/// The failure of a call whose outcome nobody can know. Its name is one that the Retriers people already write match.
fn interruption(kind: &TaskKind) -> Failure {
    let cause = "The service restarted while this call was in flight. Whether it took effect is unknown, so it was not \
                 repeated; a Retrier that matches this error repeats it.";
    let error = match kind {
        TaskKind::Lambda => "Lambda.SdkClientException",
        TaskKind::Service { resource_type, .. } if &**resource_type == "lambda" => {
            "Lambda.SdkClientException"
        }
        TaskKind::Service { .. } | TaskKind::Activity => "States.TaskFailed",
    };
    Failure { error: Some(Text::from(error)), cause: Some(Text::from(cause)) }
}
