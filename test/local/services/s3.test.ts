import { expect } from "chai";
import type { S3EventRecord } from "../../../local/services/s3-event.ts";
import type { TestWorldOptions } from "../../support/world.ts";
import {
  accountId,
  bucket,
  type Declared,
  policy,
  queue,
  queueArn,
  queueUrl,
  role,
  roleArn,
  topic,
  topicArn,
  versioned,
} from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld, textOf } from "../../support/world.ts";

const landing = { Bucket: "landing" } as const;

const letBucketSend: Declared = {
  type: "aws:sqs/queuePolicy:QueuePolicy",
  name: "q",
  given: {
    queueUrl: queueUrl("q"),
    policy: policy({
      Principal: { Service: "s3.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn("q"),
      Condition: {
        ArnEquals: { "aws:SourceArn": "arn:aws:s3:::landing" },
        StringEquals: { "aws:SourceAccount": accountId },
      },
    }),
  },
};

const notification = (...queues: readonly Readonly<Record<string, unknown>>[]): Declared => ({
  type: "aws:s3/bucketNotification:BucketNotification",
  name: "landing",
  given: {
    bucket: "landing",
    queues: queues.map((rule) => ({ queueArn: queueArn("q"), events: ["s3:ObjectCreated:*"], ...rule })),
  },
});

const notified = (
  rules: readonly Readonly<Record<string, unknown>>[],
  options: TestWorldOptions = {},
): Promise<TestWorld> =>
  testWorld([bucket("landing"), versioned("landing"), queue("q"), letBucketSend, notification(...rules)], options);

const records = (world: TestWorld): S3EventRecord[] =>
  (world.sqs.contents().q ?? []).flatMap(({ body }) => (JSON.parse(body) as { Records: S3EventRecord[] }).Records);

describe("S3Service", () => {
  it("gives back what was put, with its head", async () => {
    const { s3 } = await testWorld([bucket("landing")]);
    const put = await s3.putObject({
      ...landing,
      Key: "a b.csv",
      Body: "x,y\n",
      ContentType: "text/csv",
      Metadata: { by: "me" },
    });
    expect(put.ETag).to.match(/^"[0-9a-f]{32}"$/);
    const { Body, ...head } = s3.getObject({ ...landing, Key: "a b.csv" });
    expect(await textOf(Body)).to.equal("x,y\n");
    expect(head).to.deep.equal({
      ETag: put.ETag,
      ContentLength: 4,
      ContentType: "text/csv",
      LastModified: new Date(start),
      Metadata: { by: "me" },
    });
    expect(s3.headObject({ ...landing, Key: "a b.csv" })).to.deep.equal(head);
  });

  it("keeps one version without versioning, and deletes for good", async () => {
    const { s3 } = await testWorld([bucket("landing")]);
    const object = { ...landing, Key: "k" };
    await s3.putObject({ ...object, Body: "1" });
    await s3.putObject({ ...object, Body: Buffer.from("two") });
    expect(await textOf(s3.getObject({ ...object, VersionId: "null" }).Body)).to.equal("two");
    expect(s3.deleteObject(object)).to.deep.equal({});
    expect(s3.deleteObject(object), "deleting twice is no error").to.deep.equal({});
    expect((await errorOf(() => s3.getObject(object))).name).to.equal("NoSuchKey");
    expect(s3.path(object)).to.equal(undefined);
  });

  it("keeps every version with versioning, and covers deleted objects with a mark", async () => {
    const { s3 } = await testWorld([bucket("landing"), versioned("landing")]);
    const object = { ...landing, Key: "k" };
    const first = await s3.putObject({ ...object, Body: "1" });
    const second = await s3.putObject({ ...object, Body: "2" });
    expect(first.VersionId).not.to.equal(second.VersionId);
    const read = (VersionId?: string): Promise<string> =>
      textOf(s3.getObject({ ...object, ...(VersionId !== undefined && { VersionId }) }).Body);
    expect(await read()).to.equal("2");
    expect(await read(first.VersionId)).to.equal("1");

    const mark = s3.deleteObject(object);
    expect(mark.DeleteMarker).to.equal(true);
    expect((await errorOf(() => read())).name).to.equal("NoSuchKey");
    expect((await errorOf(() => read(mark.VersionId))).name).to.equal("MethodNotAllowed");
    expect(await read(second.VersionId)).to.equal("2");
    expect(s3.listObjectsV2(landing).KeyCount).to.equal(0);

    s3.deleteObject({ ...object, VersionId: mark.VersionId ?? "" });
    expect(await read()).to.equal("2");
    s3.deleteObject({ ...object, VersionId: second.VersionId ?? "" });
    expect(await read()).to.equal("1");
    expect((await errorOf(() => read(second.VersionId))).name).to.equal("NoSuchVersion");
    expect(s3.deleteObject({ ...object, VersionId: "ghost" })).to.deep.equal({ VersionId: "ghost" });
    s3.deleteObject({ ...object, VersionId: first.VersionId ?? "" });
    expect((await errorOf(() => read())).name).to.equal("NoSuchKey");
  });

  it("copies objects, versions too", async () => {
    const { s3 } = await testWorld([bucket("landing"), versioned("landing"), bucket("kept")]);
    const { VersionId = "" } = await s3.putObject({ ...landing, Key: "a b", Body: "old", ContentType: "text/plain" });
    await s3.putObject({ ...landing, Key: "a b", Body: "new" });
    await s3.copyObject({ Bucket: "kept", Key: "x", CopySource: `/landing/a%20b?versionId=${VersionId}` });
    const copied = await s3.copyObject({ ...landing, Key: "y", CopySource: "landing/a%20b" });
    expect(copied).to.have.keys("CopyObjectResult", "VersionId");
    const { Body, ContentType } = s3.getObject({ Bucket: "kept", Key: "x" });
    expect([await textOf(Body), ContentType]).to.deep.equal(["old", "text/plain"]);
    expect(await textOf(s3.getObject({ ...landing, Key: "y" }).Body)).to.equal("new");
    expect((await errorOf(() => s3.copyObject({ ...landing, Key: "z", CopySource: "landing" }))).name).to.equal(
      "InvalidArgument",
    );
  });

  it("lists by prefix and delimiter, page by page, in the order of UTF-8 bytes", async () => {
    const { s3 } = await testWorld([bucket("landing")]);
    for (const Key of ["b", "a/1", "a/2", "c/x/1", "c/y/1", "a", "\u{1F600}", "\uFFFD"])
      await s3.putObject({ ...landing, Key });
    const keys = (input: object): unknown => s3.listObjectsV2({ ...landing, ...input }).Contents?.map(({ Key }) => Key);
    expect(keys({})).to.deep.equal(["a", "a/1", "a/2", "b", "c/x/1", "c/y/1", "\uFFFD", "\u{1F600}"]);
    expect(keys({ Prefix: "a/" })).to.deep.equal(["a/1", "a/2"]);
    expect(keys({ StartAfter: "b", Prefix: "c" })).to.deep.equal(["c/x/1", "c/y/1"]);
    const grouped = s3.listObjectsV2({ ...landing, Prefix: "c/", Delimiter: "/" });
    expect(grouped).to.deep.equal({
      Name: "landing",
      Prefix: "c/",
      MaxKeys: 1000,
      KeyCount: 2,
      IsTruncated: false,
      CommonPrefixes: [{ Prefix: "c/x/" }, { Prefix: "c/y/" }],
    });
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = s3.listObjectsV2({
        ...landing,
        MaxKeys: 2,
        Delimiter: "/",
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      });
      found.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(found).to.deep.equal(["a", "a/", "b", "c/", "\uFFFD", "\u{1F600}"]);
    expect((await errorOf(() => keys({ ContinuationToken: "!" }))).name).to.equal("InvalidArgument");
  });

  it("lists a few of many objects without looking at the others", async () => {
    const { s3 } = await testWorld([bucket("landing")]);
    for (let index = 0; index < 5000; index++) {
      await s3.putObject({ ...landing, Key: `${index}/a` });
      const { Contents } = s3.listObjectsV2({ ...landing, Prefix: `${index}/` });
      expect(Contents?.map(({ Key }) => Key)).to.deep.equal([`${index}/a`]);
    }
  }).timeout(5000);

  it("refuses bucket names that S3 refuses: they would be folders elsewhere", async () => {
    for (const name of ["..", "a/b", "A-b", "ab", "x".repeat(64), "-abc", "a..b"]) {
      expect((await errorOf(() => testWorld([bucket(name)]))).message).to.contain(
        `.bucket must be 3 to 63 lower-case letters, digits, "." and "-"`,
      );
    }
  });

  it("refuses keys and buckets that cannot be", async () => {
    const { s3 } = await testWorld([bucket("landing")]);
    const name = async (Key: string, Bucket = "landing"): Promise<string> =>
      (await errorOf(() => s3.putObject({ Bucket, Key }))).name;
    expect(await name("k", "ghost")).to.equal("NoSuchBucket");
    expect(await name("")).to.equal("InvalidArgument");
    expect(await name("x".repeat(1025))).to.equal("KeyTooLongError");
    expect(await name("é".repeat(513))).to.equal("KeyTooLongError");
    expect(await name("\uD800")).to.equal("InvalidURI");
    await s3.putObject({ ...landing, Key: "é".repeat(512), IfNoneMatch: "*" });
    expect((await errorOf(() => s3.putObject({ ...landing, Key: "é".repeat(512), IfNoneMatch: "*" }))).name).to.equal(
      "PreconditionFailed",
    );
  });

  it("lets in only whom a policy allows", async () => {
    const world = await testWorld([
      bucket("landing"),
      ...role("none", "lambda.amazonaws.com"),
      ...role("reader", "lambda.amazonaws.com", { Action: "s3:GetObject", Resource: "arn:aws:s3:::landing/*" }),
      ...role(
        "lister",
        "lambda.amazonaws.com",
        { Action: "s3:GetObject", Resource: "*" },
        { Action: "s3:ListBucket", Resource: "arn:aws:s3:::landing" },
      ),
    ]);
    const object = { ...landing, Key: "k" };
    await world.s3.putObject({ ...object, Body: "x" });
    const call = (name: string, operation: string, input: object): Promise<unknown> =>
      world.api.call(roleArn(name), "s3", operation, input);
    for (const [operation, input, action] of [
      ["getObject", object, "s3:GetObject"],
      ["getObject", { ...object, VersionId: "null" }, "s3:GetObjectVersion"],
      ["headObject", object, "s3:GetObject"],
      ["putObject", object, "s3:PutObject"],
      ["deleteObject", object, "s3:DeleteObject"],
      ["deleteObject", { ...object, VersionId: "null" }, "s3:DeleteObjectVersion"],
      ["copyObject", { ...object, CopySource: "landing/k" }, "s3:GetObject"],
      ["listObjectsV2", landing, "s3:ListBucket"],
    ] as const) {
      const error = await errorOf(() => call("none", operation, input));
      expect(error.name).to.equal("AccessDenied");
      expect(error.message).to.contain(`is not authorized to perform: ${action} on resource: arn:aws:s3:::landing`);
      await world.api.callUnchecked("s3", operation, input).catch(() => undefined);
    }
    const missing = { ...landing, Key: "missing" };
    expect((await errorOf(() => call("reader", "getObject", missing))).name).to.equal("AccessDenied");
    expect((await errorOf(() => call("lister", "getObject", missing))).name).to.equal("NoSuchKey");
  });

  it("sends the event of a new object, key encoded as S3 does it", async () => {
    const world = await notified([{ id: "rule", filterPrefix: "in/", filterSuffix: ".csv" }]);
    const key = "in/a b+c%\"é😀(1)'*~!=.csv";
    const { VersionId } = await world.s3.putObject({ ...landing, Key: key, Body: "abc" });
    await world.settle();
    const [record] = records(world);
    expect(record).to.deep.include({
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "eu-central-1",
      eventTime: "2026-01-01T00:00:00.000Z",
      eventName: "ObjectCreated:Put",
    });
    expect(record?.s3).to.deep.equal({
      s3SchemaVersion: "1.0",
      configurationId: "rule",
      bucket: { name: "landing", ownerIdentity: { principalId: "EMBEDDED" }, arn: "arn:aws:s3:::landing" },
      object: {
        key: "in/a+b%2Bc%25%22%C3%A9%F0%9F%98%80%281%29%27*%7E%21%3D.csv",
        size: 3,
        eTag: "900150983cd24fb0d6963f7d28e17f72",
        versionId: VersionId,
        sequencer: record?.s3.object.sequencer,
      },
    });
    expect(decodeURIComponent(record?.s3.object.key.replaceAll("+", " ") ?? "")).to.equal(key);
    expect(world.events).to.deep.include({
      kind: "object-created",
      bucket: "landing",
      key,
      versionId: VersionId,
      size: 3,
    });
  });

  it("gives later events greater sequencers", async () => {
    const world = await notified([{}]);
    for (let index = 0; index < 20; index++) {
      await world.s3.putObject({ ...landing, Key: "k", Body: String(index) });
      if (index % 5 === 0) await world.clock.spawn(() => world.clock.sleep(1));
    }
    await world.settle();
    const sequencers = records(world).map(({ s3 }) => s3.object.sequencer);
    expect(sequencers).to.have.length(20);
    expect(sequencers).to.deep.equal([...new Set(sequencers)].sort());
  });

  it("says why it ignored an object", async () => {
    const world = await notified([{ filterPrefix: "in/", filterSuffix: ".csv" }]);
    for (const Key of ["in/a.txt", "out/a.csv", "a"]) await world.s3.putObject({ ...landing, Key });
    await world.settle();
    expect(records(world)).to.deep.equal([]);
    const reasons = world.events.flatMap((event) => (event.kind === "object-ignored" ? [event.reason] : []));
    expect(reasons).to.deep.equal([
      'its key does not end with ".csv"',
      'its key does not begin with "in/"',
      'its key does not begin with "in/" and does not end with ".csv"',
    ]);
    const copies = await notified([{ events: ["s3:ObjectCreated:Copy"] }]);
    await copies.s3.putObject({ ...landing, Key: "a" });
    expect(copies.events.at(-1)).to.have.property("reason", "no notification is configured for ObjectCreated:Put");
  });

  it("tells of copies and removals apart", async () => {
    const world = await notified([
      { id: "new", events: ["s3:ObjectCreated:Copy"] },
      { id: "gone", events: ["s3:ObjectRemoved:*"] },
    ]);
    await world.s3.putObject({ ...landing, Key: "a" });
    await world.s3.copyObject({ ...landing, Key: "b", CopySource: "landing/a" });
    const mark = world.s3.deleteObject({ ...landing, Key: "b" });
    world.s3.deleteObject({ ...landing, Key: "b", VersionId: mark.VersionId ?? "" });
    await world.settle();
    const told = records(world).map(({ eventName, s3 }) => [eventName, s3.configurationId, s3.object.size]);
    expect(told).to.deep.equal([
      ["ObjectCreated:Copy", "new", 0],
      ["ObjectRemoved:DeleteMarkerCreated", "gone", undefined],
      ["ObjectRemoved:Delete", "gone", undefined],
    ]);
    const plain = await testWorld([
      bucket("landing"),
      queue("q"),
      letBucketSend,
      notification({ events: ["s3:ObjectRemoved:Delete"] }),
    ]);
    await plain.s3.putObject({ ...landing, Key: "a" });
    plain.s3.deleteObject({ ...landing, Key: "a" });
    await plain.settle();
    expect(records(plain).map(({ eventName, s3 }) => [eventName, s3.object.versionId])).to.deep.equal([
      ["ObjectRemoved:Delete", undefined],
    ]);
  });

  it("delivers twice, late or never, as it is told to", async () => {
    const world = await notified([{}], {
      deliveries: ({ s3 }) => (s3.object.key === "lost" ? [] : s3.object.key === "late" ? [5000] : [0, 1000]),
    });
    for (const Key of ["late", "twice", "lost"]) await world.s3.putObject({ ...landing, Key });
    await world.settle();
    expect(records(world).map(({ s3 }) => s3.object.key)).to.deep.equal(["twice", "twice", "late"]);
    expect(world.clock.now()).to.equal(start + 5000);
  });

  it("sends to topics too", async () => {
    const world = await testWorld([
      bucket("landing"),
      topic("t"),
      {
        type: "aws:sns/topicPolicy:TopicPolicy",
        name: "t",
        given: {
          arn: topicArn("t"),
          policy: policy({ Principal: { Service: "s3.amazonaws.com" }, Action: "sns:Publish", Resource: "*" }),
        },
      },
      {
        type: "aws:s3/bucketNotification:BucketNotification",
        name: "n",
        given: { bucket: "landing", topics: [{ topicArn: topicArn("t"), events: ["s3:ObjectCreated:Put"] }] },
      },
    ]);
    await world.s3.putObject({ ...landing, Key: "a" });
    await world.settle();
    expect(world.sns.notifications).to.have.length(1);
  });

  describe("when it reads notifications", () => {
    const base = [bucket("landing"), queue("q")];
    const problem = async (...declared: readonly Declared[]): Promise<string> =>
      (await errorOf(() => testWorld([...base, ...declared]))).message;

    it("refuses rules that one key could match twice", async () => {
      const overlapping = await problem(
        letBucketSend,
        notification(
          { id: "a", filterPrefix: "in/" },
          { id: "b", events: ["s3:ObjectCreated:Put"], filterPrefix: "in/x" },
        ),
      );
      expect(overlapping).to.contain('the rules "a" and "b" overlap');
      await notified([
        { filterPrefix: "in/", filterSuffix: ".csv" },
        { filterPrefix: "in/", filterSuffix: ".json" },
        { filterPrefix: "out/", filterSuffix: ".csv" },
        { events: ["s3:ObjectRemoved:*"], filterPrefix: "in/" },
      ]);
    });

    it("refuses a target whose policy does not let the bucket in", async () => {
      expect(await problem(notification({}))).to.contain(
        `arn:aws:s3:::landing may not send events to ${queueArn("q")}`,
      );
    });

    it("refuses two notifications of one bucket, strange events and strange targets", async () => {
      expect(await problem(letBucketSend, notification({}), notification({}))).to.contain("has a notification already");
      expect(await problem(letBucketSend, notification({ events: ["ObjectCreated"] }))).to.contain(
        "events must be event types",
      );
      expect(await problem(letBucketSend, notification({ queueArn: "arn:aws:kinesis:a:b:c" }))).to.contain(
        "functions, queues and topics",
      );
    });
  });
});
