import type { Cancel, Clock } from "../clock.ts";
import { Alarm } from "./alarm.ts";
import type { Interruption } from "./errors.ts";

/** One line of states: the machine's, a branch's or an iteration's. */
export class Thread {
  /** Variables; those of outer scopes are inherited. */
  readonly vars: Record<string, unknown>;
  /** The history event that the next one follows. */
  previousEventId: number;
  readonly #parent: Thread | undefined;
  readonly #children = new Set<Thread>();
  #interruption: Interruption | undefined;
  #wake: ((interruption: Interruption) => void) | undefined;
  /** Time-outs of this thread's tasks, made when the first has one. */
  #alarm: Alarm | undefined;

  private constructor(vars: Record<string, unknown>, previousEventId: number, parent?: Thread) {
    this.vars = vars;
    this.previousEventId = previousEventId;
    this.#parent = parent;
    if (parent !== undefined) {
      this.#interruption = parent.#interruption;
      parent.#children.add(this);
    }
  }

  static root(): Thread {
    return new Thread(Object.create(null) as Record<string, unknown>, 0);
  }

  /** A branch or an iteration, which reads this thread's variables. */
  branch(): Thread {
    return new Thread(Object.create(this.vars) as Record<string, unknown>, this.previousEventId, this);
  }

  /** The thread is done: its parent forgets it. */
  end(): void {
    this.#alarm?.end();
    if (this.#parent !== undefined) this.#parent.#children.delete(this);
  }

  /** Interrupts this thread and its branches, wherever they wait. */
  interrupt(interruption: Interruption): void {
    this.#interruption ??= interruption;
    this.#wake?.(interruption);
    for (const child of this.#children) child.interrupt(interruption);
  }

  alarm(clock: Clock): Alarm {
    return (this.#alarm ??= new Alarm(clock));
  }

  throwIfInterrupted(): void {
    if (this.#interruption !== undefined) throw this.#interruption;
  }

  /** Waits for what `begin` brings about, or for an interruption, which is thrown. */
  async waitFor<T>(
    clock: Clock,
    begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    this.throwIfInterrupted();
    try {
      return await clock.wait(
        new Promise<T>((resolve, reject) => {
          this.#wake = reject;
          begin(resolve, reject);
        }),
      );
    } finally {
      this.#wake = undefined;
    }
  }

  /** Lets time pass, unless an interruption comes first. */
  async sleep(clock: Clock, ms: number): Promise<void> {
    let cancel: Cancel | undefined;
    try {
      await this.waitFor<undefined>(clock, (resolve) => {
        cancel = clock.schedule(ms, () => {
          resolve(undefined);
          return Promise.resolve();
        });
      });
    } finally {
      cancel?.();
    }
  }
}
