import { fileURLToPath } from "node:url";
import type { Scenario } from "../../../functions/lib/job-definition.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { throttle } from "../../../test/support/interference.ts";
import { aSimulation } from "../../../test/support/jobs.ts";
import { jobRunsIn, messagesIn } from "../../../test/support/pipeline.ts";
import { begin, Program } from "../../../test/support/program.ts";
import { graphsOf } from "../../../test/support/stacks.ts";
import type { RunEvent } from "../lib/lineage.ts";

export type Stack = "local" | "prod";

type Json = Readonly<Record<string, unknown>>;

/** What the failure queue keeps of a file. */
export interface Failure {
  readonly stage?: string;
  readonly executionName: string;
  readonly error: string;
  readonly cause: string;
  readonly input: Json;
  readonly replay: Json & { readonly resume?: { readonly from: string; readonly executionName: string } };
}

/** What an execution ended with. */
export interface Ended {
  readonly name: string;
  readonly status: string;
  readonly output?: { readonly outcome: string; readonly stages: Readonly<Record<string, Json | null>> };
}

/** Runs take twenty seconds, and end as the names of their files say, those of replays apart. */
const scenarios: readonly Scenario[] = [
  { match: "*fail-profile*", execution: "fail-*", Return: { JobRunState: "FAILED", ErrorMessage: "no memory" } },
  { match: "*late-failure*", attempts: [1], Return: { JobRunState: "FAILED" } },
];

/** What the program declares, with these runs. */
export const graphOf = graphsOf(fileURLToPath(new URL("..", import.meta.url)), {
  maxAttempts: "2",
  simulatedScenarios: JSON.stringify(scenarios),
});

/** The program on the embedded cloud, with these runs. */
export class Quality extends Program {
  static async of(stack: Stack, graph = graphOf(stack)): Promise<Quality> {
    const clock = new VirtualClock(Date.UTC(2026, 0, 1));
    return new Quality(await begin(await graph, { clock, simulation: aSimulation({ scenarios }) }));
  }

  /** Puts a file where files land. */
  async land(name: string, content: string | Uint8Array): Promise<void> {
    const Key = `${String(this.graph.outputs.landingPrefix)}${name}`;
    await this.cloud.asUser.putObject({ Bucket: this.output("landingBucket"), Key, Body: Buffer.from(content) });
  }

  /** Lands a file and lets it come to its end. */
  async take(name: string, content: string | Uint8Array): Promise<void> {
    await this.land(name, content);
    await this.cloud.settle();
  }

  /** The executions that have ended, in that order. */
  get ended(): readonly Ended[] {
    return this.events.flatMap((event) =>
      event.kind === "execution-ended"
        ? [
            {
              name: event.name,
              status: event.status,
              ...(event.output !== undefined && { output: event.output as NonNullable<Ended["output"]> }),
            },
          ]
        : [],
    );
  }

  /** What a stage has told in the execution that ended last. */
  result(stage: string): Json {
    const found = this.ended.at(-1)?.output?.stages[stage];
    if (found === undefined || found === null) throw new Error(`no result of ${stage}`);
    return found;
  }

  /** What waits in the failure queue, the oldest first. */
  get failures(): readonly Failure[] {
    return messagesIn(this.cloud, "failures") as readonly Failure[];
  }

  /** What a topic was told. */
  told(topic: "findings" | "results"): readonly Json[] {
    return this.cloud.notifications
      .filter(({ topic: name }) => name.includes(topic))
      .map(({ message }) => JSON.parse(message) as Json);
  }

  /** Job runs, as they were last seen. */
  get runs(): readonly string[] {
    return jobRunsIn(this.events).map(({ JobRunState = "" }) => JobRunState);
  }

  /** Starts an execution, as a person would, and lets it come to its end. */
  async replay(input: Json, name = "replay-1"): Promise<void> {
    const stateMachineArn = this.output("stateMachineArn");
    await this.cloud.asUser.startExecution({ stateMachineArn, name, input: JSON.stringify(input) });
    await this.cloud.settle();
  }

  /** Has the service refuse so many calls of an operation by the program's roles, as it does when there are too many. */
  throttle(service: string, operation: string, error: string, times: number): void {
    throttle(this.cloud, { service, operation, error, times });
  }

  /** The keys of the bucket with the results; executions' names as `…`. */
  async keys(prefix = ""): Promise<readonly string[]> {
    const keys = await this.keysIn("dataBucket", prefix);
    return keys.map((key) => key.replace(/execution=[^/]+/, "execution=…"));
  }

  /** An object of that bucket, by how its key begins and ends. */
  async read(prefix: string, suffix = ""): Promise<Buffer> {
    const keys = await this.keysIn("dataBucket", prefix);
    const [found, ...others] = keys.filter((key) => key.endsWith(suffix));
    if (found === undefined || others.length > 0) throw new Error(`${others.length + 1} objects ${prefix}…${suffix}`);
    return Buffer.from(await this.contentOf("dataBucket", found));
  }

  /** The lineage of an execution whose name begins so. */
  async lineage(execution: string, event: RunEvent["eventType"]): Promise<RunEvent> {
    return JSON.parse((await this.read(`lineage/execution=${execution}`, `${event}.json`)).toString()) as RunEvent;
  }

  /** The accepted schema's version and columns. */
  async schema(): Promise<{ readonly version: number; readonly columns: readonly string[] } | undefined> {
    const found = (await this.cloud.asUser.call("dynamodb", "getItem", {
      TableName: this.output("schemasTable"),
      Key: { Dataset: { S: "orders" } },
    })) as { Item?: { Version: { N: string }; Schema: { S: string } } };
    if (found.Item === undefined) return undefined;
    const columns = JSON.parse(found.Item.Schema.S) as readonly { name: string; type: string }[];
    return { version: Number(found.Item.Version.N), columns: columns.map(({ name, type }) => `${name} ${type}`) };
  }

  async putSchema(Version: string, Schema: string): Promise<void> {
    await this.cloud.asUser.call("dynamodb", "putItem", {
      TableName: this.output("schemasTable"),
      Item: { Dataset: { S: "orders" }, Version: { N: Version }, Schema: { S: Schema } },
    });
  }
}
