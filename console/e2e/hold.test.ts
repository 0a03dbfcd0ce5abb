// What must hold: large histories, hostile data, foreign pages, assistive technology, phones, sizes (J19, J36, J37, J38).
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { chain, HOSTILE, loop, machine } from "./definitions";
import { testPages, testServer, until } from "./harness";

const server = testServer();
const open = testPages(server);

test("a history near the limit is at hand (J19)", async () => {
  const arn = await server.run(await server.machine("loop", loop), { times: 6_200 });
  const { last } = await server.read<{ last: number }>(`executions/${encodeURIComponent(arn)}/index`);
  expect(last).toBeGreaterThan(24_000);
  const begin = Date.now();
  const page = await open(server.page(arn, "?view=events"));
  await page.getByText("ExecutionStarted").waitFor();
  const ready = Date.now() - begin;
  console.log(`${last} events shown after ${ready} ms`);
  await page.getByPlaceholder(/Filter/).fill("ExecutionSucceeded");
  await until(async () => (await page.getByRole("listitem").count()) === 1);
  await page.getByPlaceholder(/Filter/).fill("");
  await page.getByRole("list", { name: "Events" }).evaluate((list) => {
    list.scrollTop = list.scrollHeight;
  });
  await page.getByText("ExecutionSucceeded").waitFor();
});

test("hostile data stays text (J36)", async () => {
  const definition = machine(HOSTILE.slice(0, 78), {
    [HOSTILE.slice(0, 78)]: { Type: "Fail", Error: HOSTILE, Cause: HOSTILE },
  });
  const arn = await server.run(await server.machine("hostile", definition), {
    [HOSTILE]: HOSTILE,
    long: "x".repeat(200_000),
    deep: JSON.parse("[".repeat(200) + "]".repeat(200)),
  });
  for (const view of ["graph", "timeline", "table", "events"]) {
    const page = await open(server.page(arn, `?view=${view}`));
    await page.getByText("document.title").first().waitFor({ state: "attached" });
    expect(await page.title()).not.toBe("owned");
    expect(await page.locator("main img, main script").count()).toBe(0);
  }
});

test("foreign pages reach nothing (J36)", async () => {
  const ask = (headers: Record<string, string>, path = "/console/api/v1/meta") =>
    fetch(server.url + path, { headers }).then((answer) => answer.status);
  expect(await ask({ origin: "http://evil.test" })).toBe(403);
  expect(await ask({ "sec-fetch-site": "cross-site" })).toBe(403);
  const api = await fetch(server.url, {
    method: "POST",
    headers: { origin: "http://evil.test", "x-amz-target": "AWSStepFunctions.ListStateMachines" },
    body: "{}",
  });
  expect(api.status).toBe(403);
  const page = await fetch(`${server.url}/console/`);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
});

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

test("assistive technology finds its way (J37)", { timeout: 240_000 }, async () => {
  const arn = await server.run(await server.machine("accessible", chain(5)), { a: 1 });
  const paths = [
    "/console/",
    "/console/machines",
    "/console/machines/accessible",
    "/console/machines/accessible?tab=definition",
    "/console/machines/accessible/start",
    "/console/executions",
    "/console/inbox",
    "/console/activities",
    ...["", "?view=timeline", "?view=table", "?view=events"].map((query) => server.page(arn, query)),
  ];
  const faults: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    for (const path of paths) {
      const page = await open(path, { theme, bypassCSP: true });
      await page.waitForLoadState("load");
      await page.waitForTimeout(400);
      const found = await page.evaluate(async (source) => {
        new Function(source).call(window);
        const axe = (
          window as unknown as {
            axe: {
              run: (
                options: object,
              ) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
            };
          }
        ).axe;
        const { violations } = await axe.run({ resultTypes: ["violations"] });
        return violations
          .filter((one) => one.impact === "serious" || one.impact === "critical")
          .map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`);
      }, AXE);
      faults.push(...found.map((fault) => `${theme} ${path} ${fault}`));
      await page.context().close();
    }
  }
  expect(faults).toEqual([]);
});

test("an incident is read on a phone (J38)", async () => {
  const failing = machine("Broken", { Broken: { Type: "Fail", Error: "Order.Lost", Cause: "behind the sofa" } });
  const arn = await server.run(await server.machine("phone", failing), {});
  const page = await open(server.page(arn), { width: 390, height: 844 });
  await page.getByRole("alert").getByText("Order.Lost").waitFor();
  expect(await page.getByRole("alert").innerText()).toContain("behind the sofa");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  for (const path of ["/console/", "/console/machines", "/console/executions", "/console/inbox"]) {
    const other = await open(path, { width: 390, height: 844 });
    await other.waitForTimeout(300);
    expect(
      await other.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
  }
});

test("the shell is small", () => {
  const folder = new URL("../dist/assets/", import.meta.url).pathname;
  const size = (name: RegExp) =>
    readdirSync(folder)
      .filter((file) => name.test(file))
      .reduce((sum, file) => sum + brotliCompressSync(readFileSync(join(folder, file))).length, 0);
  expect(size(/^(index|jsx-runtime)-.*\.(js|css)$/)).toBeLessThan(150_000);
  expect(size(/^(page|fold|history|json-view|use-execution)-.*\.js$/)).toBeLessThan(90_000);
  expect(size(/^editor-.*\.js$/)).toBeLessThan(190_000);
  expect(statSync(join(folder, "..", "index.html")).size).toBeLessThan(5_000);
});
