import { fileURLToPath } from "node:url";
import type { JobRun, Table } from "@aws-sdk/client-glue";
import type { Scenario, Simulation } from "../../../functions/lib/job-definition.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { createCloud, type Cloud } from "../../../local/cloud.ts";
import type { CloudEvent } from "../../../local/events.ts";
import { evaluate } from "../../../local/evaluate.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { interfere, throttle, type Throttling } from "../../../test/support/interference.ts";
import { start } from "../../../test/support/jobs.ts";
import { ask, type File, type Row } from "./duckdb.ts";

export type Stack = "local" | "prod";

/** What the failure queue keeps of a file. */
export interface Failure {
  readonly outcome: string;
  readonly stage?: string;
  readonly executionName: string;
  readonly error: string;
  readonly cause: string;
  readonly input: object;
  readonly jobName?: string;
  readonly jobRun?: { readonly JobRunState: string };
  readonly replay?: { readonly resume?: { readonly from: string; readonly executionName: string } | undefined };
}

/** Runs take twenty seconds, and end as the names of their files say, those of replays apart. */
const scenarios: readonly Scenario[] = [
  ...["Ingest raw", "Transform", "Aggregate"].map((stage) => ({
    match: `*fail-${stage.split(" ")[0]?.toLowerCase() ?? ""}*`,
    stage,
    execution: "fail-*",
    Return: { JobRunState: "FAILED" as const, ErrorMessage: `${stage} was told to fail` },
  })),
  { match: "*late-failure*", stage: "Transform", attempts: [1], Return: { JobRunState: "FAILED" } },
  {
    match: "*throttled*",
    stage: "Transform",
    execution: "throttled-*",
    Throw: { Error: "Glue.ThrottlingException", Cause: "Rate exceeded" },
  },
];

const simulation: Simulation = {
  seed: 1,
  startUpSeconds: 8,
  durationSeconds: 12,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios,
};

const graphs = new Map<Stack, Promise<ResourceGraph>>();

/** What the program declares, with these runs. */
export const graphOf = (stack: Stack): Promise<ResourceGraph> => {
  const graph =
    graphs.get(stack) ??
    evaluate({
      directory: fileURLToPath(new URL("..", import.meta.url)),
      stack,
      config: { maxAttempts: "2", simulatedScenarios: JSON.stringify(scenarios) },
    });
  graphs.set(stack, graph);
  return graph;
};

/** The program on the embedded cloud, its time skipped. */
export class Lake {
  readonly #graph: ResourceGraph;
  readonly #cloud: Cloud;
  readonly #clock: VirtualClock;
  readonly #events: readonly CloudEvent[];

  private constructor(graph: ResourceGraph, cloud: Cloud, clock: VirtualClock, events: readonly CloudEvent[]) {
    this.#graph = graph;
    this.#cloud = cloud;
    this.#clock = clock;
    this.#events = events;
  }

  static async of(stack: Stack): Promise<Lake> {
    const graph = await graphOf(stack);
    const clock = new VirtualClock(start);
    const events: CloudEvent[] = [];
    const cloud = await createCloud(graph, { clock, simulation, observer: (event) => events.push(event) });
    return new Lake(graph, cloud, clock, events);
  }

  /** Puts a file where files land. */
  async land({ name, content }: File): Promise<void> {
    const Key = `${String(this.#graph.outputs.landingPrefix)}${name}`;
    await this.#cloud.asUser.putObject({ Bucket: this.#output("landingBucket"), Key, Body: Buffer.from(content) });
  }

  /** Lets everything happen that follows from what has landed. */
  settle(): Promise<void> {
    return this.#cloud.settle();
  }

  async pass(seconds: number): Promise<void> {
    await this.#clock.spawn(() => this.#clock.sleep(seconds * 1000));
  }

  /** Lands a file and lets it come to its end. */
  async take(file: File): Promise<void> {
    await this.land(file);
    await this.settle();
  }

  /** The executions that have ended, by name, with how. */
  get ended(): ReadonlyMap<string, string> {
    return new Map(
      this.#events.flatMap((event) => (event.kind === "execution-ended" ? [[event.name, event.status]] : [])),
    );
  }

  /** The job runs of an execution whose name begins so, as they were last seen, in the order of their start: stage and state. */
  runs(execution: string): readonly (readonly [stage: string, state: string])[] {
    const runs = new Map<string, JobRun>();
    for (const event of this.#events) {
      if (event.kind === "job-run" && event.run.Id !== undefined) runs.set(event.run.Id, event.run);
    }
    return [...runs.values()]
      .filter(({ Arguments = {} }) => (Arguments["--execution_name"] ?? "").startsWith(execution))
      .map(({ Arguments = {}, JobRunState = "" }) => [Arguments["--stage"] ?? "", JobRunState]);
  }

  /** What waits in the failure queue, the oldest first. */
  get failures(): readonly Failure[] {
    const [, messages = []] = Object.entries(this.#cloud.queues).find(([name]) => name.includes("failures")) ?? [];
    return messages.map(({ body }) => JSON.parse(body) as Failure);
  }

  /** Starts an execution with the input that a failure says, as a person would, and lets it come to its end. */
  async replay({ input, replay = input }: Failure, name: string, changed: Failure["replay"] = {}): Promise<void> {
    await this.#cloud.asUser.startExecution({
      stateMachineArn: this.#output("stateMachineArn"),
      name,
      input: JSON.stringify({ ...replay, ...changed }),
    });
    await this.settle();
  }

  /** Glue's bookmark of a job, or the error's name where it has none. */
  async bookmarkOf(JobName: string): Promise<unknown> {
    return await this.#cloud.asUser.call("glue", "getJobBookmark", { JobName }).catch((error: unknown) => {
      return error instanceof Error ? error.name : error;
    });
  }

  /** Stops the execution whose name begins so. */
  async abort(execution: string): Promise<void> {
    const found = this.#events.find((event) => event.kind === "execution-started" && event.name.startsWith(execution));
    if (found?.kind !== "execution-started") throw new Error(`no execution ${execution}`);
    await this.#cloud.asUser.call("states", "stopExecution", { executionArn: found.executionArn });
  }

  /** Has a service refuse calls. Gives how many are left to be refused. */
  throttle(throttling: Throttling): () => number {
    return throttle(this.#cloud, throttling);
  }

  /** From now on, the keys of objects that the stages read. */
  watchReads(): readonly string[] {
    const read: string[] = [];
    interfere(this.#cloud, ({ service, operation, input, proceed }) => {
      if (service === "s3" && operation === "getObject") read.push((input as { readonly Key: string }).Key);
      return proceed();
    });
    return read;
  }

  /** What a stage's run has said of its work. */
  async summary(table: string, execution: string): Promise<Row> {
    const keys = await this.keys(`${table}/`);
    const key = keys.find((name) => name.includes(`execution=${execution}`) && name.endsWith("_summary/summary.json"));
    const aside = keys.find((name) => name.includes(`_summary/execution=${execution}`));
    return JSON.parse((await this.#read(key ?? aside ?? "")).toString()) as Row;
  }

  /** The keys of the output bucket. */
  async keys(prefix: string): Promise<readonly string[]> {
    const { Contents = [] } = await this.#cloud.asUser.listObjects({
      Bucket: this.#output("outputBucket"),
      Prefix: prefix,
    });
    return Contents.map(({ Key }) => Key);
  }

  async put(Key: string, Body: string): Promise<void> {
    await this.#cloud.asUser.putObject({ Bucket: this.#output("outputBucket"), Key, Body });
  }

  async remove(Key: string): Promise<void> {
    await this.#cloud.asUser.call("s3", "deleteObject", { Bucket: this.#output("outputBucket"), Key });
  }

  /** A table as the catalog has it. */
  async table(Name: string): Promise<Table> {
    const found = await this.#cloud.asUser.call("glue", "getTable", { DatabaseName: this.#output("database"), Name });
    return (found as { readonly Table: Table }).Table;
  }

  /** What DuckDB reads where the catalog says, as what the catalog says it is; a column of another type is refused. */
  async query(name: string, columns: string, orderBy: string): Promise<readonly Row[]> {
    const { StorageDescriptor: storage, PartitionKeys: [key] = [] } = await this.table(name);
    const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(storage?.Location ?? "") ?? [];
    if (bucket !== this.#output("outputBucket")) throw new Error(`${name} is in ${bucket ?? "no bucket"}`);
    const found = (await this.keys(prefix)).filter((path) => !/\/[_.]/.test(path));
    if (found.length === 0) return [];
    const files = await Promise.all(found.map(async (path) => ({ name: path, content: await this.#read(path) })));
    const read = (folder: string): string =>
      `read_parquet('${folder}/${prefix}${key?.Name ?? ""}=*/*', hive_partitioning = true,
        hive_types = {${key?.Name ?? ""}: ${key?.Type ?? ""}})`;
    const types = await ask(files, (folder) => `SELECT column_name, column_type FROM (DESCRIBE FROM ${read(folder)})`);
    const declared = [...(storage?.Columns ?? []), key].map((column) => `${column?.Name ?? ""} ${column?.Type ?? ""}`);
    const there = types.map((row) => `${String(row.column_name)} ${hiveType(String(row.column_type))}`);
    if (String(declared) !== String(there))
      throw new Error(`${name} is declared ${String(declared)}, is ${String(there)}`);
    return await ask(files, (folder) => `SELECT ${columns} FROM ${read(folder)} ORDER BY ${orderBy}`);
  }

  async #read(Key: string): Promise<Buffer> {
    const { Body } = await this.#cloud.asUser.getObject({ Bucket: this.#output("outputBucket"), Key });
    const pieces: Uint8Array[] = [];
    for await (const piece of Body) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  #output(name: string): string {
    return String(this.#graph.outputs[name]);
  }
}

const hiveType = (type: string): string =>
  ({ VARCHAR: "string", BIGINT: "bigint", DATE: "date", "TIMESTAMP WITH TIME ZONE": "timestamp" })[type] ?? type;
