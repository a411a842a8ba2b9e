import { isPassing } from "./clients.ts";

export interface Patience {
  readonly sleep: (ms: number) => Promise<void>;
  /** How often something is tried in all. @default 6 */
  readonly tries?: number;
}

/** What still does not work after all tries. */
export class GivenUpError extends Error {
  override readonly name = "GivenUpError";
}

const FIRST_WAIT = 500;

/**
 * Does again what does not work, each time after twice the wait. `work` gives what is wrong, or undefined once it is
 * done; errors that pass count as wrong.
 */
export async function withPatience(
  { sleep, tries = 6 }: Patience,
  work: () => Promise<string | undefined>,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    const wrong = await work().catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      return String(error);
    });
    if (wrong === undefined) return;
    if (tried === tries) throw new GivenUpError(`${wrong} (tried ${tries} times)`);
    await sleep(FIRST_WAIT * 2 ** (tried - 1));
  }
}
