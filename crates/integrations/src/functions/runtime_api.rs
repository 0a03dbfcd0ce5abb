//! The Lambda Runtime API (version 2018-06-01) for one process: a listener on loopback with four routes.
//!
//! The protocol carries no identity of the process, so each has a port of its own. This module speaks HTTP and knows which
//! invocation is current; it knows neither processes nor time limits. Extensions and telemetry APIs are not here.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use super::invocation::{Invocation, RESPONSE_BYTES_MAX};

const BASE: &str = "/2018-06-01/runtime/";
/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// What the process says.
#[derive(Debug)]
pub(crate) enum Report {
    /// It is initialised and waits for an invocation.
    Ready,
    /// The result of the current invocation.
    Response(Bytes),
    /// The current invocation failed, with this document.
    Error(Bytes),
    /// The result of the current invocation is larger than is allowed.
    TooLarge,
    /// Initialisation failed, with this document.
    InitError(Bytes),
}

/// An invocation on its way to the process.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub invocation: Invocation,
    /// Milliseconds since 1970 at which the invocation will be ended.
    pub deadline_ms: u64,
}

/// The listener of one process. Dropping it closes the port and all connections.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub address: SocketAddr,
    pub reports: mpsc::UnboundedReceiver<Report>,
    deliveries: mpsc::Sender<Delivery>,
    turn: Arc<Mutex<Turn>>,
    acceptor: JoinHandle<()>,
}

/// The invocation at hand.
#[derive(Debug, Default)]
struct Turn {
    /// Has the process been given it?
    taken: bool,
    /// Its id, from when it is given out until it is answered.
    current: Option<Arc<str>>,
}

fn lock(turn: &Mutex<Turn>) -> MutexGuard<'_, Turn> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

impl RuntimeApi {
    /// Opens a port on loopback.
    ///
    /// # Errors
    /// When the system has no port or no file descriptor left.
    pub(crate) async fn open() -> std::io::Result<RuntimeApi> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (deliveries, inbox) = mpsc::channel(1);
        let (outbox, reports) = mpsc::unbounded_channel();
        let turn = Arc::new(Mutex::default());
        let service =
            Service { inbox: Arc::new(tokio::sync::Mutex::new(inbox)), outbox, turn: Arc::clone(&turn) };
        let acceptor = tokio::spawn(accept(listener, service));
        Ok(RuntimeApi { address, reports, deliveries, turn, acceptor })
    }

    /// Hands an invocation to the process, or to whatever of it asks next.
    pub(crate) fn deliver(&self, delivery: Delivery) {
        *lock(&self.turn) = Turn::default();
        // The channel is empty: one invocation at a time is what the caller guarantees.
        let _ = self.deliveries.try_send(delivery);
    }

    /// Has the process been given the invocation that was delivered last? If not, it never knew of it.
    pub(crate) fn is_taken(&self) -> bool {
        lock(&self.turn).taken
    }
}

async fn accept(listener: TcpListener, service: Service) {
    // Connections end with this task: a set aborts what it holds when it is dropped.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: somebody has to close one first.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        let answer = service_fn(move |request| {
            let service = service.clone();
            async move { Ok::<_, Infallible>(service.answer(request).await) }
        });
        connections.spawn(async move {
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

#[derive(Clone)]
struct Service {
    inbox: Arc<tokio::sync::Mutex<mpsc::Receiver<Delivery>>>,
    outbox: mpsc::UnboundedSender<Report>,
    turn: Arc<Mutex<Turn>>,
}

type Answer = Response<Full<Bytes>>;

impl Service {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        // A web page that guesses the port gets nowhere.
        if request.headers().contains_key(hyper::header::ORIGIN) {
            return refusal(StatusCode::FORBIDDEN, "Forbidden", "requests of web pages are not answered");
        }
        let path = request.uri().path().to_owned();
        let Some(route) = path.strip_prefix(BASE) else { return not_found() };
        match (request.method(), route) {
            (&Method::GET, "invocation/next") => self.next().await,
            (&Method::POST, "init/error") => {
                let Some(body) = body(request).await else { return too_large() };
                self.report(Report::InitError(body))
            }
            (&Method::POST, route) => match route.strip_prefix("invocation/").and_then(|r| r.split_once('/'))
            {
                Some((id, "response")) => self.end(id, request, Report::Response).await,
                Some((id, "error")) => self.end(id, request, Report::Error).await,
                _ => not_found(),
            },
            _ => not_found(),
        }
    }

    async fn next(&self) -> Answer {
        let _ = self.outbox.send(Report::Ready);
        let Some(delivery) = self.inbox.lock().await.recv().await else {
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, "Closed", "the function is shut down");
        };
        let Delivery { invocation, deadline_ms } = delivery;
        *lock(&self.turn) = Turn { taken: true, current: Some(Arc::clone(&invocation.request_id)) };
        let mut answer = Response::new(Full::new(invocation.payload));
        let headers = answer.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            // What cannot stand in a header (a line break in a client context) is left out.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set("content-type", "application/json");
        set("lambda-runtime-aws-request-id", &invocation.request_id);
        set("lambda-runtime-deadline-ms", &deadline_ms.to_string());
        set("lambda-runtime-invoked-function-arn", &invocation.function_arn);
        let optional = [
            ("lambda-runtime-trace-id", &invocation.trace_header),
            ("lambda-runtime-client-context", &invocation.client_context),
            ("lambda-runtime-stepwell-idempotency-key", &invocation.idempotency_key),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                set(name, value);
            }
        }
        answer
    }

    /// Takes the end of an invocation, if it is the current one: a late or second answer is refused, as AWS does.
    async fn end(&self, id: &str, request: Request<Incoming>, report: fn(Bytes) -> Report) -> Answer {
        let answered = lock(&self.turn).current.take_if(|current| **current == *id);
        if answered.is_none() {
            return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID");
        }
        match body(request).await {
            Some(body) => self.report(report(body)),
            None => {
                self.report(Report::TooLarge);
                too_large()
            }
        }
    }

    fn report(&self, report: Report) -> Answer {
        let _ = self.outbox.send(report);
        status(StatusCode::ACCEPTED, "{\"status\":\"OK\"}".to_owned())
    }
}

/// The whole body; `None` when it is larger than a response may be, or breaks off.
async fn body(request: Request<Incoming>) -> Option<Bytes> {
    let body = Limited::new(request.into_body(), RESPONSE_BYTES_MAX);
    body.collect().await.ok().map(|whole| whole.to_bytes())
}

fn too_large() -> Answer {
    let text = format!("Exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes).");
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &text)
}

fn not_found() -> Answer {
    refusal(StatusCode::NOT_FOUND, "NotFound", "no such route")
}

fn refusal(code: StatusCode, kind: &str, message: &str) -> Answer {
    status(code, format!("{{\"errorMessage\":\"{message}\",\"errorType\":\"{kind}\"}}"))
}

fn status(code: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = code;
    answer.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    answer
}
