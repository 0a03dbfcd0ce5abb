// The small parts that pages are made of.
import { type ButtonHTMLAttributes, type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";
import { Refusal } from "../api/call";
import type { Connection } from "../api/stream";
import type { ExecutionRow, Millis, Outcome, Status } from "../api/types";
import { OUTCOME, SIGN, STATUS, TONE, WORDS } from "../words";
import { ago, exact, length, paths } from "./format";

const TONES: Record<Outcome, string> = {
  running: "text-running bg-running-soft",
  succeeded: "text-succeeded bg-succeeded-soft",
  failed: "text-failed bg-failed-soft",
  caught: "text-caught bg-caught-soft",
  aborted: "text-aborted bg-aborted-soft",
  "timed-out": "text-timed-out bg-timed-out-soft",
};

/** An outcome: sign, word and colour. */
export function OutcomeBadge({ outcome, children }: { outcome: Outcome; children?: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 font-medium text-xs whitespace-nowrap ${TONES[outcome]}`}
    >
      <span aria-hidden className={outcome === "running" ? "is-running" : undefined}>
        {SIGN[outcome]}
      </span>
      {children ?? OUTCOME[outcome]}
    </span>
  );
}

/** The status of an execution. */
export function StatusBadge({ status }: { status: Status }) {
  return <OutcomeBadge outcome={TONE[status]}>{STATUS[status]}</OutcomeBadge>;
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { look?: "plain" | "main" | "danger" | "quiet" };

const LOOKS = {
  plain: "border border-line bg-raised hover:border-strong-line",
  main: "bg-accent text-on-accent hover:opacity-90",
  danger: "border border-failed text-failed hover:bg-failed-soft",
  quiet: "text-quiet hover:bg-surface hover:text-text",
};

/** A button. */
export function Button({ look = "plain", className = "", type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`inline-flex h-8 items-center gap-1.5 rounded-md px-3 font-medium disabled:opacity-45 ${LOOKS[look]} ${className}`}
      {...rest}
    />
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  to,
  look = "plain",
  children,
}: {
  to: string;
  look?: keyof typeof LOOKS;
  children: ReactNode;
}) {
  return (
    <Link to={to} className={`inline-flex h-8 items-center gap-1.5 rounded-md px-3 font-medium ${LOOKS[look]}`}>
      {children}
    </Link>
  );
}

/** A link in a text. */
export function TextLink({ to, children, className = "" }: { to: string; children: ReactNode; className?: string }) {
  return (
    <Link to={to} className={`text-accent underline-offset-2 hover:underline ${className}`}>
      {children}
    </Link>
  );
}

/** The head of a page: title, what stands beside it, what can be done. */
export function PageHead({ title, beside, children }: { title: ReactNode; beside?: ReactNode; children?: ReactNode }) {
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-4 pb-3 sm:px-6">
      <h1 className="min-w-0 font-semibold text-xl [overflow-wrap:anywhere]">{title}</h1>
      {beside}
      <div className="ml-auto flex flex-wrap gap-2">{children}</div>
    </header>
  );
}

/** A box with a title. */
export function Panel({
  title,
  beside,
  children,
  className = "",
}: {
  title?: ReactNode;
  beside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`overflow-hidden rounded-lg border border-line bg-raised ${className}`}>
      {title !== undefined && (
        <div className="flex items-center gap-2 border-line border-b px-4 py-2.5">
          <h2 className="font-semibold">{title}</h2>
          <div className="ml-auto text-quiet">{beside}</div>
        </div>
      )}
      {children}
    </section>
  );
}

/** What is said where nothing is. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="px-4 py-8 text-center text-quiet">{children}</p>;
}

/** What went wrong, in the server's words, and a way on. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const code = error instanceof Refusal ? error.code : undefined;
  return (
    <div role="alert" className="m-4 rounded-md border border-failed/40 bg-failed-soft px-4 py-3 text-failed">
      {code && <strong className="mr-2">{code}</strong>}
      <span className="[overflow-wrap:anywhere]">{error instanceof Error ? error.message : String(error)}</span>
      {onRetry && (
        <Button look="quiet" className="ml-3 underline" onClick={onRetry}>
          {WORDS.retry}
        </Button>
      )}
    </div>
  );
}

/** How long ago, the exact time on hover. */
export function Ago({ at }: { at: Millis }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)} className="whitespace-nowrap">
      {ago(at)}
    </time>
  );
}

/** How long something took, or takes: that grows. */
export function Lasting({ from, to }: { from: Millis; to: Millis | undefined }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (to !== undefined) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [to]);
  return <span className="whitespace-nowrap tabular-nums">{length((to ?? Math.max(now, from)) - from)}</span>;
}

const CONNECTIONS: Record<Connection, string> = {
  live: "text-succeeded",
  connecting: "text-quiet",
  lost: "text-failed",
};

/** Whether what is shown is what is. */
export function LiveSign({ connection }: { connection: Connection }) {
  return (
    <span role="status" className={`inline-flex items-center gap-1.5 text-xs ${CONNECTIONS[connection]}`}>
      <span aria-hidden className="size-2 rounded-full bg-current" />
      {WORDS.live[connection]}
    </span>
  );
}

/** Copies a text. */
export function CopyButton({ text, label = WORDS.copy }: { text: string | (() => string); label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setDone(true);
    setTimeout(() => setDone(false), 1200);
  };
  return (
    <Button look="quiet" className="h-7! px-2! text-xs" onClick={copy}>
      {done ? WORDS.copied : label}
    </Button>
  );
}

export const inputLook =
  "h-8 rounded-md border border-line bg-raised px-2.5 placeholder:text-quiet hover:border-strong-line";

/** Rows of executions, as every page shows them. */
export function ExecutionTable({
  rows,
  withMachine = true,
  selected,
  onSelect,
}: {
  rows: ExecutionRow[];
  withMachine?: boolean;
  selected?: ReadonlySet<string>;
  onSelect?: (arn: string, on: boolean) => void;
}) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left">
        <thead className="text-quiet text-xs">
          <tr className="border-line border-b">
            {onSelect && <th className="w-8 py-2 pl-4" />}
            <th className="px-4 py-2 font-medium">Status</th>
            <th className="px-4 py-2 font-medium">Name</th>
            {withMachine && <th className="hidden px-4 py-2 font-medium sm:table-cell">State machine</th>}
            <th className="px-4 py-2 font-medium">Started</th>
            <th className="hidden px-4 py-2 text-right font-medium sm:table-cell">Duration</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.arn} className="border-line border-b last:border-0 hover:bg-surface">
              {onSelect && (
                <td className="pl-4">
                  <input
                    type="checkbox"
                    aria-label={`Select ${row.name}`}
                    checked={selected?.has(row.arn) ?? false}
                    onChange={(event) => onSelect(row.arn, event.target.checked)}
                  />
                </td>
              )}
              <td className="px-4 py-1.5">
                <StatusBadge status={row.status} />
              </td>
              <td className="max-w-36 truncate px-4 py-1.5 font-mono sm:max-w-96 text-xs">
                <TextLink to={paths.execution(row.machine, row.name)}>{row.name}</TextLink>
                {row.redriveCount > 0 && <span className="ml-2 text-quiet">redriven {row.redriveCount}×</span>}
                {(row.alias ?? row.version) !== undefined && (
                  <span className="ml-2 text-quiet">{row.alias ?? `v${row.version}`}</span>
                )}
              </td>
              {withMachine && (
                <td className="hidden max-w-64 truncate px-4 py-1.5 sm:table-cell">
                  <TextLink to={paths.machine(row.machine)}>{row.machine}</TextLink>
                </td>
              )}
              <td className="px-4 py-1.5 text-quiet">
                <Ago at={row.startedAt} />
              </td>
              <td className="hidden px-4 py-1.5 text-right sm:table-cell">
                <Lasting from={row.startedAt} to={row.stoppedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Tabs whose choice stands in the address. */
export function Tabs<T extends string>({
  tabs,
  chosen,
  onChoose,
  label,
}: {
  tabs: [T, ReactNode][];
  chosen: T;
  onChoose: (tab: T) => void;
  label: string;
}) {
  return (
    <div role="tablist" aria-label={label} className="flex gap-1 overflow-x-auto border-line border-b px-4 sm:px-6">
      {tabs.map(([tab, words]) => (
        <button
          key={tab}
          type="button"
          role="tab"
          aria-selected={tab === chosen}
          onClick={() => onChoose(tab)}
          className={`-mb-px whitespace-nowrap border-b-2 px-2.5 py-2 font-medium ${
            tab === chosen ? "border-accent text-text" : "border-transparent text-quiet hover:text-text"
          }`}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
