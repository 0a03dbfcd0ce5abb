//! Shared arrays. Not for building results element by element in a hurry: collect a `Vec` and convert it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::Value;
use crate::ops::{drop_iteratively, is_container};

/// A shared array: cloning costs a counter, changing a shared one copies it first. Reads as a slice.
#[derive(Clone, Default)]
pub struct Array(pub(crate) Arc<Items>);

/// What an [`Array`] shares; a type of its own so that its `Drop` can be iterative.
#[derive(Clone, Default)]
pub(crate) struct Items(pub(crate) Vec<Value>);

impl Drop for Items {
    fn drop(&mut self) {
        if self.0.iter().any(is_container) {
            drop_iteratively(std::mem::take(&mut self.0));
        }
    }
}

impl Array {
    /// An empty array.
    #[must_use]
    pub fn new() -> Array {
        Array::default()
    }

    /// The elements for changing; copies them (shallowly) first if they are shared.
    pub fn make_mut(&mut self) -> &mut Vec<Value> {
        &mut Arc::make_mut(&mut self.0).0
    }

    /// Appends an element; copies the others (shallowly) first if they are shared.
    pub fn push(&mut self, value: impl Into<Value>) {
        self.make_mut().push(value.into());
    }

    /// Whether both are the same array in memory: a cheap, sufficient test of equality.
    #[must_use]
    pub fn ptr_eq(&self, other: &Array) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Array {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.0
    }
}

impl From<Vec<Value>> for Array {
    fn from(items: Vec<Value>) -> Array {
        Array(Arc::new(Items(items)))
    }
}

impl<V: Into<Value>> FromIterator<V> for Array {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> Array {
        iter.into_iter().map(Into::into).collect::<Vec<_>>().into()
    }
}

impl IntoIterator for Array {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    /// The elements; copied (shallowly) only if others share them.
    fn into_iter(mut self) -> Self::IntoIter {
        match Arc::get_mut(&mut self.0) {
            Some(items) => std::mem::take(&mut items.0).into_iter(),
            None => self.0.0.clone().into_iter(),
        }
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Array) -> bool {
        Value::Arr(self.clone()) == Value::Arr(other.clone())
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Value::Arr(self.clone()), f)
    }
}
