import { fileURLToPath } from "node:url";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { evaluate } from "../../local/evaluate.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";

/** A program whose stages are Clean, then Totals and, after a pause, Convert side by side as Report, then Publish. */
export const stagesProgram = fileURLToPath(new URL("./programs/stages", import.meta.url));

type Config = Readonly<Record<string, string>>;

/** Runs that succeed after twenty seconds, each file one of each. */
export const stagesSimulation: Simulation = {
  seed: 1,
  startUpSeconds: 8,
  durationSeconds: 12,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [],
};

const usual: Config = { maxAttempts: "1", simulatedFailureRate: "0" };

const evaluated = new Map<string, Promise<ResourceGraph>>();

/** What that program declares; each stack and config is evaluated once. */
export const stagesGraphOf = (stack: string, config: Config = {}): Promise<ResourceGraph> => {
  const key = JSON.stringify([stack, config]);
  const graph = evaluated.get(key) ?? evaluate({ directory: stagesProgram, stack, config: { ...usual, ...config } });
  evaluated.set(key, graph);
  return graph;
};
