// Doing: starting, answering, stopping, many at once (journeys J14, J24, J25, J26).
import { expect, test } from "vitest";
import { asking, chain, machine } from "./definitions";
import { testPages, testServer, until } from "./harness";

const server = testServer();
const open = testPages(server);
const waiting = machine("Rest", { Rest: { Type: "Wait", Seconds: 600, End: true } });

test("an execution is started from an earlier input (J14)", async () => {
  const arn = await server.machine("starting", chain(2));
  await server.run(arn, { order: 17 }, { name: "first" });
  const page = await open("/console/machines/starting/start?from=first", { expected: /400/ });
  const editor = page.getByRole("textbox", { name: "Input" });
  await until(async () => (await editor.innerText()).includes('"order": 17'));
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type('{"order": ');
  await page.getByText(/The input is no JSON/).waitFor();
  expect(await page.getByRole("button", { name: "Start execution" }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: /first/ }).click();
  await until(async () => (await editor.innerText()).includes('"order": 17'));
  await page.getByLabel("Name (optional)").fill("second");
  await page.getByRole("button", { name: "Start execution" }).click();
  await page.waitForURL(/executions\/starting\/second/);
  const second = await open("/console/machines/starting/start", { expected: /400/ });
  await second.getByLabel("Name (optional)").fill("first");
  await second.getByRole("button", { name: "Start execution" }).click();
  await second.getByRole("alert").getByText("ExecutionAlreadyExists").waitFor();
});

test("a task is answered from the inbox (J25)", async () => {
  const { activityArn } = await server.aws("CreateActivity", { name: "review" });
  const arn = await server.run(
    await server.machine("reviewing", asking(activityArn ?? "")),
    { amount: 900 },
    { end: false },
  );
  const page = await open("/console/inbox", { expected: /400/ });
  await page.getByRole("heading", { name: "Ask" }).waitFor();
  expect(await page.getByRole("group", { name: "Input" }).innerText()).toContain("amount: 900");
  await page.getByRole("button", { name: "Take the next task" }).click();
  await page.getByLabel("Output (JSON)").fill('{"ok": true}');
  await page.getByRole("button", { name: "Send success" }).click();
  await until(async () => (await server.aws("DescribeExecution", { executionArn: arn })).status === "SUCCEEDED");
  await page.getByText("Nobody is waited for.").waitFor();
});

test("an execution is stopped with a reason (J26)", async () => {
  const arn = await server.run(await server.machine("stopping", waiting), {}, { end: false });
  const page = await open(server.page(arn));
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByLabel("Error").fill("Operator");
  await page.getByLabel("Cause").fill("the wrong customer");
  await page.getByRole("button", { name: "Stop execution" }).click();
  await page
    .getByText(/Aborted$/)
    .first()
    .waitFor();
  const told = await server.aws("DescribeExecution", { executionArn: arn });
  expect([told.status, told.error, told.cause]).toEqual(["ABORTED", "Operator", "the wrong customer"]);
});

test("what many were told is what happened (J24)", async () => {
  const machineArn = await server.machine("bulk", waiting);
  for (let at = 0; at < 4; at++) await server.run(machineArn, {}, { end: false, name: `run-${at}` });
  await server.aws("StopExecution", {
    executionArn: machineArn.replace(":stateMachine:", ":execution:").concat(":run-0"),
  });
  const page = await open("/console/machines/bulk");
  await until(async () => (await page.locator("tbody tr").count()) === 4);
  for (const box of await page.locator("tbody input[type=checkbox]").all()) await box.check();
  const stop = page.getByRole("button", { name: "Stop selected (3 of 4)" });
  await stop.click();
  const results = page.getByRole("list", { name: "Results" });
  await until(async () => (await results.locator("li").count()) === 4);
  expect(await results.innerText()).toContain("run-0: skipped: aborted");
  expect((await results.innerText()).match(/: done/g)?.length).toBe(3);
  const left = await server.read<{ executions: unknown[] }>("executions?machine=bulk&status=RUNNING");
  expect(left.executions).toEqual([]);
});
