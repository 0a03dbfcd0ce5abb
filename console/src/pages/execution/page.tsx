// One execution: its picture, its times, its states, its events, and the one state that is looked at.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { aws } from "../../api/call";
import type { GraphNode } from "../../api/types";
import { Graph } from "../../graph/graph";
import { byState, firstLook, fold, inIteration } from "../../history/fold";
import { paths } from "../../ui/format";
import {
  Ago,
  Button,
  ButtonLink,
  inputLook,
  Lasting,
  LiveSign,
  PageHead,
  Problem,
  StatusBadge,
  Tabs,
  TextLink,
} from "../../ui/parts";
import { useParams } from "../../ui/query";
import { WORDS } from "../../words";
import { Events } from "./events";
import { IterationPicker } from "./iterations";
import { Replay } from "./replay";
import { StepPanel, type StepTab } from "./step";
import { StopDialog } from "./stop";
import { Timeline } from "./timeline";
import { Tree } from "./tree";
import { useDefinition, useDescribed, useExecutionArn, useHistory } from "./use-execution";

type View = "graph" | "timeline" | "table" | "events";

export function ExecutionPage({ machine, name }: { machine: string; name: string }) {
  const arn = useExecutionArn(machine, name);
  const { history, version, connection } = useHistory(arn);
  const [params, setParams] = useParams();
  const replayed = Number(params.get("ev")) || undefined;
  const upTo = Math.min(replayed ?? Number.POSITIVE_INFINITY, history.last);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the history has grown
  const folded = useMemo(() => fold(history, upTo), [history, version, upTo]);
  const described = useDescribed(arn, history.status, history.last);
  const definition = useDefinition(arn);
  const iteration = params.get("iter") ? Number(params.get("iter")) : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the history has grown
  const inside = useMemo(() => inIteration(history, iteration), [history, version, iteration]);
  const states = useMemo(() => byState(folded.visits, inside), [folded, inside]);
  const chosen = Number(params.get("step")) || undefined;
  const visit =
    folded.visits.find((one) => one.id === chosen) ?? (chosen === undefined ? firstLook(folded) : undefined);
  const view = (params.get("view") as View | null) ?? "graph";
  const [stopping, setStopping] = useState(false);
  const select = (id: number | undefined) => setParams({ step: id?.toString() }, true);
  const now = useNow(folded.status === "RUNNING" && replayed === undefined, folded.at);

  useEffect(() => {
    document.title = `${name} · ${WORDS.product}`;
  }, [name]);

  if (described.error && history.last === 0)
    return <Problem error={described.error} onRetry={() => described.refetch()} />;
  const exportPicture = async () => {
    const layout = definition.data?.layout;
    if (layout) (await import("./export")).exportGraph(layout, states, name);
  };
  const beside = (node: GraphNode) => iterationsOf(history, folded.visits, node);
  const failed = folded.status !== "RUNNING" && folded.status !== "SUCCEEDED" ? firstLook(folded) : undefined;
  return (
    <div className="flex h-full flex-col">
      <PageHead
        title={
          <>
            <TextLink to={paths.machine(machine)}>{machine}</TextLink>
            <span className="mx-1.5 text-quiet">›</span>
            <span className="font-mono text-base">{name}</span>
          </>
        }
        beside={
          <>
            <StatusBadge status={history.last > 0 ? folded.status : "RUNNING"} />
            <span className="text-quiet">
              <Lasting
                from={history.startedAt}
                to={history.stoppedAt ?? (history.last > 0 ? undefined : history.startedAt)}
              />{" "}
              · {folded.visits.length.toLocaleString()} states
              {history.startedAt > 0 && (
                <>
                  {" "}
                  · <Ago at={history.startedAt} />
                </>
              )}
            </span>
          </>
        }
      >
        <LiveSign connection={connection} />
        <ExportMenu
          onHistory={() => arn && import("./export").then((to) => to.exportHistory(arn, name))}
          onGraph={() => exportPicture()}
        />
        <ButtonLink to={paths.start(machine, name)}>{WORDS.execution.again}</ButtonLink>
        {history.status === "RUNNING" ? (
          <Button look="danger" onClick={() => setStopping(true)}>
            {WORDS.execution.stop}
          </Button>
        ) : (
          <RedriveButton
            arn={arn}
            status={described.data?.redriveStatus}
            reason={described.data?.redriveStatusReason}
          />
        )}
      </PageHead>
      {failed && described.data && (described.data.error || folded.status === "TIMED_OUT") && (
        <div
          role="alert"
          className="mx-4 mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-failed-soft px-4 py-2.5 text-failed sm:mx-6"
        >
          <strong>{described.data.error ?? "States.Timeout"}</strong>
          <span>{WORDS.execution.failed(failed.state)}</span>
          {described.data.cause && (
            <span className="line-clamp-2 max-w-full [overflow-wrap:anywhere]">{described.data.cause}</span>
          )}
          <Button className="ml-auto" look="quiet" onClick={() => select(failed.id)}>
            {WORDS.execution.showStep}
          </Button>
        </div>
      )}
      <div className="flex flex-wrap items-center">
        <div className="min-w-0 flex-1">
          <Tabs<View>
            label="View"
            chosen={view}
            onChoose={(chosen) => setParams({ view: chosen === "graph" ? undefined : chosen })}
            tabs={[
              ["graph", WORDS.execution.graph],
              ["timeline", WORDS.execution.timeline],
              ["table", WORDS.execution.table],
              ["events", `${WORDS.execution.events} ${history.last.toLocaleString()}`],
            ]}
          />
        </div>
        <ViewOptions view={view} params={params} setParams={setParams} />
      </div>
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <main className="min-h-80 min-w-0 flex-1 overflow-hidden">
          {view === "graph" && definition.data?.layout && (
            <div className="flex h-full flex-col">
              <IterationPicker
                history={history}
                visits={folded.visits}
                isRunning={folded.status === "RUNNING"}
                selected={iteration}
                onSelect={(frame) => setParams({ iter: frame?.toString(), step: undefined }, true)}
              />
              <div className="min-h-0 flex-1">
                <Graph
                  label={`Graph of ${machine}`}
                  layout={definition.data.layout}
                  statuses={states}
                  moves={iteration === undefined ? folded.moves : undefined}
                  selected={visit?.state}
                  beside={beside}
                  onSelect={(state) => select(states.get(state)?.visit.id)}
                />
              </div>
            </div>
          )}
          {view === "timeline" && (
            <Timeline
              history={history}
              folded={folded}
              now={now}
              isCompressed={params.get("gaps") !== "0"}
              onlyFailures={params.get("failures") === "1"}
              selected={visit?.id}
              onSelect={select}
            />
          )}
          {view === "table" && (
            <Tree
              history={history}
              folded={folded}
              onlyFailures={params.get("failures") === "1"}
              selected={visit?.id}
              onSelect={select}
            />
          )}
          {view === "events" && arn && (
            <Events
              arn={arn}
              history={history}
              version={version}
              upTo={upTo}
              filter={params.get("filter") ?? ""}
              onFilter={(filter) => setParams({ filter })}
            />
          )}
        </main>
        <aside className="h-[32rem] shrink-0 border-line border-t lg:h-auto lg:w-[27rem] lg:border-t-0 lg:border-l xl:w-[32rem]">
          {visit && arn ? (
            <StepPanel
              key={visit.id}
              arn={arn}
              visit={visit}
              visits={folded.visits.filter(inside)}
              definition={definition.data?.definition}
              tab={(params.get("tab") as StepTab | null) ?? undefined}
              onTab={(tab) => setParams({ tab })}
              onVisit={select}
            />
          ) : (
            <p className="p-6 text-quiet">{WORDS.execution.noStep}</p>
          )}
        </aside>
      </div>
      <Replay
        history={history}
        version={version}
        at={replayed}
        onMove={(event) => setParams({ ev: event?.toString() })}
      />
      {stopping && arn && <StopDialog arn={arn} onClose={() => setStopping(false)} />}
    </div>
  );
}

function ViewOptions({
  view,
  params,
  setParams,
}: {
  view: View;
  params: URLSearchParams;
  setParams: (changes: Record<string, string | undefined>) => void;
}) {
  const box = (name: string, words: string, on: boolean, change: (on: boolean) => void) => (
    <label key={name} className="inline-flex items-center gap-1.5 text-quiet">
      <input type="checkbox" checked={on} onChange={(event) => change(event.target.checked)} />
      {words}
    </label>
  );
  const failures = () =>
    box("failures", WORDS.execution.onlyFailures, params.get("failures") === "1", (on) =>
      setParams({ failures: on ? "1" : undefined }),
    );
  if (view === "timeline")
    return (
      <div className="flex gap-4 border-line border-b px-4 py-2 sm:px-6">
        {box("gaps", WORDS.execution.gaps, params.get("gaps") !== "0", (on) =>
          setParams({ gaps: on ? undefined : "0" }),
        )}
        {failures()}
      </div>
    );
  if (view === "table") return <div className="flex gap-4 border-line border-b px-4 py-2 sm:px-6">{failures()}</div>;
  return null;
}

function ExportMenu({ onHistory, onGraph }: { onHistory: () => void; onGraph: () => void }) {
  return (
    <select
      aria-label={WORDS.execution.export}
      className={`${inputLook} font-medium`}
      value=""
      onChange={(event) => (event.target.value === "history" ? onHistory() : onGraph())}
    >
      <option value="" disabled>
        {WORDS.execution.export}
      </option>
      <option value="history">{WORDS.execution.exportHistory}</option>
      <option value="graph">{WORDS.execution.exportGraph}</option>
    </select>
  );
}

function RedriveButton({
  arn,
  status,
  reason,
}: {
  arn: string | undefined;
  status: string | undefined;
  reason: string | undefined;
}) {
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const redrive = async () => {
    setError(undefined);
    try {
      await aws("RedriveExecution", { executionArn: arn, clientToken: crypto.randomUUID() });
      await client.invalidateQueries({ queryKey: ["execution", arn] });
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <>
      <Button disabled={status !== "REDRIVABLE"} title={reason} onClick={redrive}>
        {WORDS.execution.redrive}
      </Button>
      {error !== undefined && <Problem error={error} />}
    </>
  );
}

/** The clock, while something runs; afterwards the moment of the last event. */
function useNow(isRunning: boolean, end: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isRunning]);
  return isRunning ? Math.max(now, end) : end;
}

/** How many iterations a Map has had. */
function iterationsOf(
  history: Parameters<typeof inIteration>[0],
  visits: { id: number; state: string; frame: number }[],
  node: GraphNode,
): string | undefined {
  if (node.kind !== "Map") return undefined;
  const visit = visits.findLast((one) => one.state === node.name);
  if (!visit) return undefined;
  let count = 0;
  for (const frame of history.frames.values())
    if (frame.kind === "iteration" && frame.parent === visit.frame && frame.event > visit.id) count++;
  return count > 0 ? WORDS.execution.pickIteration(count) : undefined;
}
