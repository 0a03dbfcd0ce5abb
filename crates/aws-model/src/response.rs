//! From an HTTP response to the result of an operation, or to its error.

use std::sync::Arc;

use roxmltree::{Document, Node};
use value::{Object, Value};

use crate::error::{self, ApiError};
use crate::output::{Form, Out};
use crate::service::{Kind, Operation, Protocol, Reference, Service, Structure};
use crate::{cbor, customization, json, rest, xml};

/// An HTTP response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Form and values, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of the first header of that name, whatever its capitals.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Reads a response: the operation's result in the form that Step Functions gives it to a workflow.
///
/// # Errors
/// The error that the service answered with, or one that says that the answer cannot be read.
pub fn response(
    service: &Service,
    operation: &Operation,
    form: Form,
    response: &Response,
) -> Result<Value, Box<ApiError>> {
    if !(200..300).contains(&response.status) {
        return Err(error::read(service, operation, response));
    }
    let out = Out { service, form };
    let result = match service.protocol {
        Protocol::Json => json::parse(&response.body)
            .and_then(|body| json::read_body(service, form, operation.output.as_ref(), &body)),
        Protocol::RpcV2Cbor => cbor::parse(&response.body)
            .and_then(|body| json::read_body(service, form, operation.output.as_ref(), &body)),
        Protocol::Query | Protocol::Ec2 => form_result(&out, operation, response),
        Protocol::RestJson | Protocol::RestXml => {
            if let Some(error) = customization::hidden_error(service, operation, response) {
                return Err(error);
            }
            rest_result(&out, operation, response)
        }
    };
    result.ok_or_else(|| error::unreadable(service, response))
}

/// The result of `query` and `ec2`.
fn form_result(out: &Out<'_>, operation: &Operation, response: &Response) -> Option<Value> {
    let Some(output) = &operation.output else { return Some(Value::Obj(Object::new())) };
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Some(Value::Obj(Object::new()));
    }
    let text = std::str::from_utf8(&response.body).ok()?;
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    let usual = format!("{}Result", operation.name);
    let wrapper = output.traits().result_wrapper.as_deref().unwrap_or(&usual);
    let start = xml::child(root, wrapper).unwrap_or(root);
    xml::read(out, output, start, 0)
}

fn rest_result(out: &Out<'_>, operation: &Operation, response: &Response) -> Option<Value> {
    let structure = operation.output.as_ref().and_then(|output| out.service.structure(output));
    let Some(structure) = structure else { return Some(Value::Obj(Object::new())) };
    let mut members = rest::read_head(out, structure, response);
    let mut last = None;
    match structure.payload.and_then(|place| structure.members.get(place)) {
        Some(member) => {
            let is_stream = member.reference.traits().streaming;
            let value = payload(out, &member.reference, response)?;
            match value {
                // Recorded: `Body` of `s3:getObject` comes after the members, which are in alphabetical order.
                Some(value) if is_stream => last = Some((out.name(member), value)),
                Some(value) => members.push((out.name(member), value)),
                None => {}
            }
        }
        None => members.extend(in_body(out, structure, response)?),
    }
    let Value::Obj(mut object) = Out::object(members) else { return None };
    object.extend(last);
    Some(customization::result(out.service, operation, response, Value::Obj(object)))
}

/// The member that alone is the body; `Some(None)` when there is no body for it.
fn payload(out: &Out<'_>, reference: &Reference, response: &Response) -> Option<Option<Value>> {
    match &out.service.shape(reference).kind {
        // A stream is there even if nothing is in it (recorded: `Body` of `s3:getObject`).
        _ if response.body.is_empty() && !reference.traits().streaming => return Some(None),
        Kind::Blob | Kind::String => return Some(Some(Out::bytes(&response.body))),
        _ => {}
    }
    if out.service.protocol == Protocol::RestJson {
        let body = json::parse(&response.body)?;
        return Some(json::read(out, reference, &body, 0));
    }
    with_root(response, |root| xml::read(out, reference, root, 0))
}

/// The members in a body that is a document of all of them.
fn in_body(out: &Out<'_>, structure: &Structure, response: &Response) -> Option<Vec<(Arc<str>, Value)>> {
    if out.service.protocol == Protocol::RestJson {
        let body = json::parse(&response.body)?;
        let here = structure.members.iter().filter(|member| !member.is_in_head());
        let found = here.filter_map(|member| {
            let value = json::read(out, &member.reference, body.get(member.wire_name())?, 1)?;
            Some((out.name(member), value))
        });
        return Some(found.collect());
    }
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Some(Vec::new());
    }
    with_root(response, |root| xml::members(out, &structure.members, root, 0))
}

/// Does something with the root of an XML body; `None` when the body is none.
pub(crate) fn with_root<T>(response: &Response, act: impl FnOnce(Node<'_, '_>) -> T) -> Option<T> {
    let text = std::str::from_utf8(&response.body).ok()?;
    let document = Document::parse(text).ok()?;
    Some(act(document.root_element()))
}
