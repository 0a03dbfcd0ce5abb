//! The server over a real socket: the operations against a memory store, and what clients do wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod executions;
mod harness;
mod machines;
mod mocks;
mod protocol;
mod redrive;
mod test_state;
mod tokens;
mod versions;
