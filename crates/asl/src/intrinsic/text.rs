//! The functions on texts and on JSON as text.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Digest;
use value::{Numbers, Value};

use super::{MAX_TEXT, string};

/// The most characters that Base64 and hash functions take (AWS page "Intrinsic functions").
const MAX_CHARACTERS: usize = 10_000;

/// Base64 with padding, of the UTF-8 bytes.
pub(super) fn base64_encode(text: &Value) -> Result<Value, String> {
    Ok(Value::from(STANDARD.encode(limited(string(text)?)?)))
}

/// The text that Base64 stands for; line breaks are skipped as MIME has it.
pub(super) fn base64_decode(text: &Value) -> Result<Value, String> {
    let mut text = limited(string(text)?)?.to_owned();
    text.retain(|ch| !matches!(ch, '\r' | '\n'));
    let bytes =
        STANDARD.decode(text.as_bytes()).map_err(|_| String::from("The input is not valid Base64"))?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The digest of a string, or of the compact JSON of anything else, in lower-case hexadecimal digits.
pub(super) fn hash(data: &Value, algorithm: &Value) -> Result<Value, String> {
    let json;
    let data = match data {
        Value::Str(text) => &**text,
        other => {
            json = compact(other)?;
            &json
        }
    };
    let data = limited(data)?.as_bytes();
    let digest = match string(algorithm)? {
        "MD5" => hex(&md5::Md5::digest(data)),
        "SHA-1" => hex(&sha1::Sha1::digest(data)),
        "SHA-256" => hex(&sha2::Sha256::digest(data)),
        "SHA-384" => hex(&sha2::Sha384::digest(data)),
        "SHA-512" => hex(&sha2::Sha512::digest(data)),
        other => return Err(format!("Unknown hash algorithm: {other}")),
    };
    Ok(Value::from(digest))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The members of both objects; of a key that both have, the second's value. Only the shallow mode exists.
pub(super) fn json_merge(first: &Value, second: &Value, deep: &Value) -> Result<Value, String> {
    let (Some(first), Some(second)) = (first.as_object(), second.as_object()) else {
        return Err(String::from("Expected two JSON objects to merge"));
    };
    if deep.as_bool() != Some(false) {
        return Err(String::from(
            "Only the shallow merge mode is supported: the third argument must be false",
        ));
    }
    let mut merged = first.clone();
    for (key, value) in second.iter() {
        merged.insert(key.clone(), value.clone());
    }
    Ok(Value::Obj(merged))
}

/// The value of a JSON text; a blank text is null (recorded).
pub(super) fn string_to_json(text: &Value) -> Result<Value, String> {
    let text = string(text)?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    Value::parse(text).map_err(|error| error.to_string())
}

/// The compact JSON text of a value.
pub(super) fn json_to_string(value: &Value) -> Result<Value, String> {
    Ok(Value::from(compact(value)?))
}

/// The pieces between delimiters: every character of `delimiters` separates, empty pieces are dropped (recorded).
pub(super) fn split(text: &Value, delimiters: &Value) -> Result<Value, String> {
    let (text, delimiters) = (string(text)?, string(delimiters)?);
    let is_delimiter: Box<dyn Fn(char) -> bool> = if delimiters.len() <= 8 {
        Box::new(|ch| delimiters.contains(ch))
    } else {
        let set: std::collections::HashSet<char> = delimiters.chars().collect();
        Box::new(move |ch| set.contains(&ch))
    };
    let pieces = text.split(is_delimiter).filter(|piece| !piece.is_empty());
    Ok(Value::Arr(pieces.map(Value::from).collect()))
}

/// Fills the `{}` of a template in order. A string goes in as it is, arrays and objects as Java prints lists and maps
/// (recorded), anything else as JSON. `\{`, `\}` and `\\` stand for the character.
pub(super) fn format(template: &Value, values: &[Value]) -> Result<Value, String> {
    let template = string(template)?;
    let mut out = String::new();
    let mut values_left = values.iter();
    let mut chars = template.chars().peekable();
    while let Some(ch) = chars.next() {
        match (ch, chars.peek()) {
            ('\\', Some(&escaped @ ('{' | '}' | '\\'))) => {
                out.push(escaped);
                chars.next();
            }
            ('{', Some('}')) => {
                chars.next();
                let value = values_left.next().ok_or_else(|| mismatch(values.len()))?;
                write_java(value, &mut out)?;
            }
            _ => out.push(ch),
        }
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    if values_left.next().is_some() {
        return Err(mismatch(values.len()));
    }
    Ok(Value::from(out))
}

fn mismatch(values: usize) -> String {
    format!("The number of arguments ({values}) does not match the number of occurrences of {{}}")
}

/// Prints a value as Java's `toString` does: `{Arg1=1, Arg2=[]}`. Iterative.
fn write_java(value: &Value, out: &mut String) -> Result<(), String> {
    enum Step<'a> {
        Value(&'a Value),
        Text(&'a str),
    }
    let mut steps = vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Text(text) => out.push_str(text),
            Step::Value(Value::Str(text)) => out.push_str(text),
            Step::Value(Value::Arr(items)) => {
                out.push('[');
                steps.push(Step::Text("]"));
                for (at, item) in items.iter().enumerate().rev() {
                    steps.push(Step::Value(item));
                    steps.push(Step::Text(if at == 0 { "" } else { ", " }));
                }
            }
            Step::Value(Value::Obj(members)) => {
                out.push('{');
                steps.push(Step::Text("}"));
                let members: Vec<_> = members.iter().collect();
                for (at, (key, member)) in members.into_iter().enumerate().rev() {
                    steps.push(Step::Value(member));
                    steps.push(Step::Text("="));
                    steps.push(Step::Text(key));
                    steps.push(Step::Text(if at == 0 { "" } else { ", " }));
                }
            }
            Step::Value(scalar) => scalar.write_json(out),
        }
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    Ok(())
}

fn compact(value: &Value) -> Result<String, String> {
    let mut text = String::new();
    value.write_json_within(&mut text, Numbers::Java, MAX_TEXT).map_err(|_| too_long())?;
    Ok(text)
}

fn too_long() -> String {
    format!("The result is longer than {MAX_TEXT} bytes")
}

fn limited(text: &str) -> Result<&str, String> {
    if text.chars().count() > MAX_CHARACTERS {
        return Err(format!("The input cannot be longer than {MAX_CHARACTERS} characters"));
    }
    Ok(text)
}
