// All state machines, with how their newest runs went.
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { read } from "../api/call";
import { useStream } from "../api/stream";
import type { Machine } from "../api/types";
import { length, paths } from "../ui/format";
import { Ago, ButtonLink, Empty, inputLook, LiveSign, PageHead, Panel, Problem, TextLink } from "../ui/parts";
import { useParam } from "../ui/query";
import { STATUS, TONE, WORDS } from "../words";

export function MachinesPage() {
  const [filter, setFilter] = useParam("filter");
  const machines = useQuery({ queryKey: ["machines"], queryFn: () => read<{ machines: Machine[] }>("machines") });
  const connection = useStream({ list: 1 }, "executions", () => machines.refetch());
  const shown =
    machines.data?.machines.filter((machine) => machine.name.toLowerCase().includes((filter ?? "").toLowerCase())) ??
    [];
  return (
    <>
      <PageHead title={WORDS.machines.title} beside={<LiveSign connection={connection} />}>
        <input
          type="search"
          className={`${inputLook} w-56`}
          placeholder={WORDS.machines.filter}
          aria-label={WORDS.machines.filter}
          value={filter ?? ""}
          onChange={(event) => setFilter(event.target.value)}
        />
      </PageHead>
      <Panel className="mx-4 mb-6 sm:mx-6">
        {machines.error && <Problem error={machines.error} onRetry={() => machines.refetch()} />}
        {machines.isSuccess && shown.length === 0 && <Empty>{WORDS.empty}</Empty>}
        <table className="w-full text-left">
          <tbody>
            {shown.map((machine) => (
              <tr key={machine.arn} className="border-line border-b last:border-0 hover:bg-surface">
                <td className="max-w-0 px-4 py-2.5 sm:w-2/5">
                  <TextLink to={paths.machine(machine.name)} className="block truncate font-medium">
                    {machine.name}
                  </TextLink>
                  <span className="text-quiet text-xs">
                    {machine.type === "EXPRESS" ? "Express" : "Standard"}
                    {machine.status === "DELETING" && " · being deleted"}
                  </span>
                </td>
                <td className="px-2 py-2.5">
                  <Dots machine={machine} />
                </td>
                <td className="hidden px-4 py-2.5 text-right text-quiet md:table-cell">{typical(machine)}</td>
                <td className="hidden px-4 py-2.5 text-right text-quiet sm:table-cell">
                  {machine.recent[0] && <Ago at={machine.recent[0].startedAt} />}
                </td>
                <td className="hidden px-4 py-2.5 text-right sm:table-cell">
                  <ButtonLink to={paths.start(machine.name)}>{WORDS.machines.start}</ButtonLink>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </>
  );
}

/** The newest runs, the newest at the right. */
function Dots({ machine }: { machine: Machine }) {
  return (
    <span role="group" aria-label={WORDS.machines.recent} className="flex gap-0.5">
      {machine.recent
        .slice(0, 12)
        .toReversed()
        .map((run) => (
          <Link
            key={run.arn}
            to={paths.execution(run.machine, run.name)}
            title={`${STATUS[run.status]} · ${run.name}`}
            className={`h-5 w-1.5 rounded-sm hover:opacity-70 ${run.status === "RUNNING" ? "is-running" : ""}`}
            style={{ background: `var(--${TONE[run.status]})` }}
          />
        ))}
    </span>
  );
}

/** The median length of the newest runs. */
function typical(machine: Machine): string {
  const lengths = machine.recent
    .flatMap((run) => (run.stoppedAt === undefined ? [] : [run.stoppedAt - run.startedAt]))
    .toSorted((a, b) => a - b);
  const middle = lengths[Math.floor(lengths.length / 2)];
  return middle === undefined ? "" : `median ${length(middle)}`;
}
