import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { arnOf, ended, fileIn } from "../support/deployed/files.ts";
import { failuresIn } from "../support/deployed/queues.ts";

const orders = readFileSync(new URL("../../examples/data-lake/samples/1-web-orders.csv", import.meta.url));
/** Its Transform fails, but not where another execution does the work again. */
const broken = [{ match: "*broken*", stage: "Transform", execution: "broken*", Return: { JobRunState: "FAILED" } }];

describe("A pipeline of stages on an emulator", function () {
  this.timeout("3 minutes");
  const stack = deployed({
    example: "data-lake",
    config: {
      ...Object.fromEntries(Object.entries(quickRuns).map(([key, value]) => [`glue-pipeline:${key}`, value])),
      "glue-pipeline:maxAttempts": "1",
      "glue-pipeline:simulatedScenarios": JSON.stringify(broken),
    },
  });

  const keysUnder = async (prefix: string): Promise<readonly string[]> => {
    const { clients, outputs } = stack();
    const { Contents = [] } = await clients.s3.send(
      new ListObjectsV2Command({ Bucket: outputs.outputBucket, Prefix: prefix }),
    );
    return Contents.map(({ Key = "" }) => Key);
  };

  it("takes a file through all its jobs, one after the other", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/orders.csv", body: orders });
    expect(file.cause).to.equal(undefined);
    expect(file.status).to.equal("SUCCEEDED");
    expect(file.output?.stages).to.have.all.keys("ingestRaw", "transform", "aggregate");
    expect(await keysUnder("daily_revenue/day=")).to.not.be.empty;
  });

  it("says which stage has failed, and goes on from there where it is replayed", async () => {
    const { clients, outputs } = stack();
    const failed = await fileIn(clients, outputs, { key: "incoming/broken.csv", body: orders });
    expect(failed.status).to.equal("FAILED");
    const [failure] = await failuresIn(clients, outputs);
    expect(failure).to.include({ outcome: "failed", stage: "Transform", executionName: failed.name });
    expect(failure?.replay).to.have.nested.property("resume.from", "Transform");

    const name = `replay-${randomUUID()}`;
    await clients.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: outputs.stateMachineArn,
        name,
        input: JSON.stringify(failure?.replay),
      }),
    );
    const replayed = await ended(clients, arnOf(outputs, name));
    expect(replayed.status).to.equal("SUCCEEDED");
    expect(await keysUnder("raw_orders/")).to.satisfy((keys: readonly string[]) =>
      keys.every((key) => !key.includes(name)),
    );
    expect(replayed.output).to.have.nested.property("stages.ingestRaw.attempts", 1);
  });
});
