import { expect } from "chai";
import fc from "fast-check";
import { createDynamoJobRunStore } from "../../../functions/lib/dynamo-job-run-store.ts";
import { createGlue } from "../../../functions/lib/glue.ts";
import { describeRun } from "../../../functions/lib/job-run.ts";
import type { JobRunRecord } from "../../../functions/lib/job-run.ts";
import type { JobRunStore } from "../../../functions/lib/job-run-store.ts";
import { createMemoryJobRunStore } from "../../../local/services/memory-job-run-store.ts";
import { aJob, aSimulation, failureOf, start } from "../../support/jobs.ts";
import { TableInMemory } from "../../support/dynamo-db.ts";

const JobName = "process-csv";
const never = Number.MAX_SAFE_INTEGER;

/** Runs that have begun and not ended, at the moment of the most. */
function mostAtOnce(runs: readonly JobRunRecord[]): number {
  const changes = runs.flatMap((run) => {
    const end = describeRun(run, never / 2).CompletedOn?.getTime() ?? never;
    return end <= run.beginsAt
      ? []
      : [
          { at: run.beginsAt, by: 1 },
          { at: end, by: -1 },
        ];
  });
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  return changes.reduce((most, { by }) => Math.max(most, (now += by)), 0);
}

/** The store, each of whose calls happens when the scheduler says. */
function interleaved(store: JobRunStore, scheduler: fc.Scheduler): JobRunStore {
  const later = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    scheduler.scheduleFunction(async (...args: Args) => call(...args));
  return {
    add: later(store.add),
    get: later(store.get),
    list: later(store.list),
    requestStop: later(store.requestStop),
    claim: later(store.claim),
    unclaim: later(store.unclaim),
    settle: later(store.settle),
    touch: later(store.touch),
    bookmark: later(store.bookmark),
    moveBookmark: later(store.moveBookmark),
    slots: later(store.slots),
    occupy: later(store.occupy),
    succeed: later(store.succeed),
    release: later(store.release),
  };
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("start" as const), key: fc.integer({ min: 0, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("stop" as const), which: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
  ),
  { maxLength: 60, size: "max" },
);

for (const [name, makeStore] of [
  ["DynamoDB", () => createDynamoJobRunStore(new TableInMemory(), "runs")],
  ["memory", () => createMemoryJobRunStore(never)],
] as const) {
  describe(`MaxConcurrentRuns, with runs kept in ${name}`, () => {
    for (const queuing of [false, true]) {
      it(`is never exceeded, whatever the interleaving of starts, stops and time, ${queuing ? "with" : "without"} a queue`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.scheduler(), steps, fc.integer({ min: 1, max: 4 }), async (scheduler, todo, most) => {
            let now = start;
            const store = makeStore();
            const glue = createGlue({
              jobs: [aJob({ MaxConcurrentRuns: most, JobRunQueuingEnabled: queuing })],
              simulation: aSimulation({ failureRate: 0.3 }),
              store: interleaved(store, scheduler),
              now: () => now,
            });
            const pending: Promise<unknown>[] = [];
            for (const step of todo) {
              if (step.kind === "pass") now += step.ms;
              else if (step.kind === "turn") await scheduler.waitNext(Math.min(1, scheduler.count()));
              else if (step.kind === "settle") await scheduler.waitIdle();
              else if (step.kind === "start") {
                const call = glue.startJobRun({ JobName, Arguments: { "--key": `${step.key}.csv` } });
                pending.push(
                  call.catch((error: unknown) => {
                    expect(error)
                      .to.have.property("name")
                      .that.is.oneOf(["ConcurrentRunsExceededException", "OperationTimeoutException"]);
                  }),
                );
              } else {
                const runs = await store.list(JobName);
                const run = runs[step.which % Math.max(1, runs.length)];
                if (run !== undefined) pending.push(glue.batchStopJobRun({ JobName, JobRunIds: [run.Id] }));
              }
            }
            await scheduler.waitIdle();
            await Promise.all(pending);
            expect(mostAtOnce(await store.list(JobName))).to.be.at.most(most);
          }),
          { numRuns: 150 },
        );
      });
    }

    it("is reached, and not one run less, when many start at once", async () => {
      const store = makeStore();
      const glue = createGlue({
        jobs: [aJob({ MaxConcurrentRuns: 20 })],
        simulation: aSimulation(),
        store,
        now: () => start,
      });
      const starts = Array.from({ length: 60 }, (_, n) =>
        glue.startJobRun({ JobName, Arguments: { "--key": `${n}.csv` } }),
      );
      const ended = await Promise.allSettled(starts);
      expect(ended.filter(({ status }) => status === "fulfilled")).to.have.length(20);
      expect(mostAtOnce(await store.list(JobName))).to.equal(20);
      const error = await failureOf(() => glue.startJobRun({ JobName }));
      expect(error.name).to.equal("ConcurrentRunsExceededException");
      expect(error.message).to.equal("Concurrent runs exceeded for process-csv: it may have 20 at once");
    });

    it("queues runs behind the one that ends first", async () => {
      let now = start;
      const store = makeStore();
      const glue = createGlue({
        jobs: [aJob({ MaxConcurrentRuns: 2, JobRunQueuingEnabled: true })],
        simulation: aSimulation(),
        store,
        now: () => now,
      });
      const startOne = async (key: string): Promise<number> => {
        const { JobRunId: Id = "" } = await glue.startJobRun({ JobName, Arguments: { "--key": key } });
        const run = await store.get({ JobName, Id });
        return (run?.beginsAt ?? 0) - start;
      };
      expect(await startOne("a")).to.equal(0);
      now += 5000;
      expect(await startOne("b")).to.equal(5000);
      expect(await startOne("c")).to.equal(20_000);
      expect(await startOne("d")).to.equal(25_000);
      expect(await startOne("e")).to.equal(40_000);
    });

    it("queues all of many that start at once", async () => {
      const store = makeStore();
      const glue = createGlue({
        jobs: [aJob({ MaxConcurrentRuns: 3, JobRunQueuingEnabled: true })],
        simulation: aSimulation(),
        store,
        now: () => start,
      });
      await Promise.all(
        Array.from({ length: 100 }, (_, n) => glue.startJobRun({ JobName, Arguments: { "--key": `${n}.csv` } })),
      );
      const runs = await store.list(JobName);
      expect(runs).to.have.length(100);
      expect(mostAtOnce(runs)).to.equal(3);
      expect(Math.max(...runs.map(({ beginsAt }) => beginsAt - start))).to.equal(33 * 20_000);
    });

    it("gives the place of a stopped run to the next one as soon as it has stopped", async () => {
      let now = start;
      const store = makeStore();
      const jobs = [aJob({ MaxConcurrentRuns: 1 })];
      const glue = createGlue({ jobs, simulation: aSimulation(), store, now: () => now });
      const { JobRunId = "" } = await glue.startJobRun({ JobName });
      await glue.batchStopJobRun({ JobName, JobRunIds: [JobRunId] });
      expect((await failureOf(() => glue.startJobRun({ JobName }))).name).to.equal("ConcurrentRunsExceededException");
      now += 6000;
      expect(await glue.startJobRun({ JobName }))
        .to.have.property("JobRunId")
        .that.is.not.equal(JobRunId);
    });

    it("stays safe when a waiting run is stopped while the one before it still runs", async () => {
      let now = start;
      const store = makeStore();
      const jobs = [aJob({ MaxConcurrentRuns: 1, JobRunQueuingEnabled: true })];
      const glue = createGlue({ jobs, simulation: aSimulation(), store, now: () => now });
      await glue.startJobRun({ JobName, Arguments: { "--key": "a" } });
      const { JobRunId: Id = "" } = await glue.startJobRun({ JobName, Arguments: { "--key": "b" } });
      await glue.batchStopJobRun({ JobName, JobRunIds: [Id] });
      now += 10_000;
      const { JobRunId: next = "" } = await glue.startJobRun({ JobName, Arguments: { "--key": "c" } });
      expect((await store.get({ JobName, Id: next }))?.beginsAt).to.equal(start + 20_000);
    });

    it("stays safe when a start stalls until its slot, and its id, have gone to an equal one", async () => {
      let now = start;
      const store = makeStore();
      const jobs = [aJob({ MaxConcurrentRuns: 1 })];
      const glueOf = (used: JobRunStore): ReturnType<typeof createGlue> =>
        createGlue({ jobs, simulation: aSimulation(), store: used, now: () => now });
      let resume = (): void => undefined;
      const stall = new Promise<void>((resolve) => (resume = resolve));
      const stalled = glueOf({ ...store, add: (run) => stall.then(() => store.add(run)) }).startJobRun({ JobName });
      const refused = failureOf(() => stalled);
      await new Promise((resolve) => setImmediate(resolve));
      now += 25_000;
      await glueOf(store).startJobRun({ JobName });
      resume();
      expect((await refused).name).to.equal("ConcurrentRunsExceededException");
      expect(mostAtOnce(await store.list(JobName))).to.equal(1);
    });

    it("holds at most a slot, and only until the planned end, for a start that died half-way", async () => {
      let now = start;
      const store = makeStore();
      const died = createGlue({
        jobs: [aJob({ MaxConcurrentRuns: 1 })],
        simulation: aSimulation(),
        store: { ...store, add: () => Promise.reject(new Error("out of memory")) },
        now: () => now,
      });
      await failureOf(() => died.startJobRun({ JobName }));
      const glue = createGlue({
        jobs: [aJob({ MaxConcurrentRuns: 1 })],
        simulation: aSimulation(),
        store,
        now: () => now,
      });
      expect((await failureOf(() => glue.startJobRun({ JobName }))).name).to.equal("ConcurrentRunsExceededException");
      now += 20_000;
      await glue.startJobRun({ JobName });
    });
  });
}
