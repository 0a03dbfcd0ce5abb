//! `|pattern|update,delete|`: a changed copy. Not for `$merge`.
//!
//! The reference implementation changes its copy in place, while what the pattern matched still points into it. Values here are
//! immutable, so matches are found again by their identity in the copy, and changes are made along their paths.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::smallvec;
use value::{Object, Value};

use super::{Evaluated, Evaluator};
use crate::ast::{Kind, NodeId};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::item::{Focus, Item};

/// Where a container stands in the copy.
#[derive(Clone)]
enum Place {
    Root,
    Key(usize, Arc<str>),
    Index(usize, usize),
}

/// Containers of the copy by identity.
struct Index {
    places: Vec<Place>,
    /// Objects with members: the address of the first key is theirs alone while the copy lives.
    by_address: HashMap<usize, usize>,
    /// Objects without members.
    empty: Vec<(Object, usize)>,
    by_key: HashMap<(usize, Arc<str>), usize>,
    /// Containers that a change has taken out of the copy.
    detached: Vec<bool>,
}

impl<'e> Evaluator<'e> {
    /// Calls a transform function.
    pub(super) fn transform(&mut self, node: NodeId, arg: Item, frame: FrameId) -> Evaluated {
        let Kind::Transform { pattern, update, delete } = &self.node(node).kind else {
            return Ok(Item::Undefined);
        };
        if arg.is_undefined() {
            return Ok(Item::Undefined);
        }
        match &arg {
            Item::Value(Value::Obj(_) | Value::Arr(_)) | Item::Flagged(..) | Item::Tuples(_) => {}
            _ => return Err(Fault::new("T0410").text("index", "1".to_owned())),
        }
        let position = self.node(node).position;
        let Some(mut copy) = self.copy(&arg, position, frame)? else { return Ok(Item::Undefined) };
        let matches = self.eval(*pattern, Focus::of(&copy), frame)?;
        let matches: Vec<Value> = match matches {
            Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => items.into_iter().collect(),
            other => other.into_value().into_iter().collect(),
        };
        let mut index = self.index(&copy)?;
        let mut found = Vec::with_capacity(matches.len());
        for value in matches {
            let place = self.find(&index, &value)?;
            found.push((place, if place.is_some() { None } else { Some(value) }));
        }
        for (place, outside) in found {
            let current = match place {
                Some(place) if !self.is_detached(&index, place)? => {
                    let path = self.steps_to(&index, place)?;
                    at_path(&copy, &path).cloned()
                }
                _ => outside,
            };
            let Some(current) = current else { continue };
            let updated = self.updated(*update, &current, frame)?;
            if let (Some(place), Some(members)) = (place, &updated) {
                self.change(&mut copy, &mut index, place, |object| {
                    for (key, value) in members {
                        object.insert(Arc::clone(key), value.clone());
                    }
                    members.keys().cloned().collect()
                })?;
            }
            if let Some(delete) = delete {
                let current = match place {
                    Some(place) => {
                        let path = self.steps_to(&index, place)?;
                        at_path(&copy, &path).cloned().unwrap_or(current)
                    }
                    None => current,
                };
                let keys = self.deletions(*delete, &current, frame)?;
                drop(current);
                if let (Some(place), false) = (place, keys.is_empty()) {
                    self.change(&mut copy, &mut index, place, |object| {
                        object.retain(|key, _| !keys.iter().any(|k| &**k == key));
                        keys
                    })?;
                }
            }
        }
        Ok(Item::Value(copy))
    }

    /// The copy that is to be changed, by whatever `$clone` is here.
    fn copy(&mut self, arg: &Item, position: u32, frame: FrameId) -> Result<Option<Value>, Fault> {
        let clone = self.program.names.iter().position(|name| &**name == "clone");
        if let Some(name) = clone {
            let name = u32::try_from(name).unwrap_or(u32::MAX);
            let clone = self.variable(name, frame)?;
            if clone.function().is_none() {
                return Err(Fault::new("T2013").at(position));
            }
            return Ok(self.apply(&clone, smallvec![arg.clone()], Focus::none())?.into_value());
        }
        match arg.to_value() {
            Some(value) => self.deep_clone(&value).map(Some),
            None => Ok(None),
        }
    }

    /// The members to set on a match.
    fn updated(&mut self, update: NodeId, current: &Value, frame: FrameId) -> Result<Option<Object>, Fault> {
        match self.eval(update, Focus::of(current), frame)? {
            Item::Undefined => Ok(None),
            Item::Value(Value::Obj(members)) => Ok(Some(members)),
            other => Err(Fault::new("T2011").at(self.node(update).position).item("value", &other)),
        }
    }

    /// The keys to take from a match.
    fn deletions(&mut self, delete: NodeId, current: &Value, frame: FrameId) -> Result<Vec<Arc<str>>, Fault> {
        let result = self.eval(delete, Focus::of(current), frame)?;
        let Some(value) = result.to_value() else { return Ok(Vec::new()) };
        let keys = match &value {
            Value::Arr(items) => items.iter().map(text).collect::<Option<Vec<_>>>(),
            other => text(other).map(|key| vec![key]),
        };
        keys.ok_or_else(|| Fault::new("T2012").at(self.node(delete).position).value("value", &value))
    }

    /// Visits the copy once.
    fn index(&mut self, copy: &Value) -> Result<Index, Fault> {
        let mut index = Index {
            places: Vec::new(),
            by_address: HashMap::new(),
            empty: Vec::new(),
            by_key: HashMap::new(),
            detached: Vec::new(),
        };
        let mut open = vec![(copy, Place::Root)];
        while let Some((value, place)) = open.pop() {
            self.budget.steps(1)?;
            self.budget.bytes(96)?;
            let at = index.places.len();
            match value {
                Value::Obj(members) => {
                    match address(members) {
                        Some(address) => {
                            index.by_address.insert(address, at);
                        }
                        None => index.empty.push((members.clone(), at)),
                    }
                    let containers = members.iter().filter(|(_, v)| v.is_array() || v.is_object());
                    open.extend(containers.map(|(key, value)| (value, Place::Key(at, Arc::clone(key)))));
                }
                Value::Arr(items) => {
                    let containers = items.iter().enumerate().filter(|(_, v)| v.is_array() || v.is_object());
                    open.extend(containers.map(|(i, value)| (value, Place::Index(at, i))));
                }
                _ => continue,
            }
            if let Place::Key(parent, key) = &place {
                index.by_key.insert((*parent, Arc::clone(key)), at);
            }
            index.places.push(place);
            index.detached.push(false);
        }
        Ok(index)
    }

    /// Where a match stands in the copy, if it does.
    fn find(&mut self, index: &Index, value: &Value) -> Result<Option<usize>, Fault> {
        let Value::Obj(members) = value else { return Ok(None) };
        if let Some(address) = address(members) {
            return Ok(index.by_address.get(&address).copied());
        }
        self.budget.steps(index.empty.len() as u64)?;
        Ok(index.empty.iter().find(|(object, _)| object.ptr_eq(members)).map(|(_, at)| *at))
    }

    fn is_detached(&mut self, index: &Index, place: usize) -> Result<bool, Fault> {
        let mut at = place;
        loop {
            self.budget.steps(1)?;
            if index.detached[at] {
                return Ok(true);
            }
            match &index.places[at] {
                Place::Root => return Ok(false),
                Place::Key(parent, _) | Place::Index(parent, _) => at = *parent,
            }
        }
    }

    /// The way from the root to a place.
    fn steps_to(&mut self, index: &Index, place: usize) -> Result<Vec<Place>, Fault> {
        let mut path = Vec::new();
        let mut at = place;
        loop {
            self.budget.steps(1)?;
            match &index.places[at] {
                Place::Root => break,
                step @ (Place::Key(parent, _) | Place::Index(parent, _)) => {
                    path.push(step.clone());
                    at = *parent;
                }
            }
        }
        path.reverse();
        Ok(path)
    }

    /// Changes an object of the copy; what stood under the keys that `apply` names is in the copy no more.
    fn change(
        &mut self,
        copy: &mut Value,
        index: &mut Index,
        place: usize,
        apply: impl FnOnce(&mut Object) -> Vec<Arc<str>>,
    ) -> Result<(), Fault> {
        if self.is_detached(index, place)? {
            return Ok(());
        }
        let path = self.steps_to(index, place)?;
        let mut at = copy;
        for step in &path {
            let next = match (step, at) {
                (Place::Key(_, key), Value::Obj(members)) => {
                    self.budget.steps(members.len() as u64 / 8)?;
                    members.get_mut(key)
                }
                (Place::Index(_, i), Value::Arr(items)) => {
                    self.budget.steps(1)?;
                    items.make_mut().get_mut(*i)
                }
                _ => None,
            };
            let Some(next) = next else { return Ok(()) };
            at = next;
        }
        let Value::Obj(object) = at else { return Ok(()) };
        self.budget.object(object.len())?;
        for key in apply(object) {
            if let Some(child) = index.by_key.get(&(place, key)) {
                index.detached[*child] = true;
            }
        }
        Ok(())
    }
}

fn text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Str(text) => Some(Arc::clone(text)),
        _ => None,
    }
}

fn at_path<'v>(root: &'v Value, path: &[Place]) -> Option<&'v Value> {
    let mut at = root;
    for step in path {
        at = match (step, at) {
            (Place::Key(_, key), Value::Obj(members)) => members.get(key)?,
            (Place::Index(_, i), Value::Arr(items)) => items.get(*i)?,
            _ => return None,
        };
    }
    Some(at)
}

/// What tells an object with members from all others that are alive.
fn address(object: &Object) -> Option<usize> {
    object.iter().next().map(|(key, _)| std::ptr::from_ref(key).addr())
}
