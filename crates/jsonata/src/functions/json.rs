//! Values as text, and copies of values. Not for the text that leaves the engine, which the value crate writes.

use std::sync::Arc;

use value::{Numbers, Object, Value};

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::function;
use crate::item::Item;
use crate::number;

/// Containers inside each other that `$string` and `$clone` go into.
const NESTING_MAX: usize = 10_000;

/// `$string(arg, prettify)`.
pub(super) fn string(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let pretty = matches!(args.get(1), Item::Value(Value::Bool(true)));
    match args.get(0) {
        Item::Undefined => Ok(Item::Undefined),
        Item::Value(Value::Str(text)) => Ok(Item::Value(Value::Str(Arc::clone(text)))),
        item => Ok(Item::Value(Value::from(evaluator.text_of(item, pretty)?))),
    }
}

/// `$clone(value)`.
pub(super) fn clone(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.get(0).to_value() {
        Some(value) => Ok(Item::Value(evaluator.deep_clone(&value)?)),
        None => Ok(Item::Undefined),
    }
}

/// A container that is being written, and what of it is still to come.
enum Open<'a> {
    Array(std::slice::Iter<'a, Value>),
    Object(std::vec::IntoIter<(&'a Arc<str>, &'a Value)>),
}

impl Evaluator<'_> {
    /// What `$string` and `&` make of anything.
    pub(crate) fn text_of(&mut self, item: &Item, pretty: bool) -> Result<String, Fault> {
        let Some(value) = item.to_value() else { return Ok(String::new()) };
        match &value {
            Value::Str(text) => return Ok((**text).to_owned()),
            other if function::id(other).is_some() => return Ok(String::new()),
            Value::Float(f) if !f.is_finite() => {
                return Err(Fault::new("D3001").text("value", "null".to_owned()));
            }
            _ => {}
        }
        let mut out = String::new();
        self.write_json(&value, pretty, &mut out)?;
        Ok(out)
    }

    /// JSON as JavaScript writes it: functions as empty strings, doubles with 15 digits, what is not finite is out of range.
    fn write_json(&mut self, value: &Value, pretty: bool, out: &mut String) -> Result<(), Fault> {
        let mut stack: Vec<Open<'_>> = Vec::new();
        let mut next = Some(value);
        let mut charged = 0;
        loop {
            let mut opened = false;
            if let Some(value) = next.take() {
                self.budget.steps(1)?;
                match value {
                    Value::Arr(items) if !items.is_empty() => {
                        out.push('[');
                        stack.push(Open::Array(items.iter()));
                        opened = true;
                    }
                    Value::Obj(members) if !members.is_empty() => {
                        out.push('{');
                        self.budget.bytes(members.len() * 16)?;
                        stack.push(Open::Object(members.iter().collect::<Vec<_>>().into_iter()));
                        opened = true;
                    }
                    leaf => write_leaf(leaf, out)?,
                }
                if stack.len() > NESTING_MAX {
                    return Err(Fault::depth());
                }
            }
            if out.len() as u64 > self.budget.limits.value_bytes {
                return Err(Fault::memory());
            }
            if out.len() > charged + 4096 {
                self.budget.bytes(out.len() - charged)?;
                charged = out.len();
            }
            let level = stack.len();
            let Some(top) = stack.last_mut() else { return Ok(()) };
            let (key, value, bracket) = match top {
                Open::Array(items) => (None, items.next(), ']'),
                Open::Object(members) => match members.next() {
                    Some((key, value)) => (Some(key), Some(value), '}'),
                    None => (None, None, '}'),
                },
            };
            let Some(value) = value else {
                stack.pop();
                new_line(out, pretty, level - 1);
                out.push(bracket);
                continue;
            };
            if !opened {
                out.push(',');
            }
            new_line(out, pretty, level);
            if let Some(key) = key {
                Value::Str(Arc::clone(key)).write_json(out);
                out.push_str(if pretty { ": " } else { ":" });
            }
            next = Some(value);
        }
    }

    /// A copy that shares no container with the original, by way of JSON as in the reference implementation: functions become
    /// empty strings, doubles are rounded to 15 digits.
    pub(crate) fn deep_clone(&mut self, value: &Value) -> Result<Value, Fault> {
        self.clone_at(value, 0)
    }

    fn clone_at(&mut self, value: &Value, depth: u32) -> Result<Value, Fault> {
        // Deeper data cannot have been written in JSON that the service takes.
        const DEPTH_MAX: u32 = 500;
        if depth > DEPTH_MAX {
            return Err(Fault::depth());
        }
        self.budget.steps(1)?;
        Ok(match value {
            Value::Arr(items) => {
                self.budget.array(items.len())?;
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    out.push(self.clone_at(item, depth + 1)?);
                }
                Value::Arr(out.into())
            }
            Value::Obj(members) => {
                self.budget.object(members.len())?;
                let mut out = Vec::with_capacity(members.len());
                for (key, value) in members {
                    out.push((Arc::clone(key), self.clone_at(value, depth + 1)?));
                }
                Value::Obj(out.into_iter().collect::<Object>())
            }
            other if function::id(other).is_some() => Value::from(""),
            Value::Float(f) if f.is_nan() => Value::Null,
            Value::Float(f) if f.is_infinite() => {
                return Err(Fault::new("D1001").text("value", "null".to_owned()));
            }
            Value::Float(f) => number::value(number::rounded_to_15_digits(*f)),
            other => other.clone(),
        })
    }
}

fn new_line(out: &mut String, pretty: bool, level: usize) {
    if pretty {
        out.push('\n');
        // Deep values are cut off by the limit of a string long before this becomes large.
        out.extend(std::iter::repeat_n("  ", level));
    }
}

fn write_leaf(value: &Value, out: &mut String) -> Result<(), Fault> {
    match value {
        Value::Float(_) if function::id(value).is_some() => out.push_str("\"\""),
        Value::Float(f) if f.is_nan() => out.push_str("null"),
        Value::Float(f) if f.is_infinite() => {
            return Err(Fault::new("D1001").text("value", "null".to_owned()));
        }
        Value::Float(f) => out.push_str(&number::text_of_15_digits(*f)),
        other => other.write_json_with(out, Numbers::JsonData),
    }
    Ok(())
}
