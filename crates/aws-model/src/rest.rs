//! The parts of HTTP messages that `rest-json` and `rest-xml` use: path, query, headers, status, and which members are the body.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use value::{Array, Object, Value};

use crate::input::{Problems, Typed};
use crate::output::Out;
use crate::query::number_text;
use crate::request::{Request, percent_encode};
use crate::response::Response;
use crate::service::{
    Kind, Location, Member, Operation, Protocol, Reference, Service, Structure, TimestampFormat,
};
use crate::{json, timestamp, xml};

/// The whole request.
pub(crate) fn write(service: &Service, operation: &Operation, typed: &Typed) -> Result<Request, Problems> {
    let mut request = Request { method: operation.method.to_string(), ..Request::default() };
    let empty = Structure::default();
    let structure = operation.input.as_ref().and_then(|input| service.structure(input));
    let structure = structure.unwrap_or(&empty);
    let none = Vec::new();
    let members = if let Typed::Structure(members) = typed { members } else { &none };
    let mut labels: Vec<(&str, &str, String)> = Vec::new();
    let mut free = Vec::new();
    for (place, value) in members {
        let Some(member) = structure.members.get(*place) else { continue };
        match member.reference.traits().location {
            Some(Location::Uri) => {
                let text = simple(service, &member.reference, value, TimestampFormat::Iso8601);
                labels.push((member.wire_name(), &member.shown, text));
            }
            Some(Location::Querystring) if matches!(value, Typed::Map(_)) => free.push((member, value)),
            Some(Location::Querystring) => {
                add_query(service, member.wire_name(), &member.reference, value, &mut request.query);
            }
            Some(Location::Header) => header(service, member, value, &mut request),
            Some(Location::Headers) => {
                if let Typed::Map(entries) = value {
                    for (key, value) in entries {
                        let text = simple(service, &member.reference, value, TimestampFormat::Rfc822);
                        request.set(&format!("{}{key}", member.wire_name()), text);
                    }
                }
            }
            Some(Location::StatusCode) | None => {}
        }
    }
    free.iter().for_each(|(member, value)| free_query(service, member, value, &mut request.query));
    target(operation, &labels, &mut request)?;
    body(service, operation, structure, members, &mut request);
    Ok(request)
}

/// Is the body a stream of bytes?
pub(crate) fn has_stream(service: &Service, operation: &Operation) -> bool {
    let structure = operation.input.as_ref().and_then(|input| service.structure(input));
    let payload = structure.and_then(|structure| structure.members.get(structure.payload?));
    payload.is_some_and(|member| member.reference.traits().streaming)
}

/// Fills the URI's labels; a `+` keeps the slashes. What stands behind `?` in the model goes before the other parameters.
fn target(
    operation: &Operation,
    labels: &[(&str, &str, String)],
    request: &mut Request,
) -> Result<(), Problems> {
    let (path, fixed) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
    let mut out = path.to_owned();
    for (name, shown, text) in labels {
        if text.is_empty() {
            return Err(Problems(vec![format!("The value for the field '{shown}' must not be empty")]));
        }
        out = out.replace(&format!("{{{name}}}"), &percent_encode(text, false));
        out = out.replace(&format!("{{{name}+}}"), &percent_encode(text, true));
    }
    request.path = out;
    let fixed = fixed.split('&').filter(|part| !part.is_empty()).map(|part| match part.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (part.to_owned(), None),
    });
    request.query.splice(0..0, fixed);
    Ok(())
}

/// A scalar as text outside the body.
fn simple(service: &Service, reference: &Reference, typed: &Typed, format: TimestampFormat) -> String {
    match typed {
        Typed::Text(text) if reference.traits().json_value => STANDARD.encode(text.as_bytes()),
        Typed::Text(text) => text.to_string(),
        Typed::Integer(whole) => whole.to_string(),
        Typed::Number(number) => number_text(*number),
        Typed::Boolean(flag) => flag.to_string(),
        Typed::Bytes(bytes) => STANDARD.encode(bytes),
        Typed::Moment(moment) => {
            timestamp::write(*moment, reference.traits().timestamp_format.unwrap_or(format))
        }
        other => json::write(service, reference, other).to_json(),
    }
}

fn add_query(
    service: &Service,
    name: &str,
    reference: &Reference,
    typed: &Typed,
    query: &mut Vec<(String, Option<String>)>,
) {
    let text = |reference, value| simple(service, reference, value, TimestampFormat::Iso8601);
    let texts = match (typed, &service.shape(reference).kind) {
        (Typed::List(items), Kind::List(element)) => items.iter().map(|item| text(element, item)).collect(),
        _ => vec![text(reference, typed)],
    };
    query.extend(texts.into_iter().map(|text| (name.to_owned(), Some(text))));
}

/// A member whose keys are the names; those that other members have stand back.
fn free_query(service: &Service, member: &Member, typed: &Typed, query: &mut Vec<(String, Option<String>)>) {
    let (Typed::Map(entries), Kind::Map(_, element)) = (typed, &service.shape(&member.reference).kind) else {
        return;
    };
    let taken = query.len();
    for (key, value) in entries {
        if !query.iter().take(taken).any(|(name, _)| *name == **key) {
            add_query(service, key, element, value, query);
        }
    }
}

fn header(service: &Service, member: &Member, typed: &Typed, request: &mut Request) {
    let text = match (typed, &service.shape(&member.reference).kind) {
        (Typed::List(items), _) if items.is_empty() => return,
        (Typed::List(items), Kind::List(element)) => {
            let item = |item: &Typed| match item {
                Typed::Text(text) => quoted(text),
                other => simple(service, element, other, TimestampFormat::Rfc822),
            };
            items.iter().map(item).collect::<Vec<_>>().join(",")
        }
        _ => simple(service, &member.reference, typed, TimestampFormat::Rfc822),
    };
    request.set(member.wire_name(), text);
}

/// An element of a list in a header: in quotes if it has what separates elements.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',']) { format!("\"{}\"", text.replace('"', "\\\"")) } else { text.to_owned() }
}

fn body(
    service: &Service,
    operation: &Operation,
    structure: &Structure,
    members: &[(usize, Typed)],
    request: &mut Request,
) {
    let Some(input) = &operation.input else { return };
    let is_json = service.protocol == Protocol::RestJson;
    let given = |place: usize| members.iter().find(|(known, _)| *known == place).map(|(_, typed)| typed);
    if let Some((place, member)) =
        structure.payload.and_then(|place| Some((place, structure.members.get(place)?)))
    {
        let is_raw = matches!(service.shape(&member.reference).kind, Kind::Blob | Kind::String);
        match given(place) {
            Some(Typed::Bytes(bytes)) => request.body.clone_from(bytes),
            Some(Typed::Text(text)) => request.body = text.as_bytes().to_vec(),
            Some(typed) => request.body = document(service, member.wire_name(), &member.reference, typed),
            None if is_json && !is_raw => request.body = b"{}".to_vec(),
            None => {}
        }
        if is_raw {
            return;
        }
    } else {
        let in_body = |place: usize| {
            structure.members.get(place).is_some_and(|member| member.reference.traits().location.is_none())
        };
        let here: Vec<(usize, Typed)> =
            members.iter().filter(|(place, _)| in_body(*place)).cloned().collect();
        if !here.is_empty() {
            request.body =
                document(service, input.wire_name().unwrap_or_default(), input, &Typed::Structure(here));
        } else if is_json && (0..structure.members.len()).any(in_body) {
            request.body = b"{}".to_vec();
        }
    }
    if is_json && !request.body.is_empty() && !request.has("Content-Type") {
        request.set("Content-Type", "application/json");
    }
}

/// A JSON or XML document.
fn document(service: &Service, name: &str, reference: &Reference, typed: &Typed) -> Vec<u8> {
    if service.protocol == Protocol::RestJson {
        return json::write(service, reference, typed).to_json().into_bytes();
    }
    let mut out = String::new();
    xml::write(&mut out, service, name, reference, typed);
    out.into_bytes()
}

/// The members of a result that are in headers and status.
pub(crate) fn read_head(out: &Out<'_>, structure: &Structure, response: &Response) -> Vec<(Arc<str>, Value)> {
    let mut found = Vec::new();
    for member in &structure.members {
        let value = match member.reference.traits().location {
            Some(Location::StatusCode) => Some(Value::from(u32::from(response.status))),
            Some(Location::Header) => {
                response.header(member.wire_name()).map(|text| header_value(out, &member.reference, text))
            }
            Some(Location::Headers) => Some(header_map(member.wire_name(), response)),
            _ => None,
        };
        found.extend(value.map(|value| (out.name(member), value)));
    }
    found
}

/// There is always one, if an empty one (recorded: `Metadata` of `s3:getObject`).
fn header_map(prefix: &str, response: &Response) -> Value {
    let entries = response.headers.iter().filter_map(|(name, value)| {
        let start = name.get(..prefix.len())?;
        let rest = name.get(prefix.len()..)?;
        start.eq_ignore_ascii_case(prefix).then(|| (rest, Value::from(value.as_str())))
    });
    Value::Obj(entries.collect::<Object>())
}

fn header_value(out: &Out<'_>, reference: &Reference, text: &str) -> Value {
    let kind = &out.service.shape(reference).kind;
    if reference.traits().json_value {
        return out.blob(text);
    }
    match kind {
        Kind::List(element) => {
            let kind = &out.service.shape(element).kind;
            let mut parts = split(text);
            // `Mon, 16 Dec 2019 23:48:18 GMT` has a comma of its own.
            if matches!(kind, Kind::Timestamp) && text.ends_with("GMT") {
                parts = parts.chunks(2).map(|pair| pair.join(", ")).collect();
            }
            Value::Arr(parts.iter().map(|part| xml::of_text(out, kind, part)).collect::<Array>())
        }
        scalar => xml::of_text(out, scalar, text),
    }
}

/// The elements of a list in a header.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut in_quotes) = (Vec::new(), String::new(), false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => in_quotes = !in_quotes,
            '\\' if in_quotes => part.extend(letters.next()),
            ',' if !in_quotes => parts.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    parts.push(part);
    parts.iter().map(|part| part.trim().to_owned()).collect()
}
