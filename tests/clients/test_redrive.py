"""RedriveExecution through boto3: what runs again and what does not, what the execution says of itself, refusals, and crashes."""

import json
import pathlib
import uuid

import botocore.exceptions
import pytest
from conftest import ROLE, until

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:work"
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
ENDS = ("FAILED", "SUCCEEDED", "ABORTED", "TIMED_OUT")


class Works:
    """A server with a function that notes each of its calls, and fails for what is told to be broken."""

    def __init__(self, start_server, tmp_path):
        self.notes, self.broken = tmp_path / "notes", tmp_path / "broken"
        self.notes.mkdir()
        self.broken.mkdir()
        code = tmp_path / "code"
        code.mkdir()
        (code / "work.py").write_text(
            "import os, uuid\n"
            "class Broken(Exception): pass\n"
            "def handler(event, context):\n"
            f"    open(os.path.join({str(self.notes)!r}, event['id'] + '.' + uuid.uuid4().hex), 'w').close()\n"
            f"    if os.path.exists(os.path.join({str(self.broken)!r}, event['id'])): raise Broken(event['id'])\n"
            "    return event\n"
        )
        toml = tmp_path / "stepwell.toml"
        toml.write_text(f'[functions.work]\nruntime = "python3"\nhandler = "work.handler"\ncode = "{code}"\n')
        self.server = start_server("--config", str(toml))
        self.sfn = self.server.client()

    def breaks(self, *names):
        for name in names:
            (self.broken / name).touch()

    def mend(self):
        for path in self.broken.iterdir():
            path.unlink()

    def calls(self):
        """How often the function was called, by id."""
        counts = {}
        for path in pathlib.Path(self.notes).iterdir():
            name = path.name.split(".")[0]
            counts[name] = counts.get(name, 0) + 1
        return counts

    def start(self, definition, data=None):
        machine = self.sfn.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=ROLE
        )["stateMachineArn"]
        return self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(data or {}))["executionArn"]

    def ended(self, arn):
        def look():
            found = self.sfn.describe_execution(executionArn=arn)
            return found if found["status"] in ENDS else None

        return until(look)

    def history(self, arn):
        return self.sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]


@pytest.fixture
def works(start_server, tmp_path):
    return Works(start_server, tmp_path)


def task(parameters, **more):
    return {"Type": "Task", "Resource": FUNCTION, "Parameters": parameters, **(more or {"End": True})}


def test_a_redrive_goes_on_where_it_failed(works):
    first = task({"id": "first"}, Assign={"kept.$": "$.id"}, Next="Second")
    context = {"id": "second", "kept.$": "$kept", "redrives.$": "$$.Execution.RedriveCount"}
    definition = {"StartAt": "First", "States": {"First": first, "Second": task(context)}}
    works.breaks("second")
    arn = works.start(definition, {"a": 1})
    failed = works.ended(arn)
    assert (failed["status"], failed["error"]) == ("FAILED", "Broken")
    assert (failed["redriveStatus"], failed["redriveCount"]) == ("REDRIVABLE", 0) and "redriveDate" not in failed
    works.mend()
    redriven = works.sfn.redrive_execution(executionArn=arn)["redriveDate"]
    found = works.ended(arn)
    assert (found["status"], found["redriveCount"], found["redriveDate"]) == ("SUCCEEDED", 1, redriven)
    assert found["redriveStatus"] == "NOT_REDRIVABLE"
    assert found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert json.loads(found["output"]) == {"id": "second", "kept": "first", "redrives": 1}
    assert found["startDate"] == failed["startDate"] and found["stopDate"] >= redriven
    assert works.calls() == {"first": 1, "second": 2}
    events = works.history(arn)
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    types = [event["type"] for event in events]
    at = types.index("ExecutionRedriven")
    assert types[at - 1 : at + 3] == ["ExecutionFailed", "ExecutionRedriven", "LambdaFunctionScheduled", "LambdaFunctionStarted"]
    assert events[at]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert types.count("TaskStateEntered") == 2 and types[-1] == "ExecutionSucceeded"
    machine = works.sfn.describe_execution(executionArn=arn)["stateMachineArn"]
    listed = works.sfn.list_executions(stateMachineArn=machine)["executions"]
    assert [(one["status"], one["redriveCount"], one["redriveDate"]) for one in listed] == [("SUCCEEDED", 1, redriven)]


def test_only_what_failed_in_a_map_and_a_parallel_runs_again(works):
    each = {"StartAt": "Each", "States": {"Each": task({"id.$": "$"})}}
    items = {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "ItemProcessor": each, "End": True}
    branches = [
        {"StartAt": "Well", "States": {"Well": task({"id": "well"})}},
        {"StartAt": "Items", "States": {"Items": items}},
    ]
    definition = {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}}
    works.breaks("i2")
    arn = works.start(definition, {"items": ["i1", "i2", "i3"]})
    assert works.ended(arn)["status"] == "FAILED"
    works.sfn.redrive_execution(executionArn=arn)
    assert works.ended(arn)["status"] == "FAILED", "it is broken still"
    works.mend()
    works.sfn.redrive_execution(executionArn=arn)
    found = works.ended(arn)
    assert (found["status"], found["redriveCount"]) == ("SUCCEEDED", 2)
    assert json.loads(found["output"]) == [{"id": "well"}, [{"id": "i1"}, {"id": "i2"}, {"id": "i3"}]]
    assert works.calls() == {"well": 1, "i1": 1, "i2": 3, "i3": 1}


def test_a_redriven_execution_goes_on_after_the_server_was_killed(works):
    definition = {
        "StartAt": "First",
        "States": {
            "First": task({"id": "first"}, Next="Rest"),
            "Rest": {"Type": "Wait", "Seconds": 3, "Next": "Last"},
            "Last": task({"id": "last"}),
        },
    }
    arn = works.start(definition)
    until(lambda: any(event["type"] == "WaitStateEntered" for event in works.history(arn)))
    works.sfn.stop_execution(executionArn=arn)
    token = {"executionArn": arn, "clientToken": "one"}
    redriven = works.sfn.redrive_execution(**token)
    works.server.kill()
    works.server.start()
    works.sfn = works.server.client()
    assert works.sfn.redrive_execution(**token)["redriveDate"] == redriven["redriveDate"]
    found = works.ended(arn)
    assert (found["status"], found["redriveCount"]) == ("SUCCEEDED", 1)
    assert works.calls() == {"first": 1, "last": 1}


def test_refusals(sfn, machine, finished):
    running = sfn.start_execution(stateMachineArn=machine(WAIT))["executionArn"]
    with pytest.raises(sfn.exceptions.ExecutionNotRedrivable, match="Execution is RUNNING and cannot be redriven"):
        sfn.redrive_execution(executionArn=running)
    with pytest.raises(sfn.exceptions.ExecutionDoesNotExist):
        sfn.redrive_execution(executionArn=running + "0")
    with pytest.raises(sfn.exceptions.InvalidArn):
        sfn.redrive_execution(executionArn="nonsense")
    with pytest.raises(sfn.exceptions.InvalidArn):
        sfn.redrive_execution(executionArn=running.replace(":execution:", ":express:") + ":id")
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationException"):
        sfn.redrive_execution(executionArn=running, clientToken="not a token")
    sfn.stop_execution(executionArn=running)
    assert finished(running)["redriveStatus"] == "REDRIVABLE"
    sfn.redrive_execution(executionArn=running)
    assert sfn.describe_execution(executionArn=running)["status"] == "RUNNING"
    sfn.stop_execution(executionArn=running, error="Again")
    found = finished(running)
    assert (found["status"], found["error"], found["redriveCount"]) == ("ABORTED", "Again", 1)


def test_redriven_executions_count_as_open(start_server, tmp_path):
    config = tmp_path / "stepwell.toml"
    config.write_text("[limits]\nopen_executions = 1\n")
    sfn = start_server("--config", str(config)).client()
    arn = sfn.create_state_machine(name="m", definition=json.dumps(WAIT), roleArn=ROLE)["stateMachineArn"]
    first = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    sfn.stop_execution(executionArn=first)
    second = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    with pytest.raises(sfn.exceptions.ExecutionLimitExceeded):
        sfn.redrive_execution(executionArn=first)
    sfn.stop_execution(executionArn=second)
    sfn.redrive_execution(executionArn=first)
    with pytest.raises(sfn.exceptions.ExecutionLimitExceeded):
        sfn.start_execution(stateMachineArn=arn)
