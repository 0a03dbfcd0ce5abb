//! The shape of a history as columns: small on the wire, quick to read, no payloads.

use std::collections::HashMap;

use runtime::reads::{Backoff, FrameKind, FrameStart, Index, IndexReader, Waiting};
use serde::Serialize;
use store::{ExecutionRow, Store};
use wire::ApiError;

use super::query::Query;
use super::rows;
use crate::lookup;
use crate::service::Service;

/// Events of one answer.
pub(super) const EVENTS_MAX: usize = 50_000;

/// The answer of `GET /executions/{arn}/index`, and the data of the stream.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Columns {
    status: &'static str,
    started_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<i64>,
    pub(super) last: u32,
    first: u32,
    types: Vec<String>,
    names: Vec<String>,
    errors: Vec<String>,
    frames: Vec<Frame>,
    r#type: Vec<i64>,
    at: Vec<i64>,
    previous: Vec<u32>,
    frame: Vec<u32>,
    state: Vec<i64>,
    error: Vec<i64>,
    retries: Vec<Retry>,
    waits: Vec<Wait>,
}

#[derive(Debug, Serialize)]
struct Frame {
    id: u32,
    parent: i64,
    kind: &'static str,
    index: u32,
    event: u32,
}

#[derive(Debug, Serialize)]
struct Retry {
    after: u32,
    frame: u32,
    retrier: u32,
    until: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Wait {
    after: u32,
    frame: u32,
    until: i64,
}

/// The columns after an event.
///
/// # Errors
/// 400 for a parameter that cannot be used; `ExecutionDoesNotExist`; when the store fails.
pub(super) async fn index(service: &Service, arn: &str, query: &Query) -> Result<Columns, ApiError> {
    let after = query.number("after", 0, i64::from(u32::MAX))?.unwrap_or(0) as u32;
    let read = move |store: &dyn Store, row: &ExecutionRow| {
        IndexReader::new(row.key).read(store, EVENTS_MAX.saturating_add(after as usize))
    };
    let (row, index) = lookup::execution_and(service, arn, read).await?;
    Ok(columns(&row, &index, after))
}

/// Columns of what is later than `after`. All frames that the reading met are in them, since any event may refer to any.
pub(super) fn columns(row: &ExecutionRow, index: &Index, after: u32) -> Columns {
    let mut tables = Tables::default();
    let mut out = Columns {
        status: rows::status(row.status),
        started_at: row.started_at,
        stopped_at: row.stopped_at,
        last: index.entries.last().map_or(after, |entry| entry.id),
        first: after + 1,
        types: Vec::new(),
        names: Vec::new(),
        errors: Vec::new(),
        frames: index.frames.iter().map(frame).collect(),
        r#type: Vec::new(),
        at: Vec::new(),
        previous: Vec::new(),
        frame: Vec::new(),
        state: Vec::new(),
        error: Vec::new(),
        retries: index.retries.iter().filter(|one| one.after >= after).map(retry).collect(),
        waits: index.waits.iter().filter(|one| one.after >= after).map(wait).collect(),
    };
    for entry in index.entries.iter().filter(|entry| entry.id > after) {
        out.r#type.push(tables.types.number(Some(entry.kind.as_str())));
        out.at.push(entry.at);
        out.previous.push(entry.previous);
        out.frame.push(entry.frame);
        out.state.push(tables.names.number(entry.state.as_deref()));
        out.error.push(tables.errors.number(entry.error.as_deref()));
    }
    (out.types, out.names, out.errors) = (tables.types.texts, tables.names.texts, tables.errors.texts);
    out
}

fn frame(start: &FrameStart) -> Frame {
    let (kind, parent) = match start.kind {
        FrameKind::Root => ("root", -1),
        FrameKind::Branch => ("branch", i64::from(start.parent)),
        FrameKind::Iteration => ("iteration", i64::from(start.parent)),
    };
    Frame { id: start.id, parent, kind, index: start.index, event: start.event }
}

fn retry(one: &Backoff) -> Retry {
    let Backoff { after, frame, retrier, until, error } = one.clone();
    Retry { after, frame, retrier, until, error }
}

fn wait(one: &Waiting) -> Wait {
    Wait { after: one.after, frame: one.frame, until: one.until }
}

#[derive(Default)]
struct Tables {
    types: Table,
    names: Table,
    errors: Table,
}

/// Texts by number, in the order of their first use.
#[derive(Default)]
struct Table {
    numbers: HashMap<String, i64>,
    texts: Vec<String>,
}

impl Table {
    /// The number of a text; -1 for none.
    fn number(&mut self, text: Option<&str>) -> i64 {
        let Some(text) = text else { return -1 };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = i64::try_from(self.texts.len()).unwrap_or(-1);
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }
}
