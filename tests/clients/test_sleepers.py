"""Many executions that wait, in a server that keeps few of them in memory: all go on when their time comes.

STEPWELL_SLEEPERS says how many; 50000 take two minutes.
"""

import collections
import http.client
import json
import os
import threading
import time

from conftest import ROLE, until

COUNT = int(os.environ.get("STEPWELL_SLEEPERS", 5_000))
# Until they wake, in seconds: the starts come first, at a thousand a second or so.
ASLEEP = 15 + COUNT // 800
THREADS = 16


def test_a_storm_of_sleepers_in_a_small_memory(start_server, tmp_path):
    config = tmp_path / "stepwell.toml"
    config.write_text("[limits]\nexecutions_in_memory = 1000\n")
    server = start_server("--config", str(config))
    client = server.client()
    states = {"W": {"Type": "Wait", "TimestampPath": "$.at", "Next": "P"}, "P": {"Type": "Pass", "OutputPath": "$.n", "End": True}}
    machine = client.create_state_machine(name="w", definition=json.dumps({"StartAt": "W", "States": states}), roleArn=ROLE)
    arn = machine["stateMachineArn"]
    began = time.time()
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began + ASLEEP))
    failures = []

    def start(first):
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        headers = {"X-Amz-Target": "AWSStepFunctions.StartExecution", "Content-Type": "application/x-amz-json-1.0"}
        for number in range(first, COUNT, THREADS):
            body = {"stateMachineArn": arn, "input": json.dumps({"at": at, "n": number})}
            connection.request("POST", "/", json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                failures.append(text)
                return

    threads = [threading.Thread(target=start, args=(first,)) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    print(f"{COUNT / (time.time() - began):.0f} starts a second")
    assert time.time() < began + ASLEEP - 5, "the starts took too long for this test to mean anything"
    server.kill()
    server.start()
    client = server.client()
    time.sleep(max(0, began + ASLEEP - 1 - time.time()))
    running = {"stateMachineArn": arn, "statusFilter": "RUNNING", "maxResults": 1}
    until(lambda: not client.list_executions(**running)["executions"] or None, timeout=120)
    lags, statuses, token = [], collections.Counter(), {}
    while True:
        page = client.list_executions(stateMachineArn=arn, maxResults=1000, **token)
        for execution in page["executions"]:
            statuses[execution["status"]] += 1
            lags.append(execution["stopDate"].timestamp() - int(began + ASLEEP))
        if not page.get("nextToken"):
            break
        token = {"nextToken": page["nextToken"]}
    print(f"all at once, the last after {max(lags):.1f} s")
    assert statuses == {"SUCCEEDED": COUNT}
    assert min(lags) >= 0
