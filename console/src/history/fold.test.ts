// The fold on small histories: retries, Catch, failures inside branches and iterations, and any event as the last one.
import { expect, test } from "vitest";
import type { Columns, Frame } from "../api/types";
import { byState, firstLook, fold, inIteration } from "./fold";
import { History } from "./history";

type Row = [type: string, frame: number, state?: string, error?: string];

const ROOT: Frame = { id: 0, parent: -1, kind: "root", index: 0, event: 1 };

function history(rows: Row[], more: Partial<Columns> = {}): History {
  const types = [...new Set(rows.map((row) => row[0]))];
  const names = [...new Set(rows.flatMap((row) => (row[2] ? [row[2]] : [])))];
  const errors = [...new Set(rows.flatMap((row) => (row[3] ? [row[3]] : [])))];
  const made = new History();
  made.append({
    status: "RUNNING",
    startedAt: 1000,
    last: rows.length,
    first: 1,
    types,
    names,
    errors,
    frames: [ROOT],
    type: rows.map((row) => types.indexOf(row[0])),
    at: rows.map((_, index) => 1000 + index * 10),
    previous: rows.map((_, index) => index),
    frame: rows.map((row) => row[1]),
    state: rows.map((row) => (row[2] ? names.indexOf(row[2]) : -1)),
    error: rows.map((row) => (row[3] ? errors.indexOf(row[3]) : -1)),
    retries: [],
    waits: [],
    ...more,
  });
  return made;
}

const RETRIED: Row[] = [
  ["ExecutionStarted", 0],
  ["TaskStateEntered", 0, "Charge"],
  ["TaskScheduled", 0, "Charge"],
  ["TaskFailed", 0, "Charge", "Busy"],
  ["TaskScheduled", 0, "Charge"],
  ["TaskFailed", 0, "Charge", "Declined"],
  ["TaskStateExited", 0, "Charge"],
  ["PassStateEntered", 0, "Undo"],
  ["PassStateExited", 0, "Undo"],
  ["ExecutionSucceeded", 0],
];

test("a redrive goes on with what had not ended well", () => {
  const rows: Row[] = [
    ["ExecutionStarted", 0],
    ["TaskStateEntered", 0, "Charge"],
    ["TaskScheduled", 0, "Charge"],
    ["TaskFailed", 0, "Charge", "Declined"],
    ["ExecutionFailed", 0, undefined, "Declined"],
    ["ExecutionRedriven", 0],
    ["TaskScheduled", 0, "Charge"],
    ["TaskSucceeded", 0, "Charge"],
    ["TaskStateExited", 0, "Charge"],
    ["ExecutionSucceeded", 0],
  ];
  const told = history(rows);
  expect(fold(told, 5).visits[0]?.status).toBe("failed");
  expect(fold(told, 6).visits[0]?.status).toBe("running");
  const [charge, ...others] = fold(told).visits;
  expect(others).toEqual([]);
  expect(charge?.status).toBe("succeeded");
  expect(charge?.tries.map((tried) => tried.outcome)).toEqual(["failed", "succeeded"]);
});

test("tries, a Catch and the way taken", () => {
  const folded = fold(history(RETRIED, { retries: [{ after: 4, frame: 0, retrier: 0, until: 1035 }] }));
  const [charge, undo] = folded.visits;
  expect(charge?.status).toBe("caught");
  expect(charge?.tries.map((tried) => [tried.outcome, tried.error, tried.retryAt])).toEqual([
    ["failed", "Busy", 1035],
    ["failed", "Declined", undefined],
  ]);
  expect(undo?.status).toBe("succeeded");
  expect(folded.moves).toEqual(
    new Map([
      ["Start\nCharge", 1],
      ["Charge\nUndo", 1],
    ]),
  );
  expect(folded.status).toBe("SUCCEEDED");
});

test("any event can be the last one", () => {
  const whole = history(RETRIED);
  expect(fold(whole, 4).visits[0]?.status).toBe("running");
  expect(fold(whole, 1).visits).toEqual([]);
  expect(fold(whole, 4).status).toBe("RUNNING");
});

test("a failure in one branch is found, the other is aborted", () => {
  const folded = fold(
    history(
      [
        ["ExecutionStarted", 0],
        ["ParallelStateEntered", 0, "Both"],
        ["ParallelStateStarted", 0, "Both"],
        ["TaskStateEntered", 1, "Good"],
        ["TaskScheduled", 1, "Good"],
        ["FailStateEntered", 2, "Bad"],
        ["TaskStateAborted", 1, "Good"],
        ["ParallelStateFailed", 0, "Both"],
        ["ExecutionFailed", 0, undefined, "Broken"],
      ],
      {
        frames: [
          ROOT,
          { id: 1, parent: 0, kind: "branch", index: 0, event: 3 },
          { id: 2, parent: 0, kind: "branch", index: 1, event: 3 },
        ],
      },
    ),
  );
  expect(folded.visits.map((visit) => [visit.state, visit.status])).toEqual([
    ["Both", "failed"],
    ["Good", "aborted"],
    ["Bad", "failed"],
  ]);
  expect(firstLook(folded)?.state).toBe("Bad");
});

test("an iteration is looked at alone", () => {
  const two = history(
    [
      ["ExecutionStarted", 0],
      ["MapStateEntered", 0, "Each"],
      ["MapStateStarted", 0, "Each"],
      ["PassStateEntered", 1, "One"],
      ["PassStateExited", 1, "One"],
      ["TaskStateEntered", 2, "One"],
    ],
    {
      frames: [
        ROOT,
        { id: 1, parent: 0, kind: "iteration", index: 0, event: 4 },
        { id: 2, parent: 0, kind: "iteration", index: 1, event: 6 },
      ],
    },
  );
  const { visits } = fold(two);
  expect(byState(visits).get("One")?.status).toBe("running");
  expect(byState(visits, inIteration(two, 1)).get("One")?.status).toBe("succeeded");
  expect(byState(visits, inIteration(two, 1)).get("Each")?.status).toBe("running");
});

test("what comes twice or with a gap is not taken", () => {
  const growing = history(RETRIED.slice(0, 4));
  const all = history(RETRIED);
  const columns = (first: number): Columns => ({
    status: "SUCCEEDED",
    startedAt: 1000,
    last: 10,
    first,
    types: all.types,
    names: ["Charge"],
    errors: [],
    frames: [],
    type: all.types.slice(first - 1).map((_, index) => first - 1 + index),
    at: all.at.slice(first - 1),
    previous: all.previous.slice(first - 1),
    frame: all.frame.slice(first - 1),
    state: all.types.slice(first - 1).map(() => 0),
    error: all.types.slice(first - 1).map(() => -1),
    retries: [],
    waits: [],
  });
  expect(growing.append(columns(6))).toBe(false);
  expect(growing.append(columns(3))).toBe(true);
  expect(growing.types).toEqual(all.types);
});
