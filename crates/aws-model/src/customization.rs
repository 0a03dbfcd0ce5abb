//! What a service wants beyond its model, in the SDKs too: a line a service. Anything that the model can say is not here.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use value::{Object, Value};

use crate::error::{self, ApiError};
use crate::request::Request;
use crate::response::{Response, with_root};
use crate::service::{Operation, Service};
use crate::xml;

static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
static CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
static CRC64NVME: Crc<u64> = Crc::<u64>::new(&CRC_64_NVME);

/// Parameters as they are meant.
pub(crate) fn parameters<'a>(service: &Service, operation: &Operation, given: &'a Value) -> Cow<'a, Value> {
    let Some(members) = given.as_object() else { return Cow::Borrowed(given) };
    match &*service.name {
        // Results have `/hostedzone/Z123`, parameters want `Z123`.
        "route53" => {
            let trimmed = members.iter().map(|(name, value)| match (&**name, value) {
                ("Id" | "HostedZoneId" | "ResourceId" | "DelegationSetId", Value::Str(text)) => {
                    (name.clone(), Value::from(bare_id(text)))
                }
                _ => (name.clone(), value.clone()),
            });
            Cow::Owned(Value::Obj(trimmed.collect::<Object>()))
        }
        // `-` is the account of who asks.
        "glacier" => {
            let takes_account = operation.uri.contains("{accountId}");
            let mut members = members.clone();
            if takes_account && !members.contains_key("AccountId") && !members.contains_key("accountId") {
                members.insert("AccountId", "-");
            }
            Cow::Owned(Value::Obj(members))
        }
        _ => Cow::Borrowed(given),
    }
}

fn bare_id(text: &str) -> &str {
    let (kind, id) = text.trim_start_matches('/').split_once('/').unwrap_or(("", text));
    if matches!(kind, "hostedzone" | "change" | "delegationset" | "healthcheck") { id } else { text }
}

/// Headers that come with a request.
pub(crate) fn finish(service: &Service, operation: &Operation, request: &mut Request) {
    match &*service.name {
        // Without it the answer is in another form.
        "apigateway" if !request.has("Accept") => request.set("Accept", "application/json"),
        "glacier" => request.set("x-amz-glacier-version", service.api_version.to_string()),
        _ => {}
    }
    checksum(operation, request);
}

/// The checksum of the body: by the algorithm that the parameters name, CRC-32 where there is a choice and none is named (recorded:
/// `ChecksumCRC32` in the result of `s3:putObject`), MD5 where there is no choice.
fn checksum(operation: &Operation, request: &mut Request) {
    const ALGORITHM: &str = "x-amz-sdk-checksum-algorithm";
    let has_one = |request: &Request| {
        let starts = |name: &str| name.to_ascii_lowercase().starts_with("x-amz-checksum-");
        request.has("content-md5") || request.headers.iter().any(|(name, _)| starts(name))
    };
    if has_one(request) {
        return;
    }
    if operation.checksum_member.is_none() {
        if operation.checksum_required {
            let sum = STANDARD.encode(md5::Md5::digest(&request.body));
            request.set("Content-MD5", sum);
        }
        return;
    }
    let named = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(ALGORITHM));
    let algorithm = named.map_or("CRC32", |(_, value)| value).to_ascii_uppercase();
    let body = &request.body;
    let sum = match algorithm.as_str() {
        "CRC32" => STANDARD.encode(CRC32.checksum(body).to_be_bytes()),
        "CRC32C" => STANDARD.encode(CRC32C.checksum(body).to_be_bytes()),
        "CRC64NVME" => STANDARD.encode(CRC64NVME.checksum(body).to_be_bytes()),
        "SHA1" => STANDARD.encode(Sha1::digest(body)),
        "SHA256" => STANDARD.encode(Sha256::digest(body)),
        _ => return,
    };
    if named.is_none() {
        request.set(ALGORITHM, "CRC32");
    }
    request.set(&format!("x-amz-checksum-{}", algorithm.to_ascii_lowercase()), sum);
}

/// S3 may say "200 OK" and then tell of an error, of operations that take long.
pub(crate) fn hidden_error(
    service: &Service,
    operation: &Operation,
    response: &Response,
) -> Option<Box<ApiError>> {
    if &*service.name != "s3" || response.body.is_empty() {
        return None;
    }
    let is_slow = matches!(&*operation.name, "CopyObject" | "UploadPartCopy" | "CompleteMultipartUpload");
    let is_error = is_slow && with_root(response, |root| root.tag_name().name() == "Error") == Some(true);
    is_error.then(|| error::read(service, operation, &Response { status: 500, ..response.clone() }))
}

/// Results that are not in the form that the model promises.
pub(crate) fn result(service: &Service, operation: &Operation, response: &Response, result: Value) -> Value {
    // The root element itself is the member.
    if &*service.name == "s3" && &*operation.name == "GetBucketLocation" {
        let text = with_root(response, xml::content).unwrap_or_default();
        if !text.trim().is_empty() {
            return Value::Obj([("LocationConstraint", text)].into_iter().collect::<Object>());
        }
    }
    result
}

/// The code of an error without a body: answers to HEAD have none.
pub(crate) fn code_of_status(
    service: &Service,
    operation: &Operation,
    response: &Response,
) -> Option<String> {
    let code = match (&*service.name, &*operation.name, response.status) {
        ("s3", "HeadObject", 404) => "NoSuchKey",
        ("s3", "HeadBucket", 404) => "NoSuchBucket",
        _ => return None,
    };
    Some(code.to_owned())
}
