import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StandInEvent } from "../../functions/lib/glue.ts";
import type { JobDefinition } from "../../functions/lib/job-definition.ts";
import type { MeasuredWork } from "../../functions/lib/measured-work.ts";
import { VirtualClock, type Clock } from "../clock.ts";
import type { ResourceGraph } from "../resource-graph.ts";
import { readJobs } from "../services/glue-jobs.ts";
import type { FunctionScripts } from "../services/lambda-function.ts";
import { Properties } from "../services/properties.ts";
import type { Api, Principal } from "../services/service.ts";
import type { ScriptCommand, ScriptEngine, ScriptRun } from "./script-run.ts";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The script that a stand-in does the work of: `functions/stand-ins/process-csv.ts` stands in for `process_csv.py`. */
const scriptOfStandIn = (module: string, directory: string): string | undefined => {
  if (basename(join(module, "..")) !== "stand-ins") return undefined;
  const name = `${basename(module, ".ts").replaceAll("-", "_")}.py`;
  return [directory, projectRoot].map((root) => join(root, "scripts", name)).find((path) => existsSync(path));
};

/** The program's jobs that an engine runs the scripts of: real ones, and simulated ones whose stand-in has a script. */
export const jobsWithScripts = (graph: ResourceGraph): readonly Pick<ScriptRun, "GlueVersion" | "Command">[] =>
  [...readJobs(graph).map(({ definition }) => definition), ...jobsOfStandIns(graph).values()].map(
    ({ GlueVersion, Command }) => ({ GlueVersion, Command: scriptCommand(Command) }),
  );

/** The jobs of the functions that stand for Glue, by the name of the function that does their work. */
const jobsOfStandIns = (graph: ResourceGraph): ReadonlyMap<string, JobDefinition> => {
  const jobs = new Map<string, JobDefinition>();
  for (const resource of graph.resources) {
    if (resource.type !== "aws:lambda/function:Function") continue;
    const variables = Properties.of(resource).child("environment")?.child("variables");
    const standIn = variables?.optionalString("STAND_IN") ?? "";
    const job = variables?.optionalString("JOB");
    if (standIn !== "" && job !== undefined) jobs.set(standIn, JSON.parse(job) as JobDefinition);
  }
  return jobs;
};

/**
 * The environment of a function that stands for Glue, where scripts run for real: a run takes as long as its script, and
 * ends as that ends. Nothing else in it is changed.
 */
const measuredEnvironment = (variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const { STAND_IN = "", SIMULATION } = variables;
  if (STAND_IN === "" || SIMULATION === undefined) return variables;
  return { ...variables, SIMULATION: JSON.stringify({ ...(JSON.parse(SIMULATION) as object), measured: true }) };
};

/** The cloud in which scripts run. */
export interface ScriptWorld {
  readonly graph: ResourceGraph;
  readonly clock: Clock;
  readonly api: Api & { callUnchecked(service: string, operation: string, input: unknown): Promise<unknown> };
}

export interface ScriptWork {
  readonly job: JobDefinition;
  readonly event: StandInEvent;
  readonly role: Principal;
  readonly script: ScriptRun["script"];
}

/**
 * Runs a job's script. On a virtual clock time stands still meanwhile; on a real one the answer comes at once, and says
 * that the script is not at its end until it is.
 */
export const runScript = async (
  engine: ScriptEngine,
  { graph, clock, api }: ScriptWorld,
  { job, event, role, script }: ScriptWork,
): Promise<MeasuredWork> => {
  const outcome = engine.run({
    ...event,
    GlueVersion: job.GlueVersion,
    Command: scriptCommand(job.Command),
    Timeout: job.Timeout,
    script,
    role,
    cloud: {
      region: graph.region,
      buckets: bucketsOf(graph),
      api,
      owner: (service, operation, input) => api.callUnchecked(service, operation, input),
    },
  });
  if (clock instanceof VirtualClock) return { outcome: await outcome };
  // An outcome that is known already comes first.
  const pending = setImmediate({ pending: true } as const);
  return Promise.race([outcome.then((ended) => ({ outcome: ended })), pending]);
};

/** Runs the scripts that functions of the program stand in for: each as its function's role. */
export const standInScripts = (engine: ScriptEngine, world: ScriptWorld): FunctionScripts => {
  const jobs = jobsOfStandIns(world.graph);
  return {
    variables: measuredEnvironment,
    environment: (functionName, module, role) => {
      const job = jobs.get(functionName);
      const path = scriptOfStandIn(module, world.graph.directory);
      if (job === undefined || path === undefined) return undefined;
      return {
        invoke: async (event) =>
          runScript(engine, world, { job, event: event as StandInEvent, role, script: await readScriptFile(path) }),
      };
    },
  };
};

const scriptCommand = (command: JobDefinition["Command"] = "glueetl"): ScriptCommand => {
  if (command === "glueray") throw new Error("scripts of Ray jobs are not run here");
  return command;
};

/** The script's text, from the folder of the program. */
const readScriptFile = async (path: string): Promise<ScriptRun["script"]> => ({
  name: basename(path),
  content: await readFile(path),
  folders: [dirname(path), join(projectRoot, "scripts")],
});

const bucketsOf = (graph: ResourceGraph): readonly string[] =>
  graph.resources
    .filter(({ type }) => type === "aws:s3/bucket:Bucket")
    .map((resource) => Properties.of(resource).string("bucket"));
