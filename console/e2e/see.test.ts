// Seeing: first run, live runs, failures, iterations, replay, comparison, search (journeys J1, J15, J16, J17, J18, J20, J27, J28, J30).
import { expect, test } from "vitest";
import { chain, machine, nested } from "./definitions";
import { testPages, testServer, until } from "./harness";

const server = testServer();
const open = testPages(server);

test("an empty server offers a sample, and runs it (J1)", async () => {
  const page = await open("/console/");
  await page.getByRole("button", { name: "Try a sample" }).click();
  await page.waitForURL(/executions\/sample-order\//);
  await page.getByText("Succeeded").first().waitFor({ timeout: 10_000 });
  expect(await page.getByRole("button", { name: /^Check order, Choice/ }).count()).toBe(1);
});

test("a run is followed as it happens, over a restart (J15)", async () => {
  const arn = await server.run(await server.machine("live", chain(9, 2)), {}, { end: false });
  const page = await open(server.page(arn, "?view=events"), { expected: /ERR_|Failed to load/ });
  await page.getByRole("status").getByText("live").waitFor();
  await until(async () => (await page.getByText("WaitStateEntered").count()) >= 1);
  await server.kill();
  await page.getByText(/disconnected/).waitFor();
  await server.start();
  await page
    .getByText(/Succeeded$/)
    .first()
    .waitFor({ timeout: 40_000 });
  const history = await server.aws<{ events: { id: number }[] }>("GetExecutionHistory", { executionArn: arn });
  await until(async () => (await page.getByRole("tab", { name: `Events ${history.events.length}` }).count()) === 1);
  const ids = await page.getByRole("listitem").locator("button > span:first-child").allInnerTexts();
  expect(ids.map(Number)).toEqual(history.events.slice(0, ids.length).map((event) => event.id));
});

test("a failure is what is shown first (J16)", async () => {
  const failing = machine("Fine", {
    Fine: { Type: "Pass", Next: "Broken" },
    Broken: { Type: "Fail", Error: "Order.Lost", Cause: "it fell behind the sofa" },
  });
  const arn = await server.run(await server.machine("failing", failing), { id: 7 });
  const page = await open(server.page(arn));
  const alert = page.getByRole("alert");
  await alert.getByText("Order.Lost").waitFor();
  expect(await alert.innerText()).toContain("it fell behind the sofa");
  expect(await page.getByRole("heading", { level: 2 }).first().innerText()).toBe("Broken");
  await page.getByRole("button", { name: "Fine, Pass, Succeeded" }).click();
  await page.getByRole("heading", { level: 2, name: "Fine" }).waitFor();
  expect(page.url()).toContain("step=2");
});

test("every stage of the data flow is shown (J17)", async () => {
  const flow = machine("P", {
    P: {
      Type: "Pass",
      InputPath: "$.a",
      Parameters: { "x.$": "$.b" },
      ResultPath: "$.r",
      OutputPath: "$.r",
      End: true,
    },
  });
  const arn = await server.run(await server.machine("stages", flow), { a: { b: 41 } });
  const page = await open(server.page(arn, "?tab=stages"));
  await page.locator("summary", { hasText: "ResultPath" }).waitFor();
  const stages = await page
    .locator("details [role=group]")
    .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  expect(stages).toEqual(["Input", "InputPath", "Parameters", "ResultSelector", "ResultPath", "Output"]);
  expect(await page.getByRole("group", { name: "Parameters" }).innerText()).toContain("x: 41");
});

test("iterations are found by how they went, and by address (J18)", async () => {
  const rows = Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: 5 }, (_, at) => (row % 14 === 13 && at === 2 ? -1 : at)),
  );
  const arn = await server.run(await server.machine("nested", nested), { rows });
  const page = await open(server.page(arn));
  const outer = page.getByLabel("Iteration of Outer");
  await outer.waitFor();
  expect(await outer.locator("option").count()).toBe(41);
  await outer.selectOption({ index: 14 });
  await page.getByLabel("Iteration of Inner").waitFor();
  expect(page.url()).toMatch(/iter=\d+/);
  const chosen = await outer.inputValue();
  await page.reload();
  await page.getByLabel("Iteration of Inner").waitFor();
  expect(await page.getByLabel("Iteration of Outer").inputValue()).toBe(chosen);
  await page.getByRole("tab", { name: "Table" }).click();
  await page.getByText("#0").first().waitFor();
});

test("the replay shows what was (J30)", async () => {
  const arn = await server.run(await server.machine("replayed", chain(4)), {});
  const page = await open(server.page(arn, "?ev=3"));
  await page.getByRole("button", { name: "Step 0, Pass, Succeeded" }).waitFor();
  expect(await page.getByRole("button", { name: "Step 1, Pass", exact: true }).count()).toBe(1);
  expect(await page.getByText(/Running$/).count()).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Back to the end" }).click();
  await page.getByRole("button", { name: "Step 3, Pass, Succeeded" }).waitFor();
});

test("two runs are compared (J28)", async () => {
  const choosing = machine("Which", {
    Which: { Type: "Choice", Choices: [{ Variable: "$.left", BooleanEquals: true, Next: "Left" }], Default: "Right" },
    Left: { Type: "Pass", End: true },
    Right: { Type: "Pass", End: true },
  });
  const arn = await server.machine("choosing", choosing);
  const [left, right] = [await server.run(arn, { left: true }), await server.run(arn, { left: false })];
  const page = await open(`/console/compare?a=${encodeURIComponent(left)}&b=${encodeURIComponent(right)}`);
  await page.getByText("First difference").waitFor();
  expect(await page.locator("tr", { hasText: "First difference" }).innerText()).toContain("Left");
});

test("executions are found (J27)", async () => {
  const arn = await server.machine("found", chain(1));
  for (const name of ["apple-1", "apple-2", "pear-1"]) await server.run(arn, {}, { name });
  const page = await open("/console/machines/found");
  await page.getByPlaceholder(/Name, state machine/).fill("apple");
  await page.waitForURL(/text=apple/);
  await until(async () => (await page.locator("tbody tr").count()) === 2);
  await page.reload();
  await until(async () => (await page.locator("tbody tr").count()) === 2);
  await page.getByLabel("Status").selectOption("FAILED");
  await page.getByText("No execution matches.").waitFor();
});

test("idle hours do not hide what happened (J20)", async () => {
  const arn = await server.run(await server.machine("idle", chain(6, 7)), {});
  const page = await open(server.page(arn, "?view=timeline"));
  const first = page.getByRole("listitem").first();
  await first.waitFor();
  const box = await first.boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(24);
  expect(await page.getByLabel("Compress idle gaps").isChecked()).toBe(true);
});
