import { fileURLToPath } from "node:url";
import { aSimulation } from "./jobs.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { definitionOf, graphsOf } from "./stacks.ts";

/** A program whose stages are Clean, then Totals and, after a pause, Convert side by side as Report, then Publish. */
export const stagesProgram = fileURLToPath(new URL("./programs/stages", import.meta.url));

/** Runs that succeed after twenty seconds, each file one of each. */
export const stagesSimulation = aSimulation();

/** What that program declares. */
export const stagesGraphOf = graphsOf(stagesProgram, { maxAttempts: "1", simulatedFailureRate: "0" });

/** The definition without what may differ from stack to stack: who answers calls, and what makes names unique. */
export const masked = (graph: ResourceGraph): unknown =>
  JSON.parse(
    JSON.stringify(definitionOf(graph), (key, value: unknown) => (key === "Resource" ? "masked" : value)),
    (_, value: unknown) => (typeof value === "string" ? value.replace(/-[0-9a-f]{7}\b/g, "-1234567") : value),
  );
