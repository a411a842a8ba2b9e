import { expect } from "chai";
import { headingLine, notHonouredLines, resourcesLine, uploadLines } from "../../../cli/render/header.ts";
import { unpainted } from "../../../cli/render/style.ts";
import {
  backgroundLines,
  costLine,
  summaryLines,
  type FileSummary,
  type StageSummary,
} from "../../../cli/render/summary.ts";
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

const stage: StageSummary = {
  stage: "Clean",
  state: "SUCCEEDED",
  attempts: 1,
  ran: 12_000,
  size: "2 × G.1X",
  cost: 0.0147,
  rowsWritten: 9,
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

  it("counts runs where there are stages, and tells of these where there are several", () => {
    const file = { ...good, attempts: 2, stages: [stage, { ...stage, stage: "Merge", rowsWritten: 0 }] };
    expect(summaryLines([file], 120, unpainted)).to.deep.equal([
      "file        outcome    runs    time                 rows  output",
      "orders.csv  succeeded     2  14.0 s  10,000 (3 rejected)  out/output/part-00000.parquet",
      "",
      "stage  last run   attempts     ran  size         Glue  rows  output",
      "Clean  SUCCEEDED         1  12.0 s  2 × G.1X  $0.0147     9  –",
      "Merge  SUCCEEDED         1  12.0 s  2 × G.1X  $0.0147     0  –",
    ]);
    expect(summaryLines([{ ...good, stages: [stage] }], 120, unpainted)).to.have.lengthOf(2);
  });

  it("gives the stages' outputs lines of their own where they do not fit, and the file's no second one", () => {
    const output = "out/a-bucket/a-folder/part-00000.parquet";
    const file = { ...good, attempts: 2, output, stages: [stage, { ...stage, stage: "Merge", output }] };
    expect(summaryLines([file], 80, unpainted)).to.deep.equal([
      "file        outcome    runs    time                 rows",
      "orders.csv  succeeded     2  14.0 s  10,000 (3 rejected)",
      "",
      "stage  last run   attempts     ran  size         Glue  rows",
      "Clean  SUCCEEDED         1  12.0 s  2 × G.1X  $0.0147     9",
      "Merge  SUCCEEDED         1  12.0 s  2 × G.1X  $0.0147     9",
      "",
      `Merge → ${output}`,
    ]);
  });

  it("tells files apart by the branch that they took", () => {
    const files = [
      { ...good, branch: "Quarantine" },
      { ...good, file: "b.csv" },
    ];
    expect(summaryLines(files, 120, unpainted)).to.deep.equal([
      "file        outcome    branch      attempts    time                 rows  output",
      "orders.csv  succeeded  Quarantine         1  14.0 s  10,000 (3 rejected)  out/output/part-00000.parquet",
      "b.csv       succeeded  –                  1  14.0 s  10,000 (3 rejected)  out/output/part-00000.parquet",
    ]);
  });

  it("leaves out what there is nothing to say of, unless something is missing", () => {
    const quiet: FileSummary = { file: "walk-1", outcome: "succeeded", attempts: 0, took: 1000 };
    expect(summaryLines([quiet], 120, unpainted)).to.deep.equal([
      "execution  outcome     time",
      "walk-1     succeeded  1.0 s",
    ]);
    expect(summaryLines([{ ...quiet, outcome: "failed" }], 120, unpainted)[0]).to.equal(
      "execution  outcome  attempts   time  rows  output",
    );
  });

  it("shortens an execution's name where the table would not fit, so that a shell still finds the path", () => {
    const name = `orders-csv-${"0123456789abcdef".repeat(4)}`;
    const file = { ...good, output: `out/o/execution=${name}/part.parquet` };
    expect(summaryLines([file], 120, unpainted)[1]).to.match(
      / {2}out\/o\/execution=orders-csv-01234567\*\/part\.parquet$/,
    );
    expect(summaryLines([file], 80, unpainted).at(-1)).to.equal(
      "orders.csv → out/o/execution=orders-csv-01234567*/part.parquet",
    );
    expect(summaryLines([file], Infinity, unpainted)[1]).to.include(name);
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

describe("backgroundLines", () => {
  it("tells of jobs that no file waits for", () => {
    expect(backgroundLines([{ ...stage, stage: "enrich", attempts: 2 }], 120, unpainted)).to.deep.equal([
      "",
      "job in the background  last run   runs     ran  size         Glue",
      "enrich                 SUCCEEDED     2  12.0 s  2 × G.1X  $0.0147",
    ]);
    expect(backgroundLines([], 120, unpainted)).to.deep.equal([]);
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
    expect(costLine({ ...cost, kinesis: 0.14 }, "", unpainted)).to.include("Lambda $0.0000012 + Kinesis $0.14;");
    expect(costLine({ ...cost, glue: 0 }, "", unpainted)).not.to.include("Glue");
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
    expect(resourcesLine(["aws:kinesis/stream:Stream"], 100)).to.equal("1 resource: Kinesis 1");
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
