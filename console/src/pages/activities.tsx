// Activities: what workers poll.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { aws } from "../api/call";
import { Ago, Button, CopyButton, Empty, inputLook, PageHead, Panel, Problem } from "../ui/parts";
import { WORDS } from "../words";

interface Activity {
  activityArn: string;
  name: string;
  creationDate: number;
}

export function ActivitiesPage() {
  const activities = useQuery({
    queryKey: ["activities"],
    queryFn: () => aws<{ activities: Activity[] }>("ListActivities", {}),
  });
  const [name, setName] = useState("");
  const [error, setError] = useState<unknown>();
  const create = async () => {
    setError(undefined);
    try {
      await aws("CreateActivity", { name });
      setName("");
      await activities.refetch();
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <>
      <PageHead title={WORDS.activities.title}>
        <form
          className="flex gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            create();
          }}
        >
          <input
            className={inputLook}
            placeholder={WORDS.activities.name}
            aria-label={WORDS.activities.name}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" disabled={name === ""}>
            {WORDS.activities.create}
          </Button>
        </form>
      </PageHead>
      {(error ?? activities.error) !== undefined && (error ?? activities.error) !== null && (
        <Problem error={error ?? activities.error} />
      )}
      <Panel className="mx-4 sm:mx-6">
        {activities.data?.activities.length === 0 && <Empty>{WORDS.activities.none}</Empty>}
        {activities.data?.activities.map((activity) => (
          <div
            key={activity.activityArn}
            className="flex flex-wrap items-center gap-3 border-line border-b px-4 py-2 last:border-0"
          >
            <strong>{activity.name}</strong>
            <span className="truncate font-mono text-quiet text-xs">{activity.activityArn}</span>
            <CopyButton text={activity.activityArn} label="Copy ARN" />
            <span className="ml-auto text-quiet">
              <Ago at={activity.creationDate * 1000} />
            </span>
          </div>
        ))}
      </Panel>
    </>
  );
}
