import { expect } from "chai";
import fc from "fast-check";
import type { ListObjectVersionsOutput } from "../../../local/services/list-object-versions.ts";
import { errorOf, testWorld, type TestWorld } from "../../support/world.ts";

const Bucket = "landing";

const worldWithVersions = (): Promise<TestWorld> =>
  testWorld([
    { type: "aws:s3/bucket:Bucket", name: "landing", given: { bucket: Bucket } },
    {
      type: "aws:s3/bucketVersioning:BucketVersioning",
      name: "landing",
      given: { bucket: Bucket, versioningConfiguration: { status: "Enabled" } },
    },
  ]);

describe("ListObjectVersions", () => {
  it("lists all versions and marks by key, the newest of a key first, whatever the size of the pages", async () => {
    const keys = fc.array(fc.constantFrom("in/a", "in/b", "in/ü", "in/a/c", "other"), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 5 }), async (puts, MaxKeys) => {
        const { s3 } = await worldWithVersions();
        const written: { readonly key: string; readonly id: string }[] = [];
        for (const [index, Key] of puts.entries()) {
          const isDeleted = index % 4 === 3;
          const { VersionId = "" } = isDeleted
            ? s3.deleteObject({ Bucket, Key })
            : await s3.putObject({ Bucket, Key, Body: "x" });
          written.push({ key: Key, id: VersionId });
        }
        const listed: { readonly key: string; readonly id: string; readonly latest: boolean }[] = [];
        let page: Partial<ListObjectVersionsOutput> = { IsTruncated: true };
        while (page.IsTruncated === true) {
          page = s3.listObjectVersions({
            Bucket,
            Prefix: "in/",
            MaxKeys,
            ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
            ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
          });
          const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
          expect(all).to.have.length.at.most(MaxKeys);
          listed.push(...all.map(({ Key, VersionId, IsLatest }) => ({ key: Key, id: VersionId, latest: IsLatest })));
        }
        const expected = written.filter(({ key }) => key.startsWith("in/"));
        expect(listed.map(({ id }) => id)).to.have.members(expected.map(({ id }) => id));
        for (const key of new Set(expected.map((one) => one.key))) {
          const newest = expected.findLast((one) => one.key === key);
          expect(listed.filter((one) => one.key === key && one.latest).map(({ id }) => id)).to.deep.equal([newest?.id]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("refuses a version to go on behind that there is not", async () => {
    const { s3 } = await worldWithVersions();
    const input = { Bucket, KeyMarker: "a", VersionIdMarker: "v" };
    expect((await errorOf(() => s3.listObjectVersions(input))).name).to.equal("InvalidArgument");
  });
});

describe("ChangeMessageVisibility", () => {
  it("shows a received message again at once, and refuses one that is not out", async () => {
    const { sqs } = await testWorld([
      {
        type: "aws:sqs/queue:Queue",
        name: "q",
        given: { name: "q", arn: "arn:aws:sqs:us-east-1:0:q", url: "https://q" },
      },
    ]);
    sqs.sendMessage({ QueueUrl: "q", MessageBody: "a" });
    const [{ ReceiptHandle } = { ReceiptHandle: "" }] =
      sqs.receiveMessage({ QueueUrl: "q", VisibilityTimeout: 60 }).Messages ?? [];
    expect(sqs.receiveMessage({ QueueUrl: "q" }).Messages).to.equal(undefined);
    const change = { QueueUrl: "q", ReceiptHandle, VisibilityTimeout: 0 };
    sqs.changeMessageVisibility(change);
    expect(sqs.receiveMessage({ QueueUrl: "q" }).Messages).to.have.length(1);
    sqs.deleteMessage({ QueueUrl: "q", ReceiptHandle });
    expect((await errorOf(() => sqs.changeMessageVisibility(change))).name).to.equal("MessageNotInflight");
    const bad = { ...change, VisibilityTimeout: 43_201 };
    expect((await errorOf(() => sqs.changeMessageVisibility(bad))).name).to.equal("InvalidParameterValue");
  });
});
