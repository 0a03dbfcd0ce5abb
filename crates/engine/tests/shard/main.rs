//! A shard driven by hand: what it asks for, in which order, and what it answers, over the store in memory. Chance and
//! long runs are the simulator's; here stands one test for each rule that a reader should know.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod activities;
mod bench;
mod children;
mod express;
mod redrive;
mod starts;
mod tasks;
mod time;
