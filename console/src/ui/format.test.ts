// Lengths, ages and names as people read them.
import { expect, test } from "vitest";
import { ExactNumber, parseExact, printed } from "../api/json";
import { ago, length, namesIn } from "./format";

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [3210, "3.21 s"],
  [59_900, "59.9 s"],
  [245_000, "4 m 5 s"],
  [3_600_000, "1 h"],
  [442_800_000, "5 d 3 h"],
])("%d ms is %s", (millis, text) => expect(length(millis)).toBe(text));

test("ages", () => {
  expect(ago(1000, 2000)).toBe("just now");
  expect(ago(0, 65_000)).toBe("1 m ago");
});

test("names in an ARN", () => {
  expect(namesIn("arn:aws:states:us-east-1:0:execution:order:run-1")).toEqual({ machine: "order", name: "run-1" });
});

test("numbers keep their digits", () => {
  const value = parseExact('{"big":9007199254740993,"plain":1.5,"list":[1e400]}') as { big: unknown };
  if (value.big instanceof ExactNumber) expect(value.big.text).toBe("9007199254740993");
  expect(printed({ a: [1, "x"], b: {}, c: new ExactNumber("12345678901234567890") })).toBe(
    '{\n  "a": [\n    1,\n    "x"\n  ],\n  "b": {},\n  "c": 12345678901234567890\n}',
  );
});
