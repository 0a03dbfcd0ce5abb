//! Many executions on one shard: group commit, timers, reconciliation. No I/O.

pub mod catalogue;
