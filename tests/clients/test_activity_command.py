"""`stepwell activity`: a shell command as a worker, against a real server."""

import json
import os
import signal
import subprocess
import time
import uuid

import pytest
from conftest import ROLE, binary, until


@pytest.fixture
def stepwell(server):
    def run(*args, **more):
        return subprocess.run(
            [binary(), "--endpoint", server.url, *args], capture_output=True, text=True, timeout=60, **more
        )

    return run


@pytest.fixture
def started(sfn):
    """Starts an execution with a task of a new activity: started(input) -> (activity, execution)."""

    def start(data="{}", **more):
        activity = sfn.create_activity(name=f"a-{uuid.uuid4().hex[:12]}")["activityArn"]
        state = {"Type": "Task", "Resource": activity, "End": True, **more}
        machine = sfn.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:12]}",
            definition=json.dumps({"StartAt": "T", "States": {"T": state}}),
            roleArn=ROLE,
        )["stateMachineArn"]
        return activity, sfn.start_execution(stateMachineArn=machine, input=data)["executionArn"]

    return start


def test_activities_are_made_listed_and_deleted(stepwell):
    name = f"a-{uuid.uuid4().hex[:12]}"
    assert stepwell("activity", "create", name).returncode == 0
    listed = stepwell("activity", "list", "-o", "json")
    assert name in listed.stdout
    assert stepwell("activity", "delete", name).returncode == 0
    assert name not in stepwell("activity", "list", "-o", "json").stdout
    gone = stepwell("activity", "poll", name, "--exec", "true", "--once")
    assert gone.returncode == 4 and "ActivityDoesNotExist" in gone.stderr


def test_a_command_does_a_task(stepwell, started, finished):
    activity, execution = started('{"width": 7}')
    program = "import json, sys; print(json.dumps({'twice': 2 * json.load(sys.stdin)['width']}))"
    done = stepwell("activity", "poll", activity.split(":")[-1], "--exec", f'python3 -c "{program}"', "--once")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert json.loads(finished(execution)["output"]) == {"twice": 14}


def test_a_command_that_fails_fails_the_task(stepwell, started, finished):
    activity, execution = started()
    done = stepwell("activity", "poll", activity, "--exec", "echo no paper >&2; exit 3", "--once")
    assert done.returncode == 1 and "Exit.3" in done.stderr
    found = finished(execution)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Exit.3", "no paper")


def test_heartbeats_keep_a_long_command_alive(stepwell, started, finished):
    activity, execution = started(HeartbeatSeconds=1)
    done = stepwell("activity", "poll", activity, "--exec", "sleep 2.5; echo done", "--once", "--heartbeat", "300ms")
    assert done.returncode == 0, done.stderr
    assert finished(execution)["output"] == '"done"'


def test_a_task_that_is_stopped_ends_its_command(stepwell, started, sfn, tmp_path):
    activity, execution = started()
    witness = tmp_path / "witness"
    process = subprocess.Popen(
        [binary(), "--endpoint", sfn.meta.endpoint_url, "activity", "poll", activity, "--once", "--heartbeat", "200ms"]
        + ["--exec", f"touch {witness}; exec sleep 60"],
        stderr=subprocess.DEVNULL,
    )
    until(witness.exists)
    sfn.stop_execution(executionArn=execution)
    assert process.wait(10) == 1


def test_several_workers_and_a_signal_that_lets_them_finish(started, sfn, finished, tmp_path):
    activity = sfn.create_activity(name=f"a-{uuid.uuid4().hex[:12]}")["activityArn"]
    each = {"StartAt": "E", "States": {"E": {"Type": "Task", "Resource": activity, "End": True}}}
    machine = sfn.create_state_machine(
        name=f"m-{uuid.uuid4().hex[:12]}",
        definition=json.dumps({"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": each, "End": True}}}),
        roleArn=ROLE,
    )["stateMachineArn"]
    process = subprocess.Popen(
        [binary(), "--endpoint", sfn.meta.endpoint_url, "activity", "poll", activity, "--workers", "4"]
        + ["--exec", "sleep 0.5; cat"],
        stderr=subprocess.DEVNULL,
    )
    begin = time.monotonic()
    execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps(list(range(8))))["executionArn"]
    assert json.loads(finished(execution)["output"]) == list(range(8))
    assert time.monotonic() - begin < 3.5, "four at a time"
    last = sfn.start_execution(stateMachineArn=machine, input="[1]")["executionArn"]
    until(lambda: "ActivityStarted" in str(sfn.get_execution_history(executionArn=last)["events"]))
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(10) == 0
    assert finished(last)["status"] == "SUCCEEDED"
