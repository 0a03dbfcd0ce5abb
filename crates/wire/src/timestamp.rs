//! The API's time: whole milliseconds since the Unix epoch, written as a JSON number of seconds with a fraction.
//! It does not know what time it is, nor any calendar.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in whole milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, with the milliseconds as a fraction.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Seconds)
    }
}

struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds since the epoch")
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Timestamp, E> {
        let millis = (seconds * 1000.0).round();
        if millis.is_finite() && millis.abs() < 9.0e15 {
            Ok(Timestamp(millis as i64))
        } else {
            Err(E::custom("a time out of range"))
        }
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Timestamp, E> {
        seconds.checked_mul(1000).map(Timestamp).ok_or_else(|| E::custom("a time out of range"))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Timestamp, E> {
        i64::try_from(seconds)
            .map_err(|_| E::custom("a time out of range"))
            .and_then(|seconds| self.visit_i64(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[track_caller]
    fn check(millis: i64, text: &str) {
        let time = Timestamp::from_millis(millis);
        assert_eq!(serde_json::to_string(&time).unwrap(), text);
        assert_eq!(serde_json::from_str::<Timestamp>(text).unwrap(), time);
    }

    #[test]
    fn milliseconds_survive() {
        check(0, "0.0");
        check(1_731_000_000_123, "1731000000.123");
        check(1_731_000_000_000, "1731000000.0");
        check(1_795_173_123_999, "1795173123.999");
        check(-1, "-0.001");
    }

    #[test]
    fn whole_seconds_and_garbage() {
        assert_eq!(serde_json::from_str::<Timestamp>("17").unwrap().millis(), 17_000);
        for text in ["1e300", "9223372036854775807", "18446744073709551615", "\"17\"", "null"] {
            assert!(serde_json::from_str::<Timestamp>(text).is_err(), "{text}");
        }
    }
}
