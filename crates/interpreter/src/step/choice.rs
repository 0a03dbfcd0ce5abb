//! Choice: the first rule that holds decides; else `Default`; else the execution fails.

use asl::{Choice, Condition, State};

use crate::context::Extra;
use crate::data::Data;
use crate::dataflow;
use crate::dataflow::jsonata::{self, Bindings};
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
        if holds(turn, frame, &rule.condition, &input)? {
            // Only the rule's own Assign and Output count when it matches; the state's are for Default (recorded for Assign).
            let templates = (rule.assign.as_ref(), rule.output.as_ref());
            return dataflow::pass_on(turn, frame, state, input, templates, Some(Text::from(&rule.next)));
        }
    }
    let Some(default) = &choice.default else {
        let cause = Failure::runtime(
            "Failed to transition out of the state. The state's Choices do not match, and no Default is specified.",
        );
        return Err(dataflow::in_state(turn, frame, cause));
    };
    let templates = (state.assign.as_ref(), state.output.as_ref());
    dataflow::pass_on(turn, frame, state, input, templates, Some(Text::from(default)))
}

fn holds(turn: &Turn<'_>, frame: FrameId, condition: &Condition, input: &Data) -> Result<bool, Failure> {
    if let Condition::Jsonata(expression) = condition {
        let found =
            jsonata::expression(turn, frame, expression, "Condition", Bindings::of_input(input.value()))?;
        return found.as_bool().ok_or_else(|| {
            jsonata::unexpected_type(turn, frame, expression, "Condition", ("boolean", &found))
        });
    }
    turn.see(frame, input.value(), Extra::default(), |scope| condition.evaluate(scope))
        .map_err(|error| dataflow::evaluation_failure(turn, frame, &error))
}
