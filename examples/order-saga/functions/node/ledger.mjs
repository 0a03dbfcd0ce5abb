// What the shop remembers about an order: one small JSON file per order and subject, as in the Python functions.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = process.env.LEDGER || join(tmpdir(), 'stepwell-order-saga');

function file(orderId, subject) {
  if (!/^[A-Za-z0-9_-]+$/.test(orderId)) {
    throw new TypeError(`not an order id: ${orderId}`);
  }
  return join(folder, `${orderId}.${subject}.json`);
}

export function read(orderId, subject) {
  try {
    return JSON.parse(readFileSync(file(orderId, subject), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

export function write(orderId, subject, entry) {
  mkdirSync(folder, { recursive: true });
  const path = file(orderId, subject);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(entry));
  renameSync(draft, path);
  return entry;
}

// Counts the calls for a subject: 1 at the first.
export function count(orderId, subject) {
  const calls = (read(orderId, subject)?.calls ?? 0) + 1;
  write(orderId, subject, { calls });
  return calls;
}

// An error whose name, as a workflow sees it, may have a dot in it.
export function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}
