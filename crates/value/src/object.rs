//! Shared, insertion-ordered objects. Not a general map: keys are strings and removal costs the length.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::Value;
use crate::ops::{drop_iteratively, is_container};

/// Up to this many members a look-up compares the keys one by one; above, there is a hash index.
const LINEAR_MAX: usize = 16;

/// A shared object: cloning costs a counter, changing a shared one copies it first. Keys keep the order in which they came.
#[derive(Clone, Default)]
pub struct Object(pub(crate) Arc<Members>);

/// What an [`Object`] shares; a type of its own so that its `Drop` can be iterative.
#[derive(Clone, Default)]
pub(crate) struct Members {
    pub(crate) entries: Vec<(Arc<str>, Value)>,
    /// Key to position, present exactly when there are more than [`LINEAR_MAX`] entries. The standard library's keyed hash
    /// makes it safe against chosen keys.
    #[expect(
        clippy::box_collection,
        reason = "most objects are small and should not carry a map's 48 bytes"
    )]
    index: Option<Box<HashMap<Arc<str>, usize>>>,
}

impl Drop for Members {
    fn drop(&mut self) {
        if self.entries.iter().any(|(_, v)| is_container(v)) {
            drop_iteratively(self.entries.drain(..).map(|(_, v)| v).collect());
        }
    }
}

impl Members {
    #[inline]
    fn position(&self, key: &str) -> Option<usize> {
        if self.index.is_some() {
            return self.indexed(key);
        }
        self.entries.iter().position(|(k, _)| &**k == key)
    }

    #[inline(never)]
    fn indexed(&self, key: &str) -> Option<usize> {
        self.index.as_ref().and_then(|index| index.get(key).copied())
    }

    #[inline]
    pub(crate) fn insert(&mut self, key: Arc<str>, value: Value) -> Option<Value> {
        if let Some(at) = self.position(&key) {
            return Some(std::mem::replace(&mut self.entries[at].1, value));
        }
        if let Some(index) = &mut self.index {
            index.insert(Arc::clone(&key), self.entries.len());
        }
        self.entries.push((key, value));
        if self.index.is_none() && self.entries.len() > LINEAR_MAX {
            self.reindex();
        }
        None
    }

    fn reindex(&mut self) {
        self.index = (self.entries.len() > LINEAR_MAX).then(|| {
            Box::new(self.entries.iter().enumerate().map(|(at, (k, _))| (Arc::clone(k), at)).collect())
        });
    }
}

impl Object {
    /// An empty object.
    #[must_use]
    pub fn new() -> Object {
        Object::default()
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// The value of a member.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.position(key).map(|at| &self.0.entries[at].1)
    }

    /// The value of a member for changing; copies the members (shallowly) first if they are shared.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let at = self.0.position(key)?;
        Some(&mut Arc::make_mut(&mut self.0).entries[at].1)
    }

    /// Whether there is a member of that name.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.position(key).is_some()
    }

    /// Sets a member: a new one comes last, a known one keeps its place and gives back its old value. Copies the members
    /// (shallowly) first if they are shared.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, value: impl Into<Value>) -> Option<Value> {
        Arc::make_mut(&mut self.0).insert(key.into(), value.into())
    }

    /// Takes a member out; the others keep their order. Costs the length: use [`Object::retain`] for many.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.position(key)?;
        let members = Arc::make_mut(&mut self.0);
        let (_, value) = members.entries.remove(at);
        match &mut members.index {
            Some(index) if members.entries.len() > LINEAR_MAX => {
                index.remove(key);
                index.values_mut().filter(|p| **p > at).for_each(|p| *p -= 1);
            }
            index => *index = None,
        }
        Some(value)
    }

    /// Keeps the members for which `keep` says so, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Value) -> bool) {
        let members = Arc::make_mut(&mut self.0);
        members.entries.retain(|(k, v)| keep(k, v));
        members.reindex();
    }

    /// The members in their order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.entries.iter())
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> {
        self.0.entries.iter().map(|(k, _)| k)
    }

    /// The values in their order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.entries.iter().map(|(_, v)| v)
    }

    /// Whether both are the same object in memory: a cheap, sufficient test of equality.
    #[must_use]
    pub fn ptr_eq(&self, other: &Object) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The members of an [`Object`] in their order.
#[derive(Clone)]
pub struct Iter<'a>(std::slice::Iter<'a, (Arc<str>, Value)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Arc<str>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(k, v)| (k, v))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(k, v)| (k, v))
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Object {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    /// The members; copied (shallowly) only if others share them.
    fn into_iter(mut self) -> Self::IntoIter {
        match Arc::get_mut(&mut self.0) {
            Some(members) => std::mem::take(&mut members.entries).into_iter(),
            None => self.0.entries.clone().into_iter(),
        }
    }
}

impl<K: Into<Arc<str>>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Object {
        let mut members = Members::default();
        for (key, value) in iter {
            members.insert(key.into(), value.into());
        }
        Object(Arc::new(members))
    }
}

impl<K: Into<Arc<str>>, V: Into<Value>> Extend<(K, V)> for Object {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, iter: I) {
        let members = Arc::make_mut(&mut self.0);
        for (key, value) in iter {
            members.insert(key.into(), value.into());
        }
    }
}

impl PartialEq for Object {
    /// Same members with equal values, in any order.
    fn eq(&self, other: &Object) -> bool {
        Value::Obj(self.clone()) == Value::Obj(other.clone())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Value::Obj(self.clone()), f)
    }
}
