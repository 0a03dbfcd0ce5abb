// A JSON value as a tree that opens, or as text. Large values are opened piece by piece, so that any value can be looked at.
import { memo, useState } from "react";
import { ExactNumber, printed } from "../api/json";
import { CopyButton } from "./parts";

const FIRST_MEMBERS = 100;
const LONG_TEXT = 2_000;
const RAW_MAX = 400_000;

/** The viewer: tree or text, and copying. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const [raw, setRaw] = useState(false);
  return (
    <div className="group/json min-w-0">
      <div className="flex items-center justify-end gap-1 px-2 pt-1">
        <button
          type="button"
          className="h-7 rounded-md px-2 text-quiet text-xs hover:bg-surface hover:text-text"
          aria-pressed={raw}
          onClick={() => setRaw(!raw)}
        >
          {raw ? "Tree" : "Text"}
        </button>
        <CopyButton text={() => printed(value)} />
      </div>
      <div role="group" aria-label={label} className="overflow-auto px-3 pb-3 font-mono text-xs leading-5">
        {raw ? <Text value={value} /> : <Branch name={undefined} value={value} depth={0} />}
      </div>
    </div>
  );
}

function Text({ value }: { value: unknown }) {
  const text = printed(value);
  const cut = text.length > RAW_MAX;
  return (
    <pre className="whitespace-pre-wrap [overflow-wrap:anywhere]">
      {cut ? text.slice(0, RAW_MAX) : text}
      {cut && `\n… ${(text.length - RAW_MAX).toLocaleString()} more characters: copy to see all`}
    </pre>
  );
}

type BranchProps = { name: string | number | undefined; value: unknown; depth: number };

const Branch = memo(function Branch({ name, value, depth }: BranchProps) {
  const isContainer = value !== null && typeof value === "object" && !(value instanceof ExactNumber);
  const count = isContainer ? (Array.isArray(value) ? value.length : Object.keys(value as object).length) : 0;
  const [open, setOpen] = useState(depth < 2 || (depth < 4 && count <= 6));
  const [shown, setShown] = useState(FIRST_MEMBERS);
  const key = name !== undefined && (
    <>
      <span className={typeof name === "number" ? "text-quiet" : "text-accent"}>{name}</span>
      <span className="text-quiet">: </span>
    </>
  );
  if (!isContainer) {
    return (
      <div className="pl-4 -indent-4 [overflow-wrap:anywhere]">
        {key}
        <Leaf value={value} />
      </div>
    );
  }
  const isList = Array.isArray(value);
  const [left, right] = isList ? ["[", "]"] : ["{", "}"];
  if (count === 0)
    return (
      <div>
        {key}
        {left}
        {right}
      </div>
    );
  const members: [string | number, unknown][] = isList
    ? value.slice(0, shown).map((one, at) => [at, one])
    : Object.entries(value as object).slice(0, shown);
  return (
    <div>
      <button
        type="button"
        className="rounded text-left hover:bg-surface"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden className="inline-block w-3 text-quiet">
          {open ? "▾" : "▸"}
        </span>
        {key}
        {left}
        {!open && (
          <span className="text-quiet">
            {isList
              ? ` ${count} items `
              : ` ${Object.keys(value as object)
                  .slice(0, 3)
                  .join(", ")}${count > 3 ? ", …" : ""} `}
          </span>
        )}
        {!open && right}
      </button>
      {open && (
        <>
          <div className="ml-1 border-line border-l pl-3">
            {members.map(([member, one]) => (
              <Branch key={member} name={member} value={one} depth={depth + 1} />
            ))}
            {count > shown && (
              <button
                type="button"
                className="text-accent hover:underline"
                onClick={() => setShown(shown + 10 * FIRST_MEMBERS)}
              >
                … {(count - shown).toLocaleString()} more
              </button>
            )}
          </div>
          <div className="pl-3">{right}</div>
        </>
      )}
    </div>
  );
});

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (value instanceof ExactNumber) return <span className="text-running">{value.text}</span>;
  if (typeof value === "string") {
    const cut = value.length > LONG_TEXT && !whole;
    return (
      <span className="whitespace-pre-wrap text-succeeded">
        "{cut ? value.slice(0, LONG_TEXT) : value}"
        {cut && (
          <button type="button" className="ml-2 text-accent underline" onClick={() => setWhole(true)}>
            {value.length.toLocaleString()} characters
          </button>
        )}
      </span>
    );
  }
  if (typeof value === "number") return <span className="text-running">{String(value)}</span>;
  if (typeof value === "boolean") return <span className="text-caught">{String(value)}</span>;
  return <span className="text-quiet">null</span>;
}
