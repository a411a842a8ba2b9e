import { ExecutionClass, WorkerType } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import type { GlueJobArgs } from "../../../components/glue-job/kinds.ts";
import { jobSettings, longestTimeoutMinutes } from "../../../components/glue-job/settings.ts";
import { workloads } from "../../../components/glue-job/workloads.ts";
import { windowPattern } from "../../../functions/lib/job-definition.ts";
import { workerKind, workerTypes } from "../../../functions/lib/workers.ts";

const script = new URL("../../../scripts/process_csv.py", import.meta.url);

const shapes = (
  JSON.parse(readFileSync(new URL("../../golden/glue-model.json", import.meta.url), "utf8")) as {
    shapes: Record<string, { enum?: string[]; pattern?: string }>;
  }
).shapes;

/** What compiles: each line that must not is marked so, and tsc fails where it does. */
const compiled: readonly GlueJobArgs[] = [
  { script },
  { script, workload: "large_etl", bookmarks: "enable" },
  { script, workerType: "G.32X", numberOfWorkers: 4 },
  { kind: "streaming", script, maintenanceWindow: "Sun:3" },
  { kind: "pythonshell", script, maxCapacity: 1 },
  { kind: "ray", script, runtime: "Ray2.4" },
  // @ts-expect-error A Python shell job has no workers.
  { kind: "pythonshell", script, workerType: "G.1X", numberOfWorkers: 2 },
  // @ts-expect-error Nor settings of Spark.
  { kind: "pythonshell", script, sparkConf: {} },
  // @ts-expect-error A Spark job is sized by workers.
  { script, maxCapacity: 1 },
  // @ts-expect-error A stream has checkpoints instead.
  { kind: "streaming", script, bookmarks: "enable" },
  // @ts-expect-error FLEX is for batch work.
  { kind: "streaming", script, executionClass: "FLEX" },
  // @ts-expect-error A batch job is not restarted.
  { script, maintenanceWindow: "Sun:3" },
  // @ts-expect-error Either a workload or workers.
  { script, workload: "cost", workerType: "G.1X", numberOfWorkers: 2 },
  // @ts-expect-error How many of which type?
  { script, numberOfWorkers: 2 },
];

describe("A kind of job", () => {
  it("is told apart by the compiler", () => {
    expect(compiled).to.have.length(14);
  });

  it("has settings for all that its description leaves open", () => {
    expect(jobSettings({})).to.deep.include({
      glueVersion: "5.1",
      workerType: "G.1X",
      numberOfWorkers: 2,
      executionClass: "STANDARD",
      timeoutMinutes: 60,
      maxConcurrentRuns: 3,
      jobRunQueuing: false,
    });
    expect(jobSettings({ kind: "pythonshell" })).to.include({ glueVersion: "3.0", maxCapacity: 0.0625 });
    expect(jobSettings({ kind: "pythonshell" })).to.not.have.any.keys("workerType", "numberOfWorkers");
    expect(jobSettings({ workload: "cost", executionClass: "STANDARD", timeoutMinutes: 45 })).to.include({
      executionClass: "STANDARD",
      timeoutMinutes: 45,
    });
  });

  it("may run as long as its executions can ask for", () => {
    expect(longestTimeoutMinutes({})).to.equal(60);
    expect(longestTimeoutMinutes({ overrides: { maxTimeoutMinutes: 300 } })).to.equal(300);
  });
});

describe("What is known of Glue", () => {
  it("has the worker types of its API and of its SDK", () => {
    expect(Object.keys(workerTypes)).to.have.members(Object.values(WorkerType));
    expect(Object.keys(workerTypes)).to.have.members(shapes.WorkerType?.enum ?? []);
  });

  it("has workloads of those types and of the execution classes", () => {
    expect(Object.values(workloads).map(({ workerType }) => workerType)).to.satisfy((types: string[]) =>
      types.every((type) => Object.hasOwn(workerTypes, type)),
    );
    expect(Object.values(ExecutionClass)).to.include.members([workloads.cost.executionClass, "STANDARD"]);
    expect(Object.values(ExecutionClass)).to.have.members(shapes.ExecutionClass?.enum ?? []);
  });

  it("takes maintenance windows by the API's own pattern", () => {
    expect(windowPattern.source).to.equal(shapes.MaintenanceWindow?.pattern);
  });

  it("reckons with the size that a newer type has in its name", () => {
    expect(workerKind("G.32X").dpu).to.equal(32);
    expect(workerKind("Turbo").dpu).to.equal(1);
  });
});
