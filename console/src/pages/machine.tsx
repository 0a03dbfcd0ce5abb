// One state machine: its executions, its definition with its picture, its versions and aliases.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask, aws, read } from "../api/call";
import type { Analysis, Found } from "../api/types";
import { Graph } from "../graph/graph";
import { length, paths } from "../ui/format";
import { LazyEditor } from "../ui/lazy-editor";
import { Ago, ButtonLink, CopyButton, Empty, PageHead, Panel, Problem, Tabs } from "../ui/parts";
import { useParam } from "../ui/query";
import { WORDS } from "../words";
import { useMeta } from "./execution/use-execution";
import { ExecutionList } from "./executions";

type Tab = "executions" | "definition" | "versions";

interface MachineDescription {
  stateMachineArn: string;
  name: string;
  definition: string;
  type: "STANDARD" | "EXPRESS";
  status: string;
  creationDate: number;
  roleArn: string;
  loggingConfiguration?: { level?: string };
  revisionId?: string;
}

export function useMachine(name: string) {
  const meta = useMeta().data;
  const arn = meta && `arn:${meta.partition}:states:${meta.region}:${meta.account}:stateMachine:${name}`;
  return useQuery({
    queryKey: ["machine", arn],
    queryFn: () => aws<MachineDescription>("DescribeStateMachine", { stateMachineArn: arn }),
    enabled: arn !== undefined,
  });
}

export function MachinePage({ name }: { name: string }) {
  const machine = useMachine(name);
  const [tab, setTab] = useParam("tab");
  const chosen = (tab as Tab | undefined) ?? "executions";
  useEffect(() => {
    document.title = `${name} · ${WORDS.product}`;
  }, [name]);
  if (machine.error) return <Problem error={machine.error} onRetry={() => machine.refetch()} />;
  return (
    <div className="flex min-h-full flex-col">
      <PageHead
        title={name}
        beside={
          machine.data && (
            <span className="text-quiet">
              {machine.data.type === "EXPRESS" ? "Express" : "Standard"} · created{" "}
              <Ago at={machine.data.creationDate * 1000} />
              {machine.data.status === "DELETING" && " · being deleted"}
            </span>
          )
        }
      >
        {machine.data && <CopyButton text={machine.data.stateMachineArn} label="Copy ARN" />}
        <ButtonLink look="main" to={paths.start(name)}>
          {WORDS.machine.start}
        </ButtonLink>
      </PageHead>
      <Tabs<Tab>
        label={name}
        chosen={chosen}
        onChoose={(tab) => setTab(tab === "executions" ? undefined : tab)}
        tabs={[
          ["executions", WORDS.machine.executions],
          ["definition", WORDS.machine.definition],
          ["versions", WORDS.machine.versions],
        ]}
      />
      {chosen === "executions" && (
        <>
          <Statistics name={name} />
          <ExecutionList machine={name} />
        </>
      )}
      {chosen === "definition" && machine.data && <Definition machine={machine.data} />}
      {chosen === "versions" && machine.data && <Versions arn={machine.data.stateMachineArn} />}
    </div>
  );
}

function Definition({ machine }: { machine: MachineDescription }) {
  const [mark, setMark] = useState<{ from: number; to: number }>();
  const analysis = useQuery({
    queryKey: ["analysis", machine.definition],
    queryFn: () => ask<Analysis>("analyze", { text: machine.definition, type: machine.type }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const show = (state: string) => {
    const from = machine.definition.indexOf(JSON.stringify(state));
    if (from >= 0) setMark({ from, to: from + state.length + 2 });
  };
  return (
    <div className="grid min-h-[34rem] flex-1 lg:grid-cols-2">
      <div className="min-h-80">
        {analysis.data?.layout && (
          <Graph label={`Graph of ${machine.name}`} layout={analysis.data.layout} onSelect={show} />
        )}
      </div>
      <div className="flex min-h-80 flex-col border-line border-t lg:border-t-0 lg:border-l">
        <div className="flex items-center border-line border-b px-3 py-1">
          <span className="text-quiet">
            {analysis.data?.diagnostics.length ? `${analysis.data.diagnostics.length} remarks` : ""}
          </span>
          <span className="ml-auto">
            <CopyButton text={machine.definition} />
          </span>
        </div>
        <div className="relative min-h-0 flex-1">
          <div className="absolute inset-0">
            <LazyEditor
              value={machine.definition}
              label={WORDS.machine.definition}
              mark={mark}
              diagnostics={analysis.data?.diagnostics}
            />
          </div>
        </div>
      </div>
    </div>
  );
}

/** How the newest runs went, in numbers. */
function Statistics({ name }: { name: string }) {
  const found = useQuery({
    queryKey: ["statistics", name],
    queryFn: () => read<Found>("executions", { machine: name, limit: 200 }),
  });
  const rows = found.data?.executions ?? [];
  if (rows.length === 0) return <div className="pt-3" />;
  const ended = rows.filter((row) => row.stoppedAt !== undefined);
  const lengths = ended.map((row) => (row.stoppedAt ?? 0) - row.startedAt).toSorted((a, b) => a - b);
  const at = (share: number) => lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))];
  const good = ended.filter((row) => row.status === "SUCCEEDED").length;
  const facts: [string, string][] = [
    ["succeeded", ended.length > 0 ? `${((good / ended.length) * 100).toFixed(good === ended.length ? 0 : 1)} %` : "–"],
    ["median", lengths.length > 0 ? length(at(0.5) ?? 0) : "–"],
    ["p95", lengths.length > 0 ? length(at(0.95) ?? 0) : "–"],
    ["running", String(rows.filter((row) => row.status === "RUNNING").length)],
  ];
  return (
    <div className="flex flex-wrap gap-x-8 px-4 py-4 sm:px-6">
      <dl className="flex flex-wrap gap-x-8 gap-y-1" aria-label={WORDS.machine.statistics}>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt className="text-quiet text-xs">{term}</dt>
            <dd className="font-semibold text-lg tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <span className="self-end text-quiet text-xs">{WORDS.machine.statistics}</span>
    </div>
  );
}

interface VersionList {
  stateMachineVersions: { stateMachineVersionArn: string; creationDate: number }[];
}
interface AliasList {
  stateMachineAliases: { stateMachineAliasArn: string; creationDate: number }[];
}
interface AliasDescription {
  name: string;
  description?: string;
  routingConfiguration: { stateMachineVersionArn: string; weight: number }[];
}

function Versions({ arn }: { arn: string }) {
  const versions = useQuery({
    queryKey: ["versions", arn],
    queryFn: () => aws<VersionList>("ListStateMachineVersions", { stateMachineArn: arn }),
  });
  const aliases = useQuery({
    queryKey: ["aliases", arn],
    queryFn: async () => {
      const list = await aws<AliasList>("ListStateMachineAliases", { stateMachineArn: arn });
      return Promise.all(
        list.stateMachineAliases.map((one) =>
          aws<AliasDescription>("DescribeStateMachineAlias", { stateMachineAliasArn: one.stateMachineAliasArn }),
        ),
      );
    },
  });
  const problem = versions.error ?? aliases.error;
  if (problem) return <Problem error={problem} />;
  const number = (text: string) => text.split(":").at(-1);
  return (
    <div className="grid gap-4 p-4 sm:px-6 lg:grid-cols-2">
      <Panel title="Aliases">
        {aliases.data?.length === 0 && <Empty>{WORDS.machine.noVersions}</Empty>}
        {aliases.data?.map((alias) => (
          <div key={alias.name} className="border-line border-b px-4 py-2 last:border-0">
            <strong>{alias.name}</strong> <span className="text-quiet">{alias.description}</span>
            <div className="mt-1 flex h-5 overflow-hidden rounded">
              {alias.routingConfiguration.map((route, at) => (
                <span
                  key={route.stateMachineVersionArn}
                  className={`px-2 text-xs leading-5 ${at === 0 ? "bg-accent text-on-accent" : "bg-running-soft text-running"}`}
                  style={{ width: `${route.weight}%` }}
                >
                  v{number(route.stateMachineVersionArn)} {route.weight} %
                </span>
              ))}
            </div>
          </div>
        ))}
      </Panel>
      <Panel title="Versions">
        {versions.data?.stateMachineVersions.length === 0 && <Empty>{WORDS.machine.noVersions}</Empty>}
        {versions.data?.stateMachineVersions.map((version) => (
          <div key={version.stateMachineVersionArn} className="flex border-line border-b px-4 py-2 last:border-0">
            <strong>v{number(version.stateMachineVersionArn)}</strong>
            <span className="ml-auto text-quiet">
              <Ago at={version.creationDate * 1000} />
            </span>
          </div>
        ))}
      </Panel>
    </div>
  );
}
