"""The examples, each deployed as its README says and run to its ends, with the files that it makes looked at.

order-saga, the oldest of them, has its own file.
"""

import collections
import csv
import datetime
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import uuid
import zlib

import pytest
from conftest import ROOT, Server, binary, free_port, until

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="the examples' functions need Node")


class Example:
    """A server with an example's functions in a folder of its own, its state machines deployed."""

    def __init__(self, name, folder):
        self.source, self.folder = ROOT / "examples" / name, folder
        args = ["--config", str(self.source / "stepwell.toml")]
        env = {"TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        self.server = Server(folder / "data", free_port(), args, env).start()
        self.sfn = self.server.client()
        self.cli("deploy")

    def cli(self, *args):
        env = {**os.environ, "STEPWELL_ENDPOINT": self.server.url}
        done = subprocess.run(
            [binary(), *args], cwd=self.source, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, machine, value, name=None):
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{machine}"
        name = name or f"t-{uuid.uuid4().hex[:12]}"
        return self.sfn.start_execution(stateMachineArn=arn, name=name, input=json.dumps(value))["executionArn"]

    def end(self, execution, timeout=120):
        def ended():
            found = self.sfn.describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None

        return until(ended, timeout)

    def run(self, machine, value):
        return self.end(self.start(machine, value))

    def entered(self, execution):
        events = self.sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


@pytest.fixture(scope="module")
def example(request, tmp_path_factory):
    """The example that the test's parameter names."""
    made = Example(request.param, tmp_path_factory.mktemp(request.param))
    yield made
    made.server.stop(20)  # Less than its patience: nothing is under way.


def of(name):
    return pytest.mark.parametrize("example", [name], indirect=True)


# release-approval


def released(example, environment):
    link = example.folder / "stepwell-release-approval" / environment / "current"
    return os.readlink(link).split("-")[0] if link.is_symlink() else None


def asked(example, version, name):
    """Starts a release and waits for its question; returns the execution and the token."""
    execution = example.start("release", {"version": version}, name)

    def is_asked():
        events = example.sfn.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
        assert not events[0]["type"].startswith("Execution") or len(events) == 1, events[0]
        return events[0]["type"] == "TaskSubmitted"

    until(is_asked, 90)
    message = example.folder / "stepwell-release-approval/inbox" / f"{name}.json"
    return execution, json.loads(message.read_text())["token"]


@of("release-approval")
def test_a_release_goes_live_when_it_is_approved_and_back_when_it_is_not(example):
    execution, token = asked(example, "1.0", "first")
    assert (released(example, "staging"), released(example, "production")) == ("1.0", None)
    example.server.kill()
    example.server.start()
    example.sfn.send_task_success(taskToken=token, output='{"by":"pytest"}')
    found = example.end(execution)
    output = json.loads(found["output"])
    assert (output["approvedBy"], output["production"]) == ("pytest", "1.0 Hello, world.")
    assert released(example, "production") == "1.0"

    execution, token = asked(example, "1.1", "second")
    assert (released(example, "staging"), released(example, "production")) == ("1.1", "1.0")
    example.sfn.send_task_failure(taskToken=token, error="Release.Rejected", cause="not today")
    found = example.end(execution)
    assert (found["error"], found["cause"]) == ("RolledBack", "Release.Rejected: not today")
    assert (released(example, "staging"), released(example, "production")) == ("1.0", "1.0")

    execution, token = asked(example, "broken-in-production", "third")
    assert released(example, "staging") == "broken"
    example.sfn.send_task_success(taskToken=token, output='{"by":"pytest"}')
    found = example.end(execution)
    assert found["error"] == "RolledBack" and "KeyError: 'GREETER_TITLE'" in found["cause"]
    assert {"TestProduction", "RollBackProduction", "RollBackStaging"} <= set(example.entered(execution))
    assert (released(example, "staging"), released(example, "production")) == ("1.0", "1.0")


@of("release-approval")
def test_a_release_whose_tests_fail_touches_nothing(example):
    before = released(example, "staging")
    found = example.run("release", {"version": "broken-tests"})
    assert found["error"] == "TestsFailed" and "test_nobody" in found["cause"]
    assert released(example, "staging") == before
    assert example.run("release", {"version": "none"})["error"] == "UnknownVersion"


# video-pipeline


@of("video-pipeline")
def test_a_clip_is_rendered_cut_and_published(example):
    clip, folder = example.folder / "ball.y4m", example.folder / "ball"
    subprocess.run([sys.executable, example.source / "make_clip.py", clip], check=True, capture_output=True)
    found = example.run("video", {"source": str(clip), "folder": str(folder), "factors": [2, 4]})
    assert found["status"] == "SUCCEEDED", found.get("cause")
    assert json.loads(found["output"]) == {"manifest": str(folder / "manifest.json"), "files": 3, "scenes": 2}
    assert json.loads((folder / "manifest.json").read_text())["scenes"]["cuts"] == [24]
    for width, height in ((48, 32), (24, 16)):
        data = (folder / f"{width}x{height}.y4m").read_bytes()
        head, rest = data.split(b"\n", 1)
        assert head.startswith(f"YUV4MPEG2 W{width} H{height} F24:1".encode())
        assert len(rest) == 48 * (len(b"FRAME\n") + width * height * 3 // 2)
    png = (folder / "thumbnail.png").read_bytes()
    assert struct.unpack(">II", png[16:24]) == (96, 64)
    start = png.index(b"IDAT") + 4
    assert len(zlib.decompress(png[start : png.index(b"IEND") - 8])) == 64 * 97
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:rendition"
    children = example.sfn.list_executions(stateMachineArn=arn)["executions"]
    assert [child["status"] for child in children] == ["SUCCEEDED", "SUCCEEDED"]


@of("video-pipeline")
def test_what_cannot_be_rendered_is_not_published(example):
    clip, folder = example.folder / "small.y4m", example.folder / "small"
    make = [sys.executable, example.source / "make_clip.py", clip, "--frames", "6"]
    subprocess.run(make, check=True, capture_output=True)
    found = example.run("video", {"source": str(clip), "folder": str(folder), "factors": [2, 5]})
    assert found["error"] == "NotPublished" and "96x64 cannot be divided by 5" in found["cause"]
    assert not (folder / "manifest.json").exists()
    text = example.folder / "text.y4m"
    text.write_text("hello\n")
    assert example.run("video", {"source": str(text), "folder": str(folder), "factors": [2]})["error"] == "NotAVideo"
    clip.write_bytes(clip.read_bytes()[:-7])
    found = example.run("video", {"source": str(clip), "folder": str(folder), "factors": [2]})
    assert found["error"] == "NotAVideo" and "ends in the middle" in found["cause"]


# data-pipeline


def sums(path):
    """What the report has to say, reckoned by other means: the sum of each country, in cents."""
    orders = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            try:
                day = row["date"]
                datetime.date.fromisoformat("-".join(reversed(day.split("."))) if "." in day else day)
                cents = int(row["amount"].replace(",", "").replace(".", ""))
                code = {"GE": "DE", "DE": "DE", "FR": "FR", "IT": "IT", "ES": "ES"}[row["country"].strip().upper()[:2]]
            except (ValueError, KeyError):
                continue
            orders[row["order_id"]] = code, cents
    found = collections.Counter()
    for code, cents in orders.values():
        found[code] += cents
    return len(orders), dict(found)


@of("data-pipeline")
@pytest.mark.parametrize("rows", [5, 25, 1000])
def test_a_table_is_cleaned_and_summed_up(example, rows):
    source, folder = example.source / "data/orders.csv", example.folder / f"by{rows}"
    found = example.run("orders-report", {"source": str(source), "folder": str(folder), "rowsPerPart": rows})
    assert found["status"] == "SUCCEEDED", found.get("cause")
    output = json.loads(found["output"])
    assert (output["orders"], output["cents"]) == sums(source)
    assert sorted(one["line"] for one in output["refused"]) == [18, 43, 78]
    with open(folder / "report.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert round(sum(float(row["amount"]) for row in table), 2) == output["total"]


@of("data-pipeline")
def test_a_table_that_is_too_bad_is_refused(example):
    source, folder = example.source / "data/orders.csv", example.folder / "strict"
    found = example.run("orders-report", {"source": str(source), "folder": str(folder), "mayBeRefused": 0.01})
    assert (found["error"], found["cause"]) == ("TooManyRefused", "3 of 121 rows; the first: line 18, no amount: n/a")
    other = example.folder / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert example.run("orders-report", {"source": str(other), "folder": str(folder)})["error"] == "NotTheTable"


# ml-pipeline


@pytest.fixture
def trainers(example):
    """Starts trainers that end with the test."""
    running = []

    def start(count):
        for number in range(count):
            args = [sys.executable, example.source / "trainer.py", "--endpoint", example.server.url]
            running.append(subprocess.Popen([*args, "--name", f"trainer-{number}"]))
        return running

    yield start
    for trainer in running:
        trainer.kill()
        trainer.wait()


def serving(folder):
    path = pathlib.Path(folder) / "serving/current.json"
    return json.loads(path.read_text())["model"] if path.exists() else None


@of("ml-pipeline")
def test_a_model_is_deployed_kept_and_taken_back(example, trainers):
    subprocess.run([sys.executable, example.source / "trainer.py", "--endpoint", example.server.url, "--create"], check=True)
    coins = {"folder": str(example.folder / "coins"), "seed": 1, "noise": 1, "settleSeconds": 0}
    first = example.start("train-and-deploy", coins)
    trainers(2)
    found = example.end(first)
    assert found["status"] == "SUCCEEDED", found.get("cause")
    output = json.loads(found["output"])
    assert output["accuracy"] >= 0.95 and output["inUse"] >= 0.9 and output["before"] == 0
    assert serving(coins["folder"]) == output["model"]
    events = example.sfn.get_execution_history(executionArn=first, maxResults=1000)["events"]
    workers = [event["activityStartedEventDetails"]["workerName"] for event in events if event["type"] == "ActivityStarted"]
    assert len(workers) == 3 and set(workers) <= {"trainer-0", "trainer-1"}

    worse = example.start("train-and-deploy", {**coins, "seed": 2})
    assert example.end(worse)["status"] == "SUCCEEDED"
    assert "KeepsTheOldOne" in example.entered(worse) and serving(coins["folder"]) == output["model"]

    drifted = example.start("train-and-deploy", {**coins, "drift": 2})
    assert example.end(drifted)["error"] == "RolledBack"
    assert {"Deploy", "RollBack"} <= set(example.entered(drifted))
    assert serving(coins["folder"]) == output["model"], "the one before is back"

    hopeless = example.run("train-and-deploy", {**coins, "noise": 8})
    assert hopeless["error"] == "NotGoodEnough" and serving(coins["folder"]) == output["model"]


# iot-stream


@of("iot-stream")
def test_readings_stream_in_and_the_odd_one_is_an_alarm(example):
    root = example.folder / "stepwell-iot-stream"
    stream = [sys.executable, example.source / "stream.py", "--endpoint", example.server.url, "--odd", "35"]
    said = subprocess.run(stream, check=True, capture_output=True, text=True, timeout=120).stdout
    assert "117 readings sent" in said and said.count("SUCCEEDED") == 3, said

    def seen(device):
        path = root / f"{device}.json"
        return len(json.loads(path.read_text())["seen"]) if path.exists() else 0

    until(lambda: all(seen(device) == 40 for device in ("boiler-1", "boiler-2", "pump-1")), 90)
    until(lambda: (root / "alarms/boiler-1-35.json").exists(), 30)

    def sync(reading):
        arn = "arn:aws:states:us-east-1:000000000000:stateMachine:reading"
        return example.sfn.start_sync_execution(stateMachineArn=arn, input=json.dumps(reading))

    hot = sync({"deviceId": "boiler-1", "number": 1000, "value": 150})
    assert json.loads(hot["output"]) == {"alarm": "boiler-1-1000.json"}
    usual = json.loads(sync({"deviceId": "pump-1", "number": 1001, "value": 4})["output"])
    assert usual["value"] == "4.02 bar" and 3.9 < usual["usual"] < 4.2
    assert sync({"deviceId": "pump-9", "number": 1, "value": 4})["error"] == "UnknownDevice"
    wrong = sync({"deviceId": "pump-1"})
    assert wrong["error"] == "NotAReading" and '{"deviceId":"pump-1"}' in wrong["cause"]
