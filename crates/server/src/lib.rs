//! The public API over HTTP: AWS JSON 1.0, one port, any host name. One file per operation in `operations`.
//!
//! It turns requests into calls of `runtime` and answers into the service's shapes and words. It decides nothing about
//! executions, and it does not listen by itself: the caller brings the socket, the engine, and the end.

mod answer;
mod arn;
mod body;
mod console;
mod deadline;
mod errors;
mod listener;
mod lookup;
mod mocks;
mod operations;
mod options;
mod pages;
mod qualifier;
mod rates;
mod request_id;
mod service;
mod tasks;

pub use console::is_embedded as has_console;
pub use listener::serve;
pub use options::Options;
pub use tasks::OwnTasks;
