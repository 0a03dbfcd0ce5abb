//! Functions as values. JSONata puts functions into arrays and objects, JSON cannot; so a function travels as a number that no
//! JSON holds and no calculation gives: a quiet "not a number" whose payload is an index into the evaluation's functions.
//! Not for calling them.

use value::Value;

/// Index of a function: built-ins first, then those that the evaluation made.
pub(crate) type FunctionId = u32;

/// Sign clear, exponent all ones, quiet bit and a tag that the processor's own "not a number" does not have.
const TAG: u64 = 0x7FFC_5A17_0000_0000;
const TAG_MASK: u64 = 0xFFFF_FFFF_0000_0000;

/// The value that stands for a function.
pub(crate) fn boxed(id: FunctionId) -> Value {
    Value::Float(f64::from_bits(TAG | u64::from(id)))
}

/// The function that a value stands for, if it does.
#[inline]
pub(crate) fn id(value: &Value) -> Option<FunctionId> {
    match value {
        Value::Float(f) if f.is_nan() && f.to_bits() & TAG_MASK == TAG => {
            Some((f.to_bits() & !TAG_MASK) as FunctionId)
        }
        _ => None,
    }
}

/// An element of an array that has no value, as JavaScript's arrays can hold: some predicates and unmatched groups of regular
/// expressions give them. It becomes `null` in the end.
const HOLE: u64 = 0x7FFD_5A17_0000_0000;

/// An element without a value.
pub(crate) fn hole() -> Value {
    Value::Float(f64::from_bits(HOLE))
}

/// Whether a value is an element without one.
#[inline]
pub(crate) fn is_hole(value: &Value) -> bool {
    matches!(value, Value::Float(f) if f.to_bits() == HOLE)
}

/// The value with `null` for every element without one. Nested at most a few hundred deep: deeper ones stay as they are.
pub(crate) fn filled(value: Value, depth: u32) -> Value {
    const DEPTH_MAX: u32 = 300;
    match value {
        hole if is_hole(&hole) => Value::Null,
        Value::Arr(items) if depth < DEPTH_MAX => {
            Value::Arr(items.into_iter().map(|item| filled(item, depth + 1)).collect())
        }
        Value::Obj(members) if depth < DEPTH_MAX => {
            Value::Obj(members.into_iter().map(|(key, member)| (key, filled(member, depth + 1))).collect())
        }
        other => other,
    }
}

/// Whether a value is a function or holds one anywhere. Iterative.
pub(crate) fn inside(value: &Value) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Arr(items) => open.extend(items.iter()),
            Value::Obj(members) => open.extend(members.values()),
            leaf if id(leaf).is_some() => return true,
            _ => {}
        }
    }
    false
}
