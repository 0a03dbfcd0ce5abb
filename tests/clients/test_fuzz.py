"""The wire from the service's own model: requests of all operations with wrong types, missing and additional members, huge and hostile
values. Every answer is a response with its members or an error that the model knows, in the service's words; none is a fault of ours.

What is drawn follows from STEPWELL_FUZZ_SEED (a failure says which); STEPWELL_FUZZ_ROUNDS is the number of requests of each operation.
"""

import copy
import http.client
import json
import os
import random

import botocore.loaders
import pytest
from conftest import ROLE, Server, free_port, until

SEED = int(os.environ.get("STEPWELL_FUZZ_SEED", "20261126"))
ROUNDS = int(os.environ.get("STEPWELL_FUZZ_ROUNDS", "60"))
MODEL = botocore.loaders.Loader().load_service_model("stepfunctions", "service-2")
SHAPES = MODEL["shapes"]
OPERATIONS = sorted(MODEL["operations"])
# What any operation may answer, whether or not the model says so of it.
COMMON = {"ValidationException", "SerializationException", "ThrottlingException", "RequestEntityTooLargeException"}
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
PREFIX = "arn:aws:states:us-east-1:000000000000"


class Wire:
    """One connection to the server under test."""

    def __init__(self, port):
        self.port = port
        self.connection = None

    def post(self, operation, body):
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=50)
            try:
                head = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}"}
                self.connection.request("POST", "/", body, head)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                # It hangs up on a body that is too long, and then on whatever comes next.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    return 413, b'{"__type":"RequestEntityTooLargeException","message":""}'
        raise AssertionError("unreachable")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("fuzz") / "data", free_port(), [], {}).start()
    yield server, Wire(server.port)
    server.stop()


@pytest.fixture
def world(running):
    """A server with one of everything that there can be, whatever the requests before did to it."""
    server, wire = running
    sfn = server.client()

    def stock():
        try:
            return restock(sfn)
        except (sfn.exceptions.StateMachineDeleting, sfn.exceptions.StateMachineAlreadyExists):
            return None

    return server, wire, until(stock)


def restock(sfn):
    create = {"definition": json.dumps(PASS), "roleArn": ROLE}
    try:
        arn = sfn.create_state_machine(name="fuzz", **create)["stateMachineArn"]
        express = sfn.create_state_machine(name="fuzz-x", type="EXPRESS", **create)["stateMachineArn"]
    except sfn.exceptions.StateMachineAlreadyExists:
        # A request has changed one of them: both go, and come again.
        for name in ("fuzz", "fuzz-x"):
            sfn.delete_state_machine(stateMachineArn=f"{PREFIX}:stateMachine:{name}")
        raise
    version = sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    alias = f"{arn}:live"
    try:
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        sfn.create_state_machine_alias(name="live", routingConfiguration=routing)
    except sfn.exceptions.ConflictException:
        pass  # It is there, with other routes.
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    sfn.start_execution(stateMachineArn=arn)
    return {
        "StateMachine": [arn, express, version, alias, f"{arn}:99", f"{arn}/label"],
        "Version": [version, version, version, f"{arn}:99", arn],
        "Alias": [alias, alias, f"{arn}:none", arn],
        "Execution": [execution, f"{PREFIX}:execution:fuzz:none", f"{PREFIX}:express:fuzz-x:e:1"],
        # Of an activity that exists, GetActivityTask would wait for work.
        "Activity": [f"{PREFIX}:activity:none"],
        "MapRun": [f"{PREFIX}:mapRun:fuzz/label:1"],
        "Token": [sfn.list_executions(stateMachineArn=arn, maxResults=1)["nextToken"]],
    }


def arns(known):
    return [arn for group in known.values() for arn in group]


def plausible(rng, shape, name, known):
    """A value that the model allows, and that often names something that exists."""
    spec = SHAPES[shape]
    kind = spec["type"]
    if kind == "structure":
        required = set(spec.get("required", []))
        return {
            member: plausible(rng, ref["shape"], member, known)
            for member, ref in spec["members"].items()
            if member in required or rng.random() < 0.4
        }
    if kind == "list":
        return [plausible(rng, spec["member"]["shape"], name, known) for _ in range(rng.randint(max(1, spec.get("min", 1)), 2))]
    if name == "weight":
        return rng.choice([100, 50])
    if kind in ("integer", "long", "float"):
        return rng.randint(spec.get("min", 0), min(spec.get("max", 100), 1000))
    if kind == "boolean":
        return rng.random() < 0.5
    if "enum" in spec:
        return rng.choice(spec["enum"])
    if kind == "string":
        return text_for(rng, name, known)
    raise AssertionError(f"{shape}: {kind}")


def text_for(rng, name, known):
    lower = name.lower()
    if "definition" in lower:
        # TestState takes a single state, too.
        return json.dumps(rng.choice([PASS, PASS, PASS["States"]["A"]]))
    if "arn" in lower:
        if "role" in lower:
            return ROLE
        words = ("version", "alias", "statemachine", "execution", "activity", "maprun")
        group = next((word for word in words if word in lower), None)
        names = {name.lower(): name for name in known}
        return rng.choice(known[names[group]] if group else arns(known))
    if "token" in lower:
        return rng.choice([*known["Token"], "x"])
    if lower in ("input", "output", "variables", "context", "result"):
        return rng.choice(["{}", "[1]", '"x"', "null"])
    return rng.choice(["fuzz", "live", "a-b_c.1", "x" * 80])


HOSTILE_TEXTS = [
    "", " ", "\0", "\x7f", "\u200b", "\ufffe", "\ufeff{}", "💥" * 90, "é" * 256, "x" * 257, "x" * 2049, "x" * 40_000, "x" * 300_000,
    "../../etc/passwd", "'; DROP TABLE executions; --", "%s%n%x", "${jndi:ldap://x}", "<script>", "{{", "$.a[?(@", "{% $uuid() %}",
    "[" * 5000, '{"a":' * 2000, "{'a':1}", "nul", "1e999", '"\\ud800"', "-", "NaN", "arn:", "arn:aws:states", "arn::::::", ":" * 200,
    f"{PREFIX}:stateMachine:", f"{PREFIX}:stateMachine::", f"{PREFIX}:stateMachine:fuzz:", f"{PREFIX}:stateMachine:fuzz:0",
    f"{PREFIX}:stateMachine:fuzz:-1", f"{PREFIX}:stateMachine:fuzz:00001", f"{PREFIX}:stateMachine:fuzz:99999999999999999999",
    f"{PREFIX}:stateMachine:fuzz:1:1", f"{PREFIX}:stateMachine:fuzz/a/b", f"{PREFIX}:stateMachine:fuzz#case", f"{PREFIX}:execution:fuzz",
    f"{PREFIX}:execution::", f"{PREFIX}:activity:", f"{PREFIX}:nothing:x", "arn:aws:states:eu-west-1:111111111111:stateMachine:fuzz",
    "arn:aws:lambda:us-east-1:000000000000:function:f", "AAAA", "A" * 1024, "123", "INVALID ALIAS",
]
HOSTILE_NUMBERS = [-1, 0, 1, 99, 101, 1000, 1001, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, 10**30, 0.5, -0.0, 1e-300, 1e308]


def hostile(rng, known, instead_of=None):
    """Something that does not belong there; mostly of the right type, so that it comes further than the reader of the request."""
    if rng.random() < 0.75:
        if isinstance(instead_of, str):
            return rng.choice([*HOSTILE_TEXTS, *arns(known), *arns(known)])
        if isinstance(instead_of, int):
            return rng.choice(HOSTILE_NUMBERS)
        if isinstance(instead_of, list) and instead_of:
            return instead_of * rng.choice([0, 2, 3, 60]) + [copy.deepcopy(rng.choice(instead_of))]
    return rng.choice(
        [
            lambda: rng.choice(HOSTILE_TEXTS),
            lambda: rng.choice(HOSTILE_NUMBERS),
            lambda: rng.choice(arns(known)),
            lambda: rng.choice([None, True, False, [], {}, [[]], [None], [{}], {"a": {"b": []}}]),
            lambda: [rng.choice(HOSTILE_TEXTS[:12]) for _ in range(rng.randint(1, 60))],
            lambda: [{"key": str(number), "value": ""} for number in range(rng.choice([49, 50, 51, 200]))],
            lambda: "".join(chr(rng.choice([*range(32), *range(0x2000, 0x2100), *range(0x1F600, 0x1F640)])) for _ in range(40)),
        ]
    )()


def places(value, path=()):
    """Every place in a request: paths to members and elements."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def mutated(rng, request, known):
    """A request with up to three things wrong, or none."""
    request = copy.deepcopy(request)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        found = list(places(request))
        choice = rng.random()
        if choice < 0.1 or not found:
            request[rng.choice(["x", "__type", "stateMachineArn", "nextToken", "\0", "constructor"])] = hostile(rng, known)
            continue
        *way, last = rng.choice(found)
        parent = request
        for step in way:
            parent = parent[step]
        if choice < 0.25:
            del parent[last]
        else:
            parent[last] = hostile(rng, known, parent[last])
    return request


def bodies(rng, request):
    """A request as bytes, now and then broken."""
    text = json.dumps(request, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    choice = rng.random()
    if choice < 0.9:
        return text
    if choice < 0.93:
        return text[: rng.randint(0, len(text))]
    if choice < 0.96:
        at = rng.randint(0, len(text))
        return text[:at] + bytes(rng.randint(0, 255) for _ in range(rng.randint(1, 4))) + text[at:]
    return rng.choice([b"", b"null", b"[]", b"7", b'"x"', text + text, b"\xff\xfe" + text, b"[" * 10_000])


def check(operation, body, status, answer):
    """Whether an answer is one that the model allows."""
    shown = f"seed {SEED}, {operation} {body[:600]!r}: {status} {answer[:600]!r}"
    assert status in (200, 400, 413), shown
    found = json.loads(answer)
    if status == 200:
        output = MODEL["operations"][operation].get("output")
        check_shape(output["shape"] if output else None, found, shown)
        return
    modelled = {error["shape"] for error in MODEL["operations"][operation].get("errors", [])}
    assert found["__type"] in modelled | COMMON, shown
    message = found["message"]
    assert isinstance(message, str), shown
    for inside in ("panicked", "src/", ".rs:", "serde", "unwrap", "Some(", "None,", "Err(", "rusqlite", "SQLITE"):
        assert inside not in message or inside in body.decode("utf-8", "replace"), shown


def check_shape(shape, value, shown):
    """Whether a response has what the model says, and nothing else."""
    if shape is None:
        return
    spec = SHAPES[shape]
    kind = spec["type"]
    if kind == "structure":
        assert isinstance(value, dict) and set(spec.get("required", [])) <= set(value) <= set(spec["members"]), (shape, shown)
        for member, inner in value.items():
            check_shape(spec["members"][member]["shape"], inner, shown)
    elif kind == "list":
        assert isinstance(value, list), (shape, shown)
        for inner in value:
            check_shape(spec["member"]["shape"], inner, shown)
    elif kind == "map":
        assert isinstance(value, dict), (shape, shown)
    elif kind == "string":
        assert isinstance(value, str) and value in spec.get("enum", [value]), (shape, shown)
    elif kind == "boolean":
        assert isinstance(value, bool), (shape, shown)
    else:
        assert isinstance(value, (int, float)) and not isinstance(value, bool), (shape, shown)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_hostile_requests(world, operation):
    _, wire, known = world
    # A seed of its own for each operation, so that one can be repeated alone.
    rng = random.Random(f"{SEED} {operation}")
    shape = MODEL["operations"][operation]["input"]["shape"]
    for _ in range(ROUNDS):
        request = mutated(rng, plausible(rng, shape, operation, known), known)
        body = bodies(rng, request)
        check(operation, body, *wire.post(operation, body))


def violations(rng):
    """Requests with one constraint broken, and the message that the service has for it."""
    for operation in OPERATIONS:
        shape = SHAPES[MODEL["operations"][operation]["input"]["shape"]]
        nothing = {name: ["x"] for name in ("StateMachine", "Version", "Alias", "Execution", "Activity", "MapRun", "Token")}
        base = {
            member: plausible(rng, shape["members"][member]["shape"], member, nothing) for member in shape.get("required", [])
        }
        for member, ref in shape["members"].items():
            spec = SHAPES[ref["shape"]]
            at = f"at '{member}' failed to satisfy constraint: Member must"
            if member in shape.get("required", []):
                without = {name: value for name, value in base.items() if name != member}
                yield operation, without, f"Value null {at} not be null"
                yield operation, {**base, member: None}, f"Value null {at} not be null"
            if "enum" in spec:
                yield operation, {**base, member: "NO"}, f"Value 'NO' {at} satisfy enum value set: [{', '.join(spec['enum'])}]"
            elif spec["type"] in ("integer", "long"):
                for bound, value, word in ((spec.get("max"), 1, "less"), (spec.get("min"), -1, "greater")):
                    if bound is not None:
                        number = bound + value
                        wanted = f"Value '{number}' {at} have value {word} than or equal to {bound}"
                        yield operation, {**base, member: number}, wanted
            elif spec["type"] == "string" and "max" in spec and "pattern" not in spec and spec["max"] < 100_000:
                text = "x" * (spec["max"] + 1)
                value = "" if spec.get("sensitive") else f" '{text}'"
                wanted = f"Value{value} {at} have length less than or equal to {spec['max']}"
                yield operation, {**base, member: text}, wanted


def test_each_constraint_of_the_model_has_the_services_words(world):
    _, wire, _ = world
    count = 0
    for operation, request, wanted in violations(random.Random(SEED)):
        status, answer = wire.post(operation, json.dumps(request))
        found = json.loads(answer)
        if "not available in this release" in found["message"]:
            continue
        expected = {"__type": "ValidationException", "message": f"1 validation error detected: {wanted}"}
        assert (status, found) == (400, expected), (operation, request)
        count += 1
    assert count > 150, count


def test_nothing_went_wrong_inside(world):
    """Runs last: what the server wrote to its log meanwhile."""
    server, wire, _ = world
    assert wire.post("ListStateMachines", b"{}")[0] == 200
    log = (server.data_dir.parent / f"{server.data_dir.name}.log").read_text()
    for word in ("panicked", "failed inside", "ERROR", "not available"):
        assert word not in log, [line for line in log.splitlines() if word in line][:5]
