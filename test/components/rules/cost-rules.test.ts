import { expect } from "chai";
import fc from "fast-check";
import type { AnyJob } from "../../../components/glue-job/kinds.ts";
import { dearestRun } from "../../../components/job-cost.ts";
import { priceOfRun } from "../../../components/prices.ts";
import { costRules } from "../../../components/rules/cost-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";

const problems = (job: AnyJob, maxCostPerRun: number): readonly string[] =>
  costRules({ job, cost: { maxCostPerRun } }).map((problem) => problemText(problem));

describe("The limit on a run's cost", () => {
  it("is none at 0, and where it is left out", () => {
    expect(problems({ workerType: "G.16X", numberOfWorkers: 1000 }, 0)).to.deep.equal([]);
    expect(costRules({ job: { workerType: "G.16X", numberOfWorkers: 1000 } })).to.deep.equal([]);
  });

  it("lets a run pass that costs just as much by its timeout", () => {
    expect(problems({ workerType: "G.1X", numberOfWorkers: 6, timeoutMinutes: 15 }, 0.66)).to.deep.equal([]);
  });

  it("refuses one that may cost more, and says what would fit", () => {
    expect(problems({ workerType: "G.2X", numberOfWorkers: 10 }, 5)).to.deep.equal([
      "cost.maxCostPerRun must be at least 8.8: a run of 10 × G.2X that lasts until its timeout of 60 minutes costs " +
        "$8.80; or 0 for no limit; or lower job.timeoutMinutes to 34, or lower job.numberOfWorkers to 5, or choose " +
        "job.workerType G.1X, got 5",
    ]);
  });

  it("says so when nothing fits alone", () => {
    expect(problems({ workerType: "G.1X", numberOfWorkers: 2 }, 0.01)[0]).to.include(
      "no smaller size or timeout fits alone",
    );
  });

  it("counts the largest run that an execution's input may ask for", () => {
    const overrides = {
      workerTypes: ["G.1X", "G.4X"],
      maxNumberOfWorkers: 20,
      maxTimeoutMinutes: 120,
      executionClasses: ["STANDARD"],
    } as const;
    const [problem = ""] = problems({ executionClass: "FLEX", overrides }, 1);
    expect(problem).to.include("a run of 20 × G.4X").and.include("120 minutes (job.overrides included) costs $70.40");
  });

  it("knows jobs without workers", () => {
    expect(problems({ kind: "pythonshell", maxCapacity: 1, timeoutMinutes: 600 }, 4)).to.deep.equal([
      "cost.maxCostPerRun must be at least 4.4: a run of Python shell that lasts until its timeout of 600 minutes " +
        "costs $4.40; or 0 for no limit; or lower job.timeoutMinutes to 545, got 4",
    ]);
  });

  it("cannot hold a worker type of unknown price against it", () => {
    expect(problems({ workerType: "G.99X", numberOfWorkers: 99 }, 0.01)).to.deep.equal([]);
  });

  it("names only ways that do fit", () => {
    const jobs = fc.record({
      workerType: fc.constantFrom("G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.4X"),
      numberOfWorkers: fc.integer({ min: 2, max: 100 }),
      timeoutMinutes: fc.integer({ min: 1, max: 2000 }),
    });
    fc.assert(
      fc.property(jobs, fc.integer({ min: 1, max: 200 }), (job, limit) => {
        const [problem] = problems(job, limit);
        const named = (pattern: RegExp): string | undefined => pattern.exec(problem ?? "")?.[1];
        const [minutes, workers, workerType, least] = [
          named(/timeoutMinutes to (\d+)/),
          named(/numberOfWorkers to (\d+)/),
          named(/workerType (\S+),/),
          named(/at least ([\d.]+):/),
        ];
        if (minutes !== undefined) expect(problems({ ...job, timeoutMinutes: Number(minutes) }, limit)).to.be.empty;
        if (workers !== undefined) expect(problems({ ...job, numberOfWorkers: Number(workers) }, limit)).to.be.empty;
        if (workerType !== undefined) expect(problems({ ...job, workerType }, limit)).to.be.empty;
        if (least !== undefined) expect(problems(job, Number(least))).to.be.empty;
        const { size, minutes: longest } = dearestRun(job);
        expect(problem === undefined).to.equal((priceOfRun(size, longest * 60) ?? 0) <= limit + 1e-9);
      }),
    );
  });
});
