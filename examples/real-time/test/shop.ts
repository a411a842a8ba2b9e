import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobRun } from "@aws-sdk/client-glue";
import { DuckDBInstance } from "@duckdb/node-api";
import { VirtualClock } from "../../../local/clock.ts";
import type { Cloud, CloudOptions } from "../../../local/cloud.ts";
import { evaluate } from "../../../local/evaluate.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { start } from "../../../test/support/jobs.ts";
import { cloudOf, jobRunsIn } from "../../../test/support/pipeline.ts";

const directory = fileURLToPath(new URL("..", import.meta.url));
const graphs = new Map<string, Promise<ResourceGraph>>();

/** The program; each stack and config is evaluated once. */
export const shopGraph = (
  stack: "local" | "prod" = "local",
  config: Readonly<Record<string, string>> = {},
): Promise<ResourceGraph> => {
  const key = JSON.stringify([stack, config]);
  const graph = graphs.get(key) ?? evaluate({ directory, stack, config });
  graphs.set(key, graph);
  return graph;
};

export const sample = (number: 1 | 2 | 3): string =>
  readFileSync(new URL(`../samples/clicks-${number}.jsonl`, import.meta.url), "utf8");

export const products = readFileSync(new URL("../reference/products.csv", import.meta.url), "utf8");

export interface Step {
  /** Seconds from the start. */
  readonly at: number;
  readonly does: (shop: Shop) => Promise<unknown>;
}

/** A cloud of the program, and what is done with it. */
export class Shop {
  readonly cloud: Cloud;
  readonly events: readonly (CloudEvent & { readonly at: number })[];
  readonly #graph: ResourceGraph;

  private constructor(graph: ResourceGraph, cloud: Cloud, events: Shop["events"]) {
    this.#graph = graph;
    this.cloud = cloud;
    this.events = events;
  }

  /** Takes steps at their times, and lets all that follows happen. */
  static async run(
    graph: ResourceGraph,
    steps: readonly Step[],
    options: Partial<Omit<CloudOptions, "clock">> = {},
  ): Promise<Shop> {
    const clock = new VirtualClock(start);
    const { cloud, events } = await cloudOf(graph, { ...options, clock });
    const shop = new Shop(graph, cloud, events);
    const faults: unknown[] = [];
    for (const { at, does } of steps) {
      clock.schedule(at * 1000, () =>
        clock
          .wait(does(shop))
          .then(noop, (fault: unknown) => faults.push(fault))
          .then(noop),
      );
    }
    await cloud.settle();
    if (faults.length > 0) throw faults[0] instanceof Error ? faults[0] : new Error(String(faults[0]));
    return shop;
  }

  output(name: string): string {
    return String(this.#graph.outputs[name]);
  }

  land(key: string, text: string): Promise<unknown> {
    const Bucket = this.output("landingBucket");
    return this.cloud.asUser.putObject({ Bucket, Key: `incoming/${key}`, Body: Buffer.from(text) });
  }

  putData(Key: string, text: string): Promise<unknown> {
    return this.cloud.asUser.putObject({ Bucket: this.output("dataBucket"), Key, Body: Buffer.from(text) });
  }

  /** The runs of one of the jobs, in the order of their start. */
  runs(job: "enrich" | "aggregate"): readonly JobRun[] {
    return jobRunsIn(this.events).filter(({ JobName }) => JobName?.startsWith(`clicks-${job}-`));
  }

  /** How a simulated run is now: nobody looks at one whose keeper is gone. */
  async stateOf(run: JobRun | undefined): Promise<unknown> {
    const get = this.#graph.resources.find(
      ({ type, name }) =>
        type === "aws:lambda/function:Function" && name.endsWith("-get") && run?.JobName?.startsWith(name.slice(0, -3)),
    );
    const Payload = JSON.stringify({ JobName: run?.JobName, RunId: run?.Id });
    const answer = (await this.cloud.asUser.call("lambda", "invoke", {
      FunctionName: get?.properties.name,
      Payload,
    })) as { readonly Payload: string };
    return (JSON.parse(answer.Payload) as { readonly JobRun: JobRun }).JobRun.JobRunState;
  }

  /** What came of the executions of a state machine. */
  executions(output: "stateMachineArn" | "enrichKeeperArn" | "aggregateKeeperArn"): readonly string[] {
    const name = this.output(output).split(":").at(-1) ?? "";
    return this.events.flatMap((event) => {
      if (event.kind !== "execution-ended" || event.executionArn.split(":").at(-2) !== name) return [];
      const { outcome } = (event.output ?? {}) as { readonly outcome?: string };
      return [outcome ?? event.status];
    });
  }

  /** Lines of all objects of a folder. */
  async lines(folder: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const found = [];
    for (const [, text] of await this.#objects(folder)) {
      const lines = Buffer.from(text).toString("utf8").trim().split("\n");
      found.push(...lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>));
    }
    return found;
  }

  async lateIds(): Promise<readonly string[]> {
    const lines = await this.lines("late/");
    return lines.map(({ event }) => String((event as { readonly eventId: unknown }).eventId)).sort();
  }

  /** The rows of the windows, as DuckDB reads them. */
  async windows(columns = totals): Promise<readonly (readonly unknown[])[]> {
    const objects = await this.#objects("windows/");
    return inFolder(async (folder, query) => {
      for (const [index, [, content]] of objects.entries()) writeFileSync(join(folder, `${index}.parquet`), content);
      const rows = `SELECT ${columns} FROM read_parquet('${folder}/*.parquet') ORDER BY window_start, category`;
      return objects.length === 0 ? [] : query(rows);
    });
  }

  async #objects(folder: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const Bucket = this.output("dataBucket");
    const { Contents = [] } = await this.cloud.asUser.listObjects({ Bucket, Prefix: folder });
    return Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await this.cloud.asUser.getObject({ Bucket, Key });
        const pieces: Uint8Array[] = [];
        for await (const piece of Body) pieces.push(piece);
        return [Key, Buffer.concat(pieces)] as const;
      }),
    );
  }
}

const totals = "epoch_ms(window_start) AS window_start, category, views, carts, purchases, revenue";

/** What SQL makes of the files: each event once, those that were set aside as late left out. */
export const expectedOf = (
  files: readonly string[],
  late: readonly string[],
): Promise<readonly (readonly unknown[])[]> =>
  inFolder(async (folder, query) => {
    for (const [index, text] of files.entries()) writeFileSync(join(folder, `${index}.jsonl`), text);
    writeFileSync(join(folder, "products.csv"), products);
    writeFileSync(join(folder, "late.csv"), ["id", ...late].join("\n"));
    return query(`
      WITH events AS (
        SELECT DISTINCT "eventId", "at", "productId", "action", quantity
        FROM read_json('${folder}/*.jsonl', format = 'newline_delimited', ignore_errors = true, columns = {
          eventId: 'VARCHAR', "at": 'TIMESTAMP', productId: 'VARCHAR', "action": 'VARCHAR', quantity: 'BIGINT'})
        WHERE "action" IN ('view', 'cart', 'purchase')
          AND "eventId" NOT IN (SELECT id FROM read_csv('${folder}/late.csv', header = true, columns = {id: 'VARCHAR'}))
      )
      SELECT epoch_ms(time_bucket(INTERVAL 1 minute, "at")) AS window_start, category,
        count(*) FILTER ("action" = 'view') AS views, count(*) FILTER ("action" = 'cart') AS carts,
        count(*) FILTER ("action" = 'purchase') AS purchases,
        coalesce(sum(quantity * price) FILTER ("action" = 'purchase'), 0)::BIGINT AS revenue
      FROM events JOIN read_csv('${folder}/products.csv') USING ("productId")
      GROUP BY 1, 2 ORDER BY 1, 2`);
  });

type Query = (sql: string) => Promise<readonly (readonly unknown[])[]>;

const inFolder = async <T>(work: (folder: string, query: Query) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "clicks-"));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return await work(folder, async (sql) => {
      const rows = (await connection.runAndReadAll(sql)).getRows();
      return rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
    });
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
};

const noop = (): void => undefined;
