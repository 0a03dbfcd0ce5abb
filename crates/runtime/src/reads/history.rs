//! The public history by page: from an event on, or back from it, until the page or its budget of bytes is full.

use interpreter::Record;
use interpreter::history::project;
use store::{Batch, ExecutionKey, Store};
use wire::HistoryEvent;

use super::ReadError;
use super::records::Records;

/// Batches that are fetched at a time.
const FETCH: usize = 32;
/// What an event costs of the budget besides its payloads: ids, type, time, names, as JSON.
const EVENT_BYTES: usize = 256;

/// Which part of a history.
#[derive(Clone, Copy, Debug)]
pub struct HistoryQuery {
    /// The first event of the page. `None` is the first one, or with `reverse` the last one.
    pub from: Option<u32>,
    /// Newest first.
    pub reverse: bool,
    /// At most this many events.
    pub limit: usize,
    /// About how many bytes the page may have; it holds at least one event.
    pub budget: usize,
    /// With inputs and outputs.
    pub include_data: bool,
}

/// A page of a history.
#[derive(Debug, Default)]
pub struct HistoryPage {
    /// The events.
    pub events: Vec<HistoryEvent>,
    /// Where the next page begins, if there is more.
    pub next: Option<u32>,
}

/// A page of an execution's public history.
///
/// # Errors
/// The store's, and [`ReadError::Records`].
pub fn history(
    store: &dyn Store,
    execution: ExecutionKey,
    query: &HistoryQuery,
) -> Result<HistoryPage, ReadError> {
    let records = Records::new(store, execution);
    let mut page = Page { query, records, page: HistoryPage::default(), bytes: 0 };
    if query.reverse {
        backwards(store, execution, &mut page)?;
    } else {
        forwards(store, execution, &mut page)?;
    }
    Ok(page.page)
}

fn forwards(store: &dyn Store, execution: ExecutionKey, page: &mut Page<'_>) -> Result<(), ReadError> {
    let from = page.query.from.unwrap_or(1);
    let mut batches: Vec<Batch> = store.batch_at_event(execution, from, false)?.into_iter().collect();
    while let Some(last) = batches.last().map(|batch| batch.last) {
        for batch in batches {
            for record in page.records.of(batch)? {
                if record.public.is_some_and(|public| public.id >= from) && !page.take(&record) {
                    return Ok(());
                }
            }
        }
        batches = store.batches(execution, last.saturating_add(1), FETCH)?;
    }
    Ok(())
}

fn backwards(store: &dyn Store, execution: ExecutionKey, page: &mut Page<'_>) -> Result<(), ReadError> {
    let mut from = page.query.from.unwrap_or(u32::MAX);
    while let Some(batch) = store.batch_at_event(execution, from, true)? {
        let first = batch.first_event;
        for record in page.records.of(batch)?.iter().rev() {
            if record.public.is_some_and(|public| public.id <= from) && !page.take(record) {
                return Ok(());
            }
        }
        from = first.saturating_sub(1);
        if from == 0 {
            break;
        }
    }
    Ok(())
}

/// A page that is being filled.
struct Page<'a> {
    query: &'a HistoryQuery,
    records: Records<'a>,
    page: HistoryPage,
    bytes: usize,
}

impl Page<'_> {
    /// Adds a record's event. `false` when the page is full: then the next one begins here.
    fn take(&mut self, record: &Record) -> bool {
        let Some(public) = record.public else { return true };
        let full = self.page.events.len() >= self.query.limit
            || (self.bytes >= self.query.budget && !self.page.events.is_empty());
        if full {
            self.page.next = Some(public.id);
            return false;
        }
        if let Some(event) = project(record, self.query.include_data) {
            self.bytes += EVENT_BYTES + payload_bytes(&event);
            self.page.events.push(event);
        }
        true
    }
}

/// Bytes of the payloads that an event shows.
fn payload_bytes(event: &HistoryEvent) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let mut bytes = 0;
    if let Some(details) = &event.state_entered_event_details {
        bytes += length(&details.input);
    }
    if let Some(details) = &event.state_exited_event_details {
        bytes += length(&details.output);
        bytes += details
            .assigned_variables
            .iter()
            .flatten()
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>();
    }
    if let Some(details) = &event.execution_started_event_details {
        bytes += length(&details.input);
    }
    if let Some(details) = &event.execution_succeeded_event_details {
        bytes += length(&details.output);
    }
    if let Some(details) = &event.task_scheduled_event_details {
        bytes += details.parameters.len();
    }
    if let Some(details) = &event.task_submitted_event_details {
        bytes += length(&details.output);
    }
    if let Some(details) = &event.task_succeeded_event_details {
        bytes += length(&details.output);
    }
    if let Some(details) = &event.lambda_function_scheduled_event_details {
        bytes += length(&details.input);
    }
    if let Some(details) = &event.lambda_function_succeeded_event_details {
        bytes += length(&details.output);
    }
    if let Some(details) = &event.activity_scheduled_event_details {
        bytes += length(&details.input);
    }
    if let Some(details) = &event.activity_succeeded_event_details {
        bytes += length(&details.output);
    }
    bytes + causes(event)
}

/// Bytes of the causes that an event shows: up to 32,768 characters each.
fn causes(event: &HistoryEvent) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let execution = event.execution_failed_event_details.as_ref().map_or(0, |details| length(&details.cause));
    let aborted = event.execution_aborted_event_details.as_ref().map_or(0, |details| length(&details.cause));
    let task = event.task_failed_event_details.as_ref().map_or(0, |details| length(&details.cause));
    let lambda =
        event.lambda_function_failed_event_details.as_ref().map_or(0, |details| length(&details.cause));
    let activity = event.activity_failed_event_details.as_ref().map_or(0, |details| length(&details.cause));
    execution + aborted + task + lambda + activity
}
