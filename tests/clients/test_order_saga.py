"""The order saga with its functions, each input to its end; the approval, and a server that is killed while it waits."""

import json
import shutil
import uuid

import pytest
from conftest import ROLE, ROOT, until

EXAMPLE = ROOT / "examples/order-saga"

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="the example's functions need Node")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server with the example's functions, and the ARN of its state machine."""
    from conftest import Server, free_port

    folder = tmp_path_factory.mktemp("shop")
    args = ["--config", str(EXAMPLE / "stepwell.toml")]
    server = Server(folder / "data", free_port(), args, {"TMPDIR": str(folder)}).start()
    definition = (EXAMPLE / "order.asl.json").read_text()
    arn = server.client().create_state_machine(name="order-saga", definition=definition, roleArn=ROLE)
    yield server, arn["stateMachineArn"]
    server.stop()


def order(name, **simulate):
    value = json.loads((EXAMPLE / "inputs" / f"{name}.json").read_text())
    value["orderId"] = f"T-{uuid.uuid4().hex[:10]}"
    if simulate:
        value["simulate"] = simulate
    return json.dumps(value)


def run(shop, name):
    server, arn = shop
    sfn = server.client()
    execution = sfn.start_execution(stateMachineArn=arn, input=order(name))["executionArn"]
    found = until(lambda: (d := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and d, 60)
    history = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    entered = [e["stateEnteredEventDetails"]["name"] for e in history if "stateEnteredEventDetails" in e]
    return found, entered, history


@pytest.mark.parametrize(
    ("name", "status", "error", "visited"),
    [
        ("order", "SUCCEEDED", None, {"ChargePayment", "ConfirmOrder"}),
        ("gateway-hiccups", "SUCCEEDED", None, {"ChargePayment", "ConfirmOrder"}),
        ("card-declined", "FAILED", "OrderCompensated", {"FulfilOrder", "ChargePayment", "UndoOrder"}),
        ("out-of-stock", "FAILED", "OrderCompensated", {"FulfilOrder", "UndoOrder"}),
        ("no-carrier", "FAILED", "OrderCompensated", {"FulfilOrder", "UndoOrder"}),
        ("mail-refused", "FAILED", "OrderCompensated", {"ConfirmOrder", "UndoOrder"}),
        ("invalid", "FAILED", "OrderRejected", {"ValidateOrder", "OrderRejected"}),
    ],
)
def test_each_input_goes_its_way(shop, name, status, error, visited):
    found, entered, history = run(shop, name)
    assert (found["status"], found.get("error")) == (status, error), found.get("cause")
    assert visited <= set(entered)
    assert ("UndoOrder" in entered) == (error == "OrderCompensated")
    kinds = [event["type"] for event in history]
    if name == "gateway-hiccups":
        assert kinds.count("TaskFailed") >= 1 and kinds.count("LambdaFunctionFailed") >= 1
    if name == "mail-refused":
        assert '"refund":"REFUNDED"' in found["cause"]


def waiting(sfn, arn):
    """An order that waits for its approval, and the token."""
    execution = sfn.start_execution(stateMachineArn=arn, input=order("needs-approval"))["executionArn"]

    def token():
        events = sfn.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
        if events[0]["type"] != "TaskSubmitted":
            return None
        scheduled = next(event for event in events if event["type"] == "TaskScheduled")
        return json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Payload"]["token"]

    return execution, until(token)


def ended(sfn, execution):
    return until(lambda: (d := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and d, 60)


def test_an_approval(shop):
    server, arn = shop
    sfn = server.client()
    execution, token = waiting(sfn, arn)
    sfn.send_task_heartbeat(taskToken=token)
    sfn.send_task_success(taskToken=token, output='{"approvedBy":"pytest"}')
    found = ended(sfn, execution)
    assert found["status"] == "SUCCEEDED" and "1999.00 EUR" in found["output"]
    with pytest.raises(sfn.exceptions.TaskTimedOut):
        sfn.send_task_success(taskToken=token, output="{}")


def test_a_refusal_undoes_the_order(shop):
    server, arn = shop
    sfn = server.client()
    execution, token = waiting(sfn, arn)
    with pytest.raises(sfn.exceptions.InvalidOutput):
        sfn.send_task_success(taskToken=token, output="{not json")
    sfn.send_task_failure(taskToken=token, error="Approval.Rejected", cause="too expensive")
    found = ended(sfn, execution)
    assert (found["status"], found["error"]) == ("FAILED", "OrderCompensated")
    assert "Approval.Rejected" in found["cause"] and "too expensive" in found["cause"]


def test_an_approval_after_the_server_was_killed(shop):
    server, arn = shop
    sfn = server.client()
    execution, token = waiting(sfn, arn)
    server.kill()
    server.start()
    assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
    sfn.send_task_success(taskToken=token, output='{"approvedBy":"pytest"}')
    assert ended(sfn, execution)["status"] == "SUCCEEDED"


def test_tokens_that_are_none(sfn):
    for call in (
        lambda token: sfn.send_task_success(taskToken=token, output="{}"),
        lambda token: sfn.send_task_failure(taskToken=token),
        lambda token: sfn.send_task_heartbeat(taskToken=token),
    ):
        for token in ("x", "A" * 1024, "AQAAAAAA"):
            with pytest.raises(sfn.exceptions.InvalidToken):
                call(token)
