//! The console's files, inside the binary. A path without a file is the page itself, which knows its own paths; without a built
//! console there is a page that says how to get it.

use std::borrow::Cow;
use std::path::Path;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Method, Request, StatusCode};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::answer::{self, Answer};

/// `npm run build` of `console/` makes them; `cargo build` takes what is there.
#[derive(RustEmbed)]
#[folder = "../../console/dist/"]
#[allow_missing = true]
struct Files;

/// The page.
const PAGE: &str = "index.html";
const PLACEHOLDER: &str = "<!doctype html><meta charset=utf-8><title>Stepwell</title>\
<body style=\"font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem\">\
<h1>Stepwell runs.</h1><p>This binary was built without its console. With Node 20 or later:</p>\
<pre>cd console && npm ci && npm run build && cd .. && cargo build --release</pre>\
<p>The API is on this address; <code>stepwell --help</code> shows the command line.</p>";
/// Scripts and connections of this origin only; the editor sets styles inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether this binary has its console inside.
pub fn is_embedded() -> bool {
    Files::get(PAGE).is_some()
}

/// A file, the page, or where the page is. With a folder the files come from there.
pub(super) fn answer(request: &Request<Incoming>, folder: Option<&Path>) -> Answer {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::text(StatusCode::METHOD_NOT_ALLOWED, "The console's files can only be read.\n");
    }
    let Some(path) = request.uri().path().strip_prefix("/console/") else {
        let mut answer = answer::text(StatusCode::PERMANENT_REDIRECT, "");
        answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/console/"));
        return answer;
    };
    let mut answer = file(path, request.headers(), folder);
    let headers = answer.headers_mut();
    let fixed: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn file(path: &str, asked: &HeaderMap, folder: Option<&Path>) -> Answer {
    let named = find(path, folder);
    if path.starts_with("assets/") && named.is_none() {
        return answer::text(StatusCode::NOT_FOUND, "There is no such file.\n");
    }
    // Names of assets carry their content's hash; the page's does not.
    let (path, caching) = match named {
        Some(_) if path.starts_with("assets/") => (path, "public, max-age=31536000, immutable"),
        Some(_) => (path, "no-cache"),
        None => (PAGE, "no-cache"),
    };
    let Some(found) = named.or_else(|| find(PAGE, folder)) else {
        return answer::with(StatusCode::OK, content_type(path), PLACEHOLDER.into());
    };
    let tag = etag(&found);
    if asked.get(IF_NONE_MATCH) == Some(&tag) {
        return answer::with(StatusCode::NOT_MODIFIED, content_type(path), Bytes::new());
    }
    let accepted = asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_brotli = accepted.split(',').any(|one| one.trim().split(';').next() == Some("br"));
    let packed = if takes_brotli { find(&format!("{path}.br"), folder) } else { None };
    let is_packed = packed.is_some();
    let mut answer = answer::with(StatusCode::OK, content_type(path), packed.unwrap_or(found));
    let headers = answer.headers_mut();
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(ETAG, tag);
    answer
}

/// The bytes of a file: of the folder if there is one, or else of the binary. A path that could lead out of the folder names nothing.
fn find(path: &str, folder: Option<&Path>) -> Option<Bytes> {
    let plain =
        |part: &str| !part.is_empty() && part != ".." && part != "." && !part.contains(['\\', '\0', ':']);
    if !path.split('/').all(plain) {
        return None;
    }
    match folder {
        Some(folder) => std::fs::read(folder.join(path)).ok().map(Bytes::from),
        None => Files::get(path).map(|file| match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        }),
    }
}

fn etag(file: &Bytes) -> HeaderValue {
    let hash: String = Sha256::digest(file).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}
