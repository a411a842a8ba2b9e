import type { Interruption } from "./interruption.ts";

/** Work that is done at the same time. When one piece fails, all are stopped: nothing goes on unseen. */
export class JointWork {
  readonly #interruption: Interruption;
  readonly #pieces: Promise<void>[] = [];
  readonly #failures: unknown[] = [];

  constructor(interruption: Interruption) {
    this.#interruption = interruption;
  }

  /** Resolves when the piece has ended, however that came. */
  add(piece: Promise<void>): Promise<void> {
    const ended = piece.catch((error: unknown) => {
      // What ends because it was stopped is no failure.
      if (this.#interruption.signal.aborted) return;
      this.#failures.push(error);
      this.#interruption.stop();
    });
    this.#pieces.push(ended);
    return ended;
  }

  /** Resolves when all pieces have ended; rejects with the first failure. */
  async done(): Promise<void> {
    await Promise.all(this.#pieces);
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
