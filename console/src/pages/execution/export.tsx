// What can be taken away: the history as the AWS API gives it, the picture as SVG with its colours inside.
import { renderToStaticMarkup } from "react-dom/server.browser";
import { aws } from "../../api/call";
import type { Layout } from "../../api/types";
import { Drawing, type NodeStatus } from "../../graph/graph";

/** Saves a text as a file. */
export function save(name: string, type: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** All events, as GetExecutionHistory answers. */
export async function exportHistory(arn: string, name: string) {
  const events: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const page: { events: unknown[]; nextToken?: string } = await aws("GetExecutionHistory", {
      executionArn: arn,
      maxResults: 1000,
      nextToken,
    });
    events.push(...page.events);
    nextToken = page.nextToken;
  } while (nextToken);
  save(`${name}.history.json`, "application/json", `${JSON.stringify({ events }, null, 2)}\n`);
}

/** The picture with the statuses on it; colours of the page stand in it as values. */
export function exportGraph(layout: Layout, statuses: ReadonlyMap<string, NodeStatus>, name: string) {
  const colors = getComputedStyle(document.documentElement);
  const markup = renderToStaticMarkup(
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={layout.width}
      height={layout.height}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      fontFamily="system-ui, sans-serif"
      fontSize={13}
    >
      <rect width={layout.width} height={layout.height} fill="var(--ground)" />
      <Drawing layout={layout} statuses={statuses} />
    </svg>,
  );
  const svg = markup.replace(/var\((--[a-z-]+)\)/g, (_, variable: string) => colors.getPropertyValue(variable).trim());
  save(`${name}.svg`, "image/svg+xml", svg);
}
