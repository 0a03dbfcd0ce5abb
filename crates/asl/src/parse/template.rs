//! Payload templates: compiled into nodes, literal parts folded.

use value::Value;

use crate::diagnostic::{Advice, Fix};
use crate::syntax::{Item, Member};
use crate::{Expression, Name, Node, QueryLanguage, Template};

use super::MAX_NESTING;
use super::Parser;
use super::fields::{Fields, indexed, join, shortened};
use super::jsonata::JsonataPlace;
use super::member_order;

/// A template being read: what stays the same at every depth.
#[derive(Clone, Copy)]
struct Frame<'a> {
    language: QueryLanguage,
    /// Where the template stands in the definition.
    location: &'a str,
    /// Where it stands in its state, for the texts of JSONata errors.
    field: &'a str,
    place: JsonataPlace,
    depth: usize,
}

impl Parser {
    /// A field that is a template. `field` is the field's path below the state.
    pub(super) fn template_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        field: &str,
        language: QueryLanguage,
        place: JsonataPlace,
    ) -> Option<Template> {
        let item = fields.get(key)?;
        let location = fields.at(key);
        let root = self.node(item, Frame { language, location: &location, field, place, depth: 0 });
        Some(Template { root, field: field.into() })
    }

    /// `Assign`: an object whose keys are names of variables.
    pub(super) fn assign_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        field: &str,
        language: QueryLanguage,
        place: JsonataPlace,
    ) -> Option<Template> {
        let members = self.object_field(fields, "Assign")?;
        for (member, _) in members.iter() {
            let name = match language {
                QueryLanguage::JsonPath => member.key.strip_suffix(".$").unwrap_or(&member.key),
                QueryLanguage::Jsonata => &member.key,
            };
            let fault = if name == "states" {
                Some(("RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'.".to_owned()))
            } else if crate::names::is_valid_variable_name(name) {
                None
            } else {
                let name = shortened(name);
                let message =
                    format!("Invalid variable name '{name}': the variable name contains invalid characters.");
                Some(("INVALID_VARIABLE_NAME", message))
            };
            if let Some((code, message)) = fault {
                self.report(code, "SW1010", members.here(), member.key_span.clone(), message, None);
            } else {
                self.scopes.assign(name, members.here(), member.key_span.clone());
            }
        }
        self.template_field(fields, "Assign", field, language, place)
    }

    /// Recursion is bounded by [`MAX_NESTING`].
    fn node<'t>(&mut self, item: Item<'t>, frame: Frame<'_>) -> Node {
        if frame.depth > MAX_NESTING {
            let message = format!("The template is nested deeper than {MAX_NESTING} levels");
            self.report("TOO_DEEPLY_NESTED", "SW1014", frame.location.to_owned(), item.span(), message, None);
            return Node::Literal(Value::Null);
        }
        if let Some(members) = item.members() {
            let members: Vec<_> = members.collect();
            let mut nodes = Vec::with_capacity(members.len());
            for (member, item) in members {
                match member.key.strip_suffix(".$") {
                    Some(key) if frame.language == QueryLanguage::JsonPath => {
                        if let Some(node) = self.path_member(&member.key, item, frame) {
                            nodes.push((Name::from(key), node));
                        }
                    }
                    _ => nodes.push((member.key.clone(), self.member(member, item, frame))),
                }
            }
            member_order::arrange(&mut nodes);
            return folded(Node::Object(nodes));
        }
        if let Some(items) = item.items() {
            let items: Vec<_> = items.collect();
            let mut nodes = Vec::with_capacity(items.len());
            for (at, item) in items.into_iter().enumerate() {
                let field = indexed(frame.field, at);
                let location = indexed(frame.location, at);
                nodes.push(self.node(
                    item,
                    Frame { location: &location, field: &field, depth: frame.depth + 1, ..frame },
                ));
            }
            return folded(Node::Array(nodes));
        }
        if frame.language == QueryLanguage::Jsonata
            && let Some(text) = item.as_str()
            && let Some(expression) = self.jsonata(text, item.span(), frame.location, frame.place)
        {
            return Node::Jsonata { expression, location: frame.field.into() };
        }
        Node::Literal(item.to_value())
    }

    /// A member whose key does not end in `.$`.
    fn member<'t>(&mut self, member: &Member, item: Item<'t>, frame: Frame<'_>) -> Node {
        let key = &*member.key;
        let location = join(frame.location, key);
        let field = join(frame.field, key);
        if frame.language == QueryLanguage::JsonPath && item.as_str().is_some_and(looks_like_path) {
            let message = format!(
                "The value of the field '{}' looks like a JSONPath or an intrinsic function, but the name of the field does not end with '.$'",
                shortened(key)
            );
            self.warn("NO_DOLLAR", "SW2006", location.clone(), item.span(), message, None);
            self.reporter.fix_last(Fix {
                span: member.key_span.clone(),
                replacement: Value::from(format!("{key}.$")).to_json(),
            });
        }
        self.node(item, Frame { location: &location, field: &field, depth: frame.depth + 1, ..frame })
    }

    /// A member whose key ends in `.$`.
    fn path_member<'t>(&mut self, key: &Name, item: Item<'t>, frame: Frame<'_>) -> Option<Node> {
        let error = match item.as_str().map(Expression::parse) {
            Some(Ok(expression)) => return Some(Node::Path { key: key.clone(), expression }),
            Some(Err(error)) => Some(error.to_string()),
            None => None,
        };
        let message = format!(
            "The value for the field '{}' must be a valid JSONPath or a valid intrinsic function call",
            shortened(key)
        );
        let location = frame.location.to_owned();
        self.report(
            "SCHEMA_VALIDATION_FAILED",
            "SW2006",
            location,
            item.span(),
            message,
            error.map(Advice::from),
        );
        None
    }
}

/// An object or array of literals only is a literal itself.
fn folded(node: Node) -> Node {
    let is_literal = match &node {
        Node::Object(members) => members.iter().all(|(_, node)| matches!(node, Node::Literal(_))),
        Node::Array(items) => items.iter().all(|node| matches!(node, Node::Literal(_))),
        _ => false,
    };
    match node {
        Node::Object(members) if is_literal => {
            let members = members.into_iter().filter_map(|(key, node)| Some((key, literal(node)?)));
            Node::Literal(Value::Obj(members.collect()))
        }
        Node::Array(items) if is_literal => {
            Node::Literal(Value::Arr(items.into_iter().filter_map(literal).collect()))
        }
        node => node,
    }
}

fn literal(node: Node) -> Option<Value> {
    match node {
        Node::Literal(value) => Some(value),
        _ => None,
    }
}

/// Whether a text looks like a path or a call that was meant to be evaluated.
pub(super) fn looks_like_path(text: &str) -> bool {
    ["$.", "$[", "$$.", "States."].iter().any(|start| text.starts_with(start))
        && Expression::parse(text).is_ok()
}
