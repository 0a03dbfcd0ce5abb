//! The catalogue's rows and the rules by which they change: what a state machine and a revision are, when a create is a
//! repetition, what an update makes; what versions and aliases are, and what may become of them. Pure: time and new ids are arguments, and nothing here reads or writes a store.
//!
//! It does not check definitions (the language's work) and knows no ARN: state machines go by name here.

mod activity;
mod alias;
mod configuration;
mod machine;
mod quotas;
mod refused;
mod tags;
mod version;

pub use activity::ActivityRow;
pub use alias::{AliasRow, AliasUpdate, Route, alias_id, alias_name, check_routes, create_alias};
pub use configuration::{
    MAX_TAGS, check_encryption, check_logging, normal_encryption, normal_logging, normal_tracing,
};
pub use machine::{Creation, MachineRow, RevisionRow, Settings, Update, create, updated};
pub use quotas::{Quotas, check_quota};
pub use refused::Refused;
pub use tags::{TagRow, merge, without};
pub use version::{
    INITIAL_REVISION, Publication, VersionRow, check_revision, publish, qualifier_number, version_id,
    version_number, version_prefix,
};
