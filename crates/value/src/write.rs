//! Values as compact JSON text, with numbers as the service prints them. Not for pretty printing.

use std::fmt::{self, Write};
use std::sync::Arc;

use crate::Value;

/// How doubles are printed. Integers are always plain digits; what is not finite is the string `"Infinity"`, `"-Infinity"` or
/// `"NaN"`, because JSON has no number for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// As Java's `Double.toString`: always with a fraction (`1.0`), in scientific notation outside 10^-3..10^7 (`1.0E10`).
    /// What the service's JSONPath mode prints: `1.0` stays `1.0`.
    Java,
    /// As the service's JSONata mode: a double with an integer value that fits into 64 bits is printed as that integer
    /// (`1.0` becomes `1`); any other as [`Numbers::Java`].
    JsonData,
}

/// The text would have more bytes than the caller allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the JSON text is longer than allowed")
    }
}

impl std::error::Error for TooLong {}

/// A container that is being written, and what of it is still to come.
enum Open<'a> {
    Arr(std::slice::Iter<'a, Value>),
    Obj(std::slice::Iter<'a, (Arc<str>, Value)>),
}

/// Appends the text of `value`; gives up when more than `max` bytes were appended.
pub(crate) fn write(value: &Value, out: &mut String, numbers: Numbers, max: usize) -> Result<(), TooLong> {
    let end = out.len().saturating_add(max);
    let mut stack: Vec<Open<'_>> = vec![];
    let mut next = Some(value);
    while let Some(value) = next {
        let opened = match value {
            Value::Arr(a) if !a.is_empty() => Some(('[', Open::Arr(a.iter()))),
            Value::Obj(o) if !o.is_empty() => Some(('{', Open::Obj(o.0.entries.iter()))),
            leaf => {
                write_leaf(leaf, out, numbers);
                None
            }
        };
        let mut first = opened.is_some();
        if let Some((bracket, container)) = opened {
            out.push(bracket);
            stack.push(container);
        }
        next = loop {
            let Some(top) = stack.last_mut() else { break None };
            let step = match top {
                Open::Arr(items) => items.next().map(|v| (None, v)).ok_or(']'),
                Open::Obj(members) => members.next().map(|(k, v)| (Some(k), v)).ok_or('}'),
            };
            match step {
                Ok((key, value)) => {
                    if !first {
                        out.push(',');
                    }
                    if let Some(key) = key {
                        write_string(key, out);
                        out.push(':');
                    }
                    break Some(value);
                }
                Err(bracket) => {
                    out.push(bracket);
                    stack.pop();
                    first = false;
                }
            }
        };
        if out.len() > end {
            return Err(TooLong);
        }
    }
    Ok(())
}

/// Writes a scalar or an empty container.
fn write_leaf(value: &Value, out: &mut String, numbers: Numbers) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(i) => append(out, format_args!("{i}")),
        Value::Float(f) => write_float(*f, out, numbers),
        Value::Str(s) => write_string(s, out),
        Value::Arr(_) => out.push_str("[]"),
        Value::Obj(_) => out.push_str("{}"),
    }
}

fn append(out: &mut String, args: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(args);
}

fn write_float(f: f64, out: &mut String, numbers: Numbers) {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !f.is_finite() {
        out.push_str(match f {
            f64::INFINITY => "\"Infinity\"",
            f64::NEG_INFINITY => "\"-Infinity\"",
            _ => "\"NaN\"",
        });
    } else if numbers == Numbers::JsonData && f.trunc() == f && (-LIMIT..LIMIT).contains(&f) {
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        append(out, format_args!("{}", f as i64));
    } else {
        write_java_double(f, out);
    }
}

/// Java's `Double.toString`, with the shortest digits that read back as the same double.
fn write_java_double(f: f64, out: &mut String) {
    let magnitude = f.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        // In this range `{:?}` never switches to an exponent, and always gives a fraction.
        return append(out, format_args!("{f:?}"));
    }
    let mut text = String::with_capacity(26);
    append(&mut text, format_args!("{f:e}"));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    out.push_str(mantissa);
    if !mantissa.contains('.') {
        out.push_str(".0");
    }
    out.push('E');
    out.push_str(exponent);
}

/// Writes a quoted string with the escapes that Jackson uses: short ones where JSON has them, upper-case hexadecimal for the
/// other control characters, nothing else.
fn write_string(s: &str, out: &mut String) {
    out.push('"');
    let mut clean = 0;
    for (at, byte) in s.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&s[clean..at]);
        clean = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            control => append(out, format_args!("\\u{control:04X}")),
        }
    }
    out.push_str(&s[clean..]);
    out.push('"');
}
