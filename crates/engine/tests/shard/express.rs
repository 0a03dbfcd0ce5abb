//! Accepted Express starts: durable before they are answered and run, run again after a crash, gone when they have ended.

use engine::{ExpressRun, Reply, Settings};
use interpreter::Limits;
use store::{PendingKind, ShardId, Store};

use crate::bench::{Bench, wait};

fn bench(settings: Settings) -> Bench {
    Bench::with(&wait(1), settings, Limits::SERVICE)
}

fn rows(bench: &Bench) -> usize {
    bench.store.pending(ShardId(0), PendingKind::Express, None, 9_999).unwrap().len()
}

fn names(runs: &[ExpressRun]) -> Vec<&str> {
    runs.iter().map(|run| run.start.name.as_str()).collect()
}

#[test]
fn a_start_is_answered_and_run_when_it_is_durable_and_nothing_is_left_of_it() {
    let mut bench = bench(Settings::default());
    bench.hold = vec!["commit"];
    let first = bench.start_express("a");
    let others = ["b", "c"].map(|name| bench.start_express(name));
    assert_eq!((bench.reply(first), bench.runs.len()), (None, 0));
    bench.release();
    assert!(matches!(bench.reply(first), Some(Reply::Started { name, .. }) if name == "a"));
    assert!(others.iter().all(|ticket| matches!(bench.reply(*ticket), Some(Reply::Started { .. }))));
    assert_eq!(names(&bench.runs), ["a", "b", "c"]);
    assert_eq!(rows(&bench), 2, "those that came during a commit are one row");
    let runs = bench.runs.clone();
    runs.iter().for_each(|run| bench.ends(run));
    assert_eq!(rows(&bench), 0);
    bench.ends(&runs[0]);
    bench.assert_empty();
}

#[test]
fn what_had_not_ended_is_run_again_twice_at_most() {
    let mut bench = bench(Settings::default());
    bench.hold = vec!["commit"];
    for name in ["x", "a", "b"] {
        bench.start_express(name);
    }
    bench.release();
    let runs = bench.runs.clone();
    bench.ends(&runs[1]);
    for attempt in 2..=3 {
        bench.runs.clear();
        bench.crash();
        assert_eq!(names(&bench.runs), ["x", "b"], "attempt {attempt}");
        assert_eq!(bench.runs[1].start, runs[2].start, "the same start");
    }
    let last = bench.runs.clone();
    bench.ends(&last[1]);
    bench.runs.clear();
    bench.crash();
    assert_eq!(names(&bench.runs), Vec::<&str>::new());
    assert_eq!(rows(&bench), 0);
    bench.assert_empty();
}

#[test]
fn nothing_is_run_after_its_five_minutes() {
    for (millis, expected) in [(299_999, 1), (300_000, 0)] {
        let mut bench = bench(Settings::default());
        bench.start_express("a");
        bench.runs.clear();
        bench.pass(millis);
        bench.crash();
        assert_eq!(bench.runs.len(), expected, "{millis}");
        assert_eq!(rows(&bench) > 0, expected == 1, "{millis}");
    }
}

#[test]
fn an_attempt_is_counted_before_it_is_made() {
    let mut bench = bench(Settings::default());
    bench.start_express("a");
    bench.runs.clear();
    bench.hold = vec!["commit"];
    bench.crash();
    assert_eq!(bench.runs.len(), 0);
    bench.release();
    assert_eq!(bench.runs.len(), 1);
}

#[test]
fn a_start_that_comes_before_the_shard_knows_what_there_is_waits() {
    let mut bench = bench(Settings::default());
    bench.start_express("a");
    bench.runs.clear();
    bench.now -= 60_000;
    bench.hold = vec!["read pending"];
    bench.crash();
    let ticket = bench.start_express("b");
    assert_eq!(bench.reply(ticket), None);
    bench.release();
    assert_eq!(names(&bench.runs), ["a", "b"], "the clock went back, and nothing was written over");
    assert_eq!(rows(&bench), 3);
}

#[test]
fn so_many_run_and_so_many_are_accepted() {
    let settings = Settings { express_executions: 1, express_accepted: 2, ..Settings::default() };
    let mut bench = bench(settings);
    let tickets = ["a", "b", "c"].map(|name| bench.start_express(name));
    assert_eq!(bench.reply(tickets[2]), Some(&Reply::Busy));
    assert_eq!(names(&bench.runs), ["a"]);
    let first = bench.runs[0].clone();
    bench.ends(&first);
    assert_eq!(names(&bench.runs), ["a", "b"]);
    let ticket = bench.start_express("d");
    assert!(matches!(bench.reply(ticket), Some(Reply::Started { .. })));
}
