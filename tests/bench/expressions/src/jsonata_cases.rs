//! JSONata: this project's crate and jlens-core, with `$states` bound as a workflow has it.

use jlens_core::{Bindings, Document, Options};
use jsonata::{Context, Expression, Limits};
use value::Value;

use crate::{Case, Contender};

/// The implementations of one case.
pub fn contenders(case: &Case) -> Vec<Contender> {
    vec![stepwell(case), jlens(case)]
}

fn stepwell(case: &Case) -> Contender {
    let expression = Expression::compile(&case.expression).unwrap();
    let states = Value::parse(&case.data).unwrap();
    let run = move || {
        let found = expression.evaluate(&Context {
            input: None,
            variables: &|name| (name == "states").then(|| states.clone()),
            now_ms: 0,
            random: &|| 0,
            limits: Limits::default(),
            cancelled: &|| false,
        });
        found.unwrap().map_or(0, |found| found.as_array().map_or(1, <[Value]>::len))
    };
    Contender { name: "stepwell", run: Box::new(run) }
}

/// Its fastest form: `$states` in its own representation, made beforehand.
fn jlens(case: &Case) -> Contender {
    let expression = jlens_core::Expression::compile(&case.expression).unwrap();
    let states = Document::parse(&case.data).unwrap();
    let nothing = Document::parse("null").unwrap();
    let (bindings, options) = (Bindings::new(), Options::default());
    let run = move || {
        let found = expression.evaluate_document_with(&nothing, &[("states", &states)], &bindings, &options);
        found.unwrap().map_or(0, |found| found.as_array().map_or(1, Vec::len))
    };
    Contender { name: "jlens-core", run: Box::new(run) }
}
