//! Succeed: ends its flow with the input, after InputPath and OutputPath (recorded: the service takes both here).

use asl::State;

use crate::dataflow;
use crate::failure::Failure;
use crate::record::FrameId;
use crate::turn::Turn;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, state: &State) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    dataflow::leave(turn, frame, state, input, Vec::new(), None)
}
