//! SW3014: times that cannot pass.

use super::super::Lint;
use super::super::events::literal_seconds;
use super::super::flow::Step;
use super::super::place::Place;
use super::integration;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Kind, NumberField, Retrier, State};

pub(super) const RULE: Rule = Rule {
    code: "SW3014",
    title: "time that cannot pass",
    text: "An Express workflow ends after five minutes and a Standard execution after a year, or when the state machine's \
           TimeoutSeconds are over. A wait that is longer never ends, a timeout that is longer never comes, and a Retrier whose \
           MaxDelaySeconds is below its IntervalSeconds never waits that interval. HTTP tasks end after 60 seconds.",
    example: "\"TimeoutSeconds\": 600, … \"Rest\": {\"Type\": \"Wait\", \"Seconds\": 900, …}",
    aws: "States.Timeout at run time",
};

/// The longest an execution may take.
const EXPRESS_SECONDS: f64 = 300.0;
const STANDARD_SECONDS: f64 = 31_536_000.0;

/// How long an HTTP task may take.
const HTTP_SECONDS: f64 = 60.0;

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    let (most, why) = if lint.is_express() {
        (EXPRESS_SECONDS, "an Express workflow ends after 300 seconds")
    } else {
        (STANDARD_SECONDS, "an execution ends after a year")
    };
    let timeout = machine.timeout_seconds.map(|seconds| seconds as f64);
    if timeout.is_some_and(|seconds| seconds > most) {
        let message = format!("the timeout never comes: {why}");
        lint.report(&RULE, Severity::Warning, &Place::top("TimeoutSeconds"), message, None);
    }
    let (most, why) = match timeout {
        Some(timeout) if timeout <= most => (timeout, "the state machine's TimeoutSeconds are over before"),
        _ => (most, why),
    };
    for (at, state) in machine.states.iter().enumerate() {
        if literal_seconds(&state.kind).is_some_and(|seconds| seconds >= most && seconds > 0.0) {
            let message = format!("the wait never ends: {why}");
            lint.report(&RULE, Severity::Error, &Place::field(at, "Seconds"), message, None);
        }
        check_task(lint, at, state, (most, why));
        for (number, retrier) in state.retry.iter().enumerate() {
            check_retrier(lint, at, number, retrier);
        }
    }
}

fn check_task(lint: &mut Lint<'_>, at: usize, state: &State, (most, why): (f64, &str)) {
    let Kind::Task(task) = &state.kind else { return };
    let Some(NumberField::Literal(seconds)) = task.timeout else { return };
    if seconds > most {
        let message = format!("the timeout never comes: {why}");
        lint.report(&RULE, Severity::Warning, &Place::field(at, "TimeoutSeconds"), message, None);
    } else if seconds > HTTP_SECONDS && integration(task).is_some_and(|(service, ..)| service == "http") {
        let message = "the timeout never comes: HTTP tasks end after 60 seconds".to_owned();
        lint.report(&RULE, Severity::Warning, &Place::field(at, "TimeoutSeconds"), message, None);
    }
}

fn check_retrier(lint: &mut Lint<'_>, at: usize, number: usize, retrier: &Retrier) {
    if retrier.max_delay_seconds.is_some_and(|most| most < retrier.interval_seconds) {
        let steps = vec![Step::Key("Retry".into()), Step::Index(number), Step::Key("MaxDelaySeconds".into())];
        let message = format!("shorter than the first interval of {} seconds", retrier.interval_seconds);
        lint.report(&RULE, Severity::Warning, &Place::value(at, steps), message, None);
    }
}
