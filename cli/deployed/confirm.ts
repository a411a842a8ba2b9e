import { UsageError, type Io } from "../lib/command.ts";
import { count, plural } from "../render/format.ts";

/** More files than this are not taken without a word of a person. */
export const MOST_UNASKED = 1000;

export interface Intent {
  readonly files: number;
  /** What is to be done with them, for example `Send`. */
  readonly verb: string;
  /** The command line says that it is meant. */
  readonly isMeant: boolean;
  readonly json: boolean;
}

/**
 * Whether a person means it: asks on a terminal unless the command line has said so. Throws UsageError where there is
 * nobody to ask and the files are many.
 */
export async function isConfirmed({ ask }: Pick<Io, "ask">, { files, verb, isMeant, json }: Intent): Promise<boolean> {
  if (files <= 0 || isMeant) return true;
  if (ask !== undefined && !json) return /^\s*y(es)?\s*$/i.test(await ask(`${verb} ${plural(files, "file")}? [y/N] `));
  if (files <= MOST_UNASKED) return true;
  throw new UsageError([
    `${count(files)} files are more than ${count(MOST_UNASKED)}: --yes says that all of them are meant; else ask for fewer`,
  ]);
}
