import { expect } from "chai";
import { sample } from "./contracts.ts";
import { problemsOf } from "./open-lineage.ts";
import { Quality, type Failure, type Stack } from "./quality.ts";

const good = sample("orders-2025-12-29.csv");
const broken = sample("orders-2025-12-30-broken-rules.csv");
const withChannel = Buffer.from(good.toString().replace(/\n/g, ",web\n").replace(",web", ",channel"));

const only = (failures: readonly Failure[]): Failure => {
  const [failure, ...others] = failures;
  if (failure === undefined || others.length > 0) throw new Error(`${failures.length} failures`);
  return failure;
};

for (const stack of ["local", "prod"] as const satisfies readonly Stack[]) {
  describe(`Drills of data quality on stack ${stack}`, () => {
    let quality: Quality;
    beforeEach(async () => {
      quality = await Quality.of(stack);
    });

    /** The file has come to nothing but a failure: what is kept of it, and in the lineage. */
    const expectFailed = async (name: string, stage: string | undefined, error: string): Promise<Failure> => {
      const failure = only(quality.failures);
      expect([failure.stage, failure.error]).to.deep.equal([stage, error]);
      expect(await quality.keys("accepted/")).to.deep.equal([]);
      expect(await quality.keys("quarantine/")).to.deep.equal([]);
      expect(await quality.schema()).to.equal(undefined);
      const failed = await quality.lineage(name, "FAIL");
      expect(problemsOf(failed)).to.deep.equal([]);
      expect(JSON.stringify(failed.run.facets)).to.contain(error);
      return failure;
    };

    const expectPublished = async (name: string): Promise<void> => {
      expect(quality.ended.at(-1)).to.include({ status: "SUCCEEDED" });
      expect((await quality.read("accepted/")).equals(good)).to.equal(true);
      expect(await quality.schema()).to.deep.include({ version: 1 });
      const [began, ended] = [await quality.lineage(name, "START"), await quality.lineage(name, "COMPLETE")];
      expect(ended.run.runId, "a replay is the same run, going on").to.equal(began.run.runId);
    };

    it("Profile fails for good: nothing is decided, and a replay goes on there", async () => {
      await quality.take("fail-profile.csv", good);
      expect(quality.runs).to.deep.equal(["FAILED", "FAILED"]);
      const failure = await expectFailed("fail-profile", "Profile", "JobRun.FAILED");
      expect(failure.cause).to.contain("no memory");
      expect(failure.replay.resume).to.deep.include({ from: "Profile", executionName: failure.executionName });
      await quality.replay(failure.replay);
      expect(quality.runs).to.deep.equal(["FAILED", "FAILED", "SUCCEEDED"]);
      await expectPublished("fail-profile");
    });

    it("Profile fails once: it is run again, and nobody is told", async () => {
      await quality.take("late-failure.csv", good);
      expect(quality.runs).to.deep.equal(["FAILED", "SUCCEEDED"]);
      expect(quality.failures).to.deep.equal([]);
      await expectPublished("late-failure");
    });

    it("Check schema fails on a spoilt table: mended, the replay needs no other run", async () => {
      await quality.putSchema("7", "no schema");
      await quality.take("orders.csv", good);
      const failure = only(quality.failures);
      expect([failure.stage, failure.error]).to.deep.equal(["Check schema", "SyntaxError"]);
      expect(await quality.keys("accepted/")).to.deep.equal([]);
      await quality.cloud.asUser.call("dynamodb", "deleteItem", {
        TableName: quality.output("schemasTable"),
        Key: { Dataset: { S: "orders" } },
      });
      await quality.replay(failure.replay);
      expect(quality.runs).to.deep.equal(["SUCCEEDED"]);
      await expectPublished("orders");
    });

    for (const [stage, service, operation, error, file] of [
      ["Record start", "s3", "putObject", "SlowDown", good],
      ["Check schema", "dynamodb", "getItem", "ProvisionedThroughputExceededException", good],
      ["Publish", "s3", "copyObject", "SlowDown", good],
      ["Publish", "dynamodb", "putItem", "ThrottlingException", good],
      ["Quarantine", "s3", "copyObject", "SlowDown", broken],
      ["Quarantine", "sns", "publish", "ThrottledException", broken],
    ] as const) {
      it(`${stage} is throttled by ${service} for a while: it is tried again, and it is as if nothing had been`, async () => {
        // A task of the machine publishes too; that has a name of its own for the error.
        quality.throttle(service, operation, error, 3);
        await quality.take("orders.csv", file);
        expect(quality.ended.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
        expect(quality.failures).to.deep.equal([]);
        expect(await quality.keys("lineage/")).to.have.length(2);
        expect(quality.told("findings")).to.have.length(file === broken ? 1 : 0);
      });
    }

    it("Publish is throttled for good: the file waits with its profile, and the replay publishes it", async () => {
      quality.throttle("s3", "copyObject", "SlowDown", 5);
      await quality.take("orders.csv", good);
      const failure = only(quality.failures);
      expect([failure.stage, failure.error]).to.deep.equal(["Publish", "SlowDown"]);
      expect(problemsOf(await quality.lineage("orders", "FAIL"))).to.deep.equal([]);
      await quality.replay(failure.replay);
      expect(quality.runs).to.deep.equal(["SUCCEEDED"]);
      await expectPublished("orders");
    });

    it("Quarantine is throttled for good: the file is nowhere but where it landed, and the replay sets it apart", async () => {
      quality.throttle("s3", "copyObject", "SlowDown", 5);
      await quality.take("orders.csv", broken);
      const failure = await expectFailed("orders", "Quarantine", "SlowDown");
      await quality.replay(failure.replay);
      expect((await quality.read("quarantine/", "orders.csv")).equals(broken)).to.equal(true);
      expect(quality.told("findings")).to.have.length(1);
    });

    it("Record start is throttled for good: nothing has begun, and the replay begins", async () => {
      quality.throttle("s3", "putObject", "SlowDown", 5);
      await quality.take("orders.csv", good);
      const failure = await expectFailed("orders", "Record start", "SlowDown");
      expect(quality.runs).to.deep.equal([]);
      await quality.replay(failure.replay);
      expect(quality.runs).to.deep.equal(["SUCCEEDED"]);
      await expectPublished("orders");
    });

    it("Profile is throttled by S3 once: its run fails, another one is started, and nobody is told", async () => {
      quality.throttle("s3", "getObject", "SlowDown", 1);
      await quality.take("orders.csv", good);
      expect(quality.runs).to.deep.equal(["FAILED", "SUCCEEDED"]);
      expect(quality.failures).to.deep.equal([]);
      await expectPublished("orders");
    });

    it("two files at once, of which one adds a column: the other is not published beside it", async () => {
      await quality.land("new.csv", withChannel);
      await quality.land("old.csv", good);
      await quality.cloud.settle();
      expect(await quality.schema()).to.deep.include({ version: 1 });
      expect(await quality.keys("accepted/")).to.deep.equal(["accepted/orders/execution=…/new.csv"]);
      const failure = only(quality.failures);
      expect([failure.stage, failure.error]).to.deep.equal(["Publish", "SchemaOvertakenError"]);
      // From the beginning, it is judged by the schema of now.
      await quality.replay(failure.input);
      expect(quality.result("quarantine").reasons).to.deep.equal(['Schema: column "channel" was removed']);
    });

    it("an execution is aborted: its run is stopped, the lineage says so, and a replay publishes the file", async () => {
      await quality.land("orders.csv", good);
      await quality.pass(12);
      await quality.abort("orders");
      await quality.cloud.settle();
      const failure = only(quality.failures);
      expect(failure.error).to.equal("Execution.ABORTED");
      expect(failure.cause).to.match(/stopped jr_[0-9a-f]{64} of Profile$/);
      expect(await quality.keys()).to.deep.equal(["lineage/execution=…/ABORT.json", "lineage/execution=…/START.json"]);
      expect(problemsOf(await quality.lineage("orders", "ABORT"))).to.deep.equal([]);
      await quality.replay(failure.input);
      expect(quality.runs).to.have.length(2);
      await expectPublished("replay-1");
    });

    it("a replay of what has been done changes nothing", async () => {
      await quality.take("orders.csv", good);
      const keys = await quality.keys();
      const file = (quality.told("results")[0] as { file: Record<string, unknown> }).file;
      await quality.replay({ arguments: file }, "again");
      expect(await quality.schema()).to.deep.include({ version: 1 });
      expect(await quality.keys()).to.have.length(2 * keys.length);
      expect(quality.result("publish").schemaVersion).to.equal(1);
    });
  });
}
