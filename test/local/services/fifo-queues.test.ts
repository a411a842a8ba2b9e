import { expect } from "chai";
import { queue, queueArn, queueUrl } from "../../support/graph.ts";
import { errorOf, testWorld, type TestWorld } from "../../support/world.ts";

const QueueUrl = queueUrl("q.fifo");

const fifo = (given: Readonly<Record<string, unknown>> = {}): Promise<TestWorld> =>
  testWorld([queue("q.fifo", { fifoQueue: true, ...given }), queue("plain")]);

const pass = (world: TestWorld, seconds: number): Promise<void> =>
  world.clock.spawn(() => world.clock.sleep(seconds * 1000));

const bodies = (world: TestWorld): readonly string[] => (world.sqs.contents()["q.fifo"] ?? []).map(({ body }) => body);

describe("FIFO queues", () => {
  const message = (MessageBody: string, MessageGroupId = "g", MessageDeduplicationId = MessageBody) => ({
    QueueUrl,
    MessageBody,
    MessageGroupId,
    MessageDeduplicationId,
  });

  it("take a message once in five minutes, and answer a copy as the first", async () => {
    const world = await fifo();
    const first = world.sqs.sendMessage(message("a"));
    expect(first.SequenceNumber).to.match(/^\d{20}$/);
    await pass(world, 299);
    expect(world.sqs.sendMessage({ ...message("changed"), MessageDeduplicationId: "a" })).to.include({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    expect(bodies(world)).to.deep.equal(["a"]);
    await pass(world, 1);
    world.sqs.sendMessage(message("a"));
    expect(bodies(world)).to.deep.equal(["a", "a"]);
    expect(world.events.filter(({ kind }) => kind === "message-sent")).to.have.length(2);
  });

  it("drop a copy even where the first has been received and deleted", async () => {
    const world = await fifo();
    world.sqs.sendMessage(message("a"));
    const [received] = world.sqs.receiveMessage({ QueueUrl }).Messages ?? [];
    world.sqs.deleteMessage({ QueueUrl, ReceiptHandle: received?.ReceiptHandle ?? "" });
    world.sqs.sendMessage(message("a"));
    expect(bodies(world)).to.deep.equal([]);
  });

  it("tell messages apart by content, or by group, where they are told to", async () => {
    const byContent = await fifo({ contentBasedDeduplication: true });
    for (const MessageBody of ["a", "a", "b"]) {
      byContent.sqs.sendMessage({ QueueUrl, MessageBody, MessageGroupId: "g" });
    }
    expect(bodies(byContent)).to.deep.equal(["a", "b"]);
    const byGroup = await fifo({ deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" });
    for (const group of ["g", "h", "h"]) byGroup.sqs.sendMessage(message("a", group));
    expect(bodies(byGroup)).to.deep.equal(["a", "a"]);
  });

  it("hand out a group's messages in order, none past one that somebody has", async () => {
    const world = await fifo({ visibilityTimeoutSeconds: 10 });
    for (const [body, group] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
    ] as const) {
      world.sqs.sendMessage(message(body, group));
    }
    const receive = (): readonly string[] =>
      world.sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 1 }).Messages?.map(({ Body }) => Body) ?? [];
    expect([receive(), receive(), receive()]).to.deep.equal([["a1"], ["b1"], []]);
    await pass(world, 11);
    expect(
      world.sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }).Messages?.map(({ Body }) => Body),
    ).to.deep.equal(["a1", "a2", "b1"]);
    expect(world.sqs.getQueueAttributes({ QueueUrl }).Attributes).to.include({ FifoQueue: "true" });
  });

  it("refuse what SQS refuses", async () => {
    const { sqs } = await fifo({ maxMessageSize: 1024 });
    const refused = async (input: object): Promise<string> => {
      const { name, message: why } = await errorOf(() => sqs.sendMessage({ ...message("a"), ...input }));
      return `${name}: ${why}`;
    };
    expect(await refused({ MessageGroupId: undefined })).to.equal(
      "MissingParameter: The request must contain the parameter MessageGroupId.",
    );
    expect(await refused({ MessageDeduplicationId: undefined })).to.contain("ContentBasedDeduplication");
    expect(await refused({ DelaySeconds: 5 })).to.contain("InvalidParameterValue: Value 5 for parameter DelaySeconds");
    expect(await refused({ MessageGroupId: "a b" })).to.contain("MessageGroupId");
    expect(await refused({ MessageBody: "x".repeat(1025) })).to.contain("shorter than 1024 bytes");
    expect(await refused({ QueueUrl: queueUrl("plain") })).to.contain("not valid for this queue type");
    for (const given of [{ fifoQueue: true }, { contentBasedDeduplication: true }]) {
      expect((await errorOf(() => testWorld([queue("q", given)]))).message).to.match(/name|contentBased/);
    }
    const redrivePolicy = { deadLetterTargetArn: queueArn("plain"), maxReceiveCount: 1 };
    expect((await errorOf(() => fifo({ redrivePolicy }))).message).to.contain("must be of the same type");
  });
});

describe("SendMessageBatch", () => {
  const send = (world: TestWorld, Entries: readonly { Id: string; MessageBody: string }[], url = "plain") =>
    world.sqs.sendMessageBatch({ QueueUrl: queueUrl(url), Entries });

  it("takes or refuses each entry by itself", async () => {
    const world = await fifo();
    const Entries = [
      { Id: "good", MessageBody: "a" },
      { Id: "bad", MessageBody: "" },
    ];
    const { Successful, Failed } = send(world, Entries);
    expect(Successful.map(({ Id }) => Id)).to.deep.equal(["good"]);
    expect(Failed).to.deep.equal([
      {
        Id: "bad",
        SenderFault: true,
        Code: "MissingParameter",
        Message: "The request must contain the parameter MessageBody.",
      },
    ]);
    expect(send(world, [{ Id: "x", MessageBody: "a" }], "q.fifo").Failed[0]?.Message).to.contain("MessageGroupId");
  });

  it("refuses batches that SQS refuses", async () => {
    const world = await fifo();
    const entries = (count: number, MessageBody = "x") =>
      Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, MessageBody }));
    const name = async (list: readonly { Id: string; MessageBody: string }[]): Promise<string> =>
      (await errorOf(() => send(world, list))).name;
    expect(await name([])).to.equal("EmptyBatchRequest");
    expect(await name(entries(11))).to.equal("TooManyEntriesInBatchRequest");
    expect(await name([...entries(1), ...entries(1)])).to.equal("BatchEntryIdsNotDistinct");
    expect(await name([{ Id: "a b", MessageBody: "x" }])).to.equal("InvalidBatchEntryId");
    expect(await name(entries(2, "x".repeat(600_000)))).to.equal("BatchRequestTooLong");
    expect(world.sqs.contents().plain).to.deep.equal([]);
  });
});
