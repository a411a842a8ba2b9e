import { transitionsIn } from "../../../cli/run/tallies.ts";
import { manifestKey, type Manifest } from "../../../functions/lib/queued/manifest.ts";
import { readObject } from "../../../functions/lib/s3-folder.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { type Cloud, createCloud } from "../../../local/cloud.ts";
import type { DurationModel } from "../../../local/capacity/workload.ts";
import { costOf } from "../../../local/cost.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { aSimulation, start } from "../jobs.ts";
import { jobRunsIn } from "../pipeline.ts";

/** A file that lands. */
export interface Landing {
  /** Seconds from the start. */
  readonly at: number;
  readonly bytes: number;
  /** @default one of its own */
  readonly key?: number;
  /** Seconds after which its notification comes. @default 0 */
  readonly noticed?: number;
}

/** What came of files in the embedded cloud, as a capacity simulation tells it. Times are seconds. */
export interface Told {
  readonly latencies: readonly number[];
  readonly executions: number;
  readonly jobRuns: number;
  /** Files. */
  readonly succeeded: number;
  /** Versions that a newer one came before. */
  readonly superseded: number;
  /** As AWS charges for them: each retry is one. */
  readonly transitions: number;
  readonly historyEvents: { readonly mean: number; readonly max: number };
  /** At the end of each moment: an execution that ends may hand its place on before it is over. */
  readonly mostExecutions: number;
  /** Calls of functions, and the messages that each call handed over. */
  readonly calls: ReadonlyMap<string, readonly number[]>;
  /** Messages sent to queues. */
  readonly sent: number;
  /** Messages published to topics. */
  readonly published: number;
  /** What functions ask of the ledger, as DynamoDB bills it: what is written or read at once counts twice. */
  readonly ledger: { readonly writes: number; readonly reads: number };
  readonly objects: { readonly puts: number; readonly gets: number };
  readonly glue: number;
}

type Events = readonly (CloudEvent & { readonly at: number })[];

/** Lands files in the embedded cloud of a program, one after the other, and tells what happened. */
export const embedded = async (
  graph: ResourceGraph,
  landings: readonly Landing[],
  model: DurationModel,
): Promise<Told> => {
  const events: (CloudEvent & { readonly at: number })[] = [];
  const landedAt = new Map<string, number>();
  const clock = new VirtualClock(start);
  const cloud = await createCloud(graph, {
    clock,
    observer: (event, at) => events.push({ ...event, at: (at - start) / 1000 }),
    standIns: false,
    deliveries: () => [1000 * (landings[landedAt.size]?.noticed ?? 0)],
    simulation: aSimulation({
      startUpSeconds: model.startUp,
      durationSeconds: model.fixed,
      failureRate: model.failureRate,
    }),
  });
  const used = usageOf(cloud);
  const Bucket = String(graph.outputs.landingBucket);
  for (const [index, { at, bytes, key = index }] of landings.entries()) {
    await clock.spawn(() => clock.sleep(start + 1000 * at - clock.now()));
    const Key = `incoming/${key}.csv`;
    const { VersionId } = await cloud.asUser.putObject({ Bucket, Key, Body: Buffer.alloc(bytes, "a,b\n") });
    landedAt.set(`${Key} ${String(VersionId)}`, at);
  }
  await cloud.settle();
  const usage = used();
  const filesOf = async (name: string, { key, versionId }: File): Promise<readonly File[]> => {
    if (!name.startsWith("batch-")) return [{ key, versionId }];
    const manifest = { Bucket: String(graph.outputs.outputBucket), Key: manifestKey(name) };
    return (JSON.parse(Buffer.from(await readObject(cloud.asUser, manifest)).toString()) as Manifest).files;
  };
  return { ...(await filesIn(events, landedAt, filesOf)), ...executionsIn(events), ...requestsIn(events), ...usage };
};

interface File {
  readonly key: string;
  readonly versionId: string;
}

/** How long each file took, and how it ended. */
const filesIn = async (
  events: Events,
  landedAt: ReadonlyMap<string, number>,
  filesOf: (name: string, file: File) => Promise<readonly File[]>,
): Promise<Pick<Told, "latencies" | "succeeded" | "superseded">> => {
  const inputs = new Map<string, File>();
  const latencies: number[] = [];
  let succeeded = 0;
  let superseded = 0;
  const ended = ({ key, versionId }: File, at: number): void => {
    latencies.push(at - (landedAt.get(`${key} ${versionId}`) ?? Number.NaN));
  };
  for (const event of events) {
    if (event.kind === "execution-started") {
      inputs.set(event.executionArn, (event.input as { readonly arguments: File }).arguments);
    }
    if (event.kind === "execution-ended") {
      const input = inputs.get(event.executionArn);
      if (input === undefined) continue;
      const files = await filesOf(event.name, input);
      for (const file of files) ended(file, event.at);
      if (event.status === "SUCCEEDED") succeeded += files.length;
    }
    if (event.kind !== "notification") continue;
    const told = JSON.parse(event.message) as { readonly outcome: string; readonly file: File };
    if (told.outcome !== "superseded") continue;
    superseded++;
    ended(told.file, event.at);
  }
  return { latencies, succeeded, superseded };
};

type OfExecutions = "executions" | "jobRuns" | "transitions" | "historyEvents" | "mostExecutions" | "glue";

const executionsIn = (events: Events): Pick<Told, OfExecutions> => {
  const histories = new Map<string, number>();
  let transitions = 0;
  let executions = 0;
  let running = 0;
  let mostExecutions = 0;
  let last = 0;
  for (const event of events) {
    if (event.at > last) mostExecutions = Math.max(mostExecutions, running);
    last = event.at;
    if (event.kind === "execution-started") running++;
    if (event.kind === "execution-ended") {
      running--;
      executions++;
    }
    if (event.kind !== "history") continue;
    histories.set(event.executionArn, (histories.get(event.executionArn) ?? 0) + 1);
    transitions += transitionsIn(event.event);
  }
  const counts = [...histories.values()];
  const jobRuns = jobRunsIn(events);
  return {
    executions,
    jobRuns: jobRuns.length,
    transitions,
    historyEvents: { mean: counts.reduce((sum, count) => sum + count, 0) / counts.length, max: Math.max(...counts) },
    mostExecutions,
    glue: costOf({ jobRuns, transitions, invocations: [] }).glue,
  };
};

const requestsIn = (events: Events): Pick<Told, "calls" | "sent" | "published"> => {
  const calls = new Map<string, number[]>();
  for (const event of events) {
    if (event.kind !== "function-invoked") continue;
    const { Records = [] } = event.payload as { readonly Records?: readonly unknown[] };
    calls.set(event.functionName, [...(calls.get(event.functionName) ?? []), Records.length]);
  }
  const countOf = (kind: CloudEvent["kind"]): number => events.filter((event) => event.kind === kind).length;
  return { calls, sent: countOf("message-sent"), published: countOf("notification") };
};

/** The roles of the dispatcher and of the recorder. */
const isOfDispatch = /dispatcher|recorder/;

/** Listens to what functions ask of tables and buckets. */
const usageOf = ({ api }: Cloud): (() => Pick<Told, "ledger" | "objects">) => {
  const asked = new Map<string, number>();
  const call = api.call.bind(api);
  api.call = (principal, service, operation, input) => {
    const { TransactItems = [{}] } = input as { readonly TransactItems?: readonly object[] };
    const count = isOfDispatch.test(principal) ? TransactItems.length : 0;
    asked.set(operation, (asked.get(operation) ?? 0) + count);
    return call(principal, service, operation, input);
  };
  const sum = (...operations: readonly string[]): number =>
    operations.reduce((total, operation) => total + (asked.get(operation) ?? 0), 0);
  return () => ({
    ledger: {
      writes: sum("putItem", "updateItem", "deleteItem") + 2 * sum("transactWriteItems"),
      reads: sum("getItem", "query"),
    },
    objects: { puts: sum("putObject"), gets: sum("getObject") },
  });
};
