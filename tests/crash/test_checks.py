"""Each check of checks.py on a history that holds, and on the same history broken in one place."""

import collections
import copy
import json

import checks
import pytest

WHOLE = [
    {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "timestamp": 1.0, "executionStartedEventDetails": {"input": "{}"}},
    {"id": 2, "previousEventId": 0, "type": "TaskStateEntered", "timestamp": 1.0, "stateEnteredEventDetails": {"name": "A"}},
    {
        "id": 3,
        "previousEventId": 2,
        "type": "LambdaFunctionScheduled",
        "timestamp": 1.0,
        "lambdaFunctionScheduledEventDetails": {"input": '{"key":"e/A"}'},
    },
    {"id": 4, "previousEventId": 3, "type": "LambdaFunctionStarted", "timestamp": 1.1},
    {"id": 5, "previousEventId": 4, "type": "LambdaFunctionSucceeded", "timestamp": 1.2, "lambdaFunctionSucceededEventDetails": {}},
    {"id": 6, "previousEventId": 5, "type": "TaskStateExited", "timestamp": 1.2, "stateExitedEventDetails": {"name": "A"}},
    {"id": 7, "previousEventId": 6, "type": "ExecutionSucceeded", "timestamp": 1.3, "executionSucceededEventDetails": {"output": "1"}},
]
SUCCEEDED = {"status": "SUCCEEDED", "output": "1"}
FAILURE = {
    "id": 5,
    "previousEventId": 4,
    "type": "LambdaFunctionFailed",
    "timestamp": 1.2,
    "lambdaFunctionFailedEventDetails": {"error": "Lambda.SdkClientException"},
}


def broken(change):
    events = copy.deepcopy(WHOLE)
    change(events)
    return events


def all_breaches(events, description=None, begun=1, ended=1, no_retrier=True):
    return [
        *checks.history_is_whole(events, description or SUCCEEDED),
        *checks.attempts_are_whole(events, succeeded=True),
        *checks.interrupted_only_after_dispatch(events),
        *checks.calls_match_ledger(
            events, collections.Counter({"e/A": begun}), collections.Counter({"e/A": ended}), no_retrier
        ),
    ]


def test_a_whole_history_holds():
    assert all_breaches(WHOLE) == []
    assert checks.is_prefix(WHOLE[:4], WHOLE) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda events: events.pop(3),
        lambda events: events[3].update(id=5),
        lambda events: events[3].update(previousEventId=4),
        lambda events: events[3].update(timestamp=0.5),
        lambda events: events[0].update(type="TaskStateEntered"),
        lambda events: events.pop(),
        lambda events: events[6].update(type="ExecutionFailed"),
        lambda events: events[6].update(executionSucceededEventDetails={"output": "2"}),
        lambda events: events[4].update(previousEventId=0),
        lambda events: events[5].update(type="LambdaFunctionSucceeded", previousEventId=4),
        lambda events: events[4].update(type="PassStateEntered"),
        lambda events: events.__setitem__(4, {**FAILURE, "previousEventId": 3}),
        lambda events: events.insert(3, {**copy.deepcopy(events[2]), "id": 4}),
    ],
)
def test_a_broken_history_is_seen(change):
    assert all_breaches(broken(change)) != []


@pytest.mark.parametrize("more", [{"begun": 2}, {"ended": 0}, {"description": {"status": "RUNNING"}}])
def test_a_broken_promise_is_seen(more):
    assert all_breaches(WHOLE, **more) != []


def test_an_interruption_after_dispatch_is_allowed():
    events = broken(lambda events: events.__setitem__(4, FAILURE))
    assert checks.interrupted_only_after_dispatch(events) == []
    assert [event["id"] for event, _ in checks.interruptions(events)] == [5]


def test_a_redrive_after_an_end_is_allowed_and_must_be_told():
    end = {"id": 8, "previousEventId": 7, "type": "ExecutionRedriven", "timestamp": 1.4}
    again = {**WHOLE[6], "id": 9, "previousEventId": 8, "timestamp": 1.5}
    events = [*WHOLE[:6], {**WHOLE[6], "type": "ExecutionAborted"}, end, again]
    assert checks.history_is_whole(events, {**SUCCEEDED, "redriveCount": 1}) == []
    assert checks.history_is_whole(events, SUCCEEDED) != []
    assert checks.history_is_whole([*events[:7], {**end, "type": "PassStateEntered"}, again], {**SUCCEEDED, "redriveCount": 1}) != []


def test_changed_history_and_repeated_keys_are_seen():
    assert checks.is_prefix(broken(lambda events: events[1].update(timestamp=2.0))[:3], WHOLE) != []
    assert checks.is_prefix(WHOLE, WHOLE[:5]) != []
    line = {"at": "begin", "idempotency": "k"}
    assert checks.no_key_twice([line, {"at": "begin", "idempotency": None}]) == []
    assert checks.no_key_twice([line, line]) != []


def test_broken_families_are_seen():
    def check(parents, children, orphans=()):
        describe = lambda arn, child: {"executionArn": arn, "status": "SUCCEEDED", "output": json.dumps({"ExecutionArn": child, "Status": "SUCCEEDED"})}
        listed = lambda arn, status: {"executionArn": arn, "status": status}
        return checks.families_are_whole(
            [describe(*pair) for pair in parents], [listed(*pair) for pair in children], [listed(*pair) for pair in orphans], 1
        )

    whole = [("c1", "SUCCEEDED"), ("c2", "SUCCEEDED")]
    assert check([("p1", "c1")], whole, [("o", "ABORTED")]) == []
    assert check([("p1", "c1"), ("p2", "c1")], whole) != []
    assert check([("p1", "c1")], [("c1", "FAILED")]) != []
    assert check([("p1", "c3")], whole[:1]) != []
    assert check([], whole) != []
    assert check([], [], [("o", "RUNNING")]) != []
    assert check([], [], [("o", "SUCCEEDED")]) != []
