//! Functions on objects and on values of any kind. Not for those that call functions.

use std::collections::HashSet;
use std::sync::Arc;

use value::{Object, Value};

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::function;
use crate::item::Item;

/// Arrays inside arrays that `$keys` and `$spread` go through.
const NESTED_ARRAYS_MAX: u32 = 200;

/// `$boolean(arg)`.
pub(super) fn boolean(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.get(0) {
        Item::Undefined => Ok(Item::Undefined),
        item => Ok(Item::bool(evaluator.truthy(item)?)),
    }
}

/// `$not(arg)`.
pub(super) fn not(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.get(0) {
        Item::Undefined => Ok(Item::Undefined),
        item => Ok(Item::bool(!evaluator.truthy(item)?)),
    }
}

/// `$exists(arg)`.
pub(super) fn exists(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    Ok(Item::bool(!args.is_missing(0)))
}

/// `$type(arg)`.
pub(super) fn type_of(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let item = args.get(0);
    if item.is_undefined() {
        return Ok(Item::Undefined);
    }
    evaluator.is_number(item)?;
    let name = match item {
        _ if item.function().is_some() => "function",
        Item::Value(value) => value.type_name(),
        _ => "array",
    };
    Ok(Item::Value(Value::from(name)))
}

/// `$keys(object)`: of all objects in arrays, each once.
pub(super) fn keys(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let mut out = Vec::new();
    let mut seen = HashSet::new();
    if let Some(value) = args.get(0).to_value() {
        collect_keys(evaluator, &value, 0, &mut seen, &mut out)?;
    }
    evaluator.budget.array(out.len())?;
    Ok(Item::sequence(out))
}

fn collect_keys(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    depth: u32,
    seen: &mut HashSet<Arc<str>>,
    out: &mut Vec<Value>,
) -> Result<(), Fault> {
    if depth > NESTED_ARRAYS_MAX {
        return Err(Fault::depth());
    }
    match value {
        Value::Obj(members) => {
            evaluator.budget.steps(members.len() as u64)?;
            evaluator.budget.bytes(members.len() * 48)?;
            for key in members.keys() {
                if seen.insert(Arc::clone(key)) {
                    out.push(Value::Str(Arc::clone(key)));
                }
            }
        }
        Value::Arr(items) => {
            evaluator.budget.steps(items.len() as u64)?;
            for item in items {
                collect_keys(evaluator, item, depth + 1, seen, out)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// `$lookup(object, key)`.
pub(super) fn lookup(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let key = args.text(1).unwrap_or_else(|| "undefined".into());
    match args.get(0).to_value() {
        Some(value) => evaluator.lookup_text(&value, &key),
        None => Ok(Item::Undefined),
    }
}

/// `$spread(object)`: an object of one member for each member.
pub(super) fn spread(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let item = args.take(0);
    match item.to_value() {
        Some(Value::Obj(members)) => {
            let mut out = Vec::new();
            spread_members(evaluator, &members, &mut out)?;
            Ok(Item::sequence(out))
        }
        Some(Value::Arr(items)) => {
            let mut out = Vec::new();
            for item in &items {
                spread_into(evaluator, item, 0, &mut out)?;
            }
            evaluator.budget.array(out.len())?;
            Ok(if items.is_empty() { Item::sequence(out) } else { Item::array(out) })
        }
        Some(value) => match function::id(&value) {
            // The reference implementation goes through the inside of native functions and finds nothing there.
            Some(id) if !evaluator.is_lambda(id) => Ok(Item::sequence(Vec::new())),
            _ => Ok(item),
        },
        None => Ok(Item::Undefined),
    }
}

fn spread_members(
    evaluator: &mut Evaluator<'_>,
    members: &Object,
    out: &mut Vec<Value>,
) -> Result<(), Fault> {
    for (key, value) in members {
        evaluator.budget.object(1)?;
        out.push(Value::Obj(Object::from_iter([(Arc::clone(key), value.clone())])));
    }
    Ok(())
}

fn spread_into(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    depth: u32,
    out: &mut Vec<Value>,
) -> Result<(), Fault> {
    if depth > NESTED_ARRAYS_MAX {
        return Err(Fault::depth());
    }
    evaluator.budget.steps(1)?;
    match value {
        Value::Obj(members) => spread_members(evaluator, members, out)?,
        Value::Arr(items) => {
            for item in items {
                spread_into(evaluator, item, depth + 1, out)?;
            }
        }
        other => out.push(other.clone()),
    }
    Ok(())
}

/// `$merge(objects)`: later members win.
pub(super) fn merge(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(objects) = args.array(0) else { return Ok(Item::Undefined) };
    let mut out = Object::new();
    for object in &objects {
        if let Value::Obj(members) = object {
            evaluator.budget.object(members.len())?;
            if out.is_empty() {
                out = members.clone();
            } else {
                out.extend(members.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
            }
        }
    }
    Ok(Item::Value(Value::Obj(out)))
}

/// `$error(message)`.
pub(super) fn error(_: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let message = args.text(0).filter(|m| !m.is_empty());
    Err(Fault::new("D3137").text(
        "message",
        message.map_or_else(|| "$error() function evaluated".to_owned(), |m| (*m).to_owned()),
    ))
}

/// `$assert(condition, message)`.
pub(super) fn assert(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    if evaluator.truthy(args.get(0))? {
        return Ok(Item::Undefined);
    }
    let message = args.text(1).filter(|m| !m.is_empty());
    Err(Fault::new("D3141").text(
        "message",
        message.map_or_else(|| "$assert() statement failed".to_owned(), |m| (*m).to_owned()),
    ))
}
