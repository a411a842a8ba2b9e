import { rmSync } from "node:fs";
import { join } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { ended, eventually, fileIn, upload } from "../support/deployed/files.ts";
import { whileBroken } from "../support/drill/functions.ts";
import { FailureQueue, type Letter } from "../support/drill/failures.ts";
import { eventOf, parquetOf, replayed, runsOf, sentAgain } from "../support/drill/replay.ts";

const small = "id,name\n1,one\n2,two\n";
/** Its run takes ten seconds. */
const large = `id\n${"1\n".repeat(50_000)}`;

describe("The local stack on an emulator that keeps what it holds", function () {
  this.timeout("2 minutes");
  const stack = deployed({
    config: { ...quickRuns, maxAttempts: "1", simulatedSecondsPerMiB: "105" },
    // A dispatcher that failed is tried again after the restart only, which is never.
    emulator: { persist: true, env: { LAMBDA_ASYNC_RETRY_BASE_SECONDS: "600" } },
  });

  /** Uploads a file, and waits until its job runs. */
  const running = async (key: string): Promise<string> => {
    const arn = await upload(stack().clients, stack().outputs, { key, body: large });
    await eventually(`the run for ${key}`, 20, async () =>
      (await runsOf(stack(), key)).length > 0 ? true : undefined,
    );
    return arn;
  };
  const expectInBucket = async (key: string, bytes: number): Promise<void> => {
    const { clients, outputs } = stack();
    const head = await clients.s3.send(new HeadObjectCommand({ Bucket: outputs.landingBucket, Key: key }));
    expect(head.ContentLength).to.equal(bytes);
  };
  const expectNothingToDeploy = async (): Promise<void> => {
    const { project } = stack();
    for (const { changes } of [await project.refresh(), await project.up()]) {
      expect(Object.keys(changes)).to.deep.equal(["same"]);
    }
  };
  const processed = (key: string) => fileIn(stack().clients, stack().outputs, { key, body: small });

  describe("when it is asked to stop in the middle of a run", () => {
    let finished: string;
    let interrupted: string;

    before(async () => {
      const { clients, outputs, emulator } = stack();
      finished = (await processed("incoming/finished.csv")).arn;
      const failed = await fileIn(clients, outputs, { key: "incoming/failed.csv", body: 'a,b\n1,"never closed\n' });
      expect(failed.status).to.equal("FAILED");
      interrupted = await running("incoming/interrupted.csv");
      await emulator.stop("SIGTERM");
      await emulator.start();
    });

    it("is there again as it was deployed", expectNothingToDeploy);

    it("has what was finished, with its output", async () => {
      const file = await ended(stack().clients, finished, 1);
      expect(file).to.include({ status: "SUCCEEDED" });
      expect(await parquetOf(stack(), file.name)).to.have.lengthOf(1);
      expect(await runsOf(stack(), "incoming/finished.csv")).to.have.lengthOf(1);
    });

    it("has what had failed, in the failure queue", async () => {
      const failures = new FailureQueue(stack());
      const about = ({ file }: Letter): boolean => JSON.stringify(file).includes("incoming/failed.csv");
      const kept = await failures.letter("the message", about);
      expect(kept).to.include({ outcome: "failed", error: "JobRun.FAILED" });
    });

    it("fails what was under way, whose object and input are kept and can be started under another name", async () => {
      const { clients } = stack();
      const file = await ended(clients, interrupted, 1);
      // The emulator's own; on AWS, executions do not end so.
      expect(file).to.include({ status: "FAILED", error: "States.ServiceRestart" });
      await expectInBucket("incoming/interrupted.csv", large.length);
      const event = await eventOf(stack(), "incoming/interrupted.csv");
      expect(await sentAgain(stack(), event)).to.include({ started: 0, already: 1 });

      const { input = "" } = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn: file.arn }));
      const again = await replayed(stack(), JSON.parse(input));
      expect(again.output).to.include({ outcome: "succeeded" });
      expect(await parquetOf(stack(), again.name)).to.have.lengthOf(1);
      expect(await parquetOf(stack(), file.name)).to.deep.equal([]);
    });

    it("takes new files", async () => {
      expect(await processed("incoming/next.csv")).to.include({ status: "SUCCEEDED" });
    });
  });

  describe("when it is killed in the middle of a run", () => {
    let killed: string;

    before(async () => {
      const { emulator } = stack();
      killed = await running("incoming/killed.csv");
      await emulator.stop("SIGKILL");
      await emulator.start();
    });

    it("is there again as it was deployed", expectNothingToDeploy);

    it("knows nothing of the execution, but has the object, whose event a person sends again", async () => {
      const { clients } = stack();
      const missing = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn: killed })).then(
        () => expect.fail("it is known"),
        (error: unknown) => (error instanceof Error ? error.name : ""),
      );
      expect(missing).to.equal("ExecutionDoesNotExist");
      await expectInBucket("incoming/killed.csv", large.length);
      expect(await sentAgain(stack(), await eventOf(stack(), "incoming/killed.csv"))).to.include({ started: 1 });
      const file = await ended(clients, killed);
      expect(file).to.include({ status: "SUCCEEDED" });
      expect(await parquetOf(stack(), file.name)).to.have.lengthOf(1);
    });

    it("takes new files", async () => {
      expect(await processed("incoming/later.csv")).to.include({ status: "SUCCEEDED" });
    });
  });

  describe("when it is asked to stop before a file could be dispatched", () => {
    it("has the object, whose event a person sends again", async () => {
      const { clients, outputs, emulator } = stack();
      const key = "incoming/undispatched.csv";
      const arn = await whileBroken(stack(), "csv-dispatcher", { how: "exits" }, async (invocations) => {
        const arn = await upload(clients, outputs, { key, body: small });
        await eventually("the invocation", 10, () => Promise.resolve(invocations() === 1 || undefined));
        await emulator.stop("SIGTERM");
        await emulator.start();
        return arn;
      });
      await expectInBucket(key, small.length);
      expect(await sentAgain(stack(), await eventOf(stack(), key))).to.include({ started: 1, already: 0 });
      const file = await ended(clients, arn);
      expect(file).to.include({ status: "SUCCEEDED" });
      expect(await parquetOf(stack(), file.name)).to.have.lengthOf(1);
    });
  });

  // As does every emulator that was not told to keep what it holds.
  describe("when it has forgotten everything", () => {
    before(async () => {
      const { emulator } = stack();
      await emulator.stop();
      rmSync(join(emulator.folder, "state"), { recursive: true });
      await emulator.start();
    });

    it("is there again once the engine has looked for it: a deploy alone sees no reason to do anything", async function () {
      this.timeout("8 minutes");
      const { project } = stack();
      expect(Object.keys((await project.up()).changes)).to.deep.equal(["same"]);
      const { delete: missing } = (await project.refresh()).changes;
      const { create } = (await project.up()).changes;
      expect(missing).to.be.greaterThan(30);
      expect(create).to.equal(missing);

      const { clients } = stack();
      const file = await fileIn(clients, await project.outputs(), { key: "incoming/anew.csv", body: small });
      expect(file).to.include({ status: "SUCCEEDED" });
    });
  });
});
