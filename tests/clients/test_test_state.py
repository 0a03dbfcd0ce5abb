"""TestState through boto3: every state type, every inspection level, mocks, and what is refused."""

import json
import time

import botocore.exceptions
import pytest
from conftest import ROLE

FLOW = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f", "Payload.$": "$"},
    "ResultSelector": {"got.$": "$.Payload"},
    "ResultPath": "$.r",
    "Next": "After",
}
MAP = {"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": FLOW, "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "End": True}
PARALLEL = {"Type": "Parallel", "Branches": [FLOW], "ResultPath": "$.p", "End": True}

# state, input, mock, what is expected of the answer, members of inspectionData
STATES = {
    "pass": (
        {"Type": "Pass", "Parameters": {"b.$": "$.a"}, "End": True}, {"a": 1}, None,
        {"status": "SUCCEEDED", "output": {"b": 1}},
        {"input", "afterInputPath", "afterParameters", "afterResultSelector", "afterResultPath"},
    ),
    "pass with a result": (
        {"Type": "Pass", "Result": 5, "ResultPath": "$.x", "Next": "N"}, {"a": 1}, None,
        {"status": "SUCCEEDED", "output": {"a": 1, "x": 5}, "nextState": "N"},
        {"input", "result", "afterResultSelector", "afterResultPath"},
    ),
    "pass in jsonata": (
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a + 1 %}", "End": True}, {"a": 1}, None,
        {"status": "SUCCEEDED", "output": 2}, {"input"},
    ),
    "choice": (
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": False, "Next": "X"}], "Default": "D"}, {"a": 1}, None,
        {"status": "SUCCEEDED", "output": {"a": 1}, "nextState": "D"}, {"input", "afterInputPath"},
    ),
    "wait": (
        {"Type": "Wait", "SecondsPath": "$.s", "End": True}, {"s": 1}, None,
        {"status": "SUCCEEDED", "output": {"s": 1}}, {"input", "afterInputPath"},
    ),
    "succeed": (
        {"Type": "Succeed", "OutputPath": "$.a"}, {"a": [1]}, None,
        {"status": "SUCCEEDED", "output": [1]}, {"input", "afterInputPath"},
    ),
    "fail": (
        {"Type": "Fail", "ErrorPath": "$.e", "Cause": "C"}, {"e": "E"}, None,
        {"status": "FAILED", "error": "E", "cause": "C"}, {"input", "afterInputPath"},
    ),
    "task": (
        TASK, {"i": 1}, {"result": '{"Payload": [2]}'},
        {"status": "SUCCEEDED", "output": {"i": 1, "r": {"got": [2]}}, "nextState": "After"},
        {"input", "afterInputPath", "afterParameters", "result", "afterResultSelector", "afterResultPath"},
    ),
    "task in jsonata": (
        {"Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
         "Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"}, "Output": "{% $states.result.Payload %}"},
        {"i": 1}, {"result": '{"Payload": [2]}'},
        {"status": "SUCCEEDED", "output": [2]}, {"input", "afterArguments", "result"},
    ),
    "map": (
        MAP, {"l": [1, 2]}, {"result": "[3, 4]"},
        {"status": "SUCCEEDED", "output": [3, 4]},
        {"input", "afterInputPath", "afterItemsPath", "afterItemSelector", "maxConcurrency", "afterResultSelector",
         "afterResultPath"},
    ),
    "parallel": (
        PARALLEL, {"a": 1}, {"result": "[3]"},
        {"status": "SUCCEEDED", "output": {"a": 1, "p": [3]}}, {"input", "afterResultSelector", "afterResultPath"},
    ),
}


def test(sfn, state, input=None, **more):
    answer = sfn.test_state(definition=json.dumps(state), roleArn=ROLE, input=json.dumps({} if input is None else input), **more)
    del answer["ResponseMetadata"]
    if "output" in answer:
        answer["output"] = json.loads(answer["output"])
    return answer


test.__test__ = False


def refused(sfn, **request):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        sfn.test_state(**request)
    error = failure.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400, error
    return error["Error"]["Code"], error["Error"]["Message"]


@pytest.mark.parametrize("level", ["INFO", "DEBUG", "TRACE"])
@pytest.mark.parametrize("name", STATES)
def test_a_state_of_each_type_at_each_level(sfn, name, level):
    state, given, mock, wanted, members = STATES[name]
    found = test(sfn, state, given, inspectionLevel=level, **({"mock": mock} if mock else {}))
    data = found.pop("inspectionData", None)
    assert found == wanted
    assert (data is None) == (level == "INFO")
    if data:
        assert set(data) == members and json.loads(data["input"]) == given


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:us-east-1:000000000000:activity:nobody",
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:states:::states:startExecution.sync:2",
    ],
)
def test_a_mock_answers_where_a_worker_a_token_or_a_job_would(sfn, resource):
    parameters = {"FunctionName": "f"} if "lambda" in resource else {"StateMachineArn": "m"}
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "OutputPath": "$.Output", "End": True}
    job = {"ExecutionArn": "e", "StateMachineArn": "m", "StartDate": "d", "Status": "SUCCEEDED", "Output": {"x": 1}}
    found = test(sfn, state, mock={"result": json.dumps(job)})
    assert found == {"status": "SUCCEEDED", "output": {"x": 1}}
    code, message = refused(sfn, definition=json.dumps(state))
    assert code == "InvalidDefinition" and "only when a mock is specified" in message


def test_a_mocked_result_has_the_shape_of_its_api(sfn):
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ec2:describeInstances", "Parameters": {}, "End": True}

    def answer(result, mode):
        mock = {"result": json.dumps(result), "fieldValidationMode": mode}
        try:
            return test(sfn, state, mock=mock)["status"]
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Message"].removeprefix("Mock result schema validation error: ")

    right = {"Reservations": [{"Instances": [{"InstanceId": "i", "State": {"Code": 16, "Name": "running"}}]}], "More": 1}
    wrong = {"Reservations": [{"Instances": [{"InstanceId": "i", "State": {"Code": "16"}}]}]}
    for mode in ["STRICT", "PRESENT"]:
        assert answer(right, mode) == "SUCCEEDED"
        assert answer(wrong, mode) == "Field 'Code' must be a number"
    assert answer(wrong, "NONE") == "SUCCEEDED"


def test_a_state_of_a_whole_machine(sfn):
    machine = {"StartAt": "M", "QueryLanguage": "JSONata", "States": {
        "M": {"Type": "Map", "ItemProcessor": {"StartAt": "Inner", "States": {
            "Inner": {"Type": "Pass", "Output": "{% $states.context.Map.Item %}", "Next": "Last"},
            "Last": {"Type": "Succeed"}}}, "End": True}}}
    found = test(sfn, machine, 7, stateName="Inner")
    assert found == {"status": "SUCCEEDED", "output": {"Index": 0, "Value": 7}, "nextState": "Last"}
    request = {"definition": json.dumps(machine), "stateName": "Nobody"}
    assert refused(sfn, **request) == ("ValidationException", "State not found in definition")


def test_variables_go_in_and_come_out(sfn):
    state = {"Type": "Pass", "Parameters": {"v.$": "$old.x"}, "Assign": {"new.$": "$old.x"}, "End": True}
    found = test(sfn, state, variables='{"old": {"x": "y"}}', inspectionLevel="DEBUG")
    assert found["output"] == {"v": "y"}
    assert json.loads(found["inspectionData"]["variables"]) == {"old": {"x": "y"}, "new": "y"}


def test_errors_are_retried_caught_and_left(sfn):
    state = {**TASK,
             "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}],
             "Catch": [{"ErrorEquals": ["Busy", "Odd"], "ResultPath": "$.e", "Next": "Caught"}]}

    def answer(error, retries):
        mock = {"errorOutput": {"error": error, "cause": "C"}}
        found = test(sfn, state, {}, mock=mock, stateConfiguration={"retrierRetryCount": retries}, inspectionLevel="TRACE")
        assert (found["error"], found["cause"]) == (error, "C")
        return found["status"], found.get("nextState"), found.get("output"), found["inspectionData"].get("errorDetails")

    assert answer("Busy", 0) == ("RETRIABLE", None, None, {"retryIndex": 0, "retryBackoffIntervalSeconds": 2})
    assert answer("Busy", 1) == ("RETRIABLE", None, None, {"retryIndex": 0, "retryBackoffIntervalSeconds": 6})
    caught = {"e": {"Error": "Busy", "Cause": "C"}}
    assert answer("Busy", 2) == ("CAUGHT_ERROR", "Caught", caught, {"retryIndex": 0, "catchIndex": 0})
    assert answer("Odd", 0)[0] == "CAUGHT_ERROR"
    assert answer("New", 0) == ("FAILED", None, None, None)


def test_a_map_has_a_threshold(sfn):
    state = {**MAP, "ItemProcessor": {**FLOW, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}},
             "ToleratedFailurePercentage": 50}

    def status(failures):
        configuration = {"mapIterationFailureCount": failures}
        return test(sfn, state, {"l": [1, 2]}, mock={"result": "[1, 2]"}, stateConfiguration=configuration)

    assert status(1)["status"] == "SUCCEEDED"
    assert (status(2)["status"], status(2)["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    request = {"definition": json.dumps(state), "input": '{"l":[1,2]}', "mock": {"result": "[1, 2]"},
               "stateConfiguration": {"mapIterationFailureCount": 3}}
    assert refused(sfn, **request)[0] == "ValidationException"


def test_a_function_is_really_called(start_server, tmp_path):
    (tmp_path / "app.py").write_text(
        "def handler(event, context):\n"
        "    if event.get('fail'):\n"
        "        raise ValueError('no')\n"
        "    return {'twice': event['n'] * 2}\n"
    )
    config = tmp_path / "stepwell.toml"
    config.write_text(f'[functions.f]\nruntime = "python3"\nhandler = "app.handler"\ncode = "{tmp_path}"\n')
    client = start_server("--config", str(config)).client()
    found = test(client, TASK, {"n": 4})
    assert (found["status"], found["output"]["r"]) == ("SUCCEEDED", {"got": {"twice": 8}})
    found = test(client, TASK, {"n": 4, "fail": True})
    assert (found["status"], found["error"]) == ("FAILED", "ValueError")


HOSTILE = {
    "not json": ("{", "InvalidDefinition"),
    "no object": ("[1]", "InvalidDefinition"),
    "two states": ('{"Type":"Succeed"},"B":{"Type":"Succeed"}', "InvalidDefinition"),
    "deep": ("[" * 200_000, "InvalidDefinition"),
    "a wrong type": ('{"Type":"Pas","End":true}', "InvalidDefinition"),
    "empty": ("", "ValidationException"),
    "long": (json.dumps({"Type": "Succeed", "Comment": "x" * 1_048_576}), "ValidationException"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_definitions_are_refused(sfn, name):
    definition, code = HOSTILE[name]
    assert refused(sfn, definition=definition)[0] == code


def test_wrong_members_are_refused(sfn):
    succeed = json.dumps({"Type": "Succeed"})
    task = json.dumps(TASK)
    for members, code in [
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"input": '"' + "x" * 262_143 + '"'}, "ValidationException"),
        ({"variables": "nothing"}, "ValidationException"),
        ({"inspectionLevel": "ALL"}, "ValidationException"),
        ({"stateName": ""}, "ValidationException"),
        ({"stateName": "x" * 81}, "ValidationException"),
        ({"mock": {"result": "{}"}}, "ValidationException"),
        ({"context": "{}"}, "ValidationException"),
        ({"roleArn": "nobody"}, "InvalidArn"),
        ({"definition": task, "mock": {}}, "ValidationException"),
        ({"definition": task, "mock": {"result": "{"}}, "ValidationException"),
        ({"definition": task, "mock": {"result": "{}", "fieldValidationMode": "SOME"}}, "ValidationException"),
        ({"definition": task, "mock": {"result": "{}"}, "context": "{"}, "ValidationException"),
        ({"definition": task, "mock": {"result": "{}"}, "revealSecrets": True}, "ValidationException"),
        ({"definition": task, "mock": {"result": "{}"}, "stateConfiguration": {"retrierRetryCount": -1}}, "ValidationException"),
    ]:
        assert refused(sfn, **{"definition": succeed, **members})[0] == code, members


def test_limits_hold_to_the_byte(sfn):
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $pad('', $states.input, 'x') %}", "End": True}
    # With its quotes the text has two bytes more than it has letters.
    assert len(test(sfn, state, 262_142)["output"]) == 262_142
    found = test(sfn, state, 262_143)
    assert (found["status"], found["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_an_expression_that_never_ends_ends(sfn):
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "End": True,
             "Output": "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"}
    begun = time.monotonic()
    found = test(sfn, state)
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert time.monotonic() - begun < 10
