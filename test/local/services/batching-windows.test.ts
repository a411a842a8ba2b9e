import { expect } from "chai";
import { startMappings } from "../../../local/services/event-source-mappings.ts";
import { bundle, type Declared, lambda, queue, queueArn, queueUrl } from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

const declared = (given: Readonly<Record<string, unknown>>, name = "q"): readonly Declared[] => [
  queue(name, { visibilityTimeoutSeconds: 400, ...(name.endsWith(".fifo") && { fifoQueue: true }) }),
  ...lambda(
    "f",
    {
      handler: "batch.handler",
      timeout: 60,
      code: bundle("// handler: test/support/handlers/batch.ts\n", "batch.js"),
    },
    { Action: actions, Resource: queueArn(name) },
  ),
  {
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    name: "m",
    given: {
      eventSourceArn: queueArn(name),
      functionName: "f",
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...given,
    },
  },
];

const worldWith = async (given: Readonly<Record<string, unknown>>): Promise<TestWorld> => {
  const world = await testWorld(declared(given));
  startMappings(world, world);
  return world;
};

/** Sends so many messages, each so many seconds after the one before. */
const sendEach = (world: TestWorld, count: number, seconds: number, wish: object = {}): void => {
  for (let index = 0; index < count; index += 1) {
    world.clock.schedule(index * seconds * 1000, () => {
      const MessageBody = JSON.stringify({ text: String(index), ...wish });
      world.sqs.sendMessage({ QueueUrl: queueUrl("q"), MessageBody });
      return Promise.resolve();
    });
  }
};

/** The size of each batch, with the seconds since the start. */
const batches = async (world: TestWorld): Promise<readonly (readonly [size: number, at: number])[]> => {
  await world.settle();
  return world.events.flatMap((event) => {
    if (event.kind !== "function-invoked") return [];
    const { Records } = event.payload as { readonly Records: readonly unknown[] };
    const logged = world.events.find((other) => other.kind === "function-log" && other.requestId === event.requestId);
    const at = logged?.kind === "function-log" ? Number(logged.entry.at) : NaN;
    return [[Records.length, (at - start) / 1000] as const];
  });
};

describe("A mapping's batching window", () => {
  it("opens with a batch's first message and closes on time", async () => {
    const world = await worldWith({ batchSize: 100, maximumBatchingWindowInSeconds: 60 });
    sendEach(world, 5, 25);
    expect(await batches(world)).to.deep.equal([
      [3, 60],
      [2, 135],
    ]);
    expect(world.sqs.contents()).to.deep.equal({ q: [] });
  });

  it("closes as soon as the batch is full, and the next opens with its own first message", async () => {
    const world = await worldWith({ batchSize: 20, maximumBatchingWindowInSeconds: 60 });
    sendEach(world, 45, 1);
    expect(await batches(world)).to.deep.equal([
      [20, 19],
      [20, 39],
      [5, 100],
    ]);
  });

  it("closes before more than 6 MB are in the batch", async () => {
    const world = await worldWith({ batchSize: 10_000, maximumBatchingWindowInSeconds: 60 });
    sendEach(world, 13, 0, { padding: "x".repeat(1_000_000) });
    expect(await batches(world)).to.deep.equal([
      [6, 0],
      [6, 0],
      [1, 60],
    ]);
  });

  it("has what came back gathered anew", async () => {
    const world = await worldWith({ batchSize: 100, maximumBatchingWindowInSeconds: 60 });
    sendEach(world, 2, 0, { handledAt: 2 });
    sendEach(world, 1, 0);
    expect(await batches(world)).to.deep.equal([
      [3, 60],
      // Hidden from the moment on that it was gathered in.
      [2, 520],
    ]);
    expect(world.sqs.contents()).to.deep.equal({ q: [] });
  });

  it("waits longer while there are as many calls as there may be", async () => {
    for (const maximumConcurrency of [2, 3]) {
      const world = await worldWith({
        batchSize: 20,
        maximumBatchingWindowInSeconds: 60,
        scalingConfig: { maximumConcurrency },
      });
      sendEach(world, 90, 0, { seconds: 30 });
      const calls = await batches(world);
      expect(calls.map(([size]) => size)).to.deep.equal([20, 20, 20, 20, 10]);
      expect(calls.filter(([, at]) => at === 0)).to.have.length(maximumConcurrency);
      expect(world.sqs.contents()).to.deep.equal({ q: [] });
    }
  });

  it("bounds calls without a window as well", async () => {
    const world = await worldWith({ batchSize: 1, scalingConfig: { maximumConcurrency: 2 } });
    sendEach(world, 6, 0, { seconds: 10 });
    expect(await batches(world)).to.deep.equal([
      [1, 0],
      [1, 0],
      [1, 10],
      [1, 10],
      [1, 20],
      [1, 20],
    ]);
  });

  it("is refused where AWS would refuse it", async () => {
    const refusal = async (given: Readonly<Record<string, unknown>>, name?: string): Promise<string> => {
      const world = await testWorld([...declared(given, name)]);
      return (
        await errorOf(() => {
          startMappings(world, world);
        })
      ).message;
    };
    expect(await refusal({ batchSize: 11 })).to.include("must be greater than 0 if maximum batch size is greater than");
    expect(await refusal({ maximumBatchingWindowInSeconds: 1 }, "q.fifo")).to.include("has no batching window");
    expect(await refusal({ batchSize: 10_001, maximumBatchingWindowInSeconds: 1 })).to.include("batchSize");
    expect(await refusal({ maximumBatchingWindowInSeconds: 301 })).to.include("maximumBatchingWindowInSeconds");
  });
});
