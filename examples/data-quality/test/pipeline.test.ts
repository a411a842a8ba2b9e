import { expect } from "chai";
import { createHash } from "node:crypto";
import { sample } from "./contracts.ts";
import { problemsOf } from "./open-lineage.ts";
import { Quality, type Stack } from "./quality.ts";

const good = sample("orders-2025-12-29.csv");
const broken = sample("orders-2025-12-30-broken-rules.csv");
const drifted = sample("orders-2025-12-31-schema-drift.csv");

const columns = [
  "order_id bigint",
  "customer_email string",
  "phone string",
  "amount double",
  "currency string",
  "country string",
  "status string",
  "ordered_at timestamp",
];

/** The good file with another column behind the others. */
const withChannel = Buffer.from(good.toString().replace(/\n/g, ",web\n").replace(",web", ",channel"));
const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

for (const stack of ["local", "prod"] as const satisfies readonly Stack[]) {
  describe(`Data quality on stack ${stack}`, () => {
    let quality: Quality;
    beforeEach(async () => {
      quality = await Quality.of(stack);
    });

    it("publishes a file that is as promised: its bytes, its schema, a report and the lineage", async () => {
      await quality.take("orders.csv", good);
      expect(quality.ended.map(({ status, output }) => [status, output?.outcome])).to.deep.equal([
        ["SUCCEEDED", "succeeded"],
      ]);
      expect(await quality.keys()).to.deep.equal([
        "accepted/orders/execution=…/orders.csv",
        "lineage/execution=…/COMPLETE.json",
        "lineage/execution=…/START.json",
        "reports/orders/execution=…/report.html",
        "reports/orders/execution=…/report.md",
      ]);
      expect((await quality.read("accepted/")).equals(good)).to.equal(true);
      expect(await quality.schema()).to.deep.equal({ version: 1, columns });
      expect(quality.result("publish")).to.deep.include({
        quality: "accepted",
        rows: 400,
        warnings: [],
        schemaVersion: 1,
      });
      expect(quality.told("findings")).to.deep.equal([]);
      expect(
        quality.told("results").map(({ stages }) => (stages as { publish: { quality: string } }).publish.quality),
      ).to.deep.equal(["accepted"]);
      expect(quality.failures).to.deep.equal([]);
    });

    it("sets a file apart that breaks rules, keeps its bytes and says why; the execution has succeeded", async () => {
      await quality.take("orders.csv", broken);
      expect(quality.ended.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
      expect(await quality.keys("quarantine/")).to.deep.equal([
        "quarantine/orders/execution=…/orders.csv",
        "quarantine/orders/execution=…/orders.csv.reasons.json",
      ]);
      expect((await quality.read("quarantine/", "orders.csv")).equals(broken)).to.equal(true);
      const beside = JSON.parse((await quality.read("quarantine/", ".reasons.json")).toString()) as Record<
        string,
        unknown
      >;
      expect(beside).to.deep.include({ dataset: "orders", owner: "team:shop-data", sha256: sha256(broken) });
      expect(beside.reasons).to.include.members([
        "MalformedRows <= 0: 1 of 400 rows, first on line 381",
        'ColumnValues "amount" between 0 and 10000: 2 of 399 rows, first on line 13: "-12.50"',
      ]);
      expect(quality.told("findings")).to.have.length(1);
      expect(quality.told("findings")[0]).to.deep.include({ quality: "quarantined", reasons: beside.reasons });
      expect(quality.result("quarantine").reasons).to.deep.equal(beside.reasons);
      expect(await quality.keys("accepted/")).to.deep.equal([]);
      expect(await quality.schema()).to.equal(undefined);
      expect(quality.failures).to.deep.equal([]);
    });

    it("accepts a column that is added, and from then on misses it", async () => {
      await quality.take("1.csv", good);
      await quality.take("2.csv", withChannel);
      expect(quality.result("publish")).to.deep.include({ quality: "accepted", schemaVersion: 2 });
      expect(await quality.schema()).to.deep.equal({ version: 2, columns: [...columns, "channel string"] });
      await quality.take("3.csv", good);
      expect(quality.result("quarantine").reasons).to.deep.equal(['Schema: column "channel" was removed']);
      await quality.take("4.csv", withChannel);
      expect(await quality.schema()).to.deep.include({ version: 2 });
    });

    it("sets a file apart whose schema breaks its readers, though it keeps the rules", async () => {
      await quality.take("orders.csv", drifted);
      expect(quality.result("checkSchema")).to.deep.include({ passed: false, drift: "breaking" });
      expect(quality.result("quarantine").reasons).to.deep.equal([
        'Schema: column "phone" was removed',
        'Schema: column "order_id" was bigint and is string',
      ]);
      expect((await quality.read("quarantine/", "orders.csv")).equals(drifted)).to.equal(true);
    });

    it("sets a poisoned file apart after one run, and takes those that come after it", async () => {
      const poison = Buffer.from('order_id,"customer\n1,\0');
      await quality.take("poison.csv", poison);
      expect(quality.runs).to.deep.equal(["SUCCEEDED"]);
      expect(quality.result("quarantine").reasons).to.deep.equal([
        "The file cannot be read: the file is not text: NUL byte at offset 21",
      ]);
      expect((await quality.read("quarantine/", "poison.csv")).equals(poison)).to.equal(true);
      expect(problemsOf(await quality.lineage("poison", "COMPLETE"))).to.deep.equal([]);
      await quality.take("orders.csv", good);
      expect(quality.result("publish").quality).to.equal("accepted");
    });

    it("keeps a lineage that is OpenLineage, by which a file can be followed", async () => {
      await quality.take("good.csv", good);
      await quality.take("bad.csv", broken);
      const events = await Promise.all(
        ["good", "bad"].flatMap((name) => [quality.lineage(name, "START"), quality.lineage(name, "COMPLETE")]),
      );
      expect(events.map(problemsOf)).to.deep.equal([[], [], [], []]);
      const [began, ended] = events;
      expect(ended?.run.runId).to.equal(began?.run.runId);
      expect(ended?.job).to.deep.include({ namespace: `glue-pipeline/${stack}`, name: "orders.quality" });
      expect(began?.inputs.map(({ namespace, name }) => [namespace, name])).to.deep.equal([
        [`s3://${quality.output("landingBucket")}`, "incoming/good.csv"],
      ]);
      expect(events.map((event) => event.outputs.map(({ name }) => name))).to.deep.equal([
        [],
        ["accepted/orders"],
        [],
        ["quarantine/orders"],
      ]);
      const facets = events[3]?.inputs[0]?.inputFacets ?? {};
      const { assertions } = facets.dataQualityAssertions as unknown as { assertions: readonly { success: boolean }[] };
      expect(assertions.filter(({ success }) => !success)).to.have.length(10);
      const { columnMetrics, rowCount } = facets.dataQualityMetrics as unknown as {
        rowCount: number;
        columnMetrics: Record<string, object>;
      };
      expect(rowCount).to.equal(399);
      expect(columnMetrics.amount).to.deep.include({ nullCount: 0, min: -12.5, max: 129900 });
      expect(columnMetrics.customer_email).to.deep.equal({ nullCount: 1, distinctCount: 394, count: 398 });
    });

    it("shows personal data nowhere but in the file itself", async () => {
      await quality.take("good.csv", good);
      await quality.take("bad.csv", broken);
      const personal = [good, broken].flatMap(
        (file) => file.toString().match(/[\w.]+@example|nobody at home|\+49 30 \d+/g) ?? [],
      );
      expect(personal.length).to.be.greaterThan(1000);
      const { Contents = [] } = await quality.cloud.asUser.listObjects({ Bucket: quality.output("dataBucket") });
      const written = Contents.map(({ Key }) => Key).filter((key) => !key.endsWith("d.csv"));
      expect(written).to.have.length(9);
      const texts = await Promise.all(written.map(async (key) => (await quality.read(key, key)).toString()));
      const all = [...texts, JSON.stringify(quality.told("findings")), JSON.stringify(quality.ended)].join("\n");
      expect(personal.filter((value) => all.includes(value))).to.deep.equal([]);
    });

    it("takes files of awkward names", async () => {
      const name = "a b/ü+%20&'q\"😀.csv";
      await quality.take(name, good);
      expect((await quality.read("accepted/")).equals(good)).to.equal(true);
    });
  });
}
