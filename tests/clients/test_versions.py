"""Versions and aliases as people deploy with them: Terraform's order of calls, blue and green while executions run, weights."""

import collections
import json
import random
import uuid

import botocore.exceptions
import pytest
from conftest import ROLE, until


def definition(answer, seconds=0):
    """Waits, and answers; the version of a workflow is told by its answer."""
    states = {
        "Wait": {"Type": "Wait", "Seconds": seconds, "Next": "Answer"},
        "Answer": {"Type": "Pass", "Result": answer, "End": True},
    }
    return json.dumps({"StartAt": "Wait", "States": states})


def name(prefix="v"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def code(call):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def routes(weights):
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in weights.items()]


def gone(sfn, arn):
    """What Terraform does after a delete: it describes until there is nothing."""
    try:
        assert sfn.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    except sfn.exceptions.StateMachineDoesNotExist:
        return True
    return False


def refresh(sfn, arn):
    """What Terraform reads at each plan of a state machine."""
    machine = sfn.describe_state_machine(stateMachineArn=arn)
    versions = [found["stateMachineVersionArn"] for found in paged(sfn.list_state_machine_versions, arn, "stateMachineVersions")]
    aliases = [found["stateMachineAliasArn"] for found in paged(sfn.list_state_machine_aliases, arn, "stateMachineAliases")]
    tags = {tag["key"]: tag["value"] for tag in sfn.list_tags_for_resource(resourceArn=arn)["tags"]}
    return machine, versions, aliases, tags


def paged(operation, arn, member, size=2):
    found, more = [], {}
    while True:
        page = operation(stateMachineArn=arn, maxResults=size, **more)
        found += page[member]
        if "nextToken" not in page:
            return found
        assert len(page[member]) == size
        more = {"nextToken": page["nextToken"]}


def test_a_life_as_terraform_leads_it(sfn):
    wanted = name("tf")
    first = definition(1)
    assert sfn.validate_state_machine_definition(definition=first)["result"] == "OK"
    created = sfn.create_state_machine(
        name=wanted,
        definition=first,
        roleArn=ROLE,
        type="STANDARD",
        publish=True,
        versionDescription="one",
        loggingConfiguration={"level": "OFF", "includeExecutionData": False},
        tracingConfiguration={"enabled": False},
        encryptionConfiguration={"type": "AWS_OWNED_KEY"},
        tags=[{"key": "team", "value": "orders"}],
    )
    arn = created["stateMachineArn"]
    version_1 = created["stateMachineVersionArn"]
    alias = sfn.create_state_machine_alias(name="live", routingConfiguration=routes({version_1: 100}))["stateMachineAliasArn"]
    machine, versions, aliases, tags = refresh(sfn, arn)
    assert (machine["definition"], versions, aliases, tags) == (first, [version_1], [alias], {"team": "orders"})
    assert "revisionId" not in machine

    # A plan without changes applies nothing.
    again = sfn.create_state_machine(
        name=wanted, definition=first, roleArn=ROLE, publish=True, versionDescription="one"
    )
    assert (again["stateMachineArn"], again["stateMachineVersionArn"]) == (arn, version_1)
    same = sfn.update_state_machine(stateMachineArn=arn, definition=first, roleArn=ROLE, publish=True)
    assert same["stateMachineVersionArn"] == version_1 and "revisionId" not in same

    # A change: a new version, and a tenth of the starts for it.
    updated = sfn.update_state_machine(stateMachineArn=arn, definition=definition(2), publish=True, versionDescription="two")
    version_2 = updated["stateMachineVersionArn"]
    assert version_2 == f"{arn}:2"
    split = routes({version_1: 90, version_2: 10})
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=split, description="canary")
    found = sfn.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (found["routingConfiguration"], found["description"], found["name"]) == (split, "canary", "live")
    assert found["updateDate"] >= found["creationDate"]
    sfn.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "canary"}])
    sfn.untag_resource(resourceArn=arn, tagKeys=["team"])
    machine, versions, aliases, tags = refresh(sfn, arn)
    assert machine["revisionId"] == updated["revisionId"]
    assert (versions, aliases, tags) == ([version_2, version_1], [alias], {"stage": "canary"})
    described = sfn.describe_state_machine(stateMachineArn=version_1)
    assert (described["definition"], described["description"], described["stateMachineArn"]) == (first, "one", version_1)

    # Something else published meanwhile: whoever meant the revision before is told.
    later = sfn.update_state_machine(stateMachineArn=arn, definition=definition(3))
    publish = {"stateMachineArn": arn, "revisionId": updated["revisionId"]}
    assert code(lambda: sfn.publish_state_machine_version(**publish)) == "ConflictException"
    publish["revisionId"] = later["revisionId"]
    version_3 = sfn.publish_state_machine_version(**publish)["stateMachineVersionArn"]
    assert sfn.publish_state_machine_version(**publish)["stateMachineVersionArn"] == version_3 == f"{arn}:3"

    # The end, in Terraform's order, and one wrong try.
    assert code(lambda: sfn.delete_state_machine_version(stateMachineVersionArn=version_1)) == "ConflictException"
    sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
    assert code(lambda: sfn.describe_state_machine_alias(stateMachineAliasArn=alias)) == "ResourceNotFound"
    sfn.delete_state_machine_version(stateMachineVersionArn=version_1)
    sfn.delete_state_machine(stateMachineArn=arn)
    until(lambda: gone(sfn, arn))
    assert code(lambda: sfn.list_tags_for_resource(resourceArn=arn)) == "ResourceNotFound"
    assert sfn.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"] == []

    # The name is free, and its versions begin anew.
    created = sfn.create_state_machine(name=wanted, definition=definition(9), roleArn=ROLE, publish=True)
    assert created["stateMachineVersionArn"] == version_1
    assert refresh(sfn, arn)[1:] == ([version_1], [], {})


def test_blue_and_green_with_executions_in_flight(sfn, finished):
    blue, green = definition("blue", 2), definition("green", 0)
    created = sfn.create_state_machine(name=name("bg"), definition=blue, roleArn=ROLE, publish=True)
    arn, blue_arn = created["stateMachineArn"], created["stateMachineVersionArn"]
    alias = sfn.create_state_machine_alias(name="live", routingConfiguration=routes({blue_arn: 100}))["stateMachineAliasArn"]
    in_flight = [sfn.start_execution(stateMachineArn=alias)["executionArn"] for _ in range(5)]

    green_arn = sfn.update_state_machine(stateMachineArn=arn, definition=green, publish=True)["stateMachineVersionArn"]
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routes({green_arn: 100}))
    after = [sfn.start_execution(stateMachineArn=alias)["executionArn"] for _ in range(5)]
    # Blue goes, although executions of it still run: nothing points at it any more.
    sfn.delete_state_machine_version(stateMachineVersionArn=blue_arn)
    assert code(lambda: sfn.start_execution(stateMachineArn=blue_arn)) == "StateMachineDoesNotExist"
    for execution in after:
        found = finished(execution)
        assert (found["output"], found["stateMachineVersionArn"], found["stateMachineAliasArn"]) == ('"green"', green_arn, alias)
    still = [sfn.describe_execution(executionArn=execution)["status"] for execution in in_flight]
    for execution in in_flight:
        found = finished(execution)
        assert (found["output"], found["stateMachineVersionArn"]) == ('"blue"', blue_arn)
        shown = sfn.describe_state_machine_for_execution(executionArn=execution)
        assert shown["definition"] == blue and shown["stateMachineArn"] == arn
    assert "RUNNING" in still, "they were meant to be in flight"
    listed = sfn.list_executions(stateMachineArn=alias)["executions"]
    assert [found["executionArn"] for found in listed] == [*reversed(after), *reversed(in_flight)]
    listed = sfn.list_executions(stateMachineArn=blue_arn, statusFilter="SUCCEEDED")["executions"]
    assert {found["executionArn"] for found in listed} == set(in_flight)


def test_weights_are_shares_of_the_starts(sfn):
    arn = sfn.create_state_machine(name=name("w"), definition=definition(1), roleArn=ROLE, publish=True)["stateMachineArn"]
    sfn.update_state_machine(stateMachineArn=arn, definition=definition(2), publish=True)
    weight = random.Random(17).randint(20, 80)
    alias = sfn.create_state_machine_alias(
        name="live", routingConfiguration=routes({f"{arn}:1": weight, f"{arn}:2": 100 - weight})
    )["stateMachineAliasArn"]
    starts = 400
    for number in range(starts):
        # A named start that is repeated is the same execution, whatever would be drawn the second time.
        first = sfn.start_execution(stateMachineArn=alias, name=f"n{number}")
        if number % 40 == 0:
            with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
                until(lambda: sfn.describe_execution(executionArn=first["executionArn"])["status"] != "RUNNING")
                sfn.start_execution(stateMachineArn=alias, name=f"n{number}")
    pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=alias, PaginationConfig={"PageSize": 150})
    drawn = collections.Counter(found["stateMachineVersionArn"] for page in pages for found in page["executions"])
    share = drawn[f"{arn}:1"] / starts
    assert sum(drawn.values()) == starts
    # The standard deviation of 400 draws is at most 2.5 %; six of them are one in a thousand million.
    assert abs(share - weight / 100) < 0.15, (weight, drawn)


def test_versions_and_aliases_survive_a_kill(start_server):
    server = start_server()
    sfn = server.client()
    arn = sfn.create_state_machine(name="m", definition=definition(1), roleArn=ROLE, publish=True)["stateMachineArn"]
    sfn.update_state_machine(stateMachineArn=arn, definition=definition(2, 3), publish=True)
    alias = sfn.create_state_machine_alias(
        name="live", routingConfiguration=routes({f"{arn}:1": 0, f"{arn}:2": 100})
    )["stateMachineAliasArn"]
    execution = sfn.start_execution(stateMachineArn=alias, name="e", traceHeader="Root=1-2-3")["executionArn"]
    page = sfn.list_state_machine_versions(stateMachineArn=arn, maxResults=1)
    sfn.delete_state_machine_version(stateMachineVersionArn=f"{arn}:3")
    server.kill()
    server.start()
    sfn = server.client()
    found = sfn.describe_execution(executionArn=execution)
    assert (found["stateMachineVersionArn"], found["stateMachineAliasArn"]) == (f"{arn}:2", alias)
    assert found["traceHeader"] == "Root=1-2-3"
    again = sfn.start_execution(stateMachineArn=alias, name="e")
    assert again["executionArn"] == execution and again["startDate"] == found["startDate"]
    # The token of a page is good after the restart, for its list alone, and unaltered alone.
    rest = sfn.list_state_machine_versions(stateMachineArn=arn, nextToken=page["nextToken"])["stateMachineVersions"]
    assert [version["stateMachineVersionArn"] for version in rest] == [f"{arn}:1"]
    forged = page["nextToken"][:-2] + ("AA" if page["nextToken"][-2:] != "AA" else "BB")
    assert code(lambda: sfn.list_state_machine_versions(stateMachineArn=arn, nextToken=forged)) == "InvalidToken"
    assert code(lambda: sfn.list_state_machine_aliases(stateMachineArn=arn, nextToken=page["nextToken"])) == "InvalidToken"
    until(lambda: sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    assert sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == f"{arn}:2"


def test_a_customers_key_is_kept_and_shown(sfn):
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/orders"}
    made = sfn.create_state_machine(name=name("k"), definition=definition(1), roleArn=ROLE, encryptionConfiguration=key)
    shown = {**key, "kmsDataKeyReusePeriodSeconds": 300}
    found = sfn.describe_state_machine(stateMachineArn=made["stateMachineArn"])
    assert found["encryptionConfiguration"] == shown
    execution = sfn.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    shown_for = sfn.describe_state_machine_for_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert (shown_for["encryptionConfiguration"], shown_for["definition"]) == (shown, "{}")
    until(lambda: sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    found = sfn.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert "input" not in found and "output" not in found and found["inputDetails"] == {"included": False}
    bad = {"type": "CUSTOMER_MANAGED_KMS_KEY"}
    create = {"name": name("k"), "definition": definition(1), "roleArn": ROLE}
    assert code(lambda: sfn.create_state_machine(**create, encryptionConfiguration=bad)) == "InvalidEncryptionConfiguration"
    bad = {**key, "kmsDataKeyReusePeriodSeconds": 59}
    assert code(lambda: sfn.create_state_machine(**create, encryptionConfiguration=bad)) == "ValidationException"
