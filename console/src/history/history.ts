// The events of one execution, as far as the page has heard of them: columns of several messages in one.
import type { Columns, Frame, Millis, Retry, Status, Wait } from "../api/types";

export class History {
  status: Status = "RUNNING";
  startedAt: Millis = 0;
  stoppedAt: Millis | undefined;
  readonly types: string[] = [];
  readonly at: Millis[] = [];
  readonly previous: number[] = [];
  readonly frame: number[] = [];
  readonly state: (string | undefined)[] = [];
  readonly error: (string | undefined)[] = [];
  readonly frames = new Map<number, Frame>();
  readonly retries: Retry[] = [];
  readonly waits: Wait[] = [];
  private readonly seen = new Set<string>();

  /** Id of the last event. Event `id` stands at index `id - 1` of the columns. */
  get last(): number {
    return this.types.length;
  }

  /** Takes columns in; what is known already is ignored. False when some are missing before them. */
  append(columns: Columns): boolean {
    if (columns.first > this.last + 1) return false;
    this.status = columns.status;
    this.startedAt = columns.startedAt;
    this.stoppedAt = columns.stoppedAt;
    for (const frame of columns.frames) this.frames.set(frame.id, frame);
    for (let at = this.last + 1 - columns.first; at < columns.type.length; at++) {
      this.types.push(columns.types[columns.type[at] ?? -1] ?? "");
      this.at.push(columns.at[at] ?? 0);
      this.previous.push(columns.previous[at] ?? 0);
      this.frame.push(columns.frame[at] ?? 0);
      this.state.push(columns.names[columns.state[at] ?? -1]);
      this.error.push(columns.errors[columns.error[at] ?? -1]);
    }
    for (const retry of columns.retries) if (this.isNew(`r${retry.frame}.${retry.after}`)) this.retries.push(retry);
    for (const wait of columns.waits) if (this.isNew(`w${wait.frame}.${wait.after}`)) this.waits.push(wait);
    return true;
  }

  private isNew(key: string): boolean {
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }

  /** The frames from this one up to the root's, both included. */
  chain(frame: number): number[] {
    const chain = [frame];
    let at = this.frames.get(frame);
    while (at && at.parent >= 0 && chain.length < 1000) {
      chain.push(at.parent);
      at = this.frames.get(at.parent);
    }
    return chain;
  }
}
