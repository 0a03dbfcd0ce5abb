//! The functions on arrays.

use std::collections::HashMap;

use value::{Array, Value};

use super::{MAX_RANGE, MAX_TEXT, array, integer};

/// Chunks of `size` elements; the last one may be shorter.
pub(super) fn partition(items: &Value, size: &Value) -> Result<Value, String> {
    let items = array(items)?;
    match usize::try_from(integer(size)?) {
        Ok(size) if size > 0 => {
            Ok(Value::Arr(items.chunks(size).map(|chunk| Value::from(chunk.to_vec())).collect()))
        }
        _ => Err(String::from("The chunk size must be a positive integer")),
    }
}

/// Whether an element equals `wanted`.
pub(super) fn contains(items: &Value, wanted: &Value) -> Result<Value, String> {
    Ok(Value::Bool(array(items)?.contains(wanted)))
}

/// The numbers from `first` to `last`, both included.
pub(super) fn range(first: &Value, last: &Value, step: &Value) -> Result<Value, String> {
    let (first, last, step) = (integer(first)?, integer(last)?, integer(step)?);
    let span = i128::from(last) - i128::from(first);
    let count = match i128::from(step) {
        0 => return Err(String::from("The step value cannot be 0")),
        step if span != 0 && (span > 0) != (step > 0) => 0,
        step => span / step + 1,
    };
    if count > i128::from(MAX_RANGE) {
        return Err(format!("The range cannot contain more than {MAX_RANGE} elements"));
    }
    Ok(Value::Arr((0..count as i64).map(|n| Value::Int(first + n * step)).collect()))
}

/// The element at a place counted from 0.
pub(super) fn get_item(items: &Value, index: &Value) -> Result<Value, String> {
    let (items, index) = (array(items)?, integer(index)?);
    let item = usize::try_from(index).ok().and_then(|index| items.get(index));
    item.cloned()
        .ok_or_else(|| format!("Index {index} is out of bounds for an array of length {}", items.len()))
}

/// The number of elements.
pub(super) fn length(items: &Value) -> Result<Value, String> {
    Ok(Value::from(array(items)?.len()))
}

/// The elements without repetitions; the first of equal ones stays. Equal elements are found by their canonical text,
/// so that the time grows with the size of the array and not with its square.
pub(super) fn unique(items: &Value) -> Result<Value, String> {
    let items = array(items)?;
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    let mut kept: Vec<Value> = Vec::new();
    let mut length = 0;
    for item in items {
        let text = canonical(item)?;
        length += text.len();
        if length > MAX_TEXT {
            return Err(format!("The array is longer than {MAX_TEXT} bytes"));
        }
        let equals = seen.entry(text).or_default();
        if !equals.iter().any(|at| kept.get(*at) == Some(item)) {
            equals.push(kept.len());
            kept.push(item.clone());
        }
    }
    Ok(Value::Arr(Array::from(kept)))
}

/// A text that equal values share, whatever the order of their keys and the form of their numbers. Unequal values share
/// one only where they differ in integers that a double cannot tell apart. Iterative.
fn canonical(value: &Value) -> Result<String, String> {
    enum Step<'a> {
        Value(&'a Value),
        Key(&'a str),
        Close(char),
    }
    let mut out = String::new();
    let mut steps = vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Close(bracket) => out.push(bracket),
            Step::Key(key) => Value::from(key).write_json(&mut out),
            Step::Value(Value::Arr(items)) => {
                out.push('[');
                steps.push(Step::Close(']'));
                steps.extend(items.iter().rev().map(Step::Value));
            }
            Step::Value(Value::Obj(members)) => {
                out.push('{');
                steps.push(Step::Close('}'));
                let mut members: Vec<_> = members.iter().collect();
                members.sort_unstable_by(|(left, _), (right, _)| right.cmp(left));
                steps.extend(
                    members.into_iter().flat_map(|(key, value)| [Step::Value(value), Step::Key(key)]),
                );
            }
            Step::Value(number @ (Value::Int(_) | Value::Float(_))) => {
                Value::Float(number.as_f64().unwrap_or_default() + 0.0).write_json(&mut out);
                out.push(' ');
            }
            Step::Value(scalar) => scalar.write_json(&mut out),
        }
        if out.len() > MAX_TEXT {
            return Err(format!("An element is longer than {MAX_TEXT} bytes"));
        }
    }
    Ok(out)
}
