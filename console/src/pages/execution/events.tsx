// The history event by event. What an event carries is asked for when it is opened.
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { read } from "../../api/call";
import type { HistoryEvent } from "../../api/types";
import type { History } from "../../history/history";
import { clock, exact } from "../../ui/format";
import { JsonView } from "../../ui/json-view";
import { inputLook, Problem } from "../../ui/parts";
import { WORDS } from "../../words";

interface EventsProps {
  arn: string;
  history: History;
  version: number;
  upTo: number;
  filter: string;
  onFilter: (text: string) => void;
}

const BAD = /(Failed|TimedOut|Aborted)$/;

export function Events({ arn, history, version, upTo, filter, onFilter }: EventsProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the history has grown
  const ids = useMemo(() => filtered(history, upTo, filter), [history, version, upTo, filter]);
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => (ids[index] === open ? 320 : 30),
    getItemKey: (index) => ids[index] ?? index,
    overscan: 16,
  });
  return (
    <div className="flex h-full flex-col">
      <div className="border-line border-b px-3 py-2">
        <input
          className={`${inputLook} w-full max-w-md`}
          placeholder={WORDS.execution.filterEvents}
          aria-label={WORDS.execution.filterEvents}
          value={filter}
          onChange={(event) => onFilter(event.target.value)}
        />
        <span className="ml-3 text-quiet">{ids.length.toLocaleString()}</span>
      </div>
      <div ref={scroll} className="min-h-0 flex-1 overflow-auto" role="list" aria-label="Events">
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const id = ids[item.index] ?? 0;
            const type = history.types[id - 1] ?? "";
            const error = history.error[id - 1];
            return (
              <div
                key={id}
                ref={virtual.measureElement}
                data-index={item.index}
                role="listitem"
                className="absolute inset-x-0 border-line border-b"
                style={{ top: item.start }}
              >
                <button
                  type="button"
                  className="flex h-[29px] w-full items-center gap-3 px-3 text-left hover:bg-surface"
                  aria-expanded={id === open}
                  onClick={() => setOpen(id === open ? undefined : id)}
                >
                  <span className="w-12 shrink-0 text-right text-quiet tabular-nums">{id}</span>
                  <time
                    className="hidden w-28 shrink-0 text-quiet tabular-nums sm:block"
                    title={exact(history.at[id - 1] ?? 0)}
                  >
                    {clock(history.at[id - 1] ?? 0)}
                  </time>
                  <span className={`w-48 shrink-0 truncate ${BAD.test(type) ? "text-failed" : ""}`}>{type}</span>
                  <span className="truncate">{history.state[id - 1]}</span>
                  {error && <span className="truncate text-failed">{error}</span>}
                </button>
                {id === open && <Opened arn={arn} id={id} />}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Ids of the events that a filter keeps; words must all occur in type, state or error. */
function filtered(history: History, upTo: number, filter: string): number[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const ids: number[] = [];
  for (let index = 0; index < Math.min(history.last, upTo); index++) {
    if (words.length > 0) {
      const text = `${history.types[index]} ${history.state[index] ?? ""} ${history.error[index] ?? ""}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
    }
    ids.push(index + 1);
  }
  return ids;
}

function Opened({ arn, id }: { arn: string; id: number }) {
  const event = useQuery({
    queryKey: ["event", arn, id],
    queryFn: () =>
      read<{ events: HistoryEvent[] }>(`executions/${encodeURIComponent(arn)}/events`, { from: id, limit: 1 }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (event.error) return <Problem error={event.error} />;
  return (
    <div className="max-h-96 overflow-auto bg-surface pl-12">
      {event.data ? (
        <JsonView value={event.data.events[0]} label={`Event ${id}`} />
      ) : (
        <p className="p-3 text-quiet">{WORDS.loading}</p>
      )}
    </div>
  );
}
