"""The console's read API (docs/console-api.md) over plain HTTP: what a page would ask, and what a foreign page may not."""

import json
import urllib.error
import urllib.parse
import urllib.request

from conftest import ROLE, until

MACHINE = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "Even",
                "States": {
                    "Even": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$", "NumericEquals": 3, "Next": "Odd"}],
                        "Default": "Fine",
                    },
                    "Odd": {"Type": "Fail", "Error": "Odd", "Cause": "three <b>is</b> odd"},
                    "Fine": {"Type": "Pass", "End": True},
                },
            },
            "ResultPath": "$.done",
            "Catch": [{"ErrorEquals": ["Odd"], "ResultPath": "$.caught", "Next": "Rest"}],
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True},
    },
}


def get(server, path, headers=None, data=None):
    request = urllib.request.Request(f"{server.url}/console/api/v1/{path}", headers=headers or {}, data=data)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def refused(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except urllib.error.HTTPError as error:
        return error.code
    raise AssertionError("it was not refused")


def started(sfn, name, payload):
    machine = sfn.create_state_machine(name=name, definition=json.dumps(MACHINE), roleArn=ROLE)["stateMachineArn"]
    return sfn.start_execution(stateMachineArn=machine, input=json.dumps(payload))["executionArn"]


def test_an_execution_is_told_in_columns_events_and_steps(server, sfn):
    arn = started(sfn, "console-columns", {"items": [1, 2, 3], "seconds": 0})
    until(lambda: sfn.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    history = sfn.get_execution_history(executionArn=arn)["events"]
    quoted = urllib.parse.quote(arn, safe="")

    index = get(server, f"executions/{quoted}/index")
    assert index["status"] == "SUCCEEDED" and index["last"] == len(history)
    assert [index["types"][kind] for kind in index["type"]] == [event["type"] for event in history]
    assert index["previous"] == [event["previousEventId"] for event in history]
    kinds = [(frame["kind"], frame["index"]) for frame in index["frames"]]
    assert kinds == [("root", 0), ("iteration", 0), ("iteration", 1), ("iteration", 2)]
    later = get(server, f"executions/{quoted}/index?after=5")
    assert later["first"] == 6 and len(later["type"]) == len(history) - 5

    some = get(server, f"executions/{quoted}/events?from=3&limit=2")["events"]
    assert [event["id"] for event in some] == [3, 4]

    entered = next(event["id"] for event in history if event["type"] == "MapStateEntered")
    step = get(server, f"executions/{quoted}/steps/{entered}")
    assert step["status"] == "caught" and step["next"] == "Rest"
    assert step["input"] == {"items": [1, 2, 3], "seconds": 0}
    assert step["output"]["caught"]["Error"] == "Odd"
    assert refused(get, server, f"executions/{quoted}/steps/1") == 404


def test_the_data_flow_of_a_state_is_told_stage_by_stage(server, sfn):
    state = {
        "Type": "Pass",
        "InputPath": "$.a",
        "Parameters": {"x.$": "$.b", "who.$": "$$.Execution.Name"},
        "ResultPath": "$.r",
        "OutputPath": "$.r",
        "End": True,
    }
    machine = sfn.create_state_machine(
        name="console-stages", definition=json.dumps({"StartAt": "P", "States": {"P": state}}), roleArn=ROLE
    )["stateMachineArn"]
    arn = sfn.start_execution(stateMachineArn=machine, name="me", input='{"a":{"b":1}}')["executionArn"]
    until(lambda: sfn.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    step = get(server, f"executions/{urllib.parse.quote(arn, safe='')}/steps/2")
    stages = {stage["name"]: stage["value"] for stage in step["stages"]}
    assert stages["InputPath"] == {"b": 1}
    assert stages["Parameters"] == {"x": 1, "who": "me"}
    assert stages["ResultPath"] == {"a": {"b": 1}, "r": {"x": 1, "who": "me"}}
    assert stages["Output"] == step["output"] == {"x": 1, "who": "me"}


def test_lists_search_and_count(server, sfn):
    arn = started(sfn, "console-search", {"items": [], "seconds": 0})
    until(lambda: sfn.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    found = get(server, "executions?machine=console-search&status=SUCCEEDED")
    assert [row["arn"] for row in found["executions"]] == [arn]
    assert get(server, "executions?machine=console-search&status=FAILED")["executions"] == []
    assert get(server, "executions?text=console-sear")["executions"][0]["arn"] == arn
    assert get(server, "counts")["counts"]["SUCCEEDED"] >= 1
    names = [machine["name"] for machine in get(server, "machines")["machines"]]
    assert "console-search" in names
    assert refused(get, server, "executions?limit=0") == 400
    assert refused(get, server, "executions?status=LOST") == 400


def test_pages_reach_every_execution_once(server, sfn):
    machine = sfn.create_state_machine(name="console-pages", definition=json.dumps(MACHINE), roleArn=ROLE)
    wanted = {
        sfn.start_execution(
            stateMachineArn=machine["stateMachineArn"], input='{"items":[],"seconds":0}', name=f"run-{number}"
        )["executionArn"]
        for number in range(7)
    }
    seen, cursor = [], ""
    while cursor is not None:
        page = get(server, f"executions?machine=console-pages&name=run-&limit=3&cursor={cursor}")
        seen += [row["arn"] for row in page["executions"]]
        cursor = page.get("next")
    assert len(seen) == 7 and set(seen) == wanted


def test_a_stream_tells_what_is_new(server, sfn):
    arn = started(sfn, "console-stream", {"items": [1], "seconds": 1})
    path = f"stream?execution={urllib.parse.quote(arn, safe='')}"
    request = urllib.request.Request(f"{server.url}/console/api/v1/{path}")
    ids, status = [], "RUNNING"
    with urllib.request.urlopen(request, timeout=15) as stream:
        for line in stream:
            if line.startswith(b"data: "):
                data = json.loads(line[6:])
                ids += range(data["first"], data["first"] + len(data["type"]))
                status = data["status"]
            if status != "RUNNING":
                break
    assert status == "SUCCEEDED"
    assert ids == list(range(1, len(sfn.get_execution_history(executionArn=arn)["events"]) + 1))


def test_the_inbox_answers_tokens(server, sfn):
    activity = sfn.create_activity(name="console-inbox")["activityArn"]
    definition = {"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": activity, "End": True}}}
    machine = sfn.create_state_machine(name="console-inbox", definition=json.dumps(definition), roleArn=ROLE)
    arn = sfn.start_execution(stateMachineArn=machine["stateMachineArn"], input='{"amount":5}')["executionArn"]
    mine = lambda: [task for task in get(server, "inbox")["tasks"] if task["execution"] == arn]
    until(mine)
    (task,) = mine()
    assert (task["kind"], task["state"], task["input"], task["isStarted"]) == ("activity", "Ask", {"amount": 5}, False)
    taken = sfn.get_activity_task(activityArn=activity, workerName="me")
    assert mine()[0]["isStarted"] and mine()[0]["taskToken"] == taken["taskToken"]
    sfn.send_task_success(taskToken=taken["taskToken"], output="{}")
    until(lambda: sfn.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")


def test_a_definition_is_analysed(server):
    text = json.dumps(MACHINE)
    told = get(server, "analyze", data=json.dumps({"text": text}).encode())
    assert told["diagnostics"] == []
    assert [node["name"] for node in told["layout"]["nodes"]] == ["Start", "Each", "Rest", "End", "Even", "Odd", "Fine"]
    assert all(edge["path"].startswith("M") for edge in told["layout"]["edges"])
    broken = get(server, "analyze", data=json.dumps({"text": text.replace('"Next": "Rest"', '"Next": "Rset"')}).encode())
    assert "layout" not in broken and {"MISSING_TRANSITION_TARGET"} == {one["code"] for one in broken["diagnostics"]}
    assert refused(get, server, "analyze", data=b"[") == 400


def test_foreign_pages_are_refused(server):
    assert refused(get, server, "meta", headers={"Host": "evil.test"}) == 421
    assert refused(get, server, "meta", headers={"Origin": "http://evil.test"}) == 403
    request = urllib.request.Request(
        server.url,
        data=b"{}",
        headers={"X-Amz-Target": "AWSStepFunctions.ListStateMachines", "Sec-Fetch-Site": "cross-site"},
    )
    assert refused(urllib.request.urlopen, request) == 403
    assert get(server, "meta")["version"]
