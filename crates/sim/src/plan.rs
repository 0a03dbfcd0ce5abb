//! What a seed draws once: how large the world is, how it is set, and how badly it behaves.

use engine::Settings;

use crate::rng::Rng;

/// How a run is set up.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many shards.
    pub shards: u8,
    /// How many machines.
    pub machines: u64,
    /// How many starts are asked for.
    pub starts: u64,
    /// How often a worker polls for a task.
    pub polls: u64,
    /// How many Express executions are started that run on.
    pub express: u64,
    /// The machine that is deleted, and when, in milliseconds.
    pub deletion: Option<(u64, i64)>,
    /// Different names that starts use.
    pub names: u64,
    /// Milliseconds of simulated time in which clients are busy and things go wrong.
    pub busy_ms: i64,
    /// Of each shard.
    pub settings: Settings,
    /// Of each execution.
    pub transitions_per_turn: u32,
    /// Of each execution.
    pub history_events: Option<u32>,
    /// How many crashes.
    pub crashes: u64,
    /// Commits of a hundred that fail.
    pub failed_commits: u64,
    /// The longest that a commit or a read takes, in milliseconds.
    pub slowness_ms: i64,
    /// Rows of a page of due rows.
    pub due_page: usize,
    /// Messages of a hundred after which the driver does not act at once.
    pub bursts: u64,
}

impl Plan {
    /// The plan of a seed.
    pub fn draw(rng: &mut Rng) -> Plan {
        let deletion = rng.chance(20).then(|| (rng.between(0, 2) as u64, rng.between(0, 300_000)));
        Plan {
            polls: rng.between(0, 80) as u64,
            express: rng.between(0, 12) as u64,
            deletion,
            shards: rng.between(1, 3) as u8,
            machines: rng.between(1, 3) as u64,
            starts: rng.between(1, 14) as u64,
            names: rng.between(1, 6) as u64,
            busy_ms: rng.between(1_000, 300_000),
            settings: Settings {
                concurrent_tasks: if rng.chance(40) { rng.between(1, 3) as usize } else { 1_000 },
                idle_executions: if rng.chance(60) { rng.between(0, 2) as usize } else { 10_000 },
                poll_interval_ms: rng.between(100, 5_000),
                express_executions: if rng.chance(50) { rng.between(1, 3) as usize } else { 1_000 },
                loads: if rng.chance(30) { rng.between(1, 3) as usize } else { 1_000 },
                ..Settings::default()
            },
            transitions_per_turn: if rng.chance(40) { rng.between(1, 4) as u32 } else { 1_000 },
            history_events: if rng.chance(15) { Some(rng.between(5, 60) as u32) } else { Some(25_000) },
            crashes: if rng.chance(30) { 0 } else { rng.between(1, 8) as u64 },
            failed_commits: if rng.chance(50) { 0 } else { rng.between(1, 15) as u64 },
            slowness_ms: [2, 50, 3_000][rng.weighted(&[40, 40, 20])],
            due_page: if rng.chance(50) { rng.between(1, 4) as usize } else { 10_000 },
            bursts: if rng.chance(50) { 0 } else { 40 },
        }
    }
}
