//! Generated execution names: a UUID of version 8 that says the execution's key, so that no index has to be asked.
//! The bits that the key leaves free are a checksum of it: a UUID that was not made here is not taken for one.

use interpreter::EffectId;
use store::ExecutionKey;

/// The name of an execution that the client did not name.
pub fn name_of(key: ExecutionKey) -> String {
    let high = (key.0 >> 15) << 16 | 0x8000 | ((key.0 >> 3) & 0x0FFF);
    let low = (0b10 << 62) | ((key.0 & 0b111) << 59) | checksum(key);
    uuid(high, low)
}

fn uuid(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// The name of a child that its parent did not name: a function of the parent and the task that wants it, so that asking
/// twice is asking for the same one. It says no key: like a client's name, it is looked up.
pub fn child_name_of(parent: ExecutionKey, effect: EffectId) -> String {
    let high = mixed(parent.0 ^ u64::from(effect).rotate_left(40));
    let low = mixed(high ^ parent.0.rotate_left(32) ^ u64::from(effect));
    uuid(high & !0xF000 | 0x8000, low >> 2 | 0b10 << 62)
}

/// The key that a generated name says, or `None` when the name was not generated.
pub fn key_of(name: &str) -> Option<ExecutionKey> {
    let bytes = name.as_bytes();
    if bytes.len() != 36 || !name.is_ascii() {
        return None;
    }
    let mut bits: u128 = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => {}
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => bits = bits << 4 | u128::from(byte - b'0'),
            (_, b'a'..=b'f') => bits = bits << 4 | u128::from(byte - b'a' + 10),
            _ => return None,
        }
    }
    let (high, low) = ((bits >> 64) as u64, bits as u64);
    let key = ExecutionKey((high >> 16) << 15 | (high & 0x0FFF) << 3 | (low >> 59) & 0b111);
    (name_of(key) == name).then_some(key)
}

/// 59 bits that look random and follow from the key.
fn checksum(key: ExecutionKey) -> u64 {
    mixed(key.0) >> 5
}

/// Bits that look random and follow from these; different for different ones.
fn mixed(bits: u64) -> u64 {
    let mut z = bits ^ 0x5354_4550_5745_4C4C;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::ShardId;

    #[test]
    fn a_generated_name_says_its_key() {
        for (at, counter, shard) in [(1_763_600_000_000, 0, 0), (1_763_600_000_001, 16_383, 255), (0, 7, 3)] {
            let key = ExecutionKey::new(at, counter, ShardId(shard));
            let name = name_of(key);
            assert_eq!(name.len(), 36);
            assert_eq!(name.as_bytes()[14], b'8', "version of {name}");
            assert!(matches!(name.as_bytes()[19], b'8'..=b'b'), "variant of {name}");
            assert_eq!(key_of(&name), Some(key), "{name}");
        }
    }

    #[test]
    fn each_task_has_one_child_whose_name_says_no_key() {
        let mut names = std::collections::BTreeSet::new();
        for counter in 0..100 {
            for effect in 0..100 {
                let parent = ExecutionKey::new(1_763_600_000_000, counter, ShardId(1));
                let name = child_name_of(parent, effect);
                assert_eq!(name, child_name_of(parent, effect));
                assert_eq!((name.as_bytes()[14], key_of(&name)), (b'8', None), "{name}");
                assert!(matches!(name.as_bytes()[19], b'8'..=b'b'), "variant of {name}");
                assert!(names.insert(name), "two tasks with one child");
            }
        }
    }

    #[test]
    fn other_names_are_not_taken_for_generated_ones() {
        for name in
            ["", "order-1", "0193f7a0-1234-8abc-9def-0123456789ab", "0193F7A0-1234-8ABC-9DEF-0123456789AB"]
        {
            assert_eq!(key_of(name), None, "{name}");
        }
    }
}
