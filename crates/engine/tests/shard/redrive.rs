//! Redrives: an execution that has ended comes back, goes on once that is durable, and is redriven once for each token.

use engine::{Reply, Settings, TaskOutcome};
use interpreter::{Failure, Limits, NotRedrivable, Parent, Timestamp};
use store::memory::Fault;
use store::{ExecutionStatus, PendingKind, Store};

use crate::bench::{Bench, CHARGE, CHILD, JOB, done, submitted, task, wait};

const RUNNING: Option<Reply> = Some(Reply::NotRedrivable(NotRedrivable::Status("RUNNING")));

fn no() -> TaskOutcome {
    TaskOutcome::Failed(Failure { error: Some("Boom".into()), cause: None })
}

#[test]
fn what_failed_goes_on_and_its_row_says_so() {
    let mut bench = Bench::new(&task(CHARGE, ""));
    let key = bench.started();
    bench.returns(key, bench.calls[0].effect, no());
    assert_eq!(bench.status(key), ExecutionStatus::Failed);
    bench.now += 1_000;
    let ticket = bench.redrive(key, None);
    assert_eq!(bench.reply(ticket), Some(&Reply::Redriven { at: bench.at() }));
    let row = bench.store.execution(key).unwrap().unwrap();
    assert_eq!((row.status, row.stopped_at), (ExecutionStatus::Running, None));
    assert_eq!((row.redrive_count, row.redriven_at), (1, Some(bench.now)));
    assert_eq!(bench.calls.len(), 2, "the task is called again");
    let refused = bench.redrive(key, None);
    assert_eq!(bench.reply(refused).cloned(), RUNNING);
    bench.returns(key, bench.calls[1].effect, done());
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    let refused = bench.redrive(key, None);
    let status = NotRedrivable::Status("SUCCEEDED");
    assert_eq!(bench.reply(refused), Some(&Reply::NotRedrivable(status)));
    bench.assert_empty();
}

#[test]
fn nothing_runs_before_the_redrive_is_durable_and_a_crash_loses_nothing() {
    let mut bench = Bench::new(&task(CHARGE, ""));
    let key = bench.started();
    bench.returns(key, bench.calls[0].effect, no());
    bench.hold = vec!["commit"];
    let ticket = bench.redrive(key, Some("t"));
    assert_eq!((bench.reply(ticket), bench.calls.len()), (None, 1));
    bench.hold.clear();
    bench.crash();
    assert_eq!(bench.status(key), ExecutionStatus::Failed, "it was not durable");
    bench.fail_next_commit(Fault::Unknown);
    bench.redrive(key, Some("t"));
    // It took effect, and nobody was told: the same token again is the same redrive.
    let at = bench.at();
    bench.now += 5_000;
    assert_eq!(bench.status(key), ExecutionStatus::Running);
    let ticket = bench.redrive(key, Some("t"));
    assert_eq!(bench.reply(ticket), Some(&Reply::Redriven { at }));
    assert_eq!(bench.calls.len(), 2);
    assert_eq!(bench.store.execution(key).unwrap().unwrap().redrive_count, 1);
    bench.returns(key, bench.calls[1].effect, done());
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.assert_empty();
}

#[test]
fn a_token_is_one_redrive_for_a_quarter_of_an_hour() {
    let mut bench = Bench::new(&wait(3_600));
    let key = bench.started();
    bench.stop(key);
    let first = bench.redrive(key, Some("t"));
    let at = bench.at();
    assert_eq!(bench.reply(first), Some(&Reply::Redriven { at }));
    bench.stop(key);
    bench.now += 899_999;
    let same = bench.redrive(key, Some("t"));
    assert_eq!(bench.reply(same), Some(&Reply::Redriven { at }));
    assert_eq!(bench.status(key), ExecutionStatus::Aborted, "it was not redriven a second time");
    bench.now += 1;
    let next = bench.redrive(key, Some("t"));
    assert_eq!(bench.reply(next), Some(&Reply::Redriven { at: Timestamp(at.0 + 900_000) }));
    bench.pass(3_600_000);
    assert_eq!(bench.status(key), ExecutionStatus::Succeeded);
    bench.assert_empty();
}

#[test]
fn who_comes_while_an_end_is_being_written_waits_for_it() {
    let mut bench = Bench::new(&task(CHARGE, ""));
    let key = bench.started();
    bench.hold = vec!["commit"];
    bench.returns(key, bench.calls[0].effect, no());
    let redrives = [bench.redrive(key, None), bench.redrive(key, None)];
    let stop = bench.stop(key);
    bench.release();
    assert!(matches!(bench.reply(stop), Some(Reply::Stopped { .. })));
    let replies = redrives.map(|ticket| bench.reply(ticket).cloned());
    assert_eq!(replies, [Some(Reply::Redriven { at: bench.at() }), RUNNING]);
    assert_eq!((bench.status(key), bench.calls.len()), (ExecutionStatus::Running, 2));
    let stop = bench.stop(key);
    assert_eq!(bench.reply(stop), Some(&Reply::Stopped { at: bench.at() }));
    assert_eq!(bench.status(key), ExecutionStatus::Aborted);
    bench.assert_empty();
}

#[test]
fn a_machine_that_is_being_deleted_and_an_old_end_are_refused() {
    let limits = Limits { redrivable_seconds: Some(60), ..Limits::SERVICE };
    let mut bench = Bench::with(&wait(60), Settings::default(), limits);
    let key = bench.started();
    bench.stop(key);
    bench.shard.deleting("m", false);
    let ticket = bench.redrive(key, None);
    assert_eq!(bench.reply(ticket), Some(&Reply::NotRedrivable(NotRedrivable::MachineDeleting)));
    bench.shard.deleting("m", true);
    bench.now += 60_000;
    let ticket = bench.redrive(key, None);
    assert_eq!(bench.reply(ticket), Some(&Reply::NotRedrivable(NotRedrivable::Period)));
    let nobody = bench.redrive(store::ExecutionKey(1 << 30), None);
    assert_eq!(bench.reply(nobody), Some(&Reply::NoSuchExecution));
    bench.assert_empty();
}

#[test]
fn a_parent_that_did_not_hear_of_the_first_end_hears_of_the_next() {
    let mut bench = Bench::new(&task(CHILD, ""));
    bench.define("r2", &wait(60));
    let parent = bench.started();
    let effect = bench.calls[0].effect;
    let ticket =
        bench.start_of("r2", Some("c"), "{}", Some(Parent { execution: parent.0, effect, awaits: true }));
    let child = bench.key(ticket);
    bench.stop(child);
    assert_eq!((bench.reports.len(), bench.rows(child)), (1, vec![PendingKind::Report]));
    let report = bench.reports[0].1;
    bench.redrive(child, None);
    assert_eq!(bench.rows(child), [PendingKind::Timer], "it owes nothing while it runs");
    bench.reported(child, report, false);
    bench.pass(60_000);
    assert_eq!(bench.status(child), ExecutionStatus::Succeeded);
    assert_eq!((bench.reports.len(), bench.rows(child)), (2, vec![PendingKind::Report]));
}

#[test]
fn a_job_that_was_stopped_is_not_stopped_again_and_one_that_was_not_is() {
    for is_seen_to in [true, false] {
        let mut bench = Bench::new(&task(JOB, ""));
        let key = bench.started();
        bench.returns(key, bench.calls[0].effect, submitted());
        bench.stop(key);
        assert_eq!(bench.abandoned.len(), 1);
        if is_seen_to {
            let stop = bench.abandoned.remove(0);
            bench.released(key, stop.effect);
        }
        bench.redrive(key, None);
        let owed = usize::from(!is_seen_to);
        assert_eq!(bench.abandoned.len(), owed, "the shard knows of it already");
        assert_eq!(bench.rows(key).contains(&PendingKind::Abandoned), !is_seen_to);
        bench.abandoned.clear();
        bench.crash();
        assert_eq!(bench.abandoned.len(), owed, "after a crash");
    }
}
