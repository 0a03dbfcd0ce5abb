//! The public face: an expression, and what it is evaluated with. Not for how.

use std::fmt;
use std::sync::Arc;

use value::Value;

use crate::ast::Program;
use crate::budget::Limits;
use crate::error::Error;
use crate::{eval, parse};

/// A compiled expression. Cheap to clone, usable from many threads at once.
#[derive(Clone)]
pub struct Expression {
    text: Arc<str>,
    program: Arc<Program>,
}

/// What an evaluation sees of the world.
pub struct Context<'a> {
    /// The root document, `$` and `$$`. The States Language has none.
    pub input: Option<&'a Value>,
    /// Variables from outside, by name without the dollar. Each is asked for at most once in an evaluation; they come before
    /// built-in functions of the same name.
    pub variables: &'a dyn Fn(&str) -> Option<Value>,
    /// The time of `$now()` and `$millis()`, in milliseconds since 1970.
    pub now_ms: i64,
    /// 64 random bits, for `$random()`, `$shuffle()` and `$uuid()`.
    pub random: &'a dyn Fn() -> u64,
    /// What the evaluation may use.
    pub limits: Limits,
    /// Looked at every few microseconds; when it says so, the evaluation ends with a timeout. The service allows one second.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl Expression {
    /// Compiles an expression (without the `{%` and `%}` of the States Language).
    ///
    /// # Errors
    /// Where the text is not JSONata 2.0.6, with the reference implementation's code and text; kind
    /// [`Depth`](crate::ErrorKind::Depth) when it is nested too deeply to be evaluated.
    pub fn compile(text: &str) -> Result<Expression, Error> {
        match parse::parse(text) {
            Ok(program) => Ok(Expression { text: text.into(), program: Arc::new(program) }),
            Err(fault) => Err(fault.finish()),
        }
    }

    /// The expression's value; `None` when there is none (JSONata's "undefined").
    ///
    /// # Errors
    /// When the expression fails on its data, uses more than it may, or gives a function.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Option<Value>, Error> {
        eval::evaluate(&self.program, context).map_err(crate::error::Fault::finish)
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Whether the expression may read that member of a variable from outside (names without the dollar): `false` says that
    /// the variable can do without it.
    #[must_use]
    pub fn reads(&self, variable: &str, member: &str) -> bool {
        let name = |id: u32| &*self.program.names[id as usize];
        self.program.globals.iter().any(|global| {
            name(global.name) == variable
                && global
                    .fields
                    .as_ref()
                    .is_none_or(|fields| fields.iter().any(|field| name(*field) == member))
        })
    }

    /// The text that was compiled.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names of the variables that the expression takes from outside, without the dollar: each once, in the order of the text,
    /// without built-in functions.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.program.free.iter().map(|name| &**name).filter(|name| !crate::functions::is_builtin(name))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

impl PartialEq for Expression {
    /// Same text.
    fn eq(&self, other: &Expression) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("input", &self.input)
            .field("now_ms", &self.now_ms)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
