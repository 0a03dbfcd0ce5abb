//! XML: bodies of `rest-xml` requests, and the responses of `rest-xml`, `query` and `ec2`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use value::{Array, Object, Value};

use crate::input::Typed;
use crate::output::Out;
use crate::query::number_text;
use crate::service::{Kind, Member, Reference, Service, TimestampFormat};
use crate::timestamp;

/// An element with everything in it.
pub(crate) fn write(out: &mut String, service: &Service, name: &str, reference: &Reference, typed: &Typed) {
    match typed {
        Typed::Structure(members) => structure(out, service, name, reference, members),
        Typed::List(items) => list(out, service, name, reference, items),
        Typed::Map(entries) => map(out, service, name, reference, entries),
        scalar => element(out, name, &namespace(reference), &escape(&text(reference, scalar))),
    }
}

fn text(reference: &Reference, typed: &Typed) -> String {
    match typed {
        Typed::Text(text) => text.to_string(),
        Typed::Integer(whole) => whole.to_string(),
        Typed::Number(number) => number_text(*number),
        Typed::Boolean(flag) => flag.to_string(),
        Typed::Bytes(bytes) => STANDARD.encode(bytes),
        Typed::Document(document) => document.to_json(),
        Typed::Moment(moment) => {
            timestamp::write(*moment, reference.traits().timestamp_format.unwrap_or(TimestampFormat::Iso8601))
        }
        Typed::List(_) | Typed::Map(_) | Typed::Structure(_) => String::new(),
    }
}

fn structure(
    out: &mut String,
    service: &Service,
    name: &str,
    reference: &Reference,
    members: &[(usize, Typed)],
) {
    let Some(shape) = service.structure(reference) else { return };
    let (mut attributes, mut inside) = (namespace(reference), String::new());
    for (place, typed) in members {
        let Some(member) = shape.members.get(*place) else { continue };
        if member.reference.traits().xml_attribute {
            let value = escape(&text(&member.reference, typed)).replace('"', "&quot;");
            attributes.push_str(&format!(" {}=\"{value}\"", member.wire_name()));
        } else {
            write(&mut inside, service, member.wire_name(), &member.reference, typed);
        }
    }
    element(out, name, &attributes, &inside);
}

fn list(out: &mut String, service: &Service, name: &str, reference: &Reference, items: &[Typed]) {
    let Kind::List(item_shape) = &service.shape(reference).kind else { return };
    if reference.traits().flattened {
        items.iter().for_each(|item| write(out, service, name, item_shape, item));
        return;
    }
    let mut inside = String::new();
    let item_name = item_shape.wire_name().unwrap_or("member");
    items.iter().for_each(|item| write(&mut inside, service, item_name, item_shape, item));
    element(out, name, &namespace(reference), &inside);
}

fn map(
    out: &mut String,
    service: &Service,
    name: &str,
    reference: &Reference,
    entries: &[(Arc<str>, Typed)],
) {
    let Kind::Map(key_shape, value_shape) = &service.shape(reference).kind else { return };
    let is_flat = reference.traits().flattened;
    let mut inside = String::new();
    for (key, typed) in entries {
        let mut entry = String::new();
        element(&mut entry, key_shape.wire_name().unwrap_or("key"), &namespace(key_shape), &escape(key));
        write(&mut entry, service, value_shape.wire_name().unwrap_or("value"), value_shape, typed);
        element(&mut inside, if is_flat { name } else { "entry" }, "", &entry);
    }
    if is_flat {
        out.push_str(&inside);
    } else {
        element(out, name, &namespace(reference), &inside);
    }
}

fn element(out: &mut String, name: &str, attributes: &str, inside: &str) {
    if inside.is_empty() {
        out.push_str(&format!("<{name}{attributes} />"));
    } else {
        out.push_str(&format!("<{name}{attributes}>{inside}</{name}>"));
    }
}

fn namespace(reference: &Reference) -> String {
    match &reference.traits().xml_namespace {
        Some((uri, Some(prefix))) => format!(" xmlns:{prefix}=\"{}\"", escape(uri)),
        Some((uri, None)) => format!(" xmlns=\"{}\"", escape(uri)),
        None => String::new(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The first child element of that name.
pub(crate) fn child<'a, 'b>(node: Node<'a, 'b>, name: &str) -> Option<Node<'a, 'b>> {
    elements(node).find(|child| child.tag_name().name() == name)
}

/// The child elements.
pub(crate) fn elements<'a, 'b>(node: Node<'a, 'b>) -> impl Iterator<Item = Node<'a, 'b>> {
    node.children().filter(Node::is_element)
}

/// All text directly in an element.
pub(crate) fn content(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| if child.is_text() { child.text() } else { None }).collect()
}

/// The members of a structure that are in an element; those that belong elsewhere in the message are left out.
pub(crate) fn members(
    out: &Out<'_>,
    members: &[Member],
    node: Node<'_, '_>,
    depth: usize,
) -> Vec<(Arc<str>, Value)> {
    let in_body = members.iter().filter(|member| !member.is_in_head());
    let found =
        in_body.filter_map(|member| Some((out.name(member), self::member(out, member, node, depth)?)));
    found.collect()
}

fn member(out: &Out<'_>, member: &Member, node: Node<'_, '_>, depth: usize) -> Option<Value> {
    let traits = member.reference.traits();
    if traits.xml_attribute {
        let local = member.wire_name().rsplit(':').next().unwrap_or_default();
        let found = node.attributes().find(|attribute| attribute.name() == local)?;
        return Some(Value::from(found.value()));
    }
    let kind = &out.service.shape(&member.reference).kind;
    if traits.flattened && matches!(kind, Kind::List(_) | Kind::Map(..)) {
        return flat(out, member, kind, node, depth);
    }
    // Form that belong to a shape and not to the place are those of roots: the member's own name counts then.
    let found = child(node, member.wire_name()).or_else(|| child(node, &member.name))?;
    read(out, &member.reference, found, depth + 1)
}

/// A list or a map without an element of its own: its elements are among the structure's members.
fn flat(out: &Out<'_>, member: &Member, kind: &Kind, node: Node<'_, '_>, depth: usize) -> Option<Value> {
    // Some models name the element, some the list.
    let own = if let Kind::List(element) = kind { element.wire_name() } else { None };
    let named =
        |name: &str| elements(node).filter(|child| child.tag_name().name() == name).collect::<Vec<_>>();
    let mut found = own.map(named).unwrap_or_default();
    if found.is_empty() {
        found = named(member.wire_name());
    }
    if found.is_empty() {
        return None;
    }
    Some(match kind {
        Kind::List(element) => list_of(out, element, found.into_iter(), depth),
        Kind::Map(key, value) => map_of(out, key, value, found.into_iter(), depth),
        _ => return None,
    })
}

fn list_of<'a, 'b: 'a>(
    out: &Out<'_>,
    element: &Reference,
    nodes: impl Iterator<Item = Node<'a, 'b>>,
    depth: usize,
) -> Value {
    let items = nodes.map(|node| read(out, element, node, depth + 1).unwrap_or_default());
    Value::Arr(items.collect::<Array>())
}

fn map_of<'a, 'b: 'a>(
    out: &Out<'_>,
    key: &Reference,
    value: &Reference,
    nodes: impl Iterator<Item = Node<'a, 'b>>,
    depth: usize,
) -> Value {
    let (key_name, value_name) = (key.wire_name().unwrap_or("key"), value.wire_name().unwrap_or("value"));
    let entries = nodes.filter_map(|node| {
        let key = content(child(node, key_name)?);
        Some((key, read(out, value, child(node, value_name)?, depth + 1)?))
    });
    Value::Obj(entries.collect::<Object>())
}

/// What an element is for a workflow.
pub(crate) fn read(out: &Out<'_>, reference: &Reference, node: Node<'_, '_>, depth: usize) -> Option<Value> {
    if depth > Out::DEPTH_MAX {
        return None;
    }
    let kind = &out.service.shape(reference).kind;
    match kind {
        Kind::Structure(structure) => Some(Out::object(members(out, &structure.members, node, depth))),
        Kind::List(element) => Some(list_of(out, element, elements(node), depth)),
        Kind::Map(key, value) => Some(map_of(out, key, value, elements(node), depth)),
        scalar => Some(of_text(out, scalar, &content(node))),
    }
}

/// What a scalar's text is for a workflow.
pub(crate) fn of_text(out: &Out<'_>, kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Boolean => Value::Bool(text.trim().eq_ignore_ascii_case("true")),
        Kind::Integer | Kind::Long => {
            text.trim().parse::<i64>().map_or_else(|_| Value::from(text), Value::Int)
        }
        Kind::Float | Kind::Double => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => Value::from(text),
        },
        Kind::Blob => out.blob(text),
        Kind::Timestamp => out.moment(timestamp::of_text(text), text),
        _ => Value::from(text),
    }
}
