"""The server and the clients that the tests in this folder use.

A test asks for `server` (a running `stepwell serve` of the whole session), `sfn` (a boto3 client of it), or `aws` (the AWS CLI
against it). A test that needs a server of its own, or one that it can kill, asks for `start_server`.

`cargo xtask ci clients` runs them; by hand: STEPWELL_BIN=target/debug/stepwell target/venv/bin/pytest tests/clients
Tests live in files `test_<theme>.py`. They use the public API only, wait with `until` and never with a bare sleep.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import uuid

import boto3
import botocore.config
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "000000000000"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


def binary():
    """The binary under test."""
    return pathlib.Path(os.environ.get("STEPWELL_BIN", ROOT / "target/release/stepwell"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class Server:
    """A running server. `kill` is SIGKILL, `stop` is SIGTERM; `start` starts it again on the same data."""

    data_dir: pathlib.Path
    port: int
    args: list
    env: dict
    process: subprocess.Popen = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout=30):
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = open(self.data_dir.parent / f"{self.data_dir.name}.log", "ab")
        self.process = subprocess.Popen(
            [binary(), "serve", "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.data_dir, *self.args],
            env={**os.environ, **self.env},
            stdout=log,
            stderr=log,
        )
        deadline = time.monotonic() + timeout
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}, see {log.name}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server does not listen, see {log.name}")
            time.sleep(0.01)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=30):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def client(self, service="stepfunctions", **config):
        """A boto3 client. The two operations with a host prefix go to the same host."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(inject_host_prefix=False, parameter_validation=False, **config),
        )


@pytest.fixture
def start_server(tmp_path):
    """Starts servers that end with the test: start_server(*args, env={...})."""
    servers = []

    def start(*args, env=None):
        server = Server(tmp_path / f"data{len(servers)}", free_port(), list(args), env or {})
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        with contextlib.suppress(Exception):
            server.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that do not disturb each other."""
    server = Server(tmp_path_factory.mktemp("server") / "data", free_port(), [], {}).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sfn(server):
    """A boto3 client of the shared server."""
    return server.client()


@pytest.fixture
def aws(server):
    """Runs the AWS CLI: aws("list-state-machines") returns the parsed answer."""

    def run(operation, *args):
        env = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
        done = subprocess.run(
            ["aws", "--endpoint-url", server.url, "--output", "json", "stepfunctions", operation, *args],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout) if done.stdout.strip() else {}

    return run


@pytest.fixture
def machine(sfn):
    """Creates a state machine from a dict and returns its ARN: machine({...}, type="EXPRESS")."""

    def create(definition, **more):
        return sfn.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:12]}", definition=json.dumps(definition), roleArn=ROLE, **more
        )["stateMachineArn"]

    return create


def until(what, timeout=30.0, every=0.02):
    """Calls `what` until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        result = what()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(every)


@pytest.fixture
def finished(sfn):
    """Waits for the end of an execution and returns DescribeExecution's answer."""

    def wait(arn, timeout=30.0):
        def ended():
            answer = sfn.describe_execution(executionArn=arn)
            return answer if answer["status"] != "RUNNING" else None

        return until(ended, timeout)

    return wait


sys.path.insert(0, str(pathlib.Path(__file__).parent))
