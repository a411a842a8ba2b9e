import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JobRun } from "@aws-sdk/client-glue";
import { VirtualClock } from "../../../local/clock.ts";
import type { Cloud, CloudOptions } from "../../../local/cloud.ts";
import { evaluate } from "../../../local/evaluate.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { start } from "../../../test/support/jobs.ts";
import { cloudOf, jobRunsIn, type PipelineRun } from "../../../test/support/pipeline.ts";
import { rowsThatCount, type Files, type Row } from "./reader.ts";

const directory = fileURLToPath(new URL("..", import.meta.url));
const graphs = new Map<string, Promise<ResourceGraph>>();

/** The program; each stack and config is evaluated once. */
export const graphOf = (
  stack: "local" | "prod" = "local",
  config: Readonly<Record<string, string>> = {},
): Promise<ResourceGraph> => {
  const key = JSON.stringify([stack, config]);
  const graph = graphs.get(key) ?? evaluate({ directory, stack, config });
  graphs.set(key, graph);
  return graph;
};

const sample = (name: string): string => readFileSync(new URL(`../samples/${name}`, import.meta.url), "utf8");

export const day = "2026-01-05";
export const exportName = `payments-${day}.csv`;
/** What the tills tell, most of it of that day, with doubles and what is no payment. */
export const live1 = sample("1-live.jsonl");
/** The same of the next day, with a few of the day before. */
export const live2 = sample("3-live.jsonl");
/** The complete file of the day. */
export const dayFile = sample(`2-${exportName}`);

export interface Step {
  /** Seconds from the start. */
  readonly at: number;
  readonly does: (tills: Tills) => Promise<unknown>;
}

export const land = (at: number, key: string, text: string): Step => ({ at, does: (tills) => tills.land(key, text) });

/** What the failure queue keeps of a file. */
export interface Failure {
  readonly stage?: string;
  readonly error: string;
  readonly cause: string;
  readonly input: object;
  readonly replay?: { readonly resume?: { readonly from: string } };
}

/** A cloud of the program, and what is done with it. */
export class Tills {
  readonly cloud: Cloud;
  readonly events: PipelineRun["events"];
  readonly #graph: ResourceGraph;

  private constructor(graph: ResourceGraph, cloud: Cloud, events: PipelineRun["events"]) {
    this.#graph = graph;
    this.cloud = cloud;
    this.events = events;
  }

  /** Takes steps at their times, and lets all that follows happen. */
  static async run(
    graph: ResourceGraph,
    steps: readonly Step[],
    options: Partial<Omit<CloudOptions, "clock">> = {},
  ): Promise<Tills> {
    const clock = new VirtualClock(start);
    const { cloud, events } = await cloudOf(graph, { ...options, clock });
    const tills = new Tills(graph, cloud, events);
    const faults: unknown[] = [];
    for (const { at, does } of steps) {
      clock.schedule(at * 1000, () =>
        clock
          .wait(does(tills))
          .then(noop, (fault: unknown) => faults.push(fault))
          .then(noop),
      );
    }
    await cloud.settle();
    if (faults.length > 0) throw faults[0] instanceof Error ? faults[0] : new Error(String(faults[0]));
    return tills;
  }

  output(name: string): string {
    return String(this.#graph.outputs[name]);
  }

  /** The name that a resource of the program is given. */
  nameOf(type: string, name: string): unknown {
    return this.#graph.resources.find((found) => found.type === type && found.name === name)?.properties.name;
  }

  land(key: string, text: string): Promise<unknown> {
    const Bucket = this.output("landingBucket");
    return this.cloud.asUser.putObject({ Bucket, Key: `incoming/${key}`, Body: Buffer.from(text) });
  }

  /** The payments that count now. */
  async payments(): Promise<readonly Row[]> {
    return rowsThatCount(await this.files());
  }

  /** All that is in the buckets of the table now. */
  async files(): Promise<Files> {
    const files = new Map<string, Uint8Array>();
    for (const output of ["outputBucket", "liveBucket"]) {
      for (const [key, content] of await this.objects(output, "")) files.set(`${this.output(output)}/${key}`, content);
    }
    return files;
  }

  async objects(output: string, Prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const Bucket = this.output(output);
    const { Contents = [] } = await this.cloud.asUser.listObjects({ Bucket, Prefix });
    return Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await this.cloud.asUser.getObject({ Bucket, Key });
        const pieces: Uint8Array[] = [];
        for await (const piece of Body) pieces.push(piece);
        return [Key, Buffer.concat(pieces)] as const;
      }),
    );
  }

  async keys(output: string, prefix: string): Promise<readonly string[]> {
    return (await this.objects(output, prefix)).map(([key]) => key);
  }

  /** States of the runs of one of the jobs, in the order of their start. */
  states(job: "payments-live" | "payments-load-day"): readonly unknown[] {
    const isOf = ({ JobName = "" }: JobRun): boolean => JobName.startsWith(`${job}-`);
    return jobRunsIn(this.events)
      .filter(isOf)
      .map(({ JobRunState }) => JobRunState);
  }

  /** Messages of a failure queue: the pipeline's, or the streaming job's. */
  failures(queue: "payments-failures" | "payments-job-failures"): readonly Failure[] {
    const [, messages = []] = Object.entries(this.cloud.queues).find(([name]) => name.startsWith(queue)) ?? [];
    return messages.map(({ body }) => JSON.parse(body) as Failure);
  }

  /** Starts an execution that goes on where another has failed, as a person would. */
  async replay({ input, replay = input }: Failure, name = "replay-1"): Promise<void> {
    const stateMachineArn = this.output("stateMachineArn");
    await this.cloud.asUser.startExecution({ stateMachineArn, name, input: JSON.stringify(replay) });
    await this.cloud.settle();
  }
}

const noop = (): void => undefined;
