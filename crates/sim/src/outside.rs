//! The world that does the tasks: it answers in time or late, early or twice, with errors or never, and by tokens that it
//! was given long ago. Once the world is good it answers everything.

use std::collections::{BTreeMap, BTreeSet};

use engine::{CallAction, TaskOutcome};
use interpreter::{Effect, EffectId, Failure, TaskPhase};
use store::{Epoch, ExecutionKey};
use value::Payload;

use crate::ask::Ask;
use crate::children::START;
use crate::news::News;
use crate::rng::Rng;
use crate::sabotage::Sabotage;
use crate::truth::Breach;
use crate::world::{Happening, World};

/// The world that does the tasks.
pub(crate) struct Outside {
    rng: Rng,
    /// Calls and polls that it does not mean to answer: the node and its epoch, and what a good world would answer.
    silent: BTreeMap<(ExecutionKey, EffectId), (usize, Epoch, TaskOutcome)>,
    /// Tasks whose tokens it has.
    tokens: Vec<(ExecutionKey, EffectId)>,
    /// When each job was last asked after.
    pub(crate) last_poll: BTreeMap<(ExecutionKey, EffectId), (Epoch, i64)>,
    /// First calls that a shard has not heard of again.
    pub(crate) out: BTreeSet<(usize, ExecutionKey, EffectId)>,
    answers: u64,
}

impl Outside {
    pub(crate) fn new(rng: Rng) -> Outside {
        Outside {
            rng,
            silent: BTreeMap::new(),
            tokens: Vec::new(),
            last_poll: BTreeMap::new(),
            out: BTreeSet::new(),
            answers: 0,
        }
    }

    /// A call is no longer wanted; an answer that is on its way still comes.
    pub(crate) fn cancelled(&mut self, execution: ExecutionKey, effect: EffectId) {
        self.silent.remove(&(execution, effect));
        self.out.retain(|(_, of, which)| (*of, *which) != (execution, effect));
    }

    /// A call leaves a shard: no more of them are out than may be, besides those that are repeated.
    pub(crate) fn called(
        &mut self,
        node: usize,
        call: &CallAction,
        is_repeated: bool,
        most: usize,
    ) -> Result<(), Breach> {
        if !is_repeated {
            self.out.insert((node, call.execution, call.effect));
        }
        let out = self.out.iter().filter(|(of, ..)| *of == node).count();
        if out > most { Err(format!("{out} calls are out, {most} may be")) } else { Ok(()) }
    }

    fn failure(&mut self) -> TaskOutcome {
        let names = ["Boom", "States.TaskFailed", "Lambda.SdkClientException", "Other.Error"];
        let name = self.rng.pick(&names).copied().unwrap_or("Boom");
        TaskOutcome::Failed(Failure::new(name, "the world said no"))
    }

    /// A token's answer, told from every other one.
    pub(crate) fn answer(&mut self, execution: ExecutionKey, effect: EffectId, success: bool) -> Ask {
        self.answers += 1;
        Ask::Answer { execution, effect, success, text: format!("answer-{}-", self.answers) }
    }
}

fn json(text: &str) -> Payload {
    Payload::from_trusted_text(text.into())
}

impl World {
    /// A call arrives.
    pub(crate) fn call(&mut self, node: usize, call: &CallAction) {
        let resource = &*call.task.resource;
        if resource.starts_with(START) {
            return self.call_child(node, call);
        }
        let good = if resource.ends_with(".waitForTaskToken") {
            self.outside.tokens.push((call.execution, call.effect));
            TaskOutcome::AwaitingToken(json(r#"{"sent":true}"#))
        } else if resource.ends_with(".sync") {
            TaskOutcome::Submitted { output: json(r#"{"id":"j"}"#), handle: json(r#"{"job":"j"}"#) }
        } else {
            TaskOutcome::Done(json(r#"{"n":4,"done":true}"#))
        };
        self.use_token(call);
        self.respond(node, call, good);
    }

    /// Somebody asks after a job.
    pub(crate) fn poll_job(&mut self, node: usize, call: &CallAction) {
        if call.task.resource.starts_with(START) {
            return self.poll_child(node, call);
        }
        let done = TaskOutcome::Done(json(r#"{"job":"done"}"#));
        let is_running = !self.is_good && self.outside.rng.chance(60);
        self.respond(node, call, if is_running { TaskOutcome::StillRunning } else { done });
    }

    fn respond(&mut self, node: usize, call: &CallAction, good: TaskOutcome) {
        let key = (call.execution, call.effect);
        if self.is_good {
            return self.reply_to(node, key, 5, good);
        }
        let rng = &mut self.outside.rng;
        let (soon, late) = (rng.between(1, 500), rng.between(1_000, 100_000));
        match rng.weighted(&[55, 15, 15, 8, 7]) {
            0 => self.reply_to(node, key, soon, good),
            1 => self.reply_to(node, key, late, good),
            2 => {
                let failure = self.outside.failure();
                self.reply_to(node, key, soon, failure);
            }
            3 => {
                let epoch = self.nodes[node].epoch;
                self.outside.silent.insert(key, (node, epoch, good));
            }
            _ => {
                self.reply_to(node, key, soon, good.clone());
                self.reply_to(node, key, late, good);
            }
        }
    }

    fn reply_to(&mut self, node: usize, key: (ExecutionKey, EffectId), delay: i64, outcome: TaskOutcome) {
        let lost = self.sabotage == Some(Sabotage::LoseAnswers) && self.rng.chance(20);
        if lost {
            return;
        }
        let epoch = self.nodes[node].epoch;
        let news = News::TaskDone { execution: key.0, effect: key.1, outcome };
        self.after(delay, Happening::Tell { node, epoch, news: Box::new(news) });
    }

    /// Whoever was given a token uses it, or an older one, or one that nobody was given.
    fn use_token(&mut self, call: &CallAction) {
        if self.is_good {
            return;
        }
        let rng = &mut self.outside.rng;
        if call.task.resource.ends_with(".waitForTaskToken") {
            let mut delay = rng.between(0, 1_000);
            for _ in 0..rng.below(4) {
                delay += self.outside.rng.between(0, 20_000);
                self.send(delay, Ask::Heartbeat { execution: call.execution, effect: call.effect });
            }
            let rng = &mut self.outside.rng;
            for _ in 0..rng.weighted(&[20, 60, 20]) {
                let rng = &mut self.outside.rng;
                delay += rng.between(0, 30_000);
                let success = rng.chance(75);
                let answer = self.outside.answer(call.execution, call.effect, success);
                self.send(delay, answer);
            }
        }
        let rng = &mut self.outside.rng;
        if rng.chance(10)
            && let Some((execution, effect)) = rng.pick(&self.outside.tokens).copied()
        {
            let wrong = if rng.chance(30) { rng.between(0, 1_000) as u32 + 10_000 } else { effect };
            let delay = rng.between(0, 60_000);
            let ask = if rng.chance(50) {
                self.outside.answer(execution, wrong, true)
            } else {
                Ask::Heartbeat { execution, effect: wrong }
            };
            self.send(delay, ask);
        }
    }

    /// The good world answers all that waits.
    pub(crate) fn sweep(&mut self) {
        for (key, (node, epoch, outcome)) in std::mem::take(&mut self.outside.silent) {
            if self.nodes[node].epoch == epoch {
                self.reply_to(node, key, 1, outcome);
            }
        }
        let mut waiting = Vec::new();
        for (key, shadow) in self.truth.running() {
            for (effect, what) in shadow.execution.outstanding() {
                let is_held = shadow.tasks.get(&effect).is_none_or(|task| task.is_held(self.died_at));
                if is_held && matches!(what, Effect::Task(task) if task.phase == TaskPhase::AwaitingToken) {
                    waiting.push((*key, effect));
                }
            }
        }
        for (execution, effect) in waiting {
            let answer = self.outside.answer(execution, effect, true);
            self.send(1, answer);
        }
    }
}
