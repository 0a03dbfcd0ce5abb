//! Wait: until a number of seconds has passed, or a time has come. Texts of bad values are recorded.

use asl::timestamp::parse_rfc3339;
use asl::{NumberField, State, TextField, Wait};
use value::Value;

use crate::context::Extra;
use crate::data::Data;
use crate::dataflow;
use crate::dataflow::jsonata;
use crate::event::{Event, StateEvent};
use crate::failure::Failure;
use crate::record::{FrameId, Timestamp};
use crate::turn::Turn;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State, wait: &Wait) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    let until = match wait {
        Wait::Seconds(field) => turn.at.plus_seconds(seconds(turn, frame, field, input.value())?),
        Wait::Timestamp(field) => timestamp(turn, frame, field, input.value())?,
    };
    if until <= turn.at {
        return finish(turn, frame, state, input);
    }
    if until.0.saturating_sub(turn.at.0) > turn.limits().wait_days.saturating_mul(DAY_MS) {
        return Err(dataflow::in_state(turn, frame, Failure::runtime("Wait state delay is too long.")));
    }
    let until = turn.execution.environment.wait_scale.end(turn.at, until);
    if until <= turn.at {
        return finish(turn, frame, state, input);
    }
    turn.emit(frame, Event::State(StateEvent::Waiting { until }));
    Ok(())
}

/// The time has come.
pub(super) fn end(turn: &mut Turn<'_>, frame: FrameId, state: &State) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    finish(turn, frame, state, input)
}

fn finish(turn: &mut Turn<'_>, frame: FrameId, state: &State, input: Data) -> Result<(), Failure> {
    let templates = (state.assign.as_ref(), state.output.as_ref());
    dataflow::pass_on(turn, frame, state, input, templates, dataflow::next_of(state))
}

fn seconds(turn: &Turn<'_>, frame: FrameId, field: &NumberField, data: &Value) -> Result<u64, Failure> {
    let path = match field {
        NumberField::Literal(number) => return Ok(*number as u64),
        NumberField::Jsonata(_) => {
            let number = dataflow::whole_number(turn, frame, field, "Seconds", data)?;
            return u64::try_from(number).map_err(|_| {
                let cause = format!("The Seconds parameter references a negative value: {number}");
                jsonata::failure(turn, frame, Some("Seconds"), cause)
            });
        }
        NumberField::Path(path) => path,
    };
    let refuse = |why: &str, shown: &str| {
        let cause = format!("The SecondsPath parameter {why}: {}{shown}", path.text);
        Err(dataflow::in_state(turn, frame, Failure::runtime(cause)))
    };
    let found = turn.see(frame, data, Extra::default(), |scope| path.evaluate(scope));
    let Ok(found) = found else { return refuse("does not reference an input value", "") };
    let shown = format!(" == {}", found.to_json());
    match found.as_i64() {
        None => refuse("cannot be parsed as a long value", &shown),
        Some(number) => match u64::try_from(number) {
            Ok(number) => Ok(number),
            Err(_) => refuse("references a negative value", &shown),
        },
    }
}

fn timestamp(turn: &Turn<'_>, frame: FrameId, field: &TextField, data: &Value) -> Result<Timestamp, Failure> {
    const WHAT: &str = "a valid ISO-8601 extended offset date-time format string";
    let (text, refusal) = match field {
        TextField::Jsonata(_) => {
            let text = dataflow::text(turn, frame, field, "Timestamp", data)?
                .map_or_else(String::new, |text| text.to_string());
            return match parse_rfc3339(&text) {
                Some(instant) => Ok(Timestamp(instant.secs.saturating_mul(1000))),
                None => {
                    let cause = format!("The Timestamp field cannot be parsed as an {}: {text}", &WHAT[8..]);
                    Err(jsonata::failure(turn, frame, Some("Timestamp"), cause))
                }
            };
        }
        TextField::Literal(text) => {
            (text.to_string(), format!("The Timestamp field cannot be parsed as {}: {text}", &WHAT[2..]))
        }
        TextField::Path(path) => {
            let found = turn.see(frame, data, Extra::default(), |scope| path.evaluate(scope));
            let Ok(found) = found else {
                let cause =
                    format!("The TimestampPath parameter does not reference an input value: {}", path.text);
                return Err(dataflow::in_state(turn, frame, Failure::runtime(cause)));
            };
            let text = found.as_str().map_or_else(|| found.to_json(), str::to_owned);
            let refusal =
                format!("The TimestampPath parameter does not reference {WHAT}: {} == {text}", path.text);
            (text, refusal)
        }
    };
    match parse_rfc3339(&text) {
        // Fractions of a second are dropped (developer guide, "Wait").
        Some(instant) => Ok(Timestamp(instant.secs.saturating_mul(1000))),
        None => Err(dataflow::in_state(turn, frame, Failure::runtime(refusal))),
    }
}
