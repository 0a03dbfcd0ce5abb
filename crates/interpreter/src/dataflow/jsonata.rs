//! JSONata states: `Arguments`, `Output`, `Assign` and every other field that takes an expression, with `$states` and the
//! variables bound. The sentences around an evaluation's errors are recorded.

use std::sync::{Arc, LazyLock};

use asl::{Leaf, Template};
use jsonata::{Context, ErrorKind, Expression, Limits};
use value::{Numbers, Object, Value};

use crate::context::Extra;
use crate::data::Data;
use crate::dataflow::{in_state, made};
use crate::failure::Failure;
use crate::record::FrameId;
use crate::text::Text;
use crate::turn::Turn;

/// Error name of a failed expression.
const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";

/// What `$states` holds besides `context`.
#[derive(Clone, Copy)]
pub(crate) struct Bindings<'a> {
    pub(crate) input: &'a Value,
    pub(crate) result: Option<&'a Value>,
    pub(crate) error_output: Option<&'a Value>,
    pub(crate) extra: Extra<'a>,
}

impl<'a> Bindings<'a> {
    /// `$states.input` alone.
    pub(crate) fn of_input(input: &'a Value) -> Bindings<'a> {
        Bindings { input, result: None, error_output: None, extra: Extra::default() }
    }

    /// `$states`. The context object takes longer to make than most expressions to evaluate, so it is there if it is read.
    fn states(&self, turn: &Turn<'_>, frame: FrameId, expression: &Expression) -> Value {
        static KEYS: LazyLock<[Arc<str>; 4]> =
            LazyLock::new(|| ["input", "result", "errorOutput", "context"].map(Arc::from));
        let [input, result, error_output, context] = &*KEYS;
        let mut states = Object::new();
        states.insert(Arc::clone(input), self.input.clone());
        if let Some(found) = self.result {
            states.insert(Arc::clone(result), found.clone());
        }
        if let Some(found) = self.error_output {
            states.insert(Arc::clone(error_output), found.clone());
        }
        if expression.reads("states", "context") {
            states.insert(Arc::clone(context), turn.context(frame, self.extra));
        }
        Value::Obj(states)
    }
}

/// The value of an expression that is a whole field, or part of one. `location` is the field's slash path.
pub(crate) fn expression(
    turn: &Turn<'_>,
    frame: FrameId,
    expression: &Expression,
    location: &str,
    bindings: Bindings<'_>,
) -> Result<Value, Failure> {
    let variables = |name: &str| match name {
        "states" => Some(bindings.states(turn, frame, expression)),
        _ => turn.variable(frame, name),
    };
    let deadline = (turn.execution.environment.deadline)();
    let found = expression.evaluate(&Context {
        input: None,
        variables: &variables,
        now_ms: turn.at.0,
        random: &|| turn.draws.next_u64(),
        limits: Limits::default(),
        cancelled: &*deadline,
    });
    let what = match found {
        Ok(Some(value)) => return Ok(value),
        Ok(None) => "returned nothing (undefined).".to_owned(),
        Err(error) => match (error.kind(), error.code()) {
            (ErrorKind::FunctionResult, _) => "returned an unsupported result type.".to_owned(),
            (_, Some(_)) => format!("threw an error during evaluation. {error}"),
            (_, None) => format!("threw an error during evaluation: {error}"),
        },
    };
    Err(refused(turn, frame, expression, location, &what))
}

/// The failure of an expression whose value is not what the field takes.
pub(crate) fn unexpected_type(
    turn: &Turn<'_>,
    frame: FrameId,
    expression: &Expression,
    location: &str,
    (wanted, found): (&str, &Value),
) -> Failure {
    let shown = found.to_json();
    let what = format!(
        "returned an unexpected result type. Expected '{wanted}', but was '{}' for value: {shown}",
        found.type_name()
    );
    refused(turn, frame, expression, location, &what)
}

fn refused(turn: &Turn<'_>, frame: FrameId, expression: &Expression, location: &str, what: &str) -> Failure {
    let cause =
        format!("The JSONata expression '{}' specified for the field '{location}' {what}", expression.text());
    failure(turn, frame, Some(location), cause)
}

/// A failure of evaluating the state; the history shows it as EvaluationFailed first.
pub(crate) fn failure(turn: &Turn<'_>, frame: FrameId, location: Option<&str>, cause: String) -> Failure {
    turn.evaluation_failed.replace(Some((frame, location.map(Text::from))));
    in_state(turn, frame, Failure::new(QUERY_EVALUATION_ERROR, cause))
}

/// A template's value, or `otherwise` when the field is absent.
pub(crate) fn template(
    turn: &Turn<'_>,
    frame: FrameId,
    template: Option<&Template>,
    otherwise: &Data,
    bindings: Bindings<'_>,
) -> Result<Data, Failure> {
    let Some(template) = template else { return Ok(otherwise.clone()) };
    let value = template.evaluate_with(&mut |leaf| match leaf {
        Leaf::Jsonata { expression: found, location } => {
            expression(turn, frame, found, location, bindings).map(Some)
        }
        // Members with `.$` are refused in JSONata states when a definition is created.
        Leaf::Path { .. } => Ok(None),
    })?;
    // The service prints a whole number without its fraction here (measured by third parties: `1.0` in, `1` out).
    made(turn, frame, value.unwrap_or_default(), Numbers::JsonData)
}
