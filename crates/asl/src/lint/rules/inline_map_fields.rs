//! SW4009: fields of a distributed Map on one that is not.

use super::super::Lint;
use super::super::flow::Step;
use super::super::graph::is_distributed;
use super::super::place::Place;
use crate::Kind;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW4009",
    title: "field of a distributed Map",
    text: "Reading items, batches, writing results, tolerated failures and labels are a distributed Map's (developer guide, \"Using \
           Map state in Distributed mode\"). This Map is inline: set Mode to DISTRIBUTED and say the ExecutionType, or take the \
           field away.",
    example: "\"Each\": {\"Type\": \"Map\", \"ItemBatcher\": {\"MaxItemsPerBatch\": 10}, \"ItemProcessor\": {\"StartAt\": …}}",
    aws: "",
};

/// What only a distributed Map does.
const FIELDS: [&str; 8] = [
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "Label",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        if !matches!(state.kind, Kind::Map(_)) || is_distributed(state) {
            continue;
        }
        for field in FIELDS {
            if lint.has_field(at, field) {
                let place = Place::key(at, vec![Step::Key(field.into())]);
                let message = format!("`{field}` is a distributed Map's, and this one is inline");
                lint.report(&RULE, Severity::Warning, &place, message, None);
            }
        }
    }
}
