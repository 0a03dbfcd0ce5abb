//! One visit of a state in full.

use std::collections::BTreeMap;

use runtime::reads::{self, Attempt, Outcome, Visit};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{ExecutionRow, Store};
use value::Payload;
use wire::ApiError;

use super::unusable;
use crate::lookup;
use crate::service::Service;

/// The answer of `GET /executions/{arn}/steps/{entered}`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    state: String,
    r#type: &'static str,
    entered: u32,
    entered_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exited: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exited_at: Option<i64>,
    status: &'static str,
    input: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    stages: Vec<Stage>,
    assigned: BTreeMap<String, Box<RawValue>>,
    variables: BTreeMap<String, Box<RawValue>>,
    attempts: Vec<Try>,
}

#[derive(Serialize)]
struct Stage {
    name: &'static str,
    value: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Try {
    scheduled: u32,
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retrier: Option<u32>,
}

/// A visit.
///
/// # Errors
/// 400 when `entered` is no number; `ExecutionDoesNotExist`; 404 when this event began no visit; when the store fails.
pub(super) async fn step(service: &Service, arn: &str, entered: &str) -> Result<Step, ApiError> {
    let entered: u32 = entered.parse().map_err(|_| unusable("entered", "must be the id of an event"))?;
    let read = move |store: &dyn Store, row: &ExecutionRow| reads::visit(store, row.key, entered);
    let (_, visit) = lookup::execution_and(service, arn, read).await?;
    let missing = || ApiError::new("NotFound", format!("Event {entered} entered no state.")).with_status(404);
    Ok(shown(visit.ok_or_else(missing)?))
}

fn shown(visit: Visit) -> Step {
    Step {
        stages: stages(&visit),
        state: visit.state,
        r#type: visit.kind,
        entered: visit.entered,
        entered_at: visit.entered_at,
        exited: visit.exited.map(|(id, _)| id),
        exited_at: visit.exited.map(|(_, at)| at),
        status: word(visit.outcome),
        input: raw(&visit.input),
        output: visit.output.as_ref().map(raw),
        next: visit.next,
        error: visit.error.filter(|error| !error.is_empty()),
        cause: visit.cause,
        assigned: visit.assigned.into_iter().map(|(name, value)| (name, raw(&value))).collect(),
        variables: visit.variables.into_iter().map(|(name, value)| (name, raw(&value))).collect(),
        attempts: visit.attempts.into_iter().map(attempt).collect(),
    }
}

/// What the records keep of the data flow: the input, what was sent, what came back, the output.
fn stages(visit: &Visit) -> Vec<Stage> {
    let last = visit.attempts.last();
    let parts = [
        ("Input", Some(&visit.input)),
        ("Sent", last.and_then(|attempt| attempt.parameters.as_ref())),
        ("Result", last.and_then(|attempt| attempt.result.as_ref())),
        ("Output", visit.output.as_ref()),
    ];
    parts.into_iter().filter_map(|(name, value)| Some(Stage { name, value: raw(value?) })).collect()
}

fn attempt(attempt: Attempt) -> Try {
    Try {
        scheduled: attempt.scheduled,
        at: attempt.at,
        started_at: attempt.started_at,
        ended_at: attempt.ended_at,
        parameters: attempt.parameters.as_ref().map(raw),
        result: attempt.result.as_ref().map(raw),
        error: attempt.error,
        cause: attempt.cause,
        outcome: word(attempt.outcome),
        retry_at: attempt.retry.map(|(at, _)| at),
        retrier: attempt.retry.map(|(_, retrier)| retrier),
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Running => "running",
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Caught => "caught",
        Outcome::Aborted => "aborted",
        Outcome::TimedOut => "timed-out",
    }
}

/// A payload's text as it is; a payload is JSON, so that this is no JSON cannot be.
pub(super) fn raw(payload: &Payload) -> Box<RawValue> {
    RawValue::from_string(payload.text().to_string()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
