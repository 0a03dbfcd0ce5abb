//! The text of a definition as a tree that remembers where everything stood. The same tree comes out of JSON and YAML;
//! nothing here knows the Amazon States Language.

mod json;
mod yaml;

use std::ops::Range;
use std::sync::Arc;

use value::{Array, Object, Value};

pub(crate) use json::read_json;
pub(crate) use yaml::read_yaml;

/// The most members of an object that are compared with each other instead of being hashed.
const SMALL_OBJECT: usize = 16;

/// A parsed text. Nodes live in one vector, so dropping a deep tree does not recurse.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// Keys that stand more than once in an object: the place of the one that is ignored.
    pub(crate) duplicate_keys: Vec<Member>,
}

#[derive(Debug)]
struct Node {
    span: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Scalar(Value),
    Array(Vec<usize>),
    Object(Vec<Member>),
}

/// A key of an object and the node it leads to.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) key: Arc<str>,
    pub(crate) key_span: Range<usize>,
    node: usize,
}

/// One place in a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'t> {
    tree: &'t Tree,
    node: usize,
}

impl Tree {
    /// Adds a node; the last one added is the root.
    fn push(&mut self, span: Range<usize>, kind: Kind) -> usize {
        self.nodes.push(Node { span, kind });
        self.nodes.len() - 1
    }

    /// Adds an object. Of a repeated key the first place and the last value stay, as in Jackson.
    fn push_object(&mut self, span: Range<usize>, members: Vec<Member>) -> usize {
        let is_repeated =
            |at: usize, member: &Member| members.iter().take(at).any(|one| one.key == member.key);
        let is_small = members.len() <= SMALL_OBJECT;
        if is_small && !members.iter().enumerate().any(|(at, member)| is_repeated(at, member)) {
            return self.push(span, Kind::Object(members));
        }
        let mut places = std::collections::HashMap::with_capacity(members.len());
        let mut kept: Vec<Member> = Vec::with_capacity(members.len());
        for member in members {
            match places.get(&member.key) {
                Some(at) => {
                    let at: usize = *at;
                    if let Some(slot) = kept.get_mut(at) {
                        self.duplicate_keys.push(std::mem::replace(slot, member));
                    }
                }
                None => {
                    places.insert(member.key.clone(), kept.len());
                    kept.push(member);
                }
            }
        }
        self.push(span, Kind::Object(kept))
    }

    /// The place of a node.
    pub(crate) fn item(&self, node: usize) -> Item<'_> {
        Item { tree: self, node }
    }

    /// The outermost value; none for an empty tree.
    pub(crate) fn root(&self) -> Option<Item<'_>> {
        Some(Item { tree: self, node: self.nodes.len().checked_sub(1)? })
    }
}

impl<'t> Item<'t> {
    fn get(self) -> Option<&'t Node> {
        self.tree.nodes.get(self.node)
    }

    /// The place's number in its tree.
    pub(crate) fn node(self) -> usize {
        self.node
    }

    /// Bytes of the text.
    pub(crate) fn span(self) -> Range<usize> {
        self.get().map(|node| node.span.clone()).unwrap_or_default()
    }

    /// The value of a scalar.
    pub(crate) fn scalar(self) -> Option<&'t Value> {
        match self.get().map(|node| &node.kind) {
            Some(Kind::Scalar(value)) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> Option<&'t str> {
        self.scalar()?.as_str()
    }

    pub(crate) fn items(self) -> Option<impl ExactSizeIterator<Item = Item<'t>> + use<'t>> {
        match self.get().map(|node| &node.kind) {
            Some(Kind::Array(items)) => {
                Some(items.iter().map(move |node| Item { tree: self.tree, node: *node }))
            }
            _ => None,
        }
    }

    pub(crate) fn members(self) -> Option<impl ExactSizeIterator<Item = (&'t Member, Item<'t>)> + use<'t>> {
        match self.get().map(|node| &node.kind) {
            Some(Kind::Object(members)) => {
                Some(members.iter().map(move |member| (member, Item { tree: self.tree, node: member.node })))
            }
            _ => None,
        }
    }

    /// The value as the engine's own. Recursion is bounded by the nesting that the readers allow.
    pub(crate) fn to_value(self) -> Value {
        match self.get().map(|node| &node.kind) {
            Some(Kind::Scalar(value)) => value.clone(),
            Some(Kind::Array(items)) => {
                let items = items.iter().map(|node| Item { tree: self.tree, node: *node }.to_value());
                Value::Arr(items.collect::<Array>())
            }
            Some(Kind::Object(members)) => {
                let members = members.iter().map(|member| {
                    (member.key.clone(), Item { tree: self.tree, node: member.node }.to_value())
                });
                Value::Obj(members.collect::<Object>())
            }
            None => Value::Null,
        }
    }
}
