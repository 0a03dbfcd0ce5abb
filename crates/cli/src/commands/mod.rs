//! The commands, one file each: its flags, and what it does with them. They use the public API only.

pub mod activity;
pub mod backup;
pub mod completions;
pub mod demo;
pub mod deploy;
pub mod describe;
pub mod doctor;
pub mod env;
pub mod explain;
pub mod graph;
pub mod history;
pub mod lint;
pub mod list;
pub mod logs;
pub mod payload;
pub mod redrive;
pub mod reindex;
pub mod run;
pub mod serve;
pub mod start;
pub mod stop;
pub mod tail;
pub mod task;
mod task_list;
pub mod test_state;
pub mod validate;
pub mod wait;
