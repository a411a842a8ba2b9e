import { expect } from "chai";
import fc from "fast-check";
import type { BackfillReport } from "../../../cli/deployed/backfill/report.ts";
import { pipelineOutputs } from "../../../cli/deployed/deployment.ts";
import { HeldMessages } from "../../../cli/deployed/held-messages.ts";
import { LedgerTable } from "../../../cli/deployed/ledger-table.ts";
import type { ReplayReport } from "../../../cli/deployed/replay/run.ts";
import { executionName } from "../../../functions/lib/execution-name.ts";
import type { FileEntry } from "../../../functions/lib/queued/file-entry.ts";
import { ServiceError } from "../../../local/services/service.ts";
import { backfilled, benchOf, replayed, type Bench } from "../../support/deployed/backfill.ts";
import { Crash } from "../../support/deployed/embedded.ts";
import { interfere } from "../../support/interference.ts";
import { bodiesIn } from "../../support/pipeline.ts";
import { graphOf } from "../../support/stacks.ts";

const config = {
  ledger: "true",
  standIn: "false",
  maxConcurrentRuns: "1000",
  maxAttempts: "1",
  simulatedFailureRate: "0",
  simulatedScenarios: JSON.stringify([{ match: "*bad*", Return: { JobRunState: "FAILED" } }]),
};

const entriesOf = async (bench: Bench): Promise<readonly FileEntry[]> => {
  const entries: FileEntry[] = [];
  const { ledgerTable = "" } = bench.deployment.outputs;
  for await (const entry of new LedgerTable(bench.clients().dynamoDb, ledgerTable).scan()) entries.push(entry);
  return entries;
};

describe("Backfill and replay where files wait in a queue", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await benchOf(await graphOf("local", config), { config });
  });
  afterEach(() => {
    bench.remove();
  });

  const failures = (one: Bench): readonly string[] => bodiesIn(one.cloud, "failures");

  it("sends what S3 would have sent, looks files up in the ledger, and each has one execution", async () => {
    const { landingBucket: bucket } = bench.deployment.outputs;
    const names: string[] = [];
    for (const key of ["incoming/a b+é.csv", "incoming/c.csv", "incoming/d.csv"]) {
      names.push(executionName({ bucket, key, versionId: await bench.land(key), sequencer: "" }));
    }
    expect((await backfilled(bench, ["--limit=2"])).code).to.equal(0);
    await bench.cloud.settle();
    const report = JSON.parse((await backfilled(bench, ["--json"])).out) as BackfillReport;
    expect(report).to.deep.include({ sent: 3, complete: true, known: { looked: 3, known: 2 } });
    await bench.cloud.settle();
    expect(bench.started()).to.have.members(names);
    expect((await entriesOf(bench)).map(({ state, name }) => [name, state])).to.have.deep.members(
      names.map((name) => [name, "succeeded"]),
    );
  });

  it("sends messages again that the queue has not taken, and those alone", async () => {
    await bench.land("incoming/a.csv");
    await bench.land("incoming/b.csv");
    const sent: string[][] = [];
    await backfilled(bench, [], {
      intercept: ({ operation, input }) => {
        if (operation !== "sendMessageBatch") return undefined;
        const { Entries } = input as { Entries: { Id: string }[] };
        sent.push(Entries.map(({ Id }) => Id));
        return sent.length > 1
          ? undefined
          : { Failed: [{ Id: "1", Code: "ServiceUnavailable", Message: "later", SenderFault: false }] };
      },
    });
    expect(sent).to.deep.equal([["0", "1"], ["1"]]);
  });

  it("asks for failed files by their next generation, and clears their messages away", async () => {
    for (const key of ["incoming/bad1.csv", "incoming/good.csv", "incoming/bad2.csv"]) await bench.land(key);
    await backfilled(bench);
    await bench.cloud.settle();
    expect(failures(bench)).to.have.length(2);
    const before = bench.started();

    const dry = JSON.parse((await replayed(bench, ["--dry-run", "--json"])).out) as ReplayReport;
    expect(dry).to.deep.include({ replayed: 2, deleted: 0, left: [] });
    const one = JSON.parse((await replayed(bench, ["--prefix=incoming/bad1", "--json"])).out) as ReplayReport;
    expect(one).to.deep.include({ replayed: 1, deleted: 1, items: [{ kind: "file", key: "incoming/bad1.csv" }] });
    // The request is not read yet: it is sent once more, and does nothing more.
    await replayed(bench);
    await bench.cloud.settle();
    expect(bench.started().slice(before.length)).to.have.length(2);
    expect((await entriesOf(bench)).map(({ state, generation }) => [state, generation])).to.have.deep.members([
      ["failed", 1],
      ["succeeded", 0],
      ["failed", 1],
    ]);
    expect(failures(bench)).to.have.length(2);
  });

  it("takes back a message that was received too often", async () => {
    const { failureQueueUrl: QueueUrl, landingBucket } = bench.deployment.outputs;
    const versionId = await bench.land("incoming/a.csv");
    const object = { key: "incoming/a.csv", size: 8, versionId };
    const MessageBody = JSON.stringify({
      Records: [{ eventName: "ObjectCreated:Put", s3: { bucket: { name: landingBucket }, object } }],
    });
    await bench.cloud.asUser.call("sqs", "sendMessage", { QueueUrl, MessageBody });
    expect((await replayed(bench)).code).to.equal(0);
    await bench.cloud.settle();
    expect(bench.started()).to.have.length(1);
    expect(failures(bench)).to.deep.equal([]);
  });

  describe("after an outage of more than a day", () => {
    /** An execution that could not be started: of it a reminder is left, which came back too often. */
    const outlasted = async (): Promise<void> => {
      const stop = interfere(bench.cloud, async ({ service, proceed }) => {
        if (service === "states") throw new ServiceError("AccessDeniedException", "no");
        return proceed();
      });
      const { landingBucket, arrivalQueueUrl: QueueUrl } = bench.deployment.outputs;
      const object = { key: "incoming/a.csv", size: 8, versionId: await bench.land("incoming/a.csv") };
      const Records = [{ eventName: "ObjectCreated:Put", s3: { bucket: { name: landingBucket }, object } }];
      await bench.cloud.asUser.call("sqs", "sendMessage", { QueueUrl, MessageBody: JSON.stringify({ Records }) });
      await bench.cloud.settle();
      stop();
      expect(failures(bench).map((body) => Object.keys(JSON.parse(body) as object)[0])).to.have.members([
        "Records",
        "Remind",
      ]);
    };
    /** S3's message has the same file started. */
    const loseArrival = async (): Promise<void> => {
      const messages = new HeldMessages(bench.clients().sqs, bench.deployment.outputs.failureQueueUrl);
      for await (const held of messages.take()) if (held.body.includes("Records")) await messages.delete(held);
      await messages.release();
    };

    it("has the recorder look at an execution of which a reminder is left, and says so", async () => {
      await outlasted();
      await loseArrival();
      const [entry] = await entriesOf(bench);
      expect(entry?.state).to.equal("waiting");
      const dry = await replayed(bench, ["--dry-run"]);
      expect(dry.out).to.include(`  –  reminder ${entry?.executionName}\n`);
      expect(dry.out).to.match(/^1 reminder would be taken again\. Nothing was changed\.$/m);
      expect(failures(bench)).to.have.length(1);

      const { code, out } = await replayed(bench, ["--json"]);
      expect(code).to.equal(0);
      const report = JSON.parse(out) as ReplayReport;
      expect(report).to.deep.include({ replayed: 1, reminders: 1, results: 0, deleted: 1, left: [] });
      expect(report.items).to.deep.equal([{ kind: "reminder", executionName: entry?.executionName }]);
      await bench.cloud.settle();
      expect((await entriesOf(bench)).map(({ state }) => state)).to.deep.equal(["succeeded"]);
      expect(bench.started()).to.have.length(1);
      expect(failures(bench)).to.deep.equal([]);
    });

    it("starts it once, although S3's message is left, too, and the reminder is read twice", async () => {
      await outlasted();
      const { failureQueueUrl: QueueUrl } = bench.deployment.outputs;
      const MessageBody = failures(bench).find((body) => body.includes("Remind"));
      await bench.cloud.asUser.call("sqs", "sendMessage", { QueueUrl, MessageBody });
      const { code, out } = await replayed(bench);
      expect(code).to.equal(0);
      expect(out).to.match(/^1 failure and 2 reminders taken again\. How they fare/m);
      await bench.cloud.settle();
      expect(bench.started()).to.have.length(1);
      expect((await entriesOf(bench)).map(({ state }) => state)).to.deep.equal(["succeeded"]);
    });

    it("leaves it where the program does not say where reminders go", async () => {
      await outlasted();
      await loseArrival();
      const { outputs } = bench.deployment;
      const others = Object.entries(outputs).filter(([name]) => name !== "outcomeQueueUrl");
      const older = pipelineOutputs("local", Object.fromEntries(others));
      const { code, out } = await replayed({ ...bench, deployment: { ...bench.deployment, outputs: older } });
      expect(code).to.equal(1);
      expect(out).to.match(/ stays: it is for the outcomes queue, and stack local does not export outcomeQueueUrl: /);
      expect(failures(bench)).to.have.length(1);
    });

    it("gives back what executions told of their ends, which changes nothing that is recorded", async () => {
      await bench.land("incoming/a.csv");
      await backfilled(bench);
      await bench.cloud.settle();
      const before = await entriesOf(bench);
      const [entry] = before;
      const told = { outcome: "rejected", executionName: entry?.executionName, reason: "it is late" };
      const { failureQueueUrl: QueueUrl } = bench.deployment.outputs;
      await bench.cloud.asUser.call("sqs", "sendMessage", { QueueUrl, MessageBody: JSON.stringify(told) });
      expect((await replayed(bench)).out).to.match(/^1 result taken again\./m);
      await bench.cloud.settle();
      expect(await entriesOf(bench)).to.deep.equal(before);
      expect(failures(bench)).to.deep.equal([]);
    });
  });

  it("takes each version, and each failure again, once, wherever the commands die", async function () {
    this.timeout(40_000);
    const graph = await graphOf("local", config);
    const deaths = fc.array(fc.record({ calls: fc.nat(14), isMade: fc.boolean() }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        deaths,
        deaths,
        fc.array(fc.constantFrom([], [0], [0, 40], [500]), { minLength: 1, maxLength: 4 }),
        async (files, backfillDeaths, replayDeaths, deliveries) => {
          let landed = 0;
          const one = await benchOf(graph, {
            config,
            deliveries: () => deliveries[landed++ % deliveries.length] ?? [],
          });
          try {
            for (const [index, isBad] of files.entries())
              await one.land(`incoming/${isBad ? "bad" : "good"}${index}.csv`);
            await dying(one, backfillDeaths, (intercept) => backfilled(one, ["--rate=100"], { intercept }));
            expect((await backfilled(one)).code).to.equal(0);
            await one.cloud.settle();
            const first = one.started();
            expect(first).to.have.length(files.length);
            expect(new Set(first)).to.have.property("size", files.length);

            await dying(one, replayDeaths, (intercept) => replayed(one, [], { intercept }));
            await one.sleep(120_000);
            expect((await replayed(one)).code).to.equal(0);
            await one.cloud.settle();
            const again = one.started().slice(first.length);
            expect(new Set(again)).to.have.property("size", again.length);
            const entries = await entriesOf(one);
            const failed = entries.filter(({ state }) => state === "failed");
            expect(failed).to.have.length(files.filter((isBad) => isBad).length);
            for (const { generation, executionName: name } of failed) {
              expect(generation).to.be.at.least(1);
              expect(name).to.match(new RegExp(`^r${generation}-`));
            }
            // As many executions as generations, and for each failure that nobody took again a message.
            expect(again).to.have.length(failed.reduce((sum, { generation }) => sum + generation, 0));
          } finally {
            one.remove();
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe("Replay of batches", () => {
  it("asks for the files that failed within a batch, not for those beside them", async function () {
    this.timeout(20_000);
    const batches = { dispatch: "batch", batchMaxFiles: "2", batchWindowSeconds: "1", maxAttempts: "1" };
    const settings = { ...batches, simulatedFailureRate: "0", maxConcurrentRuns: "1000" };
    const graph = await graphOf("local", settings);
    const one = await benchOf(graph, { config: settings, standIns: true });
    try {
      const bodies = { "a.csv": "a\n1\n", "b.csv": "a\n2\n", "c.csv": 'a\n"3\n', "d.csv": "a\n4\n" };
      for (const [name, body] of Object.entries(bodies)) await one.land(`incoming/${name}`, body);
      const { out } = await backfilled(one, ["--json"]);
      expect((JSON.parse(out) as BackfillReport).estimate.runs).to.equal(2);
      await one.cloud.settle();
      const states = async (): Promise<object> =>
        Object.fromEntries(
          (await entriesOf(one)).map(({ file, state, generation }) => [file.key, [state, generation]]),
        );
      const done = {
        "incoming/a.csv": ["succeeded", 0],
        "incoming/b.csv": ["succeeded", 0],
        "incoming/d.csv": ["succeeded", 0],
      };
      expect(await states()).to.deep.equal({ ...done, "incoming/c.csv": ["failed", 0] });
      const before = one.started().length;

      const report = JSON.parse((await replayed(one, ["--json"])).out) as ReplayReport;
      expect(report).to.deep.include({ items: [{ kind: "file", key: "incoming/c.csv" }], left: [] });
      await one.cloud.settle();
      expect(one.started()).to.have.length(before + 1);
      expect(await states()).to.deep.equal({ ...done, "incoming/c.csv": ["failed", 1] });
      expect(bodiesIn(one.cloud, "failures")).to.have.length(1);
    } finally {
      one.remove();
    }
  });
});

describe("Replay of failed batches", () => {
  it("asks for each of their files, and clears the messages of the batches away", async () => {
    const settings = {
      ...config,
      dispatch: "batch",
      batchMaxFiles: "2",
      batchWindowSeconds: "1",
      simulatedScenarios: JSON.stringify([{ match: "*", Return: { JobRunState: "FAILED" } }]),
    };
    const one = await benchOf(await graphOf("local", settings), { config: settings });
    try {
      for (const name of ["a", "b", "c", "d"]) await one.land(`incoming/${name}.csv`);
      await backfilled(one);
      await one.cloud.settle();
      expect(bodiesIn(one.cloud, "failures")).to.have.length(2);
      const report = JSON.parse((await replayed(one, ["--json"])).out) as ReplayReport;
      expect(report).to.deep.include({ replayed: 4, deleted: 2, left: [] });
      await one.cloud.settle();
      expect((await entriesOf(one)).map(({ state, generation }) => [state, generation])).to.deep.equal(
        Array.from({ length: 4 }, () => ["failed", 1]),
      );
      expect(new Set(one.started()).size).to.equal(one.started().length).and.to.equal(4);
    } finally {
      one.remove();
    }
  });
});

type Intercept = NonNullable<Parameters<Bench["clients"]>[0]>;

/** Runs a command that dies at a call, which may yet be made; once for each death. */
async function dying(
  bench: Bench,
  deaths: readonly { readonly calls: number; readonly isMade: boolean }[],
  run: (intercept: Intercept) => Promise<unknown>,
): Promise<void> {
  for (const { calls, isMade } of deaths) {
    let left = calls;
    await run(({ service, operation, input }) => {
      if (left-- > 0) return undefined;
      const isKnown = operation !== "getBucketNotificationConfiguration";
      if (isMade && isKnown && left === -1) void bench.cloud.asUser.call(service, operation, input);
      throw new Crash();
    }).catch((error: unknown) => {
      expect(error).to.be.instanceOf(Crash);
    });
  }
}
