import { expect } from "chai";
import { Executions } from "../../../cli/deployed/executions.ts";
import { FailureQueue } from "../../../cli/deployed/failure-queue.ts";
import { awsPace, Follower } from "../../../cli/deployed/follow.ts";
import { QueuedFollower } from "../../../cli/deployed/follow-queued.ts";
import { LedgerTable } from "../../../cli/deployed/ledger-table.ts";
import { objectsUnder } from "../../../cli/deployed/results.ts";
import { Ledger } from "../../../cli/run/ledger.ts";
import { verdictOn, type Verdict } from "../../../cli/run/outcome.ts";
import type { CloudEvent } from "../../../local/events.ts";
import { benchOf, type Bench } from "../../support/deployed/backfill.ts";
import type { Interceptor } from "../../support/deployed/embedded.ts";
import { graphOf } from "../../support/stacks.ts";

const BODIES = { "a.csv": "a\n1\n2\n", "b.csv": "a\n1\n", "broken.csv": 'a\n"1\n', "notes.txt": "no table" };

interface Followed {
  readonly ledger: Ledger;
  readonly follower: Follower;
  readonly kinds: readonly string[];
}

describe("QueuedFollower", function () {
  this.timeout(20_000);

  interface Given {
    readonly config: Readonly<Record<string, string>>;
    readonly bodies?: Readonly<Record<string, string>>;
    readonly hasVersions?: boolean;
    /** A newer version lands behind each file. */
    readonly isReplaced?: boolean;
    /** Milliseconds. */
    readonly until?: number;
    readonly deliveries?: () => readonly number[];
    readonly intercept?: Interceptor;
  }

  /** Lands files and follows them to their ends. */
  const followed = async ({ config, bodies = BODIES, hasVersions = true, ...given }: Given): Promise<Followed> => {
    const settings = { maxAttempts: "1", simulatedFailureRate: "0", maxConcurrentRuns: "1000", ...config };
    const bench: Bench = await benchOf(await graphOf("local", settings), {
      config: settings,
      deliveries: given.deliveries ?? (() => [0]),
      standIns: true,
    });
    try {
      const { outputs } = bench.deployment;
      const clients = bench.clients(given.intercept);
      const uploads = Object.entries(bodies).map(([file, { length: size }]) => ({
        file,
        bucket: outputs.landingBucket,
        key: `incoming/${file}`,
        size,
      }));
      const ledger = new Ledger(uploads);
      const kinds: string[] = [];
      const observe = (event: CloudEvent, at: number): void => {
        if (event.kind !== "history" && event.kind !== "job-run") kinds.push(event.kind);
        ledger.observe(event, at);
      };
      const follower = new Follower({
        executions: new Executions(clients.stepFunctions, outputs.stateMachineArn),
        queue: new FailureQueue(clients.sqs, outputs.failureQueueUrl),
        pace: awsPace,
        names: { queue: "failures", topic: "results" },
        objectsOf: async (name) => {
          const Bucket = outputs.outputBucket;
          const { Contents = [] } = await bench.cloud.asUser.listObjects({ Bucket });
          return Contents.flatMap(({ Key: key = "", Size: size = 0 }) =>
            key.startsWith("processed/") && key.includes(name)
              ? [{ bucket: Bucket, key, size, path: `s3://${Bucket}/${key}` }]
              : [],
          );
        },
        observe,
        onLook: () => undefined,
        now: bench.now,
        sleep: bench.sleep,
        until: given.until === undefined ? undefined : bench.now() + given.until,
      });
      const queued = new QueuedFollower({
        follower,
        table: new LedgerTable(clients.dynamoDb, outputs.ledgerTable ?? ""),
        arrivalQueueUrl: outputs.arrivalQueueUrl ?? "",
        objectsIn: (place) => objectsUnder(clients.s3, place),
        observe,
        now: bench.now,
        sleep: bench.sleep,
      });
      const ends: Promise<void>[] = [];
      for (const file of ledger.files) {
        const { bucket, key } = file.upload;
        const versionId = await bench.land(key, bodies[file.upload.file]);
        file.uploadedAt = bench.now();
        ends.push(queued.follow(file, { bucket, key, ...(hasVersions && { versionId }) }));
        if (given.isReplaced === true) await bench.land(key, bodies[file.upload.file]);
      }
      await Promise.all(ends);
      return { ledger, follower, kinds };
    } finally {
      bench.remove();
    }
  };

  const verdictsOf = ({ ledger }: Followed): Readonly<Record<string, Verdict>> =>
    Object.fromEntries(ledger.files.map((file) => [file.upload.file, verdictOn(file)]));

  const outcomesOf = (end: Followed): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(verdictsOf(end)).map(([name, { outcome }]) => [name, outcome]));

  const outcomes = { "a.csv": "succeeded", "b.csv": "succeeded", "broken.csv": "failed", "notes.txt": "rejected" };

  it("tells of each file of a batch what became of it, and watches the batch once", async () => {
    const end = await followed({ config: { dispatch: "batch" } });
    expect(outcomesOf(end)).to.deep.equal(outcomes);
    const { "broken.csv": broken, "notes.txt": notes } = verdictsOf(end);
    expect(broken?.reason).to.match(/^UnreadableFileError: a quote in the record that starts on line 2/);
    expect(notes?.reason).to.equal("its name must end in .csv");
    const { ledger, follower, kinds } = end;
    expect(ledger.executions.map(({ name, status }) => [name.slice(0, 6), status])).to.deep.equal([
      ["batch-", "SUCCEEDED"],
    ]);
    expect(ledger.files.map(({ entry }) => entry?.rowsWritten)).to.deep.equal([2, 1, undefined, undefined]);
    const outputs = ledger.files.flatMap(({ entry }) => (entry?.output === undefined ? [] : [entry.output.prefix]));
    expect(outputs).to.have.length(2);
    // What a batch has written for files of others is not told.
    expect(follower.objects.every(({ key }) => outputs.some((prefix) => key.startsWith(prefix)))).to.equal(true);
    for (const prefix of outputs) expect(follower.objects.some(({ key }) => key.startsWith(prefix))).to.equal(true);
    // Each waits in the queue, as npm start shows it.
    expect(kinds.slice(0, 4)).to.deep.equal(Array.from({ length: 4 }, () => "message-sent"));
  });

  it("tells of executions of single files, also of those that wait for a place", async () => {
    const config = { maxConcurrentExecutions: "1", fileOrder: "per-key" };
    const end = await followed({ config });
    expect(outcomesOf(end)).to.deep.equal(outcomes);
    expect(end.ledger.executions).to.have.length(4);
    expect(end.ledger.files.map(({ execution, entry }) => execution?.name === entry?.executionName)).to.deep.equal(
      Array.from({ length: 4 }, () => true),
    );
  });

  it("tells of a file that a newer version of its key has overtaken", async () => {
    let landed = 0;
    const end = await followed({
      config: { fileOrder: "per-key" },
      bodies: { "a.csv": "a\n1\n" },
      isReplaced: true,
      deliveries: () => (landed++ === 0 ? [120_000] : [0]),
    });
    expect(outcomesOf(end)).to.deep.equal({ "a.csv": "ignored" });
    expect(verdictsOf(end)["a.csv"]?.reason).to.match(/a newer version of its key/);
  });

  it("looks for no execution of a file that was not begun before its stack was changed", async () => {
    const asked: string[] = [];
    const intercept: Interceptor = ({ operation, input }) => {
      asked.push(operation);
      if (operation !== "batchGetItem") return undefined;
      const { RequestItems } = input as {
        readonly RequestItems: Readonly<Record<string, { Keys: readonly object[] }>>;
      };
      const failed = {
        ...{ State: { S: "failed" }, ExecutionName: { S: "batch-1" }, Error: { S: "Dispatch.Changed" } },
        ...{ Bucket: { S: "landing" }, Key: { S: "incoming/a.csv" }, VersionId: { S: "v" }, Sequencer: { S: "1" } },
      };
      return {
        Responses: Object.fromEntries(
          Object.entries(RequestItems).map(([name, { Keys }]) => [name, Keys.map((key) => ({ ...key, ...failed }))]),
        ),
      };
    };
    const config = { ledger: "true" };
    const end = await followed({ config, bodies: { "a.csv": "a\n" }, deliveries: () => [], until: 60_000, intercept });
    expect(verdictsOf(end)["a.csv"]).to.include({ outcome: "failed" });
    expect(verdictsOf(end)["a.csv"]?.reason).to.include("Dispatch.Changed");
    expect(asked).to.deep.equal(["batchGetItem"]);
  });

  it("is patient while the ledger is busy", async () => {
    let refusals = 0;
    const intercept: Interceptor = ({ operation, input }) => {
      if (operation !== "batchGetItem" || refusals === 5) return undefined;
      refusals++;
      return { Responses: {}, UnprocessedKeys: (input as { readonly RequestItems: object }).RequestItems };
    };
    expect(outcomesOf(await followed({ config: { dispatch: "batch" }, intercept }))).to.deep.equal(outcomes);
    expect(refusals).to.equal(5);
  });

  it("says where a file is when it is time to stop before its end", async () => {
    const bodies = { "a.csv": "a\n1\n" };
    const early = await followed({ config: { dispatch: "batch", batchWindowSeconds: "60" }, bodies, until: 30_000 });
    expect(verdictsOf(early)).to.deep.equal({
      "a.csv": { outcome: "running", reason: "the pipeline has not taken it on yet" },
    });
    const late = await followed({ config: { dispatch: "batch", batchWindowSeconds: "60" }, bodies, until: 64_000 });
    expect(verdictsOf(late)).to.deep.equal({ "a.csv": { outcome: "running", reason: "its execution has not ended" } });
    const [batch] = late.ledger.executions;
    expect(batch?.status).to.equal("RUNNING");
  });

  it("gives a file up that is not taken on for longer than its message is tried", async () => {
    const end = await followed({ config: { ledger: "true" }, bodies: { "a.csv": "a\n1\n" }, deliveries: () => [] });
    expect(verdictsOf(end)).to.deep.equal({
      "a.csv": { outcome: "failed", reason: "no execution was started for it" },
    });
  });

  it("says that it cannot follow a file without a version", async () => {
    const end = await followed({ config: { ledger: "true" }, bodies: { "a.csv": "a\n1\n" }, hasVersions: false });
    expect(verdictsOf(end)).to.deep.equal({
      "a.csv": { outcome: "running", reason: "its bucket keeps no versions, by which the ledger would know it" },
    });
  });

  it("fails when its executions cannot be watched", async () => {
    const intercept: Interceptor = ({ operation }) => {
      if (operation === "getExecutionHistory") throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
      return undefined;
    };
    const error: unknown = await followed({ config: { dispatch: "batch" }, intercept }).catch(
      (caught: unknown) => caught,
    );
    expect(error).to.have.property("name", "AccessDeniedException");
  });
});
