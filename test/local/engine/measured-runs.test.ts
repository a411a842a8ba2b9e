import { expect } from "chai";
import type { GetJobRunResponse, StartJobRunResponse } from "@aws-sdk/client-glue";
import type { MeasuredWork } from "../../../functions/lib/measured-work.ts";
import { caller, glueCloud, glueJob, mayReadScript, type GlueCloud } from "../../support/glue/cloud.ts";
import { aSimulation, failureOf } from "../../support/jobs.ts";

const JobName = "process-csv";

describe("Runs that take as long as their work", () => {
  const cloudOf = (answers: MeasuredWork[], maxConcurrentRuns = 1): Promise<GlueCloud> => {
    const work = (): Promise<MeasuredWork> => Promise.resolve(answers.shift() ?? { pending: true });
    const job = glueJob({ executionProperty: { maxConcurrentRuns } });
    const simulation = { ...aSimulation(), startUpSeconds: 8, measured: true };
    return glueCloud({ standIn: work, runsScripts: true }, job, [mayReadScript], simulation);
  };
  const begin = async ({ api }: GlueCloud): Promise<string> =>
    ((await api.call(caller, "glue", "startJobRun", { JobName })) as StartJobRunResponse).JobRunId ?? "";
  const lookAfter = async (cloud: GlueCloud, seconds: number, RunId: string): Promise<GetJobRunResponse["JobRun"]> => {
    await cloud.clock.spawn(() => cloud.clock.sleep(seconds * 1000));
    return ((await cloud.api.call(caller, "glue", "getJobRun", { JobName, RunId })) as GetJobRunResponse).JobRun;
  };

  it("end when the work has, as it has", async () => {
    for (const [JobRunState, ErrorMessage] of [
      ["SUCCEEDED", undefined],
      ["FAILED", "ValueError: no"],
      ["TIMEOUT", undefined],
    ] as const) {
      const outcome = { JobRunState, runningMs: 30_000, ...(ErrorMessage !== undefined && { ErrorMessage }) };
      const cloud = await cloudOf([{ outcome }]);
      const id = await begin(cloud);
      expect(await lookAfter(cloud, 7, id)).to.include({ JobRunState: "STARTING" });
      expect(await lookAfter(cloud, 2, id)).to.include({ JobRunState: "RUNNING", ExecutionTime: 1 });
      expect(await lookAfter(cloud, 28, id)).to.include({ JobRunState: "RUNNING", ExecutionTime: 29 });
      const run = await lookAfter(cloud, 2, id);
      expect(run).to.include({ JobRunState, ExecutionTime: 30 });
      expect(run?.ErrorMessage).to.equal(ErrorMessage);
    }
  });

  it("stay RUNNING while the work is not at its end, and can be stopped until then", async () => {
    const cloud = await cloudOf([]);
    const id = await begin(cloud);
    for (let look = 0; look < 3; look++) {
      expect(await lookAfter(cloud, 60, id)).to.include({ JobRunState: "RUNNING" });
    }
    await cloud.api.call(caller, "glue", "batchStopJobRun", { JobName, JobRunIds: [id] });
    expect(await lookAfter(cloud, 30, id)).to.include({ JobRunState: "STOPPED" });
  });

  it("hold their place until they end, and no longer", async () => {
    const outcome = { JobRunState: "SUCCEEDED", runningMs: 30_000 } as const;
    const cloud = await cloudOf([{ outcome }, { outcome }]);
    const id = await begin(cloud);
    await lookAfter(cloud, 20, id);
    expect((await failureOf(() => begin(cloud))).name).to.equal("ConcurrentRunsExceededException");
    await lookAfter(cloud, 19, id);
    expect(await lookAfter(cloud, 20, await begin(cloud))).to.include({ JobRunState: "RUNNING" });
  });
});
