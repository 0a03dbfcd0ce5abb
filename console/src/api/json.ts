// JSON as it was written: a number that a double cannot hold keeps its digits.

/** A number whose text says more than a double can. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON() {
    return Number(this.text);
  }
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

const reviver: Reviver = (_key, value, context) => {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || String(value) === source) return value;
  return new ExactNumber(source);
};

/** Parses JSON; numbers that would be printed otherwise than they were written become [`ExactNumber`]s. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** Text of a value, indented, with its exact numbers. */
export function printed(value: unknown, indent = 2): string {
  const write = (value: unknown, depth: number): string => {
    if (value instanceof ExactNumber) return value.text;
    if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
    const inner = "\n".concat(" ".repeat(indent * (depth + 1)));
    const end = "\n".concat(" ".repeat(indent * depth));
    if (Array.isArray(value)) {
      if (value.length === 0) return "[]";
      return `[${inner}${value.map((one) => write(one, depth + 1)).join(`,${inner}`)}${end}]`;
    }
    const members = Object.entries(value);
    if (members.length === 0) return "{}";
    const member = ([key, one]: [string, unknown]) => `${JSON.stringify(key)}: ${write(one, depth + 1)}`;
    return `{${inner}${members.map(member).join(`,${inner}`)}${end}}`;
  };
  return write(value, 0);
}
