// Workflows that need nothing but the server.
type States = Record<string, object>;

export const machine = (start: string, states: States, more: object = {}) => ({
  StartAt: start,
  States: states,
  ...more,
});

/** So many Pass states, a Wait before each third. */
export function chain(length: number, seconds = 0) {
  const states: States = {};
  for (let at = 0; at < length; at++) {
    const next = at + 1 < length ? { Next: `Step ${at + 1}` } : { End: true };
    states[`Step ${at}`] = at % 3 === 2 ? { Type: "Wait", Seconds: seconds, ...next } : { Type: "Pass", ...next };
  }
  return machine("Step 0", states);
}

/** Fails at items that are divisible by `of`, in a Map inside a Map. */
export const nested = machine("Outer", {
  Outer: {
    Type: "Map",
    ItemsPath: "$.rows",
    ItemProcessor: machine("Inner", {
      Inner: {
        Type: "Map",
        ItemsPath: "$",
        ItemProcessor: machine("Check", {
          Check: { Type: "Choice", Choices: [{ Variable: "$", NumericLessThan: 0, Next: "Bad" }], Default: "Good" },
          Bad: { Type: "Fail", Error: "Negative", Cause: "below zero" },
          Good: { Type: "Pass", End: true },
        }),
        Catch: [{ ErrorEquals: ["Negative"], Next: "Caught" }],
        End: true,
      },
      Caught: { Type: "Pass", End: true },
    }),
    End: true,
  },
});

/** A loop of a counter: `times` rounds. */
export const loop = machine(
  "Count",
  {
    Count: { Type: "Pass", Assign: { count: "{% $count + 1 %}" }, Next: "Enough?" },
    "Enough?": { Type: "Choice", Choices: [{ Condition: "{% $count >= $times %}", Next: "Done" }], Default: "Count" },
    Start: { Type: "Pass", Assign: { count: 0, times: "{% $states.input.times %}" }, Next: "Count" },
    Done: { Type: "Succeed" },
  },
  { QueryLanguage: "JSONata" },
);
loop.StartAt = "Start";

/** Waits for an activity's answer. */
export const asking = (activity: string) =>
  machine("Ask", {
    Ask: {
      Type: "Task",
      Resource: activity,
      TimeoutSeconds: 600,
      Catch: [{ ErrorEquals: ["Rejected"], Next: "No" }],
      Next: "Yes",
    },
    Yes: { Type: "Succeed" },
    No: { Type: "Fail", Error: "Refused" },
  });

/** Text that must stay text. */
export const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
