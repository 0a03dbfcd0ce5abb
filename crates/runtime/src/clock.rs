//! The clock and the entropy of the process: the only places that read them.

use std::time::{SystemTime, UNIX_EPOCH};

use interpreter::Timestamp;

/// Milliseconds since the Unix epoch, now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// 64 random bits of the operating system.
pub fn random_u64() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// Random bytes of the operating system. Without them no secret can be made, so the process ends.
pub(crate) fn fill(bytes: &mut [u8]) {
    if let Err(why) = getrandom::fill(bytes) {
        tracing::error!("the operating system gives no random numbers: {why}");
        std::process::abort();
    }
}
