/** Something that was taken again. */
export interface Replayed {
  /**
   * `execution`: a new one was started; `file`: it waits in the queue; `event`: a function has taken it; `reminder`, of
   * an execution whose end is not recorded, and `result`, which tells how one ended: the recorder is to read it again.
   */
  readonly kind: "execution" | "file" | "event" | "reminder" | "result";
  readonly key?: string;
  /** Of the new execution, where it is known; of a reminder and a result, the one that they are about. */
  readonly executionName?: string;
  /** It had been taken again before. */
  readonly already?: true;
}

/** Something that could not be taken again; its message stays in the queue. */
export interface Left {
  readonly what: string;
  readonly why: string;
}

/** What a replay has done so far, or would do. */
export class Tally {
  /** The first of them. */
  readonly shown: Replayed[] = [];
  readonly left: Left[] = [];
  replayed = 0;
  /** Of those, the messages that were put back for the recorder. */
  reminders = 0;
  results = 0;
  already = 0;
  deleted = 0;

  readonly #mostShown: number;

  constructor(mostShown: number) {
    this.#mostShown = mostShown;
  }

  add(item: Replayed): void {
    this.replayed++;
    if (item.kind === "reminder") this.reminders++;
    if (item.kind === "result") this.results++;
    if (item.already === true) this.already++;
    if (this.shown.length < this.#mostShown) this.shown.push(item);
  }
}
