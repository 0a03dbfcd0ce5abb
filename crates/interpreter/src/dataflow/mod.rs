//! The one pipeline of data through a state: InputPath → Parameters → work → ResultSelector → ResultPath → OutputPath,
//! and Assign beside ResultSelector (developer guide, "Processing input and output").
//! A JSONata state has Arguments before its work, and Assign and Output after it; the evaluation is in `jsonata`.

pub(crate) mod jsonata;

use asl::{
    EvaluationError, Expression, NumberField, PathField, QueryLanguage, ResultPath, State, Template,
    TextField, Transition,
};
use value::{Numbers, Object, Payload, Value};

use self::jsonata::Bindings;
use crate::context::Extra;
use crate::data::Data;
use crate::event::{Assigned, Event, StateEvent};
use crate::failure::{DATA_LIMIT, Failure};
use crate::record::FrameId;
use crate::step;
use crate::test_state::Stage;
use crate::text::Text;
use crate::turn::Turn;

/// The prefix that the service puts before the cause of what went wrong inside a state (recorded, as it is that TestState,
/// which has no history, does not).
pub(crate) fn in_state(turn: &Turn<'_>, frame: FrameId, failure: Failure) -> Failure {
    if turn.bench.is_some() {
        return failure;
    }
    let Some(visit) = turn.frame(frame).and_then(|frame| frame.visit()) else { return failure };
    let cause = failure.cause.as_deref().unwrap_or_default();
    let cause = format!(
        "An error occurred while executing the state '{}' (entered at the event id #{}). {cause}",
        visit.state, visit.entered
    );
    Failure { error: failure.error, cause: Some(cause.into()) }
}

/// An expression's failure, with the state named.
pub(crate) fn evaluation_failure(turn: &Turn<'_>, frame: FrameId, error: &EvaluationError) -> Failure {
    in_state(turn, frame, Failure::evaluation(error))
}

/// The raw input of the visit at hand.
pub(crate) fn raw_input(turn: &Turn<'_>, frame: FrameId) -> Data {
    let visit = turn.frame(frame).and_then(|frame| frame.visit());
    visit.map_or_else(|| Data::from_value(Value::Null), |visit| visit.input.clone())
}

/// InputPath. A path that changes nothing forwards the payload itself; a JSONata state has none.
pub(crate) fn effective_input(turn: &Turn<'_>, frame: FrameId, state: &State) -> Result<Data, Failure> {
    let input = at_path(turn, frame, &state.input_path, raw_input(turn, frame))?;
    turn.note(Stage::AfterInputPath, &input);
    Ok(input)
}

fn at_path(turn: &Turn<'_>, frame: FrameId, path: &PathField, data: Data) -> Result<Data, Failure> {
    match path {
        PathField::Whole => Ok(data),
        PathField::Nothing => Ok(Data::from_value(Value::Obj(Object::default()))),
        PathField::At(expression) => {
            let value = expression_value(turn, frame, expression, data.value())?;
            made(turn, frame, value, Numbers::Java)
        }
    }
}

/// The value of an expression that is a whole field.
pub(crate) fn expression_value(
    turn: &Turn<'_>,
    frame: FrameId,
    expression: &Expression,
    data: &Value,
) -> Result<Value, Failure> {
    turn.see(frame, data, Extra::default(), |scope| expression.evaluate(scope))
        .map_err(|error| evaluation_failure(turn, frame, &error))
}

/// A payload template, or the data itself when there is none.
pub(crate) fn template(
    turn: &Turn<'_>,
    frame: FrameId,
    template: Option<&Template>,
    data: &Data,
    extra: Extra<'_>,
) -> Result<Data, Failure> {
    let Some(template) = template else { return Ok(data.clone()) };
    let value = turn
        .see(frame, data.value(), extra, |scope| template.evaluate(scope))
        .map_err(|error| evaluation_failure(turn, frame, &error))?;
    made(turn, frame, value, Numbers::Java)
}

/// What a state has made, if it is not longer than a payload may be. A template that names a large input a thousand times is
/// small in memory and not as text.
pub(crate) fn made(turn: &Turn<'_>, frame: FrameId, value: Value, numbers: Numbers) -> Result<Data, Failure> {
    let most = turn.limits().payload_bytes.unwrap_or(usize::MAX);
    let payload = Payload::from_value_within(value, numbers, most);
    payload.map(Data::new).map_err(|_| {
        let state = turn.frame(frame).and_then(|frame| frame.visit()).map(|visit| visit.state.clone());
        Failure::new(DATA_LIMIT, too_large(state.as_deref().unwrap_or_default()))
    })
}

/// What a state sends to its work: Parameters, or Arguments, or its effective input.
pub(crate) fn payload(
    turn: &Turn<'_>,
    frame: FrameId,
    state: &State,
    input: &Data,
    extra: Extra<'_>,
) -> Result<Data, Failure> {
    let (stage, payload) = match state.query_language {
        QueryLanguage::JsonPath => {
            let made = template(turn, frame, state.parameters.as_ref(), input, extra)?;
            (Stage::AfterParameters, made)
        }
        QueryLanguage::Jsonata => {
            let bindings = Bindings { extra, ..Bindings::of_input(input.value()) };
            let made = jsonata::template(turn, frame, state.arguments.as_ref(), input, bindings)?;
            (Stage::AfterArguments, made)
        }
    };
    turn.note(stage, &payload);
    Ok(payload)
}

/// A template of whichever language the state has, with the input as `$` or `$states.input`.
pub(crate) fn template_of(
    turn: &Turn<'_>,
    frame: FrameId,
    state: &State,
    found: &Template,
    input: &Data,
    extra: Extra<'_>,
) -> Result<Data, Failure> {
    match state.query_language {
        QueryLanguage::JsonPath => template(turn, frame, Some(found), input, extra),
        QueryLanguage::Jsonata => {
            let bindings = Bindings { extra, ..Bindings::of_input(input.value()) };
            jsonata::template(turn, frame, Some(found), input, bindings)
        }
    }
}

/// Assign in JSONata.
pub(crate) fn assign_jsonata(
    turn: &Turn<'_>,
    frame: FrameId,
    template: Option<&Template>,
    bindings: Bindings<'_>,
) -> Result<Vec<Assigned>, Failure> {
    let Some(template) = template else { return Ok(Vec::new()) };
    let nothing = Data::from_value(Value::Null);
    let value = jsonata::template(turn, frame, Some(template), &nothing, bindings)?;
    assigned_members(turn, frame, value.value(), Numbers::JsonData)
}

/// Assign in JSONPath, with `data` as `$`.
pub(crate) fn assign(
    turn: &Turn<'_>,
    frame: FrameId,
    template: Option<&Template>,
    data: &Value,
) -> Result<Vec<Assigned>, Failure> {
    let Some(template) = template else { return Ok(Vec::new()) };
    let value = turn
        .see(frame, data, Extra::default(), |scope| template.evaluate(scope))
        .map_err(|error| evaluation_failure(turn, frame, &error))?;
    assigned_members(turn, frame, &value, Numbers::Java)
}

/// The variables in the order of the template.
fn assigned_members(
    turn: &Turn<'_>,
    frame: FrameId,
    value: &Value,
    numbers: Numbers,
) -> Result<Vec<Assigned>, Failure> {
    let Value::Obj(members) = value else { return Ok(Vec::new()) };
    let mut assigned = Vec::with_capacity(members.len());
    for (name, value) in members.iter() {
        let value = made(turn, frame, value.clone(), numbers)?;
        assigned.push(Assigned { name: Text::from(name), value });
    }
    check_variables(turn, frame, &assigned)?;
    Ok(assigned)
}

fn check_variables(turn: &Turn<'_>, frame: FrameId, assigned: &[Assigned]) -> Result<(), Failure> {
    let limits = turn.limits();
    let sizes = || assigned.iter().map(|one| one.value.payload().len());
    let all: usize = sizes().sum();
    let over = |limit: Option<usize>, size: usize| limit.is_some_and(|most| size > most);
    let what = if sizes().any(|size| over(limits.variable_bytes, size)) {
        "a variable"
    } else if over(limits.assign_bytes, all) {
        "the variables assigned by one state"
    } else if over(
        limits.variables_bytes,
        turn.execution.variables_bytes() + all - replaced(turn, frame, assigned),
    ) {
        "all variables of the execution"
    } else {
        return Ok(());
    };
    let cause = format!("The size of {what} exceeds the maximum number of bytes service limit.");
    Err(in_state(turn, frame, Failure::runtime(cause)))
}

/// Bytes of the variables that these replace.
fn replaced(turn: &Turn<'_>, frame: FrameId, assigned: &[Assigned]) -> usize {
    let Some(found) = turn.frame(frame) else { return 0 };
    let old = assigned.iter().filter_map(|one| found.variables.get(&one.name));
    old.map(|data| data.payload().len()).sum()
}

/// ResultPath: what becomes of the raw input when the result is `result`.
pub(crate) fn result_path(
    turn: &Turn<'_>,
    frame: FrameId,
    path: &ResultPath,
    result: &Data,
) -> Result<Data, Failure> {
    match path {
        ResultPath::Replace => Ok(result.clone()),
        ResultPath::Discard => Ok(raw_input(turn, frame)),
        ResultPath::At(path) => {
            let raw = raw_input(turn, frame);
            path.set(raw.value(), result.value().clone()).map(Data::from_value).map_err(|_| {
                let cause = format!(
                    "Unable to apply ReferencePath {} to input {}",
                    path.text(),
                    raw.payload().text()
                );
                in_state(turn, frame, Failure::new("States.ResultPathMatchFailure", cause))
            })
        }
    }
}

/// What follows the work: ResultSelector, Assign, ResultPath, OutputPath, and the state is left.
pub(crate) fn conclude(
    turn: &mut Turn<'_>,
    frame: FrameId,
    state: &State,
    result: &Data,
) -> Result<(), Failure> {
    turn.note(Stage::Result, result);
    if state.query_language == QueryLanguage::Jsonata {
        let input = raw_input(turn, frame);
        let bindings = Bindings { result: Some(result.value()), ..Bindings::of_input(input.value()) };
        let assigned = assign_jsonata(turn, frame, state.assign.as_ref(), bindings)?;
        let output = jsonata::template(turn, frame, state.output.as_ref(), result, bindings)?;
        return exit(turn, frame, state, output, assigned, next_of(state));
    }
    let selected = template(turn, frame, state.result_selector.as_ref(), result, Extra::default())?;
    turn.note(Stage::AfterResultSelector, &selected);
    let assigned = assign(turn, frame, state.assign.as_ref(), result.value())?;
    let combined = result_path(turn, frame, &state.result_path, &selected)?;
    turn.note(Stage::AfterResultPath, &combined);
    leave(turn, frame, state, combined, assigned, next_of(state))
}

/// A state without work of its own (Pass in JSONata, Choice, Wait, Succeed) is left with its input, or with its Output.
pub(crate) fn pass_on(
    turn: &mut Turn<'_>,
    frame: FrameId,
    state: &State,
    input: Data,
    (assign_template, output_template): (Option<&Template>, Option<&Template>),
    next: Option<Text>,
) -> Result<(), Failure> {
    match state.query_language {
        QueryLanguage::JsonPath => {
            let assigned = assign(turn, frame, assign_template, input.value())?;
            leave(turn, frame, state, input, assigned, next)
        }
        QueryLanguage::Jsonata => {
            let bindings = Bindings::of_input(input.value());
            let assigned = assign_jsonata(turn, frame, assign_template, bindings)?;
            let output = jsonata::template(turn, frame, output_template, &input, bindings)?;
            exit(turn, frame, state, output, assigned, next)
        }
    }
}

/// OutputPath, and the state is left.
fn leave(
    turn: &mut Turn<'_>,
    frame: FrameId,
    state: &State,
    data: Data,
    assigned: Vec<Assigned>,
    next: Option<Text>,
) -> Result<(), Failure> {
    let output = at_path(turn, frame, &state.output_path, data)?;
    exit(turn, frame, state, output, assigned, next)
}

/// The state is left with this output.
pub(crate) fn exit(
    turn: &mut Turn<'_>,
    frame: FrameId,
    state: &State,
    output: Data,
    assigned: Vec<Assigned>,
    next: Option<Text>,
) -> Result<(), Failure> {
    if turn.limits().payload_bytes.is_some_and(|most| output.payload().len() > most) {
        return Err(Failure::new(DATA_LIMIT, too_large(&state.name)));
    }
    let kind = step::kind(state);
    let ends = next.is_none();
    let event = StateEvent::Exited { state: Text::from(&state.name), kind, output, assigned, next };
    turn.emit(frame, Event::State(event));
    if ends {
        step::flow_ended(turn, frame);
    }
    Ok(())
}

/// The cause of a result over the limit (recorded).
pub(crate) fn too_large(what: &str) -> String {
    format!(
        "The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
}

/// The state that `Next` names.
pub(crate) fn next_of(state: &State) -> Option<Text> {
    match &state.transition {
        Transition::Next(name) => Some(Text::from(name)),
        Transition::End | Transition::None => None,
    }
}

/// A whole number from a number field: seconds, counts. `name` is the field's, for error texts.
pub(crate) fn whole_number(
    turn: &Turn<'_>,
    frame: FrameId,
    field: &NumberField,
    name: &str,
    data: &Value,
) -> Result<i64, Failure> {
    match field {
        NumberField::Literal(number) => Ok(*number as i64),
        NumberField::Jsonata(expression) => {
            let found = jsonata::expression(turn, frame, expression, name, Bindings::of_input(data))?;
            let number = found.as_i64().or_else(|| found.as_f64().map(|number| number.floor() as i64));
            number.ok_or_else(|| jsonata::unexpected_type(turn, frame, expression, name, ("number", &found)))
        }
        NumberField::Path(path) => {
            let found = expression_value(turn, frame, path, data)?;
            // A number in quotes will do (recorded).
            let text = found.as_str().map_or_else(|| found.to_json(), str::to_owned);
            found.as_i64().or_else(|| text.parse().ok()).ok_or_else(|| {
                let cause = format!(
                    "The {name}Path field refers to value \"{text}\" which is not a valid integer: {}",
                    path.text
                );
                in_state(turn, frame, Failure::runtime(cause))
            })
        }
    }
}

/// The text of a text field, or `None` for a value that is not a text.
pub(crate) fn text(
    turn: &Turn<'_>,
    frame: FrameId,
    field: &TextField,
    name: &str,
    data: &Value,
) -> Result<Option<Text>, Failure> {
    match field {
        TextField::Literal(text) => Ok(Some(Text::from(text))),
        TextField::Jsonata(expression) => {
            let found = jsonata::expression(turn, frame, expression, name, Bindings::of_input(data))?;
            match found.as_str() {
                Some(text) => Ok(Some(Text::from(text))),
                None => Err(jsonata::unexpected_type(turn, frame, expression, name, ("string", &found))),
            }
        }
        TextField::Path(path) => {
            let found =
                turn.see(frame, data, Extra::default(), |scope| path.evaluate(scope)).map_err(|error| {
                    evaluation_failure(turn, frame, &error.as_field_error(&format!("{name}Path")))
                })?;
            Ok(found.as_str().map(Text::from))
        }
    }
}
