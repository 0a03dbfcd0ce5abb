// How things are: the last day, what failed, what waits, what is new.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { aws, read } from "../api/call";
import { useStream } from "../api/stream";
import type { Counts, Found, InboxTask, Machine, Status } from "../api/types";
import { exact, namesIn, paths } from "../ui/format";
import {
  Ago,
  Button,
  Empty,
  ExecutionTable,
  LiveSign,
  PageHead,
  Panel,
  Problem,
  StatusBadge,
  TextLink,
} from "../ui/parts";
import { SAMPLE, STATUS, TONE, WORDS } from "../words";

const EVERY = 10_000;

export function HomePage() {
  const client = useQueryClient();
  const counts = useQuery({ queryKey: ["counts"], queryFn: () => read<Counts>("counts"), refetchInterval: EVERY });
  const recent = useQuery({ queryKey: ["recent"], queryFn: () => read<Found>("executions", { limit: 12 }) });
  const inbox = useQuery({
    queryKey: ["inbox"],
    queryFn: () => read<{ tasks: InboxTask[]; next?: string }>("inbox"),
    refetchInterval: EVERY,
  });
  const machines = useQuery({ queryKey: ["machines"], queryFn: () => read<{ machines: Machine[] }>("machines") });
  const connection = useStream({ list: 1 }, "executions", () => {
    recent.refetch();
    client.invalidateQueries({ queryKey: ["inbox"] });
    client.invalidateQueries({ queryKey: ["counts"] });
  });
  if (machines.data?.machines.length === 0) return <FirstRun />;
  return (
    <>
      <PageHead title={WORDS.home.title} beside={<LiveSign connection={connection} />} />
      <div className="grid gap-4 px-4 pb-6 sm:px-6 xl:grid-cols-3">
        <Panel className="xl:col-span-3">
          {counts.error && <Problem error={counts.error} />}
          {counts.data && <Day counts={counts.data} />}
        </Panel>
        <Panel title={WORDS.home.failures} className="xl:col-span-2">
          {counts.data?.failures.length === 0 && <Empty>{WORDS.home.noFailures}</Empty>}
          <ul>
            {counts.data?.failures.map((group) => (
              <li
                key={group.machine + group.error}
                className="flex items-center gap-3 border-line border-b px-4 py-2 last:border-0"
              >
                <span className="w-10 text-right font-semibold text-failed tabular-nums">{group.count}×</span>
                <span className="min-w-0 flex-1 truncate">
                  <strong>{group.error || "no error name"}</strong> <span className="text-quiet">in</span>{" "}
                  <TextLink to={paths.machine(group.machine)}>{group.machine}</TextLink>
                </span>
                <TextLink to={paths.execution(group.machine, namesIn(group.example).name)}>
                  <Ago at={group.lastAt} />
                </TextLink>
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title={WORDS.home.waiting} beside={<TextLink to="/inbox">{WORDS.nav.inbox}</TextLink>}>
          {inbox.data?.tasks.length === 0 && <Empty>{WORDS.inbox.none}</Empty>}
          <ul>
            {inbox.data?.tasks.slice(0, 6).map((task) => (
              <li key={task.taskToken} className="flex items-center gap-2 border-line border-b px-4 py-2 last:border-0">
                <span className="min-w-0 flex-1 truncate">
                  <TextLink to={paths.execution(task.machine, task.name)}>{task.state}</TextLink>{" "}
                  <span className="text-quiet">{task.machine}</span>
                </span>
                <span className="text-quiet">
                  <Ago at={task.since} />
                </span>
              </li>
            ))}
          </ul>
        </Panel>
        <Panel
          title={WORDS.home.recent}
          className="xl:col-span-3"
          beside={<TextLink to="/executions">{WORDS.nav.executions}</TextLink>}
        >
          {recent.data && recent.data.executions.length > 0 ? (
            <ExecutionTable rows={recent.data.executions} />
          ) : (
            <Empty>{WORDS.empty}</Empty>
          )}
        </Panel>
      </div>
    </>
  );
}

/** Counts and a bar for each half hour. */
function Day({ counts }: { counts: Counts }) {
  const all = Object.keys(STATUS) as Status[];
  const totals = counts.buckets.map((bucket) => all.reduce((sum, status) => sum + (bucket.counts[status] ?? 0), 0));
  const most = Math.max(1, ...totals);
  return (
    <div className="p-4">
      <div className="mb-3 flex flex-wrap gap-x-6 gap-y-2">
        {all.map((status) =>
          (counts.counts[status] ?? 0) > 0 || status === "RUNNING" || status === "FAILED" || status === "SUCCEEDED" ? (
            <TextLink
              key={status}
              to={`/executions?status=${status}`}
              className="flex items-center gap-2 no-underline!"
            >
              <span className="font-semibold text-2xl text-text tabular-nums">
                {(counts.counts[status] ?? 0).toLocaleString()}
              </span>
              <StatusBadge status={status} />
            </TextLink>
          ) : null,
        )}
        {!counts.complete && <span className="self-center text-quiet">{WORDS.home.incomplete}</span>}
      </div>
      <div role="img" aria-label={WORDS.home.started} className="flex h-20 items-end gap-0.5">
        {counts.buckets.map((bucket, at) => (
          <div
            key={bucket.from}
            title={`${exact(bucket.from)}: ${totals[at]}`}
            className="flex h-full flex-1 flex-col-reverse overflow-hidden rounded-sm bg-lane"
          >
            {all.map((status) => {
              const count = bucket.counts[status] ?? 0;
              return count > 0 ? (
                <div
                  key={status}
                  style={{ height: `max(2px, ${(count / most) * 100}%)`, background: `var(--${TONE[status]})` }}
                />
              ) : null;
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The first page of an empty server. */
function FirstRun() {
  const [error, setError] = useState<unknown>();
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const sample = async () => {
    try {
      const made = await aws<{ stateMachineArn: string }>("CreateStateMachine", {
        name: "sample-order",
        definition: JSON.stringify(SAMPLE, null, 2),
        roleArn: "arn:aws:iam::000000000000:role/sample",
      });
      const started = await aws<{ executionArn: string }>("StartExecution", {
        stateMachineArn: made.stateMachineArn,
        input: '{"orderId":"S-1","total":250}',
      });
      await client.invalidateQueries({ queryKey: ["machines"] });
      const { machine, name } = namesIn(started.executionArn);
      navigate(paths.execution(machine, name));
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <div className="mx-auto max-w-xl px-4 py-16">
      <h1 className="font-semibold text-2xl">{WORDS.home.firstTitle}</h1>
      <p className="my-4 text-quiet">{WORDS.home.firstText}</p>
      <Button look="main" onClick={sample}>
        {WORDS.home.sample}
      </Button>
      <pre className="mt-6 overflow-x-auto rounded-lg border border-line bg-surface p-4 font-mono text-xs leading-6">
        {`stepwell deploy order.asl.json\nstepwell start order --input @order.json --follow`}
      </pre>
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}
