import { expect } from "chai";
import { ServiceError } from "../../../local/services/service.ts";
import { entryAt } from "../entries.ts";
import type { Call } from "../../../test/support/interference.ts";
import { isClaim, isMark, Rig } from "./rig.ts";

const entries = 230;

const all = Array.from({ length: entries }, (_, index) => entryAt(index).id.S);

const throttled = (): ServiceError =>
  new ServiceError(
    "ProvisionedThroughputExceededException",
    "The level of configured provisioned throughput was exceeded",
  );

describe("table-to-queue, when something fails", () => {
  const expectOnce = (rig: Rig): void => {
    expect(rig.ids.toSorted()).to.deep.equal(all);
  };

  it("waits for a table that turns calls away", async () => {
    const rig = await Rig.start();
    let refusals = 0;
    let calls = 0;
    rig.interfere((call) => {
      if (call.service === "dynamodb" && calls++ % 3 === 0) {
        refusals++;
        throw throttled();
      }
      return call.proceed();
    });
    expect(await rig.run({ entries })).to.deep.include({ status: "SUCCEEDED", output: { entries, sent: entries } });
    expect(refusals).to.be.greaterThan(50);
    expectOnce(rig);
  });

  it("waits for a queue that turns batches away, or some messages of a batch", async () => {
    const rig = await Rig.start();
    let calls = 0;
    rig.interfere(async (call) => {
      if (call.operation !== "sendMessageBatch") return call.proceed();
      calls++;
      if (calls % 4 === 1) throw new ServiceError("RequestThrottled", "Rate exceeded");
      if (calls % 10 === 3) {
        // This one is not there.
        const { QueueUrl, Entries } = call.input as { QueueUrl: string; Entries: { Id: string }[] };
        const [lost, ...taken] = Entries;
        const { Successful } = (await call.proceed({ QueueUrl, Entries: taken })) as { Successful: object[] };
        return { Successful, Failed: [{ Id: lost?.Id, SenderFault: false, Code: "InternalError", Message: "" }] };
      }
      const answer = (await call.proceed()) as { Successful: { Id: string }[]; Failed: object[] };
      if (calls % 10 !== 2) return answer;
      // It may be there even so: the answer is all that is known.
      const [first, ...rest] = answer.Successful;
      return { Successful: rest, Failed: [{ Id: first?.Id, SenderFault: false, Code: "InternalError", Message: "" }] };
    });
    expect(await rig.run({ entries })).to.deep.include({ status: "SUCCEEDED", output: { entries, sent: entries } });
    expectOnce(rig);
  });

  it("fails where the queue takes nothing any more, marks nothing, and goes on in a replay", async () => {
    const rig = await Rig.start();
    let batches = 0;
    const mend = rig.interfere((call) => {
      if (call.operation === "sendMessageBatch" && ++batches > 5) throw new ServiceError("RequestThrottled", "");
      return call.proceed();
    });
    expect(await rig.run({ entries })).to.include({
      status: "FAILED",
      error: "States.ExceedToleratedFailureThreshold",
    });
    mend();
    expect(rig.ids).to.have.length(50);
    expect((await rig.items()).filter(({ sentAt }) => sentAt !== undefined)).to.deep.equal([]);
    expect((await rig.run({ entries })).output).to.deep.equal({ entries, sent: entries });
    expectOnce(rig);
  });

  it("fills on where the function broke off, and leaves alone what has become of entries since", async () => {
    const rig = await Rig.start();
    await rig.run({ entries: 100 });
    let puts = 0;
    const mend = rig.interfere((call) => {
      if (call.operation === "putItem" && ++puts > 150) throw new Error("the function crashed");
      return call.proceed();
    });
    expect(await rig.run({ entries })).to.include({ status: "FAILED", error: "Error" });
    mend();
    expect((await rig.run({ entries })).output).to.deep.equal({ entries, sent: entries - 100 });
    expectOnce(rig);
  });

  it("fails at an entry that is too long to be sent, keeps it unsent, and sends it once it is mended", async () => {
    const rig = await Rig.start();
    const poison = { ...entryAt(7), note: { S: "x".repeat(300_000) } };
    await rig.put(poison);
    expect(await rig.run({ entries })).to.include({
      status: "FAILED",
      error: "States.ExceedToleratedFailureThreshold",
    });
    expect(rig.ids).to.not.include(poison.id.S);
    const unsent = (await rig.items()).filter(({ sentAt }) => sentAt === undefined).map(({ id }) => id?.S);
    expect(unsent).to.include(poison.id.S);
    expect([...unsent, ...rig.ids].toSorted()).to.deep.equal(all);
    await rig.put(entryAt(7));
    await rig.pass(3600);
    expect((await rig.run({ entries })).output).to.deep.equal({ entries, sent: unsent.length });
    expectOnce(rig);
  });

  for (const [operation, error] of [
    ["scan", "AccessDeniedException"],
    ["transactWriteItems", "ResourceNotFoundException"],
  ] as const) {
    it(`fails where ${operation} is refused for good, sends nothing, and sends all in a replay`, async () => {
      const rig = await Rig.start();
      const mend = rig.interfere((call) => {
        if (call.operation === operation) throw new ServiceError(error, "not any more");
        return call.proceed();
      });
      expect(await rig.run({ entries })).to.include({
        status: "FAILED",
        error: "States.ExceedToleratedFailureThreshold",
      });
      mend();
      expect(rig.ids).to.deep.equal([]);
      expect((await rig.run({ entries })).output).to.deep.equal({ entries, sent: entries });
      expectOnce(rig);
    });
  }

  it("sends nothing twice where two executions run at once", async () => {
    const rig = await Rig.start();
    const [one, other] = [await rig.begin({ entries }), await rig.begin({ entries })];
    await rig.cloud.settle();
    const sent = await Promise.all([one, other].map(async (arn) => (await rig.ended(arn)).status));
    expect(sent).to.deep.equal(["SUCCEEDED", "SUCCEEDED"]);
    expectOnce(rig);
  });

  describe("aborted at any call and replayed at once", () => {
    for (const moment of ["before", "after"] as const) {
      it(`sends each entry once, where the call was cut off ${moment} it had taken effect`, async () => {
        for (let point = 1; point <= 24; point++) {
          const rig = await Rig.start();
          const arn = await rig.begin({ entries });
          abortAt(rig, arn, point, moment);
          await rig.cloud.settle();
          const first = await rig.ended(arn);
          expect((await rig.run({ entries })).status, `after call ${point}`).to.equal("SUCCEEDED");
          expect(rig.ids.toSorted(), `after call ${point}`).to.deep.equal(all);
          expect(first.status).to.equal("ABORTED");
        }
      });
    }
  });

  describe("aborted between send and mark", () => {
    const abortBeforeMark = async (): Promise<Rig> => {
      const rig = await Rig.start();
      const arn = await rig.begin({ entries });
      abortWhere(rig, arn, isMark);
      await rig.cloud.settle();
      expect((await rig.ended(arn)).status).to.equal("ABORTED");
      expect(rig.ids).to.have.length(100);
      return rig;
    };

    it("and replayed within three minutes: the queue drops the copies", async () => {
      const rig = await abortBeforeMark();
      await rig.pass(170);
      expect((await rig.run({ entries })).output).to.deep.equal({ entries, sent: entries });
      expectOnce(rig);
    });

    it("and replayed later: what may have been sent is held back and told, the rest is sent", async () => {
      const rig = await abortBeforeMark();
      await rig.pass(600);
      const replay = await rig.run({ entries });
      expect(replay).to.include({ status: "FAILED", error: "EntriesInDoubt" });
      expect(replay.cause).to.match(/^130 entries were sent; 100 were claimed/);
      expectOnce(rig);
    });

    it("and told to send what is in doubt: it arrives a second time, which a person has decided", async () => {
      const rig = await abortBeforeMark();
      await rig.pass(600);
      expect((await rig.run({ entries, inDoubt: "send" })).output).to.deep.equal({ entries, sent: entries });
      expect(rig.ids).to.have.length(entries + 100);
      expect(new Set(rig.ids).size).to.equal(entries);
    });
  });

  it("loses nothing where it was aborted between claim and send, and replayed late", async () => {
    const rig = await Rig.start();
    const arn = await rig.begin({ entries });
    abortWhere(rig, arn, ({ operation }) => operation === "sendMessageBatch");
    await rig.cloud.settle();
    await rig.pass(600);
    expect(await rig.run({ entries })).to.include({ error: "EntriesInDoubt" });
    expect(rig.ids).to.have.length(130);
    expect((await rig.run({ entries, inDoubt: "send" })).output).to.deep.equal({ entries, sent: 100 });
    expectOnce(rig);
  });

  it("looks again where another execution has claimed and sent the page meanwhile", async () => {
    const rig = await Rig.start();
    let overtaken = false;
    const restore = rig.interfere(async (call) => {
      if (isClaim(call) && !overtaken) {
        overtaken = true;
        throw new ServiceError("TransactionCanceledException", "Transaction cancelled [ConditionalCheckFailed]");
      }
      return call.proceed();
    });
    expect((await rig.run({ entries })).output).to.deep.equal({ entries, sent: entries });
    restore();
    expectOnce(rig);
  });
});

const ofMachine = new Set(["scan", "transactWriteItems", "sendMessageBatch"]);

/** Aborts the execution at one of the machine's calls; from then on nothing answers it. */
const abortAt = (rig: Rig, arn: string, point: number, moment: "before" | "after"): void => {
  let calls = 0;
  abortWhere(rig, arn, ({ operation }) => ofMachine.has(operation) && ++calls === point, moment);
};

const abortWhere = (
  rig: Rig,
  arn: string,
  isPoint: (call: Call) => boolean,
  moment: "before" | "after" = "before",
): void => {
  let isDown = false;
  const restore = rig.interfere(async (call) => {
    if (!ofMachine.has(call.operation)) return call.proceed();
    if (!isDown && isPoint(call)) {
      isDown = true;
      if (moment === "after") await call.proceed();
      rig.stop(arn);
      // The replay comes after all that the aborted execution still does.
      rig.clock.schedule(1000, () => {
        restore();
        return Promise.resolve();
      });
    }
    if (isDown) throw new ServiceError("InternalServerError", "nobody is there");
    return call.proceed();
  });
};
