//! JSONata: any text is compiled or refused, any expression ends within its budget, the same each time, and what it gives is JSON.

use std::cell::Cell;

use jsonata::{Context, ErrorKind, Expression, Limits};
use value::Value;

use crate::expressions;
use crate::json;
use crate::of_value::shown;
use crate::rng::Rng;

/// One case.
///
/// # Errors
/// What went wrong, with the expression and the document.
pub fn case(rng: &mut Rng) -> Result<(), String> {
    let document = json::document(rng, 4);
    let Ok(input) = Value::parse(&document) else { return Err(format!("not a document: {document}")) };
    let text = match rng.below(20) {
        0..=13 => expressions::any(rng, 4),
        14..=18 => {
            let text = expressions::any(rng, 3);
            json::mutated(rng, &text)
        }
        _ => {
            let pairs = [
                ("(", ")"),
                ("[", "]"),
                ("a.", ""),
                ("-", ""),
                ("$f(", ")"),
                ("function(){", "}"),
                ("a[", "]"),
                ("{'a':", "}"),
                ("1 + ", ""),
                ("a ~> ", ""),
                ("a ? ", " : 1"),
                ("|a|", "|"),
                ("%.", ""),
                ("/(", ")/"),
            ];
            json::deep(rng, &pairs, "1")
        }
    };
    check(&text, &input).map_err(|what| format!("{what}: {} on {}", shown(&text), shown(&document)))
}

fn check(text: &str, input: &Value) -> Result<(), String> {
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => {
            return match error.position() {
                Some(at) if at > text.len() => Err(format!("an error at {at} of {} bytes", text.len())),
                _ if error.message().is_empty() => Err("an error without a text".to_owned()),
                _ => Ok(()),
            };
        }
    };
    let _ = (expression.references(), expression.outline(), expression.variables().count());
    let first = evaluate(&expression, input);
    let printed = |found: &Found| match found {
        Ok(Some(value)) => value.to_json(),
        Ok(None) => String::new(),
        Err(error) => error.clone(),
    };
    let text = printed(&first);
    if printed(&evaluate(&expression, input)) != text {
        return Err("it gives something else the second time".to_owned());
    }
    match first {
        Ok(Some(_)) => {
            Value::parse(&text).map(|_| ()).map_err(|error| format!("its value is not JSON: {error}"))
        }
        Err(error) if error.is_empty() => Err("an error without a text".to_owned()),
        _ => Ok(()),
    }
}

/// A value, nothing, or an error's text.
pub type Found = Result<Option<Value>, String>;

/// Evaluates with every draw and every clock the same.
pub fn evaluate(expression: &Expression, input: &Value) -> Found {
    let looks = Cell::new(0_u32);
    let found = expression.evaluate(&Context {
        input: Some(input),
        variables: &|_| None,
        now_ms: 1_700_000_000_000,
        random: &|| 0x1234_5678_9ABC_DEF0,
        limits: Limits { steps: 2_000_000, total_bytes: 32 << 20, ..Limits::default() },
        cancelled: &|| {
            looks.set(looks.get() + 1);
            looks.get() > 5_000
        },
    });
    found.map_err(|error| match error.kind() {
        ErrorKind::FunctionResult => "function".to_owned(),
        ErrorKind::Timeout | ErrorKind::Depth | ErrorKind::Memory => format!("limit: {error}"),
        _ => error.to_string(),
    })
}
