/** Something that was taken again. */
export interface Replayed {
  /** `execution`: a new one was started; `file`: it waits in the queue; `event`: a function has taken it. */
  readonly kind: "execution" | "file" | "event";
  readonly key?: string;
  /** Of the new execution, where it is known. */
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
  already = 0;
  deleted = 0;

  readonly #mostShown: number;

  constructor(mostShown: number) {
    this.#mostShown = mostShown;
  }

  add(item: Replayed): void {
    this.replayed++;
    if (item.already === true) this.already++;
    if (this.shown.length < this.#mostShown) this.shown.push(item);
  }
}
