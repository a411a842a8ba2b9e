import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { fileIn } from "../support/deployed/files.ts";
import { inventoryOf } from "../support/drill/inventory.ts";

describe("The end of the local stack", function () {
  // Deleting a queue alone takes the provider more than a minute.
  this.timeout("8 minutes");
  const stack = deployed({ config: { ...quickRuns, forceDestroy: "false" } });
  const key = "incoming/precious.csv";

  before(async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key, body: "a\n1\n" });
    expect(file).to.include({ status: "SUCCEEDED" });
  });

  it("finds everything of it that is looked for below, while it is there", async () => {
    const { emulator } = stack();
    expect(Object.keys(await inventoryOf(emulator))).to.have.members([
      "buckets",
      "functions",
      "state machines",
      "queues",
      "tables",
      "topics",
      "roles",
      "log groups",
    ]);
  });

  it("is refused while buckets hold data, in words that name them, and the data stay", async () => {
    const { project, clients, outputs } = stack();
    const { landingBucket = "", outputBucket = "" } = outputs;
    const error = await project.destroy().then(
      () => expect.fail("it was destroyed"),
      (reason: unknown) => String(reason),
    );
    expect(error).to.include("BucketNotEmpty");
    expect(error).to.include(landingBucket).and.include(outputBucket);

    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: landingBucket, Key: key }));
    expect(await Body?.transformToString()).to.equal("a\n1\n");
  });

  it("can be taken back by another deploy, with the data that were there", async () => {
    const { project, clients, outputs } = stack();
    await project.setConfig({ forceDestroy: "true" });
    await project.up();
    const now = await project.outputs();
    expect(now).to.include({ landingBucket: outputs.landingBucket, outputBucket: outputs.outputBucket });
    const file = await fileIn(clients, now, { key: "incoming/after.csv", body: "a\n1\n" });
    expect(file).to.include({ status: "SUCCEEDED" });
  });

  it("leaves nothing once the config lets it take the data too, old versions included", async () => {
    const { project, clients, emulator, outputs } = stack();
    await clients.s3.send(new PutObjectCommand({ Bucket: outputs.landingBucket, Key: key, Body: "a\n2\n" }));
    await project.destroy();
    expect(await inventoryOf(emulator)).to.deep.equal({});
    expect(await project.resources()).to.deep.equal([]);
  });
});
