//! Known mistakes, built in on purpose: a simulator that does not find them finds nothing.

use store::{Commit, ExecutionChange};

/// A mistake of whoever drives a shard or of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The shard hears that a commit is durable before it is.
    AcknowledgeEarly,
    /// A failed commit is taken for a good one.
    IgnoreFailure,
    /// Recovery finds no tasks.
    SkipRecovery,
    /// Rows that are due are not found.
    LoseDueRows,
    /// A name is never found.
    LoseNames,
    /// One pending row of a commit is not written.
    DropPending,
    /// Rows that are settled stay.
    KeepSettled,
    /// A status is not written.
    DropStatus,
    /// A name is not written.
    DropName,
    /// Every call is repeated after a crash.
    RepeatCalls,
    /// A node that lost its shard goes on writing.
    Unfenced,
    /// Answers of tasks get lost.
    LoseAnswers,
    /// Executions that left memory are not found again.
    LoseLoads,
    /// Parents are not told of their children's ends.
    LoseReports,
    /// What nobody wants any more is not stopped.
    LoseStops,
    /// Children are started as if by anybody.
    ForgetParents,
    /// A task that no worker received stays with nobody.
    KeepUndelivered,
    /// Tasks that wait for a worker are not announced again after a crash.
    LoseQueues,
    /// Accepted Express starts are not found after a crash.
    LoseExpress,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Sabotage; 19] = [
        Sabotage::AcknowledgeEarly,
        Sabotage::IgnoreFailure,
        Sabotage::SkipRecovery,
        Sabotage::LoseDueRows,
        Sabotage::LoseNames,
        Sabotage::DropPending,
        Sabotage::KeepSettled,
        Sabotage::DropStatus,
        Sabotage::DropName,
        Sabotage::RepeatCalls,
        Sabotage::Unfenced,
        Sabotage::LoseAnswers,
        Sabotage::LoseLoads,
        Sabotage::LoseReports,
        Sabotage::LoseStops,
        Sabotage::ForgetParents,
        Sabotage::KeepUndelivered,
        Sabotage::LoseQueues,
        Sabotage::LoseExpress,
    ];

    /// What becomes of a commit on its way to the store.
    pub fn spoil(self, commit: &mut Commit) {
        match self {
            Sabotage::DropPending => _ = commit.pending.pop(),
            Sabotage::KeepSettled => commit.settled.clear(),
            Sabotage::DropStatus => {
                commit.executions.retain(|change| matches!(change, ExecutionChange::Started(_)));
            }
            Sabotage::DropName => commit.names.clear(),
            Sabotage::AcknowledgeEarly
            | Sabotage::IgnoreFailure
            | Sabotage::SkipRecovery
            | Sabotage::LoseDueRows
            | Sabotage::LoseNames
            | Sabotage::RepeatCalls
            | Sabotage::Unfenced
            | Sabotage::LoseAnswers
            | Sabotage::LoseLoads
            | Sabotage::LoseReports
            | Sabotage::LoseStops
            | Sabotage::ForgetParents
            | Sabotage::KeepUndelivered
            | Sabotage::LoseQueues
            | Sabotage::LoseExpress => {}
        }
    }
}
