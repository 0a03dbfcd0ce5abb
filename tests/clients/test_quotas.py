"""Limits: those of `[limits]`, those of the profile `aws`, and that there are none where nobody asked for them."""

import json

import botocore.exceptions
import pytest
from conftest import ROLE, until

WAIT = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": True}}})
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def refused(call):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def with_limits(start_server, tmp_path, text, *args):
    config = tmp_path / "stepwell.toml"
    config.write_text(text)
    return start_server("--config", str(config), *args).client(retries={"max_attempts": 1})


def create(sfn, name, definition=PASS, **more):
    return sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE, **more)["stateMachineArn"]


def test_each_quota_has_its_error(start_server, tmp_path):
    text = "[limits]\nstate_machines = 2\nactivities = 1\nopen_executions = 2\nversions = 2\naliases = 1\n"
    sfn = with_limits(start_server, tmp_path, text)
    arn = create(sfn, "a", WAIT)
    create(sfn, "b")
    assert refused(lambda: create(sfn, "c")) == "StateMachineLimitExceeded"
    create(sfn, "b")
    sfn.create_activity(name="a")
    assert refused(lambda: sfn.create_activity(name="b")) == "ActivityLimitExceeded"
    executions = [sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(2)]
    assert refused(lambda: sfn.start_execution(stateMachineArn=arn)) == "ExecutionLimitExceeded"
    sfn.stop_execution(executionArn=executions[0])
    sfn.start_execution(stateMachineArn=arn)
    sfn.publish_state_machine_version(stateMachineArn=arn)
    sfn.update_state_machine(stateMachineArn=arn, definition=PASS, publish=True)
    update = {"stateMachineArn": arn, "definition": WAIT, "publish": True}
    assert refused(lambda: sfn.update_state_machine(**update)) == "ServiceQuotaExceededException"
    assert sfn.describe_state_machine(stateMachineArn=arn)["definition"] == PASS
    sfn.update_state_machine(stateMachineArn=arn, definition=WAIT)
    assert refused(lambda: sfn.publish_state_machine_version(stateMachineArn=arn)) == "ServiceQuotaExceededException"
    routing = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    sfn.create_state_machine_alias(name="live", routingConfiguration=routing)
    alias = {"name": "test", "routingConfiguration": routing}
    assert refused(lambda: sfn.create_state_machine_alias(**alias)) == "ServiceQuotaExceededException"
    tags = [{"key": str(number), "value": ""} for number in range(51)]
    assert refused(lambda: sfn.tag_resource(resourceArn=arn, tags=tags)) == "TooManyTags"
    sfn.tag_resource(resourceArn=arn, tags=tags[:50])


def test_the_profile_aws_has_the_rates_of_aws(start_server, tmp_path):
    sfn = with_limits(start_server, tmp_path, "", "--profile", "aws")
    arn = create(sfn, "a")
    body = {"stateMachineArn": arn}
    codes = [code_of(lambda: sfn.list_state_machine_versions(**body)) for _ in range(130)]
    assert codes[:100] == [None] * 100 and "ThrottlingException" in codes[100:]
    # Every operation has a bucket of its own.
    sfn.describe_state_machine(**body)
    big = json.dumps({"Comment": "x" * 1_048_576})
    assert code_of(lambda: create(sfn, "b", big)) is not None


def test_without_a_profile_nothing_is_throttled(sfn, machine):
    arn = machine(json.loads(PASS))
    for _ in range(300):
        sfn.list_state_machine_versions(stateMachineArn=arn)


def test_longer_payloads_and_earlier_names(start_server, tmp_path):
    sfn = with_limits(start_server, tmp_path, "[limits]\npayload_bytes = 1048576\nname_kept_days = 0\n")
    arn = create(sfn, "a")
    given = json.dumps("x" * 1_000_000)
    first = sfn.start_execution(stateMachineArn=arn, name="n", input=given)["executionArn"]
    found = until(lambda: ended(sfn, first))
    assert found["status"] == "SUCCEEDED" and found["output"] == given
    assert refused(lambda: sfn.start_execution(stateMachineArn=arn, input=json.dumps("x" * 1_048_576))) == "ValidationException"
    again = sfn.start_execution(stateMachineArn=arn, name="n", input="{}")["executionArn"]
    assert again == first
    assert until(lambda: ended(sfn, again))["input"] == "{}"


def ended(sfn, arn):
    found = sfn.describe_execution(executionArn=arn)
    return found if found["status"] != "RUNNING" else None


def code_of(call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None
