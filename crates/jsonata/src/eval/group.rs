//! Objects: constructors, which may group what they are applied to. Not for sorting.

use std::collections::HashMap;
use std::sync::Arc;

use value::{Object, Value};

use super::{Evaluated, Evaluator};
use crate::ast::{Group, NodeId};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::item::{Focus, Item, Tuple};

/// Items that came under one key, all by the same pair.
struct Entry<T> {
    key: Arc<str>,
    pair: usize,
    items: Vec<T>,
}

/// Entries in the order in which their keys came.
struct Entries<T> {
    entries: Vec<Entry<T>>,
    by_key: HashMap<Arc<str>, usize>,
}

impl<T> Entries<T> {
    fn new() -> Entries<T> {
        Entries { entries: Vec::new(), by_key: HashMap::new() }
    }

    fn add(&mut self, key: Arc<str>, pair: usize, item: T, position: u32) -> Result<(), Fault> {
        if let Some(at) = self.by_key.get(&key) {
            let entry = &mut self.entries[*at];
            if entry.pair != pair {
                return Err(Fault::new("D1009").at(position).string("value", &key));
            }
            entry.items.push(item);
            return Ok(());
        }
        self.by_key.insert(Arc::clone(&key), self.entries.len());
        self.entries.push(Entry { key, pair, items: vec![item] });
        Ok(())
    }
}

impl<'e> Evaluator<'e> {
    /// `{…}` on its own.
    pub(super) fn object(&mut self, group: &'e Group, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        match focus.items() {
            None => self.one_object(group, Focus::none(), frame),
            Some([]) => self.one_object(group, Focus::none(), frame),
            Some([value]) => self.one_object(group, Focus { value: Some(value), whole: false }, frame),
            Some(items) => self.group_values(group, items, frame),
        }
    }

    /// `item{…}`.
    pub(super) fn group(&mut self, group: &'e Group, item: Item, frame: FrameId) -> Evaluated {
        match item {
            Item::Tuples(tuples) => self.group_tuples(group, &tuples, frame),
            Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => match &items[..] {
                [] => self.one_object(group, Focus::none(), frame),
                [value] => self.one_object(group, Focus::of(value), frame),
                _ => self.group_values(group, &items, frame),
            },
            Item::Value(value) => self.one_object(group, Focus::of(&value), frame),
            Item::Undefined | Item::TailCall(..) => self.one_object(group, Focus::none(), frame),
        }
    }

    fn key(
        &mut self,
        key: NodeId,
        focus: Focus<'_>,
        position: u32,
        frame: FrameId,
    ) -> Result<Option<Arc<str>>, Fault> {
        match self.eval(key, focus, frame)? {
            Item::Undefined => Ok(None),
            Item::Value(Value::Str(key)) => Ok(Some(key)),
            other => Err(Fault::new("T1003").at(position).item("value", &other)),
        }
    }

    /// Nothing to group: all keys, then all values.
    fn one_object(&mut self, group: &'e Group, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        self.budget.object(group.pairs.len())?;
        if let Some(keys) = &group.constant_keys {
            return self.constant_object(group, keys, focus, frame);
        }
        let mut keys: Vec<(Arc<str>, NodeId)> = Vec::with_capacity(group.pairs.len());
        let mut seen: HashMap<Arc<str>, ()> = HashMap::new();
        let many = group.pairs.len() > 8;
        for (key, value) in &group.pairs {
            let Some(key) = self.key(*key, focus, group.position, frame)? else { continue };
            let known = if many {
                seen.insert(Arc::clone(&key), ()).is_some()
            } else {
                keys.iter().any(|(k, _)| *k == key)
            };
            if known {
                return Err(Fault::new("D1009").at(group.position).string("value", &key));
            }
            keys.push((key, *value));
        }
        let mut out = Vec::with_capacity(keys.len());
        for (key, value) in keys {
            if let Some(value) = self.eval(value, focus, frame)?.into_value() {
                out.push((key, value));
            }
        }
        Ok(Item::Value(Value::Obj(out.into_iter().collect())))
    }

    /// Nothing to group, and the keys are known.
    fn constant_object(
        &mut self,
        group: &'e Group,
        keys: &'e [Arc<str>],
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Evaluated {
        let mut fault = None;
        let members = keys.iter().zip(&group.pairs).map_while(|(key, (_, value))| {
            match self.eval(*value, focus, frame) {
                Ok(item) => Some((key, item.into_value())),
                Err(error) => {
                    fault = Some(error);
                    None
                }
            }
        });
        let object: Object =
            members.filter_map(|(key, value)| value.map(|value| (Arc::clone(key), value))).collect();
        match fault {
            Some(fault) => Err(fault),
            None => Ok(Item::Value(Value::Obj(object))),
        }
    }

    fn group_values(&mut self, group: &'e Group, items: &[Value], frame: FrameId) -> Evaluated {
        let mut entries = Entries::new();
        for item in items {
            for (pair, (key, _)) in group.pairs.iter().enumerate() {
                if let Some(key) = self.key(*key, Focus::of(item), group.position, frame)? {
                    self.budget.bytes(160)?;
                    entries.add(key, pair, item.clone(), group.position)?;
                }
            }
        }
        self.budget.object(entries.entries.len())?;
        let mut out = Vec::with_capacity(entries.entries.len());
        for entry in entries.entries {
            let context = self.joined(entry.items)?;
            let value = self.eval(group.pairs[entry.pair].1, Focus::maybe(context.as_ref()), frame)?;
            out.extend(value.into_value().map(|value| (entry.key, value)));
        }
        Ok(Item::Value(Value::Obj(out.into_iter().collect::<Object>())))
    }

    /// One item as it is, several as one array in which arrays are taken apart.
    fn joined(&mut self, items: Vec<Value>) -> Result<Option<Value>, Fault> {
        if items.len() < 2 {
            return Ok(items.into_iter().next());
        }
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::Arr(inner) => {
                    self.budget.bytes(inner.len() * size_of::<Value>())?;
                    out.extend(inner.iter().cloned());
                }
                hole if crate::function::is_hole(&hole) => {}
                other => out.push(other),
            }
        }
        if out.is_empty() {
            return Ok(None);
        }
        self.budget.array(out.len())?;
        Ok(Some(Value::Arr(out.into())))
    }

    fn group_tuples(&mut self, group: &'e Group, tuples: &[Tuple], frame: FrameId) -> Evaluated {
        let mut entries = Entries::new();
        for (at, tuple) in tuples.iter().enumerate() {
            let inner = self.tuple_frame(tuple, frame)?;
            let context = tuple.context.to_value();
            for (pair, (key, _)) in group.pairs.iter().enumerate() {
                let focus = Focus::maybe(context.as_ref());
                if let Some(key) = self.key(*key, focus, group.position, inner)? {
                    self.budget.bytes(160)?;
                    entries.add(key, pair, at, group.position)?;
                }
            }
        }
        self.budget.object(entries.entries.len())?;
        let mut out = Vec::with_capacity(entries.entries.len());
        for entry in entries.entries {
            let merged = self.merged(&entry.items, tuples)?;
            let inner = self.tuple_frame(&merged, frame)?;
            let context = merged.context.into_value();
            let value = self.eval(group.pairs[entry.pair].1, Focus::maybe(context.as_ref()), inner)?;
            out.extend(value.into_value().map(|value| (entry.key, value)));
        }
        Ok(Item::Value(Value::Obj(out.into_iter().collect::<Object>())))
    }

    /// Several tuples as one, whose context and bindings are arrays.
    fn merged(&mut self, positions: &[usize], tuples: &[Tuple]) -> Result<Tuple, Fault> {
        let mut positions = positions.iter();
        let mut merged = match positions.next() {
            Some(first) => tuples[*first].clone(),
            None => return Ok(Tuple { context: Item::Undefined, bindings: Vec::new() }),
        };
        if positions.len() == 0 {
            return Ok(merged);
        }
        let mut contexts = elements(std::mem::take(&mut merged.context));
        let mut lists: Vec<_> =
            merged.bindings.drain(..).map(|(name, item)| (name, elements(item))).collect();
        for at in positions {
            let tuple = &tuples[*at];
            self.budget.bytes(32 * (tuple.bindings.len() + 1))?;
            contexts.extend(elements(tuple.context.clone()));
            for (name, item) in &tuple.bindings {
                match lists.iter_mut().find(|(n, _)| n == name) {
                    Some((_, list)) => list.extend(elements(item.clone())),
                    None => lists.push((*name, elements(item.clone()))),
                }
            }
        }
        let bindings = lists.into_iter().map(|(name, list)| (name, Item::array(list))).collect();
        Ok(Tuple { context: Item::array(contexts), bindings })
    }
}

/// The elements of an array, or the value as the only one.
fn elements(item: Item) -> Vec<Value> {
    match item {
        Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => items.into_iter().collect(),
        other => other.into_value().into_iter().collect(),
    }
}
