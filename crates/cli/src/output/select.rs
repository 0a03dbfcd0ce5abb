//! `--select`: a JSONata expression over what would be printed, by the engine that runs definitions.

use std::time::{Duration, Instant};

use jsonata::{Context, Expression};
use serde_json::Value;

use crate::failure::Failure;
use crate::moment;

/// Longest evaluation.
const TIME: Duration = Duration::from_secs(10);

/// An expression.
#[derive(Clone, Debug)]
pub struct Select(Expression);

impl Select {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is not JSONata.
    pub fn compile(text: &str) -> Result<Self, Failure> {
        Expression::compile(text).map(Self).map_err(|error| {
            Failure::usage(format!("--select `{text}`: {error}"))
                .hint("expected JSONata, such as: items[status='FAILED'].name")
        })
    }

    /// What it makes of a document; `null` when there is nothing.
    ///
    /// # Errors
    /// When it fails on it.
    pub fn of(&self, document: &Value) -> Result<Value, Failure> {
        let failed = |why: String| Failure::usage(format!("--select `{}`: {why}", self.0.text()));
        let input = value::Value::parse(&document.to_string()).map_err(|error| failed(error.to_string()))?;
        let end = Instant::now() + TIME;
        let context = Context {
            input: Some(&input),
            variables: &|_| None,
            now_ms: moment::now_millis(),
            random: &runtime::random_u64,
            limits: jsonata::Limits::default(),
            cancelled: &|| Instant::now() >= end,
        };
        let found = self.0.evaluate(&context).map_err(|error| failed(error.to_string()))?;
        let text = found.map_or_else(|| "null".to_owned(), |value| value.to_json());
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Select;

    #[track_caller]
    fn check(text: &str, wanted: &str) {
        let document = json!({"items": [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "next": null});
        let found = match Select::compile(text).and_then(|select| select.of(&document)) {
            Ok(found) => found.to_string(),
            Err(failure) => failure.to_string(),
        };
        assert!(found.starts_with(wanted), "{text}: {found}");
    }

    #[test]
    fn documents_are_asked() {
        check("items[n=2].name", "\"b\"");
        check("$sum(items.n)", "3");
        check("items.{'x': name}", r#"[{"x":"a"},{"x":"b"}]"#);
        check("nothing", "null");
        check("items[", "--select `items[`: ");
        check("items.n & $error('x')", "--select `items.n & $error('x')`: D3137: x");
    }
}
