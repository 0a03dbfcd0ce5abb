//! Order-by, and the merge sort that `$sort` shares. Not for choosing what to sort by.

use std::cmp::Ordering;

use value::{Array, Value};

use super::Evaluator;
use crate::ast::NodeId;
use crate::environment::FrameId;
use crate::error::Fault;
use crate::item::{Focus, Item, Tuple};
use crate::number;

impl<'e> Evaluator<'e> {
    /// `items^(…)`.
    pub(super) fn sort_items(
        &mut self,
        terms: &'e [(NodeId, bool)],
        position: u32,
        items: Array,
        frame: FrameId,
    ) -> Result<Array, Fault> {
        if items.len() <= 1 {
            return Ok(items);
        }
        let sorted = self.merge_sort(items.to_vec(), &mut |evaluator, a, b| {
            evaluator.swaps(terms, position, (Focus::of(a), frame), (Focus::of(b), frame))
        })?;
        Ok(sorted.into())
    }

    pub(super) fn sort_tuples(
        &mut self,
        terms: &'e [(NodeId, bool)],
        position: u32,
        tuples: Vec<Tuple>,
        frame: FrameId,
    ) -> Result<Vec<Tuple>, Fault> {
        self.merge_sort(tuples, &mut |evaluator, a, b| {
            let (left, right) = (a.context.to_value(), b.context.to_value());
            let left_frame = evaluator.tuple_frame(a, frame)?;
            let right_frame = evaluator.tuple_frame(b, frame)?;
            let left = (Focus::maybe(left.as_ref()), left_frame);
            let right = (Focus::maybe(right.as_ref()), right_frame);
            evaluator.swaps(terms, position, left, right)
        })
    }

    /// Whether `b` has to come before `a`.
    fn swaps(
        &mut self,
        terms: &'e [(NodeId, bool)],
        position: u32,
        a: (Focus<'_>, FrameId),
        b: (Focus<'_>, FrameId),
    ) -> Result<bool, Fault> {
        for (term, descending) in terms {
            let left = self.eval(*term, a.0, a.1)?;
            let right = self.eval(*term, b.0, b.1)?;
            let order = match (left.is_undefined(), right.is_undefined()) {
                (true, true) => Ordering::Equal,
                // What has no value comes last, whatever the direction.
                (true, false) => return Ok(true),
                (false, true) => return Ok(false),
                (false, false) => order(&left, &right).map_err(|fault| fault.at(position))?,
            };
            match (order, descending) {
                (Ordering::Equal, _) => {}
                (Ordering::Greater, false) | (Ordering::Less, true) => return Ok(true),
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// A stable merge sort; `swaps(a, b)` says whether `b` has to come before `a`.
    pub(crate) fn merge_sort<T: Clone>(
        &mut self,
        items: Vec<T>,
        swaps: &mut dyn FnMut(&mut Self, &T, &T) -> Result<bool, Fault>,
    ) -> Result<Vec<T>, Fault> {
        if items.len() <= 1 {
            return Ok(items);
        }
        self.budget.array(items.len())?;
        let mut left = items;
        let right = left.split_off(left.len() / 2);
        let left = self.merge_sort(left, swaps)?;
        let right = self.merge_sort(right, swaps)?;
        let mut out = Vec::with_capacity(left.len() + right.len());
        let mut left = left.into_iter().peekable();
        let mut right = right.into_iter().peekable();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            self.budget.steps(1)?;
            let swap = swaps(self, a, b)?;
            out.extend(if swap { right.next() } else { left.next() });
        }
        out.extend(left);
        out.extend(right);
        Ok(out)
    }
}

/// The order of two values that can be ordered.
fn order(left: &Item, right: &Item) -> Result<Ordering, Fault> {
    let (Item::Value(a), Item::Value(b)) = (left, right) else {
        return Err(Fault::new("T2008"));
    };
    let sortable = |item: &Item| item.as_str().is_some() || item.as_number().is_some();
    if !sortable(left) || !sortable(right) {
        return Err(Fault::new("T2008"));
    }
    match compare(a, b) {
        Some(order) => Ok(order),
        None if a.is_string() != b.is_string() => {
            Err(Fault::new("T2007").value("value", a).value("value2", b))
        }
        None => Ok(Ordering::Greater),
    }
}

/// Numbers by value, strings by their UTF-16 units as JavaScript and Java do; nothing else compares.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Some(compare_text(a, b)),
        _ if a.is_number() && b.is_number() => number::as_f64(a).partial_cmp(&number::as_f64(b)),
        _ => None,
    }
}

/// The order of UTF-16 units, which differs from that of bytes only beyond the basic plane.
pub(crate) fn compare_text(a: &str, b: &str) -> Ordering {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    match (a.as_bytes().get(common), b.as_bytes().get(common)) {
        (Some(x), Some(y)) if *x < 0xEE && *y < 0xEE => x.cmp(y),
        (Some(_), Some(_)) => a.encode_utf16().cmp(b.encode_utf16()),
        (x, y) => x.is_some().cmp(&y.is_some()),
    }
}
