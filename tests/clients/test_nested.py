"""Executions that start executions: the patterns of states:startExecution, aws-sdk:sfn, and what a kill in between does to them."""

import json
import re
import time
import uuid

import pytest
from conftest import ROLE, until

SYNC = "arn:aws:states:::states:startExecution.sync"
ECHO = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Boom", "Cause": "by design"}}}


def sleep(seconds):
    return {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}


def task(resource, parameters, **more):
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, **more}
    return {"StartAt": "T", "States": {"T": {**state, **({} if "Next" in more else {"End": True})}}}


def create(client, definition, kind="STANDARD"):
    name = f"m-{uuid.uuid4()}"
    text = json.dumps(definition)
    return client.create_state_machine(name=name, definition=text, roleArn=ROLE, type=kind)["stateMachineArn"]


def end_of(client, execution):
    def ended():
        found = client.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return until(ended)


def run(client, definition, data="{}"):
    return end_of(client, client.start_execution(stateMachineArn=create(client, definition), input=data)["executionArn"])


def types(client, execution):
    return [event["type"] for event in client.get_execution_history(executionArn=execution)["events"]]


def children(client, machine):
    return client.list_executions(stateMachineArn=machine)["executions"]


def test_request_and_response(sfn):
    child = create(sfn, sleep(600))
    found = run(sfn, task("arn:aws:states:::states:startExecution", {"StateMachineArn": child, "Input": {"a": [1, 2.5]}, "Name": "kid"}))
    output = json.loads(found["output"])
    assert list(output) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    assert output["ExecutionArn"].endswith(":kid")
    of = sfn.describe_execution(executionArn=output["ExecutionArn"])
    assert (of["status"], of["input"]) == ("RUNNING", '{"a":[1,2.5]}'), "nobody waits for it, and nobody stops it"
    assert types(sfn, found["executionArn"]) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    sfn.stop_execution(executionArn=output["ExecutionArn"])


@pytest.mark.parametrize("given, text", [(None, "{}"), ({"a": 1}, '{"a":1}'), ('{"b": 2}', '{"b": 2}'), (7, "7")])
def test_an_end_that_is_waited_for(sfn, given, text):
    child = create(sfn, ECHO)
    found = run(sfn, task(SYNC, {"StateMachineArn": child, "Input": given}))
    output = json.loads(found["output"])
    assert list(output) == sorted(output), "in the order of their names"
    assert (output["Status"], output["Input"], output["Output"]) == ("SUCCEEDED", text, text)
    assert output["StateMachineArn"] == child and output["StopDate"] >= output["StartDate"]
    parsed = json.loads(run(sfn, task(SYNC + ":2", {"StateMachineArn": child, "Input": given}))["output"])
    assert (parsed["Input"], parsed["Output"]) == (json.loads(text), json.loads(text))
    assert "TaskSubmitted" in types(sfn, found["executionArn"])


def test_a_child_that_fails_fails_its_task_with_its_description(sfn):
    child = create(sfn, FAIL)
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]
    definition = task(SYNC + ":2", {"StateMachineArn": child}, Catch=catch, Next="Caught")
    definition["States"]["Caught"] = {"Type": "Pass", "End": True}
    caught = json.loads(run(sfn, definition)["output"])
    cause = json.loads(caught["Cause"])
    assert (caught["Error"], cause["Status"], cause["Error"], cause["Cause"]) == ("States.TaskFailed", "FAILED", "Boom", "by design")
    assert "Output" not in cause


def test_what_is_refused(sfn):
    child = create(sfn, ECHO)
    missing = child + "x"
    refused = run(sfn, task(SYNC, {"StateMachineArn": missing}))
    assert refused["error"] == "StepFunctions.StateMachineDoesNotExistException"
    words = rf"State Machine Does Not Exist: '{missing}' \(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: [0-9a-f-]+; Proxy: null\)"
    assert re.fullmatch(words, refused["cause"]), refused["cause"]
    end_of(sfn, sfn.start_execution(stateMachineArn=child, name="taken", input="{}")["executionArn"])
    refused = run(sfn, task(SYNC, {"StateMachineArn": child, "Name": "taken"}))
    assert refused["error"] == "StepFunctions.ExecutionAlreadyExistsException"
    refused = run(sfn, task(SYNC, {"StateMachineArn": child, "Input": "not json"}))
    assert refused["error"] == "StepFunctions.InvalidExecutionInputException"
    refused = run(sfn, task(SYNC, {"StateMachineArn.$": "$.nobody"}))
    assert refused["error"] == "States.Runtime"


def test_a_stopped_parent_stops_its_child(sfn):
    child = create(sfn, sleep(600))
    parent = sfn.start_execution(stateMachineArn=create(sfn, task(SYNC, {"StateMachineArn": child})))["executionArn"]
    kid = until(lambda: children(sfn, child))[0]["executionArn"]
    sfn.stop_execution(executionArn=parent)
    assert end_of(sfn, kid)["status"] == "ABORTED"


def test_a_task_that_times_out_stops_its_child_and_a_failing_branch_its_siblings(sfn):
    child = create(sfn, sleep(600))
    found = run(sfn, task(SYNC, {"StateMachineArn": child}, TimeoutSeconds=1))
    assert (found["status"], found["error"]) == ("FAILED", "States.Timeout")
    kid = children(sfn, child)[0]["executionArn"]
    assert end_of(sfn, kid)["status"] == "ABORTED"
    child = create(sfn, sleep(600))
    soon = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, **FAIL["States"]}}
    both = {"Type": "Parallel", "End": True, "Branches": [task(SYNC, {"StateMachineArn": child}), soon]}
    assert run(sfn, {"StartAt": "P", "States": {"P": both}})["error"] == "Boom"
    assert end_of(sfn, children(sfn, child)[0]["executionArn"])["status"] == "ABORTED"


def test_a_token_that_the_child_answers(sfn):
    answer = {"TaskToken.$": "$.token", "Output": {"from": "the child"}}
    child = create(sfn, task("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", answer))
    parameters = {"StateMachineArn": child, "Input": {"token.$": "$$.Task.Token"}}
    found = run(sfn, task("arn:aws:states:::states:startExecution.waitForTaskToken", parameters))
    assert json.loads(found["output"]) == {"from": "the child"}


def test_our_own_api_as_tasks(sfn):
    child = create(sfn, ECHO)
    found = run(sfn, task("arn:aws:states:::aws-sdk:sfn:describeStateMachine", {"StateMachineArn": child}))
    described = json.loads(found["output"])
    assert (described["StateMachineArn"], described["Type"]) == (child, "STANDARD")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", described["CreationDate"])
    express = create(sfn, ECHO, "EXPRESS")
    parameters = {"StateMachineArn": express, "Input": {"x": 1}}
    sync = json.loads(run(sfn, task("arn:aws:states:::aws-sdk:sfn:startSyncExecution", parameters))["output"])
    assert (sync["Status"], sync["Output"]) == ("SUCCEEDED", '{"x":1}')
    refused = run(sfn, task("arn:aws:states:::aws-sdk:sfn:stopExecution", {"ExecutionArn": child}))
    assert refused["error"] == "Sfn.InvalidArnException"
    assert "(Service: Sfn, Status Code: 400, Request ID: " in refused["cause"]


def test_a_parent_knows_its_child_after_a_kill(start_server):
    """The server dies while the parent waits, then again right after the child's time has come."""
    server = start_server()
    client = server.client()
    child = create(client, sleep(3))
    parents = [
        client.start_execution(stateMachineArn=machine)["executionArn"]
        for machine in [create(client, task(SYNC, {"StateMachineArn": child}))] * 20
    ]
    until(lambda: len(children(client, child)) == 20 or None)
    server.kill()
    time.sleep(2.5)
    server.start()
    server.kill()
    server.start()
    client = server.client()
    for parent in parents:
        found = end_of(client, parent)
        assert found["status"] == "SUCCEEDED", found
        assert json.loads(found["output"])["Status"] == "SUCCEEDED"
    assert len(children(client, child)) == 20, "none was started twice"


def test_a_stop_survives_a_kill(start_server):
    server = start_server()
    client = server.client()
    child = create(client, sleep(600))
    machine = create(client, task(SYNC, {"StateMachineArn": child}))
    parents = [client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(20)]
    for parent in parents:
        client.stop_execution(executionArn=parent)
    server.kill()
    server.start()
    client = server.client()
    until(lambda: all(kid["status"] == "ABORTED" for kid in children(client, child)) or None)


def test_an_execution_keeps_its_revision(sfn):
    arn = create(sfn, sleep(3))
    old = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    before = sfn.describe_state_machine_for_execution(executionArn=old)
    updated = sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(ECHO), roleArn=ROLE + "2")
    new = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    of_old = sfn.describe_state_machine_for_execution(executionArn=old)
    of_new = sfn.describe_state_machine_for_execution(executionArn=new)
    assert (json.loads(of_old["definition"]), of_old["roleArn"]) == (sleep(3), ROLE)
    assert of_old["updateDate"] == before["updateDate"] and "revisionId" not in of_old
    assert (json.loads(of_new["definition"]), of_new["roleArn"]) == (ECHO, ROLE + "2")
    assert of_new["revisionId"] == updated["revisionId"]
    assert "mapRunArn" not in of_old and "label" not in of_old
    assert end_of(sfn, new)["status"] == "SUCCEEDED"
    found = end_of(sfn, old)
    assert found["status"] == "SUCCEEDED" and (found["stopDate"] - found["startDate"]).total_seconds() >= 3
    assert json.loads(sfn.describe_state_machine_for_execution(executionArn=old)["definition"]) == sleep(3)
