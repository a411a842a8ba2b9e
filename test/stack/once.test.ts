import { expect } from "chai";
import { describeRun } from "../../functions/lib/job-run.ts";
import type { JobRunRecord } from "../../functions/lib/job-run.ts";
import { dispatched, recordOf, uploadSilently } from "../support/deployed/events.ts";
import { historyOf, jobRunsOf } from "../support/deployed/executions.ts";
import { ended, eventually, executionsOf, fileIn, upload, type LandedFile } from "../support/deployed/files.ts";
import { tableOf } from "../support/deployed/output.ts";
import { failuresIn, Results } from "../support/deployed/queues.ts";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";

const mostRuns = 3;

describe("Exactly once on the deployed stack", function () {
  this.timeout("2 minutes");
  const stack = deployed({ config: { ...quickRuns, maxConcurrentRuns: String(mostRuns) } });
  let results: Results;

  before(async () => {
    results = await Results.of(stack().clients, stack().outputs);
  });

  /** That there is one execution of a file, one run, one table and one notification. */
  const expectOnce = async (before: readonly string[], ...files: readonly LandedFile[]): Promise<void> => {
    const { clients, outputs } = stack();
    expect(await executionsOf(clients, outputs)).to.have.members([...before, ...files.map(({ name }) => name)]);
    for (const file of files) {
      expect(file.status).to.equal("SUCCEEDED");
      expect(await jobRunsOf(clients, outputs, file.name)).to.have.length(1);
      expect(await results.about(file)).to.have.length(1);
    }
    expect(await failuresIn(clients, outputs)).to.deep.equal([]);
  };

  it("holds when an event comes five times at once", async () => {
    const { clients, outputs } = stack();
    const before = await executionsOf(clients, outputs);
    const { record, arn } = await uploadSilently(clients, outputs, { key: "five at once.csv", body: "a\n1\n" });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => dispatched(clients, outputs, record)));

    // The same start again, while the execution runs, is as good as the first one.
    expect(answers.map(({ started, already }) => started + already)).to.deep.equal([1, 1, 1, 1, 1]);
    expect(answers.filter(({ started }) => started === 1)).not.to.be.empty;
    await expectOnce(before, await ended(clients, arn));
  });

  it("holds when an event comes again after the end, however often", async () => {
    const { clients, outputs } = stack();
    const before = await executionsOf(clients, outputs);
    const file = await fileIn(clients, outputs, { key: "incoming/again + after.csv", body: "a\n1\n" });
    const record = await recordOf(clients, file.arn);
    for (let time = 1; time <= 3; time++) {
      expect(await dispatched(clients, outputs, record)).to.deep.equal({ started: 0, already: 1, ignored: 0 });
    }
    await expectOnce(before, file);
  });

  it("holds when S3's own event meets others of the same file", async () => {
    const { clients, outputs } = stack();
    const before = await executionsOf(clients, outputs);
    const { record, arn } = await uploadSilently(clients, outputs, { key: "a.csv", body: "a\n1\n" });
    const own = await upload(clients, outputs, { key: "incoming/a race.csv", body: "a\n1\n" });
    const running = await recordOfSoon(own);
    const answers = await Promise.all([1, 2, 3, 4].map(() => dispatched(clients, outputs, running, record, running)));
    expect(answers.map(({ started, already }) => started + already)).to.deep.equal([3, 3, 3, 3]);
    await expectOnce(before, await ended(clients, own), await ended(clients, arn));
  });

  it("starts what is new in an event whose other files are done", async () => {
    const { clients, outputs } = stack();
    const done = await fileIn(clients, outputs, { key: "incoming/done.csv", body: "a\n1\n" });
    const before = await executionsOf(clients, outputs);
    const { record, arn } = await uploadSilently(clients, outputs, { key: "new.csv", body: "a\n1\n" });
    expect(await dispatched(clients, outputs, await recordOf(clients, done.arn), record)).to.deep.equal({
      started: 1,
      already: 1,
      ignored: 0,
    });
    await expectOnce(before, await ended(clients, arn));
  });

  it(`takes fifty files at once, ${mostRuns} runs at a time, and loses none`, async function () {
    this.timeout("5 minutes");
    const { clients, outputs } = stack();
    const before = await executionsOf(clients, outputs);
    const earlier = new Set((await jobRunsOf(clients, outputs)).map(({ Id }) => Id));
    const names = Array.from({ length: 50 }, (_, index) => `burst ${index}`);
    const files = await Promise.all(
      names.map(async (name) => {
        const arn = await upload(clients, outputs, { key: `incoming/${name}.csv`, body: `n\n${name}\n` });
        return ended(clients, arn, 240);
      }),
    );

    await expectOnce(before, ...files);
    const tables = await Promise.all(files.map((file) => tableOf(clients, outputs, file)));
    expect(tables.flatMap(({ rows }) => rows.flat())).to.deep.equal(names);
    const runs = (await jobRunsOf(clients, outputs)).filter(({ Id }) => !earlier.has(Id));
    expect(runs).to.have.length(50);
    expect(mostAtOnce(runs)).to.equal(mostRuns);
    expect(await refusals(files)).to.deep.equal([]);
  });

  it("takes files in turn where runs do not queue, and Glue refuses them by the name that is tried again", async function () {
    this.timeout("5 minutes");
    const { clients, project, outputs } = stack();
    await project.setConfig({ jobRunQueuing: "false" });
    await project.up();
    const before = await executionsOf(clients, outputs);
    const earlier = new Set((await jobRunsOf(clients, outputs)).map(({ Id }) => Id));
    const files = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        fileIn(clients, outputs, { key: `incoming/refused ${index}.csv`, body: "a\n1\n" }),
      ),
    );

    await expectOnce(before, ...files);
    const runs = (await jobRunsOf(clients, outputs)).filter(({ Id }) => !earlier.has(Id));
    expect(mostAtOnce(runs)).to.be.within(1, mostRuns);
    expect(new Set(await refusals(files))).to.deep.equal(new Set(["Glue.ConcurrentRunsExceededException"]));
  });

  /** The input of an execution is known as soon as it is there. */
  const recordOfSoon = async (arn: string): Promise<object> => {
    const { clients } = stack();
    return eventually(`the execution ${arn}`, 30, () => recordOf(clients, arn).catch(() => undefined));
  };

  /** The errors of the tasks that failed on the way. */
  const refusals = async (files: readonly LandedFile[]): Promise<readonly string[]> => {
    const histories = await Promise.all(files.map(({ arn }) => historyOf(stack().clients, arn)));
    return histories.flat().flatMap(({ taskFailedEventDetails, lambdaFunctionFailedEventDetails }) => {
      const failed = taskFailedEventDetails ?? lambdaFunctionFailedEventDetails;
      return failed === undefined ? [] : [failed.error ?? "?"];
    });
  };
});

/**
 * The most runs at one moment. A run that queues is WAITING from its StartedOn on; it counts from where it leaves the
 * queue, by its own ExecutionTime and start-up before its CompletedOn.
 */
function mostAtOnce(runs: readonly JobRunRecord[]): number {
  const spans = runs.map((run) => {
    const { CompletedOn, ExecutionTime = 0 } = describeRun(run, Number.MAX_SAFE_INTEGER);
    if (CompletedOn === undefined) throw new Error(`${run.Id} has not ended`);
    const end = CompletedOn.getTime();
    return { begin: end - ExecutionTime * 1000 - run.plan.startUp, end };
  });
  return Math.max(
    ...spans.map(({ begin }) => spans.filter((other) => other.begin <= begin && begin < other.end).length),
  );
}
