//! Signatures, version 4.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign as sign_request,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::Full;

use crate::credentials::Credentials;

/// For whom and what a request is signed.
#[derive(Debug)]
pub(crate) struct Signing<'a> {
    pub credentials: &'a Credentials,
    pub region: &'a str,
    /// The service's name in signatures.
    pub name: &'a str,
    /// S3 and its kin take the path as it is and want the body's hash in a header.
    pub is_s3: bool,
    /// The body is left out.
    pub unsigned_body: bool,
    pub at: SystemTime,
}

/// Adds the headers of a signature.
///
/// # Errors
/// When the request has a part that cannot be signed, such as a header that is not text.
pub(crate) fn sign(
    request: &mut hyper::Request<Full<Bytes>>,
    body: &[u8],
    signing: &Signing<'_>,
) -> Result<(), String> {
    let identity = aws_credential_types::Credentials::new(
        &*signing.credentials.access_key_id,
        &*signing.credentials.secret_access_key,
        signing.credentials.session_token.clone(),
        None,
        "stepwell",
    )
    .into();
    let mut settings = SigningSettings::default();
    if signing.is_s3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(signing.region)
        .name(signing.name)
        .time(signing.at)
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
    let headers = headers.collect::<Result<Vec<_>, hyper::header::ToStrError>>();
    let headers = headers.map_err(|_| "a header has characters that cannot be signed".to_owned())?;
    let body = if signing.unsigned_body { SignableBody::UnsignedPayload } else { SignableBody::Bytes(body) };
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), &uri, headers.into_iter(), body)
        .map_err(|error| error.to_string())?;
    let output = sign_request(signable, &params).map_err(|error| error.to_string())?;
    let (instructions, _) = output.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
