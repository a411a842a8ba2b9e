import { expect } from "chai";
import { createDynamoJobRunStore } from "../../../functions/lib/dynamo-job-run-store.ts";
import { createGlue, type Glue, type StandInEvent } from "../../../functions/lib/glue.ts";
import { JobFailure } from "../../../functions/lib/glue-error.ts";
import type { JobRunStore } from "../../../functions/lib/job-run-store.ts";
import { createMemoryJobRunStore } from "../../../local/services/memory-job-run-store.ts";
import { TableInMemory } from "../../support/dynamo-db.ts";
import { aJob, aSimulation, failureOf, start } from "../../support/jobs.ts";

const JobName = "process-csv";
const enabled = { "--job-bookmark-option": "job-bookmark-enable" };

type Work = (event: StandInEvent) => Promise<unknown>;

interface Bench {
  readonly glue: Glue;
  /** Starts a run, waits for its end and gives how it ended. */
  readonly run: (args?: Readonly<Record<string, string>>) => Promise<{ readonly id: string; readonly state: string }>;
  /** The bookmarks that runs were given. */
  readonly given: unknown[];
}

function bench(store: JobRunStore, work: Work, given: Partial<Parameters<typeof aSimulation>[0]> = {}): Bench {
  const told: unknown[] = [];
  let now = start;
  const glue = createGlue({
    jobs: [aJob({ DefaultArguments: enabled, MaxConcurrentRuns: 10 })],
    simulation: aSimulation(given),
    store,
    now: () => now,
    standIn: (event) => {
      told.push(event.Bookmark);
      return work(event);
    },
  });
  const run: Bench["run"] = async (Arguments = {}) => {
    const { JobRunId: id = "" } = await glue.startJobRun({ JobName, Arguments });
    now += 60_000;
    const { JobRun } = await glue.getJobRun({ JobName, RunId: id });
    return { id, state: `${JobRun?.JobRunState ?? ""} ${JobRun?.ErrorMessage ?? ""}`.trim() };
  };
  return { glue, run, given: told };
}

const stores: Readonly<Record<string, () => JobRunStore>> = {
  "in DynamoDB": () => createDynamoJobRunStore(new TableInMemory(), "runs"),
  "in memory": () => createMemoryJobRunStore(100),
};

for (const [where, createStore] of Object.entries(stores)) {
  describe(`A job's bookmark ${where}`, () => {
    it("is what the last successful run has left", async () => {
      let count = 0;
      const { run, given, glue } = bench(createStore(), () => Promise.resolve({ Bookmark: { read: (count += 1) } }));
      const first = await run();
      const second = await run();
      expect(given).to.deep.equal([{}, { read: 1 }]);
      expect(await glue.getJobBookmark({ JobName })).to.deep.equal({
        JobBookmarkEntry: {
          JobName,
          Version: 2,
          Run: 2,
          Attempt: 0,
          PreviousRunId: first.id,
          RunId: second.id,
          JobBookmark: '{"read":2}',
        },
      });
    });

    it("is not moved by a run that fails, however much it has done", async () => {
      const { run, given, glue } = bench(createStore(), ({ Arguments }) =>
        Arguments["--fails"] === undefined
          ? Promise.resolve({ Bookmark: { read: 1 } })
          : Promise.reject(new JobFailure("the script died before its commit")),
      );
      expect((await run({ "--fails": "yes" })).state).to.equal("FAILED the script died before its commit");
      expect((await failureOf(() => glue.getJobBookmark({ JobName }))).name).to.equal("EntityNotFoundException");
      await run();
      await run({ "--fails": "yes" });
      await run();
      expect(given).to.deep.equal([{}, {}, { read: 1 }, { read: 1 }]);
    });

    it("is read and not moved by a run that pauses it, and neither by one without it", async () => {
      let count = 0;
      const { run, given } = bench(createStore(), () => Promise.resolve({ Bookmark: { read: (count += 1) } }));
      await run();
      await run({ "--job-bookmark-option": "job-bookmark-pause" });
      await run({ "--job-bookmark-option": "job-bookmark-disable" });
      await run();
      expect(given).to.deep.equal([{}, { read: 1 }, undefined, { read: 1 }]);
    });

    it("is moved by one of two runs that have read from one place on; the other fails", async () => {
      const store = createStore();
      const waiting: (() => void)[] = [];
      const { run, given } = bench(store, async ({ Arguments }) => {
        if (Arguments["--slow"] !== undefined) await new Promise<void>((go) => waiting.push(go));
        return { Bookmark: { readBy: Arguments["--slow"] ?? "quick" } };
      });
      const slow = run({ "--slow": "slow" });
      while (waiting.length === 0) await new Promise(setImmediate);
      expect((await run()).state).to.equal("SUCCEEDED");
      waiting.forEach((go) => {
        go();
      });
      expect((await slow).state).to.match(/^FAILED VersionMismatchException: .* to version 1 from 0/);
      await run();
      expect(given.at(-1)).to.deep.equal({ readBy: "quick" });
    });

    it("is told as it was to a run whose work is done again, and moves once for it", async () => {
      const store = createStore();
      let isLost = true;
      const shaky: JobRunStore = {
        ...store,
        // Whoever did the work dies before the run is settled.
        settle: (...args) => (isLost ? Promise.reject(new Error("died")) : store.settle(...args)),
      };
      let now = start;
      const given: unknown[] = [];
      const glue = createGlue({
        jobs: [aJob({ DefaultArguments: enabled })],
        simulation: aSimulation(),
        store: shaky,
        now: () => now,
        standIn: ({ Bookmark }) => {
          given.push(Bookmark);
          return Promise.resolve({ Bookmark: { read: "all" } });
        },
      });
      const { JobRunId: RunId = "" } = await glue.startJobRun({ JobName });
      now += 60_000;
      await failureOf(() => glue.getJobRun({ JobName, RunId }));
      isLost = false;
      now += 20 * 60_000;
      expect((await glue.getJobRun({ JobName, RunId })).JobRun).to.include({ JobRunState: "SUCCEEDED" });
      expect(given).to.deep.equal([{}, {}]);
      expect((await glue.getJobBookmark({ JobName })).JobBookmarkEntry).to.include({ Run: 1, RunId });
    });

    it("goes back to the start when it is reset, or to where the run before the last has left it", async () => {
      let count = 0;
      const { run, given, glue } = bench(createStore(), () => Promise.resolve({ Bookmark: { read: (count += 1) } }));
      await run();
      const { id } = await run();
      await run();
      const { JobBookmarkEntry } = await glue.resetJobBookmark({ JobName, RunId: id });
      expect(JobBookmarkEntry).to.include({ Version: 4, RunId: id, JobBookmark: '{"read":2}' });
      await run();
      expect(given.at(-1)).to.deep.equal({ read: 2 });
      await glue.resetJobBookmark({ JobName });
      await run();
      expect(given.at(-1)).to.deep.equal({});
      const error = await failureOf(() => glue.resetJobBookmark({ JobName, RunId: "jr_unknown" }));
      expect(error.name).to.equal("EntityNotFoundException");
    });

    it("may have 150,000 bytes: a run that leaves a larger one fails", async () => {
      const { run, glue } = bench(createStore(), () => Promise.resolve({ Bookmark: { read: "x".repeat(150_000) } }));
      expect((await run()).state).to.match(/^FAILED The job's bookmark must have 150000 bytes at most, got 150011/);
      await failureOf(() => glue.getJobBookmark({ JobName }));
    });
  });
}
