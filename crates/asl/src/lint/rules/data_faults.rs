//! Hands each fault of the data flow to its rule. What the faults are is the analysis's to find.

use super::super::Lint;
use super::super::flow::{Analysis, FaultKind};
use super::super::graph::Way;
use super::{
    dead_rule, intrinsic_fails, missing_on_some_ways, not_an_object, path_never_there, unassigned_variable,
    wrong_type,
};

pub(super) fn check(lint: &mut Lint<'_>, analysis: &mut Analysis<'_>) {
    if analysis.follows_variables() {
        lint.forget_unseen_variables();
    }
    for fault in analysis.faults() {
        match &fault.kind {
            FaultKind::Missing { .. } | FaultKind::PastEnd { .. } => path_never_there::report(lint, &fault),
            FaultKind::Sometimes { .. } => missing_on_some_ways::report(lint, &fault),
            FaultKind::Unassigned { .. } | FaultKind::Unknown { .. } => {
                unassigned_variable::report(lint, &fault)
            }
            FaultKind::WrongType { .. } => wrong_type::report(lint, &fault),
            FaultKind::NotAnObject { .. } => not_an_object::report(lint, &fault),
            FaultKind::Intrinsic { .. } => intrinsic_fails::report(lint, &fault),
            FaultKind::DeadRule { .. } => dead_rule::report(lint, &fault),
        }
    }
}

/// Where data comes from, for a sentence: "from `A` and from `B` (when it catches an error)".
pub(super) fn origins(lint: &Lint<'_>, origins: &[(usize, Way)]) -> String {
    let shown: Vec<String> = origins
        .iter()
        .take(4)
        .map(|(state, way)| {
            let name = lint.name(*state);
            match way {
                Way::Catch(_) => format!("from `{name}` when it catches an error"),
                Way::Rule(rule) => format!("from `{name}` by rule {rule}"),
                Way::Default => format!("from `{name}` by default"),
                Way::Inside => format!("from the start, inside `{name}`"),
                Way::Next => format!("from `{name}`"),
            }
        })
        .collect();
    match origins.len() - shown.len() {
        0 => shown.join(" or "),
        more => format!("{} or in {more} more ways", shown.join(", ")),
    }
}
