import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { endedEntries, entriesOf } from "../support/deployed/queued.ts";

describe("A stack whose files wait in a queue, when they are to be taken on in another way", function () {
  // Deleting a queue alone takes the provider more than a minute.
  this.timeout("8 minutes");
  const stack = deployed({
    config: { ...quickRuns, dispatch: "batch", batchWindowSeconds: "1", forceDestroy: "false" },
  });

  const land = async (key: string): Promise<void> => {
    const { clients, outputs } = stack();
    await clients.s3.send(new PutObjectCommand({ Bucket: outputs.landingBucket, Key: key, Body: "a\n1\n" }));
  };

  it("keeps its ledger and its queue from batches to single files, which takes what is in them on", async () => {
    const { project, outputs } = stack();
    await land("incoming/before.csv");
    await project.setConfig({ dispatch: "per-file", batchWindowSeconds: "60", ledger: "true" });
    await project.up();
    const { ledgerTable, arrivalQueueUrl } = outputs;
    expect(await project.outputs()).to.include({ ledgerTable, arrivalQueueUrl });
    await land("incoming/after.csv");
    const entries = await endedEntries(stack(), ["incoming/before.csv", "incoming/after.csv"]);
    expect(entries.map(({ state }) => state)).to.deep.equal(["succeeded", "succeeded"]);
    expect(entries.map(({ rowsWritten }) => rowsWritten)).to.deep.equal([1, 1]);
  });

  it("refuses to be without them before anything is changed, until it is told that they may go", async () => {
    const { project } = stack();
    const before = await project.resources();
    await project.setConfig({ ledger: "false" });
    const error = await project.preview().then(
      () => expect.fail("it would be done"),
      (reason: unknown) => String(reason),
    );
    expect(error).to.match(/csv-queued-(ledger|arrivals).*protect/s);
    expect(await project.resources()).to.deep.equal(before);
    expect((await entriesOf(stack())).size).to.equal(2);
    await project.setConfig({ ledger: "true", forceDestroy: "true" });
    await project.up();
    await project.setConfig({ ledger: "false" });
    const { changes } = await project.preview();
    expect(changes.delete).to.be.above(0);
  });
});
