import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { deployed } from "../support/deployed/deployed.ts";
import { arnOf, ended } from "../support/deployed/files.ts";
import { drained } from "../support/deployed/queues.ts";

const entries = 1200;

describe("table-to-queue on an emulator", function () {
  this.timeout("5 minutes");
  const stack = deployed({ example: "table-to-queue", config: {} });

  it("sends each entry once, and none again when it is started again", async () => {
    const { clients, outputs } = stack();
    const run = async (name: string) => {
      await clients.stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: outputs.stateMachineArn,
          name,
          input: JSON.stringify({ entries }),
        }),
      );
      return ended(clients, arnOf(outputs, name), 200);
    };
    const first = await run("first");
    expect(first.cause).to.equal(undefined);
    expect(first.status).to.equal("SUCCEEDED");
    const sent = await drained(clients, outputs.queueUrl);
    expect(sent).to.have.length(entries);
    expect(new Set(sent)).to.have.property("size", entries);

    const second = await run("second");
    expect(second.status).to.equal("SUCCEEDED");
    expect(await drained(clients, outputs.queueUrl)).to.deep.equal([]);
  });
});
