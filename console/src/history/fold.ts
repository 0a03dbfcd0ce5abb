// What became of each state: visits folded from the events up to any one of them. The live page, the timeline, the table and the replay
// are all this one fold.
import type { Millis, Outcome, Status } from "../api/types";
import type { History } from "./history";

export interface Try {
  /** The event that began it. */
  event: number;
  from: Millis;
  to?: Millis;
  outcome: Outcome;
  error?: string;
  /** When the next one begins. */
  retryAt?: Millis;
}

export interface Visit {
  /** The event that entered the state; names the visit. */
  id: number;
  frame: number;
  state: string;
  /** `Task`, `Map` … */
  type: string;
  from: Millis;
  to?: Millis;
  status: Outcome;
  error?: string;
  tries: Try[];
  /** When a Wait ends. */
  until?: Millis;
}

export interface Fold {
  visits: Visit[];
  /** Status of the execution after the last folded event. */
  status: Status;
  /** Time of the last folded event. */
  at: Millis;
  /** How often each edge between two states of a frame was taken, by `from\nto`. */
  moves: Map<string, number>;
}

const ENTERED = "StateEntered";
const EXITED = "StateExited";
const BEGINS =
  /^(TaskScheduled|LambdaFunctionScheduled|ActivityScheduled|ParallelStateStarted|MapStateStarted|MapRunStarted)$/;
const ENDS_WELL =
  /^(TaskSucceeded|LambdaFunctionSucceeded|ActivitySucceeded|ParallelStateSucceeded|MapStateSucceeded|MapRunSucceeded)$/;
const ENDS_BADLY =
  /^(TaskFailed|TaskTimedOut|TaskStartFailed|TaskSubmitFailed|LambdaFunction(Failed|TimedOut|StartFailed|ScheduleFailed)|Activity(Failed|TimedOut|ScheduleFailed)|ParallelStateFailed|MapStateFailed|MapRunFailed|EvaluationFailed)$/;

/** Folds the events 1 to `upTo`. */
export function fold(history: History, upTo: number = history.last): Fold {
  const visits: Visit[] = [];
  const open = new Map<number, Visit>();
  const failing = new Set<Visit>();
  /** Visits that ended without being left, by frame: a redrive may go on with them. */
  const stopped = new Map<number, Visit>();
  let isRedriven = false;
  const left = new Map<number, string>();
  const moves = new Map<string, number>();
  const end = Math.min(upTo, history.last);
  let status: Status = "RUNNING";

  const close = (visit: Visit, outcome: Outcome, at: Millis) => {
    visit.status = outcome;
    visit.to = at;
    if (outcome !== "succeeded" && outcome !== "caught") stopped.set(visit.frame, visit);
    const last = visit.tries.at(-1);
    if (last?.outcome === "running") {
      last.outcome = outcome === "succeeded" || outcome === "caught" ? "succeeded" : outcome;
      last.to = at;
    }
  };

  const goOn = (frame: number) => {
    const visit = stopped.get(frame);
    if (!visit || visit.type === "Fail") return;
    stopped.delete(frame);
    failing.delete(visit);
    visit.status = "running";
    delete visit.to;
    delete visit.error;
    open.set(frame, visit);
  };

  for (let index = 0; index < end; index++) {
    const type = history.types[index] ?? "";
    const at = history.at[index] ?? 0;
    const frame = history.frame[index] ?? 0;
    const error = history.error[index];
    if (type === "ExecutionRedriven") {
      isRedriven = true;
      goOn(0);
    } else if (isRedriven && !open.has(frame) && !type.endsWith(ENTERED)) {
      goOn(frame);
    }
    const visit = open.get(frame);
    if (type.endsWith(ENTERED)) {
      const state = history.state[index] ?? "";
      const from = left.get(frame) ?? (frame === 0 && visits.length === 0 ? "Start" : undefined);
      if (from !== undefined) moves.set(`${from}\n${state}`, (moves.get(`${from}\n${state}`) ?? 0) + 1);
      const kind = type.slice(0, -ENTERED.length);
      const entered: Visit = { id: index + 1, frame, state, type: kind, from: at, status: "running", tries: [] };
      visits.push(entered);
      open.set(frame, entered);
    } else if (type.endsWith(EXITED) && visit) {
      close(visit, failing.has(visit) ? "caught" : "succeeded", at);
      left.set(frame, visit.state);
      open.delete(frame);
    } else if (type.endsWith("StateAborted") && visit) {
      close(visit, failing.has(visit) ? "failed" : "aborted", at);
      open.delete(frame);
    } else if (BEGINS.test(type) && visit) {
      failing.delete(visit);
      visit.tries.push({ event: index + 1, from: at, outcome: "running" });
    } else if (ENDS_WELL.test(type) && visit) {
      failing.delete(visit);
      const last = visit.tries.at(-1);
      if (last) [last.outcome, last.to] = ["succeeded", at];
    } else if (ENDS_BADLY.test(type) && visit) {
      failing.add(visit);
      visit.error = error ?? visit.error;
      const last = visit.tries.at(-1);
      if (last?.outcome === "running") {
        [last.outcome, last.to] = [type.endsWith("TimedOut") ? "timed-out" : "failed", at];
        last.error = error;
      }
    } else if (type.startsWith("Execution")) {
      status = statusAfter(type, status);
      if (status !== "RUNNING") {
        for (const still of open.values()) close(still, outcomeAtEnd(status, still, failing.has(still), error), at);
        open.clear();
      }
    }
    if (type === "MapIterationFailed" || type === "ParallelStateFailed" || type === "MapStateFailed") {
      closeFailed(history, open, failing, close, frame, at);
    }
  }
  for (const retry of history.retries) {
    if (retry.after > end) continue;
    const tried = findTry(visits, retry.frame, retry.after);
    if (tried) tried.retryAt = retry.until;
  }
  for (const wait of history.waits) {
    const waiting = visits.find((visit) => visit.frame === wait.frame && visit.id === wait.after);
    if (waiting) waiting.until = wait.until;
  }
  return { visits, status, at: history.at[end - 1] ?? history.startedAt, moves };
}

function statusAfter(type: string, now: Status): Status {
  switch (type) {
    case "ExecutionSucceeded":
      return "SUCCEEDED";
    case "ExecutionFailed":
      return "FAILED";
    case "ExecutionTimedOut":
      return "TIMED_OUT";
    case "ExecutionAborted":
      return "ABORTED";
    case "ExecutionRedriven":
      return "RUNNING";
    default:
      return now;
  }
}

function outcomeAtEnd(status: Status, visit: Visit, isFailing: boolean, error: string | undefined): Outcome {
  if (status === "TIMED_OUT") return "timed-out";
  if (status === "ABORTED") return "aborted";
  if (status === "SUCCEEDED") return "succeeded";
  if (!isFailing && visit.frame !== 0 && visit.type !== "Fail") return "aborted";
  visit.error ??= error;
  return "failed";
}

/** A Fail state inside a branch or an iteration has no end of its own: that of its container is. */
function closeFailed(
  history: History,
  open: Map<number, Visit>,
  failing: Set<Visit>,
  close: (visit: Visit, outcome: Outcome, at: Millis) => void,
  frame: number,
  at: Millis,
) {
  for (const [inner, visit] of open) {
    if (visit.type !== "Fail" && !failing.has(visit)) continue;
    if (inner !== frame && history.chain(inner).includes(frame)) {
      close(visit, "failed", at);
      open.delete(inner);
    }
  }
}

function findTry(visits: Visit[], frame: number, after: number): Try | undefined {
  for (let index = visits.length - 1; index >= 0; index--) {
    const visit = visits[index];
    if (!visit || visit.frame !== frame || visit.id > after) continue;
    return visit.tries.findLast((tried) => tried.event <= after);
  }
  return undefined;
}

/** What a graph shows of a state: the most urgent of what its visits say. */
export interface Shown {
  status: Outcome;
  visits: number;
  /** The visit to open: the one that failed or runs, or the last one. */
  visit: Visit;
}

const URGENCY: Outcome[] = ["succeeded", "caught", "aborted", "timed-out", "failed", "running"];

/** States by name, from those visits that `counts` takes. */
export function byState(visits: Visit[], counts: (visit: Visit) => boolean = () => true): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  for (const visit of visits) {
    if (!counts(visit)) continue;
    const before = shown.get(visit.state);
    const urgent = !before || URGENCY.indexOf(visit.status) >= URGENCY.indexOf(before.status);
    const chosen = urgent || !before ? visit : before.visit;
    shown.set(visit.state, { status: chosen.status, visits: (before?.visits ?? 0) + 1, visit: chosen });
  }
  return shown;
}

/** Whether a visit belongs to the iteration that is looked at: it is inside of it, or around it, or in no other one. */
export function inIteration(history: History, selected: number | undefined): (visit: Visit) => boolean {
  if (selected === undefined) return () => true;
  const around = new Set(history.chain(selected));
  return (visit) => {
    const chain = history.chain(visit.frame);
    if (chain.includes(selected)) return true;
    return chain.every((frame) => around.has(frame) || history.frames.get(frame)?.kind !== "iteration");
  };
}

/** The visit to look at first: where an execution failed, or else where it is, or else its last one. */
export function firstLook(folded: Fold): Visit | undefined {
  const failed = folded.visits.filter((visit) => visit.status === "failed" || visit.status === "timed-out");
  const deepest = failed.findLast((visit) => visit.type !== "Map" && visit.type !== "Parallel") ?? failed.at(-1);
  if (folded.status !== "SUCCEEDED" && deepest) return deepest;
  return folded.visits.findLast((visit) => visit.status === "running") ?? folded.visits.at(-1);
}
