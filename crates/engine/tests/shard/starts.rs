//! Starts, names, stops, and commits that fail.

use engine::{Reply, Settings};
use interpreter::{Event, ExecutionEvent, Limits, Timestamp};
use store::memory::Fault;
use store::{ExecutionKey, ExecutionStatus, Store};

use crate::bench::{ASK, Bench, task, wait};

const PASS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

#[test]
fn nobody_is_answered_before_the_commit() {
    let mut bench = Bench::new(PASS);
    bench.hold = vec!["commit"];
    let ticket = bench.start(None, "{}");
    assert_eq!((bench.reply(ticket), bench.held.len()), (None, 1));
    bench.release();
    let key = bench.key(ticket);
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.assert_empty();
}

#[test]
fn what_comes_during_a_commit_is_the_next_group() {
    let mut bench = Bench::new(PASS);
    bench.hold = vec!["commit"];
    for _ in 0..10 {
        bench.start(None, "{}");
    }
    assert_eq!(bench.held.len(), 1);
    bench.release();
    assert_eq!((bench.commits, bench.executions()), (2, 10));
}

#[test]
fn starts_of_one_name_are_one_execution() {
    let mut bench = Bench::new(&wait(5));
    bench.hold = vec!["look up"];
    let tickets = ["{}", "{}", "[]"].map(|input| bench.start(Some("n"), input));
    assert_eq!(bench.held.len(), 1, "one look-up for all");
    bench.release();
    let key = bench.key(tickets[0]);
    assert_eq!(bench.key(tickets[1]), key, "the same name and input is the same start");
    assert_eq!(bench.reply(tickets[2]), Some(&Reply::NameTaken));
    let again = bench.start(Some("n"), "{}");
    assert_eq!(bench.key(again), key);
    bench.crash();
    let recovered = bench.start(Some("n"), "{}");
    assert_eq!(bench.key(recovered), key, "after a restart, too");
    bench.pass(5_000);
    let late = bench.start(Some("n"), "{}");
    assert_eq!(bench.reply(late), Some(&Reply::NameTaken), "it has ended");
    assert_eq!(bench.executions(), 1);
    bench.assert_empty();
}

#[test]
fn a_failed_commit_answers_nobody_and_loses_nothing_that_was_written() {
    for (fault, executions) in [(Fault::Lost, 0), (Fault::Unknown, 1), (Fault::Full, 0)] {
        let mut bench = Bench::new(&wait(5));
        bench.fail_next_commit(fault);
        let ticket = bench.start(Some("n"), "{}");
        assert_eq!((bench.reply(ticket), bench.executions()), (None, executions), "{fault:?}");
        let again = bench.start(Some("n"), "{}");
        let key = bench.key(again);
        assert_eq!(bench.executions(), 1, "{fault:?}");
        bench.pass(5_000);
        assert_eq!(bench.status(key), ExecutionStatus::Succeeded, "{fault:?}");
    }
}

#[test]
fn a_stop_while_the_execution_is_read_waits_for_it() {
    let settings = Settings { idle_executions: 0, ..Settings::default() };
    let mut bench = Bench::with(&task(ASK, ""), settings, Limits::SERVICE);
    let key = bench.started();
    let effect = bench.calls[0].effect;
    bench.returns(key, effect, crate::bench::sent());
    assert_eq!(bench.shard.gauges().executions, 0, "it waits for its token as a row");
    bench.hold = vec!["load"];
    let tickets = [bench.stop(key), bench.answer(key, effect), bench.stop(key)];
    assert_eq!(bench.held.len(), 1, "one reading for all");
    let at = bench.at();
    bench.now += 10;
    bench.release();
    let stopped = bench.store_stop(key);
    assert_eq!(stopped, at.0 + 10);
    let replies = tickets.map(|ticket| bench.reply(ticket).cloned());
    let stop = Some(Reply::Stopped { at: Timestamp(stopped) });
    assert_eq!(replies, [stop.clone(), Some(Reply::Stale), stop.clone()]);
    bench.now += 10;
    let late = bench.stop(key);
    assert_eq!(bench.reply(late).cloned(), stop, "a second stop says when the first one was");
    bench.assert_empty();
}

#[test]
fn a_stop_of_what_has_ended_and_is_not_written_says_when_it_ended() {
    let mut bench = Bench::new(&task(ASK, ""));
    let key = bench.started();
    let effect = bench.calls[0].effect;
    bench.hold = vec!["commit"];
    bench.returns(key, effect, crate::bench::sent());
    bench.answer(key, effect);
    bench.now += 50;
    let ticket = bench.stop(key);
    bench.release();
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    let at = Timestamp(bench.store_stop(key));
    assert_eq!(bench.reply(ticket), Some(&Reply::Stopped { at }));
}

#[test]
fn a_reading_that_a_new_execution_overtook_does_not_replace_it() {
    let mut bench = Bench::new(&wait(5));
    let first = bench.started();
    let next = ExecutionKey(first.0 + (1 << 8));
    bench.hold = vec!["load"];
    let ticket = bench.stop(next);
    assert_eq!(bench.held.len(), 1);
    let second = bench.started();
    assert_eq!(second, next, "the key that was asked for has been given away");
    bench.release();
    assert!(matches!(bench.reply(ticket), Some(Reply::Stopped { .. })));
    assert_eq!(bench.status(second), ExecutionStatus::Aborted);
    let unknown = bench.stop(ExecutionKey(first.0 + (9 << 8)));
    assert_eq!(bench.reply(unknown), Some(&Reply::NoSuchExecution));
}

#[test]
fn a_long_turn_is_cut_and_survives_a_crash_at_every_cut() {
    let states: Vec<String> = (0..9)
        .map(|n| format!(r#""P{n}":{{"Type":"Pass","Next":"P{}"}},"#, n + 1))
        .chain([r#""P9":{"Type":"Pass","End":true}"#.to_owned()])
        .collect();
    let chain = format!(r#"{{"StartAt":"P0","States":{{{}}}}}"#, states.concat());
    let limits = Limits { transitions_per_turn: 2, ..Limits::SERVICE };
    for cut in 0..6 {
        let mut bench = Bench::with(&chain, Settings::default(), limits.clone());
        if cut > 0 {
            bench.store.fail_commit(cut, Fault::Unknown);
        }
        bench.start(Some("n"), "{}");
        let key = bench.store_key("n");
        assert_eq!(bench.status(key), ExecutionStatus::Succeeded, "cut {cut}");
        assert!(bench.commits >= 5, "{} commits", bench.commits);
        assert_eq!(bench.store.pending_of(key).unwrap(), [], "cut {cut}");
        bench.assert_empty();
    }
}

#[test]
fn a_start_that_came_while_its_name_was_looked_up_hears_nothing_older_than_itself() {
    let settings = Settings { idle_executions: 0, ..Settings::default() };
    let mut bench = Bench::with(&wait(5), settings, Limits::SERVICE);
    let ticket = bench.start(Some("n"), "{}");
    let key = bench.key(ticket);
    let looked_up = bench.look_up("n");
    bench.hold = vec!["look up"];
    let first = bench.start(Some("n"), "{}");
    bench.pass(5_000);
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    let second = bench.start(Some("n"), "{}");
    // The look-up was read before the execution ended, and took its time.
    bench.held.clear();
    bench.hold.clear();
    bench.shard.looked_up("m".into(), "n".into(), looked_up, bench.at());
    bench.settle();
    assert_eq!(bench.key(first), key);
    assert_eq!(bench.reply(second), Some(&Reply::NameTaken));
    bench.assert_empty();
}

#[test]
fn a_name_is_free_again_some_time_after_its_execution_closed() {
    let settings = Settings { name_kept_ms: 1_000, idle_executions: 0, ..Settings::default() };
    let mut bench = Bench::with(&wait(5), settings, Limits::SERVICE);
    let ticket = bench.start(Some("n"), "{}");
    let first = bench.key(ticket);
    bench.pass(5_000);
    assert_eq!(bench.status(first), ExecutionStatus::Succeeded);
    bench.pass(999);
    let early = bench.start(Some("n"), "{}");
    assert_eq!(bench.reply(early), Some(&Reply::NameTaken));
    bench.pass(1);
    let tickets = ["{}", "{}", "[]"].map(|input| bench.start(Some("n"), input));
    let second = bench.key(tickets[0]);
    assert_ne!(second, first);
    assert_eq!(bench.key(tickets[1]), second, "the new one has the name now");
    assert_eq!(bench.reply(tickets[2]), Some(&Reply::NameTaken));
    assert_eq!(bench.store_key("n"), second);
    assert_eq!((bench.status(first), bench.executions()), (ExecutionStatus::Succeeded, 2));
    bench.pass(5_000);
    bench.assert_empty();
}

/// Two waits, one after the other, in two branches.
const TWO_STEPS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":10,"Next":"B"},"B":{"Type":"Pass","End":true}}},
    {"StartAt":"C","States":{"C":{"Type":"Wait","Seconds":20,"End":true}}}]}}}"#;

#[test]
fn executions_of_a_deleted_machine_end_at_their_next_transition() {
    for crashes in [false, true] {
        let mut bench = Bench::new(TWO_STEPS);
        let key = bench.started();
        bench.shard.deleting("m", false);
        bench.pass(9_000);
        assert_eq!(bench.status(key), ExecutionStatus::Running, "what it waits for goes on");
        if crashes {
            bench.crash();
            bench.shard.deleting("m", false);
        }
        bench.pass(1_000);
        assert_eq!(bench.status(key), ExecutionStatus::Failed);
        let end = bench.records(key).pop().map(|record| record.event);
        let Some(Event::Execution(ExecutionEvent::Failed { error, cause })) = end else { panic!("{end:?}") };
        assert_eq!(error.as_deref(), Some("States.Runtime"));
        assert_eq!(cause.as_deref(), Some("State machine m has been deleted."));
        bench.assert_empty();
    }
}

#[test]
fn the_last_state_of_a_deleted_machine_may_end_well() {
    let mut bench = Bench::new(&wait(10));
    let key = bench.started();
    bench.shard.deleting("m", false);
    bench.pass(10_000);
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.shard.deleting("m", true);
    let again = bench.started();
    bench.pass(10_000);
    assert_eq!(bench.status(again), ExecutionStatus::Succeeded, "of a new machine of this name");
}
