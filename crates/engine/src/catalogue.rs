//! The catalogue's rows and the rules by which they change: what a state machine and a revision are, when a create is a
//! repetition, what an update makes. Pure: time and new ids are arguments, and nothing here reads or writes a store.
//!
//! It does not check definitions (the language's work) and knows no ARN: state machines go by name here.

mod activity;
mod configuration;
mod machine;
mod refused;
mod tags;

pub use activity::ActivityRow;
pub use configuration::{
    MAX_TAGS, check_encryption, check_logging, normal_encryption, normal_logging, normal_tracing,
};
pub use machine::{Creation, MachineRow, RevisionRow, Settings, Update, create, updated};
pub use refused::Refused;
pub use tags::{TagRow, merge, without};
