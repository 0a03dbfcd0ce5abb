//! Lambda's Invoke API over HTTP: any endpoint that speaks it, such as an emulator on the same machine.
//!
//! Connections are kept and used again. There is no limit on the time of a response: a function may run for as long as it
//! may, and whoever asked drops the future when he has had enough. Requests are not signed and TLS is not spoken, so this
//! does not reach AWS itself.

use std::fmt;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::HeaderValue;
use hyper::{Method, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use task::Call;

use super::request::Request;
use super::response::Response;

/// Most bytes of a response that are read (AWS: 6 MB).
const RESPONSE_BYTES_MAX: usize = 6 * 1_024 * 1_024 + 1_024;

/// A Lambda-compatible endpoint.
#[derive(Clone)]
pub(crate) struct Endpoint {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.base).finish()
    }
}

impl Endpoint {
    /// An endpoint at `http://host:port`, with or without a path.
    ///
    /// # Errors
    /// When the text is not such a URL.
    pub(crate) fn new(url: &str) -> Result<Endpoint, String> {
        let wrong = |why: &str| format!("`{url}` cannot be a Lambda endpoint: {why}");
        let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(wrong("expected `http://host:port`"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Endpoint { base: url.trim_end_matches('/').to_owned(), client })
    }

    /// Sends one request.
    ///
    /// # Errors
    /// A text, when there is no response.
    pub(crate) async fn invoke(&self, request: &Request, call: &Call) -> Result<Response, String> {
        let http = self.request(request, call)?;
        let answer = self.client.request(http).await.map_err(|error| self.unreachable(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, RESPONSE_BYTES_MAX).collect().await;
        let body = body.map_err(|error| format!("Unable to read the HTTP response: {error}"))?.to_bytes();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            head.headers.iter().map(|(name, value)| (canonical(name.as_str()), text(value))).collect();
        Ok(Response { status: head.status.as_u16(), headers, body })
    }

    fn request(&self, request: &Request, call: &Call) -> Result<hyper::Request<Full<Bytes>>, String> {
        let mut uri = format!("{}/2015-03-31/functions/{}/invocations", self.base, request.function.name);
        if let Some(qualifier) = &request.function.qualifier {
            uri.push_str("?Qualifier=");
            uri.push_str(&qualifier.replace('$', "%24"));
        }
        let mut http = hyper::Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header("Content-Type", "application/json")
            .header("X-Amz-Invocation-Type", request.invocation.as_str())
            .header("X-Stepwell-Idempotency-Key", &*call.idempotency_key);
        if request.with_log {
            http = http.header("X-Amz-Log-Type", "Tail");
        }
        if let Some(context) = &request.client_context {
            http = http.header("X-Amz-Client-Context", context);
        }
        if let Some(trace) = &call.trace_header {
            http = http.header("X-Amzn-Trace-Id", &**trace);
        }
        http.body(Full::new(request.event.clone()))
            .map_err(|error| format!("Unable to make an HTTP request: {error}"))
    }

    fn unreachable(&self, error: &hyper_util::client::legacy::Error) -> String {
        let mut text = format!("Unable to execute HTTP request to {}: {error}", self.base);
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            text.push_str(&format!(": {inner}"));
            source = inner.source();
        }
        text
    }
}

/// The name of a header as AWS writes it: HTTP knows no case, but results of tasks do.
fn canonical(name: &str) -> String {
    match name {
        "x-amzn-requestid" => "x-amzn-RequestId".to_owned(),
        "x-amzn-remapped-content-length" => "x-amzn-Remapped-Content-Length".to_owned(),
        "x-amzn-errortype" => "x-amzn-ErrorType".to_owned(),
        _ => name.split('-').map(capitalised).collect::<Vec<_>>().join("-"),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(Endpoint::new(url).err().as_deref(), expected, "{url}");
        };
        check("http://localhost:3001", None);
        check("http://lambda.internal/proxy/", None);
        check("https://x", Some("`https://x` cannot be a Lambda endpoint: expected `http://host:port`"));
        check(
            "localhost:3001",
            Some("`localhost:3001` cannot be a Lambda endpoint: expected `http://host:port`"),
        );
        check("http://x/?a=b", Some("`http://x/?a=b` cannot be a Lambda endpoint: it has a query"));
    }

    #[test]
    fn header_names() {
        let check = |name: &str, expected: &str| assert_eq!(canonical(name), expected);
        check("content-length", "Content-Length");
        check("x-amz-executed-version", "X-Amz-Executed-Version");
        check("x-amzn-requestid", "x-amzn-RequestId");
        check("x-amzn-trace-id", "X-Amzn-Trace-Id");
    }
}
