//! One execution as a state machine over events. No clock, no I/O, no randomness: time, seeds and answers are inputs.
//!
//! - [`Execution::advance`] decides: it takes one [`Input`] and returns the [`Record`]s to commit.
//! - [`Execution::apply`] is the only mutator; folding the records of an execution gives its state.
//! - [`Execution::outstanding`] says what the world must be doing for it now.
//! - [`history`] projects records to the public history.
//!
//! Not here: many executions, group commit, timers (`engine`), and the language itself (`asl`).

mod apply;
mod child;
mod codec;
mod context;
mod data;
mod dataflow;
mod environment;
mod event;
mod execution;
mod failure;
mod frame;
pub mod history;
mod input;
mod limits;
mod record;
mod redrive;
mod step;
mod test_state;
mod text;
mod token;
mod turn;

pub use child::{Abandoned, Parent};
pub use codec::{DecodeError, Decoder, decode_batch, encode_batch};
pub use data::Data;
pub use environment::{ActivityExists, Deadline, Environment, Place, WaitScale, any_activity, no_deadline};
pub use event::{
    Event, ExecutionEvent, MapEvent, ParallelEvent, Started, StateEvent, StateKind, TaskEvent, TaskKind,
};
pub use execution::{Effect, EffectId, Execution, Status, TaskEffect, TaskMock, TaskPhase};
pub use failure::Failure;
pub use input::{Answer, Input, Stale, Start};
pub use limits::Limits;
pub use record::{FrameId, PublicId, ROOT, Record, Timestamp};
pub use redrive::{NotRedrivable, Point, Redriven, Resume};
pub use test_state::{Inspection, Mock, STATE_NAME, Stage, StateTest, StateTestOutcome, StateTestSetup};
pub use text::Text;
pub use token::{TokenKey, TokenSubject};
