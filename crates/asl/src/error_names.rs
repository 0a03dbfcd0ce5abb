//! Error names: the wildcards of `ErrorEquals`, and which error each of them matches. Retry and Catch policy is the
//! interpreter's.

use crate::Name;

/// The wildcard for (almost) every error.
pub const ALL: &str = "States.ALL";
/// The wildcard for every error but a timeout.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A task, heartbeat or execution timeout.
pub const TIMEOUT: &str = "States.Timeout";
/// A heartbeat that did not come. The history shows it as `States.Timeout` (recorded).
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// An error that no Retrier and no Catcher sees.
pub const RUNTIME: &str = "States.Runtime";
/// A failed intrinsic function.
pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";
/// A failed JSONata expression.
pub const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";

/// Whether a Retrier or Catcher with this `ErrorEquals` is meant for `error`.
///
/// `States.Runtime` is matched by nothing, not even by its own name (recorded). `States.ALL` matches everything else,
/// `States.DataLimitExceeded` included (recorded, against the documentation). `States.TaskFailed` matches everything
/// but timeouts; `States.Timeout` matches a missed heartbeat too (developer guide, "Error names").
pub fn error_matches(error_equals: &[Name], error: &str) -> bool {
    error != RUNTIME && error_equals.iter().any(|name| name_matches(name, error))
}

fn name_matches(name: &str, error: &str) -> bool {
    match name {
        _ if name == error => true,
        ALL => true,
        TASK_FAILED => error != TIMEOUT && error != HEARTBEAT_TIMEOUT,
        TIMEOUT => error == HEARTBEAT_TIMEOUT,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_what_the_service_matches() {
        for (names, error, wanted) in [
            (&["States.ALL"][..], "Custom", true),
            (&["States.ALL"], "States.Timeout", true),
            (&["States.ALL"], "States.DataLimitExceeded", true),
            (&["States.ALL"], "States.Runtime", false),
            (&["States.Runtime"], "States.Runtime", false),
            (&["States.TaskFailed"], "Custom", true),
            (&["States.TaskFailed"], "States.Permissions", true),
            (&["States.TaskFailed"], "States.Timeout", false),
            (&["States.TaskFailed"], "States.HeartbeatTimeout", false),
            (&["States.Timeout"], "States.HeartbeatTimeout", true),
            (&["States.HeartbeatTimeout"], "States.Timeout", false),
            (&["A", "B"], "B", true),
            (&["A", "B"], "b", false),
            (&[], "A", false),
        ] {
            let names: Vec<Name> = names.iter().map(|name| Name::from(*name)).collect();
            assert_eq!(error_matches(&names, error), wanted, "{names:?} {error}");
        }
    }
}
