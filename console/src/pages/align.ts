// Which visits of two executions are the same step: the longest common run of states in order.
import type { Visit } from "../history/fold";

export type Pair = [Visit | undefined, Visit | undefined];

/** Visits beyond which only the beginnings are compared, since the table has a cell for each pair. */
const MOST = 1500;

/** Pairs in order; one side is missing where only the other went. */
export function aligned(left: Visit[], right: Visit[]): Pair[] {
  const [a, b] = [left.slice(0, MOST), right.slice(0, MOST)];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const same = a[i]?.state === b[j]?.state;
      longest[i * width + j] = same
        ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
    }
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i]?.state === b[j]?.state) pairs.push([a[i++], b[j++]]);
    else if (
      j >= b.length ||
      (i < a.length && (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))
    )
      pairs.push([a[i++], undefined]);
    else pairs.push([undefined, b[j++]]);
  }
  return pairs;
}
