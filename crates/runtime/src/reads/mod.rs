//! Reading executions back from the store: where a name leads, what an execution is and how it ended, and its history by page.
//! Folds nothing and needs no shard: a record carries its public id, so every answer is a few range reads.
//!
//! Everything here blocks on the store. It decides nothing about executions and knows no ARN.

mod error;
mod execution;
mod history;
mod index;
mod records;
mod visit;
mod waiting;

pub use error::ReadError;
pub use execution::{Description, describe, find};
pub use history::{HistoryPage, HistoryQuery, history};
pub use index::{Backoff, Entry, FrameKind, FrameStart, Index, IndexReader, Waiting};
pub use visit::{Attempt, Outcome, Visit, visit};
pub use waiting::{WaitingTask, waiting_task};
