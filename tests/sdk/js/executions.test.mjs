// Create, start, wait, stop, page through histories and lists, synchronous starts, and errors as the SDK's own classes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  GetExecutionHistoryCommand,
  InvalidDefinition,
  ListTagsForResourceCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TestStateCommand,
  UpdateStateMachineCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
} from "@aws-sdk/client-sfn";
import { ended, functionArn, machine, only, role, sfn, unique } from "./client.mjs";

const double = only({ Type: "Task", Resource: functionArn("double") });

async function start(stateMachineArn, input = {}, more = {}) {
  const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), ...more });
  return (await sfn.send(command)).executionArn;
}

test("a state machine is created, described, updated and deleted", async () => {
  const arn = await machine(only({ Type: "Pass", Result: 1 }), { tags: [{ key: "team", value: "js" }] });
  const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
  assert.equal(described.status, "ACTIVE");
  assert.ok(described.creationDate instanceof Date && Math.abs(Date.now() - described.creationDate) < 60_000);
  assert.deepEqual(JSON.parse(described.definition).States.Only.Result, 1);
  const { tags } = await sfn.send(new ListTagsForResourceCommand({ resourceArn: arn }));
  assert.deepEqual(tags, [{ key: "team", value: "js" }]);
  const definition = JSON.stringify(only({ Type: "Pass", Result: 2 }));
  const updated = await sfn.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition, publish: true }));
  assert.ok(updated.stateMachineVersionArn.endsWith(":1"));
  const alias = await sfn.send(
    new CreateStateMachineAliasCommand({
      name: "live",
      routingConfiguration: [{ stateMachineVersionArn: updated.stateMachineVersionArn, weight: 100 }],
    }),
  );
  const found = await ended(await start(alias.stateMachineAliasArn));
  assert.equal(found.output, "2");
  assert.equal(found.stateMachineVersionArn, updated.stateMachineVersionArn);
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
});

test("an execution calls a function", async () => {
  const found = await ended(await start(await machine(double), { number: 21 }));
  assert.deepEqual([found.status, found.output], ["SUCCEEDED", "42"]);
  assert.ok(found.stopDate >= found.startDate);
});

test("a name starts a running execution once", async () => {
  const arn = await machine(only({ Type: "Wait", Seconds: 3600 }));
  const name = unique("run");
  const first = await start(arn, { number: 1 }, { name });
  assert.equal(await start(arn, { number: 1 }, { name }), first);
  await assert.rejects(start(arn, { number: 2 }, { name }), ExecutionAlreadyExists);
  await sfn.send(new StopExecutionCommand({ executionArn: first }));
  await assert.rejects(start(arn, { number: 1 }, { name }), ExecutionAlreadyExists);
});

test("a function's error is the execution's", async () => {
  const found = await ended(await start(await machine(double), { number: -1 }));
  assert.deepEqual([found.status, found.error], ["FAILED", "Negative"]);
  assert.match(found.cause, /-1 is less than nothing/);
});

test("a history is paged in both directions", async () => {
  const each = { StartAt: "Each", States: { Each: { Type: "Pass", End: true } } };
  const arn = await machine(only({ Type: "Map", ItemProcessor: each }));
  const executionArn = await start(arn, [...Array(20).keys()]);
  await ended(executionArn);
  const read = async (reverseOrder) => {
    const events = [];
    let pages = 0;
    for await (const page of paginateGetExecutionHistory({ client: sfn, pageSize: 7 }, { executionArn, reverseOrder })) {
      assert.ok(page.events.length <= 7);
      events.push(...page.events);
      pages += 1;
    }
    assert.equal(pages, Math.ceil(events.length / 7));
    return events;
  };
  const forward = await read(false);
  // Start and end, the Map's entry, start, end and exit, and four events of each iteration.
  assert.equal(forward.length, 2 + 4 + 20 * 4);
  assert.deepEqual(forward.map((event) => event.id), forward.map((_, index) => index + 1));
  assert.ok(forward.every((event) => event.timestamp instanceof Date && event.previousEventId < event.id));
  assert.equal(forward.filter((event) => event.type === "MapIterationSucceeded").length, 20);
  assert.deepEqual((await read(true)).reverse(), forward);
});

test("executions are listed page by page, and stopped", async () => {
  const arn = await machine(only({ Type: "Wait", Seconds: 3600 }));
  const started = await Promise.all([...Array(7).keys()].map((number) => start(arn, { number })));
  const listed = [];
  for await (const page of paginateListExecutions({ client: sfn, pageSize: 3 }, { stateMachineArn: arn, statusFilter: "RUNNING" }))
    listed.push(...page.executions.map((execution) => execution.executionArn));
  assert.deepEqual(listed.sort(), [...started].sort());
  for (const executionArn of started)
    await sfn.send(new StopExecutionCommand({ executionArn, error: "Enough", cause: "for today" }));
  const found = await ended(started[0]);
  assert.deepEqual([found.status, found.error, found.cause], ["ABORTED", "Enough", "for today"]);
});

test("a synchronous start answers with the outcome", async () => {
  const arn = await machine(double, { type: "EXPRESS" });
  const sync = (number) =>
    sfn.send(new StartSyncExecutionCommand({ stateMachineArn: arn, input: JSON.stringify({ number }) }));
  const good = await sync(4);
  assert.deepEqual([good.status, good.output], ["SUCCEEDED", "8"]);
  assert.ok(good.stopDate >= good.startDate && good.billingDetails.billedDurationInMilliseconds > 0);
  const bad = await sync(-4);
  assert.deepEqual([bad.status, bad.error, bad.output], ["FAILED", "Negative", undefined]);
});

test("a single state is tested", async () => {
  const definition = JSON.stringify({ Type: "Pass", QueryLanguage: "JSONata", Output: "{% $states.input.a + 1 %}", Next: "X" });
  const found = await sfn.send(new TestStateCommand({ definition, roleArn: role, input: '{"a":1}', inspectionLevel: "DEBUG" }));
  assert.deepEqual([found.status, found.output, found.nextState], ["SUCCEEDED", "2", "X"]);
  assert.equal(found.inspectionData.input, '{"a":1}');
});

test("errors are the SDK's classes", async () => {
  const broken = { StartAt: "Nowhere", States: {} };
  await assert.rejects(machine(broken), (error) => error instanceof InvalidDefinition && /SCHEMA_VALIDATION_FAILED/.test(error.message));
  const nobody = `${await machine(only({ Type: "Pass" }))}-not`;
  await assert.rejects(start(nobody), (error) => error instanceof StateMachineDoesNotExist && error.$metadata.httpStatusCode === 400);
  const none = nobody.replace(":stateMachine:", ":execution:") + ":x";
  await assert.rejects(sfn.send(new GetExecutionHistoryCommand({ executionArn: none })), { name: "ExecutionDoesNotExist" });
  const same = { name: unique("js"), definition: JSON.stringify(only({ Type: "Pass" })), roleArn: role };
  const [one, two] = await Promise.all([1, 2].map(() => sfn.send(new CreateStateMachineCommand(same))));
  assert.equal(one.stateMachineArn, two.stateMachineArn);
});
