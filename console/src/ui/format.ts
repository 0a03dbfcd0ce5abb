// Times and lengths for people.
import type { Millis } from "../api/types";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `412 ms`, `3.2 s`, `4 m 5 s`, `2 h 3 m`, `5 d 2 h`. */
export function length(millis: Millis): string {
  if (millis < SECOND) return `${Math.max(0, Math.round(millis))} ms`;
  if (millis < MINUTE) return `${(millis / SECOND).toFixed(millis < 10 * SECOND ? 2 : 1)} s`;
  const two = (big: number, small: number, names: [string, string]) => {
    const [a, b] = [Math.floor(millis / big), Math.floor((millis % big) / small)];
    return b > 0 ? `${a} ${names[0]} ${b} ${names[1]}` : `${a} ${names[0]}`;
  };
  if (millis < HOUR) return two(MINUTE, SECOND, ["m", "s"]);
  if (millis < DAY) return two(HOUR, MINUTE, ["h", "m"]);
  return two(DAY, HOUR, ["d", "h"]);
}

/** `just now`, `5 m ago`. */
export function ago(at: Millis, now: Millis = Date.now()): string {
  const passed = now - at;
  if (passed < 5 * SECOND) return "just now";
  const part =
    passed < MINUTE
      ? `${Math.floor(passed / SECOND)} s`
      : passed < HOUR
        ? `${Math.floor(passed / MINUTE)} m`
        : passed < DAY
          ? `${Math.floor(passed / HOUR)} h`
          : `${Math.floor(passed / DAY)} d`;
  return `${part} ago`;
}

const exactFormat = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});

/** Date and time to the millisecond, in the zone of the browser. */
export const exact = (at: Millis): string => exactFormat.format(at);

const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});

/** Time of day to the millisecond. */
export const clock = (at: Millis): string => clockFormat.format(at);

/** The paths of the console. */
export const paths = {
  machine: (name: string) => `/machines/${encodeURIComponent(name)}`,
  execution: (machine: string, name: string) =>
    `/executions/${encodeURIComponent(machine)}/${encodeURIComponent(name)}`,
  start: (machine: string, from?: string) =>
    `/machines/${encodeURIComponent(machine)}/start${from ? `?from=${encodeURIComponent(from)}` : ""}`,
};

/** Machine and name, from the ARN of an execution. */
export function namesIn(arn: string): { machine: string; name: string } {
  const parts = arn.split(":");
  return { machine: parts[6] ?? "", name: parts.slice(7).join(":") };
}
