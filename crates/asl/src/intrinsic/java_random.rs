//! The generator that the service's seeded random numbers come from: `java.util.Random`, by its published algorithm
//! (a 48-bit linear congruential generator). Not for secrets.

/// A generator with the state of `new java.util.Random(seed)`.
pub(super) struct JavaRandom {
    state: u64,
}

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl JavaRandom {
    pub(super) fn new(seed: i64) -> JavaRandom {
        JavaRandom { state: (seed as u64 ^ MULTIPLIER) & MASK }
    }

    /// The next `bits` (1..=32) pseudorandom bits as a signed number.
    fn next(&mut self, bits: u32) -> i32 {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        (self.state >> (48 - bits)) as i32
    }

    /// A number in `start..end`, each equally likely; `start` must be below `end`.
    pub(super) fn in_range(&mut self, start: i32, end: i32) -> i32 {
        let span = end.wrapping_sub(start);
        if span > 0 {
            return start + self.below(span);
        }
        loop {
            let number = self.next(32);
            if (start..end).contains(&number) {
                return number;
            }
        }
    }

    /// `nextInt(bound)`; `bound` is positive.
    fn below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let value = bits % bound;
            if bits.wrapping_sub(value).wrapping_add(bound - 1) >= 0 {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `nextDouble()`, to compare with the number that the service documents for a seed.
    fn next_double(random: &mut JavaRandom) -> f64 {
        let high = i64::from(random.next(26)) << 27;
        (high + i64::from(random.next(27))) as f64 / (1_u64 << 53) as f64
    }

    #[test]
    fn gives_javas_numbers() {
        assert_eq!(next_double(&mut JavaRandom::new(42)), 0.7275636800328681);
        let mut random = JavaRandom::new(42);
        let numbers: Vec<i32> = (0..5).map(|_| random.in_range(0, 10)).collect();
        assert_eq!(numbers, [0, 3, 8, 4, 0]);
        assert_eq!(JavaRandom::new(42).next(32), -1_170_105_035);
    }

    #[test]
    fn stays_in_range_when_the_span_overflows() {
        let mut random = JavaRandom::new(7);
        for _ in 0..100 {
            let number = random.in_range(i32::MIN, i32::MAX);
            assert!(number < i32::MAX);
        }
    }
}
