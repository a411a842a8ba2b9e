import type { JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { createHandler, handler } from "../../functions/stop-job-runs.ts";
import type { JobRuns } from "../../functions/lib/aws.ts";
import { failureOf, start } from "../support/jobs.ts";

type Deps = Parameters<typeof createHandler>[0];

const startedAt = new Date(start).toISOString();

const run = (Id: string, given: Partial<JobRun> = {}): JobRun => ({
  Id,
  JobRunState: "RUNNING",
  StartedOn: new Date(start + 1000),
  Arguments: { "--execution_name": "a-csv-1" },
  ...given,
});

/** Jobs with their runs; those asked to stop are told by `JOB/RUN`. */
const setting = (runs: Readonly<Record<string, readonly JobRun[]>>, given: Partial<Deps> = {}) => {
  const stopped: string[] = [];
  const asked: string[] = [];
  const waits: number[] = [];
  const glue: JobRuns = {
    getJobRuns: ({ JobName = "" }) => {
      asked.push(JobName);
      const found = (runs[JobName] ?? []).map((one) =>
        stopped.includes(`${JobName}/${one.Id ?? ""}`) ? { ...one, JobRunState: "STOPPING" as const } : one,
      );
      return Promise.resolve({ JobRuns: found });
    },
    batchStopJobRun: ({ JobName = "", JobRunIds = [] }) => {
      stopped.push(...JobRunIds.map((id) => `${JobName}/${id}`));
      return Promise.resolve({ SuccessfulSubmissions: JobRunIds.map((JobRunId) => ({ JobName, JobRunId })) });
    },
  };
  const deps: Deps = {
    glue,
    lambda: { invoke: () => Promise.reject(new Error("not to be asked")) },
    env: { JOBS: JSON.stringify({ Clean: ["flow-clean"], Totals: ["flow-totals"], Convert: ["flow-convert"] }) },
    now: () => start,
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    log: () => undefined,
    ...given,
  };
  return { deps, stopped, asked, waits };
};

describe("The function that stops job runs", () => {
  it("stops what runs of an execution still go on, of all jobs, and says of which stages", async () => {
    const { deps, stopped, waits } = setting({
      "flow-clean": [run("jr_1", { JobRunState: "SUCCEEDED" })],
      "flow-totals": [run("jr_2"), run("jr_other", { Arguments: { "--execution_name": "b-csv-1" } })],
      "flow-convert": [run("jr_3", { JobRunState: "WAITING" }), run("jr_4", { JobRunState: "STOPPING" })],
    });
    const { stages } = await createHandler(deps)({ executionName: "a-csv-1", startedAt });
    expect(stopped).to.deep.equal(["flow-totals/jr_2", "flow-convert/jr_3"]);
    expect(stages.map(({ stage, stopped: ids }) => [stage, ids])).to.deep.equal([
      ["Totals", ["jr_2"]],
      ["Convert", ["jr_3"]],
    ]);
    expect(waits).to.deep.equal([10_000]);
  });

  it("leaves those of other stages alone, where it is told which", async () => {
    const runs = { "flow-totals": [run("jr_2")], "flow-convert": [run("jr_3")] };
    const { deps, stopped, asked } = setting(runs);
    await createHandler(deps)({ executionName: "a-csv-1", startedAt, stages: ["Convert"] });
    expect(stopped).to.deep.equal(["flow-convert/jr_3"]);
    expect(new Set(asked)).to.deep.equal(new Set(["flow-convert"]));
  });

  it("asks the functions of a simulated job, whose times are text", async () => {
    const calls: unknown[] = [];
    const answers: Readonly<Record<string, object>> = {
      "clean-list": { JobRuns: [run("jr_1"), run("jr_0", { StartedOn: new Date(start - 3_600_000) })] },
      "clean-stop": { SuccessfulSubmissions: [{ JobRunId: "jr_1" }], Errors: [] },
    };
    const { deps } = setting(
      {},
      {
        env: { JOBS: JSON.stringify({ Clean: ["flow-clean", "clean-list", "clean-stop"] }) },
        lambda: {
          invoke: ({ FunctionName, Payload }) => {
            calls.push([FunctionName, JSON.parse(Payload)]);
            return Promise.resolve({ Payload: JSON.stringify(answers[FunctionName]) });
          },
        },
        now: () => start + 60_000,
        sleep: () => Promise.resolve(),
      },
    );
    const { stages } = await createHandler(deps)({ executionName: "a-csv-1", startedAt });
    expect(stages).to.deep.equal([{ stage: "Clean", jobName: "flow-clean", stopped: ["jr_1"], refused: [] }]);
    expect(calls.slice(0, 2)).to.deep.equal([
      ["clean-list", { JobName: "flow-clean", MaxResults: 200 }],
      ["clean-stop", { JobName: "flow-clean", JobRunIds: ["jr_1"] }],
    ]);
  });

  it("refuses an event that names no execution, no time or no stages", async () => {
    const call = createHandler(setting({}).deps);
    const wrong: readonly (readonly [unknown, string])[] = [
      [{}, "executionName must be a name, got nothing"],
      [{ executionName: "a", startedAt: "soon" }, 'startedAt must be a time in ISO 8601, got "soon"'],
      [{ executionName: "a", stages: "Clean" }, 'stages must be a list of stages\' names, got "Clean"'],
    ];
    for (const [event, message] of wrong) expect((await failureOf(() => call(event))).message).to.equal(message);
  });

  it("says what its environment lacks", async () => {
    expect((await failureOf(() => handler({ executionName: "a" }))).message).to.equal(
      "The environment variable JOBS must be set, got nothing",
    );
  });
});
