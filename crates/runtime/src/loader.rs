//! Reading what a shard asks for. All of it blocks, so it runs on the blocking pool.

use std::sync::Arc;

use engine::{Existing, Loaded};
use interpreter::{Decoder, Event, ExecutionEvent, Record};
use store::{ExecutionKey, Pending, PendingKey, PendingKind, ShardId, Store};
use value::Payload;

use crate::catalogue::Catalogue;

/// Batches read at a time.
const PAGE: usize = 256;
/// Pending rows read at a time.
const ROWS: usize = 10_000;

/// What is read, and where from.
#[derive(Clone)]
pub(crate) struct Loader {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalogue: Arc<Catalogue>,
}

impl Loader {
    /// An execution with its definition and all its records; those of a closed one are read only if it must be `whole`.
    pub(crate) fn execution(&self, key: ExecutionKey, whole: bool) -> Result<Option<Box<Loaded>>, String> {
        let Some(row) = self.store.execution(key).map_err(text)? else { return Ok(None) };
        let revision = self.catalogue.revision(&row.revision).map_err(text)?;
        let is_read = whole || row.status == store::ExecutionStatus::Running;
        let records = if is_read { self.records(key)? } else { Vec::new() };
        Ok(Some(Box::new(Loaded { row, definition: revision.definition.clone(), records })))
    }

    /// All records of an execution.
    pub(crate) fn records(&self, key: ExecutionKey) -> Result<Vec<Record>, String> {
        let mut decoder = Decoder::default();
        let mut records = Vec::new();
        let mut from = 1;
        loop {
            let batches = self.store.batches(key, from, PAGE).map_err(text)?;
            let Some(last) = batches.last().map(|batch| batch.last) else { return Ok(records) };
            for batch in &batches {
                records.extend(decoder.decode(&batch.body).map_err(text)?);
            }
            if batches.len() < PAGE {
                return Ok(records);
            }
            from = last + 1;
        }
    }

    /// The execution that a client started under this name.
    pub(crate) fn named(&self, machine: &str, name: &str) -> Result<Option<Box<Existing>>, String> {
        let key = match self.store.named(machine, name).map_err(text)? {
            Some(key) => Some(key),
            None => engine::key_of(name),
        };
        let Some(key) = key else { return Ok(None) };
        let row = self.store.execution(key).map_err(text)?;
        let Some(row) = row.filter(|row| row.machine == machine) else { return Ok(None) };
        let input = self.input(key)?;
        Ok(Some(Box::new(Existing { row, input })))
    }

    fn input(&self, key: ExecutionKey) -> Result<Payload, String> {
        let batches = self.store.batches(key, 1, 1).map_err(text)?;
        let Some(batch) = batches.first() else { return Err("an execution has no records".into()) };
        match interpreter::decode_batch(&batch.body)
            .map_err(text)?
            .into_iter()
            .next()
            .map(|record| record.event)
        {
            Some(Event::Execution(ExecutionEvent::Started(started))) => Ok(started.input.payload().clone()),
            _ => Err("an execution does not begin with its start".into()),
        }
    }

    /// Rows due in `[from, to)`, and to which time they are complete.
    pub(crate) fn due(&self, shard: ShardId, from: i64, to: i64) -> Result<(Vec<Pending>, i64), String> {
        let mut limit = ROWS;
        loop {
            let rows = self.store.due(shard, from, to, limit).map_err(text)?;
            if rows.len() < limit {
                return Ok((rows, to));
            }
            // The last time may have more rows than were read: complete is what is due before it.
            match rows.last().and_then(|row| row.due) {
                Some(last) if last > from => return Ok((rows, last)),
                _ => limit = limit.saturating_mul(2),
            }
        }
    }

    /// All pending rows of a kind.
    pub(crate) fn pending(&self, shard: ShardId, kind: PendingKind) -> Result<Vec<Pending>, String> {
        let mut rows: Vec<Pending> = Vec::new();
        let mut after: Option<PendingKey> = None;
        loop {
            let page = self.store.pending(shard, kind, after, ROWS).map_err(text)?;
            after = page.last().map(|row| row.key);
            let is_last = page.len() < ROWS;
            rows.extend(page);
            if is_last {
                return Ok(rows);
            }
        }
    }
}

fn text(why: impl std::fmt::Display) -> String {
    why.to_string()
}
