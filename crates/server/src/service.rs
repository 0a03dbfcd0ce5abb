//! One HTTP request: to which operation it goes, and that it is answered whatever happens.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};
use runtime::Engine;
use wire::{ApiError, OperationName, TARGET_PREFIX};

use crate::answer::{self, Answer};
use crate::operations::{self, Call};
use crate::pages::PageKey;
use crate::rates::{Counted, Rates};
use crate::request_id::RequestIds;
use crate::{Options, body, console};

const GREETING: &str = "Stepwell: durable workflows with the API of AWS Step Functions.\n\
    Point an AWS SDK or the AWS CLI at this address, for example:\n\
    \n    aws stepfunctions list-state-machines --endpoint-url http://HOST:PORT\n\n\
    GET /health says whether it is ready. Documentation: https://github.com/stepwell/stepwell\n";

/// What serves every request. Shared by all connections.
pub(crate) struct Service {
    pub(crate) engine: Engine,
    pub(crate) pages: PageKey,
    pub(crate) rates: Rates,
    options: Options,
    ids: RequestIds,
    /// When it began to serve, in milliseconds since the epoch.
    pub(crate) started_at: i64,
}

impl Service {
    pub(crate) fn new(engine: Engine, options: Options) -> Result<Service, store::Error> {
        let pages = PageKey::of(&**engine.store())?;
        let ids = RequestIds::new(engine.random_u64());
        let rates = Rates::new(options.are_rates_limited, &engine.environment().place.region);
        let started_at = engine.now().0;
        Ok(Service { engine, pages, rates, options, ids, started_at })
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// An id for a request that does not come over HTTP.
    pub(crate) fn request_id(&self) -> String {
        self.ids.next().to_str().unwrap_or_default().to_owned()
    }

    /// Reads a request of the API.
    pub(crate) fn parse<R: wire::Request>(&self, body: &[u8]) -> Result<R, ApiError> {
        wire::parse(body, &self.options.limits)
    }

    /// As [`Service::parse`], for requests that come often: read in one go when `plain` says that they break no constraint of
    /// the model, and again, for the error, when they do.
    pub(crate) fn parse_plain<R: wire::Request>(
        &self,
        body: &[u8],
        plain: impl FnOnce(&R, &wire::Limits) -> bool,
    ) -> Result<R, ApiError> {
        match serde_json::from_slice::<R>(body) {
            Ok(request) if plain(&request, &self.options.limits) => Ok(request),
            _ => self.parse(body),
        }
    }

    /// Answers a request. A handler that panics is a fault of ours and is answered as one.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Answer {
        if let Some(refusal) = console::guard::refusal(request.headers(), &self.options.allowed_hosts) {
            return refusal;
        }
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::POST, "/") => self.api(request).await,
            (&Method::GET | &Method::HEAD, "/") => answer::text(StatusCode::OK, GREETING),
            (&Method::GET | &Method::HEAD, "/health") => answer::text(StatusCode::OK, "ready\n"),
            (_, path) if console::is_console(path) => console::answer(self, request).await,
            _ => answer::api(self.ids.next(), Err(ApiError::unknown_operation().with_status(404))),
        }
    }

    async fn api(&self, request: Request<Incoming>) -> Answer {
        let id = self.ids.next();
        let outcome = match AssertUnwindSafe(self.operation(request)).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(panic) => {
                let why = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref().map(String::as_str));
                tracing::error!(request = ?id, why = why.unwrap_or("unknown"), "a handler panicked");
                Err(ApiError::internal_failure(""))
            }
        };
        answer::api(id, outcome)
    }

    async fn operation(&self, request: Request<Incoming>) -> Result<Vec<u8>, ApiError> {
        let operation = target(request.headers()).ok_or_else(ApiError::unknown_operation)?;
        if operation != OperationName::StartExecution {
            self.rates.take(Counted::Operation(operation))?;
        }
        let trace_header = trace_header(request.headers());
        let body =
            body::read(request.into_body(), self.options.body_bytes, self.options.body_timeout).await?;
        operations::run(self, operation, Call { body, trace_header }).await
    }
}

/// The operation that `X-Amz-Target` names.
fn target(headers: &HeaderMap) -> Option<OperationName> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    OperationName::from_wire(target.strip_prefix(TARGET_PREFIX)?.strip_prefix('.')?)
}

fn trace_header(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-amzn-trace-id").map(HeaderValue::to_str)?.ok()?;
    (text.len() <= 256).then(|| text.to_owned())
}
