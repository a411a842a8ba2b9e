import { expect } from "chai";
import fc from "fast-check";
import type { ReplayReport } from "../../../../cli/deployed/replay/run.ts";
import { backfilled, benchOf, replayed, type Bench } from "../../../support/deployed/backfill.ts";
import { Crash } from "../../../support/deployed/embedded.ts";
import { bodiesIn } from "../../../support/pipeline.ts";
import { graphOf } from "../../../support/stacks.ts";

/** Each first attempt of `bad` files fails, and with one attempt so does the file. */
const config = {
  standIn: "false",
  maxConcurrentRuns: "1000",
  maxAttempts: "1",
  simulatedFailureRate: "0",
  simulatedScenarios: JSON.stringify([{ match: "*bad*", Return: { JobRunState: "FAILED" } }]),
};

describe("runReplay on a stack without a queue", () => {
  let bench: Bench;

  const landed = async (one: Bench, keys: readonly string[]): Promise<void> => {
    for (const key of keys) await one.land(key);
    await backfilled(one);
    await one.cloud.settle();
  };
  const reportOf = async (args: readonly string[] = []): Promise<ReplayReport> =>
    JSON.parse((await replayed(bench, ["--json", ...args])).out) as ReplayReport;
  const failures = (one: Bench): readonly string[] => bodiesIn(one.cloud, "failures");

  beforeEach(async () => {
    bench = await benchOf(await graphOf("local", config), { config });
  });
  afterEach(() => {
    bench.remove();
  });

  it("is not for an express machine, which would start a file twice", async () => {
    const config = { ...bench.deployment.config, "glue-pipeline:stateMachineType": "EXPRESS" };
    const refused = await replayed({ ...bench, deployment: { ...bench.deployment, config } }).catch(String);
    expect(refused).to.match(/^DeploymentError: stack local has an EXPRESS state machine, .* upload the files again/);
  });

  it("starts each failed execution once more under a name of its own, and deletes its message", async () => {
    await landed(bench, ["incoming/bad 1.csv", "incoming/good.csv", "incoming/bad 2.csv"]);
    const before = bench.started();
    expect(failures(bench)).to.have.length(2);
    const { code, out } = await replayed(bench);
    expect(code).to.equal(0);
    expect(out).to.match(/^2 failures taken again\. How they fare: npm run status -- --stack local$/m);
    await bench.cloud.settle();
    const again = bench.started().slice(before.length);
    expect(again).to.have.length(2);
    for (const name of again)
      expect(name)
        .to.match(/^again-bad-[12]-csv-[0-9a-f]{64}$/)
        .and.to.have.length.at.most(80);
    // They failed again, and say so under their new names.
    expect(
      failures(bench).map((body) => (JSON.parse(body) as { executionName: string }).executionName),
    ).to.have.members(again);
    expect((await reportOf()).items.map(({ executionName }) => executionName)).to.not.have.any.members([...again]);
  });

  it("changes nothing when it is only to say what it would take, and takes what it is told to", async () => {
    await landed(bench, ["incoming/x/bad 1.csv", "incoming/y/bad 2.csv"]);
    const before = bench.started().length;
    const dry = await reportOf(["--dry-run"]);
    expect(dry).to.deep.include({ dryRun: true, replayed: 2, deleted: 0, left: [] });
    await bench.cloud.settle();
    expect([bench.started().length, failures(bench).length]).to.deep.equal([before, 2]);
    await bench.sleep(7_200_000);
    expect(await reportOf(["--since=1h"])).to.deep.include({ replayed: 0 });
    const some = await reportOf(["--prefix=incoming/x/"]);
    expect(some).to.deep.include({ replayed: 1, deleted: 1 });
    expect(some.items[0]).to.include({ kind: "execution", key: "incoming/x/bad 1.csv" });
  });

  it("says so when there is nothing to take again", async () => {
    await landed(bench, ["incoming/good.csv"]);
    const { code, out } = await replayed(bench);
    expect(code).to.equal(0);
    expect(out).to.match(/^There is nothing to take again\.$/m);
  });

  it("is patient where Step Functions is throttled", async () => {
    await landed(bench, ["incoming/bad 1.csv"]);
    let throttled = 0;
    const { code, out } = await replayed(bench, ["--json"], {
      intercept: ({ operation }) => {
        if (operation !== "startExecution" || throttled === 3) return undefined;
        throttled++;
        throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
      },
    });
    expect([code, throttled]).to.deep.equal([0, 3]);
    expect(JSON.parse(out)).to.deep.include({ replayed: 1, deleted: 1, left: [] });
    expect(bench.started()).to.have.length(2);
  });

  it("hands an event that the dispatcher failed on to the dispatcher, and leaves what nobody could take", async () => {
    const { failureQueueUrl: QueueUrl, dispatcherName, landingBucket } = bench.deployment.outputs;
    const versionId = await bench.land("incoming/a.csv");
    const event = {
      Records: [
        {
          eventName: "ObjectCreated:Put",
          s3: { bucket: { name: landingBucket }, object: { key: "incoming/a.csv", size: 8, versionId } },
        },
      ],
    };
    const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${dispatcherName}:$LATEST`;
    for (const body of [{ requestContext: { functionArn }, requestPayload: event }, { outcome: "unheard of" }]) {
      await bench.cloud.asUser.call("sqs", "sendMessage", { QueueUrl, MessageBody: JSON.stringify(body) });
    }
    const { code, out } = await replayed(bench);
    expect(code).to.equal(1);
    expect(out).to.match(/^ {2}message \S+ stays: it tells of no failure$/m);
    expect(bench.started()).to.have.length(1);
    expect(failures(bench)).to.deep.equal(['{"outcome":"unheard of"}']);
  });

  it("takes each failure again once, wherever it dies and however often", async function () {
    this.timeout(30_000);
    const graph = await graphOf("local", config);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.record({ calls: fc.nat(25), isMade: fc.boolean() }), { maxLength: 4 }),
        async (files, deaths) => {
          const one = await benchOf(graph, { config });
          try {
            await landed(
              one,
              Array.from({ length: files }, (_, index) => `incoming/bad${index}.csv`),
            );
            const first = one.started();
            const wanted = failures(one).length;
            expect(wanted).to.equal(files);
            // None of those that are started again comes to its end, and fails, before all is over.
            for (const { calls, isMade } of deaths) {
              let left = calls;
              await replayed(one, [], {
                intercept: ({ service, operation, input }) => {
                  if (left-- > 0) return undefined;
                  if (isMade && left === -1) void one.cloud.asUser.call(service, operation, input);
                  throw new Crash();
                },
              }).catch((error: unknown) => {
                expect(error).to.be.instanceOf(Crash);
              });
              // Whatever a dead one held is seen again.
              await one.sleep(120_000);
            }
            await replayed(one);
            await one.cloud.settle();
            const again = one.started().slice(first.length);
            expect(new Set(again)).to.have.property("size", again.length);
            // Replays fail, too, and those may have been taken again by a later call: each first one has exactly one.
            const inputs = one.events.flatMap((event) => (event.kind === "execution-started" ? [event] : []));
            const perFile = new Map<string, number>();
            for (const { input } of inputs) {
              const { key } = (input as { arguments: { key: string } }).arguments;
              perFile.set(key, (perFile.get(key) ?? 0) + 1);
            }
            for (const [, times] of perFile) expect(times).to.be.at.least(2);
            // Of each file one failure is left: that of its last execution.
            expect(failures(one)).to.have.length(files);
          } finally {
            one.remove();
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
