import type { JobRun } from "@aws-sdk/client-glue";
import { readObject } from "../../functions/lib/s3-folder.ts";
import { VirtualClock } from "../../local/clock.ts";
import { createCloud, type Cloud, type CloudOptions } from "../../local/cloud.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { start } from "./jobs.ts";

export interface Upload {
  readonly key: string;
  readonly body?: string | Uint8Array;
}

export interface Ended {
  readonly name: string;
  readonly status: string;
  readonly input: { readonly jobName: string; readonly arguments: Readonly<Record<string, unknown>> };
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly cause?: string;
}

/** All that came of some uploads. */
export interface PipelineRun {
  readonly cloud: Cloud;
  readonly events: readonly (CloudEvent & { readonly at: number })[];
  readonly executions: readonly Ended[];
  /** The messages of a queue whose name starts so. */
  readonly queue: (prefix: string) => readonly unknown[];
  readonly text: (bucketOutput: string, key: string) => Promise<string>;
}

/** A cloud of what a graph declares, with its time skipped and its events kept. */
export const cloudOf = async (
  graph: ResourceGraph,
  options: Partial<CloudOptions> = {},
): Promise<Pick<PipelineRun, "cloud" | "events">> => {
  const events: (CloudEvent & { readonly at: number })[] = [];
  const cloud = await createCloud(graph, {
    clock: new VirtualClock(start),
    observer: (event, at) => events.push({ ...event, at }),
    ...options,
  });
  return { cloud, events };
};

/** Puts files into the landing bucket and lets all that follows happen. */
export const runPipeline = async (
  graph: ResourceGraph,
  uploads: readonly Upload[],
  options: Partial<CloudOptions> = {},
): Promise<PipelineRun> => {
  const { cloud, events } = await cloudOf(graph, options);
  for (const { key, body = "a,b\n1,2\n" } of uploads) {
    await cloud.asUser.putObject({ Bucket: String(graph.outputs.landingBucket), Key: key, Body: Buffer.from(body) });
  }
  await cloud.settle();
  return {
    cloud,
    events,
    executions: executionsIn(events),
    queue: (prefix) => messagesIn(cloud, prefix),
    text: async (output, Key) => {
      const content = await readObject(cloud.asUser, { Bucket: String(graph.outputs[output]), Key });
      return Buffer.from(content).toString("utf8");
    },
  };
};

/** The texts of what waits in the queue that has this in its name, the oldest first. */
export const bodiesIn = ({ queues }: Pick<Cloud, "queues">, queue: string): readonly string[] => {
  const [, messages = []] = Object.entries(queues).find(([name]) => name.includes(queue)) ?? [];
  return messages.map(({ body }) => body);
};

/** The same, parsed. */
export const messagesIn = (cloud: Pick<Cloud, "queues">, queue: string): readonly unknown[] =>
  bodiesIn(cloud, queue).map((body) => JSON.parse(body) as unknown);

const executionsIn = (events: PipelineRun["events"]): readonly Ended[] => {
  const inputs = new Map(
    events.flatMap((event) => (event.kind === "execution-started" ? [[event.name, event.input]] : [])) as [
      string,
      Ended["input"],
    ][],
  );
  return events.flatMap((event) => {
    const input = event.kind === "execution-ended" ? inputs.get(event.name) : undefined;
    if (event.kind !== "execution-ended" || input === undefined) return [];
    const { name, status, error, cause } = event;
    const output = event.output as Ended["output"];
    return [
      {
        name,
        status,
        input,
        ...(output && { output }),
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      },
    ];
  });
};

/** Job runs as they were last seen, in the order of their start. */
export const jobRunsIn = (events: PipelineRun["events"]): readonly JobRun[] => [
  ...new Map(
    events.flatMap((event) => (event.kind === "job-run" ? [[event.run.Id, event.run] as const] : [])),
  ).values(),
];

/** The messages that topics were given. */
export const notificationsIn = (cloud: Cloud): readonly Record<string, unknown>[] =>
  cloud.notifications.map(({ message }) => JSON.parse(message) as Record<string, unknown>);
