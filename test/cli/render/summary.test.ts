import { expect } from "chai";
import { headingLine, notHonouredLines, resourcesLine, uploadLines } from "../../../cli/render/header.ts";
import { unpainted } from "../../../cli/render/style.ts";
import { costLine, summaryLines, type FileSummary } from "../../../cli/render/summary.ts";
import type { Resource } from "../../../local/resource-graph.ts";
import { upload } from "../../support/cli-events.ts";

const good: FileSummary = {
  file: "orders.csv",
  outcome: "succeeded",
  attempts: 1,
  took: 14_000,
  rowsWritten: 10_000,
  rowsRejected: 3,
  output: "out/output/part-00000.parquet",
  kept: "out/landing/incoming/orders.csv",
};

const resource = (type: string, name: string): Resource => ({
  type,
  name,
  urn: `urn:${name}`,
  id: name,
  dependencies: [],
  properties: {},
  given: [],
});

describe("summaryLines", () => {
  it("shows a table of the files", () => {
    expect(summaryLines([good], 120, unpainted)).to.deep.equal([
      "file        outcome    attempts    time                 rows  output",
      "orders.csv  succeeded         1  14.0 s  10,000 (3 rejected)  out/output/part-00000.parquet",
    ]);
  });

  it("gives each output a line of its own where the table would have to cut it, so that it can be copied", () => {
    const failed: FileSummary = {
      file: "b.csv",
      outcome: "failed",
      reason: "no memory",
      attempts: 3,
      kept: "out/b.csv",
    };
    expect(summaryLines([good, failed], 80, unpainted).slice(0, 5)).to.deep.equal([
      "file        outcome    attempts    time                 rows",
      "orders.csv  succeeded         1  14.0 s  10,000 (3 rejected)",
      "b.csv       failed            3       –                    –",
      "",
      "orders.csv → out/output/part-00000.parquet",
    ]);
  });

  it("says below it why a file did not succeed and where it is kept", () => {
    const failed: FileSummary = {
      file: "b.csv",
      outcome: "failed",
      reason: "no memory",
      attempts: 3,
      kept: "out/landing/b.csv",
    };
    const ignored: FileSummary = { file: "c.csv", outcome: "ignored", attempts: 0, kept: "out/landing/c.csv" };
    expect(summaryLines([{ ...good, rowsRejected: 0 }, failed, ignored], 120, unpainted).slice(1)).to.deep.equal([
      "orders.csv  succeeded         1  14.0 s  10,000  out/output/part-00000.parquet",
      "b.csv       failed            3       –       –  –",
      "c.csv       ignored           0       –       –  –",
      "",
      "b.csv failed: no memory",
      "  the object is kept at out/landing/b.csv",
      "",
      "c.csv ignored: no reason is known",
      "  the object is kept at out/landing/c.csv",
    ]);
  });
});

describe("costLine", () => {
  it("splits the cost by service", () => {
    const cost = {
      currency: "USD",
      total: 0.0151,
      glue: 0.0147,
      stepFunctions: 0.0003,
      lambda: 0.0000012,
      assumptions: [],
    } as const;
    expect(costLine(cost, "2 × G.1X", unpainted)).to.equal(
      "On AWS: $0.0151 = Glue $0.0147 (2 × G.1X) + Step Functions $0.0003 + Lambda $0.0000012; free tiers not counted",
    );
    expect(costLine(cost, "", unpainted)).to.include("Glue $0.0147 + ");
  });
});

describe("header", () => {
  it("names project, stack, kind of job and clock", () => {
    const heading = { project: "glue-pipeline", stack: "local", mode: "simulated", clock: "virtual" };
    expect(headingLine(heading, unpainted)).to.equal(
      "glue-pipeline · stack local · simulated job · embedded cloud · virtual clock",
    );
    expect(headingLine({ ...heading, mode: "" }, unpainted)).not.to.include("job");
  });

  it("counts resources by service, the most frequent first", () => {
    const types = ["aws:iam/role:Role", "aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy", "random:index:Id"];
    expect(resourcesLine(types, 100)).to.equal("4 resources: S3 2 · IAM 1 · random:index:Id 1");
    expect(resourcesLine(types, 24)).to.have.lengthOf(24).and.to.match(/…$/);
  });

  it("lists what goes where, up to a number of files", () => {
    expect(uploadLines([upload()], 100, unpainted)).to.deep.equal(["orders.csv → landing/incoming/orders.csv  1.2 MB"]);
    const many = Array.from({ length: 50 }, (_, index) => upload(`f${index}.csv`));
    expect(uploadLines(many, 100, unpainted).at(-1)).to.equal("… and 42 more files");
  });

  it("lists in brief what has no effect, and with reasons when asked", () => {
    const list = [
      { resource: resource("aws:lambda/function:Function", "f"), property: "tags", reason: "labels" },
      { resource: resource("aws:lambda/function:Function", "g"), property: "tags", reason: "labels" },
      { resource: resource("aws:cloudwatch/logGroup:LogGroup", "l"), reason: "no logs here" },
    ];
    expect(notHonouredLines(list, false, 100)).to.deep.equal([
      "Without effect here: Function.tags, LogGroup (reasons: --debug)",
    ]);
    expect(notHonouredLines(list, true, 100)).to.deep.equal([
      "Declared, without effect in the embedded cloud:",
      "  Function.tags (f): labels",
      "  Function.tags (g): labels",
      "  LogGroup (l): no logs here",
    ]);
    expect(notHonouredLines([], false, 100)).to.deep.equal([]);
  });
});
