//! Parallel and Map under test: everything that they do before their branches and iterations would run, and then the mock.

use asl::{Map, NumberField, State};
use value::{Object, Payload, Value};

use super::{Bench, Mock, Stage, item_reader};
use crate::context::Extra;
use crate::data::Data;
use crate::dataflow::{self, jsonata};
use crate::event::{Event, MapEvent, ParallelEvent};
use crate::failure::{DATA_LIMIT, Failure, TIMEOUT};
use crate::record::FrameId;
use crate::step;
use crate::turn::Turn;

/// Error name of a Map with more failures than it tolerates.
const EXCEEDED: &str = "States.ExceedToleratedFailureThreshold";
/// How long the ItemSelector may be busy with the items of one test, in spans of the environment's deadline (a second each).
const SELECTOR_SPANS: u32 = 20;

/// A Parallel: its input, then the mock.
pub(crate) fn parallel(turn: &mut Turn<'_>, frame: FrameId, state: &State) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    dataflow::payload(turn, frame, state, &input, Extra::default())?;
    let result = mocked(turn)?;
    turn.emit(frame, Event::Parallel(ParallelEvent::Succeeded { result }));
    Ok(())
}

/// A Map: its items, what its iterations get, what it tolerates, then the mock.
pub(crate) fn map(turn: &mut Turn<'_>, frame: FrameId, state: &State, map: &Map) -> Result<(), Failure> {
    let Some(bench) = turn.bench else { return Ok(()) };
    let input = dataflow::effective_input(turn, frame, state)?;
    let items = match (&map.distributed.item_reader, &bench.setup.map_item_reader_data) {
        (None, _) => Some(step::map::items(turn, frame, state, map, &input)?),
        (Some(reader), Some(text)) => Some(item_reader::items(turn, frame, reader, text, &input)?),
        // What the ItemReader would read is not known.
        (Some(_), None) => None,
    };
    let mut iterations = None;
    if let Some(items) = &items {
        let list = step::map::array(turn, frame, state, map, items)?;
        if map.distributed.item_reader.is_none() {
            turn.note(Stage::AfterItemsPath, &listed(turn, frame, list.iter().map(Value::to_json))?);
        }
        let inputs = inputs(turn, frame, state, map, &input, list)?;
        iterations = Some(batches(turn, frame, state, map, &input, inputs)?);
    }
    let tolerated = tolerances(turn, frame, map, input.value())?;
    turn.inspect(|seen| seen.iterations = iterations);
    let result = mocked(turn)?;
    let failed = bench.setup.map_iteration_failure_count;
    let all = iterations.or_else(|| result.value().as_array().map(|items| items.len() as u64));
    if tolerated.is_exceeded(failed, all.unwrap_or(0)) {
        return Err(Failure::new(EXCEEDED, "The specified tolerated failure threshold was exceeded"));
    }
    turn.emit(frame, Event::Map(MapEvent::Succeeded { result }));
    Ok(())
}

/// The mocked result, or the mocked failure.
fn mocked(turn: &Turn<'_>) -> Result<Data, Failure> {
    match turn.bench.and_then(|bench: &Bench| bench.setup.mock.as_ref()) {
        Some(Mock::Result(result)) => Ok(Data::new(result.clone())),
        Some(Mock::Failure(failure)) => Err(failure.clone()),
        None => Err(Failure::runtime("A mock is needed to test a Map or a Parallel state.")),
    }
}

/// A list as TestState shows it: its elements compact, with a space after each comma (recorded).
fn listed(turn: &Turn<'_>, frame: FrameId, elements: impl Iterator<Item = String>) -> Result<Data, Failure> {
    let most = turn.limits().payload_bytes.unwrap_or(usize::MAX);
    let mut text = String::from("[");
    for element in elements {
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(&element);
        if text.len() >= most {
            let state = turn.frame(frame).and_then(|frame| frame.visit()).map(|visit| visit.state.clone());
            return Err(Failure::new(DATA_LIMIT, dataflow::too_large(state.as_deref().unwrap_or_default())));
        }
    }
    text.push(']');
    Ok(Data::new(Payload::from_trusted_text(text.into())))
}

/// ItemSelector for every item.
fn inputs(
    turn: &Turn<'_>,
    frame: FrameId,
    state: &State,
    map: &Map,
    input: &Data,
    items: &[Value],
) -> Result<Vec<Value>, Failure> {
    let Some(selector) = &map.item_selector else { return Ok(items.to_vec()) };
    let deadline = turn.execution.environment.deadline;
    let (mut is_over, mut spans) = (deadline(), 0);
    let mut selected = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if is_over() {
            spans += 1;
            is_over = deadline();
        }
        if spans >= SELECTOR_SPANS {
            let cause = format!("ItemSelector took longer than {SELECTOR_SPANS} seconds for {index} items.");
            return Err(Failure::new(TIMEOUT, cause));
        }
        let extra = Extra { item: Some((index as u32, item)), ..Extra::default() };
        let made = dataflow::template_of(turn, frame, state, selector, input, extra)?;
        selected.push(made.value().clone());
    }
    turn.note(Stage::AfterItemSelector, &listed(turn, frame, selected.iter().map(Value::to_json))?);
    Ok(selected)
}

/// ItemBatcher; returns how many iterations there are.
fn batches(
    turn: &Turn<'_>,
    frame: FrameId,
    state: &State,
    map: &Map,
    input: &Data,
    items: Vec<Value>,
) -> Result<u64, Failure> {
    let Some(batcher) = &map.distributed.item_batcher else { return Ok(items.len() as u64) };
    let limit = |field: &Option<NumberField>, name: &str| match field {
        None => Ok(usize::MAX),
        Some(field) => {
            let number = dataflow::whole_number(turn, frame, field, name, input.value())?;
            usize::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| {
                let cause = format!("{name} must be a positive number but was: {number}");
                dataflow::in_state(turn, frame, Failure::runtime(cause))
            })
        }
    };
    let most_items = limit(&batcher.max_items, "MaxItemsPerBatch")?;
    let most_bytes = limit(&batcher.max_input_bytes, "MaxInputBytesPerBatch")?;
    let shared = match &batcher.batch_input {
        None => None,
        Some(template) => {
            let made = dataflow::template_of(turn, frame, state, template, input, Extra::default())?;
            Some(made.value().clone())
        }
    };
    let mut batches: Vec<Vec<Value>> = Vec::new();
    let mut bytes = 0_usize;
    for item in items {
        let length = item.to_json().len() + 1;
        match batches.last_mut() {
            Some(batch) if batch.len() < most_items && bytes.saturating_add(length) <= most_bytes => {
                bytes += length;
                batch.push(item);
            }
            _ => {
                bytes = length;
                batches.push(vec![item]);
            }
        }
    }
    let count = batches.len() as u64;
    let shown = batches.into_iter().map(|items| {
        let mut batch = Object::default();
        if let Some(shared) = &shared {
            batch.insert("BatchInput", shared.clone());
        }
        batch.insert("Items", Value::from(items));
        Value::Obj(batch).to_json()
    });
    turn.note(Stage::AfterItemBatcher, &listed(turn, frame, shown)?);
    Ok(count)
}

/// What a Map tolerates.
#[derive(Clone, Copy, Debug)]
struct Tolerances {
    count: Option<u64>,
    percentage: Option<f64>,
}

impl Tolerances {
    /// Whether so many failures are too many. A Map that says nothing tolerates all that the tester claims (recorded).
    fn is_exceeded(self, failed: u64, all: u64) -> bool {
        let over_percentage = |most: f64| all > 0 && failed as f64 * 100.0 / all as f64 > most;
        self.count.is_some_and(|most| failed > most) || self.percentage.is_some_and(over_percentage)
    }
}

/// `MaxConcurrency`, `ToleratedFailureCount` and `ToleratedFailurePercentage`.
fn tolerances(turn: &Turn<'_>, frame: FrameId, map: &Map, data: &Value) -> Result<Tolerances, Failure> {
    let whole = |field: &Option<NumberField>, name: &str| match field {
        None => Ok(None),
        Some(field) => {
            let number = dataflow::whole_number(turn, frame, field, name, data)?;
            match u64::try_from(number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => {
                    let cause = Failure::runtime(format!("{name} cannot be negative."));
                    Err(dataflow::in_state(turn, frame, cause))
                }
            }
        }
    };
    let concurrency = whole(&map.max_concurrency, "MaxConcurrency")?;
    turn.inspect(|seen| seen.max_concurrency = Some(concurrency.unwrap_or(0)));
    let count = whole(&map.distributed.tolerated_failure_count, "ToleratedFailureCount")?;
    turn.inspect(|seen| seen.tolerated_failure_count = count);
    let percentage = match &map.distributed.tolerated_failure_percentage {
        None => None,
        Some(field) => Some(percentage(turn, frame, field, data)?),
    };
    turn.inspect(|seen| seen.tolerated_failure_percentage = percentage);
    Ok(Tolerances { count, percentage })
}

fn percentage(turn: &Turn<'_>, frame: FrameId, field: &NumberField, data: &Value) -> Result<f64, Failure> {
    const NAME: &str = "ToleratedFailurePercentage";
    let found = match field {
        NumberField::Literal(number) => return Ok(*number),
        NumberField::Path(path) => dataflow::expression_value(turn, frame, path, data)?,
        NumberField::Jsonata(expression) => {
            jsonata::expression(turn, frame, expression, NAME, jsonata::Bindings::of_input(data))?
        }
    };
    found.as_f64().filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| {
        let cause = Failure::runtime(format!("{NAME} must be between 0 and 100."));
        dataflow::in_state(turn, frame, cause)
    })
}

#[cfg(test)]
mod tests {
    use super::Tolerances;

    #[test]
    fn a_threshold_is_exceeded_above_it() {
        let check = |count: Option<u64>, percentage: Option<f64>, failed: u64, all: u64, expected: bool| {
            let found = Tolerances { count, percentage }.is_exceeded(failed, all);
            assert_eq!(found, expected, "{count:?} {percentage:?} {failed} of {all}");
        };
        check(None, None, 3, 3, false);
        check(Some(1), None, 1, 3, false);
        check(Some(1), None, 2, 3, true);
        check(None, Some(50.0), 1, 2, false);
        check(None, Some(50.0), 2, 3, true);
        check(None, Some(0.0), 0, 0, false);
        check(Some(5), Some(10.0), 1, 3, true);
    }
}
