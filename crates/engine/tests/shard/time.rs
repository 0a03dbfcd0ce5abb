//! Times: near and far, of timers, tasks, heartbeats and jobs.

use engine::{Reply, Settings, TaskOutcome};
use interpreter::Limits;
use store::ExecutionStatus;

use crate::bench::{ASK, Bench, CHARGE, JOB, sent, submitted, task, wait};

#[test]
fn a_far_timer_is_a_row_until_it_is_near() {
    for crashes in [false, true] {
        let settings = Settings { idle_executions: 0, ..Settings::default() };
        let mut bench = Bench::with(&wait(100_000), settings, Limits::SERVICE);
        let key = bench.started();
        let gauges = bench.shard.gauges();
        assert_eq!((gauges.executions, gauges.timers), (0, 0), "a sleeper costs a row");
        bench.pass(90_000_000);
        assert_eq!(bench.shard.gauges().timers, 0);
        if crashes {
            bench.crash();
        }
        bench.pass(9_999_999);
        assert_eq!(bench.status(key), ExecutionStatus::Running, "not a millisecond early");
        bench.pass(1);
        assert_eq!(bench.status(key), ExecutionStatus::Succeeded, "crashes: {crashes}");
        bench.assert_empty();
    }
}

#[test]
fn a_clock_that_jumps_finds_what_it_passed() {
    let mut bench = Bench::new(&wait(100_000));
    let key = bench.started();
    bench.now += 500_000_000;
    bench.pass(0);
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.now -= 900_000_000;
    let later = bench.started();
    assert!(later > key, "keys grow although the clock went back");
}

#[test]
fn tasks_time_out_in_every_phase() {
    for seconds in [3, 500] {
        let more = format!(r#","TimeoutSeconds":{seconds}"#);
        let phases = [(CHARGE, None), (ASK, None), (ASK, Some(sent())), (JOB, Some(submitted()))];
        for (resource, outcome) in phases {
            let mut bench = Bench::new(&task(resource, &more));
            let key = bench.started();
            let effect = bench.calls[0].effect;
            if let Some(outcome) = outcome {
                bench.returns(key, effect, outcome);
            }
            // Nobody answers the job's first poll either.
            bench.pass(seconds * 1_000 - 1);
            assert_eq!(bench.status(key), ExecutionStatus::Running, "{resource} {seconds}");
            bench.pass(1);
            assert_eq!(bench.failures(key), ["timeout"], "{resource} {seconds}");
            assert_eq!(bench.status(key), ExecutionStatus::Failed, "{resource} {seconds}");
            bench.assert_empty();
        }
    }
}

#[test]
fn a_job_that_is_asked_after_times_out_on_time() {
    let mut bench = Bench::new(&task(JOB, r#","TimeoutSeconds":90"#));
    let key = bench.started();
    let effect = bench.calls[0].effect;
    bench.returns(key, effect, submitted());
    for _ in 0..89 {
        bench.pass(1_000);
        bench.returns(key, effect, TaskOutcome::StillRunning);
    }
    assert_eq!(bench.polls.len(), 89);
    bench.pass(1_000);
    assert_eq!(bench.failures(key), ["timeout"]);
}

#[test]
fn signs_of_life_keep_a_token_alive() {
    for idle_executions in [0, 100] {
        let settings = Settings { idle_executions, ..Settings::default() };
        let mut bench = Bench::with(&task(ASK, r#","HeartbeatSeconds":10"#), settings, Limits::SERVICE);
        let key = bench.started();
        let effect = bench.calls[0].effect;
        bench.returns(key, effect, sent());
        for _ in 0..30 {
            bench.pass(9_000);
            let ticket = bench.heartbeat(key, effect);
            assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
        }
        bench.pass(5_000);
        bench.crash();
        bench.pass(9_999);
        assert_eq!(bench.status(key), ExecutionStatus::Running, "one fresh interval after a restart");
        bench.pass(1);
        assert_eq!(bench.failures(key), ["heartbeat"], "{idle_executions} idle");
        let late = bench.heartbeat(key, effect);
        assert_eq!(bench.reply(late), Some(&Reply::Stale));
        bench.assert_empty();
    }
}

#[test]
fn an_execution_times_out_with_what_it_has_outside() {
    let definition = task(CHARGE, "").replacen('{', r#"{"TimeoutSeconds":5,"#, 1);
    let mut bench = Bench::new(&definition);
    let key = bench.started();
    bench.pass(5_000);
    assert_eq!(bench.status(key), ExecutionStatus::TimedOut);
    assert_eq!(bench.cancelled, [bench.calls[0].effect]);
    bench.assert_empty();
}

#[test]
fn a_storm_of_timers_goes_through_memory_a_few_at_a_time_and_nobody_is_lost() {
    let settings = Settings { idle_executions: 3, loads: 4, ..Settings::default() };
    let mut bench = Bench::with(&wait(300), settings, Limits::SERVICE);
    let keys: Vec<_> = (0..200).map(|_| bench.started()).collect();
    assert_eq!(bench.shard.gauges().executions, 3, "the others are rows");
    bench.crash();
    bench.pass(299_000);
    assert_eq!(bench.shard.gauges().executions, 0, "a restart looks at nobody");
    bench.hold = vec!["load", "commit"];
    bench.now += 1_000;
    bench.shard.handle_timeout(bench.at());
    bench.settle();
    assert_eq!(bench.held.len(), 4, "so many are being read");
    let stop = bench.stop(keys[150]);
    let mut most = 0;
    while !bench.held.is_empty() {
        bench.release_one();
        most = most.max(bench.shard.gauges().executions);
    }
    assert!(most <= 3 + 4 + 1, "{most} were in memory");
    assert!(matches!(bench.reply(stop), Some(Reply::Stopped { .. })));
    bench.hold.clear();
    bench.pass(1_000);
    for key in keys {
        assert!(
            matches!(bench.status(key), ExecutionStatus::Succeeded | ExecutionStatus::Aborted),
            "{key:?}"
        );
    }
    bench.assert_empty();
}
