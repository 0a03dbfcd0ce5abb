//! Map, inline: its ItemProcessor runs once for each item, as many at a time as MaxConcurrency allows.
//! Distributed Maps are not here.

use asl::{Expression, Kind, Map, MapMode, Node, QueryLanguage, State};
use jsonpath::Path;
use value::{Numbers, Value};

use crate::context::Extra;
use crate::data::Data;
use crate::dataflow;
use crate::dataflow::jsonata;
use crate::event::{Event, MapEvent};
use crate::failure::Failure;
use crate::frame::{Cursor, MapWork, Work};
use crate::record::FrameId;
use crate::text::Text;
use crate::turn::Turn;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State, map: &Map) -> Result<(), Failure> {
    if map.mode != MapMode::Inline {
        let cause = Failure::runtime("Distributed Map states are not run by this release.");
        return Err(dataflow::in_state(turn, frame, cause));
    }
    let input = dataflow::effective_input(turn, frame, state)?;
    let items = items(turn, frame, state, map, &input)?;
    let length = array(turn, frame, state, map, &items)?.len();
    let concurrency = concurrency(turn, frame, map, input.value())?;
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    turn.emit(frame, Event::Map(MapEvent::Started { items, length, concurrency, input }));
    Ok(())
}

/// The items as an array, or the failure of a state that has something else (both texts are recorded).
pub(crate) fn array<'d>(
    turn: &Turn<'_>,
    frame: FrameId,
    state: &State,
    map: &Map,
    items: &'d Data,
) -> Result<&'d [Value], Failure> {
    if let Some(items) = items.value().as_array() {
        return Ok(items);
    }
    Err(match state.query_language {
        QueryLanguage::JsonPath => {
            let path = map.items_path.as_ref().and_then(Expression::path).map_or("$", Path::text);
            let cause = format!("Reference path \"{path}\" must point to array.");
            dataflow::in_state(turn, frame, Failure::runtime(cause))
        }
        QueryLanguage::Jsonata => {
            let cause = format!("Map state input must be an array but was: {}", items.value().to_json());
            jsonata::failure(turn, frame, None, cause)
        }
    })
}

/// The items before they are known to be an array.
pub(crate) fn items(
    turn: &Turn<'_>,
    frame: FrameId,
    state: &State,
    map: &Map,
    input: &Data,
) -> Result<Data, Failure> {
    match (state.query_language, &map.items_path, &map.items) {
        (QueryLanguage::JsonPath, Some(path), _) => {
            let value = dataflow::expression_value(turn, frame, path, input.value())?;
            dataflow::made(turn, frame, value, Numbers::Java)
        }
        (QueryLanguage::JsonPath, None, _) | (QueryLanguage::Jsonata, _, None) => Ok(input.clone()),
        (QueryLanguage::Jsonata, _, Some(items)) => {
            let found = dataflow::template_of(turn, frame, state, items, input, Extra::default())?;
            match &items.root {
                Node::Jsonata { expression, location } if found.value().as_array().is_none() => {
                    Err(jsonata::unexpected_type(turn, frame, expression, location, ("array", found.value())))
                }
                _ => Ok(found),
            }
        }
    }
}

fn concurrency(turn: &Turn<'_>, frame: FrameId, map: &Map, input: &Value) -> Result<u32, Failure> {
    let most = turn.limits().inline_map_concurrency;
    let Some(field) = &map.max_concurrency else { return Ok(most) };
    let wanted = dataflow::whole_number(turn, frame, field, "MaxConcurrency", input)?;
    if wanted < 0 {
        let cause = Failure::runtime("MaxConcurrency cannot be negative.");
        return Err(dataflow::in_state(turn, frame, cause));
    }
    Ok(if wanted == 0 { most } else { u32::try_from(wanted).unwrap_or(most).min(most) })
}

/// Begins the next iteration, or ends the state when all have finished.
pub(super) fn proceed(turn: &mut Turn<'_>, frame: FrameId, state: &State) -> Result<(), Failure> {
    let Kind::Map(map) = &state.kind else { return Ok(()) };
    let Some(work) = map_work(turn, frame) else { return Ok(()) };
    if work.finished == work.length {
        let outputs = work
            .results
            .iter()
            .map(|output| output.as_ref().map_or(Value::Null, |data| data.value().clone()));
        let outputs = Value::from(outputs.collect::<Vec<Value>>());
        let numbers = match state.query_language {
            QueryLanguage::JsonPath => Numbers::Java,
            QueryLanguage::Jsonata => Numbers::JsonData,
        };
        let result = dataflow::made(turn, frame, outputs, numbers)?;
        turn.emit(frame, Event::Map(MapEvent::Succeeded { result }));
        return Ok(());
    }
    if !work.can_start_more() {
        return Ok(());
    }
    let index = work.next;
    let own = turn.frame(frame).map_or(0, |frame| frame.last);
    let previous = work.last_inner.unwrap_or(own);
    let item = work
        .items
        .value()
        .as_array()
        .and_then(|items| items.get(index as usize))
        .cloned()
        .unwrap_or_default();
    let input = match &map.item_selector {
        None => Data::from_value(item),
        Some(selector) => {
            let input = work.input.clone();
            let extra = Extra { item: Some((index, &item)), ..Extra::default() };
            dataflow::template_of(turn, frame, state, selector, &input, extra)?
        }
    };
    let event = MapEvent::IterationStarted {
        state: Text::from(&state.name),
        index,
        frame: turn.execution.next_frame,
        start_at: Text::from(&map.processor.start_at),
        input,
    };
    turn.emit_after(frame, Event::Map(event), previous);
    Ok(())
}

/// An iteration ended: its output is kept, and the frame may go on with the next item.
pub(super) fn iteration_ended(turn: &mut Turn<'_>, frame: FrameId, iteration: FrameId) {
    let Some(state) = turn.frame(frame).and_then(|frame| frame.visit()).map(|visit| visit.state.clone())
    else {
        return;
    };
    let Some(ended) = turn.frame(iteration) else { return };
    if !matches!(ended.cursor, Cursor::Done { .. }) {
        return;
    }
    let (index, last) = (ended.index, ended.last);
    turn.emit_after(frame, Event::Map(MapEvent::IterationSucceeded { state, index, frame: iteration }), last);
}

fn map_work<'a>(turn: &'a Turn<'_>, frame: FrameId) -> Option<&'a MapWork> {
    match &turn.frame(frame)?.visit()?.work {
        Work::Map(work) => Some(work),
        Work::Begin
        | Work::Task(_)
        | Work::Waiting
        | Work::Backoff
        | Work::Parallel { .. }
        | Work::Returned { .. } => None,
    }
}
