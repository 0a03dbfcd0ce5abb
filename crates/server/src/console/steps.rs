//! One visit of a state in full.

use std::collections::BTreeMap;

use runtime::reads::{self, Attempt, Outcome, Visit};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{ExecutionRow, Store};
use value::Payload;
use wire::ApiError;

use super::stages::{self, Around, Made};
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
#[serde(rename_all = "camelCase")]
struct Stage {
    name: &'static str,
    value: Box<RawValue>,
    is_made_again: bool,
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
    let (catalogue, environment) = (service.engine.catalogue().clone(), service.engine.environment().clone());
    let arn_text = arn.to_owned();
    let read = move |store: &dyn Store, row: &ExecutionRow| {
        let Some(visit) = reads::visit(store, row.key, entered)? else { return Ok(None) };
        // Without its revision the visit is still told, with what the records keep.
        let Ok(revision) = catalogue.revision(&row.revision) else { return Ok(Some((visit, Vec::new()))) };
        let around = Around {
            arn: arn_text,
            name: lookup::execution_name(row),
            started_at: row.started_at,
            input: reads::describe(store, row)?.input,
        };
        let stages = stages::stages(&environment, &revision, &around, &visit);
        Ok(Some((visit, stages)))
    };
    let (_, found) = lookup::execution_and(service, arn, read).await?;
    let missing = || ApiError::new("NotFound", format!("Event {entered} entered no state.")).with_status(404);
    let (visit, stages) = found.ok_or_else(missing)?;
    Ok(shown(visit, stages))
}

fn shown(visit: Visit, stages: Vec<Made>) -> Step {
    let stage =
        |made: Made| Stage { name: made.name, value: raw(&made.value), is_made_again: made.is_made_again };
    Step {
        stages: stages.into_iter().map(stage).collect(),
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
