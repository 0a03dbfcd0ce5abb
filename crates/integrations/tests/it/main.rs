//! Functions and connectors against real processes: `python3` and `node` must be installed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bench;
mod handlers;
mod invoke;
mod optimised;
mod order_saga;
mod processes;
