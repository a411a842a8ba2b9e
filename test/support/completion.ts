import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";
import type { Call } from "./interference.ts";

const isCompletion = ({ name, type }: Resource, kind: string): boolean =>
  name.endsWith("-completion") && type === `aws:cloudwatch/${kind}`;

/** The same program where no event of a run's end arrives any more. */
export const deaf = (graph: ResourceGraph): ResourceGraph => ({
  ...graph,
  resources: graph.resources.map((resource) =>
    isCompletion(resource, "eventRule:EventRule")
      ? { ...resource, properties: { ...resource.properties, state: "DISABLED" } }
      : resource,
  ),
});

/** The same where each such event arrives twice. */
export const hearingTwice = (graph: ResourceGraph): ResourceGraph => ({
  ...graph,
  resources: graph.resources.flatMap((resource) =>
    isCompletion(resource, "eventTarget:EventTarget") ? [resource, resource] : [resource],
  ),
});

/** Whether a call starts a run: Glue's, or a function's that answers for Glue. */
export const isStart = ({ service, operation, input }: Call): boolean =>
  (service === "glue" && operation === "startJobRun") ||
  (service === "lambda" &&
    operation === "invoke" &&
    /"FunctionName":"[a-z-]+-start-(?!for)/.test(JSON.stringify(input)));
