//! The simulator finds every known mistake, and nothing in what is right.

use sim::Sabotage;

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

#[test]
fn no_rule_is_broken_without_a_mistake() {
    for seed in 0..2 * SEEDS {
        if let Err(breach) = sim::run(seed, None) {
            panic!("seed {seed} {breach}");
        }
    }
}

#[test]
fn a_seed_is_the_same_run_every_time() {
    for seed in 0..10 {
        assert_eq!(sim::trace(seed), sim::trace(seed), "seed {seed}");
        assert!(!sim::trace(seed).is_empty(), "seed {seed} does nothing");
    }
}
