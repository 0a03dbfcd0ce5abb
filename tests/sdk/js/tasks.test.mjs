// Task tokens and activities: answers, refusals, heartbeats, and workers that poll.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { ended, functionArn, machine, only, sfn, unique, until } from "./client.mjs";

const asking = only({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Parameters: { FunctionName: functionArn("receive"), Payload: { "token.$": "$$.Task.Token" } },
  HeartbeatSeconds: 60,
});

async function start(stateMachineArn, input = {}) {
  return (await sfn.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }))).executionArn;
}

/** An execution that waits for the answer to its token, and the token. */
async function waiting() {
  const executionArn = await start(await machine(asking));
  const taskToken = await until(async () => {
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    const scheduled = events.find((event) => event.type === "TaskScheduled");
    if (!events.some((event) => event.type === "TaskSubmitted")) return undefined;
    return JSON.parse(scheduled.taskScheduledEventDetails.parameters).Payload.token;
  });
  return { executionArn, taskToken };
}

test("a token is answered once", async () => {
  const { executionArn, taskToken } = await waiting();
  await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));
  const found = await ended(executionArn);
  assert.deepEqual([found.status, JSON.parse(found.output)], ["SUCCEEDED", { approved: true }]);
  await assert.rejects(sfn.send(new SendTaskSuccessCommand({ taskToken, output: "{}" })), TaskTimedOut);
});

test("a refusal is the execution's error", async () => {
  const { executionArn, taskToken } = await waiting();
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: "Refused", cause: "not like this" }));
  const found = await ended(executionArn);
  assert.deepEqual([found.status, found.error, found.cause], ["FAILED", "Refused", "not like this"]);
});

test("a token that is none", async () => {
  await assert.rejects(sfn.send(new SendTaskSuccessCommand({ taskToken: "none", output: "{}" })), InvalidToken);
});

test("three workers share an activity's tasks", async () => {
  const { activityArn } = await sfn.send(new CreateActivityCommand({ name: unique("js") }));
  const each = { StartAt: "Each", States: { Each: { Type: "Task", Resource: activityArn, HeartbeatSeconds: 60, End: true } } };
  const numbers = [...Array(12).keys()];
  const executionArn = await start(await machine(only({ Type: "Map", ItemProcessor: each })), numbers);
  const done = [];
  const stop = new AbortController();
  const work = async (workerName) => {
    while (!stop.signal.aborted) {
      const poll = new GetActivityTaskCommand({ activityArn, workerName });
      const task = await sfn.send(poll, { abortSignal: stop.signal }).catch((error) => {
        if (error.name !== "AbortError") throw error;
        return {};
      });
      if (!task.taskToken) continue;
      await sfn.send(new SendTaskHeartbeatCommand({ taskToken: task.taskToken }));
      await sleep(5);
      done.push(Number(task.input));
      await sfn.send(new SendTaskSuccessCommand({ taskToken: task.taskToken, output: `${Number(task.input) ** 2}` }));
    }
  };
  const workers = ["anna", "ben", "cleo"].map(work);
  const found = await ended(executionArn);
  stop.abort();
  await Promise.all(workers);
  assert.deepEqual(JSON.parse(found.output), numbers.map((number) => number ** 2));
  assert.deepEqual(done.sort((a, b) => a - b), numbers, "each task went to one worker");
});

test("a worker's failure, and a worker that falls silent", async () => {
  const { activityArn } = await sfn.send(new CreateActivityCommand({ name: unique("js") }));
  const arn = await machine(only({ Type: "Task", Resource: activityArn, HeartbeatSeconds: 1 }));
  const failing = await start(arn, { number: 1 });
  const first = await sfn.send(new GetActivityTaskCommand({ activityArn }));
  assert.deepEqual(JSON.parse(first.input), { number: 1 });
  await sfn.send(new SendTaskFailureCommand({ taskToken: first.taskToken, error: "Broken" }));
  assert.equal((await ended(failing)).error, "Broken");
  const silent = await start(arn, { number: 2 });
  const second = await sfn.send(new GetActivityTaskCommand({ activityArn }));
  assert.equal((await sfn.send(new DescribeExecutionCommand({ executionArn: silent }))).status, "RUNNING");
  assert.equal((await ended(silent)).error, "States.Timeout");
  await assert.rejects(sfn.send(new SendTaskHeartbeatCommand({ taskToken: second.taskToken })), TaskTimedOut);
});
