"""State machines through boto3: create, describe, update, list, delete, validate."""

import json
import uuid

import botocore.exceptions
import pytest
from conftest import ROLE, until

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}}


def name():
    return f"m-{uuid.uuid4().hex[:12]}"


def refused(call, code):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


def test_a_state_machine_from_its_creation_to_its_end(sfn):
    definition = json.dumps(PASS, indent=2)
    wanted = name()
    arn = sfn.create_state_machine(name=wanted, definition=definition, roleArn=ROLE)["stateMachineArn"]
    assert arn == f"arn:aws:states:us-east-1:000000000000:stateMachine:{wanted}"
    found = sfn.describe_state_machine(stateMachineArn=arn)
    assert (found["name"], found["definition"], found["roleArn"]) == (wanted, definition, ROLE)
    assert (found["type"], found["status"]) == ("STANDARD", "ACTIVE")
    assert "revisionId" not in found

    changed = json.dumps({**PASS, "Comment": "changed"})
    updated = sfn.update_state_machine(stateMachineArn=arn, definition=changed)
    found = sfn.describe_state_machine(stateMachineArn=arn)
    assert found["definition"] == changed and found["revisionId"] == updated["revisionId"]

    sfn.delete_state_machine(stateMachineArn=arn)

    def gone():
        try:
            assert sfn.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
        except sfn.exceptions.StateMachineDoesNotExist:
            return True

    until(gone)
    sfn.delete_state_machine(stateMachineArn=arn)


def test_creating_twice(sfn):
    wanted, definition = name(), json.dumps(PASS)
    first = sfn.create_state_machine(name=wanted, definition=definition, roleArn=ROLE)
    again = sfn.create_state_machine(name=wanted, definition=definition, roleArn=ROLE + "2")
    assert first["stateMachineArn"] == again["stateMachineArn"]
    assert first["creationDate"] == again["creationDate"]
    other = json.dumps({**PASS, "Comment": "other"})
    refused(
        lambda: sfn.create_state_machine(name=wanted, definition=other, roleArn=ROLE), "StateMachineAlreadyExists"
    )


def test_pages_of_state_machines_are_the_whole_list(sfn, machine):
    made = {machine(PASS) for _ in range(7)}
    pages = list(sfn.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 3}))
    listed = [found["stateMachineArn"] for page in pages for found in page["stateMachines"]]
    assert len(pages) >= 3 and len(listed) == len(set(listed)) and made <= set(listed)
    refused(lambda: sfn.list_state_machines(nextToken="x" * 40), "InvalidToken")


def test_what_is_wrong_with_a_definition_is_said(sfn):
    broken = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    message = refused(
        lambda: sfn.create_state_machine(name=name(), definition=broken, roleArn=ROLE), "InvalidDefinition"
    )
    assert "MISSING_TRANSITION_TARGET" in message and "/States/A/Next" in message
    answer = sfn.validate_state_machine_definition(definition=broken)
    assert answer["result"] == "FAIL"
    assert answer["diagnostics"][0]["code"] == "MISSING_TRANSITION_TARGET"
    assert answer["diagnostics"][0]["location"] == "/States/A/Next"
    assert sfn.validate_state_machine_definition(definition=json.dumps(PASS))["result"] == "OK"


def test_what_does_not_exist(sfn):
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:none"
    refused(lambda: sfn.describe_state_machine(stateMachineArn=arn), "StateMachineDoesNotExist")
    refused(lambda: sfn.start_execution(stateMachineArn=arn), "StateMachineDoesNotExist")
    refused(lambda: sfn.describe_state_machine(stateMachineArn="none"), "InvalidArn")
