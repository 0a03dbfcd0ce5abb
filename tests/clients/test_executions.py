"""Executions through boto3: start, describe, list, stop, history, Express."""

import datetime
import json
import time

import botocore.exceptions
import pytest
from conftest import until

ECHO = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
SLEEP = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
STEPS = 30
LONG = {
    "StartAt": "S0",
    "States": {
        f"S{i}": {"Type": "Pass", **({"Next": f"S{i + 1}"} if i + 1 < STEPS else {"End": True})} for i in range(STEPS)
    },
}


def test_an_execution_and_its_result(sfn, machine, finished):
    arn = machine(ECHO)
    text = '{ "a" : 1.50, "b" : [ ] }'
    before = datetime.datetime.now(datetime.timezone.utc)
    started = sfn.start_execution(stateMachineArn=arn, name="first", input=text)
    assert started["executionArn"] == arn.replace(":stateMachine:", ":execution:") + ":first"
    assert abs((started["startDate"] - before).total_seconds()) < 30
    found = finished(started["executionArn"])
    assert (found["status"], found["input"], found["name"]) == ("SUCCEEDED", text, "first")
    assert json.loads(found["output"]) == {"a": 1.5, "b": []}
    assert found["stateMachineArn"] == arn and found["stopDate"] >= found["startDate"]
    of = sfn.describe_state_machine_for_execution(executionArn=started["executionArn"])
    assert of["stateMachineArn"] == arn and json.loads(of["definition"]) == ECHO


def test_a_name_starts_once(sfn, machine, finished):
    arn = machine(SLEEP)
    start = {"stateMachineArn": arn, "name": "once", "input": "{}"}
    first, again = sfn.start_execution(**start), sfn.start_execution(**start)
    assert first["executionArn"] == again["executionArn"] and first["startDate"] == again["startDate"]
    with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
        sfn.start_execution(**{**start, "input": '{"other":1}'})
    sfn.stop_execution(executionArn=first["executionArn"])
    finished(first["executionArn"])
    with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
        sfn.start_execution(**start)


def test_a_stop_ends_it_with_error_and_cause(sfn, machine, finished):
    execution = sfn.start_execution(stateMachineArn=machine(SLEEP))["executionArn"]
    stopped = sfn.stop_execution(executionArn=execution, error="Enough", cause="of this")
    found = finished(execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Enough", "of this")
    assert found["stopDate"] == stopped["stopDate"]
    events = sfn.get_execution_history(executionArn=execution)["events"]
    assert events[-1]["type"] == "ExecutionAborted"
    assert events[-1]["executionAbortedEventDetails"] == {"error": "Enough", "cause": "of this"}


def test_pages_of_a_history_are_the_whole_history(sfn, machine, finished):
    execution = sfn.start_execution(stateMachineArn=machine(LONG), input='{"k":1}')["executionArn"]
    finished(execution)
    whole = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    assert [event["id"] for event in whole] == list(range(1, 2 * STEPS + 3))
    assert (whole[0]["type"], whole[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert all(event["previousEventId"] < event["id"] for event in whole)
    for size in (1, 7, 1000):
        for reverse in (False, True):
            paginator = sfn.get_paginator("get_execution_history")
            pages = paginator.paginate(
                executionArn=execution, reverseOrder=reverse, PaginationConfig={"PageSize": size}
            )
            events = [event for page in pages for event in page["events"]]
            assert events == (whole[::-1] if reverse else whole), (size, reverse)
    bare = sfn.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
    assert "input" not in bare[0]["executionStartedEventDetails"]


def test_lists_are_by_status_and_by_page(sfn, machine, finished):
    arn = machine(SLEEP)
    running = [sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(5)]
    for execution in running[:2]:
        sfn.stop_execution(executionArn=execution)
        finished(execution)

    def listed(**query):
        pages = sfn.get_paginator("list_executions").paginate(
            stateMachineArn=arn, PaginationConfig={"PageSize": 2}, **query
        )
        return [found["executionArn"] for page in pages for found in page["executions"]]

    until(lambda: len(listed(statusFilter="ABORTED")) == 2)
    assert sorted(listed()) == sorted(running)
    assert sorted(listed(statusFilter="RUNNING")) == sorted(running[2:])
    assert listed(statusFilter="SUCCEEDED") == []
    for execution in running[2:]:
        sfn.stop_execution(executionArn=execution)


def test_bad_input_is_refused_before_anything_starts(sfn, machine):
    arn = machine(ECHO)
    for text in ("{", "nul", '{"a":1'):
        with pytest.raises(sfn.exceptions.InvalidExecutionInput):
            sfn.start_execution(stateMachineArn=arn, input=text)
    with pytest.raises(sfn.exceptions.InvalidName):
        sfn.start_execution(stateMachineArn=arn, name="a b")
    assert sfn.list_executions(stateMachineArn=arn)["executions"] == []


def test_express_answers_at_once(sfn, machine):
    arn = machine(ECHO, type="EXPRESS")
    answer = sfn.start_sync_execution(stateMachineArn=arn, input='{"a":[1,2]}')
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"a": [1, 2]})
    assert ":express:" in answer["executionArn"] and answer["billingDetails"]["billedMemoryUsedInMB"] > 0
    fail = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}
    answer = sfn.start_sync_execution(stateMachineArn=machine(fail, type="EXPRESS"))
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "E", "c")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        sfn.start_sync_execution(stateMachineArn=machine(ECHO))
    assert caught.value.response["Error"]["Code"] == "StateMachineTypeNotSupported"


def test_the_host_prefix_reaches_the_same_server(server, machine):
    """An SDK that is not told otherwise calls `sync-<host>`; the server takes any name."""
    import http.client

    arn = machine(ECHO, type="EXPRESS")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {
        "Host": f"sync-localhost:{server.port}",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AWSStepFunctions.StartSyncExecution",
    }
    connection.request("POST", "/", json.dumps({"stateMachineArn": arn}), headers)
    answer = connection.getresponse()
    assert answer.status == 200 and json.loads(answer.read())["status"] == "SUCCEEDED"


def test_a_restart_goes_on_where_it_was(start_server):
    server = start_server()
    sfn = server.client()
    definition = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 2, "Next": "P"}, "P": {"Type": "Pass", "Result": 7, "End": True}},
    }
    arn = sfn.create_state_machine(name="w", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r")[
        "stateMachineArn"
    ]
    waiting = sfn.start_execution(stateMachineArn=arn, name="a")["executionArn"]
    began = time.monotonic()
    server.kill()
    server.start()
    found = until(lambda: (d := sfn.describe_execution(executionArn=waiting))["status"] != "RUNNING" and d)
    assert (found["status"], found["output"]) == ("SUCCEEDED", "7")
    assert time.monotonic() - began < 20
    assert server.stop() == 0
    server.start()
    assert sfn.describe_execution(executionArn=waiting)["output"] == "7"
