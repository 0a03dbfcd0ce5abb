//! Parallel: every branch gets a copy of the effective input; the result is the array of their outputs.

use std::sync::Arc;

use asl::{Parallel, State};
use value::Payload;

use crate::context::Extra;
use crate::data::Data;
use crate::dataflow;
use crate::event::{Event, ParallelEvent};
use crate::failure::{DATA_LIMIT, Failure};
use crate::frame::{Cursor, Work};
use crate::record::FrameId;
use crate::text::Text;
use crate::turn::Turn;

pub(super) fn begin(
    turn: &mut Turn<'_>,
    frame: FrameId,
    state: &State,
    parallel: &Parallel,
) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    let input = dataflow::payload(turn, frame, state, &input, Extra::default())?;
    let first = turn.execution.next_frame;
    let start_at = parallel.branches.iter().map(|branch| Text::from(&branch.start_at)).collect();
    turn.emit(frame, Event::Parallel(ParallelEvent::Started { first, start_at, input }));
    Ok(())
}

/// A branch ended: when it was the last one, the state has its result.
pub(super) fn branch_ended(turn: &mut Turn<'_>, frame: FrameId, branch: FrameId) {
    let Some(visit) = turn.frame(frame).and_then(|frame| frame.visit()) else { return };
    let Work::Parallel { first, count } = visit.work else { return };
    let mut outputs = Vec::with_capacity(count as usize);
    for id in first..first.saturating_add(count) {
        match turn.frame(id).map(|frame| &frame.cursor) {
            Some(Cursor::Done { output }) => outputs.push(output.clone()),
            _ => return,
        }
    }
    let last = turn.frame(branch).map_or(0, |frame| frame.last);
    let length: usize = outputs.iter().map(|output| output.payload().len() + 1).sum();
    if turn.limits().payload_bytes.is_some_and(|most| length >= most) {
        let failure = Failure::new(DATA_LIMIT, dataflow::too_large(&visit.state.clone()));
        return turn.fail(frame, failure);
    }
    let result = join(&outputs);
    turn.emit_after(frame, Event::Parallel(ParallelEvent::Succeeded { result }), last);
}

/// The array of these payloads, each in its own text: the service keeps their spacing (recorded).
fn join(outputs: &[Data]) -> Data {
    let length: usize = outputs.iter().map(|output| output.payload().len() + 1).sum();
    let mut text = String::with_capacity(length + 2);
    text.push('[');
    for (index, output) in outputs.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(output.payload().text());
    }
    text.push(']');
    Data::new(Payload::from_trusted_text(Arc::from(text)))
}
