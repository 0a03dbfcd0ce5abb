//! Many executions on one shard: group commit, timers, reconciliation. No I/O, no clock: time is an argument, and what
//! the world must do is an [`Action`] that the driver polls for.
//!
//! Not here: one execution (`interpreter`), threads and sockets (`runtime`), what a store writes (`store`).

mod action;
mod activities;
pub mod catalogue;
mod command;
mod delivery;
mod duties;
mod express;
mod group;
mod ids;
mod names;
mod reconcile;
mod recovery;
mod redrive;
mod rows;
mod shard;
mod slot;
mod timers;

pub use action::{AbandonAction, Action, CallAction, Reply, Ticket};
pub use activities::{ActivityAction, ActivityQueues, Polled, QueuedTask, Taken};
pub use command::{Existing, Loaded, StartCommand, TaskOutcome};
pub use express::{EXPRESS_MS, ExpressRun, ExpressStart};
pub use ids::{child_name_of, key_of, name_of};
pub use rows::pending_rows;
pub use shard::{Gauges, Settings, Shard};
pub use slot::index_status;
