//! Operators between two values. Not for paths and `~>`.

use std::cmp::Ordering;

use value::Value;

use super::direct::Direct;
use super::sort::compare;
use super::{Evaluated, Evaluator};
use crate::ast::{Kind, NodeId, Op};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::function;
use crate::item::{Focus, Item};
use crate::number;

/// The reference implementation's limit for `..`, before the limit of memory.
const RANGE_MAX: i128 = 10_000_000;

impl Evaluator<'_> {
    pub(super) fn binary(
        &mut self,
        op: Op,
        lhs: NodeId,
        rhs: NodeId,
        position: u32,
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Evaluated {
        if op == Op::Concat {
            let mut out = String::with_capacity(64);
            self.concat(lhs, rhs, position, focus, frame, &mut out)?;
            return Ok(Item::Value(Value::from(out)));
        }
        if let Some(done) = self.quick(op, lhs, rhs, focus, frame)? {
            return Ok(done);
        }
        let left = self.eval(lhs, focus, frame)?;
        let add_place = |fault: Fault| fault.at(position).token(op.text());
        if matches!(op, Op::And | Op::Or) {
            let left = self.truthy(&left).map_err(add_place)?;
            if left == (op == Op::Or) {
                return Ok(Item::bool(left));
            }
            let right = self.eval(rhs, focus, frame).map_err(add_place)?;
            return Ok(Item::bool(self.truthy(&right).map_err(add_place)?));
        }
        let right = self.eval(rhs, focus, frame)?;
        let result = match op {
            Op::Equal => self.equal(&left, &right).map(Item::bool),
            Op::NotEqual => {
                let known = !left.is_undefined() && !right.is_undefined();
                self.equal(&left, &right).map(|equal| Item::bool(known && !equal))
            }
            Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => comparison(op, &left, &right),
            Op::Range => self.range(&left, &right),
            Op::In => self.is_in(&left, &right),
            _ => self.arithmetic(op, &left, &right),
        };
        result.map_err(add_place)
    }

    /// Two numbers or two texts that are there to be looked at; `None` when it takes more than that.
    #[inline]
    fn quick(
        &self,
        op: Op,
        lhs: NodeId,
        rhs: NodeId,
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Result<Option<Item>, Fault> {
        let (left, right) = (self.node(lhs), self.node(rhs));
        if !left.direct || !right.direct {
            return Ok(None);
        }
        let Direct::Value(a) = self.direct(left, focus, frame)? else { return Ok(None) };
        let Direct::Value(b) = self.direct(right, focus, frame)? else { return Ok(None) };
        Ok(match (a, b) {
            (Value::Str(x), Value::Str(y)) => match op {
                Op::Equal => Some(Item::bool(x == y)),
                Op::NotEqual => Some(Item::bool(x != y)),
                _ => ordered(op, a, b).map(Item::bool),
            },
            _ => match (a.as_f64(), b.as_f64()) {
                (Some(x), Some(y)) if x.is_finite() && y.is_finite() => match op {
                    Op::Equal => Some(Item::bool(a == b)),
                    Op::NotEqual => Some(Item::bool(a != b)),
                    _ => ordered(op, a, b).map(Item::bool).or_else(|| calculated(op, a, b).map(Item::Value)),
                },
                _ => None,
            },
        })
    }

    fn arithmetic(&mut self, op: Op, left: &Item, right: &Item) -> Evaluated {
        for (side, code) in [(left, "T2001"), (right, "T2002")] {
            if !side.is_undefined() && !self.is_number(side)? {
                return Err(Fault::new(code).item("value", side));
            }
        }
        let (Item::Value(a), Item::Value(b)) = (left, right) else { return Ok(Item::Undefined) };
        Ok(calculated(op, a, b).map_or(Item::Undefined, Item::Value))
    }

    fn equal(&mut self, left: &Item, right: &Item) -> Result<bool, Fault> {
        if left.is_undefined() || right.is_undefined() {
            return Ok(false);
        }
        match (left, right) {
            (Item::Value(a), Item::Value(b)) => self.same(a, b),
            _ => match (left.to_value(), right.to_value()) {
                (Some(a), Some(b)) => self.same(&a, &b),
                _ => Ok(false),
            },
        }
    }

    /// Deep equality; functions equal themselves.
    pub(crate) fn same(&mut self, a: &Value, b: &Value) -> Result<bool, Fault> {
        match (a, b) {
            (Value::Arr(_), Value::Arr(_)) | (Value::Obj(_), Value::Obj(_)) => self.same_inside(a, b),
            _ => Ok(a == b || (function::id(a).is_some() && function::id(a) == function::id(b))),
        }
    }

    fn same_inside(&mut self, a: &Value, b: &Value) -> Result<bool, Fault> {
        let mut open = vec![(a, b)];
        while let Some((a, b)) = open.pop() {
            self.budget.steps(1)?;
            match (a, b) {
                (Value::Arr(a), Value::Arr(b)) => {
                    if a.ptr_eq(b) {
                        continue;
                    }
                    if a.len() != b.len() {
                        return Ok(false);
                    }
                    open.extend(a.iter().zip(b.iter()).rev());
                }
                (Value::Obj(a), Value::Obj(b)) => {
                    if a.ptr_eq(b) {
                        continue;
                    }
                    if a.len() != b.len() {
                        return Ok(false);
                    }
                    for (key, value) in a {
                        let Some(other) = b.get(key) else { return Ok(false) };
                        open.push((value, other));
                    }
                }
                (a, b) => {
                    let functions = function::id(a).is_some() && function::id(a) == function::id(b);
                    if a != b && !functions {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    fn is_in(&mut self, left: &Item, right: &Item) -> Evaluated {
        let (Some(wanted), false) = (left.to_value(), right.is_undefined()) else {
            return Ok(Item::bool(false));
        };
        // JavaScript's `===`: containers are never the same as others.
        let same = |value: &Value| match (&wanted, value) {
            (Value::Arr(a), Value::Arr(b)) => a.ptr_eq(b),
            (Value::Obj(a), Value::Obj(b)) => a.ptr_eq(b),
            (a, b) => a == b,
        };
        let found = match right.as_array() {
            Some(items) => {
                self.budget.steps(items.len() as u64 / 4)?;
                items.iter().any(same)
            }
            None => right.to_value().as_ref().is_some_and(same),
        };
        Ok(Item::bool(found))
    }

    /// `lhs & rhs`, appended. A chain of them builds one string.
    fn concat(
        &mut self,
        lhs: NodeId,
        rhs: NodeId,
        position: u32,
        focus: Focus<'_>,
        frame: FrameId,
        out: &mut String,
    ) -> Result<(), Fault> {
        let left = self.node(lhs);
        match left.kind {
            Kind::Binary { op: Op::Concat, lhs, rhs } if left.bare => {
                self.budget.depth += 1;
                if self.budget.depth > self.budget.limits.depth {
                    return Err(Fault::depth());
                }
                self.budget.steps(1)?;
                self.concat(lhs, rhs, left.position, focus, frame, out)?;
                self.budget.depth -= 1;
            }
            _ => self.append(lhs, position, focus, frame, out)?,
        }
        self.append(rhs, position, focus, frame, out)
    }

    /// The text of an operand of `&`, appended.
    fn append(
        &mut self,
        operand: NodeId,
        position: u32,
        focus: Focus<'_>,
        frame: FrameId,
        out: &mut String,
    ) -> Result<(), Fault> {
        let node = self.node(operand);
        if node.direct {
            match self.direct(node, focus, frame)? {
                Direct::Value(Value::Str(text)) => {
                    self.budget.string(out.len() + text.len())?;
                    out.push_str(text);
                    return Ok(());
                }
                Direct::Nothing => return Ok(()),
                Direct::Value(_) | Direct::Other => {}
            }
        }
        let item = self.eval(operand, focus, frame)?;
        self.append_text(&item, out).map_err(|fault| fault.at(position).token("&"))
    }

    fn append_text(&mut self, item: &Item, out: &mut String) -> Result<(), Fault> {
        match item {
            Item::Undefined => Ok(()),
            Item::Value(Value::Str(text)) => {
                self.budget.string(out.len() + text.len())?;
                out.push_str(text);
                Ok(())
            }
            other => {
                let text = self.text_of(other, false)?;
                self.budget.string(out.len() + text.len())?;
                out.push_str(&text);
                Ok(())
            }
        }
    }

    fn range(&mut self, left: &Item, right: &Item) -> Evaluated {
        let mut ends = [0_i64; 2];
        let mut defined = true;
        for (at, (side, code)) in [(left, "T2003"), (right, "T2004")].into_iter().enumerate() {
            match side {
                Item::Undefined => defined = false,
                Item::Value(value) => {
                    ends[at] =
                        number::as_integer(value).ok_or_else(|| Fault::new(code).value("value", value))?;
                }
                other => return Err(Fault::new(code).item("value", other)),
            }
        }
        let [first, last] = ends;
        if !defined || first > last {
            return Ok(Item::Undefined);
        }
        let size = i128::from(last) - i128::from(first) + 1;
        if size > RANGE_MAX {
            return Err(Fault::new("D2014").text("value", size.to_string()));
        }
        self.budget.array(usize::try_from(size).unwrap_or(usize::MAX))?;
        Ok(Item::sequence((first..=last).map(Value::Int).collect()))
    }
}

/// Two numbers; `None` for operators that do not calculate.
fn calculated(op: Op, a: &Value, b: &Value) -> Option<Value> {
    if let (Value::Int(a), Value::Int(b)) = (a, b)
        && let Some(exact) = exact(op, *a, *b)
    {
        return Some(Value::Int(exact));
    }
    let (x, y) = (number::as_f64(a), number::as_f64(b));
    Some(number::value(match op {
        Op::Add => x + y,
        Op::Subtract => x - y,
        Op::Multiply => x * y,
        Op::Divide => x / y,
        Op::Modulo => x % y,
        _ => return None,
    }))
}

/// Two numbers or two texts; `None` for operators that do not order.
fn ordered(op: Op, a: &Value, b: &Value) -> Option<bool> {
    let wanted = |order: Option<Ordering>| match op {
        Op::Less => order == Some(Ordering::Less),
        Op::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Op::Greater => order == Some(Ordering::Greater),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    };
    matches!(op, Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual).then(|| wanted(compare(a, b)))
}

/// Integer arithmetic where the result is an integer that fits.
fn exact(op: Op, a: i64, b: i64) -> Option<i64> {
    match op {
        Op::Add => a.checked_add(b),
        Op::Subtract => a.checked_sub(b),
        Op::Multiply => a.checked_mul(b),
        Op::Divide if b != 0 && a.checked_rem(b) == Some(0) => a.checked_div(b),
        Op::Modulo if b != 0 => a.checked_rem(b),
        _ => None,
    }
}

fn comparison(op: Op, left: &Item, right: &Item) -> Evaluated {
    let comparable = |item: &Item| item.as_str().is_some() || item.as_number().is_some();
    if [left, right].into_iter().any(|side| !side.is_undefined() && !comparable(side)) {
        return Err(Fault::new("T2010"));
    }
    let (Item::Value(a), Item::Value(b)) = (left, right) else { return Ok(Item::Undefined) };
    if a.is_string() != b.is_string() {
        return Err(Fault::new("T2009").value("value", a).value("value2", b));
    }
    Ok(ordered(op, a, b).map_or(Item::Undefined, Item::bool))
}
