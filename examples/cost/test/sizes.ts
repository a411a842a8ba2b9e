import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JobRun } from "@aws-sdk/client-glue";
import type { Scenario, Simulation } from "../../../functions/lib/job-definition.ts";
import { readObject } from "../../../functions/lib/s3-folder.ts";
import { parse } from "csv-parse/sync";
import { query } from "../../../test/support/duckdb.ts";
import { aSimulation } from "../../../test/support/jobs.ts";
import { jobRunsIn, messagesIn, runPipeline, type PipelineRun } from "../../../test/support/pipeline.ts";
import { graphsOf } from "../../../test/support/stacks.ts";

export const directory = fileURLToPath(new URL("..", import.meta.url));
export const sample = fileURLToPath(new URL("../samples/orders.csv", import.meta.url));

/** DPUs × USD per DPU-hour × a quarter of an hour, from the price list of us-east-1. */
export const dollarsFor15Minutes = {
  Small: 2 * 0.44 * 0.25,
  Medium: 10 * 0.44 * 0.25,
  // A G.2X is two DPUs.
  Large: 20 * 2 * 0.44 * 0.25,
  // An R.2X is two memory-DPUs.
  Memory: 5 * 2 * 0.52 * 0.25,
  Flex: 2 * 0.29 * 0.25,
  Six: 0.66,
  Newest: 2 * 0.308 * 0.25,
} as const;

export type Size = keyof typeof dollarsFor15Minutes;
export const sizes = Object.keys(dollarsFor15Minutes) as Size[];

export const graphOf = graphsOf(directory);

/** Runs of the stack with real jobs, which take as long, and fail as often, as a test wants. */
export const simulationOf = (durationSeconds = 900, scenarios: readonly Scenario[] = []): Simulation =>
  aSimulation({ durationSeconds, scenarios });

/** Lands the sample under each of the names, and lets all that follows happen. */
export const run = async (
  keys: readonly string[] = ["orders.csv"],
  options: {
    readonly durationSeconds?: number;
    readonly scenarios?: readonly Scenario[];
    readonly stack?: string;
  } = {},
): Promise<PipelineRun> => {
  const { durationSeconds, scenarios, stack = "prod" } = options;
  const body = readFileSync(sample);
  return runPipeline(
    await graphOf(stack),
    keys.map((key) => ({ key: `incoming/${key}`, body })),
    { simulation: simulationOf(durationSeconds, scenarios) },
  );
};

/** What the failure queue keeps of a file. */
export interface Failure {
  readonly outcome: string;
  readonly stage: string;
  readonly executionName: string;
  readonly error: string;
  readonly cause: string;
  readonly replay: { readonly resume: { readonly from: string; readonly executionName: string } };
}

/** What waits in the failure queue. */
export const failuresIn = ({ cloud }: Pick<PipelineRun, "cloud">): readonly Failure[] =>
  messagesIn(cloud, "failures") as readonly Failure[];

export const stageOf = (jobRun: JobRun): string => jobRun.Arguments?.["--stage"] ?? "";

/** The states of an execution's runs by stage, as Glue tells them now, the oldest first. */
export const statesOf = async (
  { cloud, events }: Pick<PipelineRun, "cloud" | "events">,
  execution = "",
): Promise<Readonly<Record<string, readonly (string | undefined)[]>>> => {
  const states: Record<string, (string | undefined)[]> = {};
  for (const { Id, JobName, Arguments } of jobRunsIn(events)) {
    if (!(Arguments?.["--execution_name"] ?? "").startsWith(execution)) continue;
    const { JobRun } = (await cloud.asUser.call("glue", "getJobRun", { JobName, RunId: Id })) as {
      readonly JobRun: JobRun;
    };
    (states[stageOf(JobRun)] ??= []).push(JobRun.JobRunState);
  }
  return states;
};

type Rows = readonly (readonly string[])[];

const byProduct = ([a = ""]: readonly string[], [b = ""]: readonly string[]): number => (a < b ? -1 : 1);

/** What each size has written into the folder of an execution: the header, and the products in order. */
export const revenueOf = async (
  cloud: PipelineRun["cloud"],
  execution: string,
): Promise<Readonly<Record<string, Rows>>> => {
  const Bucket = String((await graphOf("prod")).outputs.outputBucket);
  const { Contents = [] } = await cloud.asUser.listObjects({ Bucket });
  const found: Record<string, Rows> = {};
  for (const { Key } of Contents) {
    const [size = "", folder, name] = Key.split("/");
    if (folder !== `execution=${execution}` || name !== "revenue.csv") continue;
    const [head = [], ...rows] = parse(Buffer.from(await readObject(cloud.asUser, { Bucket, Key })));
    found[size] = [head, ...rows.sort(byProduct)];
  }
  return found;
};

/** The same, as it has to be: DuckDB's sums of the sample, at each size. */
export const expectedRevenue = async (): Promise<Readonly<Record<string, Rows>>> => {
  const answer = await query(
    `SELECT product, sum(round(quantity * unit_price * 100))::BIGINT AS cents
     FROM read_csv('${sample}', header = true) GROUP BY product ORDER BY product`,
  );
  const rows = answer.getRows().map((row) => row.map(String));
  const table = [["product", "revenue_cents"], ...rows.sort(byProduct)];
  return Object.fromEntries(sizes.map((size) => [size.toLowerCase(), table]));
};
