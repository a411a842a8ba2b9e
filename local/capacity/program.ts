import type { JobDefinition, Simulation } from "../../functions/lib/job-definition.ts";
import { jobFrom, simulationFrom } from "../../functions/lib/environment.ts";
import type { Resource, ResourceGraph } from "../resource-graph.ts";
import { readJobs } from "../services/glue-jobs.ts";
import { Properties } from "../services/properties.ts";
import { readRunListeners, type RunListeners } from "./run-listeners.ts";

/** The program cannot be simulated. */
export class CapacityError extends Error {
  override readonly name = "CapacityError";
}

/** A job as runs are simulated. */
export interface CapacityJob {
  /** As the program calls it, without what Pulumi adds to tell one deployment's from another's. */
  readonly name: string;
  readonly definition: JobDefinition;
  readonly simulation: Pick<Simulation, "startUpSeconds" | "durationSeconds" | "secondsPerMiB" | "failureRate">;
}

/** A function as far as time and money go. */
export interface CapacityFunction {
  readonly name: string;
  readonly memoryMb: number;
  readonly architecture: "arm64" | "x86_64";
  /** The module of its handler: what it does. */
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

/** What a program declares, as far as it decides on time and money. */
export interface CapacityProgram {
  readonly machine: {
    readonly arn: string;
    readonly definition: string;
    readonly type: "STANDARD" | "EXPRESS";
    /** Infinity where it says nothing. */
    readonly timeoutSeconds: number;
  };
  readonly jobs: readonly CapacityJob[];
  /** By ARN and by name. */
  readonly functions: ReadonlyMap<string, CapacityFunction>;
  readonly runListeners: RunListeners;
}

/** Reads what a program declares. Throws CapacityError for what cannot be simulated. */
export const readProgram = (graph: ResourceGraph): CapacityProgram => {
  const functions = readFunctions(graph);
  return {
    machine: readMachine(graph),
    jobs: readAllJobs(graph, functions),
    functions,
    runListeners: readRunListeners(graph, functions),
  };
};

const readMachine = (graph: ResourceGraph): CapacityProgram["machine"] => {
  const machines = graph.resources.filter(({ type }) => type === "aws:sfn/stateMachine:StateMachine");
  const named = graph.outputs.stateMachineArn;
  const resource = machines.find(({ properties }) => properties.arn === named) ?? onlyOne(machines);
  if (resource === undefined) {
    throw new CapacityError(
      machines.length === 0
        ? `stack ${graph.stack} has no state machine: dispatch direct cannot be simulated; ` +
            "set glue-pipeline:dispatch to per-file or batch"
        : `stack ${graph.stack} has ${machines.length} state machines; export the one to simulate as stateMachineArn`,
    );
  }
  const properties = Properties.of(resource);
  const definition = properties.string("definition");
  const { TimeoutSeconds } = JSON.parse(definition) as { readonly TimeoutSeconds?: number };
  const type = properties.optionalString("type") === "EXPRESS" ? "EXPRESS" : "STANDARD";
  return {
    arn: properties.string("arn"),
    definition,
    type,
    timeoutSeconds: TimeoutSeconds ?? (type === "EXPRESS" ? 300 : Infinity),
  };
};

const onlyOne = <T>(all: readonly T[]): T | undefined => (all.length === 1 ? all[0] : undefined);

const readFunctions = (graph: ResourceGraph): ReadonlyMap<string, CapacityFunction> => {
  const functions = new Map<string, CapacityFunction>();
  for (const resource of graph.resources) {
    if (resource.type !== "aws:lambda/function:Function") continue;
    const found = readFunction(resource);
    functions.set(found.name, found);
    functions.set(String(resource.properties.arn), found);
  }
  return functions;
};

const readFunction = (resource: Resource): CapacityFunction => {
  const properties = Properties.of(resource);
  const [architecture] = properties.strings("architectures");
  const handler = properties.optionalString("handler") ?? "";
  return {
    name: properties.string("name"),
    memoryMb: properties.optionalNumber("memorySize") ?? 128,
    architecture: architecture === "arm64" ? "arm64" : "x86_64",
    module: handler.replace(/\.[^.]*$/, ""),
    environment: (properties.child("environment")?.optionalAny("variables") ?? {}) as Readonly<Record<string, string>>,
    timeoutSeconds: properties.optionalNumber("timeout") ?? 3,
  };
};

/** Runs of real jobs behave as the embedded cloud has them behave, unless the workload says how. */
const unknownRuns: CapacityJob["simulation"] = {
  startUpSeconds: 10,
  durationSeconds: 60,
  secondsPerMiB: 0,
  failureRate: 0,
};

const readAllJobs = (
  graph: ResourceGraph,
  functions: ReadonlyMap<string, CapacityFunction>,
): readonly CapacityJob[] => {
  const jobs = new Map<string, CapacityJob>();
  for (const { definition, resource } of readJobs(graph)) {
    jobs.set(definition.Name, { name: resource.name, definition, simulation: unknownRuns });
  }
  for (const { environment } of functions.values()) {
    if (environment.JOB === undefined || environment.SIMULATION === undefined) continue;
    const definition = jobFrom(environment);
    const name = definition.Name.replace(/-[0-9a-f]{7}$/, "");
    jobs.set(definition.Name, { name, definition, simulation: simulationFrom(environment) });
  }
  return [...jobs.values()];
};
