import { expect } from "chai";
import { costTable, type PricedJob } from "../../components/cost-table.ts";
import { dollars } from "../../components/dollars.ts";

const job = (more: Partial<PricedJob> = {}): PricedJob => ({
  name: "csv-job",
  isStreaming: false,
  autoScaling: false,
  expectedRunMinutes: 10,
  glueVersion: "5.1",
  workerType: "G.1X",
  numberOfWorkers: 2,
  ...more,
});

const row = (more: Partial<PricedJob>): string[] => {
  const [, line = ""] = costTable([job(more)]).split("\n");
  return line.split(/ {2,}/);
};

describe("The cost table", () => {
  it("has a line for each job, in columns", () => {
    expect(costTable([job(), job({ name: "big-job", workerType: "G.8X", numberOfWorkers: 10 })])).to.equal(
      [
        "job      size       DPU  per hour  per run           instead",
        "csv-job  2 × G.1X     2     $0.88  $0.15 for 10 min  FLEX $0.0967 · Glue 6.0 $0.10",
        "big-job  10 × G.8X   80    $35.20  $5.87 for 10 min  Glue 6.0 $4.11",
      ].join("\n"),
    );
  });

  it("prices six DPUs over a quarter of an hour at 66 cents", () => {
    expect(row({ numberOfWorkers: 6, expectedRunMinutes: 15 })).to.include("$0.66 for 15 min");
  });

  it("shows the standard class beside a FLEX job", () => {
    expect(row({ executionClass: "FLEX" })).to.deep.equal([
      "csv-job",
      "2 × G.1X FLEX",
      "2",
      "$0.58",
      "$0.0967 for 10 min",
      "standard $0.15 · Glue 6.0 $0.0677",
    ]);
  });

  it("has the rate of memory-DPUs for R workers, and no FLEX for them", () => {
    expect(row({ workerType: "R.2X", numberOfWorkers: 5 }).slice(2)).to.deep.equal([
      "10",
      "$5.20",
      "$0.87 for 10 min",
      "Glue 6.0 $0.61",
    ]);
  });

  it("prices a streaming job by the day", () => {
    expect(row({ isStreaming: true, workerType: "G.025X", numberOfWorkers: 4 }).slice(2)).to.deep.equal([
      "1",
      "$0.44",
      "$10.56 for a day",
      "Glue 6.0 $7.39",
    ]);
  });

  it("prices a Python shell job by its capacity", () => {
    const shell = { workerType: undefined, numberOfWorkers: undefined };
    expect(row({ ...shell, maxCapacity: 0.0625 }).slice(1)).to.deep.equal([
      "Python shell",
      "0.0625",
      "$0.0275",
      "$0.0046 for 10 min",
    ]);
    expect(row({ ...shell, maxCapacity: 1 }).slice(2)).to.deep.equal(["1", "$0.44", "$0.0733 for 10 min"]);
  });

  it("says that the workers of a job that scales are the most", () => {
    expect(row({ autoScaling: true })[1]).to.equal("up to 2 × G.1X");
  });

  it("proposes nothing to a job that has the cheapest of all", () => {
    expect(row({ glueVersion: "6.0", workerType: "R.1X" })).to.have.length(5);
  });

  it("knows no price of a worker type that it does not know", () => {
    expect(row({ workerType: "G.99X" }).slice(1)).to.deep.equal(["2 × G.99X", "?", "no price known for G.99X"]);
  });

  it("charges a minute at the least", () => {
    expect(row({ expectedRunMinutes: 0.1 })[4]).to.match(/^\$0\.0147 /);
  });
});

describe("dollars", () => {
  it("keeps small amounts of money visible", () => {
    expect([0, 0.66, 12.3, 0.0147, 0.000012, 0.0000003, 1e-13].map(dollars)).to.deep.equal([
      "$0",
      "$0.66",
      "$12.30",
      "$0.0147",
      "$0.000012",
      "$0.00000030",
      "$0.000000000000",
    ]);
  });
});
