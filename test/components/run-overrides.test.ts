import type { JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import type { CloudOptions } from "../../local/cloud.ts";
import { cloudOf, jobRunsIn } from "../support/pipeline.ts";
import { definitionOf, graphOf } from "../support/stacks.ts";

const simulation: CloudOptions["simulation"] = {
  seed: 1,
  startUpSeconds: 1,
  durationSeconds: 5,
  secondsPerMiB: 0,
  failureRate: 0,
  // A second run must ask for the same.
  scenarios: [{ match: "*", attempts: [1], Return: { JobRunState: "FAILED" } }],
};

const bounds = {
  overrideWorkerTypes: '["G.2X"]',
  overrideMaxWorkers: "10",
  overrideMaxTimeoutMinutes: "90",
  overrideExecutionClasses: '["FLEX"]',
  jobRunQueuing: "false",
  retryIntervalSeconds: "1",
};

interface Came {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly runs: readonly JobRun[];
}

/** What comes of an execution that a person starts with these overrides. */
const started = async (
  overrides: unknown,
  config: Readonly<Record<string, string>> = bounds,
  stack = "prod",
): Promise<Came> => {
  const graph = await graphOf(stack, config);
  const { cloud, events } = await cloudOf(graph, { simulation });
  const file = { bucket: String(graph.outputs.landingBucket), key: "incoming/a.csv", versionId: "null", size: 7 };
  const { executionArn } = (await cloud.asUser.call("states", "startExecution", {
    stateMachineArn: graph.outputs.stateMachineArn,
    name: "by-hand",
    input: JSON.stringify({
      jobName: graph.outputs.jobName,
      arguments: file,
      ...(overrides !== undefined && { overrides }),
    }),
  })) as { executionArn: string };
  await cloud.settle();
  const execution = (await cloud.asUser.call("states", "describeExecution", { executionArn })) as Came;
  return { ...execution, runs: jobRunsIn(events) };
};

describe("An execution's overrides", () => {
  it("size all of its runs", async () => {
    const { runs } = await started({ WorkerType: "G.2X", NumberOfWorkers: 10, Timeout: 90, ExecutionClass: "FLEX" });
    expect(runs.length).to.be.greaterThan(1);
    for (const run of runs) {
      expect(run).to.include({ WorkerType: "G.2X", NumberOfWorkers: 10, Timeout: 90, ExecutionClass: "FLEX" });
    }
  });

  for (const overrides of [undefined, {}, { Timeout: 5 }]) {
    it(`leave what they do not name as the job has it: ${JSON.stringify(overrides)}`, async () => {
      const { runs } = await started(overrides);
      expect(runs[0]).to.include({
        WorkerType: "G.1X",
        NumberOfWorkers: 2,
        Timeout: overrides?.Timeout ?? 60,
        ExecutionClass: "STANDARD",
      });
    });
  }

  const beyond: readonly (readonly [unknown, string])[] = [
    [{ WorkerType: "G.8X" }, "overrides.WorkerType must be G.1X or G.2X, got G.8X"],
    [{ NumberOfWorkers: 11 }, "overrides.NumberOfWorkers must be a whole number from 2 to 10, got 11"],
    [{ NumberOfWorkers: 1 }, "overrides.NumberOfWorkers must be a whole number from 2 to 10, got 1"],
    [{ NumberOfWorkers: 2.5 }, "overrides.NumberOfWorkers must be a whole number from 2 to 10, got 2.5"],
    [{ NumberOfWorkers: "9" }, "overrides.NumberOfWorkers must be a whole number from 2 to 10, got 9"],
    [{ NumberOfWorkers: null }, "overrides.NumberOfWorkers must be a whole number from 2 to 10, got null"],
    [{ Timeout: 91 }, "overrides.Timeout must be a whole number from 1 to 90, got 91"],
    [{ ExecutionClass: "CHEAP" }, "overrides.ExecutionClass must be STANDARD or FLEX, got CHEAP"],
    [
      { MaxCapacity: 100 },
      'overrides must be an object with nothing but WorkerType, NumberOfWorkers, Timeout, ExecutionClass, got {"MaxCapacity":100}',
    ],
    [
      "G.8X",
      "overrides must be an object with nothing but WorkerType, NumberOfWorkers, Timeout, ExecutionClass, got G.8X",
    ],
    [
      null,
      "overrides must be an object with nothing but WorkerType, NumberOfWorkers, Timeout, ExecutionClass, got null",
    ],
  ];
  for (const [overrides, cause] of beyond) {
    it(`fail the file beyond their bounds: ${JSON.stringify(overrides)}`, async () => {
      const { runs, ...execution } = await started(overrides);
      expect(execution).to.include({ status: "FAILED", error: "InvalidOverrides", cause });
      expect(runs).to.deep.equal([]);
    });
  }

  it("are refused where the config allows none", async () => {
    const { runs, ...execution } = await started({ Timeout: 5 }, {});
    expect(execution).to.include({
      error: "InvalidOverrides",
      cause: 'overrides must be left out: this job lets no run differ, got {"Timeout":5}',
    });
    expect(runs).to.deep.equal([]);
  });

  it("hold for simulated jobs as for real ones, by the same definition", async () => {
    const { runs } = await started({ NumberOfWorkers: 7 }, bounds, "local");
    expect(runs[0]).to.include({ NumberOfWorkers: 7 });
    const masked = (definition: unknown): string =>
      JSON.stringify(definition, (key, value: unknown) => (key === "Resource" ? "masked" : value));
    const [local, prod] = await Promise.all(["local", "prod"].map((stack) => graphOf(stack, bounds)));
    if (local === undefined || prod === undefined) throw new Error("two graphs were evaluated");
    const withoutNames = (graph: typeof local): string =>
      masked(definitionOf(graph)).replaceAll(String(graph.outputs.outputBucket), "output");
    expect(withoutNames(local)).to.equal(withoutNames(prod));
  });
});
