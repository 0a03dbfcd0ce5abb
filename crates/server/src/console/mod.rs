//! The console under `/console/`: its files, and the read API that they use (docs/console-api.md). One file a question.
//!
//! *Not* here: anything that changes executions; that is the public API's.

mod analyze;
mod assets;
mod counts;
mod events;
mod executions;
pub(crate) mod guard;
mod inbox;
mod index;
mod machines;
mod meta;
mod query;
mod rows;
mod stages;
mod steps;
mod stream;

pub use assets::is_embedded;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde::Serialize;
use serde_json::json;
use wire::ApiError;

use self::query::Query;
use crate::answer::{self, Answer};
use crate::body;
use crate::service::Service;

const PREFIX: &str = "/console";
const API: &str = "/console/api/v1/";
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Whether a path is the console's.
pub(crate) fn is_console(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request for the console.
pub(crate) async fn answer(service: &Service, request: Request<Incoming>) -> Answer {
    if let Some(refusal) = guard::foreign_name(request.headers(), &service.options().allowed_hosts) {
        return refusal;
    }
    let Some(rest) = request.uri().path().strip_prefix(API).map(str::to_owned) else {
        return assets::answer(&request, service.options().console.as_deref());
    };
    let query = Query::of(request.uri().query().unwrap_or_default());
    let parts: Vec<&str> = rest.split('/').collect();
    let answered = match (request.method(), parts.as_slice()) {
        (&Method::GET, ["meta"]) => json(&meta::meta(service)),
        (&Method::GET, ["counts"]) => json_of(counts::counts(service, &query).await),
        (&Method::GET, ["machines"]) => json_of(machines::machines(service).await),
        (&Method::GET, ["executions"]) => json_of(executions::executions(service, &query).await),
        (&Method::GET, ["executions", arn, "index"]) => {
            json_of(index::index(service, &query::decoded(arn), &query).await)
        }
        (&Method::GET, ["executions", arn, "events"]) => {
            json_of(events::events(service, &query::decoded(arn), &query).await)
        }
        (&Method::GET, ["executions", arn, "steps", entered]) => {
            json_of(steps::step(service, &query::decoded(arn), entered).await)
        }
        (&Method::GET, ["inbox"]) => json_of(inbox::inbox(service, &query).await),
        (&Method::GET, ["stream"]) => {
            let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
            stream::stream(service, &query, last).await
        }
        (&Method::POST, ["analyze"]) => match posted(service, request).await {
            Ok(body) => json_of(analyze::analyze(&body)),
            Err(error) => Err(error),
        },
        _ => Err(ApiError::new("NotFound", "There is no such part of the console's API.").with_status(404)),
    };
    answered.unwrap_or_else(|error| refused(&error))
}

async fn posted(service: &Service, request: Request<Incoming>) -> Result<bytes::Bytes, ApiError> {
    let options = service.options();
    body::read(request.into_body(), options.body_bytes, options.body_timeout).await
}

fn json_of<T: Serialize>(found: Result<T, ApiError>) -> Result<Answer, ApiError> {
    json(&found?)
}

fn json<T: Serialize>(found: &T) -> Result<Answer, ApiError> {
    let mut answer = answer::with(StatusCode::OK, JSON, answer::write(found)?.into());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

fn refused(error: &ApiError) -> Answer {
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"error": {"code": error.code(), "message": error.message()}});
    answer::with(status, JSON, body.to_string().into())
}

/// A parameter that cannot be used.
fn unusable(parameter: &str, why: &str) -> ApiError {
    ApiError::new("ValidationException", format!("`{parameter}` {why}"))
}
