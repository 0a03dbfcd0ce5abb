//! The simulator finds every known mistake, and nothing in what is right.

use sim::{Report, Sabotage};

/// Seeds within which each mistake must be found.
const SEEDS: u64 = 50;

#[test]
fn every_known_mistake_is_found() {
    let missed: Vec<Sabotage> = Sabotage::ALL
        .into_iter()
        .filter(|sabotage| (0..SEEDS).all(|seed| sim::run(seed, Some(*sabotage)).is_ok()))
        .collect();
    assert!(missed.is_empty(), "not found within {SEEDS} seeds: {missed:?}");
}

/// What must have happened over some hundred seeds: a simulator that stays away from the corners finds nothing there.
const CORNERS: &[&str] = &[
    "aborted",
    "abandoned while starting",
    "adoptions",
    "children found",
    "releases noted",
    "answers accepted",
    "answers refused",
    "crashes",
    "early answers",
    "failed",
    "failed commits",
    "fenced commits",
    "heartbeats accepted",
    "heartbeats missed",
    "heartbeats refused",
    "histories full",
    "interruptions",
    "loads",
    "names taken",
    "polls",
    "redriven",
    "redrives accepted",
    "redrives refused",
    "retries",
    "states aborted",
    "stops of nothing",
    "succeeded",
    "ended by deletion",
    "express runs",
    "express runs again",
    "tasks received",
    "tasks returned",
    "tasks gone",
    "task timeouts",
    "timed out",
    "waits",
];

#[test]
fn no_rule_is_broken_without_a_mistake_and_every_corner_is_seen() {
    let mut sum = Report::default();
    for seed in 0..4 * SEEDS {
        match sim::run(seed, None) {
            Ok(report) => sum.add(&report),
            Err(breach) => panic!("seed {seed} {breach}"),
        }
    }
    let unseen: Vec<&&str> = CORNERS.iter().filter(|corner| sum.of(corner) == 0).collect();
    assert!(unseen.is_empty(), "never seen: {unseen:?} in {sum}");
}

#[test]
fn a_seed_is_the_same_run_every_time() {
    for seed in 0..10 {
        assert_eq!(sim::trace(seed), sim::trace(seed), "seed {seed}");
        assert!(!sim::trace(seed).is_empty(), "seed {seed} does nothing");
    }
}
