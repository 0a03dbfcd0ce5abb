//! A simulator of shards: seeded, in simulated time, without threads and clocks. Real shards and the real store in memory;
//! simulated clients, tasks, slowness, crashes, lost and unknown commits. After every step the rules that the service
//! promises are checked against what is durable; at the end everything must have ended and nothing may be left.
//!
//! *Not* here: tokio, sockets, real processes (the crash test does those) and the meaning of definitions (the
//! interpreter's scenarios do that).

mod ask;
mod children;
mod clients;
mod definitions;
mod express;
mod news;
mod outside;
mod plan;
mod report;
mod rng;
mod sabotage;
mod shadow;
mod truth;
mod work;
mod workers;
mod world;

pub use report::Report;
pub use sabotage::Sabotage;

/// Runs one seed; with a known mistake built in, if one is named.
///
/// # Errors
/// The rule that was broken, and when.
pub fn run(seed: u64, sabotage: Option<Sabotage>) -> Result<Report, String> {
    let mut world = world::World::new(seed, sabotage)?;
    match world.run() {
        Ok(()) => Ok(world.report),
        Err(breach) => Err(format!("at step {}: {breach}", world.steps)),
    }
}

/// Everything that happens in the run of one seed, in order.
pub fn trace(seed: u64) -> Vec<String> {
    let Ok(mut world) = world::World::new(seed, None) else { return Vec::new() };
    world.trace = Some(Vec::new());
    // Whether it ends well is for `run` to say.
    let _ = world.run();
    world.trace.unwrap_or_default()
}
