"""Express executions that run on after StartExecution was answered: at least once, whatever happens to the server."""

import json
import pathlib
import time
import uuid

import botocore.exceptions
import pytest
from conftest import ROLE, until

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:note"


def definition(seconds=0):
    note = {"Type": "Task", "Resource": FUNCTION, "Parameters": {"context.$": "$$.Execution", "input.$": "$"}, "End": True}
    if not seconds:
        return {"StartAt": "Note", "States": {"Note": note}}
    return {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "Next": "Note"}, "Note": note}}


class Notes:
    """A server with a function that writes what it is given to files."""

    def __init__(self, start_server, tmp_path):
        self.folder = tmp_path / "notes"
        self.folder.mkdir()
        code = tmp_path / "code"
        code.mkdir()
        (code / "note.py").write_text(
            "import json, uuid, os\n"
            "def handler(event, context):\n"
            f"    path = os.path.join({str(self.folder)!r}, uuid.uuid4().hex)\n"
            "    open(path + '.new', 'w').write(json.dumps(event))\n"
            "    os.rename(path + '.new', path)\n"
        )
        toml = tmp_path / "stepwell.toml"
        toml.write_text(f'[functions.note]\nruntime = "python3"\nhandler = "note.handler"\ncode = "{code}"\n')
        self.server = start_server("--config", str(toml))
        self.sfn = self.server.client()

    def machine(self, seconds=0):
        return self.sfn.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition(seconds)), roleArn=ROLE, type="EXPRESS"
        )["stateMachineArn"]

    def read(self):
        return [json.loads(path.read_text()) for path in pathlib.Path(self.folder).iterdir() if "." not in path.name]


@pytest.fixture
def notes(start_server, tmp_path):
    return Notes(start_server, tmp_path)


def test_it_runs_and_says_in_its_context_what_it_is(notes):
    arn = notes.machine()
    started = notes.sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    assert started["executionArn"].startswith(arn.replace(":stateMachine:", ":express:") + ":one:")
    [note] = until(notes.read)
    assert note["input"] == {"a": 1}
    context = note["context"]
    assert (context["Id"], context["Name"], context["RedriveCount"]) == (started["executionArn"], "one", 0)
    again = notes.sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    assert again["executionArn"] != started["executionArn"], "each start is one of its own"
    until(lambda: len(notes.read()) == 2)


def test_it_can_be_neither_described_nor_stopped_nor_listed(notes):
    arn = notes.machine()
    execution = notes.sfn.start_execution(stateMachineArn=arn)["executionArn"]
    for call in (notes.sfn.describe_execution, notes.sfn.stop_execution, notes.sfn.get_execution_history):
        with pytest.raises(notes.sfn.exceptions.InvalidArn) as caught:
            call(executionArn=execution)
        assert caught.value.response["Error"]["Message"] == (
            "Invalid Arn: 'Resource type not valid in this context: express'"
        )
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        notes.sfn.list_executions(stateMachineArn=arn)
    assert caught.value.response["Error"]["Code"] == "StateMachineTypeNotSupported"


def test_an_accepted_start_survives_a_kill(notes):
    arn = notes.machine(seconds=1)
    wanted = {notes.sfn.start_execution(stateMachineArn=arn, input=str(number))["executionArn"] for number in range(30)}
    notes.server.kill()
    assert notes.read() == []
    notes.server.start()
    until(lambda: {note["context"]["Id"] for note in notes.read()} == wanted)
    # What has ended is not run again.
    time.sleep(0.5)
    count = len(notes.read())
    notes.server.kill()
    notes.server.start()
    time.sleep(2.5)
    assert len(notes.read()) == count == 30


def test_a_drain_lets_it_end(notes):
    arn = notes.machine(seconds=1)
    execution = notes.sfn.start_execution(stateMachineArn=arn)["executionArn"]
    assert notes.server.stop() == 0
    assert [note["context"]["Id"] for note in notes.read()] == [execution]
    notes.server.start()
    time.sleep(2)
    assert len(notes.read()) == 1


def test_deletion_lets_it_end_and_takes_no_more(notes):
    arn = notes.machine(seconds=1)
    notes.sfn.start_execution(stateMachineArn=arn)
    notes.sfn.delete_state_machine(stateMachineArn=arn)
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        notes.sfn.start_execution(stateMachineArn=arn)
    assert caught.value.response["Error"]["Code"] in ("StateMachineDeleting", "StateMachineDoesNotExist")
    until(notes.read)
