// Two executions beside each other, state by state: where they first went different ways.
import { useQuery } from "@tanstack/react-query";
import { read } from "../api/call";
import type { Columns } from "../api/types";
import { fold, type Visit } from "../history/fold";
import { History } from "../history/history";
import { length, namesIn, paths } from "../ui/format";
import { Empty, OutcomeBadge, PageHead, Panel, Problem, StatusBadge, TextLink } from "../ui/parts";
import { useParams } from "../ui/query";
import { WORDS } from "../words";
import { aligned } from "./align";

function useVisits(arn: string | null) {
  return useQuery({
    queryKey: ["compare", arn],
    enabled: arn !== null,
    queryFn: async () => {
      const columns = await read<Columns>(`executions/${encodeURIComponent(arn ?? "")}/index`);
      const history = new History();
      history.append(columns);
      return { status: columns.status, folded: fold(history) };
    },
  });
}

export function ComparePage() {
  const [params] = useParams();
  const [a, b] = [params.get("a"), params.get("b")];
  const [left, right] = [useVisits(a), useVisits(b)];
  if (!a || !b) return <Empty>{WORDS.compare.pick}</Empty>;
  const problem = left.error ?? right.error;
  if (problem) return <Problem error={problem} />;
  if (!left.data || !right.data) return <Empty>{WORDS.loading}</Empty>;
  const pairs = aligned(left.data.folded.visits, right.data.folded.visits);
  const first = pairs.findIndex(([one, other]) => !one || !other || one.status !== other.status);
  const head = (arn: string, status: (typeof left.data)["status"]) => {
    const { machine, name } = namesIn(arn);
    return (
      <span className="flex items-center gap-2">
        <StatusBadge status={status} />
        <TextLink to={paths.execution(machine, name)} className="truncate font-mono text-xs">
          {machine} › {name}
        </TextLink>
      </span>
    );
  };
  return (
    <>
      <PageHead
        title={WORDS.compare.title}
        beside={first < 0 && <span className="text-succeeded">{WORDS.compare.same}</span>}
      />
      <Panel className="mx-4 mb-6 sm:mx-6">
        <table className="w-full table-fixed text-left">
          <thead>
            <tr className="border-line border-b">
              <th className="px-4 py-2 font-normal">{head(a, left.data.status)}</th>
              <th className="px-4 py-2 font-normal">{head(b, right.data.status)}</th>
            </tr>
          </thead>
          <tbody>
            {pairs.map(([one, other], at) => (
              <tr
                key={`${one?.id}.${other?.id}`}
                className={`border-line border-b ${at === first ? "bg-caught-soft" : ""}`}
              >
                <Side visit={one} note={at === first ? WORDS.compare.first : undefined} />
                <Side visit={other} />
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </>
  );
}

function Side({ visit, note }: { visit: Visit | undefined; note?: string | undefined }) {
  return (
    <td className="px-4 py-1.5">
      {note && <strong className="mr-2 text-caught">{note}</strong>}
      {visit ? (
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{visit.state}</span>
          <OutcomeBadge outcome={visit.status} />
          <span className="text-quiet tabular-nums">{visit.to !== undefined && length(visit.to - visit.from)}</span>
          {visit.error && <span className="text-failed">{visit.error}</span>}
        </span>
      ) : (
        <span className="text-quiet">—</span>
      )}
    </td>
  );
}
