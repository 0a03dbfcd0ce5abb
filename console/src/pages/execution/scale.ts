// From time to place: linear, or with long silences shortened to a fixed part of the width.

export interface Scale {
  /** 0 to 1. */
  x: (at: number) => number;
  gaps: { from: number; to: number }[];
  ticks: { at: number }[];
}

const GAP_SHARE = 0.04;
const TICKS = 6;
/** A gap is at least so long, and at least so much of what is left. */
const SHORTEST = 5_000;
const SHARE = 0.3;
/** Ticks closer than this would be written over each other. */
const CLOSEST = 0.09;

/** A scale from `from` to `to`. Silences that take most of it are gaps. */
export function compressed(from: number, to: number, times: number[], isCompressed: boolean): Scale {
  const end = Math.max(to, from + 1);
  const inside = [from, ...times.filter((at) => at > from && at < end), end];
  const silences = inside.slice(1).map((at, index) => ({ from: inside[index] ?? from, to: at }));
  const gaps = isCompressed ? pick(silences, end - from) : [];
  const busy = end - from - gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const share = gaps.length > 0 ? Math.min(GAP_SHARE, 0.4 / gaps.length) : 0;
  const room = 1 - share * gaps.length;
  const x = (at: number) => {
    let [time, place] = [Math.min(Math.max(at, from), end) - from, 0];
    for (const gap of gaps) {
      if (at >= gap.to) {
        time -= gap.to - gap.from;
        place += share;
      } else if (at > gap.from) {
        time -= at - gap.from;
        place += (share * (at - gap.from)) / (gap.to - gap.from);
      }
    }
    return place + (busy > 0 ? (time / busy) * room : 0);
  };
  return { x, gaps, ticks: apart(ticks(from, end, gaps), x) };
}

function pick(silences: { from: number; to: number }[], all: number) {
  const longest = silences.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  const gaps: { from: number; to: number }[] = [];
  let rest = all;
  for (const silence of longest) {
    const long = silence.to - silence.from;
    if (gaps.length === 8 || long < SHORTEST || long < rest * SHARE) break;
    gaps.push(silence);
    rest -= long;
  }
  return gaps.toSorted((a, b) => a.from - b.from);
}

function ticks(from: number, to: number, gaps: { from: number; to: number }[]) {
  const step = (to - from) / TICKS;
  const edges = gaps.map((gap) => gap.to);
  const even =
    gaps.length > 0 ? [from, ...edges, to] : Array.from({ length: TICKS }, (_, index) => from + step * index);
  return even.map((at) => ({ at }));
}

/** Those of the ticks that are far enough from the one before. */
function apart(ticks: { at: number }[], x: (at: number) => number) {
  let last = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    const place = x(tick.at);
    if (place - last < CLOSEST) return false;
    last = place;
    return true;
  });
}
