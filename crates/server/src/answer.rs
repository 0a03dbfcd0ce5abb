//! From an outcome to an HTTP answer: one buffer, AWS JSON 1.0.

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use wire::ApiError;

/// An HTTP answer: all of it at once, or piece by piece.
pub(crate) type Answer = Response<Either<Full<Bytes>, Channel<Bytes>>>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// Room that most answers fit into.
const ROOM: usize = 512;

/// A response of the API as bytes.
///
/// # Errors
/// `InternalFailure`, which no shape of the API leads to.
pub(crate) fn write<T: Serialize>(response: &T) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut bytes, response)
        .map_err(|error| ApiError::internal_failure(format!("the answer cannot be written: {error}")))?;
    Ok(bytes)
}

/// The answer to an operation.
pub(crate) fn api(id: HeaderValue, outcome: Result<Vec<u8>, ApiError>) -> Answer {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => {
            let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            (status, error.body().to_string().into_bytes())
        }
    };
    let mut answer = with(status, HeaderValue::from_static(wire::CONTENT_TYPE), body.into());
    answer.headers_mut().insert(REQUEST_ID, id);
    // What is left of a body that was not read must not be taken for a request.
    if matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// A short text for people.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Answer {
    with(status, HeaderValue::from_static("text/plain; charset=utf-8"), Bytes::from_static(text.as_bytes()))
}

/// An answer with this body.
pub(crate) fn with(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Answer {
    let mut answer = Response::new(Either::Left(Full::new(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
