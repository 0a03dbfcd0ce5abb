//! SW3002: a task that waits for a token or a worker, without a heartbeat.

use super::super::Lint;
use super::super::place::Place;
use super::tasks;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Pattern, ResourceKind};

pub(super) const RULE: Rule = Rule {
    code: "SW3002",
    title: "waiting task without a heartbeat",
    text: "Whoever has the task's token may be gone. With HeartbeatSeconds the state fails soon after the last sign of life \
           (SendTaskHeartbeat) and can be retried; without it, only TimeoutSeconds or a year ends it. A person who is asked \
           for approval sends no heartbeats: there TimeoutSeconds is enough.",
    example: "\"Resource\": \"arn:aws:states:::lambda:invoke.waitForTaskToken\", \"HeartbeatSeconds\": 60",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    for (at, _, task) in tasks(lint) {
        let what = match &task.resource.kind {
            ResourceKind::Activity => "a worker",
            ResourceKind::Service { pattern: Pattern::WaitForTaskToken, .. } => "a token",
            _ => continue,
        };
        if task.heartbeat.is_some() {
            continue;
        }
        let is_bounded = task.timeout.is_some() || lint.machine.timeout_seconds.is_some();
        let severity = if is_bounded { Severity::Note } else { Severity::Warning };
        let message = format!("the Task waits for {what} without HeartbeatSeconds");
        lint.report(&RULE, severity, &Place::state(at), message, None);
    }
}
