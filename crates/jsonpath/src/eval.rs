//! Following a path through a document, without recursion over either. Not the conditions of filters (`filter_eval`).
//!
//! The names and indexes with which a path begins are followed straight: only there can a missing place be an error. From the
//! first step that can match many places on, a stack of (step, place) pairs is worked off in the document's order.

use std::borrow::Cow;

use value::{Object, Value};

use crate::error::PathError;
use crate::filter_eval;
use crate::path::{Path, Token};

/// How many steps an evaluation may take, nested paths and comparisons included.
const STEPS_MAX: u64 = 10_000_000;

/// How many places a path may find. A document within the service's limits has fewer.
const RESULTS_MAX: usize = 1_000_000;

/// What an evaluation may still spend.
pub(crate) struct Budget(u64);

impl Default for Budget {
    fn default() -> Budget {
        Budget(STEPS_MAX)
    }
}

impl Budget {
    /// Spends some steps.
    pub(crate) fn take(&mut self, steps: usize) -> Result<(), PathError> {
        self.0 = self.0.checked_sub(steps as u64).ok_or_else(PathError::budget)?;
        Ok(())
    }
}

/// What a path finds: a definite one a value, any other a list.
pub(crate) enum Found<'a> {
    One(Cow<'a, Value>),
    Many(Vec<Value>),
}

/// Follows `path` from the document, or, if it begins with `@`, from `item`. With `require`, a missing member is an error even
/// where many places can match: Jayway asks for existence in that way.
pub(crate) fn run<'a>(
    path: &Path,
    item: &'a Value,
    root: &'a Value,
    require: bool,
    budget: &mut Budget,
) -> Result<Found<'a>, PathError> {
    let tokens = path.tokens();
    let mut node = if path.starts_at_root() { root } else { item };
    budget.take(tokens.len().min(64) + 1)?;
    for (i, token) in tokens.iter().enumerate() {
        node = match token {
            Token::Name(name, _) => match node {
                Value::Obj(members) => match members.get(name) {
                    Some(value) => value,
                    None if i + 1 == tokens.len() => {
                        return Err(PathError::no_results(&path.normalized(), false));
                    }
                    None => return Err(PathError::missing(&prefix(path, i + 1))),
                },
                _ => return Err(PathError::no_object(&token.fragment(), &prefix(path, i), node)),
            },
            Token::Index(index) => match node {
                Value::Arr(items) => match at(items, *index) {
                    Some(value) => value,
                    None => return Err(PathError::no_results(&path.normalized(), i + 1 == tokens.len())),
                },
                _ => return Err(PathError::no_array(&token.fragment(), &prefix(path, i), node)),
            },
            Token::Names(names, _) if i + 1 == tokens.len() => {
                return match node {
                    Value::Obj(members) => Ok(Found::One(Cow::Owned(merged(members, names)))),
                    _ => Err(PathError::no_object(&token.fragment(), &prefix(path, i), node)),
                };
            }
            _ => return many(path, i, node, root, require, budget).map(Found::Many),
        };
    }
    Ok(Found::One(Cow::Borrowed(node)))
}

/// The element of that index; negative ones count from the end.
pub(crate) fn at(items: &[Value], index: i64) -> Option<&Value> {
    let index = if index < 0 { i64::try_from(items.len()).ok()?.checked_add(index)? } else { index };
    items.get(usize::try_from(index).ok()?)
}

/// The first steps of a path as Jayway writes a place: always with single quotes.
fn prefix(path: &Path, len: usize) -> String {
    let mut out = String::from(if path.starts_at_root() { "$" } else { "@" });
    for token in &path.tokens()[..len] {
        match token {
            Token::Name(name, _) => {
                out.push_str("['");
                out.push_str(name);
                out.push_str("']");
            }
            _ => token.write_fragment(&mut out),
        }
    }
    out
}

/// The object of those members that exist.
fn merged(members: &Object, names: &[std::sync::Arc<str>]) -> Value {
    let found =
        names.iter().filter_map(|name| Some((std::sync::Arc::clone(name), members.get(name)?.clone())));
    Value::Obj(found.collect())
}

/// What is still to do: apply a step to a place, or look below a place for where a step applies.
enum Work<'a> {
    Apply { step: usize, node: &'a Value },
    Walk { step: usize, node: &'a Value },
}

fn many<'a>(
    path: &Path,
    first: usize,
    node: &'a Value,
    root: &'a Value,
    require: bool,
    budget: &mut Budget,
) -> Result<Vec<Value>, PathError> {
    let mut machine = Machine {
        path,
        first,
        root,
        require,
        budget,
        stack: Vec::with_capacity(16),
        found: Vec::with_capacity(16),
    };
    machine.stack.push(Work::Apply { step: first, node });
    while let Some(work) = machine.stack.pop() {
        machine.budget.take(1)?;
        // What a step puts on the stack is in the document's order; the top must be the first.
        let mark = machine.stack.len();
        match work {
            Work::Apply { step, node } => machine.apply(step, node)?,
            Work::Walk { step, node } => machine.walk(step, node)?,
        }
        machine.stack[mark..].reverse();
        if machine.found.len() > RESULTS_MAX {
            return Err(PathError::budget());
        }
    }
    Ok(machine.found)
}

struct Machine<'p, 'b, 'a> {
    path: &'p Path,
    /// The first step that can match many places: the steps before it name one place, so this one may complain.
    first: usize,
    root: &'a Value,
    require: bool,
    budget: &'b mut Budget,
    stack: Vec<Work<'a>>,
    found: Vec<Value>,
}

impl<'a> Machine<'_, '_, 'a> {
    fn apply(&mut self, step: usize, node: &'a Value) -> Result<(), PathError> {
        let path = self.path;
        let token = &path.tokens()[step];
        match (token, node) {
            (Token::Name(name, _), Value::Obj(members)) => self.member(step, members, name)?,
            (Token::Names(names, _), Value::Obj(members)) => {
                if step + 1 == path.tokens().len() {
                    self.found.push(merged(members, names));
                } else {
                    for name in names {
                        self.member(step, members, name)?;
                    }
                }
            }
            (Token::Index(index), Value::Arr(items)) => self.element(step, items, *index),
            (Token::Indexes(indexes), Value::Arr(items)) => {
                self.budget.take(indexes.len())?;
                indexes.iter().for_each(|index| self.element(step, items, *index));
            }
            (Token::Slice(from, to), Value::Arr(items)) => {
                let range = slice(items.len(), *from, *to);
                self.budget.take(items.len())?;
                range.for_each(|index| self.element(step, items, index));
            }
            (Token::Wildcard, Value::Arr(items)) => {
                self.budget.take(items.len())?;
                items.iter().for_each(|item| self.emit(step, item));
            }
            (Token::Wildcard, Value::Obj(members)) => {
                self.budget.take(members.len())?;
                members.values().for_each(|value| self.emit(step, value));
            }
            (Token::Filter(condition), Value::Arr(items)) => {
                for item in items {
                    if filter_eval::accepts(condition, item, self.root, self.budget)? {
                        self.emit(step, item);
                    }
                }
            }
            (Token::Filter(condition), Value::Obj(_)) => {
                let accepted = filter_eval::accepts(condition, node, self.root, self.budget)?;
                if accepted {
                    self.emit(step, node);
                }
            }
            (Token::Scan, _) => self.walk(step + 1, node)?,
            _ if step == self.first => return self.misfit(token, node),
            _ => {}
        }
        Ok(())
    }

    /// A step does not fit the one place to which the path leads.
    fn misfit(&self, token: &Token, node: &Value) -> Result<(), PathError> {
        match token {
            Token::Names(..) => {
                Err(PathError::no_object(&token.fragment(), &prefix(self.path, self.first), node))
            }
            Token::Indexes(_) | Token::Slice(..) => {
                Err(PathError::no_array(&token.fragment(), &prefix(self.path, self.first), node))
            }
            Token::Filter(_) => Err(PathError::primitive(node)),
            _ => Ok(()),
        }
    }

    /// Applies the step to this place if it fits, and looks below.
    fn walk(&mut self, step: usize, node: &'a Value) -> Result<(), PathError> {
        let fits = match (&self.path.tokens()[step], node) {
            (Token::Name(name, _), Value::Obj(members)) => {
                if let Some(value) = members.get(name) {
                    self.emit(step, value);
                }
                false
            }
            (Token::Names(names, _), Value::Obj(members)) => {
                step + 1 < self.path.tokens().len() || names.iter().all(|name| members.contains_key(name))
            }
            (Token::Index(_) | Token::Indexes(_) | Token::Slice(..), Value::Arr(_)) => true,
            (Token::Wildcard, Value::Arr(_) | Value::Obj(_)) => true,
            (Token::Filter(condition), Value::Arr(_) | Value::Obj(_)) => {
                filter_eval::accepts(condition, node, self.root, self.budget)?
            }
            _ => false,
        };
        if fits {
            self.apply(step, node)?;
        }
        let below = |value: &&Value| matches!(value, Value::Arr(_) | Value::Obj(_));
        match node {
            Value::Arr(items) => {
                self.budget.take(items.len())?;
                self.stack.extend(items.iter().filter(below).map(|node| Work::Walk { step, node }));
            }
            Value::Obj(members) => {
                self.budget.take(members.len())?;
                self.stack.extend(members.values().filter(below).map(|node| Work::Walk { step, node }));
            }
            _ => {}
        }
        Ok(())
    }

    fn member(&mut self, step: usize, members: &'a Object, name: &str) -> Result<(), PathError> {
        match members.get(name) {
            Some(value) => self.emit(step, value),
            None if self.require => return Err(PathError::no_results(&self.path.normalized(), false)),
            None => {}
        }
        Ok(())
    }

    fn element(&mut self, step: usize, items: &'a [Value], index: i64) {
        if let Some(item) = at(items, index) {
            self.emit(step, item);
        }
    }

    /// A step led to `node`: the result, or where the next step applies.
    fn emit(&mut self, step: usize, node: &'a Value) {
        if step + 1 == self.path.tokens().len() {
            self.found.push(node.clone());
        } else {
            self.stack.push(Work::Apply { step: step + 1, node });
        }
    }
}

/// The indexes of a slice, as Jayway computes them: with both ends given a negative end is taken as it is, so `[1:-1]` is
/// empty, and a negative beginning counts from the end element by element.
fn slice(len: usize, from: Option<i64>, to: Option<i64>) -> std::ops::Range<i64> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let from_end = |n: i64| if n < 0 { len.saturating_add(n) } else { n };
    match (from, to) {
        (Some(from), None) => from_end(from).max(0)..len,
        (None, Some(to)) => 0..from_end(to).min(len),
        // An index below -len leads nowhere; beginning there only saves the way.
        (Some(from), Some(to)) => from.max(-len)..to.min(len),
        (None, None) => 0..0,
    }
}
