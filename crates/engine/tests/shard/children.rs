//! Children and jobs: a task starts one execution however often it asks, hears of its end however often that is told, and what
//! it gave up is stopped until that is acknowledged, whoever crashes when.

use engine::{Reply, Settings, TaskOutcome};
use interpreter::{Limits, Parent};
use store::{ExecutionKey, ExecutionStatus, PendingKind};
use value::Payload;

use crate::bench::{Bench, CHILD, JOB, done, submitted, task, wait};

/// A parent whose call has left, with a definition `r2` for children that wait for a minute.
fn parent_with(more: &str, settings: Settings) -> (Bench, ExecutionKey, Parent) {
    let mut bench = Bench::with(&task(CHILD, more), settings, Limits::SERVICE);
    bench.define("r2", &wait(60));
    let key = bench.started();
    let effect = bench.calls[0].effect;
    (bench, key, Parent { execution: key.0, effect, awaits: true })
}

fn parent() -> (Bench, ExecutionKey, Parent) {
    parent_with("", Settings::default())
}

#[test]
fn a_task_starts_one_execution_however_often_it_asks_and_whenever() {
    let (mut bench, _, parent) = parent();
    let ask = |bench: &mut Bench| {
        let ticket = bench.start_of("r2", Some("c"), "{}", Some(parent));
        bench.key(ticket)
    };
    let child = ask(&mut bench);
    assert_eq!(ask(&mut bench), child, "in memory");
    bench.crash();
    assert_eq!(ask(&mut bench), child, "in the store");
    bench.pass(60_000);
    assert_eq!(bench.status(child), ExecutionStatus::Succeeded);
    assert_eq!(ask(&mut bench), child, "ended");
    bench.crash();
    assert_eq!(ask(&mut bench), child, "ended, and nobody remembers");
    let ticket = bench.start_of("r2", Some("c"), "{}", None);
    assert_eq!(bench.reply(ticket), Some(&Reply::NameTaken), "a client's start is another one");
    let other = Parent { effect: parent.effect + 1, ..parent };
    let ticket = bench.start_of("r2", Some("c"), "{}", Some(other));
    assert_eq!(bench.reply(ticket), Some(&Reply::NameTaken), "so is another task's");
}

#[test]
fn an_end_is_told_until_it_is_heard_over_crashes_too() {
    let (mut bench, _, parent) = parent();
    let ticket = bench.start_of("r2", Some("c"), "{}", Some(parent));
    let child = bench.key(ticket);
    bench.pass(60_000);
    let told = bench.reports.clone();
    assert_eq!(told.len(), 1);
    let (of, effect, to) = told[0];
    assert_eq!((of, to), (child, parent));
    assert_eq!(bench.rows(child), [PendingKind::Report]);
    bench.reported(child, effect, false);
    assert_eq!(bench.reports.len(), 1, "not at once");
    bench.pass(1_000);
    assert_eq!(bench.reports.len(), 2);
    bench.crash();
    assert_eq!(bench.reports.len(), 3);
    assert_eq!(bench.reports[2], told[0]);
    bench.reported(child, effect, true);
    assert_eq!(bench.rows(child), []);
    bench.crash();
    assert_eq!(bench.reports.len(), 3);
}

#[test]
fn a_parent_that_only_starts_is_not_told() {
    let (mut bench, _, parent) = parent();
    let ticket = bench.start_of("r2", Some("c"), "{}", Some(Parent { awaits: false, ..parent }));
    let child = bench.key(ticket);
    bench.pass(60_000);
    assert_eq!((bench.reports.len(), bench.rows(child)), (0, vec![]));
}

#[test]
fn whoever_finds_a_start_that_runs_already_is_told_of_its_end_as_well() {
    for settings in [Settings::default(), Settings { idle_executions: 0, ..Settings::default() }] {
        let (mut bench, _, parent) = parent_with("", settings);
        let ticket = bench.start_of("r2", Some("c"), "{}", None);
        let client = bench.key(ticket);
        for _ in 0..2 {
            let ticket = bench.start_of("r2", Some("c"), "{}", Some(parent));
            assert_eq!(bench.key(ticket), client);
        }
        bench.pass(60_000);
        assert_eq!(bench.reports.len(), 1);
        assert_eq!((bench.reports[0].0, bench.reports[0].2), (client, parent));
        bench.crash();
        assert_eq!(bench.reports.len(), 2);
        let ticket = bench.find_child("c", parent);
        assert_eq!(bench.key(ticket), client, "it is a child of both");
    }
}

/// The parent waits for its child, and nothing is asked in between.
fn waiting() -> (Bench, ExecutionKey, Parent) {
    let (mut bench, key, parent) = parent();
    bench.returns(key, parent.effect, submitted());
    assert_eq!((bench.polls.len(), bench.rows(key)), (1, vec![PendingKind::Child]), "asked after once");
    bench.returns(key, parent.effect, TaskOutcome::StillRunning);
    bench.pass(3_600_000);
    assert_eq!(bench.polls.len(), 1, "a child says itself when it has ended");
    (bench, key, parent)
}

#[test]
fn a_child_that_has_ended_is_asked_after_and_answered_once_that_is_durable() {
    let (mut bench, key, parent) = waiting();
    let first = bench.child_ended(key, parent.effect);
    assert_eq!((bench.polls.len(), bench.reply(first)), (2, None));
    bench.hold = vec!["commit"];
    bench.returns(key, parent.effect, done());
    let second = bench.child_ended(key, parent.effect);
    assert_eq!((bench.reply(first), bench.reply(second)), (None, None), "not before it is durable");
    bench.release();
    assert_eq!((bench.reply(first), bench.reply(second)), (Some(&Reply::Accepted), Some(&Reply::Accepted)));
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    let late = bench.child_ended(key, parent.effect);
    assert_eq!(bench.reply(late), Some(&Reply::Stale));
    bench.assert_empty();
}

#[test]
fn an_end_that_was_told_while_the_parent_was_asking_is_asked_after_again() {
    let (mut bench, key, parent) = parent();
    bench.returns(key, parent.effect, submitted());
    let ticket = bench.child_ended(key, parent.effect);
    bench.returns(key, parent.effect, TaskOutcome::StillRunning);
    assert_eq!((bench.polls.len(), bench.reply(ticket)), (2, None), "what was read may be older");
    bench.returns(key, parent.effect, done());
    assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
}

#[test]
fn a_child_that_ends_before_its_start_was_heard_is_not_forgotten() {
    let (mut bench, key, parent) = parent();
    let ticket = bench.child_ended(key, parent.effect);
    assert_eq!((bench.polls.len(), bench.reply(ticket)), (0, None));
    bench.returns(key, parent.effect, submitted());
    assert_eq!(bench.polls.len(), 1);
    bench.returns(key, parent.effect, done());
    assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
    bench.assert_empty();
}

#[test]
fn a_parent_that_was_away_asks_when_it_comes_back() {
    let settings = Settings { idle_executions: 0, ..Settings::default() };
    let (mut bench, key, parent) = parent_with(r#","TimeoutSeconds":7200"#, settings);
    bench.returns(key, parent.effect, submitted());
    bench.returns(key, parent.effect, TaskOutcome::StillRunning);
    assert_eq!(bench.shard.gauges().executions, 0, "a parent that waits costs a row");
    bench.crash();
    assert_eq!(bench.polls.len(), 1, "and no look at it after a crash");
    let ticket = bench.child_ended(key, parent.effect);
    assert_eq!(bench.polls.len(), 2);
    bench.returns(key, parent.effect, done());
    assert_eq!(
        (bench.reply(ticket), bench.status(key)),
        (Some(&Reply::Accepted), ExecutionStatus::Succeeded)
    );
    bench.assert_empty();
}

#[test]
fn what_a_stopped_parent_waited_for_is_stopped_until_that_is_done() {
    for resource in [CHILD, JOB] {
        let mut bench = Bench::new(&task(resource, ""));
        let key = bench.started();
        let effect = bench.calls[0].effect;
        bench.returns(key, effect, submitted());
        bench.hold = vec!["commit"];
        bench.stop(key);
        assert_eq!(bench.abandoned.len(), 0, "not before the stop is durable");
        bench.release();
        let stop = &bench.abandoned[0];
        assert_eq!((stop.execution, stop.effect), (key, effect));
        assert_eq!(stop.what.handle, Some(Payload::parse("{}").unwrap()));
        assert_eq!(bench.rows(key), [PendingKind::Abandoned]);
        bench.crash();
        assert_eq!(bench.abandoned.len(), 2, "{resource}: again after a crash");
        assert_eq!(bench.abandoned[1].what, bench.abandoned[0].what);
        bench.released(key, effect);
        assert_eq!(bench.rows(key), []);
        bench.crash();
        assert_eq!(bench.abandoned.len(), 2);
        bench.assert_empty();
    }
}

#[test]
fn a_child_whose_start_is_under_way_is_abandoned_too_and_a_job_of_which_nothing_is_known_is_not() {
    for (resource, abandoned, cancelled) in [(CHILD, 1, 0), (JOB, 0, 1)] {
        let mut bench = Bench::new(&task(resource, ""));
        let key = bench.started();
        bench.stop(key);
        assert_eq!((bench.abandoned.len(), bench.cancelled.len()), (abandoned, cancelled), "{resource}");
        if let Some(stop) = bench.abandoned.first() {
            let effect = stop.effect;
            assert_eq!(stop.what.handle, None);
            bench.released(key, effect);
        }
        bench.assert_empty();
    }
}

#[test]
fn a_start_that_is_under_way_is_found_and_one_that_never_came_is_not() {
    let (mut bench, _, parent) = parent();
    bench.hold = vec!["look up"];
    let start = bench.start_of("r2", Some("c"), "{}", Some(parent));
    let find = bench.find_child("c", parent);
    let nothing = bench.find_child("d", parent);
    bench.release();
    assert_eq!(bench.key(find), bench.key(start));
    assert_eq!(bench.reply(nothing), Some(&Reply::NoSuchExecution));
    let stranger = Parent { effect: parent.effect + 1, ..parent };
    let ticket = bench.find_child("c", stranger);
    assert_eq!(bench.reply(ticket), Some(&Reply::NoSuchExecution));
    bench.crash();
    let ticket = bench.find_child("c", parent);
    assert_eq!(bench.key(ticket), bench.key(start));
}

#[test]
fn a_parent_that_goes_on_notes_what_was_stopped() {
    let more = r#","TimeoutSeconds":5,"Retry":[{"ErrorEquals":["States.Timeout"],"IntervalSeconds":600,"MaxAttempts":1}]"#;
    let (mut bench, key, parent) = parent_with(more, Settings::default());
    bench.returns(key, parent.effect, submitted());
    bench.returns(key, parent.effect, TaskOutcome::StillRunning);
    bench.pass(5_000);
    assert_eq!(bench.failures(key), ["timeout"]);
    assert_eq!(bench.abandoned.len(), 1);
    assert_eq!(bench.rows(key), [PendingKind::Abandoned, PendingKind::Timer]);
    bench.crash();
    assert_eq!(bench.abandoned.len(), 2);
    bench.released(key, parent.effect);
    assert_eq!(bench.rows(key), [PendingKind::Timer]);
    bench.pass(600_000);
    assert_eq!((bench.calls.len(), bench.abandoned.len()), (2, 2), "another attempt is another child");
    assert_ne!(bench.calls[1].effect, parent.effect);
}
