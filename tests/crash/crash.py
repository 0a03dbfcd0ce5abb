"""The crash test: real clients load a server that is killed with SIGKILL at random moments, again and again.

After each restart every acknowledged start exists. In the end every execution ends, every history is whole, equal to what clients
had read of it before, and in accord with the ledger that the functions keep. What exactly is demanded is in checks.py, what runs in
workload.py. Every choice comes from one seed, which is printed; the moments of the kill do not repeat exactly, the choices do.

    cargo xtask crash --rounds 100
    STEPWELL_BIN=target/release/stepwell target/venv/bin/python tests/crash/crash.py --rounds 5 --work-dir /tmp/crash --seed 7
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

import botocore.exceptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

import checks  # noqa: E402
import workload  # noqa: E402
from conftest import ROLE, Server, free_port  # noqa: E402

THREADS = 6
# A pause of each client after a start: about a hundred starts a second together, which two cores carry to the end.
PAUSE = 0.05
# How long the last executions may take once nobody kills any more.
DRAIN_SECONDS = 180
DOWN = (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)


class Started:
    """What a client knows of an execution it started: that it was acknowledged, and what it once read of its history."""

    def __init__(self, arn, kind):
        self.arn = arn
        self.kind = kind
        self.read = []


class Crash:
    """The test's state: one server, one function host, its clients, and what they were promised."""

    def __init__(self, work_dir, seed):
        self.dir = work_dir
        self.rng = random.Random(seed)
        port = free_port()
        self.ledger_path = work_dir / "ledger.jsonl"
        program = pathlib.Path(__file__).with_name("functions.py")
        self.host = subprocess.Popen([sys.executable, program, "--port", str(port), "--ledger", self.ledger_path])
        self.server = Server(work_dir / "data", free_port(), [], {"LAMBDA_ENDPOINT": f"http://127.0.0.1:{port}"})
        self.lock = threading.Lock()
        self.started = {}
        self.pending_tokens = {}
        self.answered = set()
        self.machines = {}
        self.children = {}
        self.activity = None
        self.stopping = threading.Event()
        self.refused = collections.Counter()
        self.breaches = []

    def client(self):
        return self.server.client(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=65)

    def prepare(self):
        client = self.client()
        self.activity = client.create_activity(name="crash")["activityArn"]
        for name, body in workload.CHILDREN.items():
            answer = client.create_state_machine(name=name, definition=json.dumps(body), roleArn=ROLE)
            self.children[name] = answer["stateMachineArn"]
        for kind, (definition, machine_type, _) in workload.KINDS.items():
            body = definition(self.activity) if kind == "working" else definition()
            answer = client.create_state_machine(name=kind, definition=json.dumps(body), roleArn=ROLE, type=machine_type)
            self.machines[kind] = answer["stateMachineArn"]
        impatient = self.server.client(retries={"total_max_attempts": 1}, read_timeout=1)
        data = json.dumps({"ms": 0})
        if not served(lambda: impatient.get_activity_task(activityArn=self.activity)):
            self.leave_out("working")
        if not served(lambda: client.start_execution(stateMachineArn=self.machines["express"], input=data)):
            self.leave_out("express")

    def leave_out(self, kind):
        print(f"`{kind}` is not served by this release and left out", flush=True)
        del self.machines[kind]

    # What the clients do until they are stopped.

    def start_executions(self, number, rng):
        client = self.client()
        for count in range(1_000_000):
            if self.stopping.is_set():
                return
            kind, data = workload.pick(rng, list(self.machines))
            name = f"{kind}-{number}-{count}"
            self.start_one(client, kind, name, json.dumps(data))
            time.sleep(PAUSE)

    def start_one(self, client, kind, name, data):
        """Starts under one name until acknowledged: a lost answer is asked for again, and must not start a second execution."""
        while not self.stopping.is_set():
            try:
                answer = client.start_execution(stateMachineArn=self.machines[kind], name=name, input=data)
            except DOWN:
                if kind == "express":
                    return  # Names of Express executions are not unique: asking again would start another.
                time.sleep(0.05)
                continue
            except client.exceptions.ExecutionAlreadyExists:
                answer = {"executionArn": self.machines[kind].replace(":stateMachine:", ":execution:") + ":" + name}
            except botocore.exceptions.ClientError as error:
                self.refuse("StartExecution", error)
                return
            with self.lock:
                self.started[answer["executionArn"]] = Started(answer["executionArn"], kind)
            if kind in workload.STOPPED | workload.REDRIVEN:
                self.stop_one(client, answer["executionArn"])
            if kind in workload.REDRIVEN:
                self.redrive_one(client, answer["executionArn"], name)
            return

    def stop_one(self, client, arn):
        """Stops an execution, until that is acknowledged."""
        while True:
            try:
                client.stop_execution(executionArn=arn)
                return
            except DOWN:
                time.sleep(0.05)
            except botocore.exceptions.ClientError as error:
                self.refuse("StopExecution", error)
                return

    def redrive_one(self, client, arn, token):
        """Redrives an execution until that is acknowledged: a lost answer is asked for again, and must not redrive it twice."""
        while True:
            try:
                client.redrive_execution(executionArn=arn, clientToken=token)
                return
            except DOWN:
                time.sleep(0.05)
            except client.exceptions.ExecutionNotRedrivable as error:
                if "SUCCEEDED" not in str(error):  # It was done before the stop came.
                    self.refuse("RedriveExecution", error)
                return
            except botocore.exceptions.ClientError as error:
                self.refuse("RedriveExecution", error)
                return

    def read_histories(self, rng):
        client = self.client()
        while not self.stopping.is_set():
            with self.lock:
                recent = [entry for entry in list(self.started.values())[-300:] if entry.kind != "express"]
            if recent:
                entry = rng.choice(recent)
                try:
                    events = read_history(client, entry.arn)
                except DOWN:
                    time.sleep(0.05)
                    continue
                except botocore.exceptions.ClientError as error:
                    self.refuse("GetExecutionHistory", error)
                    continue
                self.breaches += [f"{entry.arn}: {text}" for text in checks.is_prefix(entry.read, events)]
                entry.read = events
            time.sleep(0.02)

    def answer_tokens(self):
        """Answers every token that a function noted in the ledger, until the answer is acknowledged."""
        client = self.client()
        with open(self.ledger_path, encoding="utf-8") as ledger:
            rest = ""
            while not self.stopping.is_set():
                rest += ledger.read()
                *lines, rest = rest.split("\n")
                for line in map(json.loads, lines):
                    if line["at"] == "begin" and line.get("token"):
                        self.pending_tokens[line["token"]] = line["key"]
                for token in list(self.pending_tokens):
                    self.answer_one(client, token)
                time.sleep(0.05)

    def answer_one(self, client, token):
        try:
            client.send_task_success(taskToken=token, output="{}")
            self.answered.add(self.pending_tokens[token])
        except DOWN:
            return
        except botocore.exceptions.ClientError as error:
            # An interrupted call leaves a token that nobody waits for; a lost answer is repeated to a task that has gone on.
            if error.response["Error"]["Code"] not in ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken"):
                self.refuse("SendTaskSuccess", error)
        self.pending_tokens.pop(token)

    def work_activity(self):
        client = self.client()
        while not self.stopping.is_set():
            try:
                task = client.get_activity_task(activityArn=self.activity, workerName="crash")
                if task.get("taskToken"):
                    client.send_task_success(taskToken=task["taskToken"], output='"done"')
            except DOWN:
                time.sleep(0.05)
            except botocore.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken"):
                    self.refuse("GetActivityTask", error)

    def refuse(self, operation, error):
        """An answer other than success that no crash explains."""
        self.refused[f"{operation}: {error.response['Error']['Code']}: {error.response['Error']['Message'][:120]}"] += 1

    # The rounds.

    def run(self, rounds):
        self.server.start()
        self.prepare()
        threads = [
            threading.Thread(target=self.start_executions, args=(number, random.Random(self.rng.random())))
            for number in range(THREADS)
        ]
        threads.append(threading.Thread(target=self.read_histories, args=(random.Random(self.rng.random()),)))
        work = [self.answer_tokens] + ([self.work_activity] if "working" in self.machines else [])
        helpers = [threading.Thread(target=target) for target in work]
        for thread in threads + helpers:
            thread.daemon = True
            thread.start()
        restarts = []
        for number in range(1, rounds + 1):
            time.sleep(self.rng.uniform(0.2, 2.5))
            self.server.kill()
            killed = time.monotonic()
            self.server.start()
            restarts.append(time.monotonic() - killed)
            if self.rng.random() < 0.25:
                # Again, while it is still picking up the pieces.
                time.sleep(self.rng.uniform(0, 0.05))
                self.server.kill()
                self.server.start()
            lost = self.lost()
            print(f"round {number}: {len(self.started)} started, ready after {restarts[-1]:.2f} s, {len(lost)} lost", flush=True)
            self.breaches += [f"{arn}: acknowledged and gone after kill {number}" for arn in lost]
        self.stopping.set()
        for thread in threads + helpers:
            thread.join(70)
        self.stopping.clear()
        for target in work:
            threading.Thread(target=target, daemon=True).start()
        self.verify()
        self.stopping.set()
        print(f"slowest restart {max(restarts, default=0):.2f} s")
        return self.breaches

    def lost(self):
        """Acknowledged Standard starts that the server does not know: all of the last ones, and some of the others."""
        client = self.client()
        with self.lock:
            arns = [arn for arn, entry in self.started.items() if entry.kind != "express"]
        lost = []
        for arn in arns[-150:] + self.rng.sample(arns[:-150], min(50, len(arns[:-150]))):
            try:
                client.describe_execution(executionArn=arn)
            except client.exceptions.ExecutionDoesNotExist:
                lost.append(arn)
        return lost

    # The end.

    def verify(self):
        client = self.client()
        deadline = time.monotonic() + DRAIN_SECONDS
        standard = [entry for entry in self.started.values() if entry.kind != "express"]
        ends = {}
        for entry in standard:
            ends[entry.arn] = wait_for_end(client, entry.arn, deadline)
        self.wait_for_express(deadline)
        ledger = [json.loads(line) for line in open(self.ledger_path, encoding="utf-8")]
        begun = collections.Counter(line["key"] for line in ledger if line["at"] == "begin")
        ended = collections.Counter(line["key"] for line in ledger if line["at"] == "end")
        statuses = collections.Counter()
        interrupted = unseen = 0
        for entry in standard:
            events = read_history(client, entry.arn)
            statuses[f"{entry.kind} {ends[entry.arn]['status']}"] += 1
            self.breaches += [f"{entry.arn}: {text}" for text in self.check_one(entry, ends[entry.arn], events, begun, ended)]
            for event, _ in checks.interruptions(events):
                interrupted += 1
                unseen += not begun[scheduled_key(events, event)]
        self.breaches += checks.no_key_twice(ledger)
        self.breaches += [f"refused {count} times: {text}" for text, count in self.refused.items()]
        self.breaches += self.doubles(client)
        self.breaches += self.families(client, [ends[entry.arn] for entry in standard if entry.kind == "nesting"], deadline)
        for entry in (entry for entry in self.started.values() if entry.kind == "express"):
            name = entry.arn.split(":")[-2]
            if not begun[f"{name}/Once"]:
                self.breaches.append(f"{entry.arn}: an accepted Express start never ran")
        # The window between the committed dispatch and the function's first line is short: few calls may fall into it.
        if unseen > max(3, interrupted // 10):
            self.breaches.append(f"{unseen} of {interrupted} interrupted calls never reached their function")
        print(f"{len(self.started)} executions: {dict(sorted(statuses.items()))}")
        print(f"{len(ledger)} lines in the ledger, {interrupted} calls interrupted, of which {unseen} never arrived")

    def check_one(self, entry, description, events, begun, ended):
        succeeded = description["status"] == "SUCCEEDED"
        found = [
            *checks.history_is_whole(events, description),
            *checks.attempts_are_whole(events, succeeded),
            *checks.interrupted_only_after_dispatch(events),
            *checks.calls_match_ledger(events, begun, ended, entry.kind in workload.NO_RETRIER),
            *checks.is_prefix(entry.read, events),
        ]
        if entry.kind in workload.REDRIVEN and description.get("redriveCount", 0) > 1:
            found.append(f"redriven {description['redriveCount']} times with one token")
        if not succeeded and entry.kind in workload.MUST_SUCCEED:
            found.append(f"{description['status']} although everything in it is retried: {description.get('cause', '')[:200]}")
        is_stopped = entry.kind in workload.STOPPED and description["status"] == "ABORTED"
        if not succeeded and not is_stopped and not any(True for _ in checks.interruptions(events)):
            found.append(f"{description['status']} without an interrupted call: {description.get('error')}")
        return found

    def families(self, client, parents, deadline):
        """Each parent has the end of the one child that it started, and no child of a stopped parent runs on."""
        for parent in list_all(client, self.machines["abandoning"]):
            if parent["status"] == "RUNNING":
                self.stop_one(client, parent["executionArn"])  # Its start was never acknowledged, so nobody has stopped it.
        listed = {name: list_all(client, arn) for name, arn in self.children.items()}
        while any(child["status"] == "RUNNING" for child in listed["orphan"]) and time.monotonic() < deadline:
            time.sleep(0.5)
            listed["orphan"] = list_all(client, self.children["orphan"])
        orphans = collections.Counter(child["status"] for child in listed["orphan"])
        print(f"{len(parents)} parents of {len(listed['child'])} children; orphans: {dict(orphans)}")
        return checks.families_are_whole(parents, listed["child"], listed["orphan"], THREADS)

    def wait_for_express(self, deadline):
        """Accepted Express starts run in the background; nothing tells of their end but the ledger."""
        wanted = {entry.arn.split(":")[-2] + "/Once" for entry in self.started.values() if entry.kind == "express"}
        while time.monotonic() < deadline:
            lines = map(json.loads, open(self.ledger_path, encoding="utf-8"))
            if wanted <= {line["key"] for line in lines if line["at"] == "begin"}:
                return
            time.sleep(0.5)

    def doubles(self, client):
        """Each name stands once in the lists, and nothing is there that nobody started."""
        found = []
        for kind, arn in self.machines.items():
            if kind == "express":
                continue
            listed = collections.Counter(execution["executionArn"] for execution in list_all(client, arn))
            found += [f"{one}: listed {count} times" for one, count in listed.items() if count > 1]
            acknowledged = {entry.arn for entry in self.started.values() if entry.kind == kind}
            found += [f"{one}: not listed" for one in acknowledged - set(listed)]
            # A start that was committed but never acknowledged is one of the last of its client.
            surplus = set(listed) - acknowledged
            if len(surplus) > THREADS:
                found.append(f"{len(surplus)} executions of `{kind}` that nobody was told of")
        return found


def list_all(client, arn):
    """All executions of a state machine."""
    found, token = [], {}
    while True:
        page = client.list_executions(stateMachineArn=arn, maxResults=1000, **token)
        found += page["executions"]
        if not page.get("nextToken"):
            return found
        token = {"nextToken": page["nextToken"]}


def served(call):
    """Whether the server knows the operation at all."""
    try:
        call()
    except botocore.exceptions.ReadTimeoutError:
        return True  # It waits for a task, as it should.
    except botocore.exceptions.ClientError as error:
        return "not available in this release" not in error.response["Error"]["Message"]
    return True


def scheduled_key(events, event):
    scheduled = checks.back_to_scheduled({one["id"]: one for one in events}, event)
    return scheduled and checks.key_of(scheduled)


def read_history(client, arn):
    events, token = [], {}
    while True:
        page = client.get_execution_history(executionArn=arn, maxResults=1000, **token)
        events += page["events"]
        if not page.get("nextToken"):
            break
        token = {"nextToken": page["nextToken"]}
    for event in events:
        event["timestamp"] = event["timestamp"].timestamp()
    return events


def wait_for_end(client, arn, deadline):
    while True:
        answer = client.describe_execution(executionArn=arn)
        if answer["status"] != "RUNNING" or time.monotonic() > deadline:
            return answer
        time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--work-dir", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.work_dir.mkdir(parents=True, exist_ok=True)
    print(f"crash: {args.rounds} rounds, seed {args.seed}, data in {args.work_dir}", flush=True)
    crash = Crash(args.work_dir, args.seed)
    crash.ledger_path.touch()
    try:
        breaches = crash.run(args.rounds)
    finally:
        crash.server.process and crash.server.kill()
        crash.host.kill()
    for breach in breaches[:40]:
        print("BROKEN", breach)
    print(f"{len(breaches)} broken promises")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
