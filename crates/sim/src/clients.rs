//! Clients: they start executions, some under the same names, stop some, and ask again when nobody answered.

use engine::Reply;
use store::{ExecutionKey, ShardId};
use value::Payload;

use crate::ask::{Ask, StartAsk};
use crate::children::Between;
use crate::rng::Rng;
use crate::world::{Happening, World};

/// What inputs there are.
const INPUTS: &[&str] = &[
    r#"{"n":3,"items":[{"n":1,"items":[]},{"n":9,"items":[{"n":2,"items":[]}]}]}"#,
    r#"{"n":7, "items":[{"n":5,"items":[{"n":0,"items":[]},{"n":9,"items":[]}]},{"n":2,"items":[]},{"n":8,"items":[]}]}"#,
    r#"{"n":0,"items":[]}"#,
];

/// The clients.
pub(crate) struct Clients {
    rng: Rng,
    /// Executions that they were told of.
    known: Vec<ExecutionKey>,
}

impl Clients {
    pub(crate) fn new(rng: Rng) -> Clients {
        Clients { rng, known: Vec::new() }
    }
}

impl World {
    /// What clients will ask, and when.
    pub(crate) fn plan_clients(&mut self) {
        for _ in 0..self.plan.starts {
            let rng = &mut self.clients.rng;
            let machine = format!("m{}", rng.below(self.plan.machines));
            let name = rng.chance(60).then(|| format!("n{}", rng.below(self.plan.names)));
            let input = rng.pick(INPUTS).copied().unwrap_or("{}");
            let start = StartAsk {
                revision: machine.clone(),
                machine,
                name,
                input: Payload::from_trusted_text(input.into()),
                seed: rng.bits(),
                parent: None,
            };
            let at = rng.between(0, self.plan.busy_ms / 2);
            self.send(at, Ask::Start(start));
        }
    }

    /// An ask goes to the shard that it belongs to.
    pub(crate) fn send(&mut self, delay: i64, ask: Ask) {
        let shards = self.nodes.len() as u64;
        let node = match &ask {
            Ask::Between(_, Between::Find { machine, name })
            | Ask::Between(_, Between::Start(StartAsk { name: Some(name), machine, .. }))
            | Ask::Start(StartAsk { name: Some(name), machine, .. }) => {
                let sum: u64 = name.bytes().chain(machine.bytes()).map(u64::from).sum();
                sum % shards
            }
            Ask::Start(start) => start.seed % shards,
            Ask::StartExpress { name } => name.len() as u64 % shards,
            other => u64::from(other.execution().shard().0) % shards,
        };
        self.after(delay, Happening::Ask { node: node as usize, ask: Box::new(ask) });
    }

    /// Nobody answered: whether anything happened is unknown.
    pub(crate) fn unanswered(&mut self, ask: Ask) {
        if let Ask::Between(errand, between) = ask {
            return self.unanswered_between(errand, between);
        }
        // Asking once more would start another one.
        if matches!(ask, Ask::StartExpress { .. }) {
            return;
        }
        if matches!(ask, Ask::Take { .. } | Ask::PutBack { .. }) {
            return self.answer_queues(&ask, None);
        }
        if !self.is_good && self.clients.rng.chance(60) {
            let delay = self.clients.rng.between(10, 10_000);
            self.send(delay, ask);
        }
    }

    /// Somebody wants an execution to go on that may have ended by then.
    fn plan_redrive(&mut self) {
        let rng = &mut self.clients.rng;
        let delay = rng.between(0, self.plan.busy_ms / 2);
        // Children are redriven, too, though no client started them.
        let all: Vec<ExecutionKey> = self.truth.shadows.keys().copied().collect();
        let Some(execution) = rng.pick(&all).copied() else { return };
        let token = rng.chance(50).then(|| format!("t{}", rng.below(3)));
        self.send(delay, Ask::Redrive { execution, token });
    }

    /// A reply came.
    pub(crate) fn answered(&mut self, reply: &Reply) {
        if self.is_good {
            return;
        }
        let redrives = match reply {
            Reply::Started { execution, .. } => {
                self.clients.known.push(*execution);
                2
            }
            Reply::Redriven { .. } => 1,
            // Most of them run when they are asked for.
            Reply::NotRedrivable(_) => u64::from(self.clients.rng.chance(80)),
            _ => return,
        };
        (0..redrives).for_each(|_| self.plan_redrive());
        let Reply::Started { execution, .. } = reply else { return };
        let rng = &mut self.clients.rng;
        let delay = rng.between(0, self.plan.busy_ms / 2);
        match rng.below(10) {
            0 | 1 => {
                let known = rng.pick(&self.clients.known).copied();
                self.send(delay, Ask::Stop { execution: known.unwrap_or(*execution) });
            }
            2 => {
                // A key that has not been given to anybody yet.
                let shard = ShardId((execution.shard().0) % self.plan.shards);
                let execution = ExecutionKey::new(execution.at_ms() + rng.between(1, 5_000), 0, shard);
                self.send(delay, Ask::Stop { execution });
            }
            _ => {}
        }
    }
}
