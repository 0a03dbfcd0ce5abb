//! What runs amounted to: proof that a simulator that finds nothing has looked.

use std::collections::BTreeMap;
use std::fmt;

use engine::Reply;
use interpreter::{Event, ExecutionEvent, StateEvent, TaskEvent};

use crate::ask::Ask;
use crate::shadow::{INTERRUPTED, Shadow};

/// Counts over runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    counts: BTreeMap<&'static str, u64>,
}

impl Report {
    /// One more.
    pub(crate) fn count(&mut self, what: &'static str) {
        self.count_many(what, 1);
    }

    /// So many more.
    pub(crate) fn count_many(&mut self, what: &'static str, many: u64) {
        *self.counts.entry(what).or_default() += many;
    }

    /// How often something happened.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Report) {
        other.counts.iter().for_each(|(what, many)| self.count_many(what, *many));
    }

    /// Counts what an execution went through.
    pub(crate) fn count_execution(&mut self, shadow: &Shadow) {
        self.count("executions");
        for record in &shadow.records {
            let what = match &record.event {
                Event::Execution(ExecutionEvent::Started(_)) => "started",
                Event::Execution(ExecutionEvent::Succeeded { .. }) => "succeeded",
                Event::Execution(ExecutionEvent::Failed { cause: Some(cause), .. })
                    if cause.contains("maximum number of history events") =>
                {
                    "histories full"
                }
                Event::Execution(ExecutionEvent::Failed { cause: Some(cause), .. })
                    if cause.ends_with("has been deleted.") =>
                {
                    "ended by deletion"
                }
                Event::Execution(ExecutionEvent::Failed { .. }) => "failed",
                Event::Execution(ExecutionEvent::TimedOut) => "timed out",
                Event::Execution(ExecutionEvent::Aborted { .. }) => "aborted",
                Event::State(StateEvent::Waiting { .. }) => "waits",
                Event::State(StateEvent::RetryScheduled { .. }) => "retries",
                Event::State(StateEvent::Aborted { .. }) => "states aborted",
                Event::Task(TaskEvent::TimedOut { heartbeat: true, .. }) => "heartbeats missed",
                Event::Task(TaskEvent::TimedOut { .. }) => "task timeouts",
                Event::Task(TaskEvent::AnsweredEarly { .. }) => "early answers",
                Event::Task(TaskEvent::Returned) => "tasks returned",
                Event::Task(TaskEvent::Submitted { .. }) => "submissions",
                Event::Task(TaskEvent::Failed { cause: Some(cause), .. })
                    if cause.starts_with(INTERRUPTED) =>
                {
                    "interruptions"
                }
                Event::Execution(ExecutionEvent::Redriven(_)) => "redriven",
                Event::Execution(ExecutionEvent::Adopted { .. }) => "adoptions",
                Event::Task(TaskEvent::Released { .. }) => "releases noted",
                Event::State(_) | Event::Task(_) | Event::Parallel(_) | Event::Map(_) => "other records",
            };
            self.count(what);
        }
    }

    /// Counts a reply.
    pub(crate) fn count_reply(&mut self, ask: &Ask, reply: &Reply) {
        self.count(match (ask, reply) {
            (Ask::Start(_), Reply::Started { .. }) => "starts accepted",
            (Ask::Start(_), _) => "names taken",
            (Ask::Stop { .. }, Reply::Stopped { .. }) => "stops accepted",
            (Ask::Stop { .. }, _) => "stops of nothing",
            (Ask::Redrive { .. }, Reply::Redriven { .. }) => "redrives accepted",
            (Ask::Redrive { .. }, _) => "redrives refused",
            (Ask::Answer { .. }, Reply::Accepted) => "answers accepted",
            (Ask::Answer { .. }, _) => "answers refused",
            (Ask::StartExpress { .. }, _) => "express starts answered",
            (Ask::Take { .. }, Reply::Task { .. }) => "tasks handed over",
            (Ask::Take { .. }, _) => "tasks gone",
            (Ask::PutBack { .. }, _) => "puttings back",
            (Ask::Heartbeat { .. }, Reply::Accepted) => "heartbeats accepted",
            (Ask::Heartbeat { .. }, _) => "heartbeats refused",
            (Ask::Between(..), _) => "answers between shards",
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.counts.iter().map(|(what, many)| format!("{many} {what}")).collect();
        f.write_str(&counts.join(", "))
    }
}
