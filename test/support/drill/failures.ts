import type { Clients, Deployed } from "../deployed/deployed.ts";
import { eventually } from "../deployed/files.ts";
import { failuresIn } from "../deployed/queues.ts";

/** What waits in the failure queue: a result of the pipeline, or what Lambda could not deliver. */
export type Letter = Readonly<Record<string, unknown>>;

/** The failure queue, whose messages are taken out and kept, so that a test can ask for them in any order and count. */
export class FailureQueue {
  readonly #clients: Clients;
  readonly #outputs: Deployed["outputs"];
  readonly #letters: Letter[] = [];

  constructor({ clients, outputs }: Pick<Deployed, "clients" | "outputs">) {
    this.#clients = clients;
    this.#outputs = outputs;
  }

  /** All so far that a test is interested in. */
  async letters(fits: (letter: Letter) => boolean): Promise<readonly Letter[]> {
    this.#letters.push(...(await failuresIn(this.#clients, this.#outputs)));
    return this.#letters.filter(fits);
  }

  /** The one that comes. A second one, then or before, is an error. */
  async letter(what: string, fits: (letter: Letter) => boolean): Promise<Letter> {
    const letters = await eventually(what, 20, async () => {
      const found = await this.letters(fits);
      return found.length > 0 ? found : undefined;
    });
    const [only, ...others] = letters;
    if (only === undefined || others.length > 0) throw new Error(`${what}: ${letters.length} messages`);
    return only;
  }
}
