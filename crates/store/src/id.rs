//! Keys of executions and shards. An execution's key encodes when and on which shard it was made, so that keys
//! are written in order and no one has to be asked where an execution lives.

/// Number of a shard; at most 256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShardId(pub u8);

/// Key of an execution: 41 bits milliseconds since 2024-01-01T00:00:00Z, 14 bits counter, 8 bits shard; never negative as i64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionKey(pub u64);

/// 2024-01-01T00:00:00Z in milliseconds since the Unix epoch.
const EPOCH_MS: i64 = 1_704_067_200_000;

impl ExecutionKey {
    /// Makes a key. `at_ms` is clamped to what 41 bits hold (until the year 2093).
    pub fn new(at_ms: i64, counter: u16, shard: ShardId) -> ExecutionKey {
        let millis = (at_ms.saturating_sub(EPOCH_MS)).clamp(0, (1 << 41) - 1) as u64;
        ExecutionKey((millis << 22) | (u64::from(counter & 0x3FFF) << 8) | u64::from(shard.0))
    }

    /// The largest counter within one millisecond.
    pub const MAX_COUNTER: u16 = 0x3FFF;

    /// The shard that owns the execution.
    pub fn shard(self) -> ShardId {
        ShardId((self.0 & 0xFF) as u8)
    }

    /// When the key was made, in milliseconds since the Unix epoch.
    pub fn at_ms(self) -> i64 {
        (self.0 >> 22) as i64 + EPOCH_MS
    }

    /// As a signed integer, as databases hold it; order is kept.
    pub fn as_i64(self) -> i64 {
        self.0 as i64
    }

    /// From what a database holds.
    pub fn from_i64(value: i64) -> ExecutionKey {
        ExecutionKey(value as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_when_and_where_and_are_in_order() {
        let keys = [
            (EPOCH_MS - 1, 0, 0, EPOCH_MS),
            (EPOCH_MS, 1, 255, EPOCH_MS),
            (EPOCH_MS, ExecutionKey::MAX_COUNTER, 3, EPOCH_MS),
            (EPOCH_MS + 1, 0, 0, EPOCH_MS + 1),
            (i64::MAX, u16::MAX, 255, EPOCH_MS + (1 << 41) - 1),
        ]
        .map(|(at, counter, shard, expected)| {
            let key = ExecutionKey::new(at, counter, ShardId(shard));
            assert_eq!((key.at_ms(), key.shard()), (expected, ShardId(shard)));
            assert_eq!(ExecutionKey::from_i64(key.as_i64()), key);
            key
        });
        assert!(keys.is_sorted() && keys.map(ExecutionKey::as_i64).is_sorted());
    }
}
