"""Reads the service models of the installed botocore and writes, a line a service, what a client needs to know of it.

`cargo xtask codegen` runs it in a virtual environment with the pinned botocore and packs the lines; the form is explained
where it is read, in `crates/aws-model/src/read.rs`. No documentation, no patterns, no waiters, no pagination: facts of the wire alone.
"""

import json
import re
import sys

import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders
import botocore.model

# A region of each partition for which endpoints are worked out, and a second one to see what in them is the region's name.
PARTITIONS = {
    "aws": ("eu-west-1", "ap-southeast-2"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
}
TYPES = {
    "string": "s", "character": "s", "integer": "i", "long": "l", "float": "f", "double": "d", "boolean": "b",
    "timestamp": "t", "blob": "B", "list": "L", "map": "M", "structure": "S",
}
# What the service was recorded to hold to, where the model has moved on: (service, shape) -> least and greatest value.
RECORDED = {("lambda", "MemorySize"): (128, 10240)}
LOCATIONS = {"uri": "u", "querystring": "q", "header": "h", "headers": "p", "statusCode": "s"}
PROTOCOLS = {"smithy-rpc-v2-cbor": "rpc-v2-cbor"}


def words(text):
    """The words of an identifier, as the AWS SDK for Java 2 splits it: its class names are the error names of Step Functions."""
    text = re.sub(r"[^A-Za-z0-9]+", " ", text)
    text = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", text)
    text = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z]([a-zA-Z]|[0-9]))", " ", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", text)
    return text.split()


def pascal(text):
    return "".join(word[0].upper() + word[1:].lower() for word in words(text))


def exception_name(name):
    for suffix in ("Fault", "Exception"):
        if name.endswith(suffix):
            return pascal(name[: -len(suffix)]) + "Exception"
    return pascal(name) + "Exception"


def prefix(service_id):
    name = pascal(service_id)
    for start in ("Amazon", "Aws"):
        name = name.removeprefix(start)
    return name.removesuffix("Service") or name


class Tables:
    """The shapes of one service, numbered as they are first met."""

    def __init__(self, service):
        self.service = service
        self.shapes = []
        self.numbers = {}

    def reference(self, shape):
        """Number and traits of a shape where it is used; traits of the place win over those of the shape."""
        traits = self.traits(shape)
        return [self.number(shape), traits] if traits else [self.number(shape)]

    def traits(self, shape):
        out = {}
        given = shape.serialization
        for key, short in (("name", "n"), ("queryName", "q"), ("timestampFormat", "t"), ("resultWrapper", "w")):
            if key in given:
                out[short] = given[key]
        for key, short in (
            ("flattened", "f"), ("xmlAttribute", "a"), ("jsonvalue", "j"), ("hostLabel", "L"), ("streaming", "S"),
        ):
            if given.get(key):
                out[short] = 1
        if given.get("location") in LOCATIONS:
            out["l"] = LOCATIONS[given["location"]]
        if "xmlNamespace" in given:
            space = given["xmlNamespace"]
            if isinstance(space, str):
                out["x"] = [space]
            else:
                out["x"] = [space["uri"]] + ([space["prefix"]] if space.get("prefix") else [])
        if shape.metadata.get("idempotencyToken"):
            out["i"] = 1
        return out

    def number(self, shape):
        scalar = shape.type_name not in ("structure", "list", "map")
        key = json.dumps(self.scalar(shape), sort_keys=True) if scalar else shape.name
        if key not in self.numbers:
            self.numbers[key] = len(self.shapes)
            self.shapes.append(None)
            self.shapes[self.numbers[key]] = self.scalar(shape) if scalar else self.aggregate(shape)
        return self.numbers[key]

    def scalar(self, shape):
        out = {"t": TYPES[shape.type_name]}
        if shape.metadata.get("enum"):
            out["e"] = list(shape.metadata["enum"])
        for key, short in (("min", "n"), ("max", "x")):
            if key in shape.metadata:
                out[short] = shape.metadata[key]
        if (self.service, shape.name) in RECORDED:
            out["n"], out["x"] = RECORDED[self.service, shape.name]
        return out

    def aggregate(self, shape):
        out = self.scalar(shape)
        if shape.type_name == "list":
            out["m"] = self.reference(shape.member)
        elif shape.type_name == "map":
            out["k"], out["v"] = self.reference(shape.key), self.reference(shape.value)
        elif shape.is_document_type:
            return {"t": "D"}
        else:
            required = set(shape.required_members)
            out["m"] = []
            for name, member in shape.members.items():
                entry = [name, *self.reference(member)]
                if name in required:
                    entry = entry + [{}] if len(entry) == 2 else entry
                    entry[2]["r"] = 1
                out["m"].append(entry)
            if "payload" in shape.serialization:
                out["p"] = shape.serialization["payload"]
            if shape.is_tagged_union:
                out["u"] = 1
        return out


def operation(tables, name, model):
    out = {"n": name, "h": [model.http.get("method", "POST"), model.http.get("requestUri", "/")]}
    if model.input_shape is not None:
        out["i"] = tables.reference(model.input_shape)
    if model.output_shape is not None:
        out["o"] = tables.reference(model.output_shape)
    raw = model._operation_model
    if (raw.get("endpoint") or {}).get("hostPrefix"):
        out["H"] = raw["endpoint"]["hostPrefix"]
    if raw.get("httpChecksumRequired"):
        out["c"] = 1
    checksum = raw.get("httpChecksum") or {}
    if checksum.get("requestAlgorithmMember"):
        out["C"] = checksum["requestAlgorithmMember"]
    if checksum.get("requestChecksumRequired"):
        out["c"] = 1
    if raw.get("authtype") == "none" or (raw.get("auth") or [None])[0] == "smithy.api#noAuth":
        out["a"] = "none"
    elif raw.get("authtype") == "v4-unsigned-body" or raw.get("unsignedPayload"):
        out["a"] = "unsigned-body"
    elif raw.get("authtype") == "bearer" or (raw.get("auth") or [None])[0] == "smithy.api#httpBearerAuth":
        out["a"] = "bearer"
    if raw.get("readonly"):
        out["R"] = 1
    if raw.get("idempotent"):
        out["I"] = 1
    return out


class Endpoints:
    """Partition -> [URL with {region}, region to sign for if it is always the same]."""

    def __init__(self, loader, partitions, name):
        self.rules = loader.load_service_model(name, "endpoint-rule-set-1")
        self.provider = botocore.endpoint_provider.EndpointProvider(self.rules, partitions)
        self.known = {}

    def of(self, static):
        """For an operation with these static parameters; an empty dictionary where the rules ask for more than a region."""
        key = json.dumps(static, sort_keys=True)
        if key not in self.known:
            found = {name: self.in_partition(regions, static) for name, regions in PARTITIONS.items()}
            self.known[key] = {name: rule for name, rule in found.items() if rule}
        return self.known[key]

    def in_partition(self, regions, static):
        answers = []
        for region in regions:
            parameters = {"Region": region, "UseFIPS": False, "UseDualStack": False, **static}
            parameters = {key: value for key, value in parameters.items() if key in self.rules["parameters"]}
            try:
                answer = self.provider.resolve_endpoint(**parameters)
            except botocore.exceptions.EndpointProviderError:
                return None
            schemes = [scheme for scheme in answer.properties.get("authSchemes", []) if scheme.get("name") == "sigv4"]
            signing = schemes[0].get("signingRegion") if schemes else None
            answers.append([answer.url.replace(region, "{region}")] + ([] if signing in (None, region) else [signing]))
        return answers[0] if answers[0] == answers[1] else None


def line(model, loader, partitions):
    """All that a client needs to know of a service; without a loader, of a service that has no address."""
    name, metadata = model.service_name, model.metadata
    tables, operations, usual = Tables(name), [], None
    endpoints = Endpoints(loader, partitions, name) if loader else None
    for operation_name in model.operation_names:
        found = model.operation_model(operation_name)
        if found.get_event_stream_input() is not None or found.get_event_stream_output() is not None:
            continue
        operations.append(operation(tables, operation_name, found))
        if endpoints:
            static = {parameter.name: parameter.value for parameter in found.static_context_parameters}
            usual = usual or endpoints.of(static)
            if endpoints.of(static) != usual:
                operations[-1]["E"] = endpoints.of(static)
    out = {
        "name": prefix(metadata["serviceId"]).lower(),
        "prefix": prefix(metadata["serviceId"]),
        "id": metadata["serviceId"],
        "protocol": PROTOCOLS.get(model.resolved_protocol, model.resolved_protocol),
        "version": metadata["apiVersion"],
        "signing": metadata.get("signingName", metadata["endpointPrefix"]),
        "signature": metadata["signatureVersion"],
        "endpoints": usual or {},
        "operations": operations,
        "errors": errors(model),
        "shapes": tables.shapes,
    }
    for key, short in (("jsonVersion", "json"), ("targetPrefix", "target")):
        if key in metadata:
            out[short] = metadata[key]
    if model.is_query_compatible:
        out["query_compatible"] = 1
    return out


def errors(model):
    """Shape, name in Step Functions, and the code where it is not the shape's name."""
    found = []
    for name in model.shape_names:
        shape = model.shape_for(name)
        if shape.type_name == "structure" and shape.metadata.get("exception"):
            code = [shape.error_code] if shape.error_code and shape.error_code != name else []
            found.append([name, exception_name(name), *code])
    return found


def main():
    sys.setrecursionlimit(20_000)
    loader = botocore.loaders.Loader(include_default_search_paths=False, extra_search_paths=[botocore.loaders.Loader.BUILTIN_DATA_PATH])
    partitions = loader.load_data("partitions")
    written = set()
    for name in loader.list_available_services("service-2"):
        model = botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)
        found = line(model, loader, partitions)
        # Two folders of botocore hold one service under an old and a new name.
        if found["name"] in written:
            continue
        written.add(found["name"])
        json.dump(found, sys.stdout, separators=(",", ":"), ensure_ascii=False)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
