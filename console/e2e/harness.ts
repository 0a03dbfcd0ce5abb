// A server of its own for each file, its AWS API, and pages that must not misbehave: no error in the console, no request to another
// origin, nothing refused by the content security policy. Needs STEPWELL_BIN and Chromium (CHROMIUM, or /usr/bin/chromium).
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

const BINARY = process.env.STEPWELL_BIN ?? new URL("../../target/release/stepwell", import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const ROLE = "arn:aws:iam::000000000000:role/any";

export class Server {
  private process: ChildProcess | undefined;
  readonly folder = mkdtempSync(join(tmpdir(), "stepwell-e2e-"));
  port = 0;

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    if (this.port === 0) this.port = await freePort();
    const ready = join(this.folder, "ready");
    rmSync(ready, { force: true });
    this.process = spawn(
      BINARY,
      ["serve", "--listen", `127.0.0.1:${this.port}`, "--data-dir", join(this.folder, "data"), "--ready-file", ready],
      { stdio: "ignore", cwd: this.folder },
    );
    await until(() => existsSync(ready) && readFileSync(ready, "utf8") !== "");
  }

  async kill() {
    const ended = new Promise((resolve) => this.process?.once("exit", resolve));
    this.process?.kill("SIGKILL");
    await ended;
  }

  async aws<T = Record<string, string>>(operation: string, input: object): Promise<T> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
      body: JSON.stringify(input),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
    return answer as T;
  }

  async read<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}/console/api/v1/${path}`)).json()) as T;
  }

  async machine(name: string, definition: object): Promise<string> {
    const made = await this.aws("CreateStateMachine", { name, definition: JSON.stringify(definition), roleArn: ROLE });
    return made.stateMachineArn ?? "";
  }

  /** Starts an execution and gives its ARN; with `end` it has ended. */
  async run(
    machine: string,
    input: unknown,
    { end = true, name = undefined as string | undefined } = {},
  ): Promise<string> {
    const started = await this.aws("StartExecution", { stateMachineArn: machine, input: JSON.stringify(input), name });
    const arn = started.executionArn ?? "";
    if (end) await until(async () => (await this.aws("DescribeExecution", { executionArn: arn })).status !== "RUNNING");
    return arn;
  }

  /** The page of an execution. */
  page(arn: string, query = ""): string {
    const [machine, name] = arn.split(":").slice(6);
    return `/console/executions/${machine}/${name}${query}`;
  }
}

/** A server for the tests of a file. */
export function testServer(): Server {
  const server = new Server();
  beforeAll(() => server.start());
  afterAll(async () => {
    await server.kill();
    rmSync(server.folder, { recursive: true, force: true });
  });
  return server;
}

interface Opening {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  /** Messages of the browser that the test brings about. */
  expected?: RegExp;
  /** Lets the test bring scripts of its own. */
  bypassCSP?: boolean;
}

/** Pages of a browser for the tests of a file; after each test they are closed, and what they complained of fails it. */
export function testPages(server: Server): (path: string, opening?: Opening) => Promise<Page> {
  let browser: Browser;
  const open: BrowserContext[] = [];
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const context of open.splice(0)) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  return async (path, { width = 1440, height = 900, theme = "light", expected, bypassCSP = false } = {}) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, bypassCSP });
    open.push(context);
    const page = await context.newPage();
    const complain = (text: string) => {
      if (!expected?.test(text)) complaints.push(text);
    };
    page.on("console", (message) => message.type() === "error" && complain(message.text()));
    page.on("pageerror", (error) => complain(`page error: ${error.message}`));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !url.startsWith("data:") && !url.startsWith("blob:"))
        complain(`request to ${url}`);
    });
    await page.goto(server.url + path);
    return page;
  };
}

export async function until(what: () => unknown, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
