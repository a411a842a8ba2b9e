import { expect } from "chai";
import { awaitJobRun } from "../../../functions/lib/await-job-run.ts";
import { createGlue } from "../../../functions/lib/glue.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { createMemoryJobRunStore } from "../../../local/services/memory-job-run-store.ts";
import { aJob, aSimulation, failureOf, start } from "../../support/jobs.ts";
import type { Simulation } from "../../../functions/lib/job-definition.ts";

type Look = () => Promise<never>;

/** A job whose runs are waited for, and whose looks fail as given, one after another, before they work. */
const waiting = (simulation: Partial<Simulation> = {}, troubles: Look[] = []) => {
  const clock = new VirtualClock(start);
  const now = () => clock.now();
  const glue = createGlue({
    jobs: [aJob()],
    simulation: aSimulation(simulation),
    store: createMemoryJobRunStore(100),
    now,
  });
  const log: Readonly<Record<string, unknown>>[] = [];
  const run = () =>
    clock.spawn(() =>
      awaitJobRun(
        {
          now,
          sleep: (ms) => clock.sleep(ms),
          log: (entry) => log.push(entry),
          glue: { ...glue, getJobRun: (request) => troubles.shift()?.() ?? glue.getJobRun(request) },
        },
        { JobName: "process-csv", Arguments: { "--key": "a.csv" } },
      ),
    );
  return { run, glue, log, seconds: () => (clock.now() - start) / 1000 };
};

const throttled: Look = () => Promise.reject(Object.assign(new Error("slow down"), { name: "ThrottlingException" }));

describe("awaitJobRun", () => {
  it("gives the JobRun of a run that has succeeded, at the next whole minute", async () => {
    const { run, glue, seconds } = waiting({ durationSeconds: 60 });
    const jobRun = await run();
    expect(seconds()).to.equal(120);
    const { JobRun } = await glue.getJobRun({ JobName: "process-csv", RunId: jobRun.Id ?? "" });
    expect(jobRun).to.deep.equal(JSON.parse(JSON.stringify(JobRun)));
  });

  it("fails with the JobRun of one that has not, in a stack that does not repeat it", async () => {
    const { run } = waiting({
      scenarios: [{ match: "*", Return: { JobRunState: "ERROR", ErrorMessage: "no memory" } }],
    });
    const error = await failureOf(run);
    expect(error.name).to.equal("States.TaskFailed");
    expect(JSON.parse(error.message)).to.include({ JobRunState: "ERROR", ErrorMessage: "no memory" });
    expect(error.stack).to.equal("States.TaskFailed");
  });

  it("passes an error of the start on, so that it can be tried again", async () => {
    const { run, log } = waiting({ scenarios: [{ match: "*", Throw: { Error: "ConcurrentRunsExceededException" } }] });
    expect((await failureOf(run)).name).to.equal("ConcurrentRunsExceededException");
    expect(log).to.deep.equal([]);
  });

  it("goes on after looks that fail, which do not count once one has worked", async () => {
    const seen: Look[] = [throttled, throttled];
    const { run, log, seconds } = waiting({}, seen);
    expect((await run()).JobRunState).to.equal("SUCCEEDED");
    expect(seconds()).to.equal(180);
    expect(log.map(({ message }) => message)).to.deep.equal(["started", "could not look", "could not look", "looked"]);
  });

  it("stops a run that it has failed to look at three times in a row, and fails under no name that starts another", async () => {
    const { run, glue, seconds } = waiting({ durationSeconds: 3600 }, [throttled, throttled, throttled]);
    const error = await failureOf(run);
    expect(error.name).to.equal("States.TaskFailed");
    expect(error.message).to.match(
      /^Job run jr_\S+ of process-csv could not be looked at: ThrottlingException: slow down$/,
    );
    expect(seconds()).to.equal(180);
    const { JobRuns = [] } = await glue.getJobRuns({ JobName: "process-csv" });
    expect(JobRuns.map(({ JobRunState }) => JobRunState)).to.deep.equal(["STOPPING"]);
  });

  it("stops a run that has not ended after ten minutes, and tells it as it was", async () => {
    const { run, glue, seconds } = waiting({ durationSeconds: 3600 });
    const error = await failureOf(run);
    expect(JSON.parse(error.message)).to.include({ JobRunState: "RUNNING" });
    expect(seconds()).to.equal(600);
    const { JobRuns = [] } = await glue.getJobRuns({ JobName: "process-csv" });
    expect(JobRuns.map(({ JobRunState }) => JobRunState)).to.deep.equal(["STOPPING"]);
  });
});
