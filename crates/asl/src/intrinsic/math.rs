//! `States.MathRandom`, `States.MathAdd` and `States.UUID`.

use value::Value;

use super::integer;
use super::java_random::JavaRandom;
use crate::Draws;

/// An integer between `start` (included) and `end` (excluded); the same seed gives the same number.
pub(super) fn random(
    start: &Value,
    end: &Value,
    seed: Option<&Value>,
    draws: &Draws,
) -> Result<Value, String> {
    let (start, end) = (int32(start)?, int32(end)?);
    if start >= end {
        return Err(format!("The start number {start} must be less than the end number {end}"));
    }
    let seed = match seed {
        Some(seed) => integer(seed)?,
        None => draws.next_u64() as i64,
    };
    Ok(Value::from(JavaRandom::new(seed).in_range(start, end)))
}

/// The sum of two numbers, each rounded and within 32 bits (recorded: 1.5 + 1.51 is 4, -1.5 + -1.51 is -3).
pub(super) fn add(left: &Value, right: &Value) -> Result<Value, String> {
    Ok(Value::from(i64::from(int32(left)?) + i64::from(int32(right)?)))
}

/// A UUID of version 4.
pub(super) fn uuid(draws: &Draws) -> Value {
    let (high, low) = (draws.next_u64(), draws.next_u64());
    let high = high & !0xF000 | 0x4000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    let text = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    );
    Value::from(text)
}

fn int32(value: &Value) -> Result<i32, String> {
    let number = integer(value)?;
    i32::try_from(number)
        .map_err(|_| format!("The number {number} is not between {} and {}", i32::MIN, i32::MAX))
}
