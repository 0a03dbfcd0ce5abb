//! SW3009: a Catcher that drops the error.

use super::super::Lint;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Catcher, Leaf, QueryLanguage, ResultPath, Template};

pub(super) const RULE: Rule = Rule {
    code: "SW3009",
    title: "Catcher that drops the error",
    text: "What went wrong is in the error output, `Error` and `Cause`. This Catcher keeps neither, so no later state can tell, \
           log or decide by it; only the history has it. Keep it with ResultPath, Output or Assign.",
    example: "\"Catch\": [{\"ErrorEquals\": [\"States.ALL\"], \"ResultPath\": null, \"Next\": \"Undo\"}]",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        for (number, catcher) in state.catch.iter().enumerate() {
            if drops(catcher, state.query_language) {
                let message = "the error is caught and nothing of it kept".to_owned();
                lint.report(&RULE, Severity::Note, &Place::item(at, "Catch", number), message, None);
            }
        }
    }
}

fn drops(catcher: &Catcher, language: QueryLanguage) -> bool {
    match language {
        QueryLanguage::JsonPath => {
            let keeps = catcher.assign.as_ref().is_some_and(|assign| !assign.leaves().is_empty());
            matches!(catcher.result_path, ResultPath::Discard) && !keeps
        }
        QueryLanguage::Jsonata => {
            let reads = |template: &Option<Template>| {
                template.iter().flat_map(Template::leaves).any(|leaf| match leaf {
                    Leaf::Jsonata { expression, .. } => expression.text().contains("errorOutput"),
                    Leaf::Path { .. } => false,
                })
            };
            catcher.output.is_some() && !reads(&catcher.output) && !reads(&catcher.assign)
        }
    }
}
