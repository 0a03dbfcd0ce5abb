// How long the cases of data/cases.json take in jsonata-js 2.0.6. One line a measurement, as src/main.rs prints them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The package is installed in the folder that the first argument names, not beside this file.
const jsonata = createRequire(process.argv[2] + '/')('jsonata');
const read = (name) => JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url)));
// Short samples of which the fastest counts, as in src/main.rs; the first of them let the compiler warm up.
const SAMPLE_NS = 500_000n;
const SAMPLES = 301;

async function time(run, count) {
  const started = process.hrtime.bigint();
  for (let at = 0; at < count; at++) await run();
  return process.hrtime.bigint() - started;
}

for (const { name, data, expression } of read('cases').jsonata) {
  const compiled = jsonata(expression);
  const bindings = { states: read(data) };
  const run = () => compiled.evaluate(undefined, bindings);
  let count = 1;
  while ((await time(run, count)) < SAMPLE_NS) count *= 2;
  let least = Infinity;
  for (let at = 0; at < SAMPLES; at++) least = Math.min(least, Number(await time(run, count)) / count);
  console.log(`${name}\tjsonata-js 2.0.6\t${least.toFixed(1)}`);
}
