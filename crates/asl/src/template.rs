//! Payload templates: evaluation of what the parser has compiled. Literal subtrees are shared, never copied.

use value::{Array, Object, Value};

use crate::evaluation_error::EvaluationError;
use crate::{Expression, Name, Node, Scope, Template};

/// What a [`Template`] needs an answer for.
#[derive(Clone, Copy, Debug)]
pub enum Leaf<'a> {
    /// A member whose key ends in `.$`.
    Path {
        /// The key with its `.$`.
        key: &'a Name,
        /// What it evaluates to.
        expression: &'a Expression,
    },
    /// A JSONata expression.
    Jsonata {
        /// The expression.
        expression: &'a jsonata::Expression,
        /// The slash path of the field, for error texts.
        location: &'a Name,
    },
}

impl Template {
    /// The template's value in a JSONPath state. A path that leads nowhere is an error in the words for a field; one
    /// that leads past the end of an array is `null`. A JSONata expression is an error: see [`Template::evaluate_with`].
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        let value = self.evaluate_with(&mut |leaf| match leaf {
            Leaf::Path { key, expression } => match expression.evaluate(scope) {
                Err(error) if error.is_index_out_of_bounds() => Ok(Some(Value::Null)),
                result => result.map(Some).map_err(|error| error.as_field_error(key)),
            },
            Leaf::Jsonata { location, .. } => Err(EvaluationError::new(
                crate::error_names::QUERY_EVALUATION_ERROR,
                format!("The field '{location}' is a JSONata expression in a JSONPath state."),
            )),
        })?;
        Ok(value.unwrap_or_default())
    }

    /// The template's value, its leaves answered by `leaf`. `None` is undefined: an undefined member is left out, an
    /// undefined item too, an undefined template is `None`.
    pub fn evaluate_with<E>(
        &self,
        leaf: &mut dyn FnMut(Leaf<'_>) -> Result<Option<Value>, E>,
    ) -> Result<Option<Value>, E> {
        evaluate_node(&self.root, leaf)
    }

    /// Whether there is nothing to evaluate: the value is the same in every scope.
    pub fn is_literal(&self) -> bool {
        self.literal().is_some()
    }

    /// The value of a template that has nothing to evaluate.
    pub fn literal(&self) -> Option<&Value> {
        match &self.root {
            Node::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The leaves, in the order of the text.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        let mut open = vec![&self.root];
        while let Some(node) = open.pop() {
            match node {
                Node::Literal(_) => {}
                Node::Path { key, expression } => leaves.push(Leaf::Path { key, expression }),
                Node::Jsonata { expression, location } => leaves.push(Leaf::Jsonata { expression, location }),
                Node::Object(members) => open.extend(members.iter().rev().map(|(_, node)| node)),
                Node::Array(items) => open.extend(items.iter().rev()),
            }
        }
        leaves
    }
}

/// Recursion is bounded: the parser refuses templates nested deeper than `parse::MAX_NESTING`.
fn evaluate_node<E>(
    node: &Node,
    leaf: &mut dyn FnMut(Leaf<'_>) -> Result<Option<Value>, E>,
) -> Result<Option<Value>, E> {
    match node {
        Node::Literal(value) => Ok(Some(value.clone())),
        Node::Path { key, expression } => leaf(Leaf::Path { key, expression }),
        Node::Jsonata { expression, location } => leaf(Leaf::Jsonata { expression, location }),
        Node::Object(members) => {
            let mut object = Object::new();
            for (key, node) in members {
                if let Some(value) = evaluate_node(node, leaf)? {
                    object.insert(key.clone(), value);
                }
            }
            Ok(Some(Value::Obj(object)))
        }
        Node::Array(items) => {
            let mut array = Vec::with_capacity(items.len());
            for node in items {
                array.extend(evaluate_node(node, leaf)?);
            }
            Ok(Some(Value::Arr(Array::from(array))))
        }
    }
}
