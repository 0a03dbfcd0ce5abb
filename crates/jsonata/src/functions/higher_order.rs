//! Functions that call functions. How many arguments they hand over depends on how many the function declares.

use std::sync::Arc;

use smallvec::smallvec;
use value::{Array, Object, Value};

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::function::FunctionId;
use crate::item::{ArgList, Item};

/// Calls a function for an element: with the element, its position or key, and the whole.
fn call(
    evaluator: &mut Evaluator<'_>,
    function: FunctionId,
    arity: usize,
    element: &Value,
    place: Value,
    whole: &Value,
) -> Evaluated {
    let mut args = ArgList::new();
    args.push(Item::from(element.clone()));
    if arity >= 2 {
        args.push(Item::Value(place));
    }
    if arity >= 3 {
        args.push(Item::Value(whole.clone()));
    }
    evaluator.invoke(function, args)
}

/// Appends what a function gave.
fn keep(evaluator: &mut Evaluator<'_>, out: &mut Vec<Value>, item: Item) -> Result<(), Fault> {
    if let Some(value) = item.into_value() {
        evaluator.budget.bytes(size_of::<Value>())?;
        out.push(value);
    }
    Ok(())
}

fn sequence(evaluator: &mut Evaluator<'_>, out: Vec<Value>) -> Evaluated {
    evaluator.budget.array(out.len())?;
    Ok(Item::sequence(out))
}

/// `$map(array, function)`.
pub(super) fn map(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (Some(items), Some(function)) = (args.array(0), args.function(1)) else { return Ok(Item::Undefined) };
    let arity = evaluator.arity(function);
    let whole = Value::Arr(items.clone());
    let mut out = Vec::with_capacity(items.len());
    for (at, element) in items.iter().enumerate() {
        let result = call(evaluator, function, arity, element, Value::from(at), &whole)?;
        keep(evaluator, &mut out, result)?;
    }
    sequence(evaluator, out)
}

/// `$filter(array, function)`.
pub(super) fn filter(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (Some(items), Some(function)) = (args.array(0), args.function(1)) else { return Ok(Item::Undefined) };
    let arity = evaluator.arity(function);
    let whole = Value::Arr(items.clone());
    let mut out = Vec::new();
    for (at, element) in items.iter().enumerate() {
        let result = call(evaluator, function, arity, element, Value::from(at), &whole)?;
        if evaluator.truthy(&result)? {
            out.push(element.clone());
        }
    }
    sequence(evaluator, out)
}

/// `$single(array, function)`.
pub(super) fn single(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(items) = args.array(0) else { return Ok(Item::Undefined) };
    let function = args.function(1).map(|function| (function, evaluator.arity(function)));
    let whole = Value::Arr(items.clone());
    let mut found = None;
    for (at, element) in items.iter().enumerate() {
        if let Some((function, arity)) = function {
            let result = call(evaluator, function, arity, element, Value::from(at), &whole)?;
            if !evaluator.truthy(&result)? {
                continue;
            }
        }
        if found.is_some() {
            return Err(Fault::new("D3138"));
        }
        found = Some(element.clone());
    }
    found.map(Item::Value).ok_or_else(|| Fault::new("D3139"))
}

/// `$reduce(array, function, init)`.
pub(super) fn reduce(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (Some(items), Some(function)) = (args.array(0), args.function(1)) else { return Ok(Item::Undefined) };
    let arity = evaluator.arity(function);
    if arity < 2 {
        return Err(Fault::new("D3050"));
    }
    let mut rest = items.iter().enumerate();
    let mut result = args.take(2);
    if result.is_undefined() {
        result = rest.next().map(|(_, first)| first.clone()).into();
    }
    for (at, element) in rest {
        let mut args: ArgList = smallvec![result, Item::from(element.clone())];
        if arity >= 3 {
            args.push(Item::Value(Value::from(at)));
        }
        if arity >= 4 {
            args.push(Item::Value(Value::Arr(items.clone())));
        }
        result = evaluator.invoke(function, args)?;
    }
    Ok(result)
}

/// `$sift(object, function)`.
pub(super) fn sift(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (Some(whole), Some(function)) = (args.get(0).to_value(), args.function(1)) else {
        return Ok(Item::Undefined);
    };
    let arity = evaluator.arity(function);
    let mut out: Vec<(Arc<str>, Value)> = Vec::new();
    for (key, element) in whole.as_object().into_iter().flatten() {
        let place = Value::Str(Arc::clone(key));
        let result = call(evaluator, function, arity, element, place, &whole)?;
        if evaluator.truthy(&result)? {
            out.push((Arc::clone(key), element.clone()));
        }
    }
    if out.is_empty() {
        return Ok(Item::Undefined);
    }
    evaluator.budget.object(out.len())?;
    Ok(Item::Value(Value::Obj(out.into_iter().collect::<Object>())))
}

/// `$each(object, function)`.
pub(super) fn each(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let mut out = Vec::new();
    if let (Some(whole), Some(function)) = (args.get(0).to_value(), args.function(1)) {
        let arity = evaluator.arity(function);
        for (key, element) in whole.as_object().into_iter().flatten() {
            let place = Value::Str(Arc::clone(key));
            let result = call(evaluator, function, arity, element, place, &whole)?;
            keep(evaluator, &mut out, result)?;
        }
    }
    sequence(evaluator, out)
}

/// `$sort(array, function)`: the function says whether its first argument has to come after its second.
pub(super) fn sort(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let item = args.take(0);
    let Some(items) = item.as_array().filter(|items| items.len() > 1).cloned() else { return Ok(item) };
    let sorted = match args.function(1) {
        Some(function) => evaluator.merge_sort(items.to_vec(), &mut |evaluator, a, b| {
            let args = smallvec![Item::from(a.clone()), Item::from(b.clone())];
            let result = evaluator.invoke(function, args)?;
            js_truthy(evaluator, &result)
        })?,
        None => natural(evaluator, &items)?,
    };
    Ok(Item::array(sorted))
}

/// JavaScript's truth, which decides here: arrays and objects are true even when empty.
fn js_truthy(evaluator: &mut Evaluator<'_>, item: &Item) -> Result<bool, Fault> {
    match item {
        Item::Value(Value::Arr(_) | Value::Obj(_)) | Item::Flagged(..) | Item::Tuples(_) => Ok(true),
        other if other.function().is_some() => Ok(true),
        Item::Value(Value::Float(f)) => Ok(!f.is_nan() && *f != 0.0),
        other => evaluator.truthy(other),
    }
}

/// Numbers or strings in their own order.
fn natural(evaluator: &mut Evaluator<'_>, items: &Array) -> Result<Vec<Value>, Fault> {
    let mut numbers = true;
    for item in items {
        numbers = numbers && evaluator.is_number(&Item::Value(item.clone()))?;
    }
    if !numbers && !items.iter().all(Value::is_string) {
        return Err(Fault::new("D3070"));
    }
    evaluator.merge_sort(items.to_vec(), &mut |_, a, b| {
        Ok(crate::eval::compare(a, b) == Some(std::cmp::Ordering::Greater))
    })
}
