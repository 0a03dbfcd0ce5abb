// One visit of a state in full: what came in, what was done with it, what went out.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { read } from "../../api/call";
import type { Attempt, Outcome, Step } from "../../api/types";
import type { Visit } from "../../history/fold";
import { exact, length } from "../../ui/format";
import { JsonView } from "../../ui/json-view";
import { LazyEditor } from "../../ui/lazy-editor";
import { Empty, Lasting, OutcomeBadge, Problem, Tabs } from "../../ui/parts";
import { WORDS } from "../../words";

export type StepTab = "input" | "output" | "stages" | "variables" | "attempts" | "definition";

interface StepProps {
  arn: string;
  visit: Visit;
  visits: Visit[];
  definition: string | undefined;
  tab: StepTab | undefined;
  onTab: (tab: StepTab) => void;
  onVisit: (id: number) => void;
}

export function StepPanel({ arn, visit, visits, definition, tab, onTab, onVisit }: StepProps) {
  const step = useQuery({
    queryKey: ["step", arn, visit.id, visit.status, visit.tries.length],
    queryFn: () => read<Step>(`executions/${encodeURIComponent(arn)}/steps/${visit.id}`),
    placeholderData: (before, query) => (query?.queryKey[2] === visit.id ? before : undefined),
    staleTime: visit.to === undefined ? 0 : Number.POSITIVE_INFINITY,
  });
  const chosen = tab ?? (visit.status === "failed" ? "input" : visit.to === undefined ? "input" : "output");
  const same = visits.filter((other) => other.state === visit.state);
  return (
    <section aria-label={visit.state} className="flex h-full min-h-0 flex-col bg-raised">
      <header className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-2">
        <h2 className="min-w-0 font-semibold text-base [overflow-wrap:anywhere]">{visit.state}</h2>
        <OutcomeBadge outcome={visit.status} />
        <span className="text-quiet">
          {visit.type} · <Lasting from={visit.from} to={visit.to} />
        </span>
        {same.length > 1 && (
          <label className="ml-auto text-quiet">
            {WORDS.step.visits}{" "}
            <select
              className="h-7 rounded-md border border-line bg-raised px-1 text-text"
              value={visit.id}
              onChange={(event) => onVisit(Number(event.target.value))}
            >
              {same.map((other, at) => (
                <option key={other.id} value={other.id}>
                  {at + 1}/{same.length} {other.status}
                </option>
              ))}
            </select>
          </label>
        )}
      </header>
      {step.data?.error && (
        <p
          className={`mx-4 mb-2 rounded-md px-3 py-2 ${visit.status === "caught" ? "bg-caught-soft text-caught" : "bg-failed-soft text-failed"}`}
        >
          <strong>{step.data.error}</strong>
          {step.data.cause && (
            <span className="mt-0.5 block max-h-40 overflow-auto whitespace-pre-wrap [overflow-wrap:anywhere]">
              {step.data.cause}
            </span>
          )}
        </p>
      )}
      <Tabs<StepTab>
        label="Step"
        chosen={chosen}
        onChoose={onTab}
        tabs={[
          ["input", WORDS.step.input],
          ["output", WORDS.step.output],
          ["stages", WORDS.step.stages],
          ["variables", WORDS.step.variables],
          ["attempts", `${WORDS.step.attempts}${visit.tries.length > 1 ? ` ${visit.tries.length}` : ""}`],
          ["definition", WORDS.step.definition],
        ]}
      />
      <div role="tabpanel" aria-label={chosen} className="min-h-0 flex-1 overflow-auto">
        {step.error && <Problem error={step.error} onRetry={() => step.refetch()} />}
        {step.data && <Content step={step.data} tab={chosen} definition={definition} />}
      </div>
    </section>
  );
}

function Content({ step, tab, definition }: { step: Step; tab: StepTab; definition: string | undefined }) {
  switch (tab) {
    case "input":
      return <JsonView key={step.entered} value={step.input} label={WORDS.step.input} />;
    case "output":
      return step.output === undefined ? (
        <Empty>{step.status === "running" ? WORDS.step.running : WORDS.empty}</Empty>
      ) : (
        <JsonView key={step.entered} value={step.output} label={WORDS.step.output} />
      );
    case "stages":
      return step.stages.map((stage, at) => (
        <details key={stage.name + at} open className="border-line border-b">
          <summary className="px-4 py-2 font-medium">
            <span className="mr-2 text-quiet">{at + 1}</span>
            {stage.name}
            {stage.isMadeAgain && <span className="ml-2 font-normal text-quiet">{WORDS.step.madeAgain}</span>}
          </summary>
          <JsonView value={stage.value} label={stage.name} />
        </details>
      ));
    case "variables":
      return <Variables step={step} />;
    case "attempts":
      return step.attempts.length === 0 ? (
        <Empty>{WORDS.step.noAttempts}</Empty>
      ) : (
        step.attempts.map((attempt, at) => <AttemptView key={attempt.scheduled} attempt={attempt} number={at + 1} />)
      );
    case "definition":
      return <DefinitionOf state={step.state} definition={definition} />;
  }
}

function Variables({ step }: { step: Step }) {
  const names = [...new Set([...Object.keys(step.variables), ...Object.keys(step.assigned)])];
  if (names.length === 0) return <Empty>{WORDS.step.noVariables}</Empty>;
  return names.map((name) => (
    <details key={name} open className="border-line border-b">
      <summary className="px-4 py-2 font-mono text-xs">
        ${name}{" "}
        {name in step.assigned && (
          <span className="ml-2 rounded bg-accent-soft px-1.5 text-accent">{WORDS.step.assigned}</span>
        )}
      </summary>
      <JsonView value={name in step.assigned ? step.assigned[name] : step.variables[name]} label={name} />
    </details>
  ));
}

function AttemptView({ attempt, number }: { attempt: Attempt; number: number }) {
  return (
    <div className="border-line border-b px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-quiet">#{number}</span>
        <OutcomeBadge outcome={attempt.outcome as Outcome} />
        <time className="text-quiet" title={exact(attempt.at)}>
          {exact(attempt.at)}
        </time>
        {attempt.endedAt !== undefined && <span className="text-quiet">{length(attempt.endedAt - attempt.at)}</span>}
        {attempt.retryAt !== undefined && attempt.endedAt !== undefined && (
          <span className="text-caught">
            {WORDS.step.nextAttempt} +{length(attempt.retryAt - attempt.endedAt)}
          </span>
        )}
      </div>
      {attempt.error && (
        <p className="mt-1 text-failed">
          <strong>{attempt.error}</strong>
          {attempt.cause && (
            <span className="block max-h-32 overflow-auto whitespace-pre-wrap [overflow-wrap:anywhere]">
              {attempt.cause}
            </span>
          )}
        </p>
      )}
      {attempt.parameters !== undefined && (
        <details>
          <summary className="py-1 text-quiet">Sent</summary>
          <JsonView value={attempt.parameters} label="Sent" />
        </details>
      )}
      {attempt.result !== undefined && (
        <details>
          <summary className="py-1 text-quiet">Result</summary>
          <JsonView value={attempt.result} label="Result" />
        </details>
      )}
    </div>
  );
}

function DefinitionOf({ state, definition }: { state: string; definition: string | undefined }) {
  const mark = useMemo(() => {
    const at = definition?.indexOf(`${JSON.stringify(state)}:`) ?? -1;
    const found =
      at >= 0
        ? at
        : (definition?.search(new RegExp(`${JSON.stringify(state).replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*:`)) ??
          -1);
    return found >= 0 ? { from: found, to: found + state.length + 2 } : undefined;
  }, [state, definition]);
  if (definition === undefined) return <Empty>{WORDS.loading}</Empty>;
  return <LazyEditor value={definition} label={WORDS.step.definition} mark={mark} />;
}
