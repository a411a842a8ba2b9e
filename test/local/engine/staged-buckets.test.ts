import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "../../../local/clock.ts";
import { StagedBuckets } from "../../../local/engine/staged-buckets.ts";
import { MemoryStorage } from "../../../local/services/memory-storage.ts";
import { S3Service } from "../../../local/services/s3.ts";
import { bucket, graphOf, region, role, roleArn, versioned } from "../../support/graph.ts";
import { worldOf } from "../../support/world-of.ts";

describe("Buckets as folders", () => {
  let folder: string;
  let s3: S3Service;
  let staged: StagedBuckets;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-staged-"));
    const graph = graphOf([
      ...["data", "secret"].map(bucket),
      versioned("data"),
      ...role("job", "glue.amazonaws.com", { Action: "s3:*", Resource: "arn:aws:s3:::data/*" }),
    ]);
    const world = worldOf(graph, new VirtualClock(0));
    s3 = new S3Service(world, { storage: new MemoryStorage(), deliver: () => undefined });
    world.api.connect({ s3 });
    const { api } = world;
    staged = new StagedBuckets(folder, {
      role: roleArn("job"),
      cloud: {
        region,
        buckets: ["data", "secret"],
        api,
        owner: (service, operation, input) => api.callUnchecked(service, operation, input),
      },
    });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const keysIn = (Bucket: string): readonly string[] =>
    (s3.listObjectsV2({ Bucket }).Contents ?? []).map(({ Key }) => Key);

  it("leave every object as it is, whatever its key, until Spark changes something", async () => {
    const keys = [
      ...["a", "a/b", "x//y", "../up", "/top", "nul\0l", "line\nend", "long".repeat(250), "ü é", "."],
      ...["_temporary/0/part", "out/.part-0.crc", ".spark-staging-1/x", ".b.tmp", "plain"],
    ];
    for (const Key of keys) await s3.putObject({ Bucket: "data", Key, Body: Key });
    await s3.putObject({ Bucket: "secret", Key: "x", Body: "x" });
    const before = keysIn("data").map((Key) => s3.headObject({ Bucket: "data", Key }).VersionId);
    await staged.fill();
    await staged.publish();
    expect(keysIn("data").map((Key) => s3.headObject({ Bucket: "data", Key }).VersionId)).to.deep.equal(before);
    expect(keysIn("data")).to.have.members(keys);
    expect(keysIn("secret")).to.deep.equal(["x"]);
  });

  it("take no object that is being copied for one that Spark has written", async () => {
    await staged.fill();
    const Body = Buffer.alloc(3_000_000, "x");
    const { VersionId } = await s3.putObject({ Bucket: "data", Key: "large", Body });
    await Promise.all([staged.fetch("data", "large"), ...Array.from({ length: 20 }, () => staged.publish())]);
    expect(s3.headObject({ Bucket: "data", Key: "large" })).to.deep.include({ VersionId, ContentLength: 3_000_000 });
  });

  it("look at one file alone where one object is asked for, and at all where that has changed", async () => {
    for (const Key of ["asked", "other"]) await s3.putObject({ Bucket: "data", Key, Body: Key });
    await staged.fill();
    writeFileSync(join(folder, "data", "new"), "new");
    for (const key of ["asked", "x//y"]) await staged.publishChanged("data", key);
    expect(keysIn("data")).to.deep.equal(["asked", "other"]);
    rmSync(join(folder, "data", "other"));
    await staged.publishChanged("data", "other");
    expect(keysIn("data")).to.deep.equal(["asked", "new"]);
    writeFileSync(join(folder, "data", "newer"), "newer");
    await staged.publishChanged("data", "newer");
    expect(keysIn("data")).to.deep.equal(["asked", "new", "newer"]);
  });

  it("make objects of what is written there, and delete those that are deleted", async () => {
    for (const Key of ["old", "kept"]) await s3.putObject({ Bucket: "data", Key, Body: Key });
    await staged.fill();
    writeFileSync(join(folder, "data", "new"), "new");
    rmSync(join(folder, "data", "old"));
    await staged.publish();
    expect(keysIn("data")).to.deep.equal(["kept", "new"]);
  });
});
