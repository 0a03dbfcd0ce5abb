// Visits as a table: a tree of containers, branches and iterations.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { Fold } from "../../history/fold";
import type { History } from "../../history/history";
import { length } from "../../ui/format";
import { Lasting, OutcomeBadge } from "../../ui/parts";
import { rows } from "./scopes";

const ROW = 34;

interface TreeProps {
  history: History;
  folded: Fold;
  onlyFailures: boolean;
  selected: number | undefined;
  onSelect: (visit: number) => void;
}

export function Tree({ history, folded, onlyFailures, selected, onSelect }: TreeProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => rows(history, folded.visits, closed, onlyFailures),
    [history, folded, closed, onlyFailures],
  );
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const toggle = (key: string) => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  return (
    <div ref={scroll} className="h-full overflow-auto">
      <div className="sticky top-0 z-10 grid grid-cols-[minmax(10rem,1fr)_7rem] gap-2 border-line border-b bg-ground px-3 py-1.5 text-quiet text-xs sm:grid-cols-[minmax(14rem,1fr)_6rem_7rem_6rem_6rem_4rem]">
        <span>State</span>
        <span className="hidden sm:block">Type</span>
        <span>Status</span>
        <span className="hidden text-right sm:block">Started after</span>
        <span className="hidden text-right sm:block">Duration</span>
        <span className="hidden text-right sm:block">Attempts</span>
      </div>
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = shown[item.index];
          if (!row) return null;
          const { visit } = row;
          return (
            <div
              key={row.key}
              className={`absolute inset-x-0 grid grid-cols-[minmax(10rem,1fr)_7rem] items-center gap-2 border-line border-b px-3 sm:grid-cols-[minmax(14rem,1fr)_6rem_7rem_6rem_6rem_4rem] ${visit && visit.id === selected ? "bg-accent-soft" : "hover:bg-surface"}`}
              style={{ top: item.start, height: ROW }}
            >
              <span className="flex min-w-0 items-center gap-1" style={{ paddingLeft: row.depth * 16 }}>
                {row.hasInside ? (
                  <button
                    type="button"
                    aria-label={closed.has(row.key) ? "Open" : "Close"}
                    className="size-6 shrink-0 text-quiet"
                    onClick={() => toggle(row.key)}
                  >
                    {closed.has(row.key) ? "▸" : "▾"}
                  </button>
                ) : (
                  <span className="w-6 shrink-0" />
                )}
                {visit ? (
                  <button
                    type="button"
                    className="truncate font-medium hover:underline"
                    onClick={() => onSelect(visit.id)}
                  >
                    {visit.state}
                  </button>
                ) : (
                  <span className={row.frame?.failed ? "text-failed" : "text-quiet"}>{row.frame?.label}</span>
                )}
              </span>
              {visit && (
                <>
                  <span className="hidden text-quiet sm:block">{visit.type}</span>
                  <span>
                    <OutcomeBadge outcome={visit.status} />
                  </span>
                  <span className="hidden text-right text-quiet tabular-nums sm:block">
                    {length(visit.from - history.startedAt)}
                  </span>
                  <span className="hidden text-right sm:block">
                    <Lasting from={visit.from} to={visit.to} />
                  </span>
                  <span className="hidden text-right tabular-nums sm:block">{visit.tries.length || ""}</span>
                </>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
