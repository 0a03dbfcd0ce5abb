// Takes the pictures of README and docs from a running server: the order example with orders of every kind, and a Map.
// STEPWELL_BIN=target/release/stepwell node console/scripts/screenshots.mjs [FOLDER]; needs Chromium (CHROMIUM, or /usr/bin/chromium).
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const root = new URL("../../", import.meta.url).pathname;
const example = join(root, "examples/order-saga");
const binary = resolve(process.env.STEPWELL_BIN ?? join(root, "target/release/stepwell"));
const folder = resolve(process.argv[2] ?? join(root, "docs/images"));
const scratch = mkdtempSync(join(tmpdir(), "stepwell-pictures-"));
const ready = join(scratch, "ready");
const pause = (millis) => new Promise((done) => setTimeout(done, millis));

const nightly = {
  Comment: "Every invoice of the night, five at a time",
  StartAt: "Every invoice",
  States: {
    "Every invoice": {
      Type: "Map",
      ItemsPath: "$.rows",
      MaxConcurrency: 5,
      ItemProcessor: {
        StartAt: "Look up",
        States: {
          "Look up": { Type: "Wait", SecondsPath: "$.seconds", Next: "Is it positive?" },
          "Is it positive?": {
            Type: "Choice",
            Choices: [{ Variable: "$.amount", NumericGreaterThan: 0, Next: "Book" }],
            Default: "Refuse",
          },
          Book: { Type: "Pass", End: true },
          Refuse: { Type: "Fail", Error: "Invoice.Negative", Cause: "an invoice must be positive" },
        },
      },
      ResultPath: "$.booked",
      Next: "Report",
    },
    Report: { Type: "Succeed" },
  },
};

const server = spawn(
  binary,
  ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(scratch, "data"), "--ready-file", ready],
  {
    cwd: example,
    stdio: "ignore",
  },
);
try {
  while (!existsSync(ready)) await pause(50);
  await pictures(readFileSync(ready, "utf8").trim());
} finally {
  server.kill();
  rmSync(scratch, { recursive: true, force: true });
}

async function pictures(url) {
  const aws = async (operation, input) => {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(input) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const roleArn = "arn:aws:iam::000000000000:role/pictures";
  const create = async (name, definition) =>
    (await aws("CreateStateMachine", { name, definition, roleArn })).stateMachineArn;
  const order = await create("order", readFileSync(join(example, "order.asl.json"), "utf8"));
  const batch = await create("nightly-batch", JSON.stringify(nightly));
  // One order first: it starts the functions' processes.
  const inputs = readdirSync(join(example, "inputs")).map((file) => [
    file.replace(".json", ""),
    readFileSync(join(example, "inputs", file), "utf8"),
  ]);
  const run = (stateMachineArn, name, input) => aws("StartExecution", { stateMachineArn, name, input });
  await run(order, "warm-up", inputs.find(([name]) => name === "order")[1]);
  await pause(6_000);
  for (const [name, input] of inputs) await run(order, name, input);
  for (let at = 1; at <= 6; at++) await run(order, `order-${at}`, inputs.find(([name]) => name === "order")[1]);
  const rows = Array.from({ length: 60 }, (_, at) => ({
    invoice: `R-${1000 + at}`,
    seconds: at % 4,
    amount: at === 41 ? -5 : 20 + at,
  }));
  await run(batch, "2026-11-26", JSON.stringify({ rows }));
  await pause(14_000);

  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const take = async (name, path, { theme = "light", width = 1440, height = 900 } = {}) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
    await page.goto(`${url}/console/${path}`);
    await page.waitForLoadState("load");
    await pause(1_200);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
  };
  await take("home", "");
  await take("execution", "executions/order/out-of-stock");
  await take("execution-dark", "executions/order/gateway-hiccups", { theme: "dark" });
  await take("timeline", "executions/order/card-declined?view=timeline");
  await take("iterations", "executions/nightly-batch/2026-11-26");
  await take("inbox", "inbox");
  await take("phone", "executions/order/out-of-stock", { width: 390, height: 844 });
  await browser.close();
}
