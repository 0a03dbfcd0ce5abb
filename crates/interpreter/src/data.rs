//! A payload in a record, with where it came from: in the store a payload's text stands once per execution, and
//! later records refer to the one that brought it.

use minicbor::{Decode, Decoder, Encode, Encoder};
use value::{Payload, Value};

/// A payload and its origin: the sequence number of the record that brought it (times 256) and its place in that
/// record; 0 for a payload that no record has brought yet.
#[derive(Clone, Debug)]
pub struct Data {
    payload: Payload,
    origin: u64,
}

/// Places in a record that a later record can refer to; payloads beyond carry this number and are written again.
const PLACES: u64 = 255;

impl Data {
    /// A payload that no record has brought yet.
    pub fn new(payload: Payload) -> Data {
        Data { payload, origin: 0 }
    }

    /// A value that was computed.
    pub fn from_value(value: Value) -> Data {
        Data::new(Payload::from_value(value))
    }

    /// The payload.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The parsed value.
    pub fn value(&self) -> &Value {
        self.payload.value()
    }

    /// Gives a new payload its origin in the record `seq`, at the next free place.
    pub(crate) fn settle(&mut self, seq: u32, place: &mut u64) {
        if self.origin == 0 && *place < PLACES {
            self.origin = (u64::from(seq) << 8) | *place;
            *place += 1;
        }
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Data) -> bool {
        self.payload == other.payload && self.origin == other.origin
    }
}

/// What the encoding of payloads needs: which record is at hand, and the payloads that came before.
pub trait Payloads {
    /// Sequence number of the record at hand.
    fn seq(&self) -> u32;
    /// Keeps a payload that this record brought.
    fn remember(&mut self, origin: u64, payload: &Payload);
    /// A payload that an earlier record brought.
    fn recall(&mut self, origin: u64) -> Option<Payload>;
}

impl<C: Payloads> Encode<C> for Data {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let brought_here = self.origin == 0 || self.origin >> 8 == u64::from(context.seq());
        // A record may hold the same payload twice: the second time it is a reference, too.
        if brought_here && (self.origin == 0 || context.recall(self.origin).is_none()) {
            context.remember(self.origin, &self.payload);
            let place = if self.origin == 0 { PLACES } else { self.origin & 0xFF };
            e.array(2)?.u64(place)?.str(self.payload.text())?.ok()
        } else {
            e.u64(self.origin)?.ok()
        }
    }
}

impl<'b, C: Payloads> Decode<'b, C> for Data {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        if d.datatype()? != minicbor::data::Type::Array {
            let origin = d.u64()?;
            let payload = context.recall(origin).ok_or_else(|| {
                minicbor::decode::Error::message("a payload refers to a record that is not there")
            })?;
            return Ok(Data { payload, origin });
        }
        d.array()?;
        let place = d.u64()?;
        let payload = Payload::from_trusted_text(d.str()?.into());
        if place >= PLACES {
            return Ok(Data::new(payload));
        }
        let origin = (u64::from(context.seq()) << 8) | place;
        context.remember(origin, &payload);
        Ok(Data { payload, origin })
    }
}
