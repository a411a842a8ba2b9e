import { expect } from "chai";
import { startMappings } from "../../../local/services/event-source-mappings.ts";
import {
  bundle,
  type Declared,
  functionArn,
  lambda,
  type PolicyStatement,
  queue,
  queueArn,
  queueUrl,
} from "../../support/graph.ts";
import type { Wish } from "../../support/handlers/batch.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

const QueueUrl = queueUrl("q");

const read: PolicyStatement = {
  Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  Resource: queueArn("q"),
};

const reader = (given: Readonly<Record<string, unknown>> = {}, ...statements: readonly PolicyStatement[]): Declared[] =>
  lambda(
    "f",
    { handler: "batch.handler", code: bundle("// handler: test/support/handlers/batch.ts\n", "batch.js"), ...given },
    ...statements,
  );

const mapping = (given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:lambda/eventSourceMapping:EventSourceMapping",
  name: "m",
  given: {
    eventSourceArn: queueArn("q"),
    functionName: "f",
    functionResponseTypes: ["ReportBatchItemFailures"],
    ...given,
  },
});

const worldWith = async (
  given: Readonly<Record<string, unknown>> = {},
  queueGiven: Readonly<Record<string, unknown>> = {},
): Promise<TestWorld> => {
  const redrive = { deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 3 };
  const world = await testWorld([
    queue("q", { visibilityTimeoutSeconds: 30, redrivePolicy: JSON.stringify(redrive), ...queueGiven }),
    queue("dead"),
    ...reader({}, read),
    mapping(given),
  ]);
  startMappings(world, world);
  return world;
};

const send = (world: TestWorld, wish: Wish, DelaySeconds = 0): void => {
  world.sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify(wish), DelaySeconds });
};

/** What the function was handed, with the seconds since the start. */
const handed = ({ events }: TestWorld): readonly unknown[] =>
  events.flatMap((event) => {
    if (event.kind !== "function-log") return [];
    const { text, isReady, at } = event.entry as { text: string; isReady: boolean; at: number };
    return [[text, isReady, (at - start) / 1000]];
  });

const left = ({ sqs }: TestWorld): object =>
  Object.fromEntries(Object.entries(sqs.contents()).map(([name, messages]) => [name, messages.length]));

describe("Event source mappings", () => {
  it("hand each message over when its delay has passed, as the event that Lambda makes of it", async () => {
    const world = await worldWith();
    send(world, { text: "now" });
    send(world, { text: "later" }, 120);
    await world.settle();
    expect(handed(world)).to.deep.equal([
      ["now", true, 0],
      ["later", true, 120],
    ]);
    expect(left(world)).to.deep.equal({ q: 0, dead: 0 });
    const [invoked] = world.events.filter((event) => event.kind === "function-invoked");
    const { Records } = invoked?.payload as { readonly Records: readonly Record<string, unknown>[] };
    expect(Records[0]).to.deep.include({
      body: '{"text":"now"}',
      eventSource: "aws:sqs",
      eventSourceARN: queueArn("q"),
      awsRegion: "eu-central-1",
      messageAttributes: {},
    });
    expect(Records[0]?.attributes).to.deep.include({ ApproximateReceiveCount: "1" });
  });

  it("wait as long as the queue says where a message says nothing", async () => {
    const world = await worldWith({}, { delaySeconds: 45 });
    world.sqs.sendMessage({ QueueUrl, MessageBody: '{"text":"a"}' });
    await world.settle();
    expect(handed(world)).to.deep.equal([["a", true, 45]]);
  });

  it("hand over as many as a batch may hold", async () => {
    const world = await worldWith({ batchSize: 2 });
    for (const text of ["a", "b", "c"]) send(world, { text }, 1);
    await world.settle();
    const calls = world.events.filter((event) => event.kind === "function-invoked");
    expect(calls.map(({ payload }) => (payload as { Records: unknown[] }).Records.length)).to.deep.equal([2, 1]);
  });

  it("bring back what the function names, and nothing else of its batch", async () => {
    const world = await worldWith();
    send(world, { text: "a", handledAt: 2 });
    send(world, { text: "b" });
    await world.settle();
    expect(handed(world)).to.deep.equal([
      ["a", false, 0],
      ["b", true, 0],
      ["a", true, 30],
    ]);
    expect(left(world)).to.deep.equal({ q: 0, dead: 0 });
  });

  it("bring back a whole batch where the function throws, or names what was not in it", async () => {
    for (const wish of [{ throws: true }, { named: "unknown" }]) {
      const world = await worldWith();
      send(world, { text: "a", handledAt: 2, ...wish });
      await world.settle();
      expect(handed(world)).to.deep.equal([
        ["a", false, 0],
        ["a", true, 30],
      ]);
    }
  });

  it("take a function that reports no items at its word: what it answers, it has handled", async () => {
    const world = await worldWith({ functionResponseTypes: [] });
    send(world, { text: "a", handledAt: 9 });
    await world.settle();
    expect(left(world)).to.deep.equal({ q: 0, dead: 0 });
  });

  it("leave what comes back too often to the dead-letter queue", async () => {
    const world = await worldWith();
    send(world, { text: "a", handledAt: 9 });
    await world.settle();
    expect(handed(world)).to.have.length(3);
    expect(left(world)).to.deep.equal({ q: 0, dead: 1 });
  });

  it("do nothing while they are not enabled", async () => {
    const world = await worldWith({ enabled: false });
    send(world, { text: "a" });
    await world.settle();
    expect(handed(world)).to.deep.equal([]);
    expect(left(world)).to.deep.equal({ q: 1, dead: 0 });
  });

  it("are refused where AWS would refuse them", async () => {
    const starting = async (...declared: readonly Declared[]): Promise<string> => {
      const world = await testWorld([...declared]);
      const { name, message } = await errorOf(() => {
        startMappings(world, world);
      });
      return `${name}: ${message}`;
    };
    expect(await starting(queue("q"), ...reader(), mapping())).to.match(
      /^AccessDeniedException: .* m: .*f-role.* is not authorized to perform: sqs:ReceiveMessage on resource: .*:q /,
    );
    expect(await starting(queue("q"), ...reader({ timeout: 60 }, read), mapping())).to.include(
      "InvalidParameterValueException: aws:lambda/eventSourceMapping:EventSourceMapping m: Queue visibility timeout: " +
        "30 seconds is less than Function timeout: 60 seconds",
    );
    expect(await starting(queue("q"), ...reader({}, read), mapping({ functionName: functionArn("g") }))).to.include(
      "ResourceNotFoundException: Function not found",
    );
    expect(await starting(...reader({}, read), mapping({ eventSourceArn: "arn:aws:kafka:eu:1:cluster/c" }))).to.match(
      /eventSourceArn must be a queue's or a stream's, got/,
    );
  });
});
