//! Reading a request's body: bounded in bytes and in time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use wire::ApiError;

/// The whole body. One frame, as nearly all are, is not copied.
///
/// # Errors
/// 413 when it is longer than `most` bytes, 408 when it takes longer than `patience`, 400 when the client breaks off.
pub(crate) async fn read(body: Incoming, most: usize, patience: Duration) -> Result<Bytes, ApiError> {
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(patience, collect(body, most)).await {
        Ok(read) => read,
        Err(_) => {
            Err(ApiError::new("RequestTimeoutException", "The request's body took too long.")
                .with_status(408))
        }
    }
}

async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, ApiError> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::serialization("The request's body is incomplete."))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + all.len() + data.len() > most {
            return Err(too_large());
        }
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve(first.len() + data.len());
            all.extend_from_slice(&first);
            first = Bytes::new();
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn too_large() -> ApiError {
    ApiError::new("RequestEntityTooLargeException", "The request is too large.").with_status(413)
}
