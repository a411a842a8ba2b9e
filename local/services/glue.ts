import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type {
  BatchStopJobRunRequest,
  GetJobRunRequest,
  GetJobRunsRequest,
  JobRun,
  StartJobRunRequest,
} from "@aws-sdk/client-glue";
import { isRunItem, runFromItem } from "../../functions/lib/dynamo-job-run-store.ts";
import { createGlue } from "../../functions/lib/glue.ts";
import { GlueError, JobFailure } from "../../functions/lib/glue-error.ts";
import { describeRun, isSettled, progress } from "../../functions/lib/job-run.ts";
import { readJobs } from "./glue-jobs.ts";
import { createMemoryJobRunStore } from "./memory-job-run-store.ts";
import { ServiceError } from "./service.ts";
import type { Glue, StandInEvent } from "../../functions/lib/glue.ts";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import type { JobRunRecord } from "../../functions/lib/job-run.ts";
import type { DeclaredJob } from "./glue-jobs.ts";
import type { NotHonoured } from "./kinds.ts";
import type { Operation, Permission, Service } from "./service.ts";
import type { MemoryJobRunStore } from "./memory-job-run-store.ts";
import type { World } from "./world.ts";

export interface GlueServiceOptions {
  /** How runs behave. */
  readonly simulation: Simulation;
  /** Runs a job's stand-in as the job's role. Without it runs take their time and write nothing. */
  readonly standIn?: (job: DeclaredJob, event: StandInEvent) => Promise<unknown>;
  readonly notHonoured?: (found: NotHonoured) => void;
  /** How many ended runs of each job are remembered. @default 10000 */
  readonly keep?: number;
}

type GlueWorld = Pick<World, "graph" | "clock" | "api" | "observe">;

/** A job run with how far it is. */
export interface ToldRun {
  readonly run: JobRun;
  readonly progress: number;
}

const defaultKeep = 10_000;

/**
 * Glue, as far as running the program's jobs goes. Runs live as simulated ones do, by the same code; what a job's script
 * would do, its stand-in does, with the permissions of the job's role.
 */
export function createGlueService(world: GlueWorld, options: GlueServiceOptions): Service {
  const jobs = new Map(readJobs(world.graph).map((job) => [job.definition.Name, job]));
  if (options.standIn !== undefined) reportMissingStandIns(jobs, options);
  const store = createMemoryJobRunStore(options.keep ?? defaultKeep);
  const glue = createGlue({
    jobs: [...jobs.values()].map(({ definition }) => definition),
    simulation: options.simulation,
    store,
    now: () => world.clock.now(),
    standIn: (event) => runScript(world, options, jobs, event),
  });
  return { operations: operationsOf(world, glue, store) };
}

/** What an item in a simulated job's table says of its run; nothing for items that are no runs. */
export function runOfItem(item: Readonly<Record<string, AttributeValue>>, now: number): ToldRun | undefined {
  return isRunItem(item) ? told(runFromItem(item), now) : undefined;
}

function operationsOf(world: GlueWorld, glue: Glue, store: MemoryJobRunStore): Service["operations"] {
  const { graph, observe } = world;
  const operation = (action: string, run: (input: never) => Promise<unknown>): Operation => ({
    permissions: ({ JobName }: { readonly JobName?: string }): readonly Permission[] => [
      { action: `glue:${action}`, resource: `arn:aws:glue:${graph.region}:${graph.accountId}:job/${JobName ?? ""}` },
    ],
    run: (input) => asService(() => run(input)),
  });
  const getJobRun = async (request: GetJobRunRequest): Promise<{ JobRun: JobRun }> => {
    const { run, at } = await glue.look(request);
    const answer = told(run, at);
    observe({ kind: "job-run", ...answer });
    if (answer.run.JobRunState !== undefined && isSettled(answer.run.JobRunState)) store.ended(run);
    return { JobRun: answer.run };
  };
  return {
    startJobRun: operation("StartJobRun", (input: StartJobRunRequest) => glue.startJobRun(input)),
    getJobRun: operation("GetJobRun", getJobRun),
    getJobRuns: operation("GetJobRuns", (input: GetJobRunsRequest) => glue.getJobRuns(input)),
    batchStopJobRun: operation("BatchStopJobRun", (input: BatchStopJobRunRequest) => glue.batchStopJobRun(input)),
  };
}

function told(record: JobRunRecord, now: number): ToldRun {
  return { run: describeRun(record, now), progress: progress(record, now) };
}

function reportMissingStandIns(jobs: ReadonlyMap<string, DeclaredJob>, { notHonoured }: GlueServiceOptions): void {
  for (const { resource, script, standIn } of jobs.values()) {
    if (standIn !== undefined) continue;
    const reason = `nothing stands in for the script ${script.Key}: the job's runs take their time and write nothing`;
    notHonoured?.({ resource, property: "command", reason });
  }
}

/** What goes wrong from here on is the run's own failure, as it is in Glue. */
async function runScript(
  world: GlueWorld,
  { standIn }: GlueServiceOptions,
  jobs: ReadonlyMap<string, DeclaredJob>,
  event: StandInEvent,
): Promise<void> {
  const job = jobs.get(event.JobName);
  if (job === undefined) return;
  try {
    await readScript(world, job);
  } catch (error) {
    const { Bucket, Key } = job.script;
    throw new JobFailure(`The script s3://${Bucket}/${Key} cannot be read: ${described(error)}`);
  }
  if (standIn === undefined || job.standIn === undefined) return;
  try {
    await standIn(job, event);
  } catch (error) {
    throw error instanceof JobFailure ? error : new JobFailure(described(error));
  }
}

/** Glue reads the script as the job's role before it does anything else. */
async function readScript({ api }: GlueWorld, { roleArn, script }: DeclaredJob): Promise<void> {
  const { Body } = (await api.call(roleArn, "s3", "getObject", script)) as { Body: AsyncIterable<Uint8Array> };
  let bytes = 0;
  for await (const chunk of Body) bytes += chunk.length;
  if (bytes === 0) throw new Error("it is empty");
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}

async function asService<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GlueError) throw new ServiceError(error.name, error.message);
    throw error;
  }
}
