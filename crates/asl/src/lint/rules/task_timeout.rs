//! SW3001: a Task without a timeout.

use super::super::Lint;
use super::super::place::Place;
use super::{integration, tasks};
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Pattern, ResourceKind, Task};

pub(super) const RULE: Rule = Rule {
    code: "SW3001",
    title: "Task without a timeout",
    text: "A Task without TimeoutSeconds waits as long as the execution may run: a year. A worker that is gone, a job that hangs \
           or a token that nobody returns leaves the execution open for as long. Give the state TimeoutSeconds, or the state \
           machine one for all. Functions and HTTP calls have limits of their own, so there it is advice.",
    example: "\"Approve\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::sqs:sendMessage.waitForTaskToken\", …}",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    if lint.machine.timeout_seconds.is_some() || lint.is_express() {
        return;
    }
    for (at, _, task) in tasks(lint) {
        if task.timeout.is_some() || has_short_limit(task) {
            continue;
        }
        let (severity, message) = match waits_for(task) {
            Some(what) => {
                (Severity::Warning, format!("without TimeoutSeconds the Task waits for {what} up to a year"))
            }
            None => (Severity::Note, "the Task has no TimeoutSeconds".to_owned()),
        };
        lint.report(&RULE, severity, &Place::state(at), message, None);
    }
}

/// What the task waits for, apart from an answer.
fn waits_for(task: &Task) -> Option<&'static str> {
    match &task.resource.kind {
        ResourceKind::Activity => Some("a worker"),
        ResourceKind::Service { pattern: Pattern::WaitForTaskToken, .. } => Some("its token"),
        ResourceKind::Service { pattern: Pattern::Sync | Pattern::Sync2, .. } => Some("the job"),
        _ => None,
    }
}

/// HTTP tasks end after 60 seconds whatever the definition says.
fn has_short_limit(task: &Task) -> bool {
    integration(task).is_some_and(|(service, ..)| service == "http")
}
