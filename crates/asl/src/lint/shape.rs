//! Shapes: what is known of a value without running anything. A shape stands for every value that may be there; what is not
//! known is `Any`. Not for how shapes come about (`flow`).

use std::collections::BTreeMap;
use std::sync::Arc;

use jsonpath::Step;
use value::Value;

use crate::Name;

/// The largest shape, in values that it names; a larger one is not known. It bounds the time that comparing takes.
const MOST_PARTS: usize = 2000;

/// The most items that are told apart.
const MOST_ITEMS: usize = 200;

/// The deepest shape.
const MOST_DEPTH: usize = 24;

/// Kinds of scalars, as bits.
pub(super) const NULL: u8 = 1;
pub(super) const BOOLEAN: u8 = 2;
pub(super) const NUMBER: u8 = 4;
pub(super) const STRING: u8 = 8;

/// What is known of a value. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Shape(Option<Arc<Parts>>);

#[derive(Debug, PartialEq)]
struct Parts {
    /// The scalars that it may be.
    scalars: u8,
    /// The value, where it can only be this scalar.
    literal: Option<Value>,
    array: Option<Items>,
    object: Option<Members>,
    size: usize,
    depth: usize,
}

/// What is known of an array.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Items {
    /// Items of one shape, at least `least`, at most `most`.
    Each {
        /// What each is.
        item: Shape,
        /// The fewest items that there may be.
        least: usize,
        /// The most items that there may be, if that is known.
        most: Option<usize>,
    },
    /// Exactly these.
    Tuple(Vec<Shape>),
}

/// What is known of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Members {
    pub(super) known: BTreeMap<Name, Member>,
    /// Whether there may be members that are not known.
    pub(super) is_open: bool,
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) shape: Shape,
    pub(super) presence: Presence,
}

/// Whether a member is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    /// On some ways to here, and on others not.
    Sometimes,
    /// As the service likes.
    Perhaps,
}

/// What looking for something in a shape finds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// It cannot be there.
    Missing,
    /// It is there on some ways only.
    Sometimes(Shape),
    /// It is there, or nothing is known against it.
    There(Shape),
}

impl Found {
    /// What is found if anything is.
    pub(super) fn shape(self) -> Shape {
        match self {
            Found::Missing => Shape::ANY,
            Found::Sometimes(shape) | Found::There(shape) => shape,
        }
    }

    /// The same, where the thing itself is there on some ways only.
    fn sometimes(self) -> Found {
        match self {
            Found::There(shape) => Found::Sometimes(shape),
            found => found,
        }
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Shape) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(left), Some(right)) => {
                Arc::ptr_eq(left, right) || (left.size == right.size && left == right)
            }
            _ => false,
        }
    }
}

impl Shape {
    /// Nothing is known.
    pub(super) const ANY: Shape = Shape(None);

    fn new(scalars: u8, literal: Option<Value>, array: Option<Items>, object: Option<Members>) -> Shape {
        let (mut size, mut depth) = (1_usize, 0);
        let mut count = |shape: &Shape| {
            let (parts, below) = shape.0.as_ref().map_or((1, 0), |parts| (parts.size, parts.depth));
            size = size.saturating_add(parts);
            depth = depth.max(below + 1);
        };
        match &array {
            Some(Items::Each { item, .. }) => count(item),
            Some(Items::Tuple(items)) => items.iter().for_each(&mut count),
            None => {}
        }
        object.iter().flat_map(|object| object.known.values()).for_each(|member| count(&member.shape));
        if size > MOST_PARTS || depth > MOST_DEPTH {
            return Shape::ANY;
        }
        Shape(Some(Arc::new(Parts { scalars, literal, array, object, size, depth })))
    }

    /// Scalars of these kinds.
    pub(super) fn scalar(kinds: u8) -> Shape {
        Shape::new(kinds, None, None, None)
    }

    /// Arrays of that shape of item.
    pub(super) fn array(item: Shape, most: Option<usize>) -> Shape {
        Shape::new(0, None, Some(Items::Each { item, least: 0, most }), None)
    }

    /// An array of exactly these items.
    pub(super) fn tuple(items: Vec<Shape>) -> Shape {
        let count = items.len();
        let items = Items::Tuple(items);
        let items = if count > MOST_ITEMS {
            Items::Each { item: items.item(), least: count, most: Some(count) }
        } else {
            items
        };
        Shape::new(0, None, Some(items), None)
    }

    /// Objects.
    pub(super) fn object(members: Members) -> Shape {
        Shape::new(0, None, None, Some(members))
    }

    /// An object with exactly these members.
    pub(super) fn closed<'a>(members: impl IntoIterator<Item = (&'a str, Shape)>) -> Shape {
        let known = members
            .into_iter()
            .map(|(name, shape)| (Name::from(name), Member { shape, presence: Presence::Always }))
            .collect();
        Shape::object(Members { known, is_open: false })
    }

    /// An object of which nothing else is known.
    pub(super) fn some_object() -> Shape {
        Shape::object(Members { known: BTreeMap::new(), is_open: true })
    }

    /// The shape of one value. Recursion is bounded by the nesting that the parser allows.
    pub(super) fn of(value: &Value) -> Shape {
        match value {
            Value::Arr(items) => Shape::tuple(items.iter().map(Shape::of).collect()),
            Value::Obj(members) => {
                Shape::closed(members.iter().map(|(name, value)| (&**name, Shape::of(value))))
            }
            Value::Null => Shape::new(NULL, Some(Value::Null), None, None),
            Value::Str(_) => Shape::new(STRING, Some(value.clone()), None, None),
            value if value.is_bool() => Shape::new(BOOLEAN, Some(value.clone()), None, None),
            _ => Shape::new(NUMBER, Some(value.clone()), None, None),
        }
    }

    pub(super) fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// The value, where only one scalar is possible.
    pub(super) fn literal(&self) -> Option<&Value> {
        self.0.as_ref()?.literal.as_ref()
    }

    /// The members, where it can only be an object.
    pub(super) fn members(&self) -> Option<&Members> {
        let parts = self.0.as_ref()?;
        parts.object.as_ref().filter(|_| parts.scalars == 0 && parts.array.is_none())
    }

    /// The items, where it can only be an array.
    pub(super) fn items(&self) -> Option<&Items> {
        let parts = self.0.as_ref()?;
        parts.array.as_ref().filter(|_| parts.scalars == 0 && parts.object.is_none())
    }

    /// Whether it may be a scalar of one of these kinds.
    pub(super) fn may_be(&self, kinds: u8) -> bool {
        self.0.as_ref().is_none_or(|parts| parts.scalars & kinds != 0)
    }

    pub(super) fn may_be_array(&self) -> bool {
        self.0.as_ref().is_none_or(|parts| parts.array.is_some())
    }

    pub(super) fn may_be_object(&self) -> bool {
        self.0.as_ref().is_none_or(|parts| parts.object.is_some())
    }

    /// What it may be, in words.
    pub(super) fn describe(&self) -> String {
        let Some(parts) = &self.0 else { return "anything".to_owned() };
        if let Some(literal) = &parts.literal {
            let text = literal.to_json();
            if text.len() <= 40 {
                return format!("`{text}`");
            }
        }
        let mut words = Vec::new();
        for (kind, word) in
            [(STRING, "a string"), (NUMBER, "a number"), (BOOLEAN, "a boolean"), (NULL, "null")]
        {
            if parts.scalars & kind != 0 {
                words.push(word);
            }
        }
        if parts.array.is_some() {
            words.push("an array");
        }
        if parts.object.is_some() {
            words.push("an object");
        }
        words.join(" or ")
    }

    /// What may be where either may be.
    pub(super) fn join(&self, other: &Shape) -> Shape {
        if self == other {
            return self.clone();
        }
        let (Some(left), Some(right)) = (&self.0, &other.0) else { return Shape::ANY };
        let array = match (&left.array, &right.array) {
            (Some(left), Some(right)) => Some(left.join(right)),
            (left, right) => left.clone().or_else(|| right.clone()),
        };
        let object = match (&left.object, &right.object) {
            (Some(left), Some(right)) => Some(left.join(right)),
            (left, right) => left.clone().or_else(|| right.clone()),
        };
        Shape::new(left.scalars | right.scalars, None, array, object)
    }

    /// A member, as a JSONPath finds it.
    pub(super) fn member(&self, name: &str) -> Found {
        let Some(parts) = &self.0 else { return Found::There(Shape::ANY) };
        let Some(object) = &parts.object else { return Found::Missing };
        match object.known.get(name) {
            Some(member) if member.presence == Presence::Sometimes => Found::Sometimes(member.shape.clone()),
            Some(member) => Found::There(member.shape.clone()),
            // What may be something else than this object may have been looked at before.
            None if object.is_open || parts.scalars != 0 || parts.array.is_some() => Found::There(Shape::ANY),
            None => Found::Missing,
        }
    }

    /// A member, as JSONata finds it: in arrays, that of every item.
    pub(super) fn mapped_member(&self, name: &str) -> Found {
        let Some(parts) = &self.0 else { return Found::There(Shape::ANY) };
        let Some(array) = &parts.array else { return self.member(name) };
        let is_missing = match array {
            Items::Each { item, .. } => item.mapped_member(name) == Found::Missing,
            Items::Tuple(items) => items.iter().all(|item| item.mapped_member(name) == Found::Missing),
        };
        if is_missing && parts.object.is_none() { Found::Missing } else { Found::There(Shape::ANY) }
    }

    /// An item, from 0; negative ones from the end.
    pub(super) fn index(&self, index: i64) -> Found {
        let Some(parts) = &self.0 else { return Found::There(Shape::ANY) };
        let Some(array) = &parts.array else { return Found::Missing };
        match array {
            Items::Each { item, most, .. } => {
                let reach = if index < 0 { index.unsigned_abs() } else { index.unsigned_abs() + 1 };
                let fits = most.is_none_or(|most| usize::try_from(reach).is_ok_and(|reach| reach <= most));
                if fits { Found::There(item.clone()) } else { Found::Missing }
            }
            Items::Tuple(items) => {
                let at = if index < 0 { index.saturating_add_unsigned(items.len() as u64) } else { index };
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                item.map_or(Found::Missing, |item| Found::There(item.clone()))
            }
        }
    }

    /// What stands at the end of these steps, and how many of them lead somewhere.
    pub(super) fn follow(&self, steps: &[Step]) -> (Found, usize) {
        let mut shape = self.clone();
        let mut is_sometimes = false;
        for (at, step) in steps.iter().enumerate() {
            let found = match step {
                Step::Name(name) => shape.member(name),
                Step::Index(index) => shape.index(*index),
            };
            match found {
                Found::Missing => return (Found::Missing, at),
                Found::Sometimes(inner) => (shape, is_sometimes) = (inner, true),
                Found::There(inner) => shape = inner,
            }
        }
        let found = Found::There(shape);
        (if is_sometimes { found.sometimes() } else { found }, steps.len())
    }

    /// The shape with `new` at the end of these steps. None where something on the way can be no object, which fails.
    pub(super) fn set(&self, steps: &[Step], new: Shape) -> Option<Shape> {
        let Some((step, rest)) = steps.split_first() else { return Some(new) };
        let Step::Name(name) = step else { return Some(Shape::ANY) };
        let mut members = match &self.0 {
            None => Members { known: BTreeMap::new(), is_open: true },
            Some(parts) => parts.object.clone()?,
        };
        let inner = match members.known.get(name) {
            Some(member) if member.presence == Presence::Always => member.shape.clone(),
            Some(_) => Shape::ANY,
            None if members.is_open => Shape::ANY,
            None => Shape::closed([]),
        };
        let shape = inner.set(rest, new)?;
        members.known.insert(name.clone(), Member { shape, presence: Presence::Always });
        Some(Shape::object(members))
    }

    /// The shape where it is known whether there is something at the end of these steps.
    pub(super) fn assume(&self, steps: &[Step], is_present: bool) -> Shape {
        let Some((Step::Name(name), rest)) = steps.split_first() else { return self.clone() };
        let Some(members) = self.members() else { return self.clone() };
        let Some(member) = members.known.get(name) else { return self.clone() };
        let mut members = members.clone();
        if rest.is_empty() && !is_present {
            if member.presence != Presence::Always {
                members.known.remove(name);
            }
        } else {
            let presence = if is_present { Presence::Always } else { member.presence };
            let shape = member.shape.assume(rest, is_present);
            members.known.insert(name.clone(), Member { shape, presence });
        }
        Shape::object(members)
    }
}

impl Items {
    /// One shape for all items.
    pub(super) fn item(&self) -> Shape {
        match self {
            Items::Each { item, .. } => item.clone(),
            Items::Tuple(items) => {
                let mut items = items.iter();
                let first = items.next().cloned().unwrap_or(Shape::ANY);
                items.fold(first, |all, item| all.join(item))
            }
        }
    }

    /// The most items.
    pub(super) fn most(&self) -> Option<usize> {
        match self {
            Items::Each { most, .. } => *most,
            Items::Tuple(items) => Some(items.len()),
        }
    }

    /// The fewest items.
    pub(super) fn least(&self) -> usize {
        match self {
            Items::Each { least, .. } => *least,
            Items::Tuple(items) => items.len(),
        }
    }

    fn join(&self, other: &Items) -> Items {
        if let (Items::Tuple(left), Items::Tuple(right)) = (self, other)
            && left.len() == right.len()
        {
            return Items::Tuple(left.iter().zip(right).map(|(left, right)| left.join(right)).collect());
        }
        let most = self.most().zip(other.most()).map(|(left, right)| left.max(right));
        let item = match (self.most(), other.most()) {
            (Some(0), _) => other.item(),
            (_, Some(0)) => self.item(),
            _ => self.item().join(&other.item()),
        };
        Items::Each { item, least: self.least().min(other.least()), most }
    }
}

impl Members {
    fn join(&self, other: &Members) -> Members {
        let mut known = BTreeMap::new();
        let names =
            self.known.keys().chain(other.known.keys().filter(|name| !self.known.contains_key(*name)));
        for name in names {
            let member = match (self.known.get(name), other.known.get(name)) {
                (Some(left), Some(right)) => {
                    let presence = match (left.presence, right.presence) {
                        (left, right) if left == right => left,
                        (Presence::Perhaps, _) | (_, Presence::Perhaps) => Presence::Perhaps,
                        _ => Presence::Sometimes,
                    };
                    Member { shape: left.shape.join(&right.shape), presence }
                }
                (Some(member), None) => member.beside(other),
                (None, Some(member)) => member.beside(self),
                (None, None) => continue,
            };
            known.insert(name.clone(), member);
        }
        Members { known, is_open: self.is_open || other.is_open }
    }
}

impl Member {
    /// The member where another object that may be there does not name it.
    fn beside(&self, other: &Members) -> Member {
        if other.is_open {
            return Member { shape: Shape::ANY, presence: Presence::Perhaps };
        }
        let presence = match self.presence {
            Presence::Perhaps => Presence::Perhaps,
            _ => Presence::Sometimes,
        };
        Member { shape: self.shape.clone(), presence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(json: &str) -> Shape {
        Shape::of(&Value::parse(json).unwrap())
    }

    fn steps(path: &str) -> Vec<Step> {
        jsonpath::ReferencePath::parse(path).unwrap().steps().to_vec()
    }

    #[test]
    fn joined_shapes_know_what_is_only_sometimes_there() {
        let joined = shape(r#"{"a":1,"b":{"c":"x"}}"#).join(&shape(r#"{"a":2,"d":null}"#));
        assert_eq!(joined.follow(&steps("$.a")).0, Found::There(Shape::scalar(NUMBER)));
        assert!(matches!(joined.follow(&steps("$.b.c")).0, Found::Sometimes(_)));
        assert_eq!(joined.follow(&steps("$.b.x")), (Found::Missing, 1));
        assert_eq!(joined.follow(&steps("$.x.y")), (Found::Missing, 0));
        assert!(joined.join(&Shape::ANY).is_any());
        let present = joined.assume(&steps("$.b"), true);
        assert!(matches!(present.follow(&steps("$.b.c")).0, Found::There(_)));
        assert_eq!(joined.assume(&steps("$.b"), false).follow(&steps("$.b")).0, Found::Missing);
    }

    #[test]
    fn setting_makes_objects_and_fails_on_scalars() {
        let made = shape("{}").set(&steps("$.a.b"), shape("1")).unwrap();
        assert!(matches!(made.follow(&steps("$.a.b")).0, Found::There(_)));
        assert_eq!(shape("\"x\"").set(&steps("$.a"), shape("1")), None);
        let open = Shape::ANY.set(&steps("$.a"), shape("1")).unwrap();
        assert_eq!(open.follow(&steps("$.other")).0, Found::There(Shape::ANY));
        assert_eq!(open.follow(&steps("$.a.b")), (Found::Missing, 1));
    }

    #[test]
    fn arrays() {
        let branches = shape(r#"[{"a":1},{"b":2}]"#);
        assert!(matches!(branches.follow(&steps("$[1].b")).0, Found::There(_)));
        assert_eq!(branches.follow(&steps("$[0].b")), (Found::Missing, 1));
        assert_eq!(branches.follow(&steps("$[2]")), (Found::Missing, 0));
        assert!(matches!(branches.follow(&steps("$[-1].b")).0, Found::There(_)));
        assert_eq!(branches.mapped_member("x"), Found::Missing);
        assert_ne!(branches.mapped_member("a"), Found::Missing);
    }

    #[test]
    fn shapes_that_grow_become_unknown() {
        let mut grown = shape("1");
        for _ in 0..100 {
            grown = Shape::closed([("a", grown.clone()), ("b", grown)]);
        }
        assert!(grown.is_any() || grown.0.is_some_and(|parts| parts.size <= MOST_PARTS));
    }
}
