import { expect } from "chai";
import { createGlue, type Glue } from "../../../functions/lib/glue.ts";
import { JobFailure } from "../../../functions/lib/glue-error.ts";
import { feedJob, type Fed } from "../../../functions/lib/streaming-runs.ts";
import { createMemoryJobRunStore } from "../../../local/services/memory-job-run-store.ts";
import { aJob, aSimulation, failureOf, start } from "../../support/jobs.ts";

const job = aJob({ Command: "gluestreaming", Timeout: 60, MaxConcurrentRuns: 1, WorkerType: "G.025X" });
const minute = 60_000;

interface Bench {
  readonly glue: Glue;
  /** Lets time pass. */
  readonly after: (ms: number) => void;
  readonly feed: (work?: () => unknown) => Promise<Fed>;
  readonly begin: () => Promise<string>;
  readonly stateOf: (RunId: string) => Promise<unknown>;
}

const bench = (idleMinutes = 0): Bench => {
  let now = start;
  const store = createMemoryJobRunStore(100);
  const glue = createGlue({
    jobs: [job],
    simulation: aSimulation(),
    store,
    now: () => now,
    standIn: () => Promise.resolve(),
  });
  const Arguments = { "--checkpoint_location": "s3://b/c/", "--stop_after_idle_minutes": String(idleMinutes) };
  const runOf = async (RunId: string) => (await glue.getJobRun({ JobName: job.Name, RunId })).JobRun;
  return {
    glue,
    after: (ms) => {
      now += ms;
    },
    feed: (work = () => ({ records: 1, isBehind: false })) =>
      feedJob({ job, store, now: () => now, standIn: () => Promise.resolve().then(work) }),
    begin: async () => (await glue.startJobRun({ JobName: job.Name, Arguments })).JobRunId ?? "",
    stateOf: async (RunId) => {
      const run = await runOf(RunId);
      return run?.ErrorMessage === undefined ? run?.JobRunState : `${String(run.JobRunState)}: ${run.ErrorMessage}`;
    },
  };
};

describe("Simulated runs that read a stream", () => {
  it("go on until their time is over", async () => {
    const { begin, after, stateOf } = bench();
    const run = await begin();
    after(8000);
    expect(await stateOf(run)).to.equal("RUNNING");
    after(60 * minute - 1);
    expect(await stateOf(run)).to.equal("RUNNING");
    after(1);
    expect(await stateOf(run)).to.equal("TIMEOUT");
  });

  it("end by themselves once their stream has been quiet", async () => {
    const { begin, after, feed, stateOf } = bench(5);
    const run = await begin();
    after(4 * minute);
    expect(await feed()).to.equal("caught up");
    after(5 * minute - 1);
    expect(await stateOf(run)).to.equal("RUNNING");
    after(1);
    expect(await stateOf(run)).to.equal("SUCCEEDED");
  });

  it("are not kept by a look at a stream that has nothing", async () => {
    const { begin, after, feed, stateOf } = bench(5);
    const run = await begin();
    after(4 * minute);
    await feed(() => ({ records: 0, isBehind: false }));
    after(minute + 8000);
    expect(await stateOf(run)).to.equal("SUCCEEDED");
  });

  it("fail with what their script throws, and leave their place to the next one at once", async () => {
    const { begin, after, feed, stateOf } = bench();
    const run = await begin();
    after(minute);
    const fail = (): never => {
      throw new JobFailure("ValueError: poisoned");
    };
    expect(await feed(fail)).to.equal("failed");
    expect(await stateOf(run)).to.equal("FAILED: ValueError: poisoned");
    expect(await stateOf(await begin())).to.equal("STARTING");
  });

  it("leave their place to the next one when their stream is quiet, seen by nobody", async () => {
    const { begin, after, stateOf } = bench(5);
    await begin();
    const refused = await failureOf(begin);
    expect(refused.name).to.equal("ConcurrentRunsExceededException");
    after(6 * minute);
    expect(await stateOf(await begin())).to.equal("STARTING");
  });

  it("are fed only while they are RUNNING", async () => {
    const { glue, begin, after, feed } = bench();
    expect(await feed()).to.equal("no run");
    const run = await begin();
    expect(await feed()).to.equal("no run");
    after(8000);
    expect(await feed(() => ({ records: 5, isBehind: true }))).to.equal("behind");
    await glue.batchStopJobRun({ JobName: job.Name, JobRunIds: [run] });
    expect(await feed()).to.equal("no run");
  });

  it("can be stopped", async () => {
    const { glue, begin, after, stateOf } = bench(5);
    const run = await begin();
    after(minute);
    await glue.batchStopJobRun({ JobName: job.Name, JobRunIds: [run] });
    expect(await stateOf(run)).to.equal("STOPPING");
    after(minute);
    expect(await stateOf(run)).to.equal("STOPPED");
  });

  it("stay as they are where the fault is not the script's", async () => {
    const { begin, after, feed, stateOf } = bench();
    const run = await begin();
    after(minute);
    const error = await failureOf(() =>
      feed(() => {
        throw new Error("no permission to call the stand-in");
      }),
    );
    expect(error.message).to.include("no permission");
    expect(await stateOf(run)).to.equal("RUNNING");
  });
});
