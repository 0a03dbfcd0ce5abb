//! Functions on arrays that call no functions. Not for `$sort`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use value::{Array, Value};

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::{Flag, Item};

/// `$count(array)`.
pub(super) fn count(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    Ok(Item::Value(Value::from(args.array(0).map_or(0, |items| items.len()))))
}

/// `$append(a, b)`.
pub(super) fn append(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (first, second) = (args.take(0), args.take(1));
    if first.is_undefined() {
        return Ok(second);
    }
    if second.is_undefined() {
        return Ok(first);
    }
    let (first, second) = (elements(first), elements(second));
    evaluator.budget.array(first.len() + second.len())?;
    let mut out = Vec::with_capacity(first.len() + second.len());
    out.extend(first);
    out.extend(second);
    Ok(Item::array(out))
}

/// The elements of an array, or the value as the only one.
pub(super) fn elements(item: Item) -> Array {
    match item {
        Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => items,
        other => other.into_value().into_iter().collect(),
    }
}

/// `$reverse(array)`.
pub(super) fn reverse(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let item = args.take(0);
    match item.as_array() {
        Some(items) if items.len() > 1 => {
            evaluator.budget.array(items.len())?;
            Ok(Item::array(items.iter().rev().cloned().collect()))
        }
        _ => Ok(item),
    }
}

/// `$zip(a, b, …)`.
pub(super) fn zip(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let lists: Vec<Array> =
        args.all().iter().map(|item| item.as_array().cloned().unwrap_or_default()).collect();
    let shortest = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    evaluator.budget.array(shortest)?;
    let mut out = Vec::with_capacity(shortest);
    for at in 0..shortest {
        evaluator.budget.array(lists.len())?;
        out.push(Value::Arr(lists.iter().map(|list| list[at].clone()).collect()));
    }
    Ok(Item::array(out))
}

/// `$shuffle(array)`.
pub(super) fn shuffle(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let item = args.take(0);
    let Some(items) = item.as_array().filter(|items| items.len() > 1) else { return Ok(item) };
    evaluator.budget.array(items.len())?;
    let mut out: Vec<Value> = Vec::with_capacity(items.len());
    for (at, value) in items.iter().enumerate() {
        let random = u128::from((evaluator.context.random)());
        let place = usize::try_from((random * (at as u128 + 1)) >> 64).unwrap_or(at);
        out.push(value.clone());
        out.swap(at, place.min(at));
    }
    Ok(Item::array(out))
}

/// `$distinct(array)`.
pub(super) fn distinct(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let item = args.take(0);
    let sequence = matches!(item, Item::Flagged(_, Flag::Sequence | Flag::Kept));
    let Some(items) = item.as_array().filter(|items| items.len() > 1) else { return Ok(item) };
    evaluator.budget.array(items.len())?;
    let mut out: Vec<Value> = Vec::new();
    let mut buckets: HashMap<u64, Vec<usize>> = HashMap::new();
    for value in items {
        let bucket = buckets.entry(fingerprint(evaluator, value)?).or_default();
        let mut known = false;
        for at in bucket.iter() {
            if evaluator.same(value, &out[*at])? {
                known = true;
                break;
            }
        }
        if !known {
            bucket.push(out.len());
            out.push(value.clone());
        }
    }
    Ok(if sequence { Item::sequence(out) } else { Item::array(out) })
}

/// A number that equal values share and different ones mostly do not, from the scalars near the top.
fn fingerprint(evaluator: &mut Evaluator<'_>, value: &Value) -> Result<u64, Fault> {
    const PARTS_MAX: usize = 32;
    let mut hasher = DefaultHasher::new();
    let mut open = vec![value];
    let mut parts = 0;
    let mut bytes = 0;
    while let (Some(value), true) = (open.pop(), parts < PARTS_MAX) {
        parts += 1;
        match value {
            Value::Arr(items) => {
                items.len().hash(&mut hasher);
                open.extend(items.iter().take(PARTS_MAX).rev());
            }
            Value::Obj(members) => {
                members.len().hash(&mut hasher);
                // Order does not matter to equality, so neither may it here.
                if members.len() <= PARTS_MAX {
                    let mut sorted: Vec<_> = members.iter().collect();
                    sorted.sort_by(|a, b| a.0.cmp(b.0));
                    open.extend(sorted.into_iter().rev().map(|(_, value)| value));
                }
            }
            Value::Int(_) | Value::Float(_) => {
                (crate::number::as_f64(value) + 0.0).to_bits().hash(&mut hasher)
            }
            Value::Str(text) => {
                bytes += text.len();
                text.hash(&mut hasher);
            }
            Value::Bool(b) => b.hash(&mut hasher),
            Value::Null => 0_u8.hash(&mut hasher),
        }
    }
    evaluator.budget.steps(4 + parts as u64 + bytes as u64 / 32)?;
    evaluator.budget.bytes(80)?;
    Ok(hasher.finish())
}
