// The client of all tests here, as a user makes one, and how to make a state machine and wait for an execution.
// Two settings are all that Stepwell needs: `endpoint`, and `disableHostPrefix`, for the SDK would call `sync-127.0.0.1`.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";

const endpoint = process.env.STEPWELL_ENDPOINT;
if (!endpoint) throw new Error("STEPWELL_ENDPOINT says where the server is, as http://127.0.0.1:8083");

export const account = "000000000000";
export const role = `arn:aws:iam::${account}:role/any`;

export const sfn = new SFNClient({
  endpoint,
  disableHostPrefix: true,
  region: "us-east-1",
  credentials: { accessKeyId: "any", secretAccessKey: "any" },
});

export const unique = (prefix) => `${prefix}-${randomUUID().slice(0, 12)}`;

export const functionArn = (name) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;

/** Creates a state machine with one of everything set, and returns its ARN. */
export async function machine(definition, more = {}) {
  const command = new CreateStateMachineCommand({
    name: unique("js"),
    definition: JSON.stringify(definition),
    roleArn: role,
    ...more,
  });
  return (await sfn.send(command)).stateMachineArn;
}

/** A definition of one state. */
export const only = (state) => ({ StartAt: "Only", States: { Only: { End: true, ...state } } });

/** Asks until `what` returns something. */
export async function until(what, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await what();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(25);
  }
}

/** The answer of DescribeExecution once the execution has ended. */
export const ended = (executionArn) =>
  until(async () => {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return found.status === "RUNNING" ? undefined : found;
  });
