//! SW2015: an expression in the words of the other query language, which is plain text here.

use super::super::Lint;
use super::super::flow::Step;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::syntax::Item;
use crate::{Expression, QueryLanguage};

pub(super) const RULE: Rule = Rule {
    code: "SW2015",
    title: "expression of the other query language",
    text: "A JSONata state takes `{% … %}` for an expression and `$.a`, `States.Format(…)` and keys that end in `.$` for text; a \
           JSONPath state takes `{% … %}` for text. The text itself goes on then, unnoticed. Say it in the language of the \
           state, or give the state its QueryLanguage.",
    example: "\"QueryLanguage\": \"JSONata\", … \"Arguments\": {\"id.$\": \"$.id\"}      write {\"id\": \"{% $states.input.id %}\"}",
    aws: "",
};

/// The fields that hold templates.
const FIELDS: [&str; 8] =
    ["Parameters", "Arguments", "ResultSelector", "Output", "Assign", "ItemSelector", "Items", "Result"];

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        for field in FIELDS {
            let Some(item) = lint.field_item(at, field) else { continue };
            let mut found = Vec::new();
            walk(item, state.query_language, &mut vec![Step::Key(field.into())], &mut found);
            for (steps, is_key, message) in found {
                let place = if is_key { Place::key(at, steps) } else { Place::value(at, steps) };
                lint.report(&RULE, Severity::Warning, &place, message, None);
            }
        }
    }
}

type Finding = (Vec<Step>, bool, String);

/// Recursion is bounded by the nesting that the parser allows.
fn walk(item: Item<'_>, language: QueryLanguage, steps: &mut Vec<Step>, found: &mut Vec<Finding>) {
    if let Some(text) = item.as_str() {
        let message = match language {
            QueryLanguage::Jsonata if looks_like_json_path(text) => {
                "in a JSONata state this is text, not a path or a call".to_owned()
            }
            QueryLanguage::JsonPath if text.starts_with("{%") && text.ends_with("%}") => {
                "in a JSONPath state this is text, not an expression".to_owned()
            }
            _ => return,
        };
        found.push((steps.clone(), false, message));
    }
    for (at, item) in item.items().into_iter().flatten().enumerate() {
        steps.push(Step::Index(at));
        walk(item, language, steps, found);
        steps.pop();
    }
    for (member, item) in item.members().into_iter().flatten() {
        steps.push(Step::Key(member.key.clone()));
        if language == QueryLanguage::Jsonata && member.key.ends_with(".$") {
            let message = format!("in a JSONata state the member is called `{}`, with the `.$`", member.key);
            found.push((steps.clone(), true, message));
        } else {
            walk(item, language, steps, found);
        }
        steps.pop();
    }
}

fn looks_like_json_path(text: &str) -> bool {
    ["$.", "$$.", "$[", "States."].iter().any(|start| text.starts_with(start))
        && Expression::parse(text).is_ok()
}
