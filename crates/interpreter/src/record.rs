//! The record: one decision, as it is stored. Everything that is known of an execution is the fold of its records.

use minicbor::{Decode, Encode};

use crate::data::Payloads;
use crate::event::Event;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub i64);

impl Timestamp {
    /// This time plus some seconds; saturates.
    pub fn plus_seconds(self, seconds: u64) -> Timestamp {
        let millis = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        Timestamp(self.0.saturating_add(millis))
    }
}

/// Number of a frame (a thread of control) within an execution; the top level is 0.
pub type FrameId = u32;

/// The frame of the top level.
pub const ROOT: FrameId = 0;

/// The place of a record in the public history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PublicId {
    /// `id`.
    #[n(0)]
    pub id: u32,
    /// `previousEventId`.
    #[n(1)]
    pub previous: u32,
}

/// One decision of an execution.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array, context_bound = "Payloads")]
pub struct Record {
    /// Sequence number: 1, 2, 3 …
    #[n(0)]
    pub seq: u32,
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// Which thread of control.
    #[n(2)]
    pub frame: FrameId,
    /// Its public id, if the public history shows it.
    #[n(3)]
    pub public: Option<PublicId>,
    /// What happened.
    #[n(4)]
    pub event: Event,
}
