//! The functions on arrays.

use std::collections::HashMap;

use value::{Array, Value};

use super::{MAX_RANGE, array, integer};

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

/// The elements without repetitions; the first of equal ones stays. Numbers are found by value, everything else by its
/// text, so that the time grows with the size of the array and not with its square.
pub(super) fn unique(items: &Value) -> Result<Value, String> {
    let items = array(items)?;
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        let equals = seen.entry(fingerprint(item)).or_default();
        if !equals.iter().any(|at| kept.get(*at) == Some(item)) {
            equals.push(kept.len());
            kept.push(item.clone());
        }
    }
    Ok(Value::Arr(Array::from(kept)))
}

/// Equal values have equal fingerprints; unequal ones seldom do.
fn fingerprint(value: &Value) -> String {
    match value {
        Value::Int(_) | Value::Float(_) => value.as_f64().unwrap_or_default().to_string(),
        Value::Arr(items) => format!("[{}", items.iter().take(8).map(shape).collect::<String>()),
        Value::Obj(members) => {
            let mut keys: Vec<&str> = members.iter().map(|(key, _)| &**key).collect();
            keys.sort_unstable();
            let member = |key: &&str| format!("{key}:{}", members.get(key).map(shape).unwrap_or_default());
            format!("{{{}", keys.iter().take(8).map(member).collect::<String>())
        }
        _ => value.to_json(),
    }
}

fn shape(value: &Value) -> String {
    match value {
        Value::Int(_) | Value::Float(_) => format!("{},", value.as_f64().unwrap_or_default()),
        Value::Arr(items) => format!("[{},", items.len()),
        Value::Obj(members) => format!("{{{},", members.len()),
        _ => format!("{},", value.to_json()),
    }
}
