"""What botocore makes of the operations of its services, and its own protocol test cases: a line of JSON a case.

`expectations.py requests [--services N] [--seed S]`: of every operation of all (or of N drawn) services the least and the greatest
request. `expectations.py suites FOLDER`: the cases of botocore's tests, from the folder `tests/unit/protocols` of its source archive.
`cargo xtask aws-protocols` runs both and compares. Parameters and results are written as a workflow has them.
"""

import argparse
import base64
import copy
import datetime
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "codegen" / "aws"))

import botocore.loaders  # noqa: E402
import botocore.model  # noqa: E402
import botocore.parsers  # noqa: E402
import botocore.serialize  # noqa: E402
import botocore.utils  # noqa: E402
import models  # noqa: E402

TOKEN = "11111111-2222-4333-8444-555555555555"
# Cases in which botocore does not do what the case wants, or takes and gives what a workflow cannot have.
EXCEPTIONS = {
    "DocumentTypeAsPayloadInput": "botocore puts the document into a member `null`",
    "DocumentTypeAsPayloadInputString": "botocore puts the document into a member `null`",
    "RestJsonQueryPrecedence": "botocore lets the free names win, the case and we the member's",
    "RestXmlQueryPrecedence": "botocore lets the free names win, the case and we the member's",
    "MediaTypeHeaderOutputBase64": "botocore gives the parsed JSON, a workflow gets its text",
}
MOMENT = datetime.datetime(2026, 1, 31, 12, 30, 15, tzinfo=datetime.timezone.utc)


def shown(name):
    """As a workflow has it: the first word's capitals are lower-cased, then the first letter is a capital."""
    if name.lower() == "equals":
        return "EqualsValue"
    if name == "NULL":
        return "Nul"
    end = 1
    while end < len(name) and name[end].isupper() and not (end + 1 < len(name) and name[end + 1].islower()):
        end += 1
    return name[:1].upper() + name[1:end].lower() + name[end:]


class Drawing:
    """Makes a value for a shape twice: as botocore takes it and as a workflow writes it."""

    def __init__(self, greatest):
        self.greatest = greatest

    def of(self, shape, stack=(), header=False):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, stack)
        if kind == "list":
            count = max(2 if self.greatest else 1, int(shape.metadata.get("min", 0)))
            if stack.count(shape.name) > 2:
                return [], []
            pairs = [self.of(shape.member, stack + (shape.name,), header) for _ in range(count)]
            return [a for a, _ in pairs], [b for _, b in pairs]
        if kind == "map":
            return self.map(shape, stack)
        return self.scalar(shape, header)

    def map(self, shape, stack):
        if stack.count(shape.name) > 2:
            return {}, {}
        keys = list(shape.key.metadata.get("enum") or ["one", "two-2"])[: 2 if self.greatest else 1]
        pairs = {key: self.of(shape.value, stack + (shape.name,)) for key in keys}
        return {k: a for k, (a, _) in pairs.items()}, {k: b for k, (_, b) in pairs.items()}

    def structure(self, shape, stack):
        if shape.is_document_type:
            return {"a": [1, "x", None]}, {"a": [1, "x", None]}
        ours, theirs = {}, {}
        for name, member in shape.members.items():
            needed = name in shape.required_members
            if member.metadata.get("idempotencyToken") and not stack:
                theirs[name] = TOKEN
                continue
            if shape.is_tagged_union:
                needed = not theirs
                if not needed:
                    break
            elif not needed and (not self.greatest or (stack + (shape.name,)).count(shape.name) > 2):
                continue
            in_header = member.serialization.get("location") in ("header", "headers")
            if member.serialization.get("hostLabel"):
                theirs[name], ours[shown(name)] = "label-1", "label-1"
            else:
                theirs[name], ours[shown(name)] = self.of(member, stack + (shape.name,), in_header)
        return theirs, ours

    def scalar(self, shape, header):
        kind, least = shape.type_name, shape.metadata.get("min", 0)
        if kind in ("string", "character"):
            if shape.serialization.get("jsonvalue") and header:
                return {"a": [1, "x"]}, '{"a":[1,"x"]}'
            values = shape.metadata.get("enum")
            text = values[0] if values else ('a b,"c"' if header else 'a b&<c>/"d\u00e9+')
            text = text or "x"
            text += "x" * max(0, int(least) - len(text))
            return text, text
        if kind == "blob":
            text = "bl\u00f6b" + "x" * int(least)
            return text.encode(), text
        if kind == "boolean":
            return True, True
        if kind == "timestamp":
            return MOMENT, "2026-01-31T12:30:15Z"
        if kind in ("integer", "long"):
            return max(7, int(least)), max(7, int(least))
        return max(1.5, float(least)), max(1.5, float(least))


def target(path, query):
    """Path, and the pairs of the query."""
    path, _, fixed = path.partition("?")
    pairs = [part.split("=", 1) if "=" in part else [part, None] for part in fixed.split("&") if part]
    for name, value in (query or {}).items():
        for one in value if isinstance(value, list) else [value]:
            pairs.append([name, one if isinstance(one, str) else json.dumps(one)])
    return path, sorted(pairs, key=json.dumps)


def serialized(model, operation, parameters):
    serializer = botocore.serialize.create_serializer(model.resolved_protocol, include_validation=False)
    request = serializer.serialize_to_request(parameters, operation)
    body = request["body"]
    if isinstance(body, dict):
        body = botocore.utils.percent_encode_sequence(body)
    body = body.encode() if isinstance(body, str) else bytes(body)
    path, query = target(request["url_path"], request["query_string"])
    headers = sorted([name.lower(), str(value)] for name, value in request["headers"].items())
    return {
        "method": request["method"], "path": path, "query": query, "headers": headers,
        "host_prefix": request.get("host_prefix"), "body": base64.b64encode(body).decode(),
    }


def emit(case):
    sys.stdout.write(json.dumps(case) + "\n")


def requests(services, seed):
    loader = botocore.loaders.Loader()
    names, written = loader.list_available_services("service-2"), set()
    if services:
        names = sorted(random.Random(seed).sample(names, services) + ["ec2", "s3", "sqs", "partnercentral-revenue-measurement", "dynamodb"])
    for name in dict.fromkeys(names):
        model = botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)
        known = models.prefix(model.metadata["serviceId"]).lower()
        if known in written:
            continue
        written.add(known)
        for operation_name in model.operation_names:
            operation = model.operation_model(operation_name)
            if operation.get_event_stream_input() is not None or operation.get_event_stream_output() is not None:
                continue
            for size in ("least", "greatest"):
                theirs, ours = {}, {}
                if operation.input_shape is not None:
                    theirs, ours = Drawing(size == "greatest").of(operation.input_shape)
                emit({
                    "kind": "request", "service": known, "operation": operation_name, "size": size, "parameters": ours,
                    "token": TOKEN, "expected": serialized(model, operation, theirs),
                })


def as_workflow(value, shape):
    """A value that botocore takes or gives, as a workflow has it."""
    if value is None or shape is None:
        return value
    kind = shape.type_name
    if kind == "structure":
        if shape.is_document_type:
            return value
        return {shown(k): as_workflow(v, shape.members[k]) for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list":
        return [as_workflow(item, shape.member) for item in value]
    if kind == "map":
        return {k: as_workflow(v, shape.value) for k, v in value.items()}
    if kind == "blob":
        data = value.encode() if isinstance(value, str) else bytes(value)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return base64.b64encode(data).decode()
    if kind == "timestamp":
        return moment(value)
    if kind in ("float", "double") and isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if kind in ("string", "character") and shape.serialization.get("jsonvalue"):
        in_header = shape.serialization.get("location") == "header"
        return json.dumps(value, separators=(",", ":")) if in_header or not isinstance(value, str) else value
    return value


def moment(value):
    if isinstance(value, datetime.datetime):
        found = value.astimezone(datetime.timezone.utc)
    else:
        found = botocore.utils.parse_timestamp(value).astimezone(datetime.timezone.utc)
    text = found.strftime("%Y-%m-%dT%H:%M:%S")
    if found.microsecond:
        text += f".{found.microsecond // 1000:03d}" if found.microsecond % 1000 == 0 else f".{found.microsecond:06d}"
    return text + "Z"


def suite_model(suite, case):
    raw = copy.deepcopy({"metadata": suite["metadata"], "shapes": suite["shapes"], "operations": {}})
    raw["metadata"].setdefault("serviceId", "Suite")
    raw["metadata"].setdefault("endpointPrefix", "suite")
    raw["metadata"].setdefault("apiVersion", "")
    raw["metadata"].setdefault("signatureVersion", "v4")
    given = copy.deepcopy(case["given"])
    given.setdefault("name", "Operation")
    raw["operations"][given["name"]] = given
    return botocore.model.ServiceModel(raw, "suite"), given["name"]


def suites(folder):
    for file in sorted(pathlib.Path(folder).glob("*/*.json")):
        direction = file.parent.name
        for suite in json.loads(file.read_text()):
            for case in suite["cases"]:
                model, name = suite_model(suite, case)
                operation = model.operation_model(name)
                if operation.get_event_stream_input() or operation.get_event_stream_output():
                    continue
                if case.get("id") in EXCEPTIONS:
                    continue
                line = {
                    "kind": direction, "suite": file.stem, "id": case.get("id") or suite.get("description"), "operation": name,
                    "model": models.line(model, None, None),
                }
                if direction == "input":
                    line |= input_case(model, operation, case)
                else:
                    line |= output_case(model, operation, case)
                emit(line)


def input_case(model, operation, case):
    theirs = copy.deepcopy(case.get("params", {}))
    shape = operation.input_shape
    return {"parameters": as_workflow(theirs, shape) if shape else {}, "token": TOKEN, "expected": expected_input(model, operation, theirs)}


def expected_input(model, operation, theirs):
    """botocore's own answer; that it is the one the case wants is what botocore's tests say."""
    members = operation.input_shape.members if operation.input_shape else {}
    for name, member in members.items():
        if member.metadata.get("idempotencyToken"):
            theirs.setdefault(name, TOKEN)
    return serialized(model, operation, as_botocore(theirs, operation.input_shape))


def as_botocore(value, shape):
    """In the model's order and without null, as we write it; special numbers stand as text in the cases."""
    if value is None or shape is None:
        return value
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        return {k: as_botocore(value[k], member) for k, member in shape.members.items() if value.get(k) is not None}
    if kind == "list":
        return [as_botocore(item, shape.member) for item in value]
    if kind == "map":
        return {k: as_botocore(v, shape.value) for k, v in value.items()}
    return float(value) if kind in ("float", "double") and isinstance(value, str) else value


def output_case(model, operation, case):
    response = case["response"]
    body = response.get("body", "")
    body = base64.b64decode(body) if model.resolved_protocol == "smithy-rpc-v2-cbor" and body else body.encode()
    out = {"status": response.get("status_code", 200), "headers": list(response.get("headers", {}).items()), "body": base64.b64encode(body).decode()}
    if "error" in case or "errorCode" in case:
        out |= {"error": case.get("errorCode"), "message": case.get("errorMessage")}
    else:
        out["result"] = as_workflow(case.get("result") or {}, operation.output_shape) if operation.output_shape else {}
    return out


def main():
    arguments = argparse.ArgumentParser()
    commands = arguments.add_subparsers(dest="command", required=True)
    drawn = commands.add_parser("requests")
    drawn.add_argument("--services", type=int, default=0)
    drawn.add_argument("--seed", type=int, default=0)
    commands.add_parser("suites").add_argument("folder")
    given = arguments.parse_args()
    if given.command == "requests":
        requests(given.services, given.seed)
    else:
        suites(given.folder)


if __name__ == "__main__":
    main()
