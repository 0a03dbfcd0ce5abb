//! JSONata expressions in a definition: their delimiters, that they compile, and that they read only what exists where they
//! stand. What an expression means is the `jsonata` crate's.

use std::ops::Range;

use jsonata::{Expression, References};

use crate::diagnostic::{Advice, Fix};

use super::Parser;
use super::fields::shortened;

/// What a JSONata expression may read where it stands, apart from `$states.input` and `$states.context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct JsonataPlace {
    /// `$states.result`: in `Assign` and `Output` of Task, Parallel and Map.
    pub(super) has_result: bool,
    /// `$states.errorOutput`: in `Assign` and `Output` of a Catcher.
    pub(super) has_error_output: bool,
}

/// The place of an expression that sees the state's input and the context object only.
pub(super) const PLAIN: JsonataPlace = JsonataPlace { has_result: false, has_error_output: false };

/// The service's code for what its JSONata lacks (recorded).
const UNSUPPORTED: &str = "UNSUPPORTED_JSONATA_EXPRESSION";

impl Parser {
    /// The expression between `{%` and `%}`, blanks around it aside; none where the text is a literal.
    pub(super) fn jsonata(
        &mut self,
        text: &str,
        span: Range<usize>,
        location: &str,
        place: JsonataPlace,
    ) -> Option<Expression> {
        let starts = text.starts_with("{%");
        let ends = text.ends_with("%}");
        if !starts && !ends {
            self.check_blanks(text, span, location);
            return None;
        }
        let inner = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}"));
        let Some(inner) = inner else {
            let message = "JSONata string must start with {% and end with %}";
            self.error("SW2002", location, span.clone(), message);
            if is_expression(text.trim()) {
                self.reporter.fix_last(Fix { span, replacement: value::Value::from(text.trim()).to_json() });
            }
            return anything();
        };
        match Expression::compile(inner.trim()) {
            Ok(expression) => {
                self.check_references(&expression.references(), &span, location, place);
                Some(expression)
            }
            Err(error) => {
                let message = error.message().to_owned();
                self.report("INVALID_JSONATA_EXPRESSION", "SW2002", location.to_owned(), span, message, None);
                anything()
            }
        }
    }

    /// With blanks on both sides of the delimiters a text is a literal, and hardly meant as one.
    fn check_blanks(&mut self, text: &str, span: Range<usize>, location: &str) {
        if is_expression(text.trim()) {
            let message = "the blanks around `{%` and `%}` make this a literal, not an expression".to_owned();
            self.warn("", "SW2002", location.to_owned(), span.clone(), message, None);
            self.reporter.fix_last(Fix { span, replacement: value::Value::from(text.trim()).to_json() });
        }
    }

    /// What an expression refers to has to exist: there is no context at the top level, no `$$`, and no part of `$states`
    /// but those of the place. Codes and texts as the service's validation gives them (measured; `$states.result` and
    /// unknown parts by analogy with `$states.errorOutput`, `$` with names).
    fn check_references(
        &mut self,
        references: &References,
        span: &Range<usize>,
        location: &str,
        place: JsonataPlace,
    ) {
        for name in &references.top_level {
            let shown = shortened(name);
            let message = format!("Reference to '{shown}' at the top level is not supported.");
            let meant =
                if &**name == "$" { "$states.input".to_owned() } else { format!("$states.input.{shown}") };
            let help = Advice::from(format!("the state's input is `$states.input`: write `{meant}`"));
            self.report(UNSUPPORTED, "SW2002", location.to_owned(), span.clone(), message, Some(help));
        }
        if references.root {
            let message = "Reference to '$$' is not supported.".to_owned();
            let help = Advice::from("the context object is `$states.context`".to_owned());
            self.report(UNSUPPORTED, "SW2002", location.to_owned(), span.clone(), message, Some(help));
        }
        let mut said: Vec<&str> = Vec::new();
        for (variable, member) in &references.variables {
            let Some(member) = member.as_deref().filter(|_| &**variable == "states") else { continue };
            let (exists, help) = match member {
                "input" | "context" => continue,
                "result" => (
                    place.has_result,
                    "there is a result in `Assign` and `Output` of Task, Parallel and Map states only",
                ),
                "errorOutput" => (
                    place.has_error_output,
                    "there is an error output in `Assign` and `Output` of a Catcher only",
                ),
                _ => (false, "`$states` has `input`, `context`, `result` and `errorOutput`"),
            };
            if !exists && !said.contains(&member) {
                said.push(member);
                let message = format!("Field '$states.{}' does not exist.", shortened(member));
                let help = Some(Advice::from(help.to_owned()));
                self.report(UNSUPPORTED, "SW2002", location.to_owned(), span.clone(), message, help);
            }
        }
    }
}

fn is_expression(text: &str) -> bool {
    text.len() >= 4 && text.starts_with("{%") && text.ends_with("%}")
}

/// Stands for an expression that was refused: the definition is not used.
fn anything() -> Option<Expression> {
    Expression::compile("null").ok()
}
