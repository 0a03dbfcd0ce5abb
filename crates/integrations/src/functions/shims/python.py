"""Runs an unmodified Python handler: asks for an invocation, calls the handler, sends back what it returned.

Started by Stepwell with `python -u -c`, in the function's code folder. Standard library only, and as little of it
as possible: what is imported here is paid for at every cold start. It does no scheduling, keeps no state between
invocations and knows nothing of workflows.
"""
import json
import os
import signal
import socket
import sys
import threading
import time

ROOT = os.environ["LAMBDA_TASK_ROOT"]
HOST, PORT = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
BASE = "/2018-06-01/runtime"


def die():
    """The server is gone: end this process and whatever it has started."""
    try:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    finally:
        os._exit(1)


def watch_server():
    """The server holds the other end of standard input; it closes when the server dies, however it dies."""
    pipe = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def wait():
        while os.read(pipe, 1):
            pass
        die()

    threading.Thread(target=wait, daemon=True).start()


class Connection:
    """One kept-alive HTTP connection to the server, which always answers with a Content-Length."""

    def __init__(self):
        self.socket = socket.create_connection((HOST, int(PORT)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    def request(self, method, path, body=b"", headers=()):
        lines = [f"{method} {BASE}{path} HTTP/1.1", f"Host: {HOST}:{PORT}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        try:
            self.socket.sendall("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)
            return self.response()
        except OSError:
            die()

    def response(self):
        status = self.reader.readline()
        if not status:
            die()
        headers = {}
        while True:
            line = self.reader.readline()
            if line in (b"\r\n", b"\n", b""):
                break
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self.reader.read(int(headers.get("content-length", "0")))
        return int(status.split()[1]), headers, body


class ClientContext:
    """What a mobile client says about itself; free-form JSON."""

    def __init__(self, data):
        self.custom = data.get("custom")
        self.env = data.get("env")
        self.client = data.get("client")


class CognitoIdentity:
    """Always empty here: there is no Cognito."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    """The second argument of a handler, as AWS documents it, and Stepwell's idempotency key."""

    def __init__(self, headers):
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = None
        self.stepwell_idempotency_key = headers.get("lambda-runtime-stepwell-idempotency-key")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity()
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class Fault(Exception):
    """An error of the runtime, not of the handler: it has AWS's name and text, and no stack of ours."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


def public_path(filename):
    """A file of the function is shown where AWS puts it."""
    if filename.startswith(ROOT + os.sep):
        return "/var/task/" + filename[len(ROOT) + 1:]
    return filename


def error_document(error, request_id):
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        import traceback

        frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
        while frames and frames[0][0] == "<string>":
            frames.pop(0)
        kind = type(error).__name__
        trace = traceback.format_list([(public_path(f[0]), *f[1:]) for f in frames])
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


def log_error(error, document):
    """The error as AWS writes it to the log, with the real file names."""
    lines = [f"[ERROR] {document['errorType']}: {document['errorMessage']}"]
    if not isinstance(error, Fault):
        import traceback

        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != "<string>"]
        lines += ["Traceback (most recent call last):", *"".join(traceback.format_list(frames)).splitlines()]
    sys.stderr.write("\n".join(lines) + "\n")


def load(name):
    """The handler that `module.function` (or `folder/module.function`) names."""
    module_name, dot, function = name.rpartition(".")
    if not dot:
        detail = "not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {detail}")
    import importlib

    sys.path.insert(0, ROOT)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        trace = [f'  File "{public_path(error.filename or "")}" Line {error.lineno}\n    {error.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace)
    try:
        return getattr(module, function)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module_name}'")


def to_json(result):
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)

    def default(value):
        if type(value).__name__ == "Decimal":
            return float(value)
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    try:
        return json.dumps(result, ensure_ascii=False, default=default).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}")


def set_up_logging(current):
    """AWS gives the root logger a handler. Done only for code that uses `logging`, which is slow to import."""
    logging = sys.modules.get("logging")
    if logging is None or logging.Logger.root.handlers:
        return

    class WithRequestId(logging.Filter):
        def filter(self, record):
            record.aws_request_id = current["id"]
            return True

    handler = logging.StreamHandler(sys.stdout)
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    handler.formatter.converter = time.gmtime
    handler.addFilter(WithRequestId())
    logging.Logger.root.addHandler(handler)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def serve(connection, handler, current):
    status, headers, body = connection.request("GET", "/invocation/next")
    if status != 200:
        die()
    request_id = current["id"] = headers["lambda-runtime-aws-request-id"]
    if "lambda-runtime-trace-id" in headers:
        os.environ["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
    try:
        try:
            event = json.loads(body)
        except Exception as error:
            raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}")
        answer = to_json(handler(event, LambdaContext(headers)))
    except Exception as error:
        document = error_document(error, request_id)
        log_error(error, document)
        flush()
        kind = [("Lambda-Runtime-Function-Error-Type", document["errorType"])]
        connection.request("POST", f"/invocation/{request_id}/error", to_json(document), kind)
    else:
        flush()
        connection.request("POST", f"/invocation/{request_id}/response", answer)


def main():
    watch_server()
    connection = Connection()
    current = {"id": ""}
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        document = error_document(error, "")
        log_error(error, document)
        flush()
        connection.request("POST", "/init/error", to_json(document))
        os._exit(1)
    set_up_logging(current)
    while True:
        serve(connection, handler, current)


main()
