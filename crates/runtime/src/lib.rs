//! Tokio around shards: mailboxes, the committer, the clock, entropy, and the tasks that make connectors' calls.
//!
//! [`Engine`] is what servers hold. Not here: what is decided (`engine`, `interpreter`), what the API looks like (`server`).

mod activities;
mod blocking;
mod calls;
pub mod catalogue;
mod changes;
mod clock;
mod committer;
mod driver;
mod error;
mod express;
mod handle;
mod loader;
mod logs;
mod mailbox;
mod open_executions;
pub mod reads;
mod rehearsal;
mod reindex;
pub mod retention;
mod test_state;

pub use activities::{ActivityTask, PollError};
pub use blocking::blocking;
pub use calls::task_of;
pub use catalogue::{Catalogue, Revision};
pub use clock::{now, random_u64};
pub use error::{EngineError, RedriveError, StartError, TokenError};
pub use express::SyncOutcome;
pub use handle::{Engine, Options, StartExecution, Started};
pub use logs::{LogBatch, LogLine, LogOutlet};
pub use rehearsal::{Rehearsal, Script, Step, Stuck};
pub use reindex::{Report as ReindexReport, reindex};
pub use test_state::TestedState;
