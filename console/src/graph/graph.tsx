// The picture of a definition: coordinates from the server, statuses laid over it here. Drag to move, wheel or keys to zoom.
import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type WheelEvent,
} from "react";
import type { GraphNode, Layout, Outcome } from "../api/types";
import { OUTCOME, SIGN } from "../words";

export interface NodeStatus {
  status: Outcome;
  visits: number;
}

interface GraphProps {
  layout: Layout;
  statuses?: ReadonlyMap<string, NodeStatus>;
  moves?: ReadonlyMap<string, number>;
  selected?: string;
  onSelect?: (name: string) => void;
  /** What stands at the right of a container's title. */
  beside?: (node: GraphNode) => string | undefined;
  label: string;
}

const CONTAINERS = new Set(["Parallel", "Map", "DistributedMap"]);
const SIGNS: Record<string, string> = {
  Pass: "→",
  Task: "⚙",
  Choice: "◇",
  Wait: "◴",
  Succeed: "●",
  Fail: "✕",
  Parallel: "∥",
  Map: "⟳",
  DistributedMap: "⧉",
};
const SMALLEST = 0.08;
const LARGEST = 3;

interface View {
  x: number;
  y: number;
  zoom: number;
}

export function Graph({ layout, statuses, moves, selected, onSelect, beside, label }: GraphProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ x: 0, y: 0, zoom: 1 });
  const drag = useRef<{ x: number; y: number; view: View } | null>(null);

  const fitAll = useCallback(() => {
    const room = frame.current?.getBoundingClientRect();
    if (!room || room.width === 0) return;
    const zoom = Math.min(1, room.width / layout.width, room.height / layout.height);
    const readable = Math.max(zoom, 0.35);
    setView({
      zoom: readable,
      x: (room.width - layout.width * readable) / 2,
      y: zoom < readable ? 8 : Math.max(0, (room.height - layout.height * readable) / 2),
    });
  }, [layout]);
  useLayoutEffect(fitAll, [fitAll]);
  useEffect(() => {
    const observer = new ResizeObserver(fitAll);
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, [fitAll]);

  const zoomAt = (x: number, y: number, factor: number) =>
    setView((view) => {
      const zoom = Math.min(LARGEST, Math.max(SMALLEST, view.zoom * factor));
      const ratio = zoom / view.zoom;
      return { zoom, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
    });
  const zoomMiddle = (factor: number) => {
    const room = frame.current?.getBoundingClientRect();
    if (room) zoomAt(room.width / 2, room.height / 2, factor);
  };
  const onWheel = (event: WheelEvent) => {
    const room = frame.current?.getBoundingClientRect();
    if (!room) return;
    if (event.ctrlKey || event.metaKey)
      zoomAt(event.clientX - room.left, event.clientY - room.top, Math.exp(-event.deltaY / 300));
    else setView((view) => ({ ...view, x: view.x - event.deltaX, y: view.y - event.deltaY }));
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest("[data-node]")) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, view };
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current;
    if (from)
      setView({ ...from.view, x: from.view.x + event.clientX - from.x, y: from.view.y + event.clientY - from.y });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "+" || event.key === "=") zoomMiddle(1.2);
    else if (event.key === "-") zoomMiddle(1 / 1.2);
    else if (event.key === "0") fitAll();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: moving and zooming; all that it shows can be reached by keyboard
    <div
      ref={frame}
      className="relative h-full min-h-64 touch-none select-none overflow-hidden bg-ground"
      onWheel={onWheel}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        drag.current = null;
      }}
      onKeyDown={onKeyDown}
    >
      <svg width="100%" height="100%" role="group" aria-label={label} className="block">
        <g transform={`translate(${view.x} ${view.y}) scale(${view.zoom})`} fontSize={13}>
          <Drawing
            layout={layout}
            statuses={statuses}
            moves={moves}
            selected={selected}
            onSelect={onSelect}
            beside={beside}
          />
        </g>
      </svg>
      <div className="absolute right-3 bottom-3 flex overflow-hidden rounded-md border border-line bg-raised">
        {(
          [
            ["Zoom in", "+", () => zoomMiddle(1.25)],
            ["Zoom out", "−", () => zoomMiddle(0.8)],
            ["Fit", "⤢", fitAll],
          ] as const
        ).map(([name, sign, act]) => (
          <button
            key={name}
            type="button"
            aria-label={name}
            title={name}
            className="size-8 text-quiet hover:bg-surface hover:text-text"
            onClick={act}
          >
            {sign}
          </button>
        ))}
      </div>
    </div>
  );
}

type DrawingProps = Omit<GraphProps, "label">;

/** The elements of the picture, without a frame. */
export function Drawing({ layout, statuses, moves, selected, onSelect, beside }: DrawingProps) {
  const isContainer = (node: GraphNode) => CONTAINERS.has(node.kind);
  const taken = (from: string, to: string) => moves?.get(`${from}\n${to}`);
  const node = (one: GraphNode) => (
    <Box
      key={one.name + one.kind}
      node={one}
      status={statuses?.get(one.name)}
      isSelected={one.name === selected && one.kind !== "Start" && one.kind !== "End"}
      onSelect={onSelect}
      beside={beside?.(one)}
      isDim={statuses !== undefined && statuses.size > 0 && !statuses.has(one.name)}
    />
  );
  return (
    <>
      {layout.nodes.filter(isContainer).map((container) => (
        <g key={container.name}>
          {node(container)}
          {layout.lanes
            .filter((lane) => layout.nodes[lane.owner] === container)
            .map((lane) => (
              <rect
                key={lane.branch}
                x={lane.x}
                y={lane.y}
                width={lane.width}
                height={lane.height}
                rx={6}
                fill="var(--lane)"
                stroke="var(--line)"
                strokeDasharray="4 4"
                pointerEvents="none"
              />
            ))}
        </g>
      ))}
      {layout.edges.map((edge, at) => {
        const [from, to] = [layout.nodes[edge.from]?.name ?? "", layout.nodes[edge.to]?.name ?? ""];
        const times = taken(from, to);
        const isQuiet = moves !== undefined && moves.size > 0 && times === undefined;
        const color = times !== undefined ? "var(--text)" : edge.kind === "catch" ? "var(--caught)" : "var(--quiet)";
        return (
          <g key={at} opacity={isQuiet ? 0.55 : 1} pointerEvents="none">
            <path
              d={edge.path}
              fill="none"
              stroke={color}
              strokeWidth={times !== undefined ? 2 : 1.3}
              strokeDasharray={edge.kind === "catch" ? "5 3" : undefined}
            />
            <path d={edge.arrow} fill={color} />
          </g>
        );
      })}
      {layout.nodes.filter((one) => !isContainer(one)).map(node)}
      {layout.edges.map(
        (edge, at) =>
          edge.label && (
            <g key={at}>
              <title>{edge.text}</title>
              <rect
                x={edge.label.x - edge.label.width / 2}
                y={edge.label.y - edge.label.height / 2}
                width={edge.label.width}
                height={edge.label.height}
                rx={4}
                fill="var(--ground)"
              />
              <text
                x={edge.label.x}
                y={edge.label.y + 4}
                fontSize={11}
                textAnchor="middle"
                fill={edge.kind === "catch" ? "var(--caught)" : "var(--quiet)"}
              >
                {edge.label.text}
              </text>
            </g>
          ),
      )}
    </>
  );
}

interface BoxProps {
  node: GraphNode;
  status: NodeStatus | undefined;
  isSelected: boolean;
  isDim: boolean;
  onSelect: ((name: string) => void) | undefined;
  beside: string | undefined;
}

const TITLE = 36;

function Box({ node, status, isSelected, isDim, onSelect, beside }: BoxProps) {
  const { x, y, width } = node;
  if (node.kind === "Start" || node.kind === "End") {
    return (
      <g>
        <rect
          x={x}
          y={y}
          width={width}
          height={node.height}
          rx={node.height / 2}
          fill="var(--lane)"
          stroke="var(--line)"
        />
        <text x={x + width / 2} y={y + node.height / 2 + 4} fontSize={11} textAnchor="middle" fill="var(--quiet)">
          {node.name}
        </text>
      </g>
    );
  }
  const tone = status && `var(--${status.status})`;
  const height = CONTAINERS.has(node.kind) ? TITLE : node.height;
  const middle = y + height / 2;
  const room = width - 62;
  const badge = beside ?? (status && status.visits > 1 ? `${status.visits}×` : node.retriers > 0 ? "↻" : undefined);
  const choose = onSelect && (() => onSelect(node.name));
  const words = [node.detail ? `${node.name} — ${node.detail}` : node.name, node.kind];
  if (status) words.push(OUTCOME[status.status]);
  if (status && status.visits > 1) words.push(`${status.visits} visits`);
  const told = words.join(", ");
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a node is a button when it can be chosen
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <g
      data-node={node.name}
      role={choose ? "button" : "img"}
      tabIndex={choose ? 0 : undefined}
      aria-pressed={choose ? isSelected : undefined}
      className={choose ? "cursor-pointer outline-none [&:focus-visible>rect:first-of-type]:stroke-[3px]" : undefined}
      onClick={choose}
      onKeyDown={(event) => {
        if (choose && (event.key === "Enter" || event.key === " ")) {
          event.preventDefault();
          choose();
        }
      }}
      opacity={isDim ? 0.6 : 1}
    >
      <title>{told}</title>
      <rect
        x={x}
        y={y}
        width={width}
        height={node.height}
        rx={8}
        fill={status && !CONTAINERS.has(node.kind) ? `var(--${status.status}-soft)` : "var(--surface)"}
        stroke={isSelected ? "var(--accent)" : (tone ?? "var(--strong-line)")}
        strokeWidth={isSelected ? 3 : status ? 1.8 : 1}
        className={status?.status === "running" ? "is-running" : undefined}
      />
      <text x={x + 18} y={middle + 5} fontSize={14} textAnchor="middle" fill={tone ?? "var(--quiet)"}>
        {status ? SIGN[status.status] : SIGNS[node.kind]}
      </text>
      <text
        x={x + 34}
        y={node.detail && !CONTAINERS.has(node.kind) ? middle - 3 : middle + 4.5}
        fill="var(--text)"
        fontWeight={500}
      >
        {cut(node.name, room, 7.3)}
      </text>
      {node.detail && !CONTAINERS.has(node.kind) && (
        <text x={x + 34} y={middle + 12} fontSize={11} fill="var(--quiet)">
          {cut(node.detail, room, 6.2)}
        </text>
      )}
      {badge && (
        <text x={x + width - 10} y={y + 16} fontSize={11} textAnchor="end" fill={tone ?? "var(--quiet)"}>
          {badge}
        </text>
      )}
    </g>
  );
}

function cut(text: string, room: number, advance: number): string {
  const most = Math.max(4, Math.floor(Math.max(room, 232 - 0) / advance));
  return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}
