//! Equality and drop without recursion. Not for ordering: the languages order values each in its own way.

use std::sync::Arc;

use crate::Value;

/// Drops values whose depth nobody knows: children are moved onto a stack before their container goes.
///
/// `Arc::into_inner` gives the container to exactly one of several owners that let go at the same time, so no race can lead
/// back into recursion.
pub(crate) fn drop_iteratively(mut stack: Vec<Value>) {
    while let Some(value) = stack.pop() {
        match value {
            Value::Arr(array) => {
                if let Some(mut items) = Arc::into_inner(array.0)
                    && items.0.iter().any(is_container)
                {
                    stack.append(&mut items.0);
                }
            }
            Value::Obj(object) => {
                if let Some(mut members) = Arc::into_inner(object.0)
                    && members.entries.iter().any(|(_, v)| is_container(v))
                {
                    stack.extend(members.entries.drain(..).map(|(_, v)| v));
                }
            }
            _ => {}
        }
    }
}

/// Whether dropping this value can go deeper.
pub(crate) fn is_container(value: &Value) -> bool {
    matches!(value, Value::Arr(_) | Value::Obj(_))
}

impl PartialEq for Value {
    /// Deep equality: numbers by their mathematical value (`1` equals `1.0`), objects without regard to order.
    /// Parts that are the same in memory are equal without a look.
    fn eq(&self, other: &Value) -> bool {
        let mut stack = vec![];
        let mut pair = Some((self, other));
        while let Some((a, b)) = pair {
            let same = match (a, b) {
                (Value::Null, Value::Null) => true,
                (Value::Bool(a), Value::Bool(b)) => a == b,
                (Value::Int(a), Value::Int(b)) => a == b,
                (Value::Float(a), Value::Float(b)) => a == b,
                (Value::Int(i), Value::Float(f)) | (Value::Float(f), Value::Int(i)) => int_is_float(*i, *f),
                (Value::Str(a), Value::Str(b)) => a == b,
                (Value::Arr(a), Value::Arr(b)) => {
                    a.ptr_eq(b) || {
                        let same = a.len() == b.len();
                        if same {
                            stack.extend(a.iter().zip(b.iter()));
                        }
                        same
                    }
                }
                (Value::Obj(a), Value::Obj(b)) => {
                    a.ptr_eq(b)
                        || (a.len() == b.len()
                            && a.iter().all(|(k, v)| {
                                b.get(k).is_some_and(|w| {
                                    stack.push((v, w));
                                    true
                                })
                            }))
                }
                _ => false,
            };
            if !same {
                return false;
            }
            pair = stack.pop();
        }
        true
    }
}

/// Whether a double has exactly this integer value (a cast alone would round above 2^53).
fn int_is_float(i: i64, f: f64) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    let exact = (-LIMIT..LIMIT).contains(&f) && f.trunc() == f && f as i64 == i;
    exact
}
