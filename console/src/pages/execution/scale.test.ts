// The scale of the timeline: order is kept, the ends stay, silences shrink.
import { expect, test } from "vitest";
import { compressed } from "./scale";

const HOUR = 3_600_000;

test("without gaps it is linear", () => {
  const scale = compressed(0, 1000, [250, 500], false);
  expect([0, 250, 1000].map(scale.x)).toEqual([0, 0.25, 1]);
});

test("a silence of two hours takes little room, and order is kept", () => {
  const times = [0, 100, 200, 2 * HOUR, 2 * HOUR + 300];
  const scale = compressed(0, 2 * HOUR + 300, times, true);
  expect(scale.gaps).toEqual([{ from: 200, to: 2 * HOUR }]);
  expect(scale.x(2 * HOUR) - scale.x(200)).toBeCloseTo(0.04);
  expect(scale.x(2 * HOUR + 300)).toBeCloseTo(1);
  const places = times.map(scale.x);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("nothing happened at all", () => {
  const scale = compressed(5, 5, [], true);
  expect(scale.x(5)).toBe(0);
  expect(Number.isFinite(scale.x(6))).toBe(true);
});
