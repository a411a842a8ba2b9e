import type { Authoriser } from "../iam/authoriser.ts";
import type { Keys } from "../iam/keys.ts";
import type { Clock } from "../clock.ts";
import type { CloudEvent } from "../events.ts";
import type { ResourceGraph } from "../resource-graph.ts";
import type { Ids } from "./ids.ts";
import type { Api } from "./service.ts";

/** What the services of one embedded cloud share. */
export interface World {
  readonly graph: ResourceGraph;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly authoriser: Authoriser;
  readonly keys: Keys;
  readonly api: Api;
  readonly observe: (event: CloudEvent) => void;
  /** Starts work of the cloud's own `ms` from now. What it throws is a fault of the cloud and surfaces in `settle`. */
  readonly later: (ms: number, work: () => Promise<void>) => void;
}
