// Searching executions of all state machines, and doing something with several of them.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { aws, read } from "../api/call";
import { useStream } from "../api/stream";
import type { ExecutionRow, Found, Status } from "../api/types";
import { Button, Empty, ExecutionTable, inputLook, LiveSign, PageHead, Panel, Problem } from "../ui/parts";
import { useParams } from "../ui/query";
import { STATUS, WORDS } from "../words";

/** A list that stays up to date; `machine` narrows it to one. */
export function ExecutionList({ machine }: { machine?: string }) {
  const [params, setParams] = useParams();
  const [text, setText] = useState(params.get("text") ?? "");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const filters = {
    machine,
    status: params.get("status") ?? undefined,
    text: params.get("text") ?? undefined,
    from: since(params.get("since")),
  };
  const found = useInfiniteQuery({
    queryKey: ["executions", machine, params.get("status"), params.get("text"), params.get("since")],
    queryFn: ({ pageParam }) => read<Found>("executions", { ...filters, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const connection = useStream({ list: 1 }, "executions", () => found.refetch());
  useEffect(() => {
    const timer = setTimeout(() => setParams({ text }), 250);
    return () => clearTimeout(timer);
  }, [text, setParams]);
  const rows = found.data?.pages.flatMap((page) => page.executions) ?? [];
  const scanned = found.data?.pages.reduce((sum, page) => sum + page.scanned, 0) ?? 0;
  const select = (arn: string, on: boolean) => {
    const next = new Set(selected);
    if (on) next.add(arn);
    else next.delete(arn);
    setSelected(next);
  };
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3 sm:px-6">
        <input
          type="search"
          className={`${inputLook} w-full sm:w-80`}
          placeholder={WORDS.executions.search}
          aria-label={WORDS.executions.search}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <select
          aria-label="Status"
          className={inputLook}
          value={params.get("status") ?? ""}
          onChange={(event) => setParams({ status: event.target.value })}
        >
          <option value="">{WORDS.executions.any}</option>
          {(Object.keys(STATUS) as Status[]).map((status) => (
            <option key={status} value={status}>
              {STATUS[status]}
            </option>
          ))}
        </select>
        <select
          aria-label={WORDS.executions.from}
          className={inputLook}
          value={params.get("since") ?? ""}
          onChange={(event) => setParams({ since: event.target.value })}
        >
          <option value="">Any time</option>
          <option value="1h">Last hour</option>
          <option value="24h">Last 24 hours</option>
          <option value="7d">Last 7 days</option>
        </select>
        <span className="ml-auto">
          <LiveSign connection={connection} />
        </span>
      </div>
      {selected.size > 0 && (
        <Bulk
          rows={rows.filter((row) => selected.has(row.arn))}
          onDone={() => found.refetch()}
          onClear={() => setSelected(new Set())}
        />
      )}
      <Panel className="mx-4 mb-6 sm:mx-6">
        {found.error && <Problem error={found.error} onRetry={() => found.refetch()} />}
        {rows.length > 0 && (
          <ExecutionTable rows={rows} withMachine={machine === undefined} selected={selected} onSelect={select} />
        )}
        {found.isSuccess && rows.length === 0 && <Empty>{WORDS.executions.none}</Empty>}
        {found.hasNextPage && (
          <div className="flex items-center gap-3 border-line border-t px-4 py-2">
            <Button onClick={() => found.fetchNextPage()} disabled={found.isFetchingNextPage}>
              {WORDS.more}
            </Button>
            <span className="text-quiet">{WORDS.executions.scanned(scanned)}</span>
          </div>
        )}
      </Panel>
    </>
  );
}

export function ExecutionsPage() {
  return (
    <>
      <PageHead title={WORDS.executions.title} />
      <ExecutionList />
    </>
  );
}

const HOURS: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168 };

function since(text: string | null): number | undefined {
  const hours = HOURS[text ?? ""];
  // Whole minutes, so that asking again is the same question.
  return hours && Math.floor(Date.now() / 60_000) * 60_000 - hours * 3_600_000;
}

interface Result {
  row: ExecutionRow;
  words: string;
  isOk: boolean;
}

/** Something for all that are selected: what cannot take part is said before, what became of each after. */
function Bulk({ rows, onDone, onClear }: { rows: ExecutionRow[]; onDone: () => void; onClear: () => void }) {
  const [results, setResults] = useState<Result[]>();
  const [isBusy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const run = async (operation: "StopExecution" | "RedriveExecution", fits: (row: ExecutionRow) => boolean) => {
    setBusy(true);
    const told: Result[] = rows
      .filter((row) => !fits(row))
      .map((row) => ({ row, words: `skipped: ${STATUS[row.status].toLowerCase()}`, isOk: true }));
    for (const row of rows.filter(fits)) {
      try {
        await aws(operation, { executionArn: row.arn });
        told.push({ row, words: "done", isOk: true });
      } catch (error) {
        told.push({ row, words: error instanceof Error ? error.message : String(error), isOk: false });
      }
      setResults([...told]);
    }
    setResults(told);
    setBusy(false);
    onDone();
  };
  const running = rows.filter((row) => row.status === "RUNNING").length;
  const ended = rows.filter(
    (row) => row.status === "FAILED" || row.status === "TIMED_OUT" || row.status === "ABORTED",
  ).length;
  const two = rows.length === 2;
  return (
    <div className="mx-4 mb-3 rounded-md border border-accent bg-accent-soft px-3 py-2 sm:mx-6">
      <div className="flex flex-wrap items-center gap-2">
        <strong>{WORDS.executions.selected(rows.length)}</strong>
        <Button
          disabled={isBusy || running === 0}
          onClick={() => run("StopExecution", (row) => row.status === "RUNNING")}
        >
          {WORDS.executions.stopAll} ({running} of {rows.length})
        </Button>
        <Button
          disabled={isBusy || ended === 0}
          onClick={() => run("RedriveExecution", (row) => row.status !== "RUNNING" && row.status !== "SUCCEEDED")}
        >
          {WORDS.executions.redriveAll} ({ended} of {rows.length})
        </Button>
        <Button
          disabled={!two}
          onClick={() =>
            navigate(`/compare?a=${encodeURIComponent(rows[0]?.arn ?? "")}&b=${encodeURIComponent(rows[1]?.arn ?? "")}`)
          }
        >
          {WORDS.executions.compare}
        </Button>
        <Button look="quiet" className="ml-auto" onClick={onClear}>
          {WORDS.cancel}
        </Button>
      </div>
      {results && (
        <ul className="mt-2 max-h-40 overflow-auto font-mono text-xs" aria-label="Results">
          {results.map((result) => (
            <li key={result.row.arn} className={result.isOk ? "" : "text-failed"}>
              {result.row.name}: {result.words}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
