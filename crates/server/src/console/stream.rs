//! Live updates as server-sent events: of one execution its new events, of the list those executions that began or ended.
//! A stream reads the store when it hears of a change, and sends what it finds; what it has not heard of it finds with the next.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Either;
use http_body_util::channel::{Channel, Sender};
use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use runtime::reads::{IndexReader, ReadError};
use runtime::{Engine, blocking};
use serde::Serialize;
use store::{ExecutionKey, ExecutionRow, ExecutionStatus};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use wire::ApiError;

use super::query::Query;
use super::{index, rows, unusable};
use crate::answer::Answer;
use crate::lookup;
use crate::service::Service;

/// A line that keeps the connection, and finds out that it is gone.
const BEAT: Duration = Duration::from_secs(10);
/// Changes are gathered for so long, so that a burst is one message.
const GATHER: Duration = Duration::from_millis(30);
/// Messages that a client may be behind.
const BEHIND_MAX: usize = 32;
/// Executions in one message of the list.
const LISTED_MAX: usize = 200;

/// Opens a stream.
///
/// # Errors
/// 400 for parameters that cannot be used; `ExecutionDoesNotExist`.
pub(super) async fn stream(service: &Service, query: &Query, last: Option<&str>) -> Result<Answer, ApiError> {
    let changes = service.engine.changes();
    let (sender, body) = Channel::new(BEHIND_MAX);
    let client = Client { sender };
    match query.get("execution") {
        Some(arn) => {
            let after = match last.and_then(|id| id.parse().ok()) {
                Some(after) => after,
                None => query.number("after", 0, i64::from(u32::MAX))?.unwrap_or(0) as u32,
            };
            let row = lookup::execution(service, arn).await?;
            tokio::spawn(one(service.engine.clone(), row.key, after, changes, client));
        }
        None if query.get("list").is_some() => {
            tokio::spawn(list(service.engine.clone(), changes, client));
        }
        None => return Err(unusable("execution", "or `list=1` must say what the stream is of")),
    }
    let mut answer = Response::new(Either::Right(body));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers would hold the events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(answer)
}

/// Whom the events go to.
struct Client {
    sender: Sender<Bytes>,
}

impl Client {
    /// Sends an event; false when the client is gone.
    async fn send<T: Serialize>(&mut self, event: &str, id: Option<u32>, data: &T) -> bool {
        let Ok(data) = serde_json::to_string(data) else { return false };
        let id = id.map_or(String::new(), |id| format!("id: {id}\n"));
        self.write(format!("event: {event}\n{id}data: {data}\n\n")).await
    }

    async fn beat(&mut self) -> bool {
        self.write(":\n\n".to_owned()).await
    }

    async fn write(&mut self, text: String) -> bool {
        self.sender.send_data(text.into()).await.is_ok()
    }
}

/// Waits until one of the executions that `wanted` names has changed, or until it is time for a beat (`None`). All that is heard
/// within a moment is told at once; after a gap everything may have changed (an empty list).
async fn heard(
    changes: &mut Receiver<ExecutionKey>,
    wanted: impl Fn(ExecutionKey) -> bool,
) -> Option<Vec<ExecutionKey>> {
    let beat = tokio::time::sleep(BEAT);
    tokio::pin!(beat);
    let mut keys = Vec::new();
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = &mut beat => return None,
        };
        match change {
            Ok(key) if wanted(key) => keys.push(key),
            Ok(_) => continue,
            Err(RecvError::Lagged(_)) => return Some(Vec::new()),
            Err(RecvError::Closed) => return std::future::pending().await,
        }
        tokio::time::sleep(GATHER).await;
        loop {
            match changes.try_recv() {
                Ok(key) if wanted(key) => keys.push(key),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        keys.sort_unstable();
        keys.dedup();
        return Some(keys);
    }
}

async fn one(
    engine: Engine,
    key: ExecutionKey,
    mut after: u32,
    mut changes: Receiver<ExecutionKey>,
    mut client: Client,
) {
    let mut reader = IndexReader::new(key);
    let mut is_first = true;
    loop {
        let store = engine.store().clone();
        let read = move || -> Result<_, ReadError> {
            let found = reader.read(&*store, index::EVENTS_MAX)?;
            Ok((reader, found, store.execution(key)?))
        };
        let Ok((back, found, Some(row))) = blocking(read).await else { return };
        reader = back;
        let is_full = found.entries.len() >= index::EVENTS_MAX;
        let columns = index::columns(&row, &found, after);
        if is_first || columns.last > after {
            after = columns.last;
            if !client.send("index", Some(after), &columns).await {
                return;
            }
        }
        is_first = false;
        if is_full {
            continue;
        }
        while heard(&mut changes, |changed| changed == key).await.is_none() {
            if !client.beat().await {
                return;
            }
        }
    }
}

#[derive(Serialize)]
struct Listed {
    executions: Vec<rows::Row>,
}

async fn list(engine: Engine, mut changes: Receiver<ExecutionKey>, mut client: Client) {
    let mut told: Vec<(ExecutionKey, ExecutionStatus)> = Vec::new();
    loop {
        let Some(mut keys) = heard(&mut changes, |_| true).await else {
            if !client.beat().await {
                return;
            }
            continue;
        };
        // The newest say most; who wants all of a burst reads the list again.
        keys.drain(..keys.len().saturating_sub(LISTED_MAX));
        let store = engine.store().clone();
        let read = move || keys.into_iter().map(|key| store.execution(key)).collect::<Result<Vec<_>, _>>();
        let Ok(rows) = blocking(read).await else { return };
        let rows: Vec<ExecutionRow> = rows.into_iter().flatten().collect();
        let new: Vec<&ExecutionRow> =
            rows.iter().filter(|row| !told.contains(&(row.key, row.status))).collect();
        if new.is_empty() {
            continue;
        }
        let place = &engine.environment().place;
        let executions = new.iter().map(|row| rows::row_at(place, row)).collect();
        if !client.send("executions", None, &Listed { executions }).await {
            return;
        }
        told.extend(new.iter().map(|row| (row.key, row.status)));
        told.drain(..told.len().saturating_sub(4 * LISTED_MAX));
    }
}
