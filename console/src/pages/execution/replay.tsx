// Back through the history: graph, timeline and table show the execution as it was after any of its events.
import { useEffect, useState } from "react";
import type { History } from "../../history/history";
import { clock } from "../../ui/format";
import { Button } from "../../ui/parts";
import { WORDS } from "../../words";

interface ReplayProps {
  history: History;
  version: number;
  /** The event that is looked at; nothing is the end. */
  at: number | undefined;
  onMove: (event: number | undefined) => void;
}

const SPEEDS = [1, 4, 16, 64];
const FRAME = 80;

export function Replay({ history, at, onMove }: ReplayProps) {
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(4);
  const last = history.last;
  const now = at ?? last;
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => {
      const next = now + Math.max(1, Math.round((speed * last) / 4000));
      if (next >= last) setPlaying(false);
      onMove(next >= last ? undefined : next);
    }, FRAME);
    return () => clearInterval(timer);
  }, [isPlaying, now, last, speed, onMove]);
  if (last < 2) return null;
  return (
    <footer className="flex items-center gap-3 border-line border-t bg-surface px-4 py-1.5 sm:px-6">
      <Button
        look="quiet"
        aria-label={isPlaying ? "Pause" : WORDS.execution.replay}
        onClick={() => {
          if (!isPlaying && now >= last) onMove(1);
          setPlaying(!isPlaying);
        }}
      >
        {isPlaying ? "❚❚" : "▶"}
      </Button>
      <input
        type="range"
        className="min-w-0 flex-1 accent-(--accent)"
        aria-label={`${WORDS.execution.replay}: event`}
        min={1}
        max={last}
        value={now}
        onChange={(event) => onMove(Number(event.target.value) >= last ? undefined : Number(event.target.value))}
      />
      <span className="whitespace-nowrap text-quiet tabular-nums">
        {now.toLocaleString()}/{last.toLocaleString()}
        <span className="hidden sm:inline"> · {clock(history.at[now - 1] ?? 0)}</span>
      </span>
      <select
        aria-label="Speed"
        className="h-7 rounded-md border border-line bg-raised px-1"
        value={speed}
        onChange={(event) => setSpeed(Number(event.target.value))}
      >
        {SPEEDS.map((one) => (
          <option key={one} value={one}>
            ×{one}
          </option>
        ))}
      </select>
      {at !== undefined && (
        <Button look="quiet" onClick={() => onMove(undefined)}>
          {WORDS.execution.endReplay}
        </Button>
      )}
    </footer>
  );
}
