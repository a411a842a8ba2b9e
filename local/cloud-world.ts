import { Authoriser } from "./iam/authoriser.ts";
import { Keys } from "./iam/keys.ts";
import type { Clock } from "./clock.ts";
import type { Observer } from "./events.ts";
import type { ResourceGraph } from "./resource-graph.ts";
import { ServiceApi } from "./services/api.ts";
import { createIds } from "./services/ids.ts";
import type { World } from "./services/world.ts";

export interface WorldOptions {
  readonly clock: Clock;
  /** Same seed, same calls: same ids. @default 1 */
  readonly seed?: number;
  readonly observer?: Observer;
}

/** What the services of a cloud share, with what only its maker needs. */
export interface OpenWorld extends World {
  readonly api: ServiceApi;
  /** Resolves when nothing is left to do. Throws what work of the cloud's own has thrown. */
  readonly settle: () => Promise<void>;
}

export const createWorld = (graph: ResourceGraph, { clock, seed = 1, observer }: WorldOptions): OpenWorld => {
  const authoriser = new Authoriser(graph);
  const keys = new Keys(graph);
  const faults: unknown[] = [];
  return {
    graph,
    clock,
    ids: createIds(seed),
    authoriser,
    keys,
    api: new ServiceApi(authoriser, keys),
    observe: (event) => observer?.(event, clock.now()),
    later: (ms, work) => {
      clock.schedule(ms, async () => {
        try {
          await work();
        } catch (fault) {
          faults.push(fault);
        }
      });
    },
    settle: async () => {
      await clock.idle();
      const [fault] = faults.splice(0);
      if (fault !== undefined)
        throw fault instanceof Error ? fault : new Error("the embedded cloud failed", { cause: fault });
    },
  };
};
