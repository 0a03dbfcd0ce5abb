//! What an expression gives while it is being evaluated: a value, nothing, or a sequence that is not yet an array. Not for
//! results: those are plain values.

use std::sync::Arc;

use smallvec::SmallVec;
use value::{Array, Value};

use crate::ast::{NameId, NodeId};
use crate::environment::FrameId;
use crate::function::{self, FunctionId};

/// Arguments of a call: mostly few, so that they need no allocation.
pub(crate) type ArgList = SmallVec<[Item; 3]>;

/// The result of a node.
#[derive(Clone, Debug, Default)]
pub(crate) enum Item {
    /// No value: JavaScript's `undefined`.
    #[default]
    Undefined,
    /// A JSON value or a function; arrays here are arrays of the data or constructed ones.
    Value(Value),
    /// An array that the evaluation treats in its own way.
    Flagged(Array, Flag),
    /// Contexts with their bindings.
    Tuples(Arc<Vec<Tuple>>),
    /// A call that is still to be made, by whoever called the function that it ends.
    TailCall(NodeId, FrameId),
}

/// How an array differs from a plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// A sequence: empty means no value, one element means that element.
    Sequence,
    /// A sequence that stays an array with one element.
    Kept,
    /// A constructed array that must not be flattened into a sequence.
    Constructed,
}

/// A context, and what `@`, `#` and `%` bound on the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Tuple {
    pub(crate) context: Item,
    pub(crate) bindings: Vec<(NameId, Item)>,
}

impl Tuple {
    /// Binds a name, replacing what it was bound to.
    pub(crate) fn bind(&mut self, name: NameId, item: Item) {
        match self.bindings.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = item,
            None => self.bindings.push((name, item)),
        }
    }
}

impl Item {
    pub(crate) fn sequence(items: Vec<Value>) -> Item {
        Item::Flagged(items.into(), Flag::Sequence)
    }

    pub(crate) fn array(items: Vec<Value>) -> Item {
        Item::Value(Value::Arr(items.into()))
    }

    pub(crate) fn of_function(id: FunctionId) -> Item {
        Item::Value(function::boxed(id))
    }

    pub(crate) fn bool(b: bool) -> Item {
        Item::Value(Value::Bool(b))
    }

    pub(crate) fn is_undefined(&self) -> bool {
        matches!(self, Item::Undefined)
    }

    /// The elements, of any kind of array.
    pub(crate) fn as_array(&self) -> Option<&Array> {
        match self {
            Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Item::Value(Value::Str(s)) => Some(s),
            _ => None,
        }
    }

    /// A number, which a function is not.
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Item::Value(value) if self.function().is_none() => value.as_f64(),
            _ => None,
        }
    }

    pub(crate) fn function(&self) -> Option<FunctionId> {
        match self {
            Item::Value(value) => function::id(value),
            _ => None,
        }
    }

    /// The value, if there is any; bindings are left behind.
    pub(crate) fn to_value(&self) -> Option<Value> {
        self.clone().into_value()
    }

    /// The value, if there is any; bindings are left behind.
    pub(crate) fn into_value(self) -> Option<Value> {
        match self {
            Item::Undefined | Item::TailCall(..) => None,
            Item::Value(value) => Some(value),
            Item::Flagged(items, _) => Some(Value::Arr(items)),
            Item::Tuples(tuples) => {
                let contexts = tuples.iter().filter_map(|tuple| tuple.context.to_value());
                Some(Value::Arr(contexts.collect::<Vec<Value>>().into()))
            }
        }
    }

    /// What a sequence becomes when a node is done: nothing, its only element, or itself.
    #[inline]
    pub(crate) fn collapse(self) -> Item {
        if matches!(self, Item::Flagged(_, Flag::Sequence | Flag::Kept)) { self.collapsed() } else { self }
    }

    fn collapsed(self) -> Item {
        match self {
            Item::Flagged(items, flag @ (Flag::Sequence | Flag::Kept)) => match items.len() {
                0 => Item::Undefined,
                1 if flag == Flag::Sequence => items.into_iter().next().into(),
                _ => Item::Flagged(items, flag),
            },
            other => other,
        }
    }

    /// The sequence as one that stays an array.
    pub(crate) fn kept(self) -> Item {
        match self {
            Item::Flagged(items, Flag::Sequence) => Item::Flagged(items, Flag::Kept),
            other => other,
        }
    }
}

impl From<Value> for Item {
    /// An element taken out of an array: it may be one without a value.
    fn from(value: Value) -> Item {
        if function::is_hole(&value) { Item::Undefined } else { Item::Value(value) }
    }
}

impl From<Option<Value>> for Item {
    fn from(value: Option<Value>) -> Item {
        value.map_or(Item::Undefined, Item::from)
    }
}

/// Where an expression is evaluated: `$`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Focus<'a> {
    pub(crate) value: Option<&'a Value>,
    /// The value is the root document and an array: paths take it as one item.
    pub(crate) whole: bool,
}

impl<'a> Focus<'a> {
    pub(crate) fn of(value: &'a Value) -> Focus<'a> {
        Focus::maybe(Some(value))
    }

    pub(crate) fn none() -> Focus<'static> {
        Focus { value: None, whole: false }
    }

    pub(crate) fn maybe(value: Option<&'a Value>) -> Focus<'a> {
        Focus { value: value.filter(|value| !function::is_hole(value)), whole: false }
    }

    /// The items that a path or a grouping goes through; `None` when there is no context at all.
    pub(crate) fn items(&self) -> Option<&'a [Value]> {
        let value = self.value?;
        match value {
            Value::Arr(items) if !self.whole => Some(items),
            _ => Some(std::slice::from_ref(value)),
        }
    }
}
