"""Three sensors that send a reading each, again and again, with nothing but the standard library.

    python3 stream.py --endpoint http://127.0.0.1:8083 [--rounds 40] [--odd 35]

Readings are sent with StartExecution: Stepwell has them safe when it answers, and works on them on its own. The last reading of each
sensor is sent with StartSyncExecution, which waits for the verdict.
"""
import argparse
import http.client
import json
import math
import random
import urllib.parse

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:reading"


def call(connection, operation, members):
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}"}
    connection.request("POST", "/", json.dumps(members), headers)
    response = connection.getresponse()
    answer = json.loads(response.read() or b"{}")
    if response.status != 200:
        raise SystemExit(f"{answer.get('__type')}: {answer.get('message')}")
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", default="http://127.0.0.1:8083")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--odd", type=int, default=35, help="the round in which boiler-1 is far too hot")
    given = parser.parse_args()
    address = urllib.parse.urlsplit(given.endpoint)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    rng = random.Random(given.rounds)
    sensors = {"boiler-1": 80.0, "boiler-2": 65.0, "pump-1": 4.0}
    sent = 0
    for number in range(1, given.rounds + 1):
        for device, usual in sensors.items():
            value = usual * (1 + 0.01 * math.sin(number / 5)) + rng.gauss(0, usual / 200)
            if number == given.odd and device == "boiler-1":
                value += 60
            reading = {"deviceId": device, "number": number, "value": round(value, 3)}
            members = {"stateMachineArn": MACHINE, "input": json.dumps(reading)}
            if number < given.rounds:
                call(connection, "StartExecution", members)
                sent += 1
            else:
                answer = call(connection, "StartSyncExecution", members)
                print(f"{device}: {answer['status']} {answer.get('output') or answer.get('error')}")
    print(f"{sent} readings sent")


if __name__ == "__main__":
    main()
