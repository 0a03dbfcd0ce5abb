//! Express starts that run on after they are answered: none that was acknowledged is lost, none is run before it is durable, more
//! than three times or after its end was written, and nothing is left of them.

use std::collections::{BTreeMap, BTreeSet};

use engine::{ExpressRun, ExpressStart};
use store::{ExecutionKey, PendingKind, Store};

use crate::ask::Ask;
use crate::rng::Rng;
use crate::truth::Breach;
use crate::world::{Happening, World};

/// What the outside knows of Express starts.
pub(crate) struct Express {
    pub(crate) rng: Rng,
    acknowledged: BTreeSet<String>,
    /// How often each was run.
    runs: BTreeMap<String, u32>,
    /// A clock went forward, or crashes came so thick that a start may have had its three chances.
    pub(crate) is_lenient: bool,
}

impl Express {
    pub(crate) fn new(rng: Rng) -> Express {
        Express { rng, acknowledged: BTreeSet::new(), runs: BTreeMap::new(), is_lenient: false }
    }
}

/// A start of this name.
pub(crate) fn start(name: &str) -> ExpressStart {
    ExpressStart {
        revision: "m0".into(),
        name: name.into(),
        id: format!("id of {name}"),
        input: "{}".into(),
        seed: 1,
        started_at: 0,
        trace_header: None,
        version_arn: None,
        alias_arn: None,
        mocks: None,
    }
}

impl World {
    /// When clients start Express executions.
    pub(crate) fn plan_express(&mut self) {
        for number in 0..self.plan.express {
            let at = self.express.rng.between(0, self.plan.busy_ms);
            self.send(at, Ask::StartExpress { name: format!("x{number}") });
        }
    }

    /// The client hears that its start is accepted.
    pub(crate) fn express_acknowledged(&mut self, name: &str) {
        self.report.count("express starts accepted");
        self.express.acknowledged.insert(name.to_owned());
    }

    /// A shard has a start run.
    pub(crate) fn run_express(&mut self, node: usize, run: &ExpressRun) -> Result<(), Breach> {
        let name = &run.start.name;
        let rows = self.store.pending_of(run.chunk).map_err(|why| why.to_string())?;
        if !rows.iter().any(|row| row.subject.as_ref().is_some_and(|text| text.contains(&run.start.id))) {
            return Err(format!("the Express start {name} runs, and is not in the store"));
        }
        let runs = self.express.runs.entry(name.clone()).or_default();
        *runs += 1;
        if *runs > 3 {
            return Err(format!("the Express start {name} was run {runs} times"));
        }
        self.report.count(if *runs > 1 { "express runs again" } else { "express runs" });
        let longest = if self.is_good || self.express.rng.chance(70) { 500 } else { 60_000 };
        let delay = self.express.rng.between(0, longest);
        let (chunk, index, epoch) = (run.chunk, run.index, self.nodes[node].epoch);
        self.after(delay, Happening::ExpressEnds { node, epoch, chunk, index });
        Ok(())
    }

    /// A run ends, if its process still lives.
    pub(crate) fn express_ends(&mut self, node: usize, epoch: u64, chunk: ExecutionKey, index: u32) {
        if self.nodes[node].epoch == epoch
            && let Some(shard) = &mut self.nodes[node].shard
        {
            shard.express_ended(chunk, index);
        }
    }

    /// All is over.
    pub(crate) fn check_express(&self) -> Result<(), Breach> {
        for name in &self.express.acknowledged {
            if !self.express.runs.contains_key(name) && !self.express.is_lenient {
                return Err(format!("the Express start {name} was acknowledged, and never ran"));
            }
        }
        for node in &self.nodes {
            let left = self.store.pending(node.id, PendingKind::Express, None, 1);
            if !left.map_err(|why| why.to_string())?.is_empty() {
                return Err("all Express executions have ended, and something is left of them".into());
            }
        }
        Ok(())
    }
}
