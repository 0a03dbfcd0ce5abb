"""The workflows of the crash test. Each shows one promise; each names its calls, so that the ledger can be held against the history.

A call's key is `<execution name>/<place>`, built by the workflow itself.
"""

import random

ACCOUNT = "000000000000"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
PATIENT_RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1.0}]


def task(place, function="work", **more):
    """A Task state that calls a function under the key of its place."""
    return {
        "Type": "Task",
        "Resource": FUNCTION + function,
        "Parameters": {"key.$": f"States.Format('{{}}/{place}', $$.Execution.Name)", "ms.$": "$$.Execution.Input.ms"},
        "ResultPath": f"$.{place}",
        **more,
    }


def machine(start, **states):
    return {"StartAt": start, "States": states}


def branch(name):
    return machine(name, **{name: task(name, End=True)})


def chain():
    """Two calls with a wait between, nobody retries: each call at most once."""
    return machine(
        "First",
        First=task("First", Next="Pause"),
        Pause={"Type": "Wait", "Seconds": 1, "Next": "Second"},
        Second=task("Second", End=True),
    )


def retrying():
    """A call that is retried until it holds: the execution must succeed whatever happens to the server."""
    return machine("Work", Work=task("Work", Retry=PATIENT_RETRY, Next="Again"), Again=task("Again", Retry=PATIENT_RETRY, End=True))


def fan():
    """Calls side by side: a Parallel, then a Map over five items; nobody retries."""
    each = {
        "Type": "Task",
        "Resource": FUNCTION + "work",
        "Parameters": {
            "key.$": "States.Format('{}/Each-{}', $$.Execution.Name, $.index)",
            "ms.$": "$$.Execution.Input.ms",
        },
        "End": True,
    }
    return machine(
        "Both",
        Both={"Type": "Parallel", "Branches": [branch("Left"), branch("Right")], "ResultPath": "$.both", "Next": "All"},
        All={
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"index.$": "$$.Map.Item.Index"},
            "MaxConcurrency": 3,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **machine("Each", Each=each)},
            "End": True,
        },
    )


def sleeper():
    """Timers only: must succeed, and not before its time."""
    return machine(
        "Long",
        Long={"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Short"},
        Short={"Type": "Wait", "Seconds": 1, "Next": "Done"},
        Done={"Type": "Succeed"},
    )


def asking():
    """A call that passes on a task token; the answer arrives from outside. Retried, for the call itself may be interrupted."""
    state = task("Ask", Retry=PATIENT_RETRY, TimeoutSeconds=60, End=True)
    state["Resource"] = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    state["Parameters"] = {
        "FunctionName": FUNCTION + "ask",
        "Payload": {"key.$": "States.Format('{}/Ask', $$.Execution.Name)", "token.$": "$$.Task.Token"},
    }
    return machine("Ask", Ask=state)


def working(activity):
    """A task for a worker who polls. A hand-out that the crash swallowed times out and is retried."""
    return machine(
        "Activity",
        Activity={"Type": "Task", "Resource": activity, "TimeoutSeconds": 8, "Retry": PATIENT_RETRY, "End": True},
    )


def express():
    """One call, at least once for every accepted start."""
    return machine("Once", Once=task("Once", End=True))


def sync(child, **more):
    """A Task state that starts an execution and waits for its end."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {
            "StateMachineArn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{child}",
            "Input": {"ms.$": "$$.Execution.Input.ms"},
        },
        **more,
    }


def nesting():
    """A child that works and waits; nobody retries, for whoever dies when, the parent hears of the one child's end."""
    return machine("Nest", Nest=sync("child", End=True))


def abandoning():
    """A child that would run for an hour; the parent is stopped as soon as it runs, and no child may run on."""
    return machine("Nest", Nest=sync("orphan", End=True))


def redriven():
    """Stopped as soon as it runs, and redriven: what was done before is not done again."""
    branches = [branch("Left"), branch("Right")]
    return machine(
        "First",
        First=task("First", Next="Both"),
        Both={"Type": "Parallel", "Branches": branches, "ResultPath": "$.both", "Next": "Pause"},
        Pause={"Type": "Wait", "Seconds": 1, "Next": "Last"},
        Last=task("Last", End=True),
    )


# Machines that only tasks start.
CHILDREN = {
    "child": machine("Work", Work=task("Work", Retry=PATIENT_RETRY, Next="Rest"), Rest={"Type": "Wait", "Seconds": 1, "End": True}),
    "orphan": machine("Rest", Rest={"Type": "Wait", "Seconds": 3600, "End": True}),
}

# Kind: (definition, type, how often it is started relative to the others).
KINDS = {
    "chain": (chain, "STANDARD", 4),
    "retrying": (retrying, "STANDARD", 3),
    "fan": (fan, "STANDARD", 2),
    "sleeper": (sleeper, "STANDARD", 2),
    "asking": (asking, "STANDARD", 2),
    "working": (working, "STANDARD", 1),
    "express": (express, "EXPRESS", 2),
    "nesting": (nesting, "STANDARD", 2),
    "abandoning": (abandoning, "STANDARD", 2),
    "redriven": (redriven, "STANDARD", 2),
}

# Kinds of which every execution must succeed: whatever a crash can do to them is retried, or nothing.
MUST_SUCCEED = {"retrying", "sleeper", "asking", "working", "nesting"}
# Kinds without a Retrier: a call of theirs is made at most once.
NO_RETRIER = {"chain", "fan"}
# Kinds that clients stop as soon as they run.
STOPPED = {"abandoning"}
# Kinds that clients stop as soon as they run, and then redrive.
REDRIVEN = {"redriven"}


def pick(rng: random.Random, kinds):
    """One of `kinds`, by weight, and an input for it."""
    kind = rng.choices(kinds, [KINDS[kind][2] for kind in kinds])[0]
    return kind, {"ms": rng.choice([0, 5, 20, 80, 300]), "items": [1, 2, 3, 4, 5], "seconds": rng.randint(1, 4)}
