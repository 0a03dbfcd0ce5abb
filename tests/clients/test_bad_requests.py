"""Requests that no SDK sends: wrong types, broken bodies, nonsense. None may harm the server, each has an answer."""

import http.client
import json
import socket

import pytest


def post(server, target, body, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    wanted = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target, **(headers or {})}
    connection.request("POST", "/", body, {name: value for name, value in wanted.items() if value is not None})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else {}


START = "AWSStepFunctions.StartExecution"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"7",
        b"null",
        b'{"stateMachineArn":7}',
        b'{"stateMachineArn":{"a":1}}',
        b'{"stateMachineArn":["arn"]}',
        b'{"stateMachineArn":"\xff\xfe"}',
        b'{"stateMachineArn":"\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"stateMachineArn":null}',
        b'{"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:none","input":[1]}',
        b'{"stateMachineArn":"' + b"a" * 300 + b'"}',
        b"\x00\x01\x02",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_bodies_of_the_wrong_form(server, body):
    status, answer = post(server, START, body)
    assert status == 400 and answer["__type"], answer


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("AWSStepFunctions.NoSuchOperation", "UnknownOperationException"),
        ("AWSStepFunctions.", "UnknownOperationException"),
        ("StartExecution", "UnknownOperationException"),
        ("Other.StartExecution", "UnknownOperationException"),
    ],
)
def test_operations_that_there_are_not(server, target, code):
    status, answer = post(server, target, b"{}")
    assert (status, answer["__type"].split("#")[-1]) == (400, code)


def test_constraints_are_named(server):
    status, answer = post(server, "AWSStepFunctions.ListStateMachines", b'{"maxResults":1001}')
    assert status == 400
    assert answer["message"] == (
        "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000"
    )


def test_a_body_that_is_too_long(server):
    body = json.dumps({"stateMachineArn": "a", "input": "x" * (8 << 20)}).encode()
    try:
        status, _ = post(server, START, body)
        assert status in (400, 413)
    except OSError:
        pass  # It may hang up while the rest still comes.
    assert alive(server)


def test_an_input_that_is_too_long(sfn, machine):
    arn = machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    with pytest.raises(Exception) as caught:
        sfn.start_execution(stateMachineArn=arn, input=json.dumps("x" * 262_143))
    assert "262144" in str(caught.value)


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n" * 1000,
        b"POST / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_connections_that_break_off(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass
    assert alive(server)


def test_other_methods_and_paths(server):
    for method, path in (("GET", "/nothing"), ("PUT", "/"), ("DELETE", "/"), ("PATCH", "/x")):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request(method, path)
        assert 400 <= connection.getresponse().status < 500, (method, path)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200


def alive(server):
    status, answer = post(server, "AWSStepFunctions.ListStateMachines", b"{}")
    return status == 200 and "stateMachines" in answer
