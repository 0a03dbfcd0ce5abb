//! CBOR bodies, of `rpc-v2-cbor`. Writing goes by the shape; reading makes JSON of it (bytes as Base64, moments as seconds), which
//! is then read as such.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minicbor::data::{Tag, Type};
use minicbor::encode::Error;
use minicbor::{Decoder, Encoder};
use value::{Array, Object, Value};

use crate::input::Typed;
use crate::service::{Kind, Reference, Service};
use crate::timestamp;

type Written = Result<(), Error<std::convert::Infallible>>;

/// How deep a response may be nested.
const DEPTH_MAX: usize = 200;

/// The body of a request.
pub(crate) fn write(service: &Service, reference: &Reference, typed: &Typed) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing into memory cannot fail.
    let _ = value(&mut encoder, service, reference, typed);
    encoder.into_writer()
}

fn value(out: &mut Encoder<Vec<u8>>, service: &Service, reference: &Reference, typed: &Typed) -> Written {
    match typed {
        Typed::Text(text) => out.str(text)?.ok(),
        Typed::Integer(whole) => out.i64(*whole)?.ok(),
        Typed::Number(number) => self::number(out, service, reference, *number),
        Typed::Boolean(flag) => out.bool(*flag)?.ok(),
        Typed::Bytes(bytes) => out.bytes(bytes)?.ok(),
        Typed::Document(document) => json(out, document, 0),
        Typed::Moment(moment) => {
            out.tag(Tag::new(1))?;
            json(out, &timestamp::seconds(*moment), 0)
        }
        Typed::List(items) => {
            let Kind::List(element) = &service.shape(reference).kind else { return out.null()?.ok() };
            out.array(items.len() as u64)?;
            items.iter().try_for_each(|item| value(out, service, element, item))
        }
        Typed::Map(entries) => {
            let Kind::Map(_, element) = &service.shape(reference).kind else { return out.null()?.ok() };
            out.map(entries.len() as u64)?;
            entries.iter().try_for_each(|(key, item)| {
                out.str(key)?;
                value(out, service, element, item)
            })
        }
        Typed::Structure(members) => {
            let Some(shape) = service.structure(reference) else { return out.null()?.ok() };
            out.map(members.len() as u64)?;
            members.iter().try_for_each(|(place, item)| match shape.members.get(*place) {
                Some(member) => {
                    out.str(member.wire_name())?;
                    value(out, service, &member.reference, item)
                }
                None => Ok(()),
            })
        }
    }
}

fn number(out: &mut Encoder<Vec<u8>>, service: &Service, reference: &Reference, number: f64) -> Written {
    if !number.is_finite() {
        return out.f16(number as f32)?.ok();
    }
    match service.shape(reference).kind {
        #[expect(clippy::cast_possible_truncation, reason = "the shape has 32 bits")]
        Kind::Float => out.f32(number as f32)?.ok(),
        _ => out.f64(number)?.ok(),
    }
}

fn json(out: &mut Encoder<Vec<u8>>, document: &Value, depth: usize) -> Written {
    match document {
        _ if depth > DEPTH_MAX => out.null()?.ok(),
        Value::Null => out.null()?.ok(),
        Value::Bool(flag) => out.bool(*flag)?.ok(),
        Value::Int(whole) => out.i64(*whole)?.ok(),
        Value::Float(number) => out.f64(*number)?.ok(),
        Value::Str(text) => out.str(text)?.ok(),
        Value::Arr(items) => {
            out.array(items.len() as u64)?;
            items.iter().try_for_each(|item| json(out, item, depth + 1))
        }
        Value::Obj(members) => {
            out.map(members.len() as u64)?;
            members.iter().try_for_each(|(key, item)| {
                out.str(key)?;
                json(out, item, depth + 1)
            })
        }
    }
}

/// A body as JSON; `None` when it is no CBOR.
pub(crate) fn parse(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(Value::Obj(Object::new()));
    }
    item(&mut Decoder::new(body), 0).ok()
}

fn item(input: &mut Decoder<'_>, depth: usize) -> Result<Value, minicbor::decode::Error> {
    if depth > DEPTH_MAX {
        return Err(minicbor::decode::Error::message("nested too deeply"));
    }
    Ok(match input.datatype()? {
        Type::Bool => Value::Bool(input.bool()?),
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::Int => {
            let whole = i128::from(input.int()?);
            #[expect(clippy::cast_precision_loss, reason = "what has no 64 bits is a double in JSON too")]
            i64::try_from(whole).map_or(Value::Float(whole as f64), Value::Int)
        }
        Type::F16 => Value::Float(input.f16()?.into()),
        Type::F32 => Value::Float(input.f32()?.into()),
        Type::F64 => Value::Float(input.f64()?),
        Type::String | Type::StringIndef => Value::from(input.str_iter()?.collect::<Result<String, _>>()?),
        Type::Bytes | Type::BytesIndef => {
            let parts = input.bytes_iter()?.collect::<Result<Vec<_>, _>>()?;
            Value::from(STANDARD.encode(parts.concat()))
        }
        Type::Array | Type::ArrayIndef => {
            let mut items = Array::new();
            let mut left = input.array()?;
            while another(input, &mut left)? {
                items.push(item(input, depth + 1)?);
            }
            Value::Arr(items)
        }
        Type::Map | Type::MapIndef => {
            let mut members = Object::new();
            let mut left = input.map()?;
            while another(input, &mut left)? {
                let key = item(input, depth + 1)?;
                let key = if let Value::Str(key) = key { key } else { key.to_json().into() };
                members.insert(key, item(input, depth + 1)?);
            }
            Value::Obj(members)
        }
        Type::Tag => {
            input.tag()?;
            item(input, depth + 1)?
        }
        _ => {
            input.skip()?;
            Value::Null
        }
    })
}

/// Is there one more, by the count or, where there is none, by the mark of the end?
fn another(input: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, minicbor::decode::Error> {
    match left {
        Some(0) => Ok(false),
        Some(count) => {
            *count -= 1;
            Ok(true)
        }
        None if input.datatype()? == Type::Break => {
            input.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}
