//! Functions on numbers. Not for pictures.

use value::Value;

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;
use crate::number;

fn result(f: f64) -> Evaluated {
    Ok(Item::Value(number::value(f)))
}

/// `$sum(array)`: exact while all are integers.
pub(super) fn sum(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(items) = args.array(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(items.len() as u64 / 4)?;
    Ok(Item::Value(total(&items)))
}

fn total(items: &[Value]) -> Value {
    let mut exact = Some(0_i64);
    let mut sum = 0.0;
    for item in items {
        if let (Some(so_far), Value::Int(i)) = (exact, item)
            && let Some(next) = so_far.checked_add(*i)
        {
            exact = Some(next);
            continue;
        }
        if let Some(so_far) = exact.take() {
            sum = number::as_f64(&Value::Int(so_far));
        }
        sum += number::as_f64(item);
    }
    exact.map_or_else(|| number::value(sum), Value::Int)
}

/// `$average(array)`.
pub(super) fn average(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(items) = args.array(0).filter(|items| !items.is_empty()) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(items.len() as u64 / 4)?;
    let count = number::as_f64(&Value::from(items.len()));
    result(number::as_f64(&total(&items)) / count)
}

/// `$max(array)`.
pub(super) fn max(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    extreme(evaluator, args, std::cmp::Ordering::Greater)
}

/// `$min(array)`.
pub(super) fn min(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    extreme(evaluator, args, std::cmp::Ordering::Less)
}

fn extreme(evaluator: &mut Evaluator<'_>, args: &mut Args, wanted: std::cmp::Ordering) -> Evaluated {
    let Some(items) = args.array(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(items.len() as u64 / 4)?;
    let better = |a: &Value, b: &Value| match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b) == wanted,
        _ => number::as_f64(a).partial_cmp(&number::as_f64(b)) == Some(wanted),
    };
    let mut best: Option<&Value> = None;
    for item in &items {
        if best.is_none_or(|best| better(item, best)) {
            best = Some(item);
        }
    }
    Ok(best.cloned().into())
}

/// `$number(arg)`.
pub(super) fn number(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let value = match args.get(0) {
        Item::Undefined => return Ok(Item::Undefined),
        Item::Value(value @ (Value::Int(_) | Value::Float(_))) => Some(value.clone()),
        Item::Value(Value::Bool(b)) => Some(Value::Int(i64::from(*b))),
        Item::Value(Value::Str(text)) => parse(text),
        _ => None,
    };
    match value {
        Some(value) => Ok(Item::Value(value)),
        None => Err(Fault::new("D3030").item("value", args.get(0))),
    }
}

/// A decimal number as in JSON but with leading zeros, or a hexadecimal, octal or binary one.
fn parse(text: &str) -> Option<Value> {
    let radix = match text.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 10,
    };
    if radix != 10 {
        let digits = &text[2..];
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return None;
        }
        let value = i64::from_str_radix(digits, radix).ok().map(Value::Int);
        return value.or_else(|| {
            let step = |sum: f64, c: char| sum * f64::from(radix) + f64::from(c.to_digit(radix).unwrap_or(0));
            let sum = digits.chars().fold(0.0, step);
            sum.is_finite().then_some(Value::Float(sum))
        });
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let whole = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    if !whole || exponent.is_some_and(|e| !digits(e.strip_prefix(['+', '-']).unwrap_or(e))) {
        return None;
    }
    if let Ok(int) = text.parse::<i64>() {
        return Some(Value::Int(int));
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite()).map(number::value)
}

/// `$floor(n)`.
pub(super) fn floor(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    rounding(args, f64::floor)
}

/// `$ceil(n)`.
pub(super) fn ceil(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    rounding(args, f64::ceil)
}

fn rounding(args: &mut Args, round: fn(f64) -> f64) -> Evaluated {
    match args.get(0) {
        Item::Value(Value::Int(i)) => Ok(Item::Value(Value::Int(*i))),
        item => item.as_number().map_or(Ok(Item::Undefined), |f| result(round(f))),
    }
}

/// `$abs(n)`.
pub(super) fn abs(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.get(0) {
        Item::Value(Value::Int(i)) if *i != i64::MIN => Ok(Item::Value(Value::Int(i.abs()))),
        item => item.as_number().map_or(Ok(Item::Undefined), |f| result(f.abs())),
    }
}

/// `$sqrt(n)`.
pub(super) fn sqrt(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.number(0) {
        None => Ok(Item::Undefined),
        Some(f) if f < 0.0 => Err(Fault::new("D3060").item("value", args.get(0))),
        Some(f) => result(f.sqrt()),
    }
}

/// `$power(base, exponent)`.
pub(super) fn power(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(base) = args.number(0) else { return Ok(Item::Undefined) };
    let exponent = args.number(1).unwrap_or(f64::NAN);
    if let (Item::Value(Value::Int(b)), Item::Value(Value::Int(e))) = (args.get(0), args.get(1))
        && let Some(exact) = u32::try_from(*e).ok().and_then(|e| b.checked_pow(e))
    {
        return Ok(Item::Value(Value::Int(exact)));
    }
    let power = base.powf(exponent);
    if !power.is_finite() {
        return Err(Fault::new("D3061").item("value", args.get(0)).item("exp", args.get(1)));
    }
    result(power)
}

/// `$round(n, precision)`: half to even.
pub(super) fn round(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let precision = args.number(1).unwrap_or(0.0);
    match args.get(0) {
        Item::Value(Value::Int(i)) if precision >= 0.0 => Ok(Item::Value(Value::Int(*i))),
        item => item.as_number().map_or(Ok(Item::Undefined), |f| result(rounded(f, precision))),
    }
}

/// Rounds half to even at a decimal place, shifting the place in the text of the number: multiplying would be inexact.
pub(crate) fn rounded(f: f64, precision: f64) -> f64 {
    if precision == 0.0 || precision.is_nan() {
        return to_even(f);
    }
    let back = shifted(to_even(shifted(f, precision)), -precision);
    if back == 0.0 { 0.0 } else { back }
}

fn shifted(f: f64, places: f64) -> f64 {
    let text = number::js_text(f);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: f64 = exponent.parse().unwrap_or(0.0);
    // As in JavaScript, a fractional exponent is no number.
    format!("{mantissa}e{}", exponent + places).parse().unwrap_or(f64::NAN)
}

fn to_even(f: f64) -> f64 {
    // JavaScript's `Math.round`: half up.
    let up = if (f - f.floor()) >= 0.5 { f.ceil() } else { f.floor() };
    if (up - f).abs() == 0.5 && (up % 2.0).abs() == 1.0 { up - 1.0 } else { up }
}

/// `$formatBase(n, radix)`.
pub(super) fn format_base(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(f) = args.number(0) else { return Ok(Item::Undefined) };
    let radix = args.number(1).map_or(10.0, |radix| rounded(radix, 0.0));
    if !(2.0..=36.0).contains(&radix) {
        return Err(Fault::new("D3100").value("value", &number::value(radix)));
    }
    let f = rounded(f, 0.0);
    if radix == 10.0 || !f.is_finite() {
        let text = match args.get(0) {
            Item::Value(value @ Value::Int(_)) => number::to_text(value),
            _ => number::js_text(f),
        };
        return Ok(Item::Value(Value::from(text)));
    }
    Ok(Item::Value(Value::from(in_base(f, radix))))
}

/// An integral double in another base. At most 1,024 digits.
fn in_base(f: f64, radix: f64) -> String {
    let mut left = f.abs();
    let mut digits = Vec::new();
    // As in JavaScript, digits that a double does not hold are zeros.
    while left >= 9_007_199_254_740_992.0 {
        left /= radix;
        digits.push('0');
    }
    loop {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a digit is below 36")]
        let digit = (left % radix) as u32;
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        left = (left / radix).floor();
        if left < 1.0 {
            break;
        }
    }
    if f < 0.0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}
