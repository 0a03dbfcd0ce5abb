"""A machine that trains: polls the activity `train-model` and answers its tasks, with nothing but the standard library.

    python3 trainer.py --endpoint http://127.0.0.1:8083 [--name trainer-1] [--tasks 3]

Start as many as there are machines; each task goes to one of them. It heartbeats while it trains, so the workflow learns within
HeartbeatSeconds when a machine is gone, and gives the task to another one.
"""
import argparse
import http.client
import json
import pathlib
import socket
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "functions"))
import data  # noqa: E402
import model  # noqa: E402


class Refused(Exception):
    """The server's answer was an error; its name comes first."""


def call(endpoint, operation, **members):
    """One operation of the Step Functions API: JSON over HTTP. SDKs do the same, and sign it."""
    address = urllib.parse.urlsplit(endpoint)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=75)
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}"}
    try:
        connection.request("POST", "/", json.dumps(members), headers)
        response = connection.getresponse()
        answer = json.loads(response.read() or b"{}")
    finally:
        connection.close()
    if response.status != 200:
        raise Refused(f"{answer.get('__type')}: {answer.get('message')}")
    return answer


def work(endpoint, task, name):
    token, wanted = task["taskToken"], json.loads(task["input"])
    try:
        rows = json.loads(pathlib.Path(wanted["train"]).read_text())
        made = model.train(
            rows,
            wanted["rate"],
            wanted["decay"],
            wanted["epochs"],
            lambda epoch: call(endpoint, "SendTaskHeartbeat", taskToken=token),
        )
        path = pathlib.Path(wanted["folder"]) / "models" / wanted["run"] / f"{wanted['number']}.json"
        data.replace(path, made)
        found = model.measure(made, json.loads(pathlib.Path(wanted["choose"]).read_text()))
        output = {"model": str(path), "rate": wanted["rate"], "decay": wanted["decay"], **found, "trainer": name}
        call(endpoint, "SendTaskSuccess", taskToken=token, output=json.dumps(output))
    except Refused as refused:
        print(f"{name}: the task is no longer wanted: {refused}", file=sys.stderr)
    except (OSError, KeyError, ValueError, ArithmeticError) as error:
        call(endpoint, "SendTaskFailure", taskToken=token, error="Training.Failed", cause=repr(error)[:1000])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", default="http://127.0.0.1:8083")
    parser.add_argument("--name", default=socket.gethostname()[:80])
    parser.add_argument("--tasks", type=int, help="end after so many")
    parser.add_argument("--create", action="store_true", help="only create the activity, and end")
    given = parser.parse_args()
    activity = call(given.endpoint, "CreateActivity", name="train-model")["activityArn"]
    if given.create:
        return print(activity)
    done = 0
    while given.tasks is None or done < given.tasks:
        try:
            task = call(given.endpoint, "GetActivityTask", activityArn=activity, workerName=given.name)
        except (OSError, http.client.HTTPException):
            continue  # The server stops or starts again; a poll changes nothing.
        if task.get("taskToken"):
            work(given.endpoint, task, given.name)
            done += 1


if __name__ == "__main__":
    main()
