import type { S3 } from "../../../functions/lib/aws.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { isRecord } from "../../../functions/lib/json.ts";
import { Buckets } from "../../../test/functions/stand-ins/buckets.ts";
import { createHandler as createAggregate } from "../stand-ins/aggregate-orders.ts";
import { createHandler as createIngest } from "../stand-ins/ingest-orders.ts";
import { createHandler as createTransform } from "../stand-ins/transform-orders.ts";
import { ask, type File, type Row } from "./duckdb.ts";

const regions = { DE: "emea", FR: "emea", IT: "emea", US: "americas", CA: "americas", BR: "americas", JP: "apac" };

/** The stages' work without a pipeline around it: each call is a run, and its bookmark is kept if it comes to its end. */
export class BareLake {
  readonly buckets = new Buckets();
  readonly #bookmarks = new Map<string, unknown>();
  #runs = 0;

  land({ name, content }: File): void {
    this.buckets.objects.set(`landing/${name}`, Buffer.from(content));
  }

  ingest(name: string, execution: string): Promise<unknown> {
    return this.#run(createIngest, {
      "--bucket": "landing",
      "--key": name,
      "--version_id": "null",
      "--output": `s3://lake/raw_orders/execution=${execution}/`,
      "--execution_name": execution,
    });
  }

  /** @param failsAfter the run dies when it has written so many objects */
  transform(execution: string, failsAfter = Infinity): Promise<unknown> {
    return this.#run(
      createTransform,
      {
        "--input": `s3://lake/raw_orders/execution=${execution}/`,
        "--output": "s3://lake/orders/",
        "--execution_name": execution,
        "--regions": JSON.stringify(regions),
      },
      "transform",
      failsAfter,
    );
  }

  aggregate(execution: string, failsAfter = Infinity): Promise<unknown> {
    return this.#run(
      createAggregate,
      {
        "--input": "s3://lake/orders/",
        "--output": "s3://lake/daily_revenue/",
        "--execution_name": execution,
      },
      "aggregate",
      failsAfter,
    );
  }

  /** What DuckDB finds in a table, each row with its day. */
  async rows(table: string, columns: string, orderBy: string): Promise<readonly Row[]> {
    const files = [...this.buckets.objects]
      .filter(([name]) => name.startsWith(`lake/${table}/`) && name.endsWith(".parquet"))
      .map(([name, content]) => ({ name: name.slice("lake/".length), content }));
    if (files.length === 0) return [];
    return await ask(
      files,
      (folder) => `SELECT ${columns} FROM read_parquet('${folder}/${table}/*/*.parquet',
        hive_partitioning = true, hive_types_autocast = false) ORDER BY ${orderBy}`,
    );
  }

  async #run(
    create: (deps: { readonly s3: S3; readonly log: () => void }) => (event: StandInEvent) => Promise<unknown>,
    Arguments: Readonly<Record<string, string>>,
    bookmarked?: string,
    failsAfter = Infinity,
  ): Promise<unknown> {
    this.#runs += 1;
    this.buckets.now = this.#runs * 1000;
    const answer = await create({ s3: mortal(this.buckets, failsAfter), log: () => undefined })({
      JobName: bookmarked ?? "ingest",
      JobRunId: `jr_${this.#runs}`,
      Arguments,
      ...(bookmarked !== undefined && { Bookmark: this.#bookmarks.get(bookmarked) ?? {} }),
    });
    if (bookmarked !== undefined && isRecord(answer)) {
      this.#bookmarks.set(bookmarked, JSON.parse(JSON.stringify(answer.Bookmark)));
    }
    return answer;
  }
}

/** Storage that fails once so many objects were written. */
const mortal = (s3: Buckets, failsAfter: number): S3 => {
  let left = failsAfter;
  return {
    getObject: (input) => s3.getObject(input),
    listObjectsV2: (input) => s3.listObjectsV2(input),
    copyObject: (input) => s3.copyObject(input),
    deleteObject: (input) => s3.deleteObject(input),
    putObject: (input) => {
      if (left <= 0) return Promise.reject(new Error("the run has died"));
      left -= 1;
      return s3.putObject(input);
    },
  };
};
