import { isSiblingFailed } from "./errors.ts";
import {
  EXPRESS_TIMEOUT_SECONDS,
  MAX_DISTRIBUTED_CONCURRENCY,
  MAX_EXPRESS_EVENTS,
  MAX_HISTORY_EVENTS,
} from "./limits.ts";
import { StatesError } from "./machine.ts";
import { type Batch, batches } from "./map-batches.ts";
import { Children } from "./map-children.ts";
import { readItems } from "./map-reader.ts";
import { type MapRun, type MapRuns, untraced } from "./map-runs.ts";
import { destinationOf, shaped, writeResults } from "./map-writer.ts";
import { checkPayload } from "./payload.ts";
import type { DistributionPlan, MachinePlan, MapPlan } from "./plan.ts";
import { concurrency, itemsOf, select } from "./run-map.ts";
import type { Visit } from "./visit.ts";

/** A Map Run: each item, or batch of items, is an execution of its own. */
export async function runDistributedMap(visit: Visit<MapPlan>, plan: DistributionPlan): Promise<unknown> {
  const { run, thread } = visit;
  // What is read from S3 is counted only when it has been read.
  const listed = plan.reader === undefined ? await itemsOf(visit) : undefined;
  const atOnce = await concurrency(visit, MAX_DISTRIBUTED_CONCURRENCY);
  const tolerated = await tolerance(visit, plan);
  run.record(thread, "MapStateStarted", { length: listed?.length ?? 0 });
  const runs = run.host.mapRuns ?? untraced(run.host, visit.context);
  const mapRun = runs.begin({
    label: plan.label,
    executionType: plan.executionType,
    maxConcurrency: atOnce,
    toleratedFailureCount: tolerated.count ?? 0,
    toleratedFailurePercentage: tolerated.percentage ?? 0,
  });
  run.record(thread, "MapRunStarted", { mapRunArn: mapRun.arn });
  try {
    const result = await resultOf(visit, plan, { runs, mapRun, listed, atOnce, tolerated });
    run.record(thread, "MapRunSucceeded", {});
    run.recordAside(thread, "MapStateSucceeded", {});
    return result;
  } catch (error) {
    if (error instanceof StatesError) {
      mapRun.end("FAILED", 0);
      run.record(thread, "MapRunFailed", { error: error.name, cause: error.cause });
    } else {
      mapRun.end("ABORTED", 0);
      if (isSiblingFailed(error)) run.recordAside(thread, "MapRunAborted", {});
    }
    throw error;
  }
}

interface Passage {
  readonly runs: MapRuns;
  readonly mapRun: MapRun;
  /** Undefined: they are read from S3. */
  readonly listed: readonly unknown[] | undefined;
  readonly atOnce: number;
  readonly tolerated: Tolerance;
}

async function resultOf(
  visit: Visit<MapPlan>,
  plan: DistributionPlan,
  { runs, mapRun, listed, atOnce, tolerated }: Passage,
): Promise<unknown> {
  const { state } = visit;
  const { reader, batcher, writer } = plan;
  const destination = await destinationOf(visit, writer);
  const items = listed ?? (reader === undefined ? [] : await readItems(visit, reader, runs));
  const inputs = await batches(visit, batcher, await select(visit, items));
  for (const { input } of inputs) checkPayload(input, `input of an execution of the state ${state.name}`);
  const total = inputs.reduce((sum, batch) => sum + batch.items, 0);
  mapRun.expect(inputs.length, total);
  const children = new Children(visit, childPlan(state, plan), mapRun, inputs, {
    itemOf: (index: number, { input }: Batch) => (batcher === undefined ? items[index] : input),
    mayFail: mayFail(tolerated, total),
    keepsRecords: writer !== undefined,
  });
  try {
    await children.run(Math.min(atOnce, inputs.length));
  } catch (error) {
    // What was done is told even so.
    if (error instanceof StatesError && writer !== undefined && destination !== undefined) {
      await writeResults(runs, mapRun, writer, destination, children.results());
    }
    throw error;
  }
  const results = children.results();
  const answer =
    writer === undefined || destination === undefined
      ? shaped(results, writer?.transformation ?? "COMPACT")
      : await writeResults(runs, mapRun, writer, destination, results);
  mapRun.end("SUCCEEDED", destination === undefined ? 0 : total);
  return answer;
}

/** What a child runs by: it has a history and a time of its own. */
const childPlan = ({ processor }: MapPlan, { executionType }: DistributionPlan): MachinePlan =>
  executionType === "EXPRESS"
    ? { scope: processor, timeoutSeconds: EXPRESS_TIMEOUT_SECONDS, maxEvents: MAX_EXPRESS_EVENTS }
    : { scope: processor, timeoutSeconds: undefined, maxEvents: MAX_HISTORY_EVENTS };

interface Tolerance {
  readonly count: number | undefined;
  readonly percentage: number | undefined;
}

async function tolerance(visit: Visit<MapPlan>, plan: DistributionPlan): Promise<Tolerance> {
  const env = visit.env();
  return {
    count: await visit.number(plan.toleratedCount, env, { min: 0, max: Number.MAX_SAFE_INTEGER }),
    percentage: await visit.number(plan.toleratedPercentage, env, { min: 0, max: 100, fractions: true }),
  };
}

/** How many of so many items may fail. */
function mayFail({ count, percentage }: Tolerance, items: number): number {
  if (count === undefined && percentage === undefined) return 0;
  return Math.min(count ?? Infinity, percentage === undefined ? Infinity : (percentage / 100) * items);
}
