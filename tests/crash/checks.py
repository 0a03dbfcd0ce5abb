"""What must be true after any crash, as functions from data to a list of breaches. No client, no clock: `test_checks.py` shows
that each of them can fail.

A history is GetExecutionHistory's list of events with timestamps as numbers; a ledger is the lines of functions.py.
"""

import collections
import json

TERMINAL = {
    "SUCCEEDED": "ExecutionSucceeded",
    "FAILED": "ExecutionFailed",
    "ABORTED": "ExecutionAborted",
    "TIMED_OUT": "ExecutionTimedOut",
}
OUTCOMES = ("Succeeded", "Failed", "TimedOut", "SubmitFailed", "ScheduleFailed", "StartFailed")
WORK = ("LambdaFunction", "Task", "Activity")
# The errors with which the server ends a call whose outcome nobody can know.
INTERRUPTED = {"Lambda.SdkClientException", "States.TaskFailed", "Stepwell.Interrupted"}


def details(event):
    """The details object of an event, whatever its name."""
    return next((value for name, value in event.items() if name.endswith("EventDetails")), {})


def is_work(event, *endings):
    """Whether it is an event of a task's attempt, ending in one of these words."""
    kind = event["type"]
    return any(kind == prefix + ending for prefix in WORK for ending in endings)


def back_to_scheduled(by_id, event):
    """The event that scheduled this one's attempt, or None. Follows only links that lead backwards."""
    while event and not is_work(event, "Scheduled"):
        before = by_id.get(event.get("previousEventId", 0))
        event = before if before and before["id"] < event["id"] else None
    return event


def history_is_whole(events, description):
    """Ids without gaps, links backwards, time forwards, one beginning, one end that says what DescribeExecution says."""
    found = []
    if [event["id"] for event in events] != list(range(1, len(events) + 1)):
        found.append(f"event ids have gaps: {[event['id'] for event in events][:20]}")
    for event in events:
        if not 0 <= event.get("previousEventId", 0) < event["id"]:
            found.append(f"event {event['id']} follows event {event.get('previousEventId')}")
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        found.append("timestamps run backwards")
    if not events or events[0]["type"] != "ExecutionStarted":
        return [*found, "the history does not begin with ExecutionStarted"]
    redrives = [event["id"] for event in events if event["type"] == "ExecutionRedriven"]
    if len(redrives) != description.get("redriveCount", 0):
        found.append(f"redriven {description.get('redriveCount')} times, and the history says so {len(redrives)} times")
    # An end that a redrive follows is none.
    ends = [event["id"] for event in events if event["type"] in TERMINAL.values() and event["id"] + 1 not in redrives]
    wanted = TERMINAL.get(description["status"])
    if wanted is None:
        found.append(f"the execution is {description['status']} and does not end")
    elif ends != [len(events)] or events[-1]["type"] != wanted:
        found.append(f"status {description['status']}, but the history ends with {events[-1]['type']} and its ends are {ends}")
    elif wanted == "ExecutionSucceeded" and details(events[-1]).get("output") != description.get("output"):
        found.append("DescribeExecution and the history disagree on the output")
    return found


def attempts_are_whole(events, succeeded):
    """Every attempt has at most one outcome, and exactly one if the execution succeeded; each state is left once it was entered."""
    found = []
    by_id = {event["id"]: event for event in events}
    outcomes = collections.Counter()
    for event in events:
        if is_work(event, *OUTCOMES):
            scheduled = back_to_scheduled(by_id, event)
            if scheduled is None:
                found.append(f"event {event['id']} {event['type']} belongs to no scheduled task")
            else:
                outcomes[scheduled["id"]] += 1
    found += [f"the task scheduled by event {number} has {count} outcomes" for number, count in outcomes.items() if count > 1]
    if succeeded:
        # What was under way when the execution was stopped has no outcome; a redrive has it scheduled again.
        redriven = max((event["id"] for event in events if event["type"] == "ExecutionRedriven"), default=0)
        scheduled = {event["id"] for event in events if is_work(event, "Scheduled") and event["id"] > redriven}
        found += [f"the task scheduled by event {number} has no outcome" for number in sorted(scheduled - set(outcomes))]
        entered = collections.Counter(details(e).get("name") for e in events if e["type"].endswith("StateEntered"))
        exited = collections.Counter(details(e).get("name") for e in events if e["type"].endswith("StateExited"))
        if entered != exited:
            found.append(f"states entered but not left: {dict(entered - exited)}, left but not entered: {dict(exited - entered)}")
    return found


def interruptions(events):
    """The failures that the server put for a call whose outcome it cannot know: (event, the event before it)."""
    by_id = {event["id"]: event for event in events}
    for event in events:
        if is_work(event, "Failed", "SubmitFailed", "StartFailed", "ScheduleFailed"):
            if details(event).get("error") in INTERRUPTED:
                yield event, by_id.get(event.get("previousEventId", 0), {})


def interrupted_only_after_dispatch(events):
    """A task may fail as interrupted only if its call had been dispatched, which the history shows as Started."""
    return [
        f"event {event['id']} {event['type']} ({details(event).get('error')}) follows {before.get('type')}: not dispatched"
        for event, before in interruptions(events)
        if not is_work(before, "Started")
    ]


def key_of(event):
    """The key under which a scheduled function call is in the ledger, or None."""
    found = details(event)
    try:
        sent = json.loads(found.get("input") or found.get("parameters") or "null")
    except ValueError:
        return None
    if isinstance(sent, dict) and isinstance(sent.get("Payload"), dict):
        sent = sent["Payload"]
    return sent.get("key") if isinstance(sent, dict) else None


def calls_match_ledger(events, begun, ended, no_retrier):
    """`begun` and `ended` count the ledger's lines by key. No call without its schedule, none twice without a Retrier, and no
    success that did not happen."""
    found = []
    scheduled = collections.Counter(key for event in events if is_work(event, "Scheduled") and (key := key_of(event)))
    for key, count in scheduled.items():
        if begun[key] > count:
            found.append(f"`{key}` was scheduled {count} times and ran {begun[key]} times")
        if no_retrier and count > 1:
            found.append(f"`{key}` has no Retrier and was scheduled {count} times")
    by_id = {event["id"]: event for event in events}
    for event in events:
        if is_work(event, "Succeeded") and event["type"].startswith("Lambda"):
            before = back_to_scheduled(by_id, event)
            key = before and key_of(before)
            if key and not ended[key]:
                found.append(f"`{key}` succeeded in the history and never ended in the ledger")
    return found


def no_key_twice(ledger):
    """A function sees an idempotency key once: a second call with it would be a silent repetition."""
    seen = collections.Counter(line["idempotency"] for line in ledger if line["at"] == "begin" and line.get("idempotency"))
    return [f"idempotency key `{key}` was seen {count} times" for key, count in seen.items() if count > 1]


def is_prefix(earlier, later):
    """What a client once read of a history stays as it was."""
    if earlier == later[: len(earlier)]:
        return []
    number = next((i for i, (a, b) in enumerate(zip(earlier, later)) if a != b), len(later))
    return [f"the history changed after it was read: event {number + 1} of {len(earlier)}"]


def families_are_whole(parents, children, orphans, unacknowledged):
    """`parents` are descriptions of ended executions that waited for one child each, `children` and `orphans` lists of executions.
    A parent that was started and never acknowledged has a child, too: there are at most so many."""
    found = []
    told = collections.Counter()
    known = {child["executionArn"]: child["status"] for child in children}
    for parent in parents:
        if parent["status"] != "SUCCEEDED":
            continue
        end = json.loads(parent["output"])
        told[end["ExecutionArn"]] += 1
        if known.get(end["ExecutionArn"]) != end["Status"]:
            found.append(f"{parent['executionArn']} heard {end['Status']} of a child that is {known.get(end['ExecutionArn'])}")
    found += [f"{count} parents have the child {arn}" for arn, count in told.items() if count > 1]
    surplus = len(set(known) - set(told))
    if surplus > unacknowledged:
        found.append(f"{surplus} children that no parent has heard of")
    found += [f"{orphan['executionArn']} is {orphan['status']} for nobody" for orphan in orphans if orphan["status"] != "ABORTED"]
    return found
