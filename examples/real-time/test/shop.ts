import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JobRun } from "@aws-sdk/client-glue";
import type { CloudOptions } from "../../../local/cloud.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { plain, withFiles, type Query } from "../../../test/support/duckdb.ts";
import { jobRunsIn } from "../../../test/support/pipeline.ts";
import { begin, Program, type Step as StepOf } from "../../../test/support/program.ts";
import { graphsOf } from "../../../test/support/stacks.ts";

export const shopGraph = graphsOf(fileURLToPath(new URL("..", import.meta.url)));

export const sample = (number: 1 | 2 | 3): string =>
  readFileSync(new URL(`../samples/clicks-${number}.jsonl`, import.meta.url), "utf8");

export const products = readFileSync(new URL("../reference/products.csv", import.meta.url), "utf8");

export type Step = StepOf<Shop>;

/** A cloud of the program, and what is done with it. */
export class Shop extends Program {
  /** Takes steps at their times, and lets all that follows happen. */
  static async run(
    graph: ResourceGraph,
    steps: readonly Step[],
    options: Partial<Omit<CloudOptions, "clock">> = {},
  ): Promise<Shop> {
    return new Shop(await begin(graph, options)).takeSteps(steps);
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
    const get = this.graph.resources.find(
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
    for (const [, text] of await this.objects("dataBucket", folder)) {
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
    const objects = await this.objects("dataBucket", "windows/");
    if (objects.length === 0) return [];
    const files = objects.map(([, content], index) => [`${index}.parquet`, content] as const);
    return withFiles(files, (folder, query) =>
      rowsOf(query, `SELECT ${columns} FROM read_parquet('${folder}/*.parquet') ORDER BY window_start, category`),
    );
  }
}

const totals = "epoch_ms(window_start) AS window_start, category, views, carts, purchases, revenue";

/** What SQL makes of the files: each event once, those that were set aside as late left out. */
export const expectedOf = (
  files: readonly string[],
  late: readonly string[],
): Promise<readonly (readonly unknown[])[]> => {
  const landed = files.map((text, index) => [`${index}.jsonl`, text] as const);
  const named = Object.entries({ "products.csv": products, "late.csv": ["id", ...late].join("\n") });
  return withFiles([...landed, ...named], (folder, query) =>
    rowsOf(
      query,
      `
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
      GROUP BY 1, 2 ORDER BY 1, 2`,
    ),
  );
};

const rowsOf = async (query: Query, sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await query(sql)).getRows().map((row) => row.map(plain));
