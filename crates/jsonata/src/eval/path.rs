//! Paths: one step after the other, each flattening what it finds into a sequence. Not for paths that bind (`tuple`).

use value::{Array, Value};

use super::{Evaluated, Evaluator};
use crate::ast::{Kind, NameId, Node, NodeId, Stage};
use crate::environment::FrameId;
use crate::error::Fault;
use crate::item::{Flag, Focus, Item};

/// Arrays inside arrays that a name is looked up through.
const NESTED_ARRAYS_MAX: u32 = 200;

/// What goes into a step.
pub(super) enum Input<'a> {
    /// There is no context; a step is evaluated once all the same.
    Nothing,
    /// The context itself, even if it is an array.
    Whole(Focus<'a>),
    Slice(&'a [Value]),
    One(Value),
    Many(Array),
}

impl Input<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Input::Nothing | Input::Whole(_) | Input::One(_) => 1,
            Input::Slice(items) => items.len(),
            Input::Many(items) => items.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Focus<'_> {
        match self {
            Input::Nothing => Focus::none(),
            Input::Whole(focus) => *focus,
            Input::Slice(items) => Focus::maybe(items.get(at)),
            Input::One(value) => Focus::of(value),
            Input::Many(items) => Focus::maybe(items.get(at)),
        }
    }
}

/// Results of a step while they come in. One result alone may be taken as it is.
enum Gathered {
    None,
    One(Item),
    Many(Vec<Value>),
}

impl<'e> Evaluator<'e> {
    pub(super) fn path(
        &mut self,
        node: &'e Node,
        steps: &'e [NodeId],
        keep_singleton: bool,
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Evaluated {
        let first = self.node(steps[0]);
        let start;
        let mut walked = 0;
        let mut cursor = focus.value.filter(|value| value.is_object());
        let mut input = match focus.items() {
            _ if is_variable(&first.kind) => Input::Whole(focus),
            None => Input::Nothing,
            Some(items) => Input::Slice(items),
        };
        if is_variable(&first.kind) {
            cursor = None;
            if first.bare && first.stages.is_empty() && !first.tuple && steps.len() > 1 {
                start = self.eval(steps[0], focus, frame)?;
                walked = 1;
                match &start {
                    Item::Value(value @ Value::Obj(_)) => cursor = Some(value),
                    Item::Value(Value::Arr(items)) | Item::Flagged(items, _) => input = Input::Slice(items),
                    Item::Value(value) => input = Input::Slice(std::slice::from_ref(value)),
                    _ => return self.end_path(node, Item::Undefined, keep_singleton, frame),
                }
            }
        }
        if let Some(value) = cursor {
            let found = self.walk(steps, &mut walked, value)?;
            input = match found {
                None => return self.end_path(node, Item::Undefined, keep_singleton, frame),
                Some(found) if walked == steps.len() => {
                    return self.end_path(node, found.clone().into(), keep_singleton, frame);
                }
                Some(Value::Arr(items)) => Input::Slice(items),
                Some(other) => Input::Slice(std::slice::from_ref(other)),
            };
        }
        for (at, step) in steps.iter().enumerate().skip(walked) {
            let last = at + 1 == steps.len();
            let step_node = self.node(*step);
            if step_node.tuple {
                let tuples = self.tuple_steps(&steps[at..], input, frame)?;
                return self.end_tuples(node, tuples, keep_singleton, frame);
            }
            let result = if at == 0 && step_node.cons_array {
                self.eval(*step, focus, frame)?
            } else {
                self.step(*step, step_node, &input, last, frame)?
            };
            let empty = match &result {
                Item::Undefined => true,
                other => other.as_array().is_some_and(|items| items.is_empty()),
            };
            if last || empty {
                return self.end_path(node, result, keep_singleton, frame);
            }
            input = match result {
                Item::Flagged(items, _) | Item::Value(Value::Arr(items)) => Input::Many(items),
                Item::Value(value) => Input::One(value),
                Item::Undefined | Item::Tuples(_) | Item::TailCall(..) => Input::Nothing,
            };
        }
        Ok(Item::Undefined)
    }

    /// Goes through objects by reference while steps are names, without a sequence in between. `walked` counts the steps.
    fn walk<'v>(
        &mut self,
        steps: &[NodeId],
        walked: &mut usize,
        value: &'v Value,
    ) -> Result<Option<&'v Value>, Fault> {
        let mut cursor = value;
        while let (Value::Obj(members), Some(step)) = (cursor, steps.get(*walked)) {
            let Some(name) = self.node(*step).field else { break };
            self.name_step()?;
            *walked += 1;
            match members.get(&self.program.names[name as usize]) {
                Some(value) => cursor = value,
                None => return Ok(None),
            }
        }
        Ok(Some(cursor))
    }

    /// Counts a step that is nothing but a name, as evaluating it would.
    fn name_step(&mut self) -> Result<(), Fault> {
        if self.budget.depth >= self.budget.limits.depth {
            return Err(Fault::depth());
        }
        self.budget.steps(1)
    }

    fn end_path(&mut self, node: &'e Node, result: Item, keep: bool, frame: FrameId) -> Evaluated {
        let mut result = result;
        if keep {
            result = match result {
                Item::Flagged(items, Flag::Constructed) => {
                    Item::Flagged(vec![Value::Arr(items)].into(), Flag::Kept)
                }
                Item::Value(value) if !value.is_array() => Item::Flagged(vec![value].into(), Flag::Kept),
                other => other.kept(),
            };
        }
        match &node.group {
            Some(group) => self.group(group, result, frame),
            None => Ok(result),
        }
    }

    /// One step over all items. The result is a sequence (flagged, or a single value that is no array), or one array as it is.
    pub(super) fn step(
        &mut self,
        id: NodeId,
        node: &'e Node,
        input: &Input<'_>,
        last: bool,
        frame: FrameId,
    ) -> Evaluated {
        if let Kind::Sort { terms } = &node.kind {
            let items = match input {
                Input::Many(items) => items.clone(),
                other => (0..other.len()).filter_map(|at| other.get(at).value.cloned()).collect(),
            };
            let mut sorted =
                Item::Flagged(self.sort_items(terms, node.position, items, frame)?, Flag::Sequence);
            for stage in &node.stages {
                if let Stage::Filter(predicate) = stage {
                    sorted = self.filter(*predicate, sorted, frame)?;
                }
            }
            return Ok(sorted);
        }
        let mut gathered = Gathered::None;
        let most = input.len();
        for at in 0..most {
            let focus = input.get(at);
            let item = match (node.field, focus.value) {
                (Some(name), Some(value)) => {
                    self.name_step()?;
                    self.lookup(value, name)?.collapse()
                }
                (Some(_), None) => Item::Undefined,
                (None, _) => self.staged(id, node, focus, frame)?,
            };
            self.gather(&mut gathered, item, most)?;
        }
        match gathered {
            Gathered::None => Ok(Item::Undefined),
            Gathered::Many(items) => {
                self.budget.array(items.len())?;
                Ok(Item::sequence(items))
            }
            Gathered::One(item) => Ok(match item {
                Item::Flagged(items, Flag::Constructed) if !last => Item::sequence(vec![Value::Arr(items)]),
                Item::Value(Value::Arr(items)) if !last => Item::Flagged(items, Flag::Sequence),
                Item::Flagged(items, Flag::Kept) => Item::Flagged(items, Flag::Sequence),
                other => other,
            }),
        }
    }

    fn staged(&mut self, id: NodeId, node: &'e Node, focus: Focus<'_>, frame: FrameId) -> Evaluated {
        let mut item = self.eval(id, focus, frame)?;
        for stage in &node.stages {
            if let Stage::Filter(predicate) = stage {
                item = self.filter(*predicate, item, frame)?;
            }
        }
        Ok(item)
    }

    fn gather(&mut self, gathered: &mut Gathered, item: Item, most: usize) -> Result<(), Fault> {
        if item.is_undefined() {
            return Ok(());
        }
        match gathered {
            Gathered::None => *gathered = Gathered::One(item),
            Gathered::Many(items) => self.flatten_into(items, item)?,
            Gathered::One(first) => {
                let first = std::mem::take(first);
                let mut items = Vec::with_capacity(most);
                self.flatten_into(&mut items, first)?;
                self.flatten_into(&mut items, item)?;
                *gathered = Gathered::Many(items);
            }
        }
        Ok(())
    }

    fn flatten_into(&mut self, out: &mut Vec<Value>, item: Item) -> Result<(), Fault> {
        match item {
            Item::Flagged(items, Flag::Sequence | Flag::Kept) | Item::Value(Value::Arr(items)) => {
                self.budget.steps(items.len() as u64)?;
                self.budget.bytes(items.len() * size_of::<Value>())?;
                out.extend(items.iter().cloned());
            }
            other => out.extend(other.into_value()),
        }
        Ok(())
    }

    /// A field, looked for in all elements of arrays.
    pub(crate) fn lookup(&mut self, value: &Value, name: NameId) -> Evaluated {
        match value {
            Value::Obj(members) => Ok(members.get(&self.program.names[name as usize]).cloned().into()),
            Value::Arr(items) => {
                let name = &*self.program.names[name as usize];
                let mut out = Vec::new();
                self.lookup_in(items, name, 0, &mut out)?;
                Ok(Item::sequence(out))
            }
            _ => Ok(Item::Undefined),
        }
    }

    /// As [`Evaluator::lookup`], with any name.
    pub(crate) fn lookup_text(&mut self, value: &Value, name: &str) -> Evaluated {
        match value {
            Value::Obj(members) => Ok(members.get(name).cloned().into()),
            Value::Arr(items) => {
                let mut out = Vec::new();
                self.lookup_in(items, name, 0, &mut out)?;
                Ok(Item::sequence(out))
            }
            _ => Ok(Item::Undefined),
        }
    }

    fn lookup_in(
        &mut self,
        items: &[Value],
        name: &str,
        depth: u32,
        out: &mut Vec<Value>,
    ) -> Result<(), Fault> {
        if depth > NESTED_ARRAYS_MAX {
            return Err(Fault::depth());
        }
        self.budget.steps(items.len() as u64)?;
        for item in items {
            match item {
                Value::Obj(members) => match members.get(name) {
                    Some(Value::Arr(inner)) => {
                        self.budget.bytes(inner.len() * size_of::<Value>())?;
                        out.extend(inner.iter().cloned());
                    }
                    Some(value) => out.push(value.clone()),
                    None => {}
                },
                Value::Arr(inner) => self.lookup_in(inner, name, depth + 1, out)?,
                _ => {}
            }
        }
        self.budget.bytes(items.len() * 8)
    }

    /// `*`: all values of an object, arrays flattened.
    pub(super) fn wildcard(&mut self, focus: Focus<'_>) -> Evaluated {
        let mut out = Vec::new();
        match focus.value {
            Some(Value::Obj(members)) => {
                for value in members.values() {
                    self.flatten_deep(value, &mut out)?;
                }
            }
            Some(Value::Arr(items)) => {
                for value in items {
                    self.flatten_deep(value, &mut out)?;
                }
            }
            _ => {}
        }
        self.budget.array(out.len())?;
        // In the reference implementation the sequence becomes a plain array once an array is appended to it.
        let plain = match focus.value {
            Some(Value::Obj(members)) => members.values().any(Value::is_array),
            Some(Value::Arr(items)) => items.iter().any(Value::is_array),
            _ => false,
        };
        Ok(if plain { Item::array(out) } else { Item::sequence(out) })
    }

    /// Appends a value, arrays taken apart at any depth. Iterative.
    fn flatten_deep(&mut self, value: &Value, out: &mut Vec<Value>) -> Result<(), Fault> {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::Arr(items) => {
                    self.budget.steps(items.len() as u64 + 1)?;
                    self.budget.bytes(items.len() * 8)?;
                    open.extend(items.iter().rev());
                }
                leaf => out.push(leaf.clone()),
            }
        }
        Ok(())
    }

    /// `**`: the value and everything inside, but for arrays as such. Iterative.
    pub(super) fn descendants(&mut self, focus: Focus<'_>) -> Evaluated {
        let Some(value) = focus.value else { return Ok(Item::Undefined) };
        let mut out = Vec::new();
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            self.budget.steps(1)?;
            self.budget.bytes(size_of::<Value>())?;
            match value {
                Value::Arr(items) => open.extend(items.iter().rev()),
                Value::Obj(members) => {
                    out.push(value.clone());
                    open.extend(members.iter().rev().map(|(_, v)| v));
                }
                leaf => out.push(leaf.clone()),
            }
        }
        self.budget.array(out.len())?;
        Ok(Item::sequence(out))
    }
}

pub(super) fn is_variable(kind: &Kind) -> bool {
    matches!(kind, Kind::Context | Kind::Variable(_) | Kind::Global(_))
}
