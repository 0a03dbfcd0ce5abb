//! Records of one execution from its batches. A payload stands in the batch that brought it, so reading a late batch may need
//! earlier ones: they are fetched on demand, each once.

use std::collections::HashSet;

use interpreter::{DecodeError, Decoder, Record};
use store::{Batch, ExecutionKey, Store};

use super::ReadError;

/// Decodes batches of one execution in any order.
pub(super) struct Records<'a> {
    store: &'a dyn Store,
    execution: ExecutionKey,
    decoder: Decoder,
    /// First sequence numbers of the batches that are decoded.
    decoded: HashSet<u32>,
}

impl<'a> Records<'a> {
    pub(super) fn new(store: &'a dyn Store, execution: ExecutionKey) -> Records<'a> {
        Records { store, execution, decoder: Decoder::default(), decoded: HashSet::new() }
    }

    /// The records of a batch.
    pub(super) fn of(&mut self, batch: Batch) -> Result<Vec<Record>, ReadError> {
        // The batch that is wanted, and above it those that it turned out to need.
        let mut stack = vec![batch];
        loop {
            let Some(batch) = stack.last() else {
                return Err(ReadError::Records("no batch".into()));
            };
            match self.decoder.decode(&batch.body) {
                Ok(records) => {
                    self.decoded.insert(batch.first);
                    stack.pop();
                    if stack.is_empty() {
                        return Ok(records);
                    }
                }
                Err(DecodeError::Missing { seq }) => {
                    let needed = self.holding(seq)?;
                    let waits = stack.iter().any(|batch| batch.first == needed.first);
                    if waits || self.decoded.contains(&needed.first) {
                        return Err(ReadError::Records(format!("record {seq} lacks a payload")));
                    }
                    stack.push(needed);
                }
                Err(why) => return Err(ReadError::Records(why.to_string())),
            }
        }
    }

    fn holding(&self, seq: u32) -> Result<Batch, ReadError> {
        let batch = self.store.batches(self.execution, seq, 1)?.into_iter().next();
        batch
            .filter(|batch| batch.first <= seq)
            .ok_or_else(|| ReadError::Records(format!("record {seq} is not in the store")))
    }
}
