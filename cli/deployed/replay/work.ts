import type { Clients } from "../clients.ts";
import type { Deployment } from "../deployment.ts";
import type { HeldMessages } from "../held-messages.ts";
import type { ReplayOptions } from "./options.ts";
import type { Tally } from "./tally.ts";

/** What a replay works with. */
export interface ReplayWork {
  readonly options: ReplayOptions;
  readonly deployment: Deployment;
  readonly clients: Clients;
  readonly messages: HeldMessages;
  readonly tally: Tally;
  readonly sleep: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** Whether a replay takes what failed then and is about these keys. */
export const isWanted = (
  { since, prefix }: ReplayOptions,
  failedAt: number,
  keys: readonly (string | undefined)[],
): boolean =>
  (since === undefined || failedAt >= since) &&
  (prefix === "" || (keys.length > 0 && keys.every((key) => key?.startsWith(prefix) === true)));
