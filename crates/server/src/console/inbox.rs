//! What waits for a person or a worker: task tokens and activity tasks, with what they are asked to do.

use runtime::blocking;
use runtime::reads::{self, WaitingTask};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{ExecutionRow, Pending, PendingKey, PendingKind, ShardId, Store};
use wire::ApiError;

use super::query::Query;
use super::steps::raw;
use super::unusable;
use crate::service::Service;
use crate::{errors, lookup};

/// Tasks of one answer.
const PAGE: usize = 50;

/// The answer of `GET /inbox`.
#[derive(Serialize)]
pub(super) struct Inbox {
    tasks: Vec<Task>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    kind: &'static str,
    task_token: String,
    execution: String,
    machine: String,
    name: String,
    state: String,
    resource: String,
    since: i64,
    is_started: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heartbeat_seconds: Option<u64>,
    input: Box<RawValue>,
}

/// A place in the order in which the tasks are listed: kind, shard, and the last row seen there.
#[derive(Clone, Copy)]
struct Position {
    kind: usize,
    shard: u8,
    after: Option<PendingKey>,
}

const KINDS: [(PendingKind, &str); 2] = [(PendingKind::Token, "token"), (PendingKind::Activity, "activity")];

/// What waits, from `cursor` on.
///
/// # Errors
/// 400 for a parameter that cannot be used; when the store fails.
pub(super) async fn inbox(service: &Service, query: &Query) -> Result<Inbox, ApiError> {
    let from = match query.get("cursor") {
        Some(text) => position(text).ok_or_else(|| unusable("cursor", "must be what `next` said"))?,
        None => Position { kind: 0, shard: 0, after: None },
    };
    let (store, shards) = (service.engine.store().clone(), service.engine.shards());
    let (found, next) = blocking(move || page(&*store, shards, from)).await.map_err(errors::of_read)?;
    let tasks = found.into_iter().map(|(kind, pending, row, task)| {
        let subject =
            interpreter::TokenSubject { execution: pending.key.execution.0, effect: pending.key.effect };
        Task {
            kind,
            task_token: service.engine.environment().token_key.token(subject),
            execution: lookup::execution_arn(service, &row),
            machine: row.machine.clone(),
            name: lookup::execution_name(&row),
            state: task.state,
            resource: task.resource,
            since: task.since,
            is_started: task.is_started,
            due: pending.due,
            heartbeat_seconds: task.heartbeat,
            input: raw(&task.parameters),
        }
    });
    Ok(Inbox { tasks: tasks.collect(), next: next.map(|at| text(&at)) })
}

type Found = (&'static str, Pending, ExecutionRow, WaitingTask);

fn page(
    store: &dyn Store,
    shards: u8,
    mut at: Position,
) -> Result<(Vec<Found>, Option<Position>), reads::ReadError> {
    let mut found = Vec::new();
    while let Some((kind, word)) = KINDS.get(at.kind).copied() {
        let rows = store.pending(ShardId(at.shard), kind, at.after, PAGE - found.len())?;
        let Some(last) = rows.last().map(|row| row.key) else {
            let next = at.shard.saturating_add(1);
            at = match next < shards {
                true => Position { shard: next, after: None, ..at },
                false => Position { kind: at.kind + 1, shard: 0, after: None },
            };
            continue;
        };
        for pending in rows {
            let task = reads::waiting_task(store, pending.key.execution, pending.key.effect)?;
            let row = store.execution(pending.key.execution)?;
            if let Some((row, task)) = row.zip(task) {
                found.push((word, pending, row, task));
            }
        }
        at.after = Some(last);
        if found.len() >= PAGE {
            return Ok((found, Some(at)));
        }
    }
    Ok((found, None))
}

fn text(at: &Position) -> String {
    let after = at.after.map_or(String::new(), |key| format!(".{}.{}", key.execution.0, key.effect));
    format!("{}.{}{after}", at.kind, at.shard)
}

fn position(text: &str) -> Option<Position> {
    let mut parts = text.split('.');
    let (kind, shard) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let after = match (parts.next(), parts.next()) {
        (Some(execution), Some(effect)) => Some(PendingKey {
            execution: store::ExecutionKey(execution.parse().ok()?),
            effect: effect.parse().ok()?,
        }),
        _ => None,
    };
    Some(Position { kind, shard, after })
}
