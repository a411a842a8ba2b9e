import type { Clock } from "../../local/clock.ts";
import type { CloudEvent } from "../../local/events.ts";
import { Authoriser } from "../../local/iam/authoriser.ts";
import { Keys } from "../../local/iam/keys.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { ServiceApi } from "../../local/services/api.ts";
import { createIds } from "../../local/services/ids.ts";
import type { World } from "../../local/services/world.ts";

/** What services share, for a graph by hand; the services still have to be connected to `api`. */
export function worldOf(
  graph: ResourceGraph,
  clock: Clock,
  observe: (event: CloudEvent) => void = () => undefined,
): World & { readonly api: ServiceApi } {
  const authoriser = new Authoriser(graph);
  const keys = new Keys(graph);
  return {
    graph,
    clock,
    ids: createIds(1),
    authoriser,
    keys,
    api: new ServiceApi(authoriser, keys),
    observe,
    later: (ms, work) => {
      clock.schedule(ms, work);
    },
  };
}
