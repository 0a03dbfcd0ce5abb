// When each visit was, beside each other: tries as bars, backoff and waits between them. Hours in which nothing happened are shortened.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import type { Fold, Visit } from "../../history/fold";
import type { History } from "../../history/history";
import { length } from "../../ui/format";
import { OUTCOME, SIGN } from "../../words";
import { compressed, type Scale } from "./scale";
import { rows } from "./scopes";

const ROW = 30;

interface TimelineProps {
  history: History;
  folded: Fold;
  now: number;
  isCompressed: boolean;
  onlyFailures: boolean;
  selected: number | undefined;
  onSelect: (visit: number) => void;
}

const NONE: ReadonlySet<string> = new Set();

export function Timeline({ history, folded, now, isCompressed, onlyFailures, selected, onSelect }: TimelineProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => rows(history, folded.visits, NONE, onlyFailures), [history, folded, onlyFailures]);
  const scale = useMemo(
    () => compressed(history.startedAt, now, times(folded, now), isCompressed),
    [history, folded, now, isCompressed],
  );
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  return (
    <div ref={scroll} className="h-full overflow-auto" role="list" aria-label="Timeline">
      <div className="sticky top-0 z-10 flex border-line border-b bg-ground text-quiet text-xs">
        <div className="w-44 shrink-0 px-3 py-1.5 sm:w-72">State</div>
        <div className="relative h-7 min-w-40 flex-1">
          {scale.ticks.map((tick) => (
            <span
              key={tick.at}
              className="absolute top-1.5 -translate-x-1/2 whitespace-nowrap first:translate-x-0"
              style={{ left: `${scale.x(tick.at) * 100}%` }}
            >
              +{length(tick.at - history.startedAt)}
            </span>
          ))}
        </div>
      </div>
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = shown[item.index];
          if (!row) return null;
          return (
            <div
              key={row.key}
              role="listitem"
              className="absolute inset-x-0 flex"
              style={{ top: item.start, height: ROW }}
            >
              {row.visit ? (
                <button
                  type="button"
                  onClick={() => row.visit && onSelect(row.visit.id)}
                  aria-current={row.visit.id === selected}
                  className={`flex min-w-0 flex-1 text-left hover:bg-surface ${row.visit.id === selected ? "bg-accent-soft" : ""}`}
                >
                  <span
                    className="flex w-44 shrink-0 items-center gap-1.5 truncate px-3 sm:w-72"
                    style={{ paddingLeft: 12 + row.depth * 14 }}
                  >
                    <span aria-hidden style={{ color: `var(--${row.visit.status})` }}>
                      {SIGN[row.visit.status]}
                    </span>
                    <span className="truncate">{row.visit.state}</span>
                    <span className="sr-only">{OUTCOME[row.visit.status]}</span>
                  </span>
                  <span className="relative min-w-40 flex-1">
                    {scale.gaps.map((gap) => (
                      <span
                        key={gap.from}
                        className="absolute inset-y-0 border-strong-line border-x border-dashed bg-lane"
                        style={{
                          left: `${scale.x(gap.from) * 100}%`,
                          width: `${(scale.x(gap.to) - scale.x(gap.from)) * 100}%`,
                        }}
                      />
                    ))}
                    <Bars visit={row.visit} scale={scale} now={now} />
                  </span>
                </button>
              ) : (
                <span
                  className="flex items-center truncate px-3 text-quiet text-xs"
                  style={{ paddingLeft: 12 + row.depth * 14 }}
                >
                  {row.frame?.label}
                </span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Bars({ visit, scale, now }: { visit: Visit; scale: Scale; now: number }) {
  const place = (from: number, to: number) => ({
    left: `${scale.x(from) * 100}%`,
    width: `max(3px, ${(scale.x(to) - scale.x(from)) * 100}%)`,
  });
  const end = visit.to ?? now;
  return (
    <>
      <span
        className="absolute top-3 h-1.5 rounded-full opacity-30"
        style={{ ...place(visit.from, end), background: `var(--${visit.status})` }}
      />
      {visit.tries.map((tried) => (
        <span key={tried.event}>
          <span
            title={`${OUTCOME[tried.outcome]}${tried.error ? ` ${tried.error}` : ""}, ${length((tried.to ?? now) - tried.from)}`}
            className={`absolute top-1.5 h-4 rounded-sm ${tried.outcome === "running" ? "is-running" : ""}`}
            style={{ ...place(tried.from, tried.to ?? now), background: `var(--${tried.outcome})` }}
          />
          {tried.retryAt !== undefined && tried.to !== undefined && (
            <span
              title={`backoff ${length(tried.retryAt - tried.to)}`}
              className="absolute top-2.5 h-2 rounded-sm opacity-70"
              style={{
                ...place(tried.to, Math.min(tried.retryAt, end)),
                background: "repeating-linear-gradient(135deg, var(--caught) 0 3px, transparent 3px 6px)",
              }}
            />
          )}
        </span>
      ))}
      {visit.tries.length === 0 && (
        <span
          title={`${visit.state}, ${length(end - visit.from)}`}
          className={`absolute top-1.5 h-4 rounded-sm ${visit.status === "running" ? "is-running" : ""}`}
          style={{ ...place(visit.from, end), background: `var(--${visit.status})` }}
        />
      )}
    </>
  );
}

/** Every moment at which something happened. */
function times(folded: Fold, now: number): number[] {
  const all = folded.visits.flatMap((visit) => [
    visit.from,
    visit.to ?? now,
    ...visit.tries.flatMap((tried) => [tried.from, tried.to ?? now]),
  ]);
  return all.toSorted((a, b) => a - b);
}
