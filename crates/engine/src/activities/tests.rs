//! Who gets which task, and what becomes of tasks whose pollers are gone.

use store::{ExecutionKey, PendingKey, ShardId};

use super::*;

fn key(counter: u16, shard: u8) -> PendingKey {
    PendingKey { execution: ExecutionKey::new(1_750_000_000_000, counter, ShardId(shard)), effect: 3 }
}

fn task(since: i64, counter: u16, shard: u8) -> QueuedTask {
    QueuedTask { activity: "a".into(), since, key: key(counter, shard) }
}

fn all(queues: &mut ActivityQueues) -> Vec<ActivityAction> {
    std::iter::from_fn(|| queues.next_action()).collect()
}

fn take(poll: Ticket, task: PendingKey) -> ActivityAction {
    ActivityAction::Take { poll, task, worker: None }
}

fn durable() -> Taken {
    Taken::Task { token: "t".into(), input: Payload::from_trusted_text("1".into()) }
}

fn handed(poll: Ticket, key: PendingKey) -> ActivityAction {
    let Taken::Task { token, input } = durable() else { unreachable!() };
    ActivityAction::Answer(poll, Polled::Task { key, token, input })
}

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(61_000);

fn polled(queues: &mut ActivityQueues, ticket: Ticket) {
    queues.poll(ticket, "a", None, LATER);
}

#[test]
fn first_come_first_served_on_both_sides_whatever_the_shard() {
    let mut queues = ActivityQueues::new(10);
    for waiting in [task(30, 1, 0), task(10, 3, 1), task(20, 2, 0), task(10, 3, 1)] {
        queues.queued(waiting);
    }
    assert_eq!(queues.len(), (3, 0));
    (1..=4).for_each(|ticket| polled(&mut queues, ticket));
    assert_eq!(all(&mut queues), [take(1, key(3, 1)), take(2, key(2, 0)), take(3, key(1, 0))]);
    queues.queued(task(40, 9, 1));
    assert_eq!(all(&mut queues), [take(4, key(9, 1))]);
    for (ticket, which) in [(2, key(2, 0)), (1, key(3, 1))] {
        queues.taken(ticket, durable(), NOW);
        assert_eq!(all(&mut queues), [handed(ticket, which)], "answered only when it is durable");
    }
}

#[test]
fn a_task_that_ended_meanwhile_costs_no_poller_its_place() {
    let mut queues = ActivityQueues::new(10);
    polled(&mut queues, 1);
    polled(&mut queues, 2);
    queues.queued(task(10, 1, 0));
    assert_eq!(all(&mut queues), [take(1, key(1, 0))]);
    queues.unqueued(&task(10, 1, 0));
    queues.taken(1, Taken::Stale, NOW);
    queues.queued(task(20, 2, 0));
    assert_eq!(all(&mut queues), [take(1, key(2, 0))]);
    queues.taken(1, Taken::Stale, LATER);
    assert_eq!(all(&mut queues), [ActivityAction::Answer(1, Polled::Empty)], "its time was over");
}

#[test]
fn polls_end_in_time_and_there_are_not_too_many() {
    let mut queues = ActivityQueues::new(2);
    (1..=3).for_each(|ticket| polled(&mut queues, ticket));
    assert_eq!(all(&mut queues), [ActivityAction::Answer(3, Polled::TooMany)]);
    queues.gone(1);
    polled(&mut queues, 4);
    assert_eq!(all(&mut queues), []);
    assert_eq!(queues.poll_timeout(), Some(LATER));
    queues.handle_timeout(Timestamp(LATER.0 - 1));
    assert_eq!(all(&mut queues), []);
    queues.handle_timeout(LATER);
    assert_eq!(all(&mut queues), [2, 4].map(|ticket| ActivityAction::Answer(ticket, Polled::Empty)));
    assert!(queues.is_empty() && queues.poll_timeout().is_none());
}

#[test]
fn what_nobody_was_handed_is_returned_to_its_place() {
    let mut queues = ActivityQueues::new(10);
    polled(&mut queues, 1);
    queues.queued(task(10, 1, 0));
    queues.queued(task(20, 2, 0));
    assert_eq!(all(&mut queues), [take(1, key(1, 0))]);
    queues.gone(1);
    assert_eq!(all(&mut queues), [], "not before it is known to be durable");
    queues.taken(1, durable(), NOW);
    assert_eq!(all(&mut queues), [ActivityAction::Return(key(1, 0))]);
    // Its shard announces it, and only then is it given to somebody.
    queues.queued(task(10, 1, 0));
    polled(&mut queues, 2);
    assert_eq!(all(&mut queues), [take(2, key(2, 0))], "it is still being returned");
    queues.returned(key(1, 0), true, NOW);
    polled(&mut queues, 3);
    assert_eq!(all(&mut queues), [take(3, key(1, 0))]);
}

#[test]
fn a_hand_over_that_nobody_knows_of_is_undone_before_the_task_is_given_again() {
    let mut queues = ActivityQueues::new(10);
    polled(&mut queues, 1);
    queues.queued(task(10, 1, 0));
    queues.queued(task(20, 2, 1));
    assert_eq!(all(&mut queues), [take(1, key(1, 0))]);
    queues.shard_opens(ShardId(0), NOW);
    queues.shard_read(ShardId(0));
    queues.taken(1, Taken::Unknown, NOW);
    assert_eq!(all(&mut queues), [ActivityAction::Return(key(1, 0)), take(1, key(2, 1))]);
    queues.returned(key(1, 0), false, NOW);
    queues.queued(task(10, 1, 0));
    polled(&mut queues, 2);
    assert_eq!(all(&mut queues), []);
    queues.handle_timeout(Timestamp(NOW.0 + RETURN_AGAIN_MS));
    assert_eq!(all(&mut queues), [ActivityAction::Return(key(1, 0))]);
    queues.returned(key(1, 0), true, NOW);
    assert_eq!(all(&mut queues), [take(2, key(1, 0))]);
}

#[test]
fn a_task_that_is_announced_again_while_it_is_handed_over_waits_for_the_outcome() {
    let mut queues = ActivityQueues::new(10);
    polled(&mut queues, 1);
    polled(&mut queues, 2);
    queues.queued(task(10, 1, 0));
    assert_eq!(all(&mut queues), [take(1, key(1, 0))]);
    // The shard was opened again, and says so before the first hand-over is known to have failed.
    queues.shard_opens(ShardId(0), NOW);
    queues.queued(task(10, 1, 0));
    queues.shard_read(ShardId(0));
    assert_eq!(all(&mut queues), []);
    queues.taken(1, Taken::Unknown, NOW);
    assert_eq!(all(&mut queues), [ActivityAction::Return(key(1, 0))]);
    queues.returned(key(1, 0), true, NOW);
    assert_eq!(all(&mut queues), [take(1, key(1, 0))]);
}

#[test]
fn nobody_is_served_before_all_shards_have_said_what_waits_unless_one_takes_long() {
    for is_late in [false, true] {
        let mut queues = ActivityQueues::new(10);
        queues.shard_opens(ShardId(0), NOW);
        queues.shard_opens(ShardId(1), NOW);
        polled(&mut queues, 1);
        queues.queued(task(20, 2, 0));
        queues.shard_read(ShardId(0));
        assert_eq!(all(&mut queues), []);
        if is_late {
            queues.handle_timeout(Timestamp(NOW.0 + OPENING_MS));
            assert_eq!(all(&mut queues), [take(1, key(2, 0))]);
        } else {
            queues.queued(task(10, 1, 1));
            queues.shard_read(ShardId(1));
            assert_eq!(all(&mut queues), [take(1, key(1, 1))]);
        }
    }
}

#[test]
fn deletion_answers_those_that_poll_and_keeps_the_tasks() {
    let mut queues = ActivityQueues::new(10);
    queues.poll(7, "b", None, LATER);
    polled(&mut queues, 1);
    queues.deleted("a");
    assert_eq!(all(&mut queues), [ActivityAction::Answer(1, Polled::Deleted)]);
    queues.queued(task(10, 1, 0));
    queues.deleted("a");
    polled(&mut queues, 2);
    assert_eq!(all(&mut queues), [take(2, key(1, 0))]);
}

#[test]
fn a_drain_answers_everybody_and_hands_out_nothing_more() {
    let mut queues = ActivityQueues::new(10);
    polled(&mut queues, 1);
    queues.queued(task(10, 1, 0));
    polled(&mut queues, 2);
    assert_eq!(all(&mut queues), [take(1, key(1, 0))]);
    queues.drain();
    polled(&mut queues, 3);
    queues.queued(task(20, 2, 0));
    assert_eq!(all(&mut queues), [2, 3].map(|ticket| ActivityAction::Answer(ticket, Polled::Empty)));
    queues.taken(1, durable(), NOW);
    assert_eq!(all(&mut queues), [handed(1, key(1, 0))], "what is on its way arrives");
}
