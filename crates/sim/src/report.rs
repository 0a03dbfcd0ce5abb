//! What runs amounted to: proof that a simulator that finds nothing has looked.

use std::fmt;

/// Counts over runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "counts of what their names say")]
pub struct Report {
    pub steps: u64,
    pub executions: u64,
    pub closed: u64,
    pub records: u64,
    pub commits: u64,
    pub failed_commits: u64,
    pub crashes: u64,
    pub asks: u64,
    pub calls: u64,
    pub polls: u64,
    pub loads: u64,
}

impl Report {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Report) {
        self.steps += other.steps;
        self.executions += other.executions;
        self.closed += other.closed;
        self.records += other.records;
        self.commits += other.commits;
        self.failed_commits += other.failed_commits;
        self.crashes += other.crashes;
        self.asks += other.asks;
        self.calls += other.calls;
        self.polls += other.polls;
        self.loads += other.loads;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} executions, {} records in {} commits ({} failed), {} crashes, {} requests, {} calls, {} polls, {} loads, {} steps",
            self.executions,
            self.records,
            self.commits,
            self.failed_commits,
            self.crashes,
            self.asks,
            self.calls,
            self.polls,
            self.loads,
            self.steps
        )
    }
}
