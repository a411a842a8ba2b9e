import { expect } from "chai";
import { costOfJobRun } from "../../../local/cost.ts";
import { evaluate } from "../../../local/evaluate.ts";
import { jobRunsIn, type PipelineRun } from "../../../test/support/pipeline.ts";
import {
  directory,
  dollarsFor15Minutes,
  expectedRevenue,
  failuresIn,
  graphOf,
  revenueOf,
  run,
  sizes,
  stageOf,
} from "./sizes.ts";

const costs = ({ events }: PipelineRun): Readonly<Record<string, number>> =>
  Object.fromEntries(
    jobRunsIn(events).map((jobRun) => [stageOf(jobRun), Math.round((costOfJobRun(jobRun) ?? NaN) * 1e6) / 1e6]),
  );
const rounded = (values: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Math.round(value * 1e6) / 1e6]));

describe("The example cost", function () {
  this.timeout(60_000);
  let sized: PipelineRun;

  before(async () => {
    sized = await run();
  });

  for (const stack of ["local", "prod"]) {
    it(`estimates each size on ${stack} by the price list`, async () => {
      const { messages } = await graphOf(stack);
      const rows = messages.flatMap(({ text }) => text.split("\n"));
      const estimateOf = (name: string): string =>
        / (\$[\d.]+) for 15 min/.exec(rows.find((row) => row.startsWith(`cost-${name.toLowerCase()} `)) ?? "")?.[1] ??
        "";
      expect(sizes.map((name) => [name, estimateOf(name)])).to.deep.equal([
        ["Small", "$0.22"],
        ["Medium", "$1.10"],
        ["Large", "$4.40"],
        ["Memory", "$1.30"],
        ["Flex", "$0.15"],
        ["Six", "$0.66"],
        ["Newest", "$0.15"],
      ]);
      // 0.25 and 1 DPU, two workers, 24 hours of $0.44.
      const streams = rows
        .filter((row) => row.startsWith("stream-"))
        .map((row) => / (\$[\d.]+) for a day/.exec(row)?.[1]);
      expect(streams).to.deep.equal(["$5.28", "$21.12"]);
    });

    it(`charges each size on ${stack} what its runs took of the same file`, async () => {
      const done = stack === "prod" ? sized : await run(["orders.csv"], { stack });
      expect(done.executions.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
      expect(costs(done)).to.deep.equal(rounded(dollarsFor15Minutes));
    });
  }

  it("comes to the same sums at each size, and DuckDB to the same", async () => {
    expect(await revenueOf(sized.cloud, sized.executions[0]?.name ?? "")).to.deep.equal(await expectedRevenue());
  });

  it("caps the large size: a second file's run waits for the first one's, the others do not", async () => {
    const { events, executions } = await run(["a.csv", "b.csv"]);
    expect(executions.map(({ status }) => status)).to.deep.equal(["SUCCEEDED", "SUCCEEDED"]);
    const waited = events.flatMap((event) =>
      event.kind === "job-run" && event.run.JobRunState === "WAITING" ? [stageOf(event.run)] : [],
    );
    expect(new Set(waited)).to.deep.equal(new Set(["Large"]));
    const ends = jobRunsIn(events)
      .filter((jobRun) => stageOf(jobRun) === "Large")
      .map(({ CompletedOn }) => CompletedOn?.getTime() ?? NaN)
      .sort((a, b) => a - b);
    expect((ends[1] ?? 0) - (ends[0] ?? 0)).to.be.at.least(900_000);
  });

  it("cuts off runs that hang: none costs more than its half hour", async () => {
    const done = await run(["orders.csv"], { durationSeconds: 36_000 });
    expect(done.executions.map(({ status }) => status)).to.deep.equal(["FAILED"]);
    const most = Object.fromEntries(sizes.map((size) => [size, dollarsFor15Minutes[size] * 2]));
    for (const [size, cost] of Object.entries(costs(done))) expect(cost, size).to.be.at.most((most[size] ?? 0) + 1e-6);
    const [failure] = failuresIn(done);
    expect(failure?.error).to.equal("JobRun.TIMEOUT");
    expect(sizes).to.include(failure?.stage);
  });

  it("refuses what a file could cost more than is allowed, and names the price of each size", async () => {
    const evaluated = (maxCostPerRun: string): Promise<string> =>
      evaluate({ directory, stack: "prod", config: { maxCostPerRun } }).then(
        () => "",
        (error: unknown) => String(error),
      );
    // Half an hour of all sizes, twice what 15 minutes of them cost: $15.958.
    const most = 2 * Object.values(dollarsFor15Minutes).reduce((sum, dollars) => sum + dollars, 0);
    expect(most.toFixed(2)).to.equal("15.96");
    expect(await evaluated("15")).to.match(/at least 15\.96.*Large \$8\.80/);
    expect(await evaluated("16")).to.equal("");
  });
});
