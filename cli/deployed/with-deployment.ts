import { setTimeout as sleepFor } from "node:timers/promises";
import { closeClients, createClients, explainCall, type Clients } from "./clients.ts";
import { readDeployment, type Deployment } from "./deployment.ts";
import { onInterrupt } from "./interruption.ts";
import type { Target } from "./target.ts";

/** What a command does its work on a deployed stack with. */
export interface DeployedWork {
  readonly deployment: Deployment;
  readonly clients: Clients;
  /** At once once the work is stopped. Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Ctrl-C was pressed: what is begun is brought to an end, nothing else is begun. */
  readonly isStopped: () => boolean;
}

/** Reads a stack and does some work on it; errors of calls are told in words for a person. */
export async function withDeployment(
  target: Target,
  work: (tools: DeployedWork) => Promise<number>,
  { stops = false }: { /** The work looks at `isStopped`. */ readonly stops?: boolean } = {},
): Promise<number> {
  const deployment = await readDeployment(target);
  const clients = createClients(deployment.aws);
  const { signal, release } = stops ? onInterrupt() : { signal: undefined, release: () => undefined };
  try {
    return await work({
      deployment,
      clients,
      sleep: (ms) => sleepFor(ms, undefined, signal && { signal }).catch(() => undefined),
      isStopped: () => signal?.aborted ?? false,
    });
  } catch (error) {
    throw explainCall(error, deployment);
  } finally {
    release();
    closeClients(clients);
  }
}
