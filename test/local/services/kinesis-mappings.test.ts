import { expect } from "chai";
import { startMappings } from "../../../local/services/event-source-mappings.ts";
import {
  bundle,
  type Declared,
  lambda,
  type PolicyStatement,
  queue,
  queueArn,
  stream,
  streamArn,
} from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

type Given = Readonly<Record<string, unknown>>;

const read: PolicyStatement = {
  Action: ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"],
  Resource: streamArn("s"),
};

const reader = (...statements: readonly PolicyStatement[]): Declared[] =>
  lambda(
    "f",
    { handler: "stream.handler", code: bundle("// handler: test/support/handlers/stream.ts\n", "stream.js") },
    ...statements,
  );

const mapping = (given: Given = {}): Declared => ({
  type: "aws:lambda/eventSourceMapping:EventSourceMapping",
  name: "m",
  given: { eventSourceArn: streamArn("s"), functionName: "f", startingPosition: "TRIM_HORIZON", ...given },
});

const worldWith = async (given: Given = {}, streamGiven: Given = {}): Promise<TestWorld> => {
  const send = { Action: "sqs:SendMessage", Resource: queueArn("dead") };
  const world = await testWorld([stream("s", streamGiven), queue("dead"), ...reader(read, send), mapping(given)]);
  startMappings(world, world);
  return world;
};

const put = ({ kinesis }: TestWorld, ...texts: readonly string[]): void => {
  for (const text of texts) kinesis.putRecord({ StreamName: "s", Data: text, PartitionKey: "k" });
};

/** The batches that the function was handed, with the seconds since the start. */
const handed = ({ events }: TestWorld): readonly unknown[] =>
  events.flatMap((event) => {
    if (event.kind !== "function-log") return [];
    const { texts, at } = event.entry as { texts: readonly string[]; at: number };
    return [[texts.join(" "), (at - start) / 1000]];
  });

describe("Event source mappings of streams", () => {
  it("gather records for their window, and hand over what is more than a batch at once", async () => {
    const world = await worldWith({ batchSize: 2, maximumBatchingWindowInSeconds: 10 });
    put(world, "a", "b", "c", "d", "e");
    await world.settle();
    expect(handed(world)).to.deep.equal([
      ["a b", 10],
      ["c d", 10],
      ["e", 20],
    ]);
  });

  it("make the event that Lambda makes", async () => {
    const world = await worldWith();
    put(world, "a");
    await world.settle();
    const [invoked] = world.events.filter((event) => event.kind === "function-invoked");
    const { Records } = invoked?.payload as { readonly Records: readonly Given[] };
    expect(Records[0]).to.deep.include({
      eventSource: "aws:kinesis",
      eventName: "aws:kinesis:record",
      eventSourceARN: streamArn("s"),
      awsRegion: "eu-central-1",
    });
    expect(Records[0]?.eventID).to.match(/^shardId-000000000000:\d{56}$/);
    expect(Records[0]?.kinesis).to.deep.include({
      partitionKey: "k",
      data: "YQ==",
      approximateArrivalTimestamp: start / 1000,
    });
  });

  it("try a failed batch again, ever less often, and keep all behind it waiting", async () => {
    const world = await worldWith({ batchSize: 1 });
    put(world, "not before 4", "b");
    await world.settle();
    expect(handed(world)).to.deep.equal([
      ["not before 4", 0],
      ["not before 4", 1],
      ["not before 4", 3],
      ["not before 4", 7],
      ["b", 7],
    ]);
  });

  it("go on where the function says, and not before", async () => {
    const world = await worldWith({
      functionResponseTypes: ["ReportBatchItemFailures"],
      maximumRetryAttempts: 2,
      maximumBatchingWindowInSeconds: 1,
    });
    put(world, "a", "wait", "c");
    await world.settle();
    expect(handed(world).map((one) => (one as [string])[0])).to.deep.equal(["a wait c", "wait c", "wait c", "wait c"]);
  });

  it("split a batch until the record that fails is alone, where they are told to", async () => {
    const world = await worldWith({
      maximumBatchingWindowInSeconds: 1,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 0,
      destinationConfig: { onFailure: { destinationArn: queueArn("dead") } },
    });
    put(world, "a", "b", "bad", "d");
    await world.settle();
    expect(handed(world).map((one) => (one as [string])[0])).to.deep.equal(["a b bad d", "a b", "bad d", "bad", "d"]);
    const [message] = world.sqs.contents().dead ?? [];
    expect(JSON.parse(message?.body ?? "")).to.deep.include({ version: "1.0" });
    const { requestContext, KinesisBatchInfo } = JSON.parse(message?.body ?? "") as Record<string, Given>;
    expect(requestContext).to.deep.include({ condition: "RetryAttemptsExhausted", approximateInvokeCount: 1 });
    expect(KinesisBatchInfo).to.deep.include({ batchSize: 1, streamArn: streamArn("s") });
  });

  it("give a record up when it has expired", async () => {
    const world = await worldWith({ batchSize: 1 });
    put(world, "bad", "b");
    await world.settle();
    const last = handed(world).at(-1) as [string, number];
    // "b" is as old as the record before it, and has expired with it.
    expect(last[0]).to.equal("bad");
    expect(last[1]).to.be.within(86_300, 86_400);
  });

  it("give a record up when it is older than they may hand over", async () => {
    const world = await worldWith({ batchSize: 1, maximumRecordAgeInSeconds: 60 });
    put(world, "bad");
    await world.settle();
    const last = handed(world).at(-1) as [string, number];
    expect(last[1]).to.be.at.most(60);
    expect(world.events.filter((event) => event.kind === "function-failed")).to.have.length(handed(world).length);
  });

  it("read each shard by itself", async () => {
    const world = await worldWith({ batchSize: 1, maximumRetryAttempts: 1 }, { shardCount: 2 });
    world.kinesis.putRecord({ StreamName: "s", Data: "bad", PartitionKey: "x", ExplicitHashKey: "0" });
    world.kinesis.putRecord({
      StreamName: "s",
      Data: "good",
      PartitionKey: "x",
      ExplicitHashKey: String(2n ** 128n - 1n),
    });
    await world.settle();
    expect(handed(world)).to.deep.equal([
      ["bad", 0],
      ["good", 0],
      ["bad", 1],
    ]);
  });

  it("are refused where AWS would refuse them", async () => {
    const starting = async (...declared: readonly Declared[]): Promise<string> => {
      const world = await testWorld([...declared]);
      const { name, message } = await errorOf(() => {
        startMappings(world, world);
      });
      return `${name}: ${message}`;
    };
    expect(await starting(stream("s"), ...reader(), mapping())).to.match(
      /^InvalidParameterValueException: .*f-role.* cannot access stream .*: it is not authorized to perform: kinesis:GetRecords/,
    );
    expect(await starting(...reader(read), mapping())).to.include("ResourceNotFoundException: Stream");
    expect(await starting(stream("s"), ...reader(read), mapping({ startingPosition: undefined }))).to.include(
      "startingPosition must be one of TRIM_HORIZON, LATEST, AT_TIMESTAMP, got nothing",
    );
    const key = "arn:aws:kms:eu-central-1:123456789012:key/k";
    const encrypted = stream("s", { encryptionType: "KMS", kmsKeyId: key });
    expect(await starting(encrypted, ...reader(read), mapping())).to.include("kms:Decrypt");
  });
});
