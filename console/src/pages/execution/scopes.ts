// Visits as a tree: a container's branches and iterations below it, in the order of their entry.
import type { Visit } from "../../history/fold";
import type { History } from "../../history/history";

export interface Row {
  depth: number;
  /** A visit, or the head of a branch or iteration. */
  visit?: Visit;
  frame?: { id: number; label: string; failed: boolean };
  hasInside: boolean;
  key: string;
}

/** The rows of the tree, without what is inside of the closed ones. */
export function rows(history: History, visits: Visit[], closed: ReadonlySet<string>, onlyFailures: boolean): Row[] {
  const byFrame = new Map<number, Visit[]>();
  for (const visit of visits) {
    const list = byFrame.get(visit.frame);
    if (list) list.push(visit);
    else byFrame.set(visit.frame, [visit]);
  }
  const inside = new Map<Visit, number[]>();
  for (const frame of history.frames.values()) {
    if (frame.kind === "root") continue;
    const owner = byFrame.get(frame.parent)?.findLast((visit) => visit.id < frame.event || visit.id === frame.event);
    if (owner) inside.set(owner, [...(inside.get(owner) ?? []), frame.id]);
  }
  const bad = new Map<number, boolean>();
  const isBad = (frame: number): boolean => {
    const known = bad.get(frame);
    if (known !== undefined) return known;
    bad.set(frame, false);
    const found = (byFrame.get(frame) ?? []).some(
      (visit) => isFailure(visit) || (inside.get(visit) ?? []).some((inner) => isBad(inner)),
    );
    bad.set(frame, found);
    return found;
  };
  const out: Row[] = [];
  const stack: (() => void)[] = [];
  const pushFrame = (frame: number, depth: number) => {
    for (const visit of (byFrame.get(frame) ?? []).toReversed()) stack.push(() => addVisit(visit, depth));
  };
  const addVisit = (visit: Visit, depth: number) => {
    const frames = inside.get(visit) ?? [];
    if (onlyFailures && !isFailure(visit) && !frames.some(isBad)) return;
    const key = `v${visit.id}`;
    out.push({ depth, visit, hasInside: frames.length > 0, key });
    if (!closed.has(key)) for (const frame of frames.toReversed()) stack.push(() => addFrame(frame, depth + 1));
  };
  const addFrame = (id: number, depth: number) => {
    const frame = history.frames.get(id);
    if (!frame || (onlyFailures && !isBad(id))) return;
    const key = `f${id}`;
    const label = frame.kind === "iteration" ? `#${frame.index}` : `branch ${frame.index + 1}`;
    out.push({ depth, frame: { id, label, failed: isBad(id) }, hasInside: true, key });
    if (!closed.has(key)) pushFrame(id, depth + 1);
  };
  pushFrame(0, 0);
  for (let next = stack.pop(); next; next = stack.pop()) next();
  return out;
}

export const isFailure = (visit: Visit) =>
  visit.status === "failed" || visit.status === "timed-out" || visit.status === "caught";
