//! JSONata 2.0.6 as the States Language has it: an expression is compiled once and evaluated many times, under a budget.
//!
//! The reference is jsonata-js 2.0.6, which the service's behaviour follows down to its messages. What the service does
//! differently, this does too: no `$eval`; `$partition`, `$range`, `$hash`, `$random(seed)`, `$uuid` and `$parse`; integers exact
//! through 64 bits; at most 100 expressions inside each other.
//!
//! *Not* here: the States Language (what `$states` holds, which field an expression stands in), clocks and randomness (they come
//! in with the [`Context`]). Values are shared, never copied: results alias their inputs.

mod ast;
mod budget;
mod datetime;
mod environment;
mod error;
mod eval;
mod expression;
mod function;
mod functions;
mod item;
mod number;
mod outline;
mod parse;
mod regex;
mod signature;

pub use budget::Limits;
pub use error::{Error, ErrorKind};
pub use expression::{Context, Expression};
pub use outline::{Outline, References};
