import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type {
  BatchStopJobRunRequest,
  BatchStopJobRunResponse,
  GetJobBookmarkRequest,
  GetJobRunRequest,
  GetJobRunsRequest,
  JobRun,
  ResetJobBookmarkRequest,
  StartJobRunRequest,
} from "@aws-sdk/client-glue";
import { isRunItem, runFromItem } from "../../functions/lib/dynamo-job-run-store.ts";
import { createGlue } from "../../functions/lib/glue.ts";
import { GlueError, JobFailure } from "../../functions/lib/glue-error.ts";
import { describeRun, isSettled, progress, stoppedAt } from "../../functions/lib/job-run.ts";
import { bytesOf } from "./bytes.ts";
import { glueCatalogOperations } from "./glue-catalog.ts";
import { createRunEndReporter } from "./glue-events.ts";
import { readJobs } from "./glue-jobs.ts";
import { createRunFollower } from "./glue-ends.ts";
import { createStreamingRuns } from "./glue-streaming.ts";
import { requireSurroundings } from "./glue-surroundings.ts";
import { createMemoryJobRunStore } from "./memory-job-run-store.ts";
import { ServiceError } from "./service.ts";
import type { Glue, StandInEvent } from "../../functions/lib/glue.ts";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import type { JobRunRecord } from "../../functions/lib/job-run.ts";
import type { RunKey } from "../../functions/lib/job-run-store.ts";
import type { PutEvent } from "./events.ts";
import type { DeclaredJob } from "./glue-jobs.ts";
import type { NotHonoured } from "./kinds.ts";
import type { Operation, Permission, Service } from "./service.ts";
import type { MemoryJobRunStore } from "./memory-job-run-store.ts";
import type { World } from "./world.ts";

export interface GlueServiceOptions {
  /** How runs behave. */
  readonly simulation: Simulation;
  /** Runs a job's stand-in, or its script, as the job's role. Without it runs take their time and write nothing. */
  readonly standIn?: (job: DeclaredJob, event: StandInEvent, script: Uint8Array) => Promise<unknown>;
  /** Whether the scripts themselves are run. @default false */
  readonly runsScripts?: boolean;
  /** Hears which runs are asked to stop. */
  readonly onStop?: (JobRunId: string) => void;
  readonly notHonoured?: (found: NotHonoured) => void;
  /** How many ended runs of each job are remembered. @default 10000 */
  readonly keep?: number;
  /** Hears of runs that have ended. */
  readonly putEvent?: PutEvent;
  /** Whether somebody waits for what is told of the ends of a job's runs: those are told when they come. @default nobody */
  readonly awaitsEnds?: (jobName: string) => boolean;
}

type GlueWorld = Pick<World, "graph" | "clock" | "api" | "authoriser" | "observe" | "later">;

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
  if (options.standIn !== undefined && options.runsScripts !== true) reportMissingStandIns(jobs, options);
  const store = createMemoryJobRunStore(options.keep ?? defaultKeep);
  const standIn = (event: StandInEvent): Promise<unknown> => runScript(world, options, jobs, event);
  const glue = createGlue({
    jobs: [...jobs.values()].map(({ definition }) => definition),
    simulation: options.simulation,
    store,
    now: () => world.clock.now(),
    standIn,
  });
  const reportEnd = createRunEndReporter(options.putEvent ?? unheard);
  const follow = createStreamingRuns(world, { store, standIn, onEnd: reportEnd });
  const getJobRun = lookerAt(world, { glue, store, reportEnd });
  const followEnd = createRunFollower(world, {
    store,
    look: async ({ JobName, Id: RunId }) => (await getJobRun({ JobName, RunId })).JobRun,
  });
  return {
    operations: operationsOf(world, {
      getJobRun,
      glue,
      store,
      reportEnd,
      onStop: options.onStop ?? (() => undefined),
      onStart: async (run) => {
        if (options.awaitsEnds?.(run.JobName) === true) await followEnd(run);
        const job = jobs.get(run.JobName);
        const isDone = options.standIn === undefined || options.runsScripts === true || job?.standIn === undefined;
        if (!isDone) await follow(job.definition, run);
      },
    }),
  };
}

/** What an item in a simulated job's table says of its run; nothing for items that are no runs. */
export function runOfItem(item: Readonly<Record<string, AttributeValue>>, now: number): ToldRun | undefined {
  return isRunItem(item) ? told(runFromItem(item), now) : undefined;
}

interface GlueParts {
  readonly glue: Glue;
  readonly getJobRun: GetJobRun;
  readonly store: MemoryJobRunStore;
  readonly reportEnd: (run: JobRun) => void;
  readonly onStop: (JobRunId: string) => void;
  readonly onStart: (run: RunKey) => Promise<void>;
}

const unheard: PutEvent = () => undefined;

function operationsOf(
  world: GlueWorld,
  { glue, getJobRun, store, reportEnd, onStop, onStart }: GlueParts,
): Service["operations"] {
  const { graph, observe, clock, later } = world;
  const operation = (action: string, run: (input: never) => Promise<unknown>): Operation => ({
    permissions: ({ JobName }: { readonly JobName?: string }): readonly Permission[] => [
      { action: `glue:${action}`, resource: `arn:aws:glue:${graph.region}:${graph.accountId}:job/${JobName ?? ""}` },
    ],
    run: (input) => asService(() => run(input)),
  });
  const batchStopJobRun = async (request: BatchStopJobRunRequest): Promise<BatchStopJobRunResponse> => {
    const answer = await glue.batchStopJobRun(request);
    for (const { JobName = "", JobRunId: Id = "" } of answer.SuccessfulSubmissions ?? []) {
      onStop(Id);
      const run = await store.get({ JobName, Id });
      if (run?.stopRequestedAt === undefined) continue;
      // Nobody need look at a run that was stopped, and yet its end is told.
      later(stoppedAt(run, run.stopRequestedAt) - clock.now(), () => {
        const now = describeRun(run, clock.now());
        observe({ kind: "job-run", run: now });
        reportEnd(now);
        return Promise.resolve();
      });
    }
    return answer;
  };
  return {
    ...glueCatalogOperations(graph),
    startJobRun: operation("StartJobRun", async (input: StartJobRunRequest) => {
      const answer = await glue.startJobRun(input);
      await onStart({ JobName: input.JobName ?? "", Id: answer.JobRunId ?? "" });
      return answer;
    }),
    getJobRun: operation("GetJobRun", getJobRun),
    getJobBookmark: operation("GetJobBookmark", (input: GetJobBookmarkRequest) => glue.getJobBookmark(input)),
    resetJobBookmark: operation("ResetJobBookmark", (input: ResetJobBookmarkRequest) => glue.resetJobBookmark(input)),
    getJobRuns: operation("GetJobRuns", (input: GetJobRunsRequest) => glue.getJobRuns(input)),
    batchStopJobRun: operation("BatchStopJobRun", (input: BatchStopJobRunRequest) => batchStopJobRun(input)),
  };
}

type GetJobRun = (request: GetJobRunRequest) => Promise<{ JobRun: JobRun }>;

function lookerAt(
  { observe }: GlueWorld,
  { glue, store, reportEnd }: Pick<GlueParts, "glue" | "store" | "reportEnd">,
): GetJobRun {
  return async (request) => {
    const { run, at } = await glue.look(request);
    const answer = told(run, at);
    observe({ kind: "job-run", ...answer });
    if (answer.run.JobRunState !== undefined && isSettled(answer.run.JobRunState)) {
      store.ended(run);
      reportEnd(answer.run);
    }
    return { JobRun: answer.run };
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
): Promise<unknown> {
  const job = jobs.get(event.JobName);
  if (job === undefined) return undefined;
  try {
    requireSurroundings(world, job);
  } catch (error) {
    throw new JobFailure(`The run cannot be set up: ${described(error)}`);
  }
  let script: Uint8Array;
  try {
    script = await readScript(world, job);
  } catch (error) {
    const { Bucket, Key } = job.script;
    throw new JobFailure(`The script s3://${Bucket}/${Key} cannot be read: ${described(error)}`);
  }
  try {
    return await standIn?.(job, event, script);
  } catch (error) {
    throw error instanceof JobFailure ? error : new JobFailure(described(error));
  }
}

/** Glue reads the script as the job's role before it does anything else. */
async function readScript({ api }: GlueWorld, { roleArn, script }: DeclaredJob): Promise<Uint8Array> {
  const { Body } = (await api.call(roleArn, "s3", "getObject", script)) as { Body: AsyncIterable<Uint8Array> };
  const content = await bytesOf(Body);
  if (content.length === 0) throw new Error("it is empty");
  return content;
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
