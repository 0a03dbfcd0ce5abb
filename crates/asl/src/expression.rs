//! Expressions of JSONPath states: told apart by their first characters, parsed once, evaluated in a [`Scope`].
//! Not for JSONata, which is stored as text.

use std::fmt;

use jsonpath::Path;
use value::Value;

use crate::evaluation_error::EvaluationError;
use crate::intrinsic;
use crate::{Expression, ExpressionKind, Name, Scope};

/// A text that is neither a path nor a call of an intrinsic function. `Display` says what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidExpression {
    message: String,
}

impl InvalidExpression {
    pub(crate) fn new(message: impl Into<String>) -> InvalidExpression {
        InvalidExpression { message: message.into() }
    }
}

impl fmt::Display for InvalidExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidExpression {}

impl Expression {
    /// Parses `$…`, `$$…`, `$name…` or `States.Name(…)`.
    pub fn parse(text: &str) -> Result<Expression, InvalidExpression> {
        if text.starts_with("States.") {
            return intrinsic::parse(text);
        }
        Expression::parse_path(text)
    }

    /// Parses a path: `$…`, `$$…` or `$name…`.
    pub fn parse_path(text: &str) -> Result<Expression, InvalidExpression> {
        let kind = if let Some(rest) = text.strip_prefix("$$") {
            ExpressionKind::Context(path(&format!("${rest}"))?)
        } else if let Some(rest) = text.strip_prefix('$') {
            let name = variable_name(rest);
            if name.is_empty() {
                ExpressionKind::Data(path(text)?)
            } else {
                let path = path(&format!("${}", &rest[name.len()..]))?;
                ExpressionKind::Variable { name: name.into(), path }
            }
        } else {
            return Err(InvalidExpression::new(format!(
                "`{text}` starts neither with `$` nor with `States.`"
            )));
        };
        Ok(Expression { text: text.into(), kind })
    }

    /// The path inside, whatever it starts from; none for a call.
    pub fn path(&self) -> Option<&Path> {
        match &self.kind {
            ExpressionKind::Data(path) | ExpressionKind::Context(path) => Some(path),
            ExpressionKind::Variable { path, .. } => Some(path),
            ExpressionKind::Intrinsic(_) => None,
        }
    }

    /// The expression's value. Aliases the scope's values where it can.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        match &self.kind {
            ExpressionKind::Data(path) => self.apply(path, scope.data),
            ExpressionKind::Context(path) => self.apply(path, &(scope.context)()),
            ExpressionKind::Variable { name, path } => match (scope.variables)(name) {
                Some(value) => self.apply(path, &value),
                None => Err(EvaluationError::no_variable(&self.text, name, scope.data)),
            },
            ExpressionKind::Intrinsic(call) => intrinsic::evaluate(&self.text, call, scope),
        }
    }

    fn apply(&self, path: &Path, root: &Value) -> Result<Value, EvaluationError> {
        path.evaluate(root).map_err(|error| EvaluationError::path(&self.text, &error, root))
    }

    /// Names of the variables that the expression reads, in the order of the text, repeated as often as they occur.
    pub fn variables(&self) -> Vec<&Name> {
        let mut names = Vec::new();
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            match &expression.kind {
                ExpressionKind::Variable { name, .. } => names.push(name),
                ExpressionKind::Intrinsic(call) => open.extend(call.nested().rev()),
                ExpressionKind::Data(_) | ExpressionKind::Context(_) => {}
            }
        }
        names
    }
}

/// The longest variable name that `text` starts with (UAX #31), possibly empty.
pub(crate) fn variable_name(text: &str) -> &str {
    let mut end = 0;
    for (at, ch) in text.char_indices() {
        let fits = if at == 0 {
            unicode_ident::is_xid_start(ch) || ch == '_'
        } else {
            unicode_ident::is_xid_continue(ch)
        };
        if !fits {
            break;
        }
        end = at + ch.len_utf8();
    }
    &text[..end]
}

fn path(text: &str) -> Result<Path, InvalidExpression> {
    Path::parse(text).map_err(|error| InvalidExpression::new(error.to_string()))
}
