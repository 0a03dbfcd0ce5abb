//! Conditions of Choice rules in JSONPath states: the comparators. A condition in JSONata is only stored.

use std::cmp::Ordering;

use value::Value;

use crate::error_names::{QUERY_EVALUATION_ERROR, RUNTIME};
use crate::evaluation_error::EvaluationError;
use crate::timestamp::parse_rfc3339;
use crate::{Comparator, Condition, Expression, Operand, Scope};

impl Condition {
    /// Whether the condition holds. A value of another type than the comparator's makes it false, not an error (Amazon
    /// States Language, "Choice State"); a path that leads nowhere is an error, except under `IsPresent`.
    /// Recursion is bounded: the parser refuses rules nested deeper than `parse::MAX_NESTING`.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<bool, EvaluationError> {
        match self {
            Condition::And(parts) => {
                for part in parts {
                    if !part.evaluate(scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Or(parts) => {
                for part in parts {
                    if part.evaluate(scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(part) => Ok(!part.evaluate(scope)?),
            Condition::Compare { variable, comparator, operand } => {
                compare(variable, *comparator, operand, scope)
            }
            Condition::Literal(holds) => Ok(*holds),
            Condition::Jsonata(expression) => Err(EvaluationError::new(
                QUERY_EVALUATION_ERROR,
                format!("The condition '{}' is a JSONata expression in a JSONPath state.", expression.text()),
            )),
        }
    }
}

fn compare(
    variable: &Expression,
    comparator: Comparator,
    operand: &Operand,
    scope: &Scope<'_>,
) -> Result<bool, EvaluationError> {
    if comparator == Comparator::IsPresent {
        let present = match variable.evaluate(scope) {
            Ok(_) => true,
            Err(error) if error.is_missing() => false,
            Err(error) => return Err(error),
        };
        return Ok(Some(present) == right(operand, scope)?.as_bool());
    }
    let left = resolve(variable, scope)?;
    let right = right(operand, scope)?;
    Ok(holds(comparator, &left, &right))
}

fn right(operand: &Operand, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
    match operand {
        Operand::Literal(value) => Ok(value.clone()),
        Operand::Path(expression) => resolve(expression, scope),
    }
}

fn resolve(expression: &Expression, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
    expression.evaluate(scope).map_err(|error| {
        if !error.is_missing() {
            return error;
        }
        let path = &expression.text;
        let cause =
            format!("Invalid path '{path}': The choice state's condition path references an invalid value.");
        EvaluationError::new(RUNTIME, cause)
    })
}

fn holds(comparator: Comparator, left: &Value, right: &Value) -> bool {
    use Comparator::*;
    match comparator {
        StringEquals => strings(left, right).is_some_and(Ordering::is_eq),
        StringLessThan => strings(left, right).is_some_and(Ordering::is_lt),
        StringGreaterThan => strings(left, right).is_some_and(Ordering::is_gt),
        StringLessThanEquals => strings(left, right).is_some_and(Ordering::is_le),
        StringGreaterThanEquals => strings(left, right).is_some_and(Ordering::is_ge),
        StringMatches => match (left.as_str(), right.as_str()) {
            (Some(text), Some(pattern)) => matches_wildcards(text, pattern),
            _ => false,
        },
        NumericEquals => numbers(left, right).is_some_and(Ordering::is_eq),
        NumericLessThan => numbers(left, right).is_some_and(Ordering::is_lt),
        NumericGreaterThan => numbers(left, right).is_some_and(Ordering::is_gt),
        NumericLessThanEquals => numbers(left, right).is_some_and(Ordering::is_le),
        NumericGreaterThanEquals => numbers(left, right).is_some_and(Ordering::is_ge),
        BooleanEquals => left.as_bool().is_some() && left.as_bool() == right.as_bool(),
        TimestampEquals => timestamps(left, right).is_some_and(Ordering::is_eq),
        TimestampLessThan => timestamps(left, right).is_some_and(Ordering::is_lt),
        TimestampGreaterThan => timestamps(left, right).is_some_and(Ordering::is_gt),
        TimestampLessThanEquals => timestamps(left, right).is_some_and(Ordering::is_le),
        TimestampGreaterThanEquals => timestamps(left, right).is_some_and(Ordering::is_ge),
        IsNull => Some(left.is_null()) == right.as_bool(),
        IsPresent => right.as_bool() == Some(true),
        IsNumeric => Some(left.is_number()) == right.as_bool(),
        IsString => Some(left.is_string()) == right.as_bool(),
        IsBoolean => Some(left.is_bool()) == right.as_bool(),
        IsTimestamp => {
            Some(left.as_str().is_some_and(|text| parse_rfc3339(text).is_some())) == right.as_bool()
        }
    }
}

/// Strings compare by UTF-16 code units, as the service's do.
fn strings(left: &Value, right: &Value) -> Option<Ordering> {
    Some(left.as_str()?.encode_utf16().cmp(right.as_str()?.encode_utf16()))
}

fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn timestamps(left: &Value, right: &Value) -> Option<Ordering> {
    Some(parse_rfc3339(left.as_str()?)?.cmp(&parse_rfc3339(right.as_str()?)?))
}

/// `*` stands for any number of characters; `\*` and `\\` stand for themselves. Linear in both texts: each piece
/// between wildcards is taken where it first fits.
fn matches_wildcards(text: &str, pattern: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut chars = pattern.chars().peekable();
    while let Some(ch) = chars.next() {
        match (ch, chars.peek(), pieces.last_mut()) {
            ('*', _, _) => pieces.push(String::new()),
            ('\\', Some(&escaped @ ('*' | '\\')), Some(piece)) => {
                piece.push(escaped);
                chars.next();
            }
            (_, _, Some(piece)) => piece.push(ch),
            (_, _, None) => {}
        }
    }
    let Some(last) = pieces.pop() else { return false };
    let Some((first, middle)) = pieces.split_first() else { return text == last };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(&last)
}
