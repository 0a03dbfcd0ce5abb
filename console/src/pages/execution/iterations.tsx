// Which iteration of a Map is looked at, as a path: an iteration inside an iteration has both.
import { useMemo } from "react";
import type { Outcome } from "../../api/types";
import type { Visit } from "../../history/fold";
import type { History } from "../../history/history";
import { OUTCOME, SIGN, WORDS } from "../../words";

interface PickerProps {
  history: History;
  visits: Visit[];
  isRunning: boolean;
  selected: number | undefined;
  onSelect: (frame: number | undefined) => void;
}

interface Group {
  owner: Visit;
  iterations: { frame: number; index: number; outcome: Outcome }[];
}

const STRIP_MAX = 400;

export function IterationPicker({ history, visits, isRunning, selected, onSelect }: PickerProps) {
  const groups = useMemo(() => groupsOf(history, visits, isRunning), [history, visits, isRunning]);
  if (groups.length === 0) return null;
  const path =
    selected === undefined
      ? []
      : history
          .chain(selected)
          .filter((frame) => history.frames.get(frame)?.kind === "iteration")
          .toReversed();
  const around = [undefined, ...path];
  return (
    <nav
      aria-label={WORDS.execution.iteration}
      className="flex max-h-40 flex-col gap-1 overflow-auto border-line border-b px-4 py-1.5 sm:px-6"
    >
      {around.map((above, level) => {
        const here = groups.filter((group) => enclosing(history, group.owner.frame) === above);
        return here.map((group) => (
          <div key={group.owner.id} className="flex flex-wrap items-center gap-2" style={{ paddingLeft: level * 16 }}>
            <span className="font-medium">{group.owner.state}</span>
            <select
              aria-label={`${WORDS.execution.iteration} of ${group.owner.state}`}
              className="h-7 rounded-md border border-line bg-raised px-1"
              value={group.iterations.find((one) => path.includes(one.frame))?.frame ?? ""}
              onChange={(event) => onSelect(event.target.value === "" ? above : Number(event.target.value))}
            >
              <option value="">
                {WORDS.execution.all} {group.iterations.length}
              </option>
              {sorted(group.iterations).map((one) => (
                <option key={one.frame} value={one.frame}>
                  #{one.index} {SIGN[one.outcome]} {OUTCOME[one.outcome]}
                </option>
              ))}
            </select>
            <Counts iterations={group.iterations} />
            <Strip iterations={group.iterations} onSelect={onSelect} />
          </div>
        ));
      })}
    </nav>
  );
}

function Counts({ iterations }: { iterations: Group["iterations"] }) {
  const counts = new Map<Outcome, number>();
  for (const one of iterations) counts.set(one.outcome, (counts.get(one.outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => (
    <span key={outcome} style={{ color: `var(--${outcome})` }}>
      {count.toLocaleString()} {OUTCOME[outcome].toLowerCase()}
    </span>
  ));
}

function Strip({ iterations, onSelect }: { iterations: Group["iterations"]; onSelect: (frame: number) => void }) {
  if (iterations.length > STRIP_MAX) return null;
  return (
    <span className="flex h-4 min-w-24 flex-1 overflow-hidden rounded-sm" aria-hidden>
      {iterations.map((one) => (
        <button
          key={one.frame}
          type="button"
          tabIndex={-1}
          title={`#${one.index} ${OUTCOME[one.outcome]}`}
          className="min-w-px flex-1 border-ground border-r last:border-0"
          style={{ background: `var(--${one.outcome})` }}
          onClick={() => onSelect(one.frame)}
        />
      ))}
    </span>
  );
}

const ORDER: Outcome[] = ["failed", "timed-out", "running", "aborted", "caught", "succeeded"];

/** Those that went wrong first. */
const sorted = (iterations: Group["iterations"]) =>
  iterations.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || a.index - b.index);

/** The iteration around a frame, itself included. */
function enclosing(history: History, frame: number): number | undefined {
  return history.chain(frame).find((one) => history.frames.get(one)?.kind === "iteration");
}

/** The newest visit of each Map in each iteration around it, with its iterations. */
function groupsOf(history: History, visits: Visit[], isRunning: boolean): Group[] {
  const groups = new Map<string, Group>();
  for (const visit of visits) {
    if (visit.type === "Map") groups.set(`${visit.frame}\n${visit.state}`, { owner: visit, iterations: [] });
  }
  const last = new Map<number, Visit>();
  const failed = new Set<number>();
  for (const visit of visits) {
    last.set(visit.frame, visit);
    if (visit.status === "failed" || visit.status === "timed-out")
      for (const frame of history.chain(visit.frame)) failed.add(frame);
  }
  const owners = [...groups.values()];
  for (const frame of history.frames.values()) {
    if (frame.kind !== "iteration") continue;
    const group = owners.findLast((one) => one.owner.frame === frame.parent && one.owner.id < frame.event);
    if (!group) continue;
    const end = last.get(frame.id);
    const isOpen = !end || end.status === "running";
    const ended: Outcome = end?.status === "aborted" || isOpen ? "aborted" : "succeeded";
    const outcome = failed.has(frame.id) ? "failed" : isOpen && isRunning ? "running" : ended;
    group.iterations.push({ frame: frame.id, index: frame.index, outcome });
  }
  return owners.filter((group) => group.iterations.length > 0);
}
