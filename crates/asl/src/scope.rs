//! What an expression may see: the data, the context object, the variables, and a source of drawn numbers.
//! All of them are values or pure functions; nothing here reads a clock or a random device.

use std::cell::Cell;

use value::Value;

/// What an expression is evaluated in.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// `$`.
    pub data: &'a Value,
    /// `$$`, built when first asked for.
    pub context: &'a dyn Fn() -> Value,
    /// `$name`: the value that the variable had when the state was entered.
    pub variables: &'a dyn Fn(&str) -> Option<Value>,
    /// For `States.UUID` and `States.MathRandom` without a seed.
    pub draws: &'a Draws,
}

/// A reproducible sequence of 64-bit numbers (SplitMix64) that starts at a seed; the caller derives the seed
/// from the execution's own and the event number, so that draws do not depend on the order of other work.
#[derive(Debug)]
pub struct Draws {
    state: Cell<u64>,
}

impl Draws {
    /// A sequence from a seed.
    pub fn new(seed: u64) -> Draws {
        Draws { state: Cell::new(seed) }
    }

    /// The next number, uniform over all 64-bit values.
    pub fn next_u64(&self) -> u64 {
        let state = self.state.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.state.set(state);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The next number, uniform over [0, 1).
    pub fn next_unit(&self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}
