//! JSON bodies, of `json` and `rest-json`, there and back. CBOR is read by way of it too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use value::{Array, Object, Value};

use crate::input::Typed;
use crate::output::{Form, Out};
use crate::service::{Kind, Reference, Service, TimestampFormat};
use crate::timestamp;

/// What a value of that shape looks like in a request.
pub(crate) fn write(service: &Service, reference: &Reference, typed: &Typed) -> Value {
    match typed {
        Typed::Text(text) => Value::Str(text.clone()),
        Typed::Integer(whole) => Value::Int(*whole),
        Typed::Number(number) => special_number(*number).map_or(Value::Float(*number), Value::from),
        Typed::Boolean(flag) => Value::Bool(*flag),
        Typed::Bytes(bytes) => Value::from(STANDARD.encode(bytes)),
        Typed::Document(document) => document.clone(),
        Typed::Moment(moment) => match reference.traits().timestamp_format {
            None | Some(TimestampFormat::UnixTimestamp) => timestamp::seconds(*moment),
            Some(format) => Value::from(timestamp::write(*moment, format)),
        },
        Typed::List(items) => match &service.shape(reference).kind {
            Kind::List(element) => {
                Value::Arr(items.iter().map(|item| write(service, element, item)).collect::<Array>())
            }
            _ => Value::Null,
        },
        Typed::Map(entries) => match &service.shape(reference).kind {
            Kind::Map(_, element) => {
                let entries = entries.iter().map(|(key, item)| (key.clone(), write(service, element, item)));
                Value::Obj(entries.collect::<Object>())
            }
            _ => Value::Null,
        },
        Typed::Structure(members) => structure(service, reference, members.iter()),
    }
}

/// The given members of a structure as an object.
pub(crate) fn structure<'a>(
    service: &Service,
    reference: &Reference,
    members: impl Iterator<Item = &'a (usize, Typed)>,
) -> Value {
    let Some(shape) = service.structure(reference) else { return Value::Null };
    let entries = members.filter_map(|(place, typed)| {
        let member = shape.members.get(*place)?;
        Some((member.wire_name(), write(service, &member.reference, typed)))
    });
    Value::Obj(entries.collect::<Object>())
}

/// JSON has no such numbers; they travel as text.
pub(crate) fn special_number(number: f64) -> Option<&'static str> {
    match number {
        _ if number.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

/// What a value of a response is for a workflow; `None` for `null`.
pub(crate) fn read(out: &Out<'_>, reference: &Reference, value: &Value, depth: usize) -> Option<Value> {
    if value.is_null() || depth > Out::DEPTH_MAX {
        return None;
    }
    Some(match (&out.service.shape(reference).kind, value) {
        (Kind::Document, _) => value.clone(),
        (Kind::Structure(structure), Value::Obj(given)) => {
            let members = structure.members.iter().filter_map(|member| {
                let value = given.get(member.wire_name())?;
                Some((out.name(member), read(out, &member.reference, value, depth + 1)?))
            });
            Out::object(members.collect())
        }
        (Kind::List(element), Value::Arr(items)) => {
            // A gap in a list stays one: the elements after it keep their places.
            let items = items.iter().map(|item| read(out, element, item, depth + 1).unwrap_or_default());
            Value::Arr(items.collect::<Array>())
        }
        (Kind::Map(_, element), Value::Obj(given)) => {
            let entries = given
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), read(out, element, value, depth + 1)?)));
            Value::Obj(entries.collect::<Object>())
        }
        (Kind::Blob, Value::Str(text)) => out.blob(text),
        (Kind::Timestamp, Value::Str(text)) => out.moment(timestamp::of_text(text), text),
        (Kind::Timestamp, other) => match other.as_f64() {
            Some(seconds) => out.moment(timestamp::of_seconds(seconds), &other.to_json()),
            None => other.clone(),
        },
        (Kind::Float | Kind::Double, Value::Float(number)) => {
            special_number(*number).map_or_else(|| value.clone(), Value::from)
        }
        (Kind::String, Value::Str(_)) => value.clone(),
        (Kind::String, other) => Value::from(other.to_json()),
        _ => value.clone(),
    })
}

/// Parses a body; an empty one is an empty object.
pub(crate) fn parse(body: &[u8]) -> Option<Value> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(Value::Obj(Object::new()));
    }
    Value::parse(std::str::from_utf8(body).ok()?).ok()
}

/// The result in a body.
pub(crate) fn read_body(
    service: &Service,
    form: Form,
    output: Option<&Reference>,
    body: &Value,
) -> Option<Value> {
    let Some(output) = output else { return Some(Value::Obj(Object::new())) };
    if body.is_null() {
        return Some(Value::Obj(Object::new()));
    }
    read(&Out { service, form }, output, body, 0)
}
