"""The AWS CLI, unmodified, as a person types it."""

import json
import uuid

import pytest
from conftest import ROLE, until

DEFINITION = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Result": {"b": 2}, "End": True}},
}


def test_from_a_definition_to_a_history(aws):
    name = f"cli-{uuid.uuid4().hex[:8]}"
    created = aws(
        "create-state-machine", "--name", name, "--role-arn", ROLE, "--definition", json.dumps(DEFINITION)
    )
    arn = created["stateMachineArn"]
    assert arn in [found["stateMachineArn"] for found in aws("list-state-machines")["stateMachines"]]
    assert json.loads(aws("describe-state-machine", "--state-machine-arn", arn)["definition"]) == DEFINITION
    started = aws("start-execution", "--state-machine-arn", arn, "--input", '{"a":1}', "--name", "e1")
    execution = started["executionArn"]
    describe = lambda: aws("describe-execution", "--execution-arn", execution)
    found = until(lambda: (d := describe())["status"] != "RUNNING" and d)
    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"b": 2})
    whole = aws("get-execution-history", "--execution-arn", execution)["events"]
    paged = aws("get-execution-history", "--execution-arn", execution, "--page-size", "1")["events"]
    assert whole == paged and [event["id"] for event in whole] == [1, 2, 3, 4, 5, 6]
    listed = aws("list-executions", "--state-machine-arn", arn, "--status-filter", "SUCCEEDED")["executions"]
    assert [found["executionArn"] for found in listed] == [execution]
    aws("delete-state-machine", "--state-machine-arn", arn)


def test_an_express_execution_and_its_answer(aws, server, machine, monkeypatch):
    arn = machine(DEFINITION, type="EXPRESS")
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    answer = aws("start-sync-execution", "--state-machine-arn", arn)
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"b": 2})


def test_errors_have_the_names_of_the_service(aws):
    with pytest.raises(RuntimeError, match=r"\(StateMachineDoesNotExist\)"):
        aws("describe-state-machine", "--state-machine-arn", "arn:aws:states:us-east-1:000000000000:stateMachine:no")
    with pytest.raises(RuntimeError, match=r"\(InvalidToken\)"):
        aws("send-task-success", "--task-token", "nonsense", "--task-output", "{}")
