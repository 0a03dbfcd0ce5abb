// Starting an execution: an input that is checked while it is written, earlier inputs at hand, and the same as a command.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { aws, read } from "../api/call";
import type { Found } from "../api/types";
import { namesIn, paths } from "../ui/format";
import { JsonView } from "../ui/json-view";
import { LazyEditor } from "../ui/lazy-editor";
import { Ago, Button, CopyButton, inputLook, OutcomeBadge, PageHead, Panel, Problem, StatusBadge } from "../ui/parts";
import { useParam } from "../ui/query";
import { TONE, WORDS } from "../words";
import { type Described, useExecutionArn } from "./execution/use-execution";
import { useMachine } from "./machine";

interface SyncResult {
  status: string;
  output?: string;
  error?: string;
  cause?: string;
}

export function StartPage({ machine: machineName }: { machine: string }) {
  const machine = useMachine(machineName);
  const [from] = useParam("from");
  const [input, setInput] = useState("{}");
  const [name, setName] = useState("");
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const [result, setResult] = useState<SyncResult>();
  const [, navigate] = useLocation();
  const source = useExecutionArn(machineName, from ?? "");
  const isExpress = machine.data?.type === "EXPRESS";

  useEffect(() => {
    if (!from || !source) return;
    aws<Described>("DescribeExecution", { executionArn: source }).then(
      (found) => setInput(pretty(found.input ?? "{}")),
      setError,
    );
  }, [from, source]);

  const fault = useMemo(() => {
    try {
      JSON.parse(input);
      return undefined;
    } catch (why) {
      return why instanceof Error ? why.message : String(why);
    }
  }, [input]);

  const start = async () => {
    setSending(true);
    setError(undefined);
    const request = { stateMachineArn: machine.data?.stateMachineArn, input, name: name || undefined };
    try {
      if (isExpress) setResult(await aws<SyncResult>("StartSyncExecution", request));
      else {
        const started = await aws<{ executionArn: string }>("StartExecution", request);
        const at = namesIn(started.executionArn);
        navigate(paths.execution(at.machine, at.name));
      }
    } catch (why) {
      setError(why);
    }
    setSending(false);
  };

  return (
    <div className="flex h-full flex-col">
      <PageHead title={WORDS.start.title} beside={<span className="text-quiet">{machineName}</span>}>
        <Button look="main" disabled={fault !== undefined || isSending || !machine.data} onClick={start}>
          {WORDS.start.start}
        </Button>
      </PageHead>
      {(machine.error ?? error) !== undefined && (machine.error ?? error) !== null && (
        <Problem error={machine.error ?? error} />
      )}
      <div className="grid min-h-0 flex-1 gap-4 px-4 pb-6 sm:px-6 lg:grid-cols-[1fr_22rem]">
        <div className="flex min-h-96 flex-col gap-3">
          <label className="flex items-center gap-2">
            {WORDS.start.name}
            <input
              className={`${inputLook} flex-1 font-mono`}
              value={name}
              maxLength={80}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <Panel
            title={WORDS.start.input}
            className="flex min-h-72 flex-1 flex-col"
            beside={fault && <span className="text-failed">{WORDS.start.invalid(fault)}</span>}
          >
            <div className="relative min-h-60 flex-1">
              <div className="absolute inset-0">
                <LazyEditor value={input} onChange={setInput} label={WORDS.start.input} />
              </div>
            </div>
          </Panel>
          {result && (
            <Panel
              title="Result"
              beside={
                <OutcomeBadge outcome={TONE[result.status as keyof typeof TONE] ?? "running"}>
                  {result.status}
                </OutcomeBadge>
              }
            >
              {result.error && (
                <p className="px-4 py-2 text-failed">
                  <strong>{result.error}</strong> {result.cause}
                </p>
              )}
              {result.output && <JsonView value={JSON.parse(result.output)} label="Result" />}
            </Panel>
          )}
        </div>
        <div className="flex flex-col gap-4">
          {isExpress ? (
            <p className="text-quiet">{WORDS.start.sync}</p>
          ) : (
            <Recent machine={machineName} onPick={setInput} />
          )}
          <Command machine={machineName} name={name} input={input} isValid={fault === undefined} />
        </div>
      </div>
    </div>
  );
}

/** Inputs of the newest executions. */
function Recent({ machine, onPick }: { machine: string; onPick: (input: string) => void }) {
  const recent = useQuery({
    queryKey: ["recent-inputs", machine],
    queryFn: () => read<Found>("executions", { machine, limit: 8 }),
  });
  const pick = async (arn: string) => {
    const found = await aws<Described>("DescribeExecution", { executionArn: arn });
    onPick(pretty(found.input ?? "{}"));
  };
  return (
    <Panel title={WORDS.start.recent}>
      <ul>
        {recent.data?.executions.map((row) => (
          <li key={row.arn}>
            <button
              type="button"
              className="flex w-full items-center gap-2 border-line border-b px-3 py-1.5 text-left hover:bg-surface"
              onClick={() => pick(row.arn)}
            >
              <StatusBadge status={row.status} />
              <span className="truncate font-mono text-xs">{row.name}</span>
              <span className="ml-auto text-quiet text-xs">
                <Ago at={row.startedAt} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Command({
  machine,
  name,
  input,
  isValid,
}: {
  machine: string;
  name: string;
  input: string;
  isValid: boolean;
}) {
  const compact = isValid ? JSON.stringify(JSON.parse(input)) : input;
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const text = `stepwell start ${machine}${name ? ` --name ${quote(name)}` : ""} --input ${quote(compact)} --follow`;
  return (
    <Panel title={WORDS.start.command} beside={<CopyButton text={text} />}>
      <pre className="max-h-48 overflow-auto whitespace-pre-wrap px-4 py-3 font-mono text-xs [overflow-wrap:anywhere]">
        {text}
      </pre>
    </Panel>
  );
}

/** Indented, if nothing is lost by it. */
function pretty(text: string): string {
  try {
    const shown = JSON.stringify(JSON.parse(text), null, 2);
    return JSON.stringify(JSON.parse(shown)).length === text.replace(/\s/g, "").length || text.includes(" ")
      ? shown
      : text;
  } catch {
    return text;
  }
}
