import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { VirtualClock } from "../../../local/clock.ts";
import type { GetShardIteratorInput } from "../../../local/services/kinesis-api.ts";
import { role, roleArn, stream, streamArn } from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

const worldWith = (given: Readonly<Record<string, unknown>> = {}): Promise<TestWorld> =>
  testWorld([stream("s", given)]);

const entries = (...keys: readonly string[]): { Data: Uint8Array; PartitionKey: string }[] =>
  keys.map((key, index) => ({ Data: Buffer.from(`${index}`), PartitionKey: key }));

const iterator = ({ kinesis }: TestWorld, given: Partial<GetShardIteratorInput> = {}): string =>
  kinesis.getShardIterator({
    StreamName: "s",
    ShardId: "shardId-000000000000",
    ShardIteratorType: "TRIM_HORIZON",
    ...given,
  }).ShardIterator;

const textsFrom = (world: TestWorld, ShardIterator: string, Limit?: number): readonly string[] =>
  world.kinesis
    .getRecords({ ShardIterator, ...(Limit !== undefined && { Limit }) })
    .Records.map(({ Data }) => Buffer.from(Data).toString());

describe("Kinesis", () => {
  it("puts a record into the shard that the MD5 of its key says, for any number of shards", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.string({ minLength: 1, maxLength: 20 }),
        async (count, key) => {
          const { kinesis } = await worldWith({ shardCount: count });
          const hash = BigInt(`0x${createHash("md5").update(key).digest("hex")}`);
          // Shards share the hash keys evenly: the last key of shard i is the whole part of 2^128 × (i + 1) / count, less 1.
          const expected = Array.from(
            { length: count },
            (_, i) => (2n ** 128n * BigInt(i + 1)) / BigInt(count),
          ).findIndex((end) => hash < end);
          const { ShardId } = kinesis.putRecord({ StreamName: "s", Data: "x", PartitionKey: key });
          expect(ShardId).to.equal(`shardId-${String(expected).padStart(12, "0")}`);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives the records of a shard in their order, from wherever an iterator begins", async () => {
    const world = await worldWith();
    const { Records } = world.kinesis.putRecords({ StreamARN: streamArn("s"), Records: entries("a", "b", "c") });
    const [, second] = Records.map((record) => ("SequenceNumber" in record ? record.SequenceNumber : ""));
    expect(textsFrom(world, iterator(world))).to.deep.equal(["0", "1", "2"]);
    expect(textsFrom(world, iterator(world), 2)).to.deep.equal(["0", "1"]);
    const from = (
      ShardIteratorType: GetShardIteratorInput["ShardIteratorType"],
      more: object = {},
    ): readonly string[] => textsFrom(world, iterator(world, { ShardIteratorType, ...more }));
    expect(from("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: second })).to.deep.equal(["1", "2"]);
    expect(from("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber: second })).to.deep.equal(["2"]);
    expect(from("AT_TIMESTAMP", { Timestamp: new Date(start) })).to.deep.equal(["0", "1", "2"]);
    expect(from("AT_TIMESTAMP", { Timestamp: new Date(start + 1) })).to.deep.equal([]);
    expect(from("LATEST")).to.deep.equal([]);
  });

  it("goes on with the iterator that each answer holds, and says how far behind a reader is", async () => {
    const clock = new VirtualClock(start);
    const world = await testWorld([stream("s")], { clock });
    world.kinesis.putRecords({ StreamName: "s", Records: entries("a", "b") });
    await clock.spawn(() => clock.sleep(2000));
    const first = world.kinesis.getRecords({ ShardIterator: iterator(world), Limit: 1 });
    expect(first.MillisBehindLatest).to.equal(2000);
    const second = world.kinesis.getRecords({ ShardIterator: first.NextShardIterator });
    expect(second.Records.map(({ Data }) => Buffer.from(Data).toString())).to.deep.equal(["1"]);
    expect(second.MillisBehindLatest).to.equal(0);
    expect(second.Records[0]?.ApproximateArrivalTimestamp).to.deep.equal(new Date(start));
  });

  it("lets an iterator expire after five minutes, and a record after the stream's retention", async () => {
    const clock = new VirtualClock(start);
    const world = await testWorld([stream("s", { retentionPeriod: 48 })], { clock });
    world.kinesis.putRecords({ StreamName: "s", Records: entries("a") });
    const old = iterator(world);
    await clock.spawn(() => clock.sleep(300_001));
    const { name } = await errorOf(() => world.kinesis.getRecords({ ShardIterator: old }));
    expect(name).to.equal("ExpiredIteratorException");
    await clock.spawn(() => clock.sleep(47 * 3_600_000));
    expect(textsFrom(world, iterator(world))).to.deep.equal(["0"]);
    await clock.spawn(() => clock.sleep(3_600_000));
    expect(textsFrom(world, iterator(world))).to.deep.equal([]);
    expect(world.kinesis.contents()).to.deep.equal({ s: [] });
  });

  it("takes a thousand records a second of a shard, and refuses the others by themselves", async () => {
    const clock = new VirtualClock(start);
    const world = await testWorld([stream("s")], { clock });
    const put = (count: number): number =>
      world.kinesis.putRecords({ StreamName: "s", Records: entries(...Array<string>(count).fill("a")) })
        .FailedRecordCount;
    expect([put(500), put(400), put(300)]).to.deep.equal([0, 0, 200]);
    const error = await errorOf(() => world.kinesis.putRecord({ StreamName: "s", Data: "x", PartitionKey: "a" }));
    expect(error.name).to.equal("ProvisionedThroughputExceededException");
    expect(error.message).to.match(/^Rate exceeded for shard shardId-000000000000 in stream s under account \d{12}\.$/);
    await clock.spawn(() => clock.sleep(1000));
    expect(put(500)).to.equal(0);
  });

  it("takes a mebibyte a second of a shard, keys included", async () => {
    const world = await worldWith({ maxRecordSizeInKib: 2048 });
    const half = Buffer.alloc(512 * 1024 - 1);
    const put = (data: Uint8Array): unknown =>
      world.kinesis.putRecords({ StreamName: "s", Records: [{ Data: data, PartitionKey: "k" }] }).FailedRecordCount;
    expect([put(half), put(half), put(Buffer.from("x"))]).to.deep.equal([0, 0, 1]);
  });

  it("refuses what the API refuses, and says what it allows", async () => {
    const { kinesis } = await worldWith();
    const failing = async (call: () => unknown): Promise<string> => {
      const { name, message } = await errorOf(call);
      return `${name}: ${message}`;
    };
    expect(await failing(() => kinesis.putRecords({ StreamName: "s", Records: [] }))).to.equal(
      "InvalidArgumentException: records must be 1 to 500 records, got 0",
    );
    expect(
      await failing(() => kinesis.putRecords({ StreamName: "s", Records: entries(...Array<string>(501).fill("a")) })),
    ).to.include("got 501");
    const large = { Data: Buffer.alloc(1024 * 1024), PartitionKey: "k" };
    expect(await failing(() => kinesis.putRecord({ StreamName: "s", ...large }))).to.equal(
      "InvalidArgumentException: data must be at most 1048576 bytes with its key, got 1048577 bytes",
    );
    expect(await failing(() => kinesis.putRecord({ StreamName: "s", Data: "x", PartitionKey: "" }))).to.include(
      "partitionKey must be a text of 1 to 256 characters",
    );
    expect(await failing(() => kinesis.putRecord({ StreamName: "t", Data: "x", PartitionKey: "k" }))).to.match(
      /^ResourceNotFoundException: Stream t under account \d{12} not found\.$/,
    );
    expect(await failing(() => kinesis.getRecords({ ShardIterator: "nonsense" }))).to.include("shardIterator must be");
    const shards = await failing(() => worldWith({ shardCount: 0 }));
    expect(shards).to.include("shardCount must be a whole number from 1 to 10000, got 0");
  });

  it("lists shards page by page, with the keys that each takes", async () => {
    const { kinesis } = await worldWith({ shardCount: 3 });
    const first = kinesis.listShards({ StreamName: "s", MaxResults: 2 }) as {
      Shards: { ShardId: string; HashKeyRange: { StartingHashKey: string; EndingHashKey: string } }[];
      NextToken: string;
    };
    const second = kinesis.listShards({ NextToken: first.NextToken }) as typeof first;
    const shards = [...first.Shards, ...second.Shards];
    expect(shards.map(({ ShardId }) => ShardId.slice(-1))).to.deep.equal(["0", "1", "2"]);
    expect(shards.at(0)?.HashKeyRange.StartingHashKey).to.equal("0");
    expect(shards.at(-1)?.HashKeyRange.EndingHashKey).to.equal(String(2n ** 128n - 1n));
    expect(second.NextToken).to.equal(undefined);
  });

  it("asks the caller's policy, and the key's use where the stream is encrypted", async () => {
    const key = "arn:aws:kms:eu-central-1:123456789012:key/k";
    const may = { Action: ["kinesis:PutRecords", "kinesis:ListShards"], Resource: streamArn("s") };
    const world = await testWorld([
      stream("s", { encryptionType: "KMS", kmsKeyId: key }),
      ...role("writer", "lambda.amazonaws.com", may),
      ...role("keyed", "lambda.amazonaws.com", may, { Action: "kms:GenerateDataKey", Resource: key }),
    ]);
    const put = (who: string): Promise<unknown> =>
      world.api.call(roleArn(who), "kinesis", "putRecords", { StreamName: "s", Records: entries("a") });
    expect((await errorOf(() => put("writer"))).name).to.equal("KMSAccessDeniedException");
    expect(await put("keyed")).to.include({ FailedRecordCount: 0, EncryptionType: "KMS" });
    const read = world.api.call(roleArn("keyed"), "kinesis", "getRecords", { ShardIterator: iterator(world) });
    expect(await errorOf(() => read)).to.include({ name: "AccessDeniedException" });
  });
});
