import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { loadPipelineConfig } from "../../components/config.ts";
import { configuredJob } from "../../components/stage-config.ts";

const script = new URL("../../scripts/process_csv.py", import.meta.url);

const load = (config: Readonly<Record<string, string>>) => {
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`glue-pipeline:${key}`, value])),
  );
  return loadPipelineConfig();
};

const problemsOf = (config: Readonly<Record<string, string>>): readonly string[] => {
  try {
    load(config);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n  ").slice(1);
  }
};

const stages = (config: object): Readonly<Record<string, string>> => ({ stages: JSON.stringify(config) });

describe("The config of a program with stages", () => {
  before(async () => {
    await pulumi.runtime.setMocks(
      { call: () => ({}), newResource: () => ({ id: undefined, state: {} }) },
      "glue-pipeline",
      "test",
    );
  });

  it("has all that there is to say of a pipeline but its one job", () => {
    const config = load({ mode: "real", maxAttempts: "5", maxCostPerRun: "2" });
    expect(config).to.deep.include({ mode: "real", stageConfig: {} });
    expect(config.retry?.maxAttempts).to.equal(5);
    expect(config).not.to.have.any.keys("job", "stages");
  });

  it("says by stage who runs its job and how large it is", () => {
    const clean = { workerType: "G.2X", numberOfWorkers: 10, timeoutMinutes: 30, mode: "real" };
    expect(load(stages({ Clean: clean, "Sum up": { maxCapacity: 1 } })).stageConfig).to.deep.equal({
      Clean: clean,
      "Sum up": { maxCapacity: 1 },
    });
  });

  it("is refused with all that is wrong with it, each with its path, its value and what is allowed", () => {
    const wrong = {
      Clean: { numberOfWorkers: 0, mode: "live", timeOutMinutes: 5, colour: "red", glueVersion: 5 },
      Totals: "large",
    };
    expect(problemsOf(stages(wrong))).to.deep.equal([
      "glue-pipeline:stages.Clean.numberOfWorkers must be a whole number from 1 to 100000, got 0",
      'glue-pipeline:stages.Clean.mode must be "simulated" or "real", got "live"',
      "glue-pipeline:stages.Clean.timeOutMinutes must be left out: did you mean timeoutMinutes?, got 5",
      'glue-pipeline:stages.Clean.colour must be left out: a stage\'s fields are mode, glueVersion, workload, workerType, numberOfWorkers, autoScaling, maxCapacity, executionClass, timeoutMinutes, maxConcurrentRuns, jobRunQueuing, notifyDelayAfterMinutes, bookmarks, tempDir, sparkUi, continuousLogging, enableMetrics, enableObservabilityMetrics, jobInsights, sparkConf, connections, got "red"',
      'glue-pipeline:stages.Clean.glueVersion must be a version in quotes, like "5.1", got 5',
      'glue-pipeline:stages.Totals must be an object of fields of its job, for example {"Clean": {"workerType": "G.2X", "numberOfWorkers": 10}}, got "large"',
    ]);
    expect(problemsOf({ stages: "Clean" })).to.deep.equal([
      'glue-pipeline:stages must be an object by stage, for example {"Clean": {"workerType": "G.2X", "numberOfWorkers": 10}}, got "Clean"',
    ]);
  });

  it("has no key for the one job of other programs, and says where its jobs are", () => {
    expect(problemsOf({ numberOfWorkers: "4", maxConcurentRuns: "2", minFileByte: "3" })).to.deep.equal([
      'glue-pipeline:numberOfWorkers is not a key of this program; jobs have stages here: say it by stage, for example glue-pipeline:stages: {"Clean": {"numberOfWorkers": 4}}',
      "glue-pipeline:maxConcurentRuns is not a key of this program; its keys are " +
        String(problemsOf({ zzz: "1" })[0]?.split("its keys are ")[1]),
      "glue-pipeline:minFileByte is not a key of this program; did you mean minFileBytes?",
    ]);
  });

  it("is refused where stages leave it no room", () => {
    expect(problemsOf({ dispatch: "direct" })).to.deep.equal([
      'glue-pipeline:dispatch must be "per-file" with stages: functions alone take a file through one job, got "direct"',
    ]);
    expect(
      problemsOf({ stateMachineType: "EXPRESS", logLevel: "OFF", minFileBytes: "9", maxFileBytes: "8" }),
    ).to.have.length(2);
  });
});

describe("A stage's job under its stack's config", () => {
  it("is the program's job where the stack says nothing", () => {
    const job = { script, workload: "small_etl" } as const;
    expect(configuredJob(job)).to.deep.equal(job);
    expect(configuredJob(job, { mode: "real" })).to.deep.equal(job);
  });

  it("has the stack's size in place of the program's, whichever way each says it", () => {
    const sized = { workerType: "G.2X", numberOfWorkers: 10 } as const;
    expect(configuredJob({ script, workload: "small_etl" }, sized)).to.deep.equal({ script, ...sized });
    expect(configuredJob({ script, ...sized }, { workload: "cost" })).to.deep.equal({ script, workload: "cost" });
    expect(configuredJob({ script, ...sized }, { numberOfWorkers: 4 })).to.deep.equal({
      script,
      ...sized,
      numberOfWorkers: 4,
    });
  });

  it("leaves open how often runs are looked at where it says nothing of it", () => {
    expect(load({}).polling).to.deep.equal({});
    expect(load({ pollCeilingSeconds: "90", pollShare: "0.2" }).polling).to.deep.equal({
      ceilingSeconds: 90,
      share: 0.2,
    });
    expect(problemsOf({ pollFloorSeconds: "x" })).to.deep.equal([
      'glue-pipeline:pollFloorSeconds must be a whole number from 0 to 3600, got "x"',
    ]);
  });
});
