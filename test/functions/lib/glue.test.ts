import { expect } from "chai";
import { createDynamoJobRunStore } from "../../../functions/lib/dynamo-job-run-store.ts";
import { createGlue } from "../../../functions/lib/glue.ts";
import type { Glue, GlueOptions, StandInEvent } from "../../../functions/lib/glue.ts";
import { JobFailure } from "../../../functions/lib/glue-error.ts";
import { createMemoryJobRunStore } from "../../../local/services/memory-job-run-store.ts";
import { aJob, aSimulation, failureOf, start } from "../../support/jobs.ts";
import { TableInMemory } from "../../support/dynamo-db.ts";

const JobName = "process-csv";
const minute = 60_000;

interface World {
  now: number;
  readonly glue: Glue;
}

function world(given: Partial<GlueOptions> = {}): World {
  const table = new TableInMemory();
  table.pageSize = 3;
  const store = createDynamoJobRunStore(table, "runs");
  const made = { now: start };
  const options = { jobs: [aJob()], simulation: aSimulation(), store, now: () => made.now, ...given };
  return Object.assign(made, { glue: createGlue(options) });
}

describe("Job run ids", () => {
  it("look as Glue's and are the same for the same seed and calls", async () => {
    const ids = async (seed: number): Promise<(string | undefined)[]> => {
      const { glue } = world({ simulation: aSimulation({ seed }), jobs: [aJob({ MaxConcurrentRuns: 20 })] });
      const found = [];
      for (const key of ["a", "a", "a", "a", "a", "a", "b"]) {
        found.push((await glue.startJobRun({ JobName, Arguments: { "--key": key } })).JobRunId);
      }
      return found;
    };
    const first = await ids(1);
    expect(first[0]).to.match(/^jr_[0-9a-f]{64}$/);
    expect(new Set(first)).to.have.property("size", 7);
    expect(await ids(1)).to.deep.equal(first);
    expect(await ids(2)).not.to.deep.equal(first);
  });

  it("do not depend on the order of the arguments", async () => {
    const one = await world().glue.startJobRun({ JobName, Arguments: { "--a": "1", "--b": "2" } });
    const two = await world().glue.startJobRun({ JobName, Arguments: { "--b": "2", "--a": "1" } });
    expect(one).to.deep.equal(two);
  });

  it("are found with few looks among many equal runs", async () => {
    let looks = 0;
    const store = createMemoryJobRunStore(10_000);
    const counting: typeof store = {
      ...store,
      get: (run) => {
        looks += 1;
        return store.get(run);
      },
    };
    const { glue } = world({ store: counting, jobs: [aJob({ MaxConcurrentRuns: 1000 })] });
    for (let n = 0; n < 500; n += 1) await glue.startJobRun({ JobName });
    looks = 0;
    await glue.startJobRun({ JobName });
    expect(looks).to.be.at.most(20);
  });
});

describe("An answer of GetJobRun", () => {
  it("holds for the moment of the call: what was told is not taken back by a stop that came meanwhile", async () => {
    const store = createMemoryJobRunStore(100);
    let arrive = (): void => undefined;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    const slow = world({
      store: {
        ...store,
        get: async (key) => {
          const run = await store.get(key);
          await late;
          return run;
        },
      },
    });
    const { JobRunId: RunId = "" } = await slow.glue.startJobRun({ JobName });
    slow.now += 19_000;
    const looking = slow.glue.getJobRun({ JobName, RunId });
    const swift = world({ store });
    swift.now = slow.now;
    await swift.glue.batchStopJobRun({ JobName, JobRunIds: [RunId] });
    slow.now += 5000;
    swift.now = slow.now;
    expect((await swift.glue.getJobRun({ JobName, RunId })).JobRun?.JobRunState).to.equal("STOPPED");
    arrive();
    expect((await looking).JobRun?.JobRunState).to.equal("RUNNING");
  });
});

describe("A scenario", () => {
  it("throws its error from StartJobRun, under Glue's name, for the keys and attempts that match", async () => {
    const scenarios = [
      { match: "incoming/bad*", attempts: [2], Throw: { Error: "Glue.InternalServiceException", Cause: "as told" } },
      { match: "*", attempts: [3], Throw: { Error: "ThrottlingException" } },
    ];
    const { glue } = world({ simulation: aSimulation({ scenarios }) });
    const startWith = (key: string, attempt: string): Promise<unknown> =>
      glue.startJobRun({ JobName, Arguments: { "--key": key, "--attempt": attempt } });
    await startWith("incoming/bad.csv", "1");
    await startWith("incoming/good.csv", "2");
    const error = await failureOf(() => startWith("incoming/bad.csv", "2"));
    expect(error).to.include({ name: "InternalServiceException", message: "as told" });
    const other = await failureOf(() => startWith("x", "3"));
    expect(other).to.include({ name: "ThrottlingException", message: 'Injected by the scenario for "*"' });
  });
});

describe("Running a run again", () => {
  it("counts the attempt, names the run before and takes its arguments", async () => {
    const { glue } = world();
    const { JobRunId: first = "" } = await glue.startJobRun({ JobName, Arguments: { "--key": "a" } });
    const { JobRunId: RunId } = await glue.startJobRun({ JobName, JobRunId: first });
    const { JobRun } = await glue.getJobRun({ JobName, RunId });
    expect(JobRun).to.include({ Attempt: 1, PreviousRunId: first });
    expect(JobRun?.Arguments).to.deep.equal({ "--key": "a" });
  });

  it("is refused for a run that the job does not have", async () => {
    const error = await failureOf(() => world().glue.startJobRun({ JobName, JobRunId: "jr_none" }));
    expect(error.name).to.equal("EntityNotFoundException");
  });
});

for (const [name, makeStore] of [
  ["DynamoDB", () => createDynamoJobRunStore(new TableInMemory(), "runs")],
  ["memory", () => createMemoryJobRunStore(100)],
] as const) {
  describe(`The work of a run kept in ${name}`, () => {
    const begin = async (
      standIn: (event: StandInEvent) => Promise<unknown>,
    ): Promise<World & { look: () => ReturnType<Glue["getJobRun"]>; RunId: string }> => {
      const made = world({ standIn, store: makeStore() });
      const { JobRunId: RunId = "" } = await made.glue.startJobRun({ JobName, Arguments: { "--key": "a.csv" } });
      return Object.assign(made, { RunId, look: () => made.glue.getJobRun({ JobName, RunId }) });
    };

    it("is done once, at the first look after the planned end, with the merged arguments", async () => {
      const events: StandInEvent[] = [];
      const run = await begin((event) => Promise.resolve(events.push(event)));
      run.now += 19_999;
      expect((await run.look()).JobRun?.JobRunState).to.equal("RUNNING");
      expect(events).to.deep.equal([]);
      run.now += minute;
      const answers = await Promise.all([run.look(), run.look(), run.look()]);
      expect(answers.map(({ JobRun }) => JobRun?.JobRunState)).to.include("SUCCEEDED");
      expect((await run.look()).JobRun).to.deep.include({
        JobRunState: "SUCCEEDED",
        CompletedOn: new Date(start + 20_000),
        Arguments: { "--key": "a.csv" },
      });
      const Arguments = { "--TempDir": "s3://temp/", "--key": "a.csv" };
      expect(events).to.deep.equal([{ JobName, JobRunId: run.RunId, Arguments }]);
    });

    it("fails the run when it fails, as of the planned end", async () => {
      const run = await begin(() => Promise.reject(new JobFailure("ValueError: binary")));
      run.now += minute;
      expect((await run.look()).JobRun).to.deep.include({
        JobRunState: "FAILED",
        ErrorMessage: "ValueError: binary",
        CompletedOn: new Date(start + 20_000),
      });
    });

    it("shows RUNNING to others while one does it", async () => {
      let finish = (): void => undefined;
      const run = await begin(() => new Promise<void>((resolve) => (finish = resolve)));
      run.now += minute;
      const working = run.look();
      await new Promise((resolve) => setImmediate(resolve));
      expect((await run.look()).JobRun).to.include({ JobRunState: "RUNNING", ExecutionTime: 12 });
      const { Errors } = await run.glue.batchStopJobRun({ JobName, JobRunIds: [run.RunId] });
      expect(Errors).to.have.length(1);
      finish();
      expect((await working).JobRun?.JobRunState).to.equal("SUCCEEDED");
    });

    it("is left for the next look when it could not be begun", async () => {
      let calls = 0;
      const run = await begin(() => {
        calls += 1;
        const error = Object.assign(new Error("Rate exceeded"), { name: "TooManyRequestsException" });
        return calls === 1 ? Promise.reject(error) : Promise.resolve();
      });
      run.now += minute;
      expect(await failureOf(run.look)).to.include({ name: "TooManyRequestsException" });
      expect((await run.look()).JobRun?.JobRunState).to.equal("SUCCEEDED");
    });

    it("is taken over when its holder has died, and recorded once", async () => {
      const finishes: ((failure?: Error) => void)[] = [];
      const run = await begin(
        () =>
          new Promise<void>((resolve, reject) =>
            finishes.push((failure) => {
              if (failure) reject(failure);
              else resolve();
            }),
          ),
      );
      const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      run.now += minute;
      const dead = run.look();
      await turn();
      run.now += 17 * minute;
      const next = run.look();
      await turn();
      finishes[1]?.();
      expect((await next).JobRun?.JobRunState).to.equal("SUCCEEDED");
      finishes[0]?.(new JobFailure("too late"));
      expect((await dead).JobRun?.JobRunState).to.equal("SUCCEEDED");
    });

    it("is not done for a run that was stopped or that fails anyhow", async () => {
      let calls = 0;
      const run = await begin(() => Promise.resolve((calls += 1)));
      run.now += 10_000;
      await run.glue.batchStopJobRun({ JobName, JobRunIds: [run.RunId] });
      const { JobRunId: RunId } = await run.glue.startJobRun({ JobName, Arguments: { "--simulated_state": "FAILED" } });
      run.now += minute;
      expect((await run.look()).JobRun?.JobRunState).to.equal("STOPPED");
      expect((await run.glue.getJobRun({ JobName, RunId })).JobRun?.JobRunState).to.equal("FAILED");
      expect(calls).to.equal(0);
    });
  });
}

describe("A run whose stand-in has been taken away", () => {
  it("succeeds without it", async () => {
    const store = createMemoryJobRunStore(100);
    const before = world({ store, standIn: () => Promise.resolve() });
    const { JobRunId: RunId } = await before.glue.startJobRun({ JobName });
    const after = world({ store });
    after.now += minute;
    expect((await after.glue.getJobRun({ JobName, RunId })).JobRun?.JobRunState).to.equal("SUCCEEDED");
  });
});
