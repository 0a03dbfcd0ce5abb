//! From parameters to an HTTP request that only lacks host, signature and transport.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use value::Value;

use crate::input::{self, Problems, Typed};
use crate::output::Form;
use crate::service::{Operation, Protocol, Service};
use crate::{cbor, customization, json, query, rest};

/// An HTTP request without its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`…
    pub method: String,
    /// Percent-encoded, beginning with `/`.
    pub path: String,
    /// Form and values, not yet encoded; `None` is a name without `=`.
    pub query: Vec<(String, Option<String>)>,
    /// Form as they are written in the model.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// What the service wants before the name of its host.
    pub host_prefix: Option<String>,
}

/// Makes the request of an operation. `token` stands for idempotency tokens that are not among the parameters: calls with the same
/// token are one call for the service.
///
/// # Errors
/// What is wrong with the parameters: what is missing, not known, or of the wrong type.
pub fn request(
    service: &Service,
    operation: &Operation,
    form: Form,
    parameters: &Value,
    token: &str,
) -> Result<Request, Problems> {
    let parameters = customization::parameters(service, operation, parameters);
    let typed = input::read(service, operation.input.as_ref(), form, &parameters, token)?;
    let mut request = write(service, operation, &typed)?;
    request.host_prefix = host_prefix(service, operation, &typed)?;
    if form == Form::Sdk && rest::has_stream(service, operation) && !request.body.is_empty() {
        // Recorded: what `s3:putObject` has put is of this type.
        request.set_default("Content-Type", "text/plain; charset=UTF-8");
    }
    customization::finish(service, operation, &mut request);
    Ok(request)
}

fn write(service: &Service, operation: &Operation, typed: &Typed) -> Result<Request, Problems> {
    let mut request =
        Request { method: operation.method.to_string(), path: "/".to_owned(), ..Request::default() };
    match service.protocol {
        Protocol::RestJson | Protocol::RestXml => return rest::write(service, operation, typed),
        Protocol::Query | Protocol::Ec2 => {
            request.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
            request.body = query::write(service, operation, typed);
        }
        Protocol::Json => {
            request.set("X-Amz-Target", format!("{}.{}", service.target_prefix, operation.name));
            request.set("Content-Type", format!("application/x-amz-json-{}", service.json_version));
            let body = operation.input.as_ref().map(|input| json::write(service, input, typed));
            request.body = body.map_or_else(|| "{}".to_owned(), |body| body.to_json()).into_bytes();
        }
        Protocol::RpcV2Cbor => {
            request.method = "POST".to_owned();
            request.path = format!("/service/{}/operation/{}", service.target_prefix, operation.name);
            request.set("smithy-protocol", "rpc-v2-cbor");
            request.set("Accept", "application/cbor");
            if let Some(input) = &operation.input {
                request.set("Content-Type", "application/cbor");
                request.body = cbor::write(service, input, typed);
            }
        }
    }
    if service.query_compatible {
        request.set("x-amzn-query-mode", "true");
    }
    Ok(request)
}

/// The model's prefix with the members that are part of the host's name.
fn host_prefix(service: &Service, operation: &Operation, typed: &Typed) -> Result<Option<String>, Problems> {
    let Some(template) = &operation.host_prefix else { return Ok(None) };
    let mut prefix = template.to_string();
    let structure = operation.input.as_ref().and_then(|input| service.structure(input));
    if let (Some(structure), Typed::Structure(members)) = (structure, typed) {
        for (place, value) in members {
            let Some(member) = structure.members.get(*place) else { continue };
            let (true, Typed::Text(text)) = (member.reference.traits().host_label, value) else { continue };
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
                return Err(Problems(vec![format!(
                    "The value for the field '{}' must have letters, digits, hyphens and dots only",
                    member.shown
                )]));
            }
            prefix = prefix.replace(&format!("{{{}}}", member.name), text);
        }
    }
    Ok(Some(prefix))
}

impl Request {
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    pub(crate) fn set_default(&mut self, name: &str, value: &str) {
        if !self.has(name) {
            self.set(name, value);
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The query as it stands in the URL, without `?`; empty when there is none.
    pub fn query_string(&self) -> String {
        let pair = |(name, value): &(String, Option<String>)| match value {
            Some(value) => format!("{}={}", percent_encode(name, false), percent_encode(value, false)),
            None => percent_encode(name, false),
        };
        self.query.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// Percent-encodes all but letters, digits and `-._~`; slashes too unless they are to stay.
pub(crate) fn percent_encode(text: &str, keep_slashes: bool) -> String {
    utf8_percent_encode(text, if keep_slashes { PATH } else { UNRESERVED }).to_string()
}
