//! Fail: a failure with `Error` and `Cause`, either of which may be absent. There is no exited event.

use asl::Fail;

use crate::dataflow;
use crate::failure::Failure;
use crate::record::FrameId;
use crate::test_state::Stage;
use crate::turn::Turn;

pub(super) fn begin(turn: &mut Turn<'_>, frame: FrameId, fail: &Fail) -> Result<(), Failure> {
    let input = dataflow::raw_input(turn, frame);
    turn.note(Stage::AfterInputPath, &input);
    let text = |field: &Option<asl::TextField>, name: &str| match field {
        Some(field) => dataflow::text(turn, frame, field, name, input.value()),
        None => Ok(None),
    };
    let error = text(&fail.error, "Error")?;
    let cause = text(&fail.cause, "Cause")?;
    Err(Failure { error, cause })
}
