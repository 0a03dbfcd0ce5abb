//! Numbers: exact 64-bit integers where they stay integers, doubles otherwise. Not for pictures (`$formatNumber`).
//!
//! JavaScript has doubles only; the service keeps integers exact through 64 bits (measured by third parties), so integer
//! arithmetic is exact here until it overflows.

use value::Value;

/// 2^63, the first double that no 64-bit integer reaches.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

/// The value of a calculated double: an integer when it is one that a double holds exactly.
pub(crate) fn value(f: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast that does not give the same number is not used"
    )]
    let int = f as i64;
    #[expect(clippy::cast_precision_loss, reason = "what was rounded is outside of the range")]
    let same = int as f64 == f;
    if same && (-EXACT..=EXACT).contains(&f) { Value::Int(int) } else { Value::Float(f) }
}

/// The integer that a number is, if it is one.
pub(crate) fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(i) => Some(*i),
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        Value::Float(f) if f.trunc() == *f && (-LIMIT..LIMIT).contains(f) => Some(*f as i64),
        _ => None,
    }
}

/// `-value`.
pub(crate) fn negate(number: &Value) -> Value {
    match number {
        Value::Int(0) => Value::Float(-0.0),
        Value::Int(i) => i.checked_neg().map_or_else(|| value(-as_f64(number)), Value::Int),
        _ => value(-as_f64(number)),
    }
}

/// A number as a double; zero for what is none.
pub(crate) fn as_f64(number: &Value) -> f64 {
    number.as_f64().unwrap_or(0.0)
}

/// A double as a 64-bit integer, rounded down and held within range.
pub(crate) fn floor_to_i64(f: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, as wanted")]
    let floor = f.floor() as i64;
    floor
}

/// As JavaScript prints a number.
pub(crate) fn to_text(number: &Value) -> String {
    match number {
        Value::Int(i) => i.to_string(),
        other => js_text(as_f64(other)),
    }
}

/// As JavaScript's `String(f)`: shortest digits, an exponent from 1e21 up and below 1e-6.
pub(crate) fn js_text(f: f64) -> String {
    if f.is_nan() {
        return "NaN".to_owned();
    }
    if f.is_infinite() {
        return if f > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    if f == 0.0 {
        return "0".to_owned();
    }
    let magnitude = f.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return format!("{f}");
    }
    let text = format!("{f:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => text,
    }
}

/// As JavaScript prints `Number(f.toPrecision(15))`.
pub(crate) fn text_of_15_digits(f: f64) -> String {
    let text = js_text(f);
    let digits = text.split('e').next().unwrap_or("").bytes().filter(u8::is_ascii_digit).count();
    if digits <= 15 { text } else { js_text(rounded_to_15_digits(f)) }
}

/// As `Number(f.toPrecision(15))`: what `$string` and `$clone` make of a double.
pub(crate) fn rounded_to_15_digits(f: f64) -> f64 {
    if !f.is_finite() {
        return f;
    }
    format!("{f:.14e}").parse().unwrap_or(f)
}
