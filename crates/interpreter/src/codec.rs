//! How records stand in the store: a version byte, then CBOR with numbered members, so that a later release can add
//! members and variants. An unknown variant is refused, never skipped. The encoding is a compatibility surface: golden
//! batches of each release are kept in the tests.

use std::collections::HashMap;
use std::fmt;

use value::Payload;

use crate::data::Payloads;
use crate::record::Record;

/// The version of the encoding that this release writes.
const VERSION: u8 = 1;

/// Why a batch cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The batch was written by a release with another encoding.
    Version(u8),
    /// A payload stands in the batch that holds this record, which the decoder has not seen: decode that one first.
    Missing {
        /// Sequence number of the record.
        seq: u32,
    },
    /// The bytes are not records.
    Malformed(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Version(version) => {
                write!(f, "records of version {version}; this release reads version {VERSION}")
            }
            DecodeError::Missing { seq } => write!(f, "a payload of record {seq} is needed first"),
            DecodeError::Malformed(why) => write!(f, "malformed records: {why}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The records of one turn as bytes.
pub fn encode_batch(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + records.len() * 48);
    bytes.push(VERSION);
    let mut context = Writing { seq: 0, here: Vec::new() };
    for record in records {
        context.seq = record.seq;
        context.here.clear();
        #[expect(clippy::expect_used, reason = "writing to a Vec cannot fail")]
        minicbor::encode_with(record, &mut bytes, &mut context).expect("a Vec takes all bytes");
    }
    bytes
}

/// The records of one batch on its own: every payload that they refer to must stand in it.
pub fn decode_batch(bytes: &[u8]) -> Result<Vec<Record>, DecodeError> {
    Decoder::default().decode(bytes)
}

/// Reads the batches of one execution, keeping the payloads that later batches refer to.
#[derive(Default)]
pub struct Decoder {
    known: HashMap<u64, Payload>,
}

impl Decoder {
    /// The records of a batch. On [`DecodeError::Missing`] decode the batch that holds that record, then this one again.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Vec<Record>, DecodeError> {
        let (version, rest) =
            bytes.split_first().ok_or_else(|| DecodeError::Malformed("an empty batch".into()))?;
        if *version != VERSION {
            return Err(DecodeError::Version(*version));
        }
        let mut records = Vec::new();
        let mut decoder = minicbor::Decoder::new(rest);
        while decoder.position() < rest.len() {
            let seq = peek_seq(&decoder).map_err(|why| DecodeError::Malformed(why.to_string()))?;
            let mut context = Reading { seq, known: &mut self.known, missing: None };
            match decoder.decode_with::<_, Record>(&mut context) {
                Ok(record) => records.push(record),
                Err(why) => {
                    return Err(match context.missing {
                        Some(origin) => DecodeError::Missing { seq: (origin >> 8) as u32 },
                        None => DecodeError::Malformed(why.to_string()),
                    });
                }
            }
        }
        Ok(records)
    }
}

/// The sequence number that the record at hand begins with.
fn peek_seq(decoder: &minicbor::Decoder<'_>) -> Result<u32, minicbor::decode::Error> {
    let mut probe = decoder.clone();
    probe.array()?;
    probe.u32()
}

struct Writing {
    seq: u32,
    here: Vec<(u64, Payload)>,
}

impl Payloads for Writing {
    fn seq(&self) -> u32 {
        self.seq
    }

    fn remember(&mut self, origin: u64, payload: &Payload) {
        if origin != 0 {
            self.here.push((origin, payload.clone()));
        }
    }

    fn recall(&mut self, origin: u64) -> Option<Payload> {
        self.here.iter().find(|(known, _)| *known == origin).map(|(_, payload)| payload.clone())
    }
}

struct Reading<'a> {
    seq: u32,
    known: &'a mut HashMap<u64, Payload>,
    missing: Option<u64>,
}

impl Payloads for Reading<'_> {
    fn seq(&self) -> u32 {
        self.seq
    }

    fn remember(&mut self, origin: u64, payload: &Payload) {
        self.known.insert(origin, payload.clone());
    }

    fn recall(&mut self, origin: u64) -> Option<Payload> {
        let found = self.known.get(&origin).cloned();
        if found.is_none() {
            self.missing = Some(origin);
        }
        found
    }
}
