import { expect } from "chai";
import {
  type Declared,
  policy,
  queue,
  queueArn,
  queueUrl,
  role,
  roleArn,
  topic,
  topicArn,
} from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

const QueueUrl = queueUrl("q");
const later = (world: TestWorld, seconds: number): Promise<void> =>
  world.clock.spawn(() => world.clock.sleep(seconds * 1000));

describe("SqsService", () => {
  it("hands out messages oldest first, and hides them until they are deleted", async () => {
    const world = await testWorld([queue("q", { visibilityTimeoutSeconds: 10 })]);
    const { sqs } = world;
    const { MessageId, MD5OfMessageBody } = sqs.sendMessage({ QueueUrl, MessageBody: "first" });
    sqs.sendMessage({ QueueUrl: queueArn("q"), MessageBody: "second" });
    expect(MD5OfMessageBody).to.equal("8b04d5e3775d298e78455efc5ca404d5");

    const [first] = sqs.receiveMessage({ QueueUrl }).Messages ?? [];
    expect(first).to.deep.equal({
      MessageId,
      ReceiptHandle: `${MessageId}#1`,
      MD5OfBody: MD5OfMessageBody,
      Body: "first",
      Attributes: { SentTimestamp: String(start), ApproximateReceiveCount: "1" },
    });
    const both = sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 });
    expect(both.Messages?.map(({ Body }) => Body)).to.deep.equal(["second"]);
    expect(sqs.receiveMessage({ QueueUrl })).to.deep.equal({});
    expect(sqs.getQueueAttributes({ QueueUrl }).Attributes).to.deep.equal({
      QueueArn: queueArn("q"),
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "2",
      ApproximateNumberOfMessagesDelayed: "0",
    });

    await later(world, 11);
    const [again] = sqs.receiveMessage({ QueueUrl }).Messages ?? [];
    expect(again?.Attributes.ApproximateReceiveCount).to.equal("2");
    sqs.deleteMessage({ QueueUrl, ReceiptHandle: again?.ReceiptHandle ?? "" });
    await later(world, 60);
    expect(sqs.contents().q?.map(({ body }) => body)).to.deep.equal(["second"]);
  });

  it("delays messages, and drops them after the retention period", async () => {
    const world = await testWorld([queue("q", { delaySeconds: 5, messageRetentionSeconds: 60 })]);
    world.sqs.sendMessage({ QueueUrl, MessageBody: "delayed" });
    world.sqs.sendMessage({ QueueUrl, MessageBody: "now", DelaySeconds: 0 });
    expect(world.sqs.getQueueAttributes({ QueueUrl }).Attributes).to.include({
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    await later(world, 5);
    expect(
      world.sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }).Messages,
    ).to.have.length(2);
    await later(world, 61);
    expect(world.sqs.contents().q).to.deep.equal([]);
  });

  it("moves what is received too often to the dead-letter queue", async () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 2 });
    const world = await testWorld([queue("q", { redrivePolicy, visibilityTimeoutSeconds: 0 }), queue("dead")]);
    world.sqs.sendMessage({ QueueUrl, MessageBody: "poison" });
    for (let time = 0; time < 3; time++) world.sqs.receiveMessage({ QueueUrl });
    expect(world.sqs.contents().q).to.deep.equal([]);
    expect(world.sqs.contents().dead?.[0]?.body).to.equal("poison");
    const elsewhere = {
      type: "aws:sqs/redrivePolicy:RedrivePolicy",
      name: "r",
      given: { queueUrl: QueueUrl, redrivePolicy },
    };
    expect((await errorOf(() => testWorld([queue("q"), elsewhere]))).message).to.contain("does not exist");
  });

  it("refuses what SQS refuses", async () => {
    const { sqs } = await testWorld([queue("q")]);
    const name = async (work: () => unknown): Promise<string> => (await errorOf(work)).name;
    expect(await name(() => sqs.sendMessage({ QueueUrl: "ghost", MessageBody: "x" }))).to.equal("QueueDoesNotExist");
    expect(await name(() => sqs.sendMessage({ QueueUrl, MessageBody: "" }))).to.equal("MissingParameter");
    expect(await name(() => sqs.sendMessage({ QueueUrl, MessageBody: "x".repeat(1024 * 1024 + 1) }))).to.equal(
      "InvalidParameterValue",
    );
    expect(await name(() => sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 11 }))).to.equal(
      "InvalidParameterValue",
    );
    expect(await name(() => sqs.deleteMessage({ QueueUrl, ReceiptHandle: "x" }))).to.equal("ReceiptHandleIsInvalid");
  });

  it("lets in only whom a policy allows", async () => {
    const world = await testWorld([
      queue("q"),
      ...role("sender", "lambda.amazonaws.com", { Action: "sqs:SendMessage", Resource: queueArn("q") }),
    ]);
    const call = (operation: string, input: object): Promise<unknown> =>
      world.api.call(roleArn("sender"), "sqs", operation, input);
    await call("sendMessage", { QueueUrl, MessageBody: "x" });
    for (const [operation, input] of [
      ["receiveMessage", { QueueUrl }],
      ["deleteMessage", { QueueUrl, ReceiptHandle: "a#1" }],
      ["getQueueAttributes", { QueueUrl }],
      ["getQueueUrl", { QueueName: "q" }],
    ] as const) {
      const error = await errorOf(() => call(operation, input));
      expect(error.name).to.equal("AccessDeniedException");
      expect(error.message).to.match(
        /^User: arn:aws:sts::123456789012:assumed-role\/sender\/embedded is not authorized to perform: sqs:/,
      );
      expect(await world.api.callUnchecked("sqs", operation, input)).to.be.an("object");
    }
  });
});

describe("SnsService", () => {
  const TopicArn = topicArn("t");
  const subscription = (name: string, given: Readonly<Record<string, unknown>>): Declared => ({
    type: "aws:sns/topicSubscription:TopicSubscription",
    name,
    given: { topic: TopicArn, protocol: "sqs", ...given },
  });
  const letTopicSend = (name: string): Declared => ({
    type: "aws:sqs/queuePolicy:QueuePolicy",
    name,
    given: {
      queueUrl: queueUrl(name),
      policy: policy({
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn(name),
      }),
    },
  });

  it("keeps what was published, and delivers it to the queues that subscribe", async () => {
    const world = await testWorld([
      topic("t"),
      queue("wrapped"),
      queue("raw"),
      letTopicSend("wrapped"),
      letTopicSend("raw"),
      subscription("a", { endpoint: queueArn("wrapped") }),
      subscription("b", { endpoint: queueArn("raw"), rawMessageDelivery: true }),
      subscription("c", { endpoint: "a@example.com", protocol: "email" }),
    ]);
    const { MessageId } = world.sns.publish({ TopicArn, Subject: "Done", Message: "all is well" });
    expect(world.sns.notifications).to.deep.equal([{ topic: "t", subject: "Done", message: "all is well", at: start }]);
    expect(world.events).to.deep.include({ kind: "notification", topic: "t", subject: "Done", message: "all is well" });
    const { wrapped, raw } = world.sqs.contents();
    expect(raw?.[0]?.body).to.equal("all is well");
    expect(JSON.parse(wrapped?.[0]?.body ?? "")).to.deep.equal({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "Done",
      Message: "all is well",
      Timestamp: "2026-01-01T00:00:00.000Z",
    });
  });

  it("delivers to each subscriber what its filter policy asks for, by attributes or by the body", async () => {
    const names = ["failures", "many", "bodies", "all"];
    const filters: Readonly<Record<string, object>> = {
      failures: { filterPolicy: '{"outcome":["failed",{"prefix":"rej"}]}' },
      many: { filterPolicy: '{"attempts":[{"numeric":[">",2]}],"tags":["late"]}' },
      bodies: { filterPolicy: '{"file":{"size":[0]}}', filterPolicyScope: "MessageBody" },
    };
    const world = await testWorld([
      topic("t"),
      ...names.flatMap((name) => [
        queue(name),
        letTopicSend(name),
        subscription(name, { endpoint: queueArn(name), rawMessageDelivery: true, ...filters[name] }),
      ]),
    ]);
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    world.sns.publish({ TopicArn, Message: "1", MessageAttributes: { outcome: text("failed") } });
    world.sns.publish({ TopicArn, Message: "2", MessageAttributes: { outcome: text("succeeded") } });
    world.sns.publish({ TopicArn, Message: '{"file":{"size":0}}', MessageAttributes: { outcome: text("rejected") } });
    world.sns.publish({
      TopicArn,
      Message: "4",
      MessageAttributes: {
        attempts: { DataType: "Number", StringValue: "3" },
        tags: { DataType: "String.Array", StringValue: '["late","large"]' },
      },
    });
    const contents = world.sqs.contents();
    const received = names.map((name) => contents[name]?.map(({ body }) => body));
    expect(received).to.deep.equal([
      ["1", '{"file":{"size":0}}'],
      ["4"],
      ['{"file":{"size":0}}'],
      ["1", "2", '{"file":{"size":0}}', "4"],
    ]);
  });

  it("hands a message's attributes on with it", async () => {
    const world = await testWorld([
      topic("t"),
      queue("q"),
      letTopicSend("q"),
      subscription("a", { endpoint: queueArn("q") }),
    ]);
    const outcome = { DataType: "String", StringValue: "failed" };
    world.sns.publish({ TopicArn, Message: "m", MessageAttributes: { outcome } });
    expect(JSON.parse(world.sqs.contents().q?.[0]?.body ?? "{}")).to.deep.include({
      MessageAttributes: { outcome: { Type: "String", Value: "failed" } },
    });
  });

  it("is refused by a queue whose policy does not let it in", async () => {
    const world = await testWorld([topic("t"), queue("q"), subscription("a", { endpoint: queueArn("q") })]);
    const error = await errorOf(() => world.sns.publish({ TopicArn, Message: "x" }));
    expect(error.message).to.contain(`${TopicArn} (sns.amazonaws.com) is not authorized to perform: sqs:SendMessage`);
  });

  it("refuses what SNS refuses", async () => {
    const { sns, api } = await testWorld([topic("t"), ...role("nobody", "lambda.amazonaws.com")]);
    const name = async (work: () => unknown): Promise<string> => (await errorOf(work)).name;
    expect(await name(() => sns.publish({ TopicArn: topicArn("ghost"), Message: "x" }))).to.equal("NotFoundException");
    for (const Subject of ["", " x", "a\nb", "é", "x".repeat(100)]) {
      expect(await name(() => sns.publish({ TopicArn, Message: "x", Subject }))).to.equal("InvalidParameterException");
    }
    expect(await name(() => sns.publish({ TopicArn, Message: "" }))).to.equal("InvalidParameterException");
    expect(await name(() => sns.publish({ TopicArn, Message: "x".repeat(262_145) }))).to.equal(
      "InvalidParameterException",
    );
    expect(await name(() => api.call(roleArn("nobody"), "sns", "publish", { TopicArn, Message: "x" }))).to.equal(
      "AccessDeniedException",
    );
    expect((await errorOf(() => testWorld([subscription("a", { endpoint: queueArn("q") })]))).message).to.contain(
      "a topic of this program",
    );
  });

  it("forgets the oldest notifications beyond ten thousand", async () => {
    const { sns } = await testWorld([topic("t")]);
    for (let index = 0; index < 10_001; index++) sns.publish({ TopicArn, Message: String(index) });
    expect(sns.notifications).to.have.length(9001);
    expect(sns.notifications.at(-1)?.message).to.equal("10000");
  });
});
