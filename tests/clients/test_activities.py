"""Activities through boto3: workers that poll, answer, fall silent, go away, and servers that stop or die meanwhile."""

import concurrent.futures
import http.client
import json
import signal
import socket
import time
import uuid

import botocore.exceptions
import pytest
from conftest import ROLE, until


def task(activity, **more):
    return {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": activity, "End": True, **more}}}


@pytest.fixture
def activity(sfn):
    return sfn.create_activity(name=f"a-{uuid.uuid4().hex[:12]}")["activityArn"]


@pytest.fixture
def worker(server):
    """A client that does not repeat what it asks."""
    return server.client(retries={"total_max_attempts": 1}, read_timeout=70)


def create(client, definition, **more):
    return client.create_state_machine(
        name=f"m-{uuid.uuid4().hex[:12]}", definition=json.dumps(definition), roleArn=ROLE, **more
    )["stateMachineArn"]


def types(client, execution):
    return [event["type"] for event in client.get_execution_history(executionArn=execution)["events"]]


def details(client, execution, kind):
    events = client.get_execution_history(executionArn=execution)["events"]
    return [
        value
        for event in events
        if event["type"] == kind
        for name, value in event.items()
        if name.endswith("EventDetails")
    ]


def test_a_worker_does_a_task(sfn, worker, activity, finished):
    definition = task(activity, Parameters={"order.$": "$.id"}, TimeoutSeconds=60, HeartbeatSeconds=30)
    execution = sfn.start_execution(stateMachineArn=create(sfn, definition), input='{"id": [1, 2]}')["executionArn"]
    given = worker.get_activity_task(activityArn=activity, workerName="anna")
    assert json.loads(given["input"]) == {"order": [1, 2]}
    worker.send_task_heartbeat(taskToken=given["taskToken"])
    worker.send_task_success(taskToken=given["taskToken"], output='{"done": true}')
    assert json.loads(finished(execution)["output"]) == {"done": True}
    assert types(sfn, execution) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert details(sfn, execution, "ActivityStarted") == [{"workerName": "anna"}]
    [scheduled] = details(sfn, execution, "ActivityScheduled")
    assert (scheduled["resource"], scheduled["timeoutInSeconds"], scheduled["heartbeatInSeconds"]) == (activity, 60, 30)
    with pytest.raises(sfn.exceptions.TaskTimedOut):
        worker.send_task_success(taskToken=given["taskToken"], output="1")


def test_failures_go_through_retry_and_catch(sfn, worker, activity, finished):
    definition = task(
        activity,
        Retry=[{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}],
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    )
    definition["States"]["Caught"] = {"Type": "Pass", "End": True}
    execution = sfn.start_execution(stateMachineArn=create(sfn, definition))["executionArn"]
    tokens = set()
    for error in ("Again", "Broken"):
        token = worker.get_activity_task(activityArn=activity)["taskToken"]
        tokens.add(token)
        worker.send_task_failure(taskToken=token, error=error, cause="why")
    assert json.loads(finished(execution)["output"]) == {"Error": "Broken", "Cause": "why"}
    assert len(tokens) == 2 and types(sfn, execution).count("ActivityFailed") == 2


def test_first_come_first_served_to_two_workers(sfn, worker, activity, finished):
    machine = create(sfn, task(activity))
    started = []
    for number in range(8):
        started.append(sfn.start_execution(stateMachineArn=machine, input=str(number))["executionArn"])
        time.sleep(0.005)

    given = [worker.get_activity_task(activityArn=activity, workerName=f"w{n % 2}") for n in range(8)]
    assert [json.loads(one["input"]) for one in given] == list(range(8))
    assert len({one["taskToken"] for one in given}) == 8
    for one in given:
        worker.send_task_success(taskToken=one["taskToken"], output=one["input"])
    assert [finished(execution)["output"] for execution in started] == [str(number) for number in range(8)]


def test_many_workers_share_a_map(sfn, server, activity, finished):
    each = {"StartAt": "Each", "States": {"Each": {"Type": "Task", "Resource": activity, "End": True}}}
    definition = {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": each, "End": True}}}
    execution = sfn.start_execution(stateMachineArn=create(sfn, definition), input=json.dumps(list(range(30))))

    def work(number):
        client = server.client(retries={"total_max_attempts": 1}, read_timeout=70)
        done = []
        while sfn.describe_execution(executionArn=execution["executionArn"])["status"] == "RUNNING":
            given = poll_briefly(client, activity)
            if given:
                done.append(int(given["input"]))
                client.send_task_success(taskToken=given["taskToken"], output=str(2 * int(given["input"])))
        return done

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))
    assert sorted(number for one in done for number in one) == list(range(30)), "each went to one worker"
    assert json.loads(finished(execution["executionArn"])["output"]) == [2 * n for n in range(30)]


def poll_briefly(client, activity, seconds=1.0):
    """Polls, and breaks the connection off when there is nothing for a while."""
    impatient = http.client.HTTPConnection(*address(client), timeout=seconds)
    try:
        impatient.request(
            "POST",
            "/",
            json.dumps({"activityArn": activity}),
            {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions.GetActivityTask"},
        )
        answer = json.loads(impatient.getresponse().read())
        return answer if answer.get("taskToken") else None
    except socket.timeout:
        return None
    finally:
        impatient.close()


def address(client):
    host, port = client.meta.endpoint_url.removeprefix("http://").split(":")
    return host, int(port)


def test_a_missed_heartbeat_and_a_timeout(sfn, worker, activity, finished):
    for more, beats in ({"HeartbeatSeconds": 1}, 0), ({"HeartbeatSeconds": 2, "TimeoutSeconds": 3}, 4):
        machine = create(sfn, task(activity, **more))
        execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
        time.sleep(1.2)  # No clock runs while it waits.
        token = worker.get_activity_task(activityArn=activity)["taskToken"]
        begin = time.monotonic()
        for _ in range(beats):
            time.sleep(0.6)
            worker.send_task_heartbeat(taskToken=token)
        found = finished(execution)
        assert (found["status"], found["error"], "cause" in found) == ("FAILED", "States.Timeout", False)
        assert time.monotonic() - begin < 6
        assert details(sfn, execution, "ActivityTimedOut") == [{"error": "States.Timeout"}]
        with pytest.raises(sfn.exceptions.TaskTimedOut):
            worker.send_task_heartbeat(taskToken=token)


def test_a_stop_takes_the_task_out_of_the_queue_or_from_its_worker(sfn, worker, activity):
    machine = create(sfn, task(activity))
    waiting, working, third = (sfn.start_execution(stateMachineArn=machine, input=f"{n}")["executionArn"] for n in range(3))
    sfn.stop_execution(executionArn=waiting)
    given = worker.get_activity_task(activityArn=activity)
    assert given["input"] == "1"
    sfn.stop_execution(executionArn=working)
    with pytest.raises(sfn.exceptions.TaskTimedOut):
        worker.send_task_success(taskToken=given["taskToken"], output="1")
    assert worker.get_activity_task(activityArn=activity)["input"] == "2"
    sfn.stop_execution(executionArn=third)


def test_a_client_that_goes_away_loses_no_task(sfn, worker, activity, finished):
    for _ in range(5):
        assert poll_briefly(worker, activity, 0.1) is None
    execution = sfn.start_execution(stateMachineArn=create(sfn, task(activity)))["executionArn"]
    token = worker.get_activity_task(activityArn=activity)["taskToken"]
    worker.send_task_success(taskToken=token, output="1")
    assert finished(execution)["status"] == "SUCCEEDED"
    assert types(sfn, execution).count("ActivityStarted") == 1


def test_clients_that_come_and_go_while_tasks_arrive(sfn, worker, server, activity, finished):
    """Polls that break off at every moment, also while a task is handed over."""
    machine = create(sfn, task(activity))
    started = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        polls = [pool.submit(poll_briefly, worker, activity, 0.001 * (n % 12 + 1)) for n in range(400)]
        for _ in range(40):
            started.append(sfn.start_execution(stateMachineArn=machine)["executionArn"])
        given = [one for one in (poll.result() for poll in polls) if one]
    while True:
        one = poll_briefly(worker, activity, 1.0)
        if not one:
            break
        given.append(one)
    assert len({one["taskToken"] for one in given}) == len(given), "no task went to two workers"
    for one in given:
        worker.send_task_success(taskToken=one["taskToken"], output="1")
    # What was written to a connection that broke in that moment is with a worker that is not there; nothing else is missing.
    missing = [execution for execution in started if sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"]
    assert len(given) + len(missing) == len(started)
    for execution in missing:
        assert "ActivityStarted" in types(sfn, execution)
        sfn.stop_execution(executionArn=execution)


def test_deletion_while_a_worker_polls_and_while_tasks_wait(sfn, server, activity, finished):
    machine = create(sfn, task(activity))
    client = server.client(retries={"total_max_attempts": 1}, read_timeout=70)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        polling = pool.submit(client.get_activity_task, activityArn=activity)
        time.sleep(0.3)
        sfn.delete_activity(activityArn=activity)
        with pytest.raises(sfn.exceptions.ActivityDoesNotExist):
            polling.result(10)
    with pytest.raises(sfn.exceptions.ActivityDoesNotExist):
        sfn.get_activity_task(activityArn=activity)
    found = finished(sfn.start_execution(stateMachineArn=machine)["executionArn"])
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert found["cause"] == (
        "An error occurred while executing the state 'Work' (entered at the event id #2). "
        f"The activity {activity} does not exist."
    )
    # A task that waits goes on waiting, for the activity that is created again.
    sfn.create_activity(name=activity.split(":")[-1])
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: "ActivityScheduled" in types(sfn, execution))
    sfn.delete_activity(activityArn=activity)
    sfn.create_activity(name=activity.split(":")[-1])
    token = client.get_activity_task(activityArn=activity)["taskToken"]
    client.send_task_success(taskToken=token, output="1")
    assert finished(execution)["status"] == "SUCCEEDED"


def test_polls_of_what_is_not_there(sfn):
    for arn, error in (
        ("no", "InvalidArn"),
        ("arn:aws:states:us-east-1:000000000000:stateMachine:m", "InvalidArn"),
        ("arn:aws:states:us-east-1:000000000000:activity:none", "ActivityDoesNotExist"),
        ("arn:aws:states:eu-west-1:000000000000:activity:none", "ActivityDoesNotExist"),
    ):
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            sfn.get_activity_task(activityArn=arn)
        assert caught.value.response["Error"]["Code"] == error


def test_the_queue_survives_a_kill(start_server):
    server = start_server()
    sfn = server.client()
    activity = sfn.create_activity(name="a")["activityArn"]
    machine = create(sfn, task(activity))
    started = []
    for number in range(20):
        started.append(sfn.start_execution(stateMachineArn=machine, input=str(number))["executionArn"])
        time.sleep(0.003)
    first = sfn.get_activity_task(activityArn=activity)
    assert first["input"] == "0"
    server.kill()
    server.start()
    rest = [sfn.get_activity_task(activityArn=activity) for _ in range(19)]
    assert [int(one["input"]) for one in rest] == list(range(1, 20)), "in their old order"
    for one in [first, *rest]:
        sfn.send_task_success(taskToken=one["taskToken"], output=one["input"])
    for execution in started:
        until(lambda: sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")


def test_a_drain_answers_polls_at_once_and_loses_nothing(start_server):
    server = start_server()
    sfn = server.client(retries={"total_max_attempts": 1}, read_timeout=70)
    activity = sfn.create_activity(name="a")["activityArn"]
    machine = create(sfn, task(activity))
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        polling = [pool.submit(sfn.get_activity_task, activityArn=activity) for _ in range(3)]
        time.sleep(0.3)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for poll in polling:
            assert "taskToken" not in poll.result(10)
        assert server.process.wait(10) == 0
        assert time.monotonic() - begin < 5
    server.start()
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_success(taskToken=token, output="1")
    until(lambda: sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
