"""The functions that the crash test's workflows call: a Lambda Invoke endpoint with a ledger.

It is a process of its own, so it outlives the server that is killed. Before a call does anything it is written to the ledger and
the ledger is fsynced; so what the ledger does not have did not happen, and what it has did. Lines are JSON objects:
{"at": "begin" | "end", "call": number of the call, "key": what the workflow named it, "idempotency": header or null, ...}.
"""

import argparse
import http.server
import itertools
import json
import os
import threading
import time

IDEMPOTENCY_HEADER = "x-stepwell-idempotency-key"


class Ledger:
    """An append-only file. `write` returns when the line is on the disk."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()
        self.calls = itertools.count(1)

    def write(self, **entry):
        with self.lock:
            self.file.write(json.dumps(entry) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())


def answer(ledger, name, event, idempotency):
    """Runs the function `name`. Both note the call; `work` takes its time, `ask` passes on a token."""
    call = next(ledger.calls)
    ledger.write(at="begin", call=call, function=name, key=event["key"], idempotency=idempotency, token=event.get("token"))
    time.sleep(event.get("ms", 0) / 1000)
    if event.get("refuse"):
        ledger.write(at="end", call=call, key=event["key"], refused=True)
        return {"errorType": "Refused", "errorMessage": f"call {call} was told to fail"}, True
    ledger.write(at="end", call=call, key=event["key"])
    return {"key": event["key"], "call": call}, False


class Handler(http.server.BaseHTTPRequestHandler):
    """POST /2015-03-31/functions/NAME/invocations, as the Lambda API has it."""

    protocol_version = "HTTP/1.1"
    ledger = None

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        name = self.path.split("/")[3].split("%3A")[-1].split(":")[-1]
        result, failed = answer(self.ledger, name, event, self.headers.get(IDEMPOTENCY_HEADER))
        body = json.dumps(result).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-amz-executed-version", "$LATEST")
        if failed:
            self.send_header("x-amz-function-error", "Unhandled")
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # The caller was killed; the ledger has the call all the same.

    def log_message(self, *args):
        pass


class Host(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # A caller was killed between two requests.


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", required=True)
    args = parser.parse_args()
    Handler.ledger = Ledger(args.ledger)
    Host(("127.0.0.1", args.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
