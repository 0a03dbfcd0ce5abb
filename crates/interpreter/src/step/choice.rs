//! Choice: the first rule that holds decides; else `Default`; else the execution fails.

use asl::{Choice, State};

use crate::context::Extra;
use crate::dataflow;
use crate::failure::Failure;
use crate::record::FrameId;
use crate::text::Text;
use crate::turn::Turn;

pub(super) fn begin(
    turn: &mut Turn<'_>,
    frame: FrameId,
    state: &State,
    choice: &Choice,
) -> Result<(), Failure> {
    let input = dataflow::effective_input(turn, frame, state)?;
    for rule in &choice.rules {
        let holds = turn
            .see(frame, input.value(), Extra::default(), |scope| rule.condition.evaluate(scope))
            .map_err(|error| dataflow::evaluation_failure(turn, frame, &error))?;
        if holds {
            // Only the rule's own Assign runs when it matches (developer guide, "Choice").
            let assigned = dataflow::assign(turn, frame, rule.assign.as_ref(), input.value())?;
            return dataflow::leave(turn, frame, state, input, assigned, Some(Text::from(&rule.next)));
        }
    }
    let Some(default) = &choice.default else {
        let cause = Failure::runtime(
            "Failed to transition out of the state. The state's Choices do not match, and no Default is specified.",
        );
        return Err(dataflow::in_state(turn, frame, cause));
    };
    let assigned = dataflow::assign(turn, frame, state.assign.as_ref(), input.value())?;
    dataflow::leave(turn, frame, state, input, assigned, Some(Text::from(default)))
}
