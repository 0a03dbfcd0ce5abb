// What waits for a person: the question as the workflow asked it, and an answer.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { aws, read } from "../api/call";
import { useStream } from "../api/stream";
import type { InboxTask } from "../api/types";
import { ago, exact, paths } from "../ui/format";
import { JsonView } from "../ui/json-view";
import { Ago, Button, CopyButton, Empty, inputLook, LiveSign, PageHead, Panel, Problem, TextLink } from "../ui/parts";
import { useParam } from "../ui/query";
import { WORDS } from "../words";

interface Page {
  tasks: InboxTask[];
  next?: string;
}

export function InboxPage() {
  const client = useQueryClient();
  const inbox = useInfiniteQuery({
    queryKey: ["inbox", "pages"],
    queryFn: ({ pageParam }) => read<Page>("inbox", { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: 15_000,
  });
  const connection = useStream({ list: 1 }, "executions", () => inbox.refetch());
  const [chosen, setChosen] = useParam("task");
  const tasks = inbox.data?.pages.flatMap((page) => page.tasks) ?? [];
  const task = tasks.find((one) => one.taskToken === chosen) ?? tasks[0];
  return (
    <>
      <PageHead title={WORDS.inbox.title} beside={<LiveSign connection={connection} />} />
      {inbox.error && <Problem error={inbox.error} onRetry={() => inbox.refetch()} />}
      {inbox.isSuccess && tasks.length === 0 ? (
        <Empty>{WORDS.inbox.none}</Empty>
      ) : (
        <div className="grid gap-4 px-4 pb-6 sm:px-6 lg:grid-cols-[20rem_1fr]">
          <Panel className="self-start">
            <ul aria-label={WORDS.inbox.title}>
              {tasks.map((one) => (
                <li key={one.taskToken}>
                  <button
                    type="button"
                    aria-current={one === task}
                    onClick={() => setChosen(one.taskToken)}
                    className={`w-full border-line border-b px-4 py-2.5 text-left ${one === task ? "bg-accent-soft" : "hover:bg-surface"}`}
                  >
                    <span className="block truncate font-medium">{one.state}</span>
                    <span className="flex text-quiet text-xs">
                      <span className="truncate">{one.machine}</span>
                      <span className="ml-auto">
                        <Ago at={one.since} />
                      </span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {inbox.hasNextPage && (
              <Button look="quiet" className="w-full" onClick={() => inbox.fetchNextPage()}>
                {WORDS.more}
              </Button>
            )}
          </Panel>
          {task && (
            <TaskView
              key={task.taskToken}
              task={task}
              onAnswered={() => client.invalidateQueries({ queryKey: ["inbox"] })}
              onTaken={(token) => {
                setChosen(token);
                inbox.refetch();
              }}
            />
          )}
        </div>
      )}
    </>
  );
}

/** An activity task in its queue: nobody may answer it before somebody has taken it. */
function Queued({ activity, onTaken }: { activity: string; onTaken: (token: string) => void }) {
  const [problem, setProblem] = useState<unknown>();
  const take = async () => {
    setProblem(undefined);
    try {
      const taken = await aws<{ taskToken?: string }>("GetActivityTask", {
        activityArn: activity,
        workerName: "console",
      });
      if (taken.taskToken) onTaken(taken.taskToken);
    } catch (refused) {
      setProblem(refused);
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-3 border-line border-t px-4 py-3">
      <span className="text-quiet">{WORDS.inbox.queued}</span>
      <Button onClick={take}>{WORDS.inbox.take}</Button>
      {problem !== undefined && <Problem error={problem} />}
    </div>
  );
}

interface TaskViewProps {
  task: InboxTask;
  onAnswered: () => void;
  onTaken: (token: string) => void;
}

function TaskView({ task, onAnswered, onTaken }: TaskViewProps) {
  const [output, setOutput] = useState('{\n  "approved": true\n}');
  const [error, setError] = useState("Rejected");
  const [cause, setCause] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const [isDone, setDone] = useState(false);
  const fault = useMemo(() => {
    try {
      JSON.parse(output);
      return undefined;
    } catch (why) {
      return why instanceof Error ? why.message : String(why);
    }
  }, [output]);
  const answer = async (operation: string, input: object) => {
    setProblem(undefined);
    try {
      await aws(operation, { taskToken: task.taskToken, ...input });
      setDone(true);
      onAnswered();
    } catch (refused) {
      setProblem(refused);
    }
  };
  return (
    <Panel
      title={task.state}
      beside={
        <span>
          {task.kind === "token" ? WORDS.inbox.token : WORDS.inbox.activity} · {WORDS.inbox.since} {ago(task.since)}
          {task.due !== undefined && (
            <span title={exact(task.due)}>
              {" "}
              · {WORDS.inbox.due} {exact(task.due)}
            </span>
          )}
        </span>
      }
    >
      <div className="flex flex-wrap items-center gap-3 border-line border-b px-4 py-2 text-quiet">
        <TextLink to={paths.execution(task.machine, task.name)}>
          {task.machine} › {task.name}
        </TextLink>
        <span className="font-mono text-xs">{task.resource}</span>
        <CopyButton label="Copy token" text={task.taskToken} />
      </div>
      <JsonView value={task.input} label={WORDS.step.input} />
      {task.kind === "activity" && !task.isStarted && !isDone ? (
        <Queued activity={task.resource} onTaken={onTaken} />
      ) : isDone ? (
        <p role="status" className="border-line border-t px-4 py-3 text-succeeded">
          {WORDS.inbox.done}
        </p>
      ) : (
        <div className="grid gap-4 border-line border-t p-4 md:grid-cols-2">
          <form
            className="flex flex-col gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              answer("SendTaskSuccess", { output });
            }}
          >
            <label className="flex flex-col gap-1">
              {WORDS.inbox.output}
              <textarea
                className={`${inputLook} h-28 py-1.5 font-mono text-xs`}
                value={output}
                onChange={(event) => setOutput(event.target.value)}
              />
            </label>
            {fault && <span className="text-failed">{fault}</span>}
            <Button look="main" type="submit" className="self-start" disabled={fault !== undefined}>
              {WORDS.inbox.approve}
            </Button>
          </form>
          <form
            className="flex flex-col gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              answer("SendTaskFailure", { error: error || undefined, cause: cause || undefined });
            }}
          >
            <label className="flex flex-col gap-1">
              {WORDS.inbox.error}
              <input
                className={inputLook}
                value={error}
                maxLength={256}
                onChange={(event) => setError(event.target.value)}
              />
            </label>
            <label className="flex flex-col gap-1">
              {WORDS.inbox.cause}
              <input className={inputLook} value={cause} onChange={(event) => setCause(event.target.value)} />
            </label>
            <Button look="danger" type="submit" className="self-start">
              {WORDS.inbox.reject}
            </Button>
          </form>
          {problem !== undefined && (
            <div className="md:col-span-2">
              <Problem error={problem} />
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}
