//! HTTP to services: connections are kept and used again, TLS by the system's certificates, bodies up to a limit.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_model::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Most bytes of a response that are read.
const RESPONSE_BYTES_MAX: usize = 32 * 1_024 * 1_024;
/// A connection that was not used for so long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Sends requests.
#[derive(Clone)]
pub(crate) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    attempt_timeout: Duration,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("attempt_timeout", &self.attempt_timeout).finish_non_exhaustive()
    }
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// There was no connection.
    Unsent(String),
    /// The connection broke, or it took too long.
    Unanswered(String),
}

impl Transport {
    /// No connection is made before it is needed.
    pub(crate) fn new(connect_timeout: Duration, attempt_timeout: Duration) -> Transport {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(connect_timeout));
        let roots = rustls_roots();
        let https = HttpsConnectorBuilder::new().with_tls_config(roots).https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .build(https.wrap_connector(http));
        Transport { client, attempt_timeout }
    }

    /// Sends a request and reads the whole response.
    pub(crate) async fn send(&self, request: hyper::Request<Full<Bytes>>) -> Result<Response, Failed> {
        self.send_within(request, self.attempt_timeout).await
    }

    /// As [`Transport::send`], within a time.
    pub(crate) async fn send_within(
        &self,
        request: hyper::Request<Full<Bytes>>,
        limit: Duration,
    ) -> Result<Response, Failed> {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        match tokio::time::timeout(limit, self.exchange(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(Failed::Unsent(why))) => {
                Err(Failed::Unsent(format!("Connect to {authority} failed: {why}")))
            }
            Ok(Err(Failed::Unanswered(why))) => Err(Failed::Unanswered(format!("{authority}: {why}"))),
            Err(_) => {
                Err(Failed::Unanswered(format!("{authority}: no answer within {} seconds", limit.as_secs())))
            }
        }
    }

    async fn exchange(&self, request: hyper::Request<Full<Bytes>>) -> Result<Response, Failed> {
        let answer = self.client.request(request).await.map_err(|error| {
            let why = innermost(&error);
            if error.is_connect() { Failed::Unsent(why) } else { Failed::Unanswered(why) }
        })?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, RESPONSE_BYTES_MAX).collect().await;
        let body = body.map_err(|error| Failed::Unanswered(error.to_string()))?.to_bytes();
        let headers = head.headers.iter().map(|(name, value)| {
            (canonical(name.as_str()), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(Response { status: head.status.as_u16(), headers: headers.collect(), body: body.to_vec() })
    }
}

/// The system's certificates; with none of them, no server is trusted.
fn rustls_roots() -> rustls::ClientConfig {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

/// The error that the others are about.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Header names as most services write them; hyper gives them in small letters. Recorded: `x-amzn-RequestId`, `connection`,
/// `Content-Type`, `Date`. Lambda has capitals where others have none: its endpoint has a rule of its own.
fn canonical(name: &str) -> String {
    match name {
        "x-amzn-requestid" => return "x-amzn-RequestId".to_owned(),
        name if name.starts_with("x-amz") || name == "connection" => return name.to_owned(),
        _ => {}
    }
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}
