import { fileURLToPath } from "node:url";
import type { Table } from "@aws-sdk/client-glue";
import type { Scenario } from "../../../functions/lib/job-definition.ts";
import { interfere, throttle, type Throttling } from "../../../test/support/interference.ts";
import { aSimulation } from "../../../test/support/jobs.ts";
import { jobRunsIn, messagesIn } from "../../../test/support/pipeline.ts";
import { begin, Program } from "../../../test/support/program.ts";
import { graphsOf } from "../../../test/support/stacks.ts";
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

const graphOf = graphsOf(fileURLToPath(new URL("..", import.meta.url)), {
  maxAttempts: "2",
  simulatedScenarios: JSON.stringify(scenarios),
});

/** The program on the embedded cloud, with these runs. */
export class Lake extends Program {
  static async of(stack: Stack): Promise<Lake> {
    return new Lake(await begin(await graphOf(stack), { simulation: aSimulation({ scenarios }) }));
  }

  /** Puts a file where files land. */
  async land({ name, content }: File): Promise<void> {
    const Key = `${String(this.graph.outputs.landingPrefix)}${name}`;
    await this.cloud.asUser.putObject({ Bucket: this.output("landingBucket"), Key, Body: Buffer.from(content) });
  }

  /** Lets everything happen that follows from what has landed. */
  settle(): Promise<void> {
    return this.cloud.settle();
  }

  /** Lands a file and lets it come to its end. */
  async take(file: File): Promise<void> {
    await this.land(file);
    await this.settle();
  }

  /** The executions that have ended, by name, with how. */
  get ended(): ReadonlyMap<string, string> {
    return new Map(
      this.events.flatMap((event) => (event.kind === "execution-ended" ? [[event.name, event.status]] : [])),
    );
  }

  /** The job runs of an execution whose name begins so, as they were last seen, in the order of their start: stage and state. */
  runs(execution: string): readonly (readonly [stage: string, state: string])[] {
    return jobRunsIn(this.events)
      .filter(({ Arguments = {} }) => (Arguments["--execution_name"] ?? "").startsWith(execution))
      .map(({ Arguments = {}, JobRunState = "" }) => [Arguments["--stage"] ?? "", JobRunState]);
  }

  /** What waits in the failure queue, the oldest first. */
  get failures(): readonly Failure[] {
    return messagesIn(this.cloud, "failures") as readonly Failure[];
  }

  /** Starts an execution with the input that a failure says, as a person would, and lets it come to its end. */
  async replay({ input, replay = input }: Failure, name: string, changed: Failure["replay"] = {}): Promise<void> {
    await this.cloud.asUser.startExecution({
      stateMachineArn: this.output("stateMachineArn"),
      name,
      input: JSON.stringify({ ...replay, ...changed }),
    });
    await this.settle();
  }

  /** Glue's bookmark of a job, or the error's name where it has none. */
  async bookmarkOf(JobName: string): Promise<unknown> {
    return await this.cloud.asUser.call("glue", "getJobBookmark", { JobName }).catch((error: unknown) => {
      return error instanceof Error ? error.name : error;
    });
  }

  /** Has a service refuse calls. Gives how many are left to be refused. */
  throttle(throttling: Throttling): () => number {
    return throttle(this.cloud, throttling);
  }

  /** From now on, the keys of objects that the stages read. */
  watchReads(): readonly string[] {
    const read: string[] = [];
    interfere(this.cloud, ({ service, operation, input, proceed }) => {
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
  keys(prefix: string): Promise<readonly string[]> {
    return this.keysIn("outputBucket", prefix);
  }

  async put(Key: string, Body: string): Promise<void> {
    await this.cloud.asUser.putObject({ Bucket: this.output("outputBucket"), Key, Body });
  }

  async remove(Key: string): Promise<void> {
    await this.cloud.asUser.call("s3", "deleteObject", { Bucket: this.output("outputBucket"), Key });
  }

  /** A table as the catalog has it. */
  async table(Name: string): Promise<Table> {
    const found = await this.cloud.asUser.call("glue", "getTable", { DatabaseName: this.output("database"), Name });
    return (found as { readonly Table: Table }).Table;
  }

  /** What DuckDB reads where the catalog says, as what the catalog says it is; a column of another type is refused. */
  async query(name: string, columns: string, orderBy: string): Promise<readonly Row[]> {
    const { StorageDescriptor: storage, PartitionKeys: [key] = [] } = await this.table(name);
    const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(storage?.Location ?? "") ?? [];
    if (bucket !== this.output("outputBucket")) throw new Error(`${name} is in ${bucket ?? "no bucket"}`);
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

  async #read(key: string): Promise<Uint8Array> {
    return this.contentOf("outputBucket", key);
  }
}

const hiveType = (type: string): string =>
  ({ VARCHAR: "string", BIGINT: "bigint", DATE: "date", "TIMESTAMP WITH TIME ZONE": "timestamp" })[type] ?? type;
