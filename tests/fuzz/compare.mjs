// Holds what `fuzz compare` printed against jsonata-js 2.0.6: node compare.mjs INSTALLED FILE [MISSES]. INSTALLED is the folder
// that has the package. Prints how many of the cases agree, and the first of those that do not. Values are compared as JSON, whatever
// the order of members; errors by their code, and in a second count by their text.
//
// What the service does otherwise is masked, and counted as such: limits of depth, memory and steps; whole numbers beyond 2^53;
// infinite and undefined numbers; a function as the result. jsonata-js itself hangs on some pictures, so it runs in a worker.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const HANGS_MS = 4000;

if (isMainThread) {
  await compare(process.argv[2], process.argv[3], Number(process.argv[4] ?? 20));
} else {
  await evaluateAll(workerData);
}

// In the worker: every case from one on, one message each.
async function evaluateAll({ installed, cases, from }) {
  const jsonata = createRequire(installed + '/')('jsonata');
  for (let at = from; at < cases.length; at++) {
    let result;
    try {
      const found = await jsonata(cases[at].expression).evaluate(JSON.parse(cases[at].document));
      result = typeof found === 'function' || found?._jsonata_lambda || found?._jsonata_function ? { error: 'function' } : { value: text(found) };
    } catch (error) {
      const known = error && error.code !== undefined;
      result = { error: known ? error.code : String(error), message: known ? error.message : undefined, known };
    }
    parentPort.postMessage({ at, result });
  }
  parentPort.postMessage({ at: cases.length });
}

function text(value) {
  return value === undefined ? undefined : JSON.stringify(value, (_, one) => {
    if (typeof one === 'function' || one?._jsonata_lambda) return '<function>';
    if (typeof one === 'number' && !Number.isFinite(one)) return '<not finite>';
    return one;
  });
}

async function compare(installed, file, shown) {
  const cases = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const results = await evaluateElsewhere(installed, cases);
  const count = { same: 0, text: 0, errors: 0, masked: 0, hung: 0 };
  const misses = [];
  cases.forEach((one, at) => {
    const theirs = results[at];
    if (theirs.hung) count.hung++;
    else if (isMasked(one, theirs)) count.masked++;
    else if (agree(one, theirs)) {
      count.same++;
      if (one.error !== null) {
        count.errors++;
        if (one.error === `${theirs.error}: ${theirs.message}`) count.text++;
      }
    } else misses.push({ ...one, theirs });
  });
  for (const { seed, expression, document, value, error, theirs } of misses.slice(0, shown)) {
    console.log(`seed ${seed}: ${expression}\n  on ${document}\n  here   ${error ?? value ?? 'nothing'}\n  theirs ${theirs.error === undefined ? (theirs.value ?? 'nothing') : `${theirs.error}: ${theirs.message ?? ''}`}`);
  }
  const held = count.same + misses.length;
  const percent = (100 * count.same) / held;
  console.log(`${cases.length} cases: ${count.same} of ${held} agree (${percent.toFixed(3)} %), ${count.masked} masked, ${count.hung} hang in jsonata-js; ` +
    `${count.text} of ${count.errors} errors have the same text`);
  process.exit(percent >= 99.9 ? 0 : 1);
}

function evaluateElsewhere(installed, cases) {
  const results = [];
  return new Promise((resolve, reject) => {
    const from = (start) => {
      let next = start;
      const worker = new Worker(new URL(import.meta.url), { workerData: { installed, cases, from: start } });
      let alarm;
      const watch = () => {
        clearTimeout(alarm);
        alarm = setTimeout(async () => {
          await worker.terminate();
          results[next] = { hung: true };
          if (next + 1 < cases.length) from(next + 1);
          else resolve(results);
        }, HANGS_MS);
      };
      watch();
      worker.on('error', reject);
      worker.on('message', ({ at, result }) => {
        watch();
        if (at === cases.length) {
          clearTimeout(alarm);
          resolve(results);
          return;
        }
        results[at] = result;
        next = at + 1;
      });
    };
    from(0);
  });
}

function isMasked(one, theirs) {
  if (one.error?.startsWith('limit: ')) return true;
  if (one.error === 'function' || theirs.error === 'function') return true;
  // What JavaScript throws itself: its stack, or a fault of jsonata-js.
  if (theirs.error !== undefined && !theirs.known) return true;
  const texts = `${one.value ?? ''} ${theirs.value ?? ''}`;
  if (/<function>|<not finite>|"Infinity"|"-Infinity"|"NaN"|E[0-9+-]|\d{16,}/.test(texts)) return true;
  // Not finite on the way: D1001 there, a text here.
  return theirs.error === 'D1001' || one.error?.startsWith('D1001') === true;
}

function agree(one, theirs) {
  if (theirs.error !== undefined || one.error !== null) {
    return one.error !== null && theirs.error !== undefined && one.error.split(':')[0] === theirs.error;
  }
  if (one.value === null || theirs.value === undefined) return one.value === null && theirs.value === undefined;
  return canonical(JSON.parse(one.value)) === canonical(JSON.parse(theirs.value));
}

function canonical(value) {
  return JSON.stringify(value, (_, one) =>
    one && typeof one === 'object' && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one);
}
