import { VirtualClock } from "../../local/clock.ts";
import type { Cloud, CloudOptions } from "../../local/cloud.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { readObject } from "../../functions/lib/s3-folder.ts";
import { start } from "./jobs.ts";
import { cloudOf, type PipelineRun } from "./pipeline.ts";

/** What is done with a program at some time. */
export interface Step<Program> {
  /** Seconds from the start. */
  readonly at: number;
  readonly does: (program: Program) => Promise<unknown>;
}

export interface Begun extends Pick<PipelineRun, "cloud" | "events"> {
  readonly graph: ResourceGraph;
  readonly clock: VirtualClock;
}

/** Has a cloud of what a graph declares, for a program to be begun with. */
export const begin = async (
  graph: ResourceGraph,
  { clock = new VirtualClock(start), ...options }: Partial<Omit<CloudOptions, "clock">> & { clock?: VirtualClock } = {},
): Promise<Begun> => ({ graph, clock, ...(await cloudOf(graph, { ...options, clock })) });

/** A program on the embedded cloud, its time skipped, and what a test of whichever example does with it. */
export class Program {
  readonly cloud: Cloud;
  readonly events: PipelineRun["events"];
  protected readonly graph: ResourceGraph;
  readonly #clock: VirtualClock;

  constructor({ graph, clock, cloud, events }: Begun) {
    this.graph = graph;
    this.cloud = cloud;
    this.events = events;
    this.#clock = clock;
  }

  /** Takes steps at their times, and lets all that follows happen. */
  async takeSteps(steps: readonly Step<this>[]): Promise<this> {
    const faults: unknown[] = [];
    for (const { at, does } of steps) {
      this.#clock.schedule(at * 1000, () =>
        this.#clock
          .wait(does(this))
          .then(noop, (fault: unknown) => faults.push(fault))
          .then(noop),
      );
    }
    await this.cloud.settle();
    if (faults.length > 0) throw faults[0] instanceof Error ? faults[0] : new Error(String(faults[0]));
    return this;
  }

  async pass(seconds: number): Promise<void> {
    await this.#clock.spawn(() => this.#clock.sleep(seconds * 1000));
  }

  output(name: string): string {
    return String(this.graph.outputs[name]);
  }

  /** Stops the execution whose name begins so. */
  async abort(execution: string): Promise<void> {
    const found = this.events.find((event) => event.kind === "execution-started" && event.name.startsWith(execution));
    if (found?.kind !== "execution-started") throw new Error(`no execution ${execution}`);
    await this.cloud.asUser.call("states", "stopExecution", { executionArn: found.executionArn });
  }

  /** Keys in the bucket that an output names. */
  async keysIn(output: string, Prefix = ""): Promise<readonly string[]> {
    const { Contents = [] } = await this.cloud.asUser.listObjects({ Bucket: this.output(output), Prefix });
    return Contents.map(({ Key }) => Key);
  }

  contentOf(output: string, Key: string): Promise<Uint8Array> {
    return readObject(this.cloud.asUser, { Bucket: this.output(output), Key });
  }

  /** Objects of that bucket, with their keys. */
  async objects(output: string, prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const keys = await this.keysIn(output, prefix);
    return Promise.all(keys.map(async (key) => [key, await this.contentOf(output, key)] as const));
  }
}

const noop = (): void => undefined;
