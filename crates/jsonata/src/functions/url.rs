//! Percent-encoding as JavaScript's `encodeURI` and its relatives have it. Not for parsing URLs.

use value::Value;

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;

/// What a component keeps beside letters and digits.
const UNRESERVED: &str = "-_.!~*'()";
/// What a whole URL keeps besides, because it has a meaning there.
const RESERVED: &str = ";/?:@&=+$,#";

/// `$encodeUrlComponent(str)`.
pub(super) fn encode_component(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    encoded(evaluator, args, "")
}

/// `$encodeUrl(str)`.
pub(super) fn encode(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    encoded(evaluator, args, RESERVED)
}

fn encoded(evaluator: &mut Evaluator<'_>, args: &Args, keep: &str) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    let kept = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || UNRESERVED.as_bytes().contains(&byte)
            || keep.as_bytes().contains(&byte)
    };
    let bytes = text.bytes().map(|byte| if kept(byte) { 1 } else { 3 }).sum();
    evaluator.budget.string(bytes)?;
    let mut out = String::with_capacity(bytes);
    for byte in text.bytes() {
        if kept(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(char::from_digit(half.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    Ok(Item::Value(Value::from(out)))
}

/// `$decodeUrlComponent(str)`.
pub(super) fn decode_component(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    decoded(evaluator, args, "", "decodeUrlComponent")
}

/// `$decodeUrl(str)`: what has a meaning in a URL stays encoded.
pub(super) fn decode(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    decoded(evaluator, args, RESERVED, "decodeUrl")
}

fn decoded(evaluator: &mut Evaluator<'_>, args: &Args, keep: &str, name: &str) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.string(text.len())?;
    let decoded = unescape(&text, keep);
    let decoded = decoded
        .ok_or_else(|| Fault::new("D3140").string("value", &text).text("functionName", name.to_owned()))?;
    Ok(Item::Value(Value::from(decoded)))
}

fn unescape(text: &str, keep: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(percent) = rest.find('%') {
        out.push_str(&rest[..percent]);
        rest = &rest[percent..];
        let first = byte_of(rest)?;
        let length = match first {
            0..=0x7F => 1,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => return None,
        };
        let mut bytes = vec![first];
        for at in 1..length {
            bytes.push(byte_of(rest.get(at * 3..)?)?);
        }
        let character = std::str::from_utf8(&bytes).ok()?;
        if keep.contains(character) {
            out.push_str(&rest[..3]);
        } else {
            out.push_str(character);
        }
        rest = &rest[length * 3..];
    }
    out.push_str(rest);
    Some(out)
}

/// The byte that `%XX` stands for.
fn byte_of(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}
