//! Judging the condition of a filter for one item, with Jayway's coercions. Not finding the items (`eval`).

use std::borrow::Cow;
use std::cmp::Ordering;

use regex::Regex;
use value::Value;

use crate::error::{PathError, PathErrorKind};
use crate::eval::{self, Budget, Found};
use crate::filter::{Expr, Op, Operand};

/// One side, evaluated.
enum Side<'a> {
    /// A path that found nothing.
    Undefined,
    Value(Cow<'a, Value>),
    Pattern(&'a Regex),
}

/// Why a condition has no answer.
enum Failure {
    /// A side cannot be used so; Jayway then drops the item, whatever stands around it.
    Rejected,
    /// The budget is spent.
    Path(PathError),
}

impl From<PathError> for Failure {
    fn from(error: PathError) -> Failure {
        Failure::Path(error)
    }
}

/// Whether the condition holds for `item`.
pub(crate) fn accepts(
    condition: &Expr,
    item: &Value,
    root: &Value,
    budget: &mut Budget,
) -> Result<bool, PathError> {
    match (Judge { item, root, budget }).holds(condition) {
        Ok(holds) => Ok(holds),
        Err(Failure::Rejected) => Ok(false),
        Err(Failure::Path(error)) => Err(error),
    }
}

struct Judge<'a, 'b> {
    item: &'a Value,
    root: &'a Value,
    budget: &'b mut Budget,
}

impl<'a> Judge<'a, '_> {
    /// Recursion here and into nested paths is as deep as the text nests, which the reader bounds.
    fn holds(&mut self, expr: &'a Expr) -> Result<bool, Failure> {
        self.budget.take(1)?;
        match expr {
            Expr::And(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Or(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expr::Not(inner) => Ok(!self.holds(inner)?),
            Expr::Exists(path, wanted) => match eval::run(path, self.item, self.root, true, self.budget) {
                Ok(_) => Ok(*wanted),
                Err(error) if error.kind == PathErrorKind::Budget => Err(error.into()),
                Err(_) => Ok(!*wanted),
            },
            Expr::Compare(left, op, right) => {
                let left = self.side(left)?;
                let right = self.side(right)?;
                compare(&left, *op, &right, self.budget)
            }
        }
    }

    fn side(&mut self, operand: &'a Operand) -> Result<Side<'a>, Failure> {
        match operand {
            Operand::Literal(value) => Ok(Side::Value(Cow::Borrowed(value))),
            Operand::Pattern(regex) => Ok(Side::Pattern(regex)),
            Operand::Path(path) => match eval::run(path, self.item, self.root, false, self.budget) {
                Ok(Found::One(value)) => Ok(Side::Value(value)),
                Ok(Found::Many(values)) => Ok(Side::Value(Cow::Owned(values.into()))),
                Err(error) if error.kind.is_not_found() => Ok(Side::Undefined),
                Err(error) if error.kind == PathErrorKind::NotFilterable => Err(Failure::Rejected),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn compare(left: &Side<'_>, op: Op, right: &Side<'_>, budget: &mut Budget) -> Result<bool, Failure> {
    budget.take(weight(left) + weight(right))?;
    let ordered = |wanted: fn(Ordering) -> bool| Ok(order(left, right).is_some_and(wanted));
    match op {
        Op::Equal => Ok(equal(left, right)),
        Op::NotEqual => Ok(!equal(left, right)),
        Op::Same => Ok(same_kind(left, right) && equal(left, right)),
        Op::NotSame => Ok(!(same_kind(left, right) && equal(left, right))),
        Op::Less => ordered(Ordering::is_lt),
        Op::LessOrEqual => ordered(Ordering::is_le),
        Op::Greater => ordered(Ordering::is_gt),
        Op::GreaterOrEqual => ordered(Ordering::is_ge),
        Op::Matches => Ok(matches(left, right)),
        Op::Size => Ok(has_size(left, right)),
        Op::Empty => has_emptiness(left, right),
        Op::In => Ok(list(right)?.is_some_and(|list| contains(list, left))),
        Op::NotIn => Ok(!list(right)?.is_some_and(|list| contains(list, left))),
        Op::Contains => Ok(match (value(left), value(right)) {
            (Some(Value::Str(left)), Some(Value::Str(right))) => left.contains(&**right),
            (Some(Value::Arr(left)), _) => contains(left, right),
            _ => false,
        }),
        Op::All => {
            let required = list(right)?.unwrap_or_default();
            Ok(match value(left) {
                Some(Value::Arr(left)) => in_all(required, left, budget)?,
                // Jayway has it so: an object has everything.
                Some(Value::Obj(_)) => true,
                _ => false,
            })
        }
        Op::SubsetOf | Op::AnyOf | Op::NoneOf => {
            let (Some(right), Some(left)) = (list(right)?, list(left)?) else { return Ok(false) };
            Ok(match op {
                Op::SubsetOf => in_all(left, right, budget)?,
                Op::AnyOf => in_any(left, right, budget)?,
                _ => !in_any(left, right, budget)?,
            })
        }
    }
}

/// What it costs to look at a side, roughly.
fn weight(side: &Side<'_>) -> usize {
    match value(side) {
        Some(Value::Arr(items)) => items.len(),
        Some(Value::Obj(members)) => members.len(),
        Some(Value::Str(s)) => s.len() / 16,
        _ => 1,
    }
}

fn value<'s>(side: &'s Side<'_>) -> Option<&'s Value> {
    if let Side::Value(value) = side { Some(value) } else { None }
}

/// The side as a list; nothing for an object, and the item is dropped for anything else.
fn list<'s>(side: &'s Side<'_>) -> Result<Option<&'s [Value]>, Failure> {
    match value(side) {
        Some(Value::Arr(items)) => Ok(Some(items)),
        Some(Value::Obj(_)) => Ok(None),
        _ => Err(Failure::Rejected),
    }
}

fn contains(list: &[Value], side: &Side<'_>) -> bool {
    value(side).is_some_and(|wanted| list.iter().any(|item| values_equal(wanted, item)))
}

fn in_all(wanted: &[Value], list: &[Value], budget: &mut Budget) -> Result<bool, Failure> {
    budget.take(wanted.len().saturating_mul(list.len()))?;
    Ok(wanted.iter().all(|w| list.iter().any(|item| values_equal(w, item))))
}

fn in_any(wanted: &[Value], list: &[Value], budget: &mut Budget) -> Result<bool, Failure> {
    budget.take(wanted.len().saturating_mul(list.len()))?;
    Ok(wanted.iter().any(|w| list.iter().any(|item| values_equal(w, item))))
}

/// Equality; a path that found nothing equals nothing.
fn equal(left: &Side<'_>, right: &Side<'_>) -> bool {
    match (left, right) {
        (Side::Value(left), Side::Value(right)) => values_equal(left, right),
        (Side::Pattern(left), Side::Pattern(right)) => left.as_str() == right.as_str(),
        _ => false,
    }
}

/// Equality of values. A number on the left is compared with a string as a number, a string on the left with a number as text.
fn values_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(_) | Value::Float(_), Value::Str(text)) => {
            crate::literal::number(text).is_some_and(|right| *left == right)
        }
        (Value::Str(text), Value::Int(_) | Value::Float(_)) => **text == right.to_json(),
        _ => left == right,
    }
}

fn same_kind(left: &Side<'_>, right: &Side<'_>) -> bool {
    let kind = |side: &Side<'_>| match side {
        Side::Undefined => "undefined",
        Side::Pattern(_) => "pattern",
        Side::Value(value) if value.is_array() => "object",
        Side::Value(value) => value.type_name(),
    };
    kind(left) == kind(right)
}

/// The order of two numbers, or of two strings by UTF-16 units as in Java. Nothing else has one.
fn order(left: &Side<'_>, right: &Side<'_>) -> Option<Ordering> {
    match (value(left)?, value(right)?) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Str(left), Value::Str(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
        (left, right) => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether the whole text of one side matches the pattern of the other; of a list, any element.
fn matches(left: &Side<'_>, right: &Side<'_>) -> bool {
    let (pattern, input) = match (left, right) {
        (Side::Pattern(pattern), input @ (Side::Value(_) | Side::Undefined)) => (pattern, input),
        (input @ (Side::Value(_) | Side::Undefined), Side::Pattern(pattern)) => (pattern, input),
        _ => return false,
    };
    let one = |value: &Value| match value {
        Value::Str(text) => pattern.is_match(text),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => pattern.is_match(&value.to_json()),
        _ => pattern.is_match(""),
    };
    match value(input) {
        Some(Value::Arr(items)) => items.iter().any(one),
        Some(value) => one(value),
        None => pattern.is_match(""),
    }
}

/// Whether a string or list has the given length (of strings in UTF-16 units).
fn has_size(left: &Side<'_>, right: &Side<'_>) -> bool {
    let wanted = value(right).and_then(Value::as_f64).map(f64::trunc);
    let length = match value(left) {
        Some(Value::Str(text)) => text.encode_utf16().count(),
        Some(Value::Arr(items)) => items.len(),
        _ => return false,
    };
    #[expect(clippy::cast_precision_loss, reason = "no length is beyond 2^53")]
    let length = length as f64;
    wanted == Some(length)
}

/// Whether a string, list or object is empty, or with `false` is not.
fn has_emptiness(left: &Side<'_>, right: &Side<'_>) -> Result<bool, Failure> {
    let empty = match value(left) {
        Some(Value::Str(text)) => text.is_empty(),
        Some(Value::Arr(items)) => items.is_empty(),
        Some(Value::Obj(members)) => members.is_empty(),
        _ => return Ok(false),
    };
    value(right).and_then(Value::as_bool).map(|wanted| empty == wanted).ok_or(Failure::Rejected)
}
