// Runs an unmodified Node handler: asks for an invocation, calls the handler, sends back what it returned.
//
// Started by Stepwell with `node -e`, in the function's code folder. Built-in modules only. Handlers may be async, return
// a promise, call back, or use `context.done`; modules may be CommonJS or ES modules. Response streaming is not here.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

const root = process.env.LAMBDA_TASK_ROOT;
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const base = '/2018-06-01/runtime';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// The server is gone: end this process and whatever it has started.
function die() {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.exit(1);
  }
}

// The server holds the other end of standard input; it closes when the server dies, however it dies.
function watchServer() {
  process.stdin.on('end', die);
  process.stdin.on('error', die);
  process.stdin.resume();
  process.stdin.unref();
}

function request(method, route, body, headers) {
  return new Promise((resolve) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const options = { host, port, method, agent, path: base + route, headers: { ...headers } };
    options.headers['Content-Length'] = bytes ? bytes.length : 0;
    const call = http.request(options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      answer.on('error', die);
    });
    call.on('error', die);
    call.end(bytes);
  });
}

// A file of the function is shown where AWS puts it.
function publicPaths(text) {
  return text.split(root + path.sep).join('/var/task/');
}

function isError(value) {
  return value instanceof Error || (value && value.name && value.message && value.stack);
}

function errorDocument(error) {
  if (!isError(error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = publicPaths(error.stack || '').split('\n');
  const own = trace.findIndex((line) => line.includes('[eval]'));
  return {
    errorType: error.name,
    errorMessage: publicPaths(error.message),
    trace: own < 0 ? trace : trace.slice(0, own),
  };
}

function fault(name, message) {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${message}`;
  return error;
}

function isModuleFolder(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    const manifest = path.join(at, 'package.json');
    if (fs.existsSync(manifest)) {
      return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    }
    if (at === path.dirname(at)) {
      return false;
    }
  }
}

async function importFile(stem) {
  const require = createRequire(path.join(root, 'handler.js'));
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const file = stem + extension;
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
      continue;
    }
    const esm = extension === '.mjs' || (extension === '.js' && isModuleFolder(path.dirname(file)));
    return esm ? import(pathToFileURL(file)) : require(file);
  }
  throw fault('Runtime.ImportModuleError', `Error: Cannot find module '${path.relative(root, stem)}'`);
}

// The handler that `file.function` (or `folder/file.object.function`) names.
async function load(name) {
  const folder = path.dirname(name);
  const match = /^([^.]*)\.(.+)$/.exec(path.basename(name));
  if (!match) {
    throw fault('Runtime.MalformedHandlerName', 'Bad handler');
  }
  let found;
  try {
    found = await importFile(path.resolve(root, folder, match[1]));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw fault('Runtime.UserCodeSyntaxError', String(error));
    }
    if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw fault('Runtime.ImportModuleError', String(error));
    }
    throw error;
  }
  const member = (from) => match[2].split('.').reduce((at, key) => (at == null ? undefined : at[key]), from);
  const handler = member(found) ?? member(found.default);
  if (handler === undefined) {
    throw fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw fault('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return handler;
}

function makeContext(headers, settle) {
  const client = headers['lambda-runtime-client-context'];
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: client ? JSON.parse(client) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    stepwellIdempotencyKey: headers['lambda-runtime-stepwell-idempotency-key'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: (error, result) => (error ? settle.fail(error) : settle.succeed(result)),
    succeed: settle.succeed,
    fail: settle.fail,
  };
}

// Calls the handler; resolves with what is to be posted. A handler that has nothing left to do and has not answered
// gives null, as in AWS.
function run(handler, event, headers) {
  return new Promise((resolve) => {
    const idle = () => resolve({ result: null });
    const end = (outcome) => {
      process.removeListener('beforeExit', idle);
      resolve(outcome);
    };
    const settle = { succeed: (result) => end({ result }), fail: (error) => end({ error }) };
    process.once('beforeExit', idle);
    try {
      const context = makeContext(headers, settle);
      const returned = handler(event, context, (error, result) => context.done(error, result));
      if (returned && typeof returned.then === 'function') {
        returned.then(settle.succeed, settle.fail);
      }
    } catch (error) {
      settle.fail(error);
    }
  });
}

async function postError(route, error) {
  const document = errorDocument(error);
  process.stderr.write(`${isError(error) ? error.stack : document.errorMessage}\n`);
  await request('POST', route, JSON.stringify(document), { 'Content-Type': 'application/json' });
}

let current = null;

function abandon(error, status) {
  const route = current ? `/invocation/${current}/error` : '/init/error';
  postError(route, error).then(() => process.exit(status));
}

async function serve(handler) {
  const { status, headers, body } = await request('GET', '/invocation/next');
  if (status !== 200) {
    die();
  }
  current = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] || '';
  const outcome = await run(handler, JSON.parse(body.toString('utf8')), headers);
  let text;
  if (!('error' in outcome)) {
    try {
      text = JSON.stringify(outcome.result === undefined ? null : outcome.result) ?? 'null';
    } catch {
      outcome.error = fault('Runtime.MarshalError', 'Unable to stringify response body');
    }
  }
  const id = current;
  current = null;
  if ('error' in outcome) {
    await postError(`/invocation/${id}/error`, outcome.error);
  } else {
    await request('POST', `/invocation/${id}/response`, text, { 'Content-Type': 'application/json' });
  }
}

async function main() {
  watchServer();
  process.on('uncaughtException', (error) => abandon(error, 129));
  process.on('unhandledRejection', (reason) => {
    const error = fault('Runtime.UnhandledPromiseRejection', String(reason));
    error.stack += isError(reason) ? `\n${reason.stack}` : '';
    abandon(error, 128);
  });
  let handler;
  try {
    handler = await load(process.env._HANDLER);
  } catch (error) {
    await postError('/init/error', error);
    process.exit(1);
  }
  for (;;) {
    await serve(handler);
  }
}

main();
