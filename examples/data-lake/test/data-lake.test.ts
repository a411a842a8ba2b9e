import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { File } from "./duckdb.ts";
import { expectedOf, orderColumns } from "./expected.ts";
import { Lake, type Stack } from "./lake.ts";

const sample = (name: string): File => ({
  name,
  content: readFileSync(new URL(`../samples/${name}`, import.meta.url), "utf8"),
});
const web = sample("1-web-orders.csv");
const store = sample("2-store-orders.jsonl");

const [ingest, transform, aggregate] = ["Ingest raw", "Transform", "Aggregate"];
const revenueColumns = "day, region, category, orders, quantity, revenue_cents";

/** All that the files say, each order once, and what was sold. */
async function expectTables(lake: Lake, files: readonly File[]): Promise<void> {
  const expected = await expectedOf(files);
  const dayFirst = orderColumns.replace("day,", "strftime(day, '%Y-%m-%d') AS day,");
  expect(await lake.query("orders", dayFirst, "order_id")).to.deep.equal(expected.orders);
  const revenue = await lake.query(
    "daily_revenue",
    revenueColumns.replace("day,", "strftime(day, '%Y-%m-%d') AS day,"),
    "day, region, category",
  );
  expect(revenue).to.deep.equal(expected.revenue);
}

const as = (name: string, { content }: File): File => ({ name, content });

for (const stack of ["local", "prod"] as const satisfies readonly Stack[]) {
  describe(`The data lake on stack ${stack}`, () => {
    it("makes of two files what SQL makes of them, and reads only the second when it comes", async () => {
      const lake = await Lake.of(stack);
      await lake.take(web);
      expect(await lake.summary("raw_orders", "1-web")).to.deep.equal({
        rowsIn: 243,
        rowsWritten: 241,
        rowsRejected: 2,
      });
      await expectTables(lake, [web]);

      // Raw rows of the first file are there still, and nobody reads them.
      const read = lake.watchReads();
      await lake.take(store);
      expect(
        read.filter((key) => /web|2-store/.test(key)).map((key) => key.replace(/-[0-9a-f]+\//, "/")),
      ).to.deep.equal(["incoming/2-store-orders.jsonl", "raw_orders/execution=2-store-orders/part-00000.parquet"]);
      expect(await lake.summary("orders", "2-store")).to.deep.include({ objectsRead: 1, rowsIn: 186, rowsRejected: 0 });
      expect(await lake.summary("daily_revenue", "2-store")).to.deep.include({ objectsRead: 6, rowsIn: 396 });
      await expectTables(lake, [web, store]);
      expect([...lake.ended.values()]).to.deep.equal(["SUCCEEDED", "SUCCEEDED"]);
    });

    it("declares its tables as they are", async () => {
      const lake = await Lake.of(stack);
      await lake.take(web);
      const rows = await lake.query("raw_orders", "count(*) AS rows, min(source) AS source", "ALL");
      expect(rows).to.deep.equal([{ rows: 241n, source: "incoming/1-web-orders.csv" }]);
      const { Parameters, StorageDescriptor } = await lake.table("orders");
      expect(Parameters).to.include({
        "projection.enabled": "true",
        "projection.day.type": "date",
        "storage.location.template": `${StorageDescriptor?.Location ?? ""}day=\${day}/`,
      });
    });

    it("has each order once where files come at one moment, or while others are under way", async () => {
      const lake = await Lake.of(stack);
      const files = [web, store, as("3.csv", web), as("4.jsonl", store)];
      await lake.land(web);
      await lake.land(store);
      await lake.pass(25);
      await lake.land(as("3.csv", web));
      await lake.pass(17);
      await lake.land(as("4.jsonl", store));
      await lake.settle();
      await expectTables(lake, files);
      expect([...lake.ended.values()]).to.deep.equal(Array.from(files, () => "SUCCEEDED"));
      const read = await Promise.all(
        ["1-web", "2-store", "3-csv", "4-jsonl"].map((name) => lake.summary("orders", name)),
      );
      expect(read.reduce((sum, { objectsRead }) => sum + Number(objectsRead), 0)).to.equal(4);
    });

    for (const [stage, name, done] of [
      [ingest, "fail-ingest.csv", []],
      [transform, "fail-transform.csv", [ingest]],
      [aggregate, "fail-aggregate.csv", [ingest, transform]],
    ] as const) {
      it(`keeps a file that fails in ${stage}, and a replay goes on there`, async () => {
        const lake = await Lake.of(stack);
        const file = as(name, web);
        await lake.take(file);
        const before = done.map((earlier) => [earlier, "SUCCEEDED"]);
        const failed = [stage, "FAILED"];
        expect(lake.runs("fail-")).to.deep.equal([...before, failed, failed]);
        const [failure, ...others] = lake.failures;
        expect(others).to.deep.equal([]);
        expect(failure).to.deep.include({ outcome: "failed", stage, error: "JobRun.FAILED" });
        expect(failure?.cause).to.contain(`${stage} was told to fail`);
        expect(failure?.replay?.resume).to.deep.include({ from: stage, executionName: failure?.executionName });
        expect(await lake.keys("daily_revenue/")).to.deep.equal([]);

        if (failure) await lake.replay(failure, "replay-1");
        const rest = [ingest, transform, aggregate].slice(done.length).map((later) => [later, "SUCCEEDED"]);
        expect(lake.runs("replay-1")).to.deep.equal(rest);
        await expectTables(lake, [file]);
        expect(await lake.keys("raw_orders/execution=")).to.satisfy((keys: readonly string[]) =>
          keys.every((key) => key.includes("execution=fail-")),
        );
      });
    }

    it("makes good with the next file what one has left undone, and the replay then changes nothing", async () => {
      const lake = await Lake.of(stack);
      const failing = as("fail-transform.csv", web);
      await lake.take(failing);
      await lake.take(store);
      expect(await lake.summary("orders", "2-store")).to.deep.include({ objectsRead: 2, rowsIn: 427 });
      await expectTables(lake, [failing, store]);
      const [failure] = lake.failures;
      if (failure) await lake.replay(failure, "replay-1");
      expect(await lake.summary("orders", "replay-1")).to.deep.include({ objectsRead: 0, days: [] });
      expect(await lake.summary("daily_revenue", "replay-1")).to.deep.include({ objectsRead: 0, days: [] });
      await expectTables(lake, [failing, store]);
    });

    it("runs a stage again that has failed once", async () => {
      const lake = await Lake.of(stack);
      await lake.take(as("late-failure.csv", web));
      expect(lake.runs("late-")).to.deep.equal([
        [ingest, "SUCCEEDED"],
        [transform, "FAILED"],
        [transform, "SUCCEEDED"],
        [aggregate, "SUCCEEDED"],
      ]);
      await expectTables(lake, [as("late-failure.csv", web)]);
    });

    it("keeps a poisoned file and its reason, and takes those that come after it", async () => {
      const lake = await Lake.of(stack);
      await lake.take({ name: "poison.csv", content: "order_id,\0\u0001\n" });
      expect(lake.runs("poison-")).to.deep.equal([
        [ingest, "FAILED"],
        [ingest, "FAILED"],
      ]);
      expect(
        lake.failures.map(({ stage, cause }) => [stage, /UnreadableFileError: .*NUL byte at offset 9/.test(cause)]),
      ).to.deep.equal([[ingest, true]]);
      expect(await lake.keys("")).to.deep.equal([]);
      await lake.take(web);
      await expectTables(lake, [web]);
    });

    it("fails where a partition of the raw rows is broken, moves no bookmark, and goes on once it is mended", async () => {
      const lake = await Lake.of(stack);
      await lake.take(as("fail-transform.csv", web));
      const key = (await lake.keys("raw_orders/execution=fail-")).find((name) => name.endsWith(".parquet")) ?? "";
      await lake.put(key, "no Parquet at all");
      await lake.take(store);
      expect(lake.failures.map(({ stage }) => stage)).to.deep.equal([transform, transform]);
      expect(await lake.keys("orders/day=")).to.deep.equal([]);
      const [first, second] = lake.failures;
      expect(second?.cause).to.contain("parquet file invalid");

      // Without the broken partition, the file is taken once more from the start.
      await lake.remove(key);
      if (first) await lake.replay(first, "replay-1", { resume: undefined });
      expect(await lake.summary("orders", "replay-1")).to.deep.include({ objectsRead: 2 });
      await expectTables(lake, [web, store]);
    });

    for (const [stage, operation, where] of [
      [ingest, "getObject", /incoming/],
      [ingest, "putObject", /raw_orders/],
      [ingest, "listObjectsV2", /raw_orders/],
      [transform, "listObjectsV2", /"orders\//],
      [transform, "getObject", /raw_orders/],
      // The second day of four: the first is written, and is written again.
      [transform, "putObject", /orders\/day=2026-01-06/],
      [aggregate, "getObject", /orders\/day=2026-01-08/],
      [aggregate, "putObject", /daily_revenue\/day=2026-01-06/],
    ] as const) {
      it(`runs ${stage} again where S3 throttles its ${operation}, and comes to the same`, async () => {
        const lake = await Lake.of(stack);
        const left = lake.throttle({ service: "s3", operation, error: "SlowDown", times: 1, where });
        await lake.take(web);
        expect(left()).to.equal(0);
        const stages = [ingest, transform, aggregate];
        expect(lake.runs("1-web")).to.deep.equal(
          stages.flatMap((each) => [...(each === stage ? [[each, "FAILED"]] : []), [each, "SUCCEEDED"]]),
        );
        expect(lake.failures).to.deep.equal([]);
        await expectTables(lake, [web]);
      });
    }

    it("keeps a file whose stage S3 throttles for good, half its days written, and a replay writes the others", async () => {
      const lake = await Lake.of(stack);
      const where = /orders\/day=2026-01-06/;
      lake.throttle({ service: "s3", operation: "putObject", error: "SlowDown", times: 2, where });
      await lake.take(web);
      const [failure] = lake.failures;
      expect(failure).to.deep.include({ outcome: "failed", stage: transform });
      expect(failure?.cause).to.contain("SlowDown");
      expect((await lake.keys("orders/day=")).map((key) => key.split("/")[1])).to.deep.equal(["day=2026-01-05"]);
      if (failure) await lake.replay(failure, "replay-1");
      await expectTables(lake, [web]);
    });

    it("gives a throttled stage up once its patience is at its end, and a replay goes on", async () => {
      const lake = await Lake.of(stack);
      await lake.take(as("throttled.csv", web));
      expect(lake.runs("throttled-")).to.deep.equal([[ingest, "SUCCEEDED"]]);
      const [failure] = lake.failures;
      expect(failure).to.deep.include({ outcome: "failed", stage: transform });
      expect(failure?.cause).to.contain("Rate exceeded");
      if (failure) await lake.replay(failure, "replay-1");
      await expectTables(lake, [as("throttled.csv", web)]);
    });

    if (stack === "local") {
      it("has each run once where the table of the simulated runs is throttled", async () => {
        const lake = await Lake.of(stack);
        const throttled = { service: "dynamodb", error: "ProvisionedThroughputExceededException", times: 2 };
        const left = ["putItem", "updateItem", "getItem"].map((operation) =>
          lake.throttle({ ...throttled, operation }),
        );
        await lake.take(web);
        expect(left.map((refusals) => refusals())).to.deep.equal([0, 0, 0]);
        expect(lake.runs("1-web").map(([, state]) => state)).to.deep.equal(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
        await expectTables(lake, [web]);
      });
    }

    it("stops the run of an aborted execution, which moves no bookmark, and a replay comes to the same", async () => {
      const lake = await Lake.of(stack);
      await lake.land(web);
      await lake.pass(35);
      await lake.abort("1-web");
      await lake.settle();
      expect(await lake.keys("orders/")).to.deep.equal([]);
      const [failure] = lake.failures;
      expect(failure).to.deep.include({ outcome: "failed", stage: transform, error: "Execution.ABORTED" });
      expect(failure?.jobRun).to.include({ JobRunState: "STOPPED" });
      if (stack === "prod") expect(await lake.bookmarkOf(failure?.jobName ?? "")).to.equal("EntityNotFoundException");
      if (failure) await lake.replay(failure, "replay-1");
      // It goes on where the execution was aborted.
      expect(lake.runs("replay-1")).to.deep.equal([
        [transform, "SUCCEEDED"],
        [aggregate, "SUCCEEDED"],
      ]);
      expect(await lake.summary("orders", "replay-1")).to.deep.include({ objectsRead: 1, rowsIn: 241 });
      await expectTables(lake, [web]);
    });
  });
}
