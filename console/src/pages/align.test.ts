// Pairs of steps: equal ones beside each other, the others alone.
import { expect, test } from "vitest";
import type { Visit } from "../history/fold";
import { aligned } from "./align";

const visits = (names: string): Visit[] =>
  [...names].map((state, id) => ({ id, frame: 0, state, type: "Pass", from: 0, status: "succeeded", tries: [] }));

test.each([
  ["abc", "abc", "aa bb cc"],
  ["abc", "ac", "aa b- cc"],
  ["ac", "abc", "aa -b cc"],
  ["ab", "ax", "aa b- -x"],
  ["", "a", "-a"],
])("%s against %s", (left, right, wanted) => {
  const pairs = aligned(visits(left), visits(right));
  expect(pairs.map(([one, other]) => `${one?.state ?? "-"}${other?.state ?? "-"}`).join(" ")).toBe(wanted);
});
