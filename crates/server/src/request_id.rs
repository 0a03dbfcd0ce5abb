//! Ids of requests (`x-amzn-RequestId`): unlike each other, not secret.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::HeaderValue;

/// Makes ids of the form of a UUID without asking the operating system for each.
#[derive(Debug)]
pub(crate) struct RequestIds {
    seed: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(seed: u64) -> RequestIds {
        RequestIds { seed, next: AtomicU64::new(0) }
    }

    /// The next id.
    pub(crate) fn next(&self) -> HeaderValue {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let (high, low) = (mix(self.seed ^ count), mix(self.seed.wrapping_add(count).rotate_left(32)));
        let bits =
            (u128::from(high) << 64 | u128::from(low)) & !(0xF << 76 | 0b11 << 62) | 4 << 76 | 0b10 << 62;
        let mut text = [b'-'; 36];
        let mut shift = 128;
        for (at, place) in text.iter_mut().enumerate() {
            if !matches!(at, 8 | 13 | 18 | 23) {
                shift -= 4;
                *place = b"0123456789abcdef"[(bits >> shift & 0xF) as usize];
            }
        }
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("-"))
    }
}

/// Steele and others' splitmix64.
fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let ids = RequestIds::new(7);
        let made: HashSet<String> = (0..1000).map(|_| ids.next().to_str().unwrap().to_owned()).collect();
        assert_eq!(made.len(), 1000);
        for id in made {
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!((parts.as_slice(), &id[14..15]), ([8, 4, 4, 4, 12].as_slice(), "4"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
    }
}
