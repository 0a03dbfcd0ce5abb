// The shapes of the read API (docs/console-api.md) and the few of the public API that pages use.
export type Millis = number;
export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";

export interface Meta {
  version: string;
  partition: string;
  region: string;
  account: string;
  startedAt: Millis;
  now: Millis;
}

export interface ExecutionRow {
  arn: string;
  machine: string;
  machineArn: string;
  name: string;
  type: "STANDARD" | "EXPRESS";
  status: Status;
  startedAt: Millis;
  stoppedAt?: Millis;
  version?: number;
  alias?: string;
  redriveCount: number;
  mapRunArn?: string;
}

export interface Found {
  executions: ExecutionRow[];
  next?: string;
  scanned: number;
}

export interface Counts {
  since: Millis;
  complete: boolean;
  counts: Partial<Record<Status, number>>;
  buckets: { from: Millis; counts: Partial<Record<Status, number>> }[];
  failures: { machine: string; error: string; count: number; lastAt: Millis; example: string }[];
}

export interface Machine {
  arn: string;
  name: string;
  type: "STANDARD" | "EXPRESS";
  createdAt: Millis;
  status: "ACTIVE" | "DELETING";
  recent: ExecutionRow[];
}

export interface Frame {
  id: number;
  parent: number;
  kind: "root" | "branch" | "iteration";
  index: number;
  event: number;
}

export interface Retry {
  after: number;
  frame: number;
  retrier: number;
  until: Millis;
  error?: string;
}

export interface Wait {
  after: number;
  frame: number;
  until: Millis;
}

export interface Columns {
  status: Status;
  startedAt: Millis;
  stoppedAt?: Millis;
  last: number;
  first: number;
  types: string[];
  names: string[];
  errors: string[];
  frames: Frame[];
  type: number[];
  at: Millis[];
  previous: number[];
  frame: number[];
  state: number[];
  error: number[];
  retries: Retry[];
  waits: Wait[];
}

export type Outcome = "running" | "succeeded" | "failed" | "caught" | "aborted" | "timed-out";

export interface Attempt {
  scheduled: number;
  at: Millis;
  startedAt?: Millis;
  endedAt?: Millis;
  parameters?: unknown;
  result?: unknown;
  error?: string;
  cause?: string;
  outcome: Outcome;
  retryAt?: Millis;
  retrier?: number;
}

export interface Step {
  state: string;
  type: string;
  entered: number;
  enteredAt: Millis;
  exited?: number;
  exitedAt?: Millis;
  status: Outcome;
  input: unknown;
  output?: unknown;
  next?: string;
  error?: string;
  cause?: string;
  stages: { name: string; value: unknown; isMadeAgain: boolean }[];
  assigned: Record<string, unknown>;
  variables: Record<string, unknown>;
  attempts: Attempt[];
}

export interface InboxTask {
  kind: "token" | "activity";
  taskToken: string;
  execution: string;
  machine: string;
  name: string;
  state: string;
  resource: string;
  since: Millis;
  isStarted: boolean;
  due?: Millis;
  heartbeatSeconds?: number;
  input: unknown;
}

export interface Diagnostic {
  severity: "ERROR" | "WARNING";
  code: string;
  rule: string;
  message: string;
  location: string;
  from: number;
  to: number;
  line: number;
  column: number;
  help?: string;
}

export interface GraphNode {
  name: string;
  kind: string;
  detail?: string;
  retriers: number;
  parent: number;
  branch: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  direction: "down" | "right";
  width: number;
  height: number;
  nodes: GraphNode[];
  lanes: { owner: number; branch: number; x: number; y: number; width: number; height: number }[];
  edges: {
    from: number;
    to: number;
    kind: "next" | "choice" | "catch";
    text: string;
    path: string;
    arrow: string;
    label?: { text: string; x: number; y: number; width: number; height: number };
  }[];
}

export interface Analysis {
  diagnostics: Diagnostic[];
  layout?: Layout;
}

export interface HistoryEvent {
  id: number;
  previousEventId?: number;
  timestamp: number;
  type: string;
  [details: string]: unknown;
}
