import { fileURLToPath } from "node:url";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { VirtualClock } from "../../../local/clock.ts";
import { type Cloud, createCloud } from "../../../local/cloud.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { interfere, type Call } from "../../../test/support/interference.ts";
import { graphsOf } from "../../../test/support/stacks.ts";

export const graphOf = graphsOf(fileURLToPath(new URL("..", import.meta.url)));

export interface Ended {
  readonly arn: string;
  readonly status: string | undefined;
  readonly output: { readonly entries: number; readonly sent: number } | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

type Item = Readonly<Record<string, AttributeValue>>;

/** The example in an embedded cloud, whose services can be interfered with. */
export class Rig {
  readonly clock: VirtualClock;
  readonly cloud: Cloud;
  readonly #graph: ResourceGraph;
  readonly #background: Promise<unknown>[] = [];
  #executions = 0;

  private constructor(graph: ResourceGraph, clock: VirtualClock, cloud: Cloud) {
    this.#graph = graph;
    this.clock = clock;
    this.cloud = cloud;
  }

  static async start(stack = "local"): Promise<Rig> {
    const graph = await graphOf(stack);
    const clock = new VirtualClock(Date.UTC(2026, 0, 1));
    return new Rig(graph, clock, await createCloud(graph, { clock }));
  }

  /** Runs an execution to its end. */
  async run(input: object): Promise<Ended> {
    const arn = await this.begin(input);
    await this.cloud.settle();
    return this.ended(arn);
  }

  async begin(input: object): Promise<string> {
    const { executionArn } = await this.cloud.asUser.startExecution({
      stateMachineArn: String(this.#graph.outputs.stateMachineArn),
      name: `execution-${++this.#executions}`,
      input: JSON.stringify(input),
    });
    return String(executionArn);
  }

  async ended(arn: string): Promise<Ended> {
    const { status, output, error, cause } = await this.cloud.asUser.describeExecution({ executionArn: arn });
    const parsed = output === undefined ? undefined : (JSON.parse(output) as Ended["output"]);
    return { arn, status, output: parsed, error, cause };
  }

  /** How often an execution has had its segments walked. */
  async mapRuns(executionArn: string): Promise<number> {
    const { mapRuns } = (await this.cloud.asUser.call("states", "listMapRuns", { executionArn })) as {
      readonly mapRuns: readonly unknown[];
    };
    return mapRuns.length;
  }

  /** Ends an execution, from within the cloud's work. */
  stop(executionArn: string): void {
    this.#background.push(this.cloud.asUser.call("states", "stopExecution", { executionArn }));
  }

  /** Lets somebody answer calls in the services' place. Gives the way back. */
  interfere(answer: (call: Call) => Promise<unknown>): () => void {
    return interfere(this.cloud, answer);
  }

  async pass(seconds: number): Promise<void> {
    await this.clock.spawn(() => this.clock.sleep(seconds * 1000));
  }

  /** The messages in the queue. */
  get messages(): readonly Record<string, unknown>[] {
    return Object.values(this.cloud.queues).flatMap((queue) =>
      queue.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    );
  }

  get ids(): readonly unknown[] {
    return this.messages.map(({ id }) => id);
  }

  async put(item: Item): Promise<void> {
    await this.cloud.asUser.call("dynamodb", "putItem", { TableName: this.#table, Item: item });
  }

  async items(): Promise<readonly Item[]> {
    const items: Item[] = [];
    let ExclusiveStartKey: unknown;
    do {
      const page = (await this.cloud.asUser.call("dynamodb", "scan", {
        TableName: this.#table,
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      })) as { readonly Items: Item[]; readonly LastEvaluatedKey?: Item };
      items.push(...page.Items);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items;
  }

  get #table(): string {
    return String(this.#graph.outputs.tableName);
  }
}

/** What a transaction of the machine is for. */
export const isMark = ({ operation, input }: Call): boolean =>
  operation === "transactWriteItems" && JSON.stringify(input).includes("SET sentAt");

export const isClaim = (call: Call): boolean => call.operation === "transactWriteItems" && !isMark(call);
