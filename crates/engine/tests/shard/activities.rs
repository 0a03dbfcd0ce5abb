//! Activities: a task waits in the store, is handed over once and durably, and its clocks run from then on.

use engine::{Reply, Settings};
use interpreter::{Event, Limits, TaskEvent};
use store::{ExecutionStatus, PendingKind, ShardId, Store};

use crate::bench::{Bench, WORK, task};

const NEVER_RESIDENT: usize = 0;

fn settings(idle_executions: usize) -> Settings {
    Settings { idle_executions, ..Settings::default() }
}

fn workers(bench: &Bench, key: store::ExecutionKey) -> usize {
    let is_hand_over =
        |record: &interpreter::Record| matches!(record.event, Event::Task(TaskEvent::Started { .. }));
    bench.records(key).iter().filter(|record| is_hand_over(record)).count()
}

#[test]
fn a_task_waits_as_a_row_and_is_announced_again_without_its_execution() {
    for resident in [NEVER_RESIDENT, 100] {
        let mut bench = Bench::with(&task(WORK, ""), settings(resident), Limits::SERVICE);
        let key = bench.started();
        let queued = bench.queued.clone();
        assert_eq!(queued.len(), 1);
        assert_eq!((queued[0].activity.as_str(), queued[0].since), ("work", bench.now));
        assert_eq!(bench.shard.gauges().executions, resident.min(1));
        bench.pass(5_000);
        bench.crash();
        assert_eq!(bench.queued, queued, "at its old place");
        assert_eq!(bench.shard.gauges().executions, 0, "nothing was folded");
        let ticket = bench.take(queued[0].key);
        assert!(matches!(bench.reply(ticket), Some(Reply::Task { .. })));
        assert_eq!(bench.queued, []);
        let ticket = bench.answer(key, queued[0].key.effect);
        assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
        assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
        bench.assert_empty();
    }
}

#[test]
fn a_task_is_handed_over_once_and_not_before_that_is_durable() {
    let mut bench = Bench::new(&task(WORK, ""));
    let key = bench.started();
    let task = bench.queued[0].key;
    bench.hold = vec!["commit"];
    let (first, second) = (bench.take(task), bench.take(task));
    assert_eq!((bench.reply(first), bench.reply(second)), (None, None));
    bench.release();
    assert!(matches!(bench.reply(first), Some(Reply::Task { .. })));
    assert_eq!(bench.reply(second), Some(&Reply::Stale));
    assert_eq!(workers(&bench, key), 1);
    let rows = bench.store.pending(ShardId(0), PendingKind::Token, None, 9).unwrap();
    assert_eq!(rows.len(), 1, "from now on it waits for its token");
    bench.crash();
    assert_eq!(bench.queued, [], "somebody has it");
    let ticket = bench.answer(key, task.effect);
    assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
    bench.assert_empty();
}

#[test]
fn nobody_answers_a_task_that_waits() {
    let mut bench = Bench::new(&task(WORK, r#","TimeoutSeconds":60,"HeartbeatSeconds":10"#));
    let key = bench.started();
    let task = bench.queued[0].key;
    let tickets = [bench.answer(key, task.effect), bench.heartbeat(key, task.effect), bench.put_back(task)];
    for ticket in tickets {
        assert_eq!(bench.reply(ticket), Some(&Reply::Stale));
    }
    bench.pass(3_600_000);
    assert_eq!(bench.failures(key), Vec::<String>::new(), "no clock runs while it waits");
    assert_eq!(bench.status(key), ExecutionStatus::Running);
}

#[test]
fn heartbeats_and_timeouts_run_from_the_hand_over() {
    for (beats, expected, after) in [(0, "heartbeat", 10), (3, "heartbeat", 40), (9, "timeout", 60)] {
        let mut bench = Bench::new(&task(WORK, r#","TimeoutSeconds":60,"HeartbeatSeconds":10"#));
        let key = bench.started();
        let task = bench.queued[0].key;
        bench.pass(100_000);
        bench.take(task);
        let begin = bench.now;
        for _ in 0..beats {
            bench.pass(9_999);
            bench.heartbeat(key, task.effect);
        }
        bench.pass(20_000);
        assert_eq!(bench.failures(key), [expected]);
        let ended = bench.store_stop(key) - begin;
        assert!((after * 1_000 - 10 - beats..=after * 1_000).contains(&ended), "{beats} beats: {ended} ms");
        let ticket = bench.answer(key, task.effect);
        assert_eq!(bench.reply(ticket), Some(&Reply::Stale));
        bench.assert_empty();
    }
}

#[test]
fn a_task_that_nobody_received_goes_back_to_its_place_and_its_clocks_stand_still() {
    let mut bench = Bench::new(&task(WORK, r#","TimeoutSeconds":60,"HeartbeatSeconds":10"#));
    let key = bench.started();
    let queued = bench.queued[0].clone();
    bench.pass(1_000);
    bench.take(queued.key);
    bench.pass(1_000);
    let ticket = bench.put_back(queued.key);
    assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
    assert_eq!(bench.queued, std::slice::from_ref(&queued), "since when it waits did not change");
    bench.pass(3_600_000);
    bench.crash();
    assert_eq!(bench.queued, std::slice::from_ref(&queued));
    bench.take(queued.key);
    bench.pass(9_000);
    let ticket = bench.answer(key, queued.key.effect);
    assert_eq!(bench.reply(ticket), Some(&Reply::Accepted));
    assert_eq!((bench.status(key), workers(&bench, key)), (ExecutionStatus::Succeeded, 2));
    bench.assert_empty();
}

#[test]
fn what_ends_leaves_the_queue() {
    let retry = r#","TimeoutSeconds":5,"Retry":[{"ErrorEquals":["States.Timeout"],"IntervalSeconds":1,"MaxAttempts":1}]"#;
    let mut bench = Bench::new(&task(WORK, retry));
    let (stopped, retried) = (bench.started(), bench.started());
    let tasks = bench.queued.clone();
    bench.stop(stopped);
    assert_eq!(bench.queued, tasks[1..]);
    let ticket = bench.take(tasks[0].key);
    assert_eq!(bench.reply(ticket), Some(&Reply::Stale));
    bench.take(tasks[1].key);
    assert_eq!(bench.queued, []);
    bench.pass(6_000);
    assert_eq!(bench.queued.len(), 1, "another attempt waits");
    assert_ne!(bench.queued[0].key, tasks[1].key);
    bench.stop(retried);
    assert_eq!(bench.queued, []);
    bench.assert_empty();
}

#[test]
fn what_left_the_queue_while_it_was_read_is_not_announced() {
    let mut bench = Bench::new(&task(WORK, ""));
    let key = bench.started();
    bench.hold = vec!["read pending"];
    bench.crash();
    bench.stop(key);
    // What was read is older than the stop.
    let rows = [store::Pending {
        key: store::PendingKey { execution: key, effect: 3 },
        kind: PendingKind::Activity,
        due: None,
        subject: Some("1/work".into()),
    }];
    bench.shard.pending_read(PendingKind::Activity, &rows, bench.at());
    bench.settle();
    assert_eq!(bench.queued, []);
}
