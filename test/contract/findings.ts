import type { Problem } from "./run-rules.ts";

/** Where something answers otherwise than Glue: in the form of answers, a run's states, what fields say, and refusals. */
export type Differences = Readonly<Record<Problem["kind"], readonly string[]>>;

export const noDifferences: Differences = { shape: [], state: [], value: [], error: [] };

/** Collects differences, each once. */
export class Findings {
  readonly #found: Readonly<Record<Problem["kind"], Set<string>>> = {
    shape: new Set(),
    state: new Set(),
    value: new Set(),
    error: new Set(),
  };

  note(kind: Problem["kind"], what: string): void {
    this.#found[kind].add(what);
  }

  get differences(): Differences {
    const { shape, state, value, error } = this.#found;
    return { shape: [...shape], state: [...state], value: [...value], error: [...error] };
  }
}
