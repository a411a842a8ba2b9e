import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JobRun } from "@aws-sdk/client-glue";
import type { CloudOptions } from "../../../local/cloud.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { jobRunsIn, messagesIn } from "../../../test/support/pipeline.ts";
import { begin, Program, type Step as StepOf } from "../../../test/support/program.ts";
import { graphsOf } from "../../../test/support/stacks.ts";
import { rowsThatCount, type Files, type Row } from "./reader.ts";

export const graphOf = graphsOf(fileURLToPath(new URL("..", import.meta.url)));

const sample = (name: string): string => readFileSync(new URL(`../samples/${name}`, import.meta.url), "utf8");

export const day = "2026-01-05";
export const exportName = `payments-${day}.csv`;
/** What the tills tell, most of it of that day, with doubles and what is no payment. */
export const live1 = sample("1-live.jsonl");
/** The same of the next day, with a few of the day before. */
export const live2 = sample("3-live.jsonl");
/** The complete file of the day. */
export const dayFile = sample(`2-${exportName}`);

export type Step = StepOf<Tills>;

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
export class Tills extends Program {
  /** Takes steps at their times, and lets all that follows happen. */
  static async run(
    graph: ResourceGraph,
    steps: readonly Step[],
    options: Partial<Omit<CloudOptions, "clock">> = {},
  ): Promise<Tills> {
    return new Tills(await begin(graph, options)).takeSteps(steps);
  }

  /** The name that a resource of the program is given. */
  nameOf(type: string, name: string): unknown {
    return this.graph.resources.find((found) => found.type === type && found.name === name)?.properties.name;
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

  /** States of the runs of one of the jobs, in the order of their start. */
  states(job: "payments-live" | "payments-load-day"): readonly unknown[] {
    const isOf = ({ JobName = "" }: JobRun): boolean => JobName.startsWith(`${job}-`);
    return jobRunsIn(this.events)
      .filter(isOf)
      .map(({ JobRunState }) => JobRunState);
  }

  /** Messages of a failure queue: the pipeline's, or the streaming job's. */
  failures(queue: "payments-failures" | "payments-job-failures"): readonly Failure[] {
    return messagesIn(this.cloud, queue) as readonly Failure[];
  }

  /** Starts an execution that goes on where another has failed, as a person would. */
  async replay({ input, replay = input }: Failure, name = "replay-1"): Promise<void> {
    const stateMachineArn = this.output("stateMachineArn");
    await this.cloud.asUser.startExecution({ stateMachineArn, name, input: JSON.stringify(replay) });
    await this.cloud.settle();
  }
}
