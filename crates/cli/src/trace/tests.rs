//! Histories and the trees that they become.

use serde_json::{Value, json};

use super::{Event, Trace};
use crate::terminal::Stream;

/// `(id, previous, type, details)`; each event is a second after the one before it.
type Row = (i64, i64, &'static str, Value);

fn fold(rows: &[Row]) -> (Trace, Vec<String>) {
    let mut trace = Trace::new("order");
    let mut lines = Vec::new();
    for (id, previous, kind, details) in rows {
        let event = Event { id: *id, previous: *previous, at: id * 1000, kind, details: details.clone() };
        if let Some(step) = trace.apply(&event) {
            let line = trace.line(&step, &Stream::PIPE);
            lines.push(line.split_once("  ").unwrap().1.to_owned());
        }
    }
    (trace, lines)
}

#[track_caller]
fn check(rows: &[Row], tree: &[&str], steps: &[&str]) {
    let (trace, lines) = fold(rows);
    assert_eq!(trace.tree(100_000, &Stream::PIPE), tree);
    assert_eq!(lines, steps);
}

fn name(name: &str) -> Value {
    json!({ "name": name })
}

#[test]
fn retries_and_catchers_are_shown() {
    let error = |error: &str| json!({ "error": error });
    let rows = [
        (1, 0, "ExecutionStarted", Value::Null),
        (2, 0, "TaskStateEntered", name("Charge")),
        (3, 2, "LambdaFunctionScheduled", Value::Null),
        (4, 3, "LambdaFunctionStarted", Value::Null),
        (5, 4, "LambdaFunctionFailed", error("Busy")),
        (6, 5, "LambdaFunctionScheduled", Value::Null),
        (7, 6, "LambdaFunctionSucceeded", Value::Null),
        (8, 7, "TaskStateExited", name("Charge")),
        (9, 8, "TaskStateEntered", name("Ship")),
        (10, 9, "TaskScheduled", Value::Null),
        (11, 10, "TaskTimedOut", Value::Null),
        (12, 11, "TaskStateExited", name("Ship")),
        (13, 12, "FailStateEntered", name("Rejected")),
        (14, 13, "ExecutionFailed", error("OrderRejected")),
    ];
    check(
        &rows,
        &[
            "order  FAILED 13.0 s",
            "├─ ✓ Charge    task         6.0 s   attempt 2 (Busy before)",
            "├─ ↷ Ship      task         3.0 s   States.Timeout → caught",
            "└─ ✗ Rejected  fail         1.0 s",
        ],
        &[
            "! Charge  task  attempt 1 failed: Busy",
            "✓ Charge  task  6.0 s   attempt 2 (Busy before)",
            "! Ship  task  attempt 1 failed: States.Timeout",
            "↷ Ship  task  3.0 s   States.Timeout → caught",
            "✗ FAILED in 13.0 s",
        ],
    );
}

#[test]
fn branches_and_iterations_lie_in_their_states() {
    let rows = [
        (1, 0, "ExecutionStarted", Value::Null),
        (2, 0, "ParallelStateEntered", name("Both")),
        (3, 2, "ParallelStateStarted", Value::Null),
        (4, 3, "PassStateEntered", name("A")),
        (5, 4, "PassStateExited", name("A")),
        (6, 3, "TaskStateEntered", name("B")),
        (7, 6, "TaskScheduled", Value::Null),
        (8, 7, "TaskSubmitted", Value::Null),
        (9, 5, "PassStateEntered", name("A2")),
        (10, 9, "PassStateExited", name("A2")),
        (11, 8, "TaskSucceeded", Value::Null),
        (12, 11, "TaskStateExited", name("B")),
        (13, 10, "ParallelStateSucceeded", Value::Null),
        (14, 13, "ParallelStateExited", name("Both")),
        (15, 14, "MapStateEntered", name("Each")),
        (16, 15, "MapStateStarted", json!({"length": 2})),
        (17, 16, "MapIterationStarted", json!({"name": "Each", "index": 0})),
        (18, 16, "MapIterationStarted", json!({"name": "Each", "index": 1})),
        (19, 17, "PassStateEntered", name("P")),
        (20, 19, "PassStateExited", name("P")),
        (21, 20, "MapIterationSucceeded", json!({"name": "Each", "index": 0})),
    ];
    check(
        &rows,
        &[
            "order  RUNNING 1 m 39 s",
            "├─ ✓ Both  parallel    12.0 s",
            "│  ├─ ✓ A   pass         1.0 s",
            "│  ├─ ✓ B   task         6.0 s",
            "│  └─ ✓ A2  pass         1.0 s",
            "└─ ▸ Each  map       1 m 25 s   1/2  ████████░░░░░░░░░",
        ],
        &[
            "▸ Both  parallel",
            "  ✓ A  pass  1.0 s",
            "  ▸ B  task  waiting for an answer",
            "  ✓ A2  pass  1.0 s",
            "  ✓ B  task  6.0 s",
            "✓ Both  parallel  12.0 s",
            "▸ Each  map",
            "    ✓ P  pass  1.0 s",
        ],
    );
}

#[test]
fn a_branch_that_fails_ends_the_others() {
    let rows = [
        (1, 0, "ExecutionStarted", Value::Null),
        (2, 0, "ParallelStateEntered", name("Both")),
        (3, 2, "ParallelStateStarted", Value::Null),
        (4, 3, "TaskStateEntered", name("A")),
        (5, 3, "WaitStateEntered", name("B")),
        (6, 4, "TaskScheduled", Value::Null),
        (7, 6, "TaskFailed", json!({"error": "E"})),
        (8, 7, "ParallelStateFailed", Value::Null),
        (9, 8, "ParallelStateExited", name("Both")),
        (10, 9, "PassStateEntered", name("Undo")),
        (11, 10, "ExecutionAborted", Value::Null),
    ];
    let (trace, _) = fold(&rows);
    assert_eq!(
        trace.tree(100_000, &Stream::PIPE),
        [
            "order  ABORTED 10.0 s",
            "├─ ↷ Both  parallel     7.0 s   E → caught",
            "│  ├─ ✗ A  task         4.0 s   E",
            "│  └─ ∅ B  wait         3.0 s",
            "└─ ∅ Undo  pass         1.0 s",
        ]
    );
    assert_eq!((trace.transitions(), trace.event_count(), trace.is_ended()), (4, 11, true));
}

#[test]
fn histories_that_make_no_sense_change_nothing() {
    let rows = [
        (5, 4, "MapIterationSucceeded", Value::Null),
        (5, 4, "PassStateEntered", name("twice the same id")),
        (6, 99, "ParallelStateFailed", Value::Null),
        (7, 6, "PassStateExited", name("never entered")),
        (8, 7, "TaskFailed", Value::Null),
    ];
    let (trace, _) = fold(&rows);
    assert_eq!(trace.children(trace.root()).count(), 0);
}

#[test]
fn only_the_executions_own_timeout_is_timed_out() {
    let rows = |end: &'static str| {
        [
            (1, 0, "ExecutionStarted", Value::Null),
            (2, 0, "WaitStateEntered", name("W")),
            (3, 2, end, json!({ "error": "States.Timeout" })),
        ]
    };
    check(
        &rows("ExecutionTimedOut"),
        &["order  TIMED_OUT 2.0 s", "└─ ∅ W  wait         1.0 s"],
        &["✗ TIMED_OUT in 2.0 s"],
    );
    check(
        &rows("ExecutionFailed"),
        &["order  FAILED 2.0 s", "└─ ∅ W  wait         1.0 s"],
        &["✗ FAILED in 2.0 s"],
    );
}

#[test]
fn a_redrive_goes_on_with_what_had_not_ended_well() {
    let error = json!({ "error": "Boom" });
    let rows = [
        (1, 0, "ExecutionStarted", Value::Null),
        (2, 0, "ParallelStateEntered", name("Both")),
        (3, 2, "ParallelStateStarted", Value::Null),
        (4, 3, "TaskStateEntered", name("A")),
        (5, 4, "TaskScheduled", Value::Null),
        (6, 3, "TaskStateEntered", name("B")),
        (7, 6, "TaskScheduled", Value::Null),
        (8, 5, "TaskSucceeded", Value::Null),
        (9, 8, "TaskStateExited", name("A")),
        (10, 7, "TaskFailed", error.clone()),
        (11, 10, "TaskStateAborted", Value::Null),
        (12, 10, "ParallelStateFailed", Value::Null),
        (13, 12, "ExecutionFailed", error),
        (14, 13, "ExecutionRedriven", json!({ "redriveCount": 1 })),
        (15, 6, "TaskScheduled", Value::Null),
        (16, 15, "TaskSucceeded", Value::Null),
        (17, 16, "TaskStateExited", name("B")),
        (18, 17, "ParallelStateSucceeded", Value::Null),
        (19, 17, "ParallelStateExited", name("Both")),
    ];
    let (mut trace, _) = fold(&rows);
    assert!(!trace.is_ended(), "it goes on");
    let ended = Event { id: 20, previous: 19, at: 20_000, kind: "ExecutionSucceeded", details: Value::Null };
    trace.apply(&ended);
    assert_eq!(
        trace.tree(100_000, &Stream::PIPE),
        [
            "order  SUCCEEDED 19.0 s",
            "└─ ✓ Both  parallel    17.0 s",
            "   ├─ ✓ A  task         5.0 s",
            "   └─ ✓ B  task        11.0 s   attempt 2 (Boom before)",
        ]
    );
}
