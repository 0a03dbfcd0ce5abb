//! One execution as DescribeExecution shows it: where its name leads, its input, its end.

use interpreter::{Event, ExecutionEvent};
use store::{ExecutionKey, ExecutionRow, ExecutionStatus, Store};
use value::Payload;

use super::ReadError;
use super::records::Records;

/// What the records say of an execution beyond its index row.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Its input.
    pub input: Option<Payload>,
    /// Its output, when it succeeded.
    pub output: Option<Payload>,
    /// The error's name, when it failed or was stopped with one.
    pub error: Option<String>,
    /// The cause, likewise.
    pub cause: Option<String>,
    /// Trace header of the start.
    pub trace_header: Option<String>,
    /// ARN of the version it was started through.
    pub version_arn: Option<String>,
    /// ARN of the alias it was started through.
    pub alias_arn: Option<String>,
    /// Events of its public history, when it has ended.
    pub events: u32,
}

/// The execution of a state machine's that has this name: generated names say their key themselves, others are looked up.
///
/// # Errors
/// The store's.
pub fn find(store: &dyn Store, machine: &str, name: &str) -> Result<Option<ExecutionRow>, ReadError> {
    if let Some(key) = engine::key_of(name) {
        let row = store.execution(key)?;
        if row.as_ref().is_some_and(|row| row.machine == machine && row.name.is_none()) {
            return Ok(row);
        }
    }
    match store.named(machine, name)? {
        Some(key) => Ok(store.execution(key)?),
        None => Ok(None),
    }
}

/// What the first and the last records of an execution say. `row` says whether it has ended.
///
/// # Errors
/// The store's, and [`ReadError::Records`].
pub fn describe(store: &dyn Store, row: &ExecutionRow) -> Result<Description, ReadError> {
    let mut records = Records::new(store, row.key);
    let mut description = Description::default();
    started(store, row.key, &mut records, &mut description)?;
    if !matches!(row.status, ExecutionStatus::Running | ExecutionStatus::PendingRedrive) {
        ended(store, row.key, &mut records, &mut description)?;
    }
    Ok(description)
}

fn started(
    store: &dyn Store,
    key: ExecutionKey,
    records: &mut Records<'_>,
    to: &mut Description,
) -> Result<(), ReadError> {
    let first = store.batches(key, 1, 1)?.into_iter().next();
    let first = first.ok_or_else(|| ReadError::Records("there is no first record".into()))?;
    let start = records.of(first)?.into_iter().find_map(|record| match record.event {
        Event::Execution(ExecutionEvent::Started(started)) => Some(started),
        _ => None,
    });
    if let Some(start) = start {
        to.input = Some(start.input.payload().clone());
        to.trace_header = start.trace_header.as_ref().map(ToString::to_string);
        to.version_arn = start.version_arn.as_ref().map(ToString::to_string);
        to.alias_arn = start.alias_arn.as_ref().map(ToString::to_string);
    }
    Ok(())
}

fn ended(
    store: &dyn Store,
    key: ExecutionKey,
    records: &mut Records<'_>,
    to: &mut Description,
) -> Result<(), ReadError> {
    let Some(last) = store.batch_at_event(key, u32::MAX, true)? else { return Ok(()) };
    let last = records.of(last)?;
    to.events = last.iter().rev().find_map(|record| record.public).map_or(0, |public| public.id);
    for record in last.into_iter().rev() {
        let Event::Execution(event) = record.event else { continue };
        match event {
            ExecutionEvent::Succeeded { output } => to.output = Some(output.payload().clone()),
            ExecutionEvent::Failed { error, cause } | ExecutionEvent::Aborted { error, cause } => {
                to.error = error.map(|text| text.to_string());
                to.cause = cause.map(|text| text.to_string());
            }
            // Neither error nor cause is shown for an execution's own timeout (recorded).
            ExecutionEvent::TimedOut => {}
            ExecutionEvent::Started(_) | ExecutionEvent::Adopted { .. } | ExecutionEvent::Redriven(_) => {
                continue;
            }
        }
        break;
    }
    Ok(())
}
