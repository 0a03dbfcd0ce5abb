//! Pass: its result is `Result`, or the effective input after `Parameters`; in JSONata it has only Assign and Output.

use asl::{Pass, QueryLanguage, State};

use crate::context::Extra;
use crate::data::Data;
use crate::dataflow;
use crate::failure::Failure;
use crate::record::FrameId;
use crate::turn::Turn;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State, pass: &Pass) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    if state.query_language == QueryLanguage::Jsonata {
        let templates = (state.assign.as_ref(), state.output.as_ref());
        return dataflow::pass_on(turn, frame, state, input, templates, dataflow::next_of(state));
    }
    let result = match &pass.result {
        Some(result) => Data::new(result.clone()),
        None => dataflow::payload(turn, frame, state, &input, Extra::default())?,
    };
    dataflow::conclude(turn, frame, state, &result)
}
