//! Tasks: when calls leave, what a crash does to them, and how many there may be.

use engine::{Reply, Settings, TaskOutcome};
use interpreter::Limits;
use store::ExecutionStatus;

use crate::bench::{ASK, Bench, CHARGE, JOB, READ, done, sent, submitted, task};

#[test]
fn a_call_leaves_once_its_dispatch_is_durable() {
    let mut bench = Bench::new(&task(CHARGE, ""));
    bench.hold = vec!["commit"];
    bench.start(None, "{}");
    assert_eq!(bench.calls.len(), 0);
    bench.release();
    assert_eq!((bench.calls.len(), bench.commits), (1, 1), "start and dispatch are one commit");
}

#[test]
fn a_crash_fails_what_may_have_run_and_repeats_what_may_be_repeated() {
    for (resource, calls, failures) in [
        (CHARGE, 1, vec!["Lambda.SdkClientException"]),
        (READ, 2, vec![]),
        (ASK, 1, vec!["States.TaskFailed"]),
    ] {
        let mut bench = Bench::new(&task(resource, ""));
        let key = bench.started();
        bench.crash();
        assert_eq!(
            (bench.calls.len(), bench.failures(key)),
            (calls, failures.iter().map(|f| f.to_string()).collect()),
            "{resource}"
        );
        if calls == 2 {
            assert_eq!(bench.calls[0].effect, bench.calls[1].effect, "the same attempt");
            bench.returns(key, bench.calls[0].effect, done());
            assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
        }
        bench.assert_empty();
    }
}

#[test]
fn a_retrier_repeats_what_was_interrupted() {
    let retry =
        r#","Retry":[{"ErrorEquals":["Lambda.SdkClientException"],"IntervalSeconds":1,"MaxAttempts":1}]"#;
    let mut bench = Bench::new(&task(CHARGE, retry));
    let key = bench.started();
    bench.crash();
    bench.pass(1_000);
    assert_eq!(bench.calls.len(), 2);
    assert_ne!(bench.calls[0].effect, bench.calls[1].effect, "another attempt");
    bench.returns(key, bench.calls[1].effect, done());
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
}

#[test]
fn what_waits_outside_goes_on_after_a_crash() {
    for (resource, outcome) in [(ASK, sent()), (JOB, submitted())] {
        let mut bench = Bench::new(&task(resource, ""));
        let key = bench.started();
        let effect = bench.calls[0].effect;
        bench.returns(key, effect, outcome);
        bench.crash();
        assert_eq!(bench.failures(key), Vec::<String>::new(), "{resource}");
        if resource == ASK {
            let ticket = bench.answer(key, effect);
            assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
        } else {
            assert_eq!(bench.polls.len(), 1, "a job is asked after at once");
            bench.returns(key, effect, done());
        }
        assert_eq!((bench.status(key), bench.calls.len()), (ExecutionStatus::Succeeded, 1), "{resource}");
        bench.assert_empty();
    }
}

#[test]
fn a_token_answers_once_and_finds_an_execution_that_is_not_in_memory() {
    let settings = Settings { idle_executions: 0, ..Settings::default() };
    let mut bench = Bench::with(&task(ASK, ""), settings, Limits::SERVICE);
    let key = bench.started();
    let effect = bench.calls[0].effect;
    bench.returns(key, effect, sent());
    assert_eq!(bench.shard.gauges().executions, 0);
    let tickets = [bench.answer(key, effect + 1), bench.answer(key, effect), bench.answer(key, effect)];
    let replies = tickets.map(|ticket| bench.reply(ticket).cloned());
    assert_eq!(replies, [Some(Reply::Stale), Some(Reply::Accepted), Some(Reply::Stale)]);
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.assert_empty();
}

#[test]
fn an_early_answer_is_kept_until_the_call_returns() {
    for crashes in [false, true] {
        let mut bench = Bench::new(&task(ASK, ""));
        let key = bench.started();
        let effect = bench.calls[0].effect;
        let ticket = bench.answer(key, effect);
        assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
        assert_eq!(bench.status(key), ExecutionStatus::Running);
        if crashes {
            bench.crash();
        } else {
            bench.returns(key, effect, sent());
        }
        assert_eq!(bench.status(key), ExecutionStatus::Succeeded, "crashes: {crashes}");
        bench.assert_empty();
    }
}

/// Three branches with a call each.
fn three_calls() -> String {
    let branch = |n| {
        format!(
            r#"{{"StartAt":"T{n}","States":{{"T{n}":{{"Type":"Task","Resource":"{CHARGE}","End":true}}}}}}"#
        )
    };
    let branches: Vec<String> = (0..3).map(branch).collect();
    format!(
        r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"Branches":[{}]}}}}}}"#,
        branches.join(",")
    )
}

#[test]
fn calls_beyond_the_limit_wait_their_turn() {
    let settings = Settings { concurrent_tasks: 1, ..Settings::default() };
    let mut bench = Bench::with(&three_calls(), settings, Limits::SERVICE);
    let key = bench.started();
    for made in 1..=3 {
        let gauges = bench.shard.gauges();
        assert_eq!((bench.calls.len(), gauges.tasks, gauges.queued), (made, 1, 3 - made));
        bench.returns(key, bench.calls[made - 1].effect, done());
    }
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.assert_empty();
}

#[test]
fn a_call_that_is_cancelled_makes_room() {
    let settings = Settings { concurrent_tasks: 1, ..Settings::default() };
    let mut bench = Bench::with(&three_calls(), settings, Limits::SERVICE);
    let first = bench.started();
    let second = bench.started();
    bench.stop(first);
    assert_eq!(bench.cancelled, [bench.calls[0].effect]);
    assert_eq!(bench.calls.len(), 2);
    assert_eq!(bench.calls[1].execution, second);
    // What the first one's call says now is heard by nobody.
    bench.returns(first, bench.calls[0].effect, done());
    assert_eq!(bench.status(first), ExecutionStatus::Aborted);
}

#[test]
fn a_queued_task_has_not_run_and_is_simply_dispatched_after_a_crash() {
    let settings = Settings { concurrent_tasks: 1, ..Settings::default() };
    let mut bench = Bench::with(&three_calls(), settings, Limits::SERVICE);
    let first = bench.started();
    let second = bench.started();
    bench.crash();
    assert_eq!(bench.failures(first), ["Lambda.SdkClientException"]);
    assert_eq!(bench.status(first), ExecutionStatus::Failed);
    assert_eq!(bench.failures(second), Vec::<String>::new());
    assert_eq!(bench.calls.last().map(|call| call.execution), Some(second));
}

#[test]
fn a_job_is_asked_after_once_an_interval_however_often_the_shard_looks() {
    let jobs = three_calls().replacen(
        &format!(r#""Resource":"{CHARGE}""#),
        &format!(r#""Resource":"{JOB}","Parameters":{{"JobName":"j"}}"#),
        1,
    );
    let mut bench = Bench::new(&jobs);
    let key = bench.started();
    let effects: Vec<u32> = bench.calls.iter().map(|call| call.effect).collect();
    bench.returns(key, effects[0], submitted());
    bench.returns(key, effects[1], done());
    bench.returns(key, effects[2], done());
    for poll in 1..=5 {
        bench.pass(1_000);
        assert_eq!(bench.polls.len(), poll, "three reconciliations, one chain of polls");
        bench.returns(key, effects[0], TaskOutcome::StillRunning);
    }
    bench.pass(1_000);
    bench.returns(key, effects[0], done());
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.assert_empty();
}
