import { Properties } from "./services/properties.ts";
import type { World } from "./services/world.ts";

/** Types of resource that run as a role: the role's property, and the service that takes it on. Functions check their own. */
const users: Readonly<Record<string, readonly [property: string, service: string]>> = {
  "aws:sfn/stateMachine:StateMachine": ["roleArn", "states.amazonaws.com"],
  "aws:glue/job:Job": ["roleArn", "glue.amazonaws.com"],
};

/** Throws unless each role trusts the service that is to use it. */
export const requireTrustedRoles = ({ graph, authoriser }: Pick<World, "graph" | "authoriser">): void => {
  for (const resource of graph.resources) {
    const [property, service] = users[resource.type] ?? [];
    if (property === undefined || service === undefined) continue;
    const properties = Properties.of(resource);
    authoriser.requireTrust(properties.string(property), { service, source: properties.string("arn") });
  }
};
