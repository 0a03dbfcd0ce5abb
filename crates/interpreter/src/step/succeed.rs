//! Succeed: ends its flow with the input, after InputPath and OutputPath (recorded: the service takes both here).

use asl::State;

use crate::dataflow;
use crate::failure::Failure;
use crate::record::FrameId;
use crate::turn::Turn;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    dataflow::pass_on(turn, frame, state, input, (None, state.output.as_ref()), None)
}
