import { expect } from "chai";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import type { DurationModel } from "../../../local/capacity/workload.ts";
import {
  DYNAMODB_READ,
  DYNAMODB_WRITE,
  LAMBDA_CALL,
  S3_GET,
  S3_PUT,
  SNS_PUBLISH,
  SQS_REQUEST,
} from "../../../local/prices.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { expectSame, traced } from "../../support/capacity/agreement.ts";
import { embedded, type Landing, type Told } from "../../support/capacity/embedded.ts";
import { aDuration, simulated } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

interface Case {
  readonly title: string;
  readonly config: Readonly<Record<string, string>>;
  readonly landings: readonly Landing[];
  readonly model: Partial<DurationModel>;
}

/** So many files every so many seconds. */
const groups = (count: number, gap: number, each: number, bytes: (index: number) => number = () => 8) =>
  Array.from({ length: count * each }, (_, index) => ({ at: Math.floor(index / each) * gap, bytes: bytes(index) }));

const cases: readonly Case[] = [
  {
    title: "batches that are full before their window is over, and others",
    config: { dispatch: "batch", batchMaxFiles: "10", batchWindowSeconds: "30", maxConcurrentRuns: "100" },
    landings: groups(12, 41, 23),
    model: { fixed: 97, startUp: 8 },
  },
  {
    title: "batches of files that come one by one, while runs wait for a place",
    config: { dispatch: "batch", batchMaxFiles: "7", batchWindowSeconds: "60", maxConcurrentRuns: "2" },
    landings: groups(60, 11, 1),
    model: { fixed: 133, startUp: 20 },
  },
  {
    title: "batches of so many bytes, and files that are larger",
    config: {
      dispatch: "batch",
      batchMaxFiles: "50",
      batchMaxBytes: "1000",
      batchWindowSeconds: "20",
      maxConcurrentRuns: "100",
    },
    landings: groups(5, 33, 30, (index) => [40, 390, 8, 2500, 610][index % 5] ?? 0),
    model: { fixed: 61, startUp: 11 },
  },
  {
    title: "batches that wait for their place among executions",
    config: {
      dispatch: "batch",
      batchMaxFiles: "5",
      batchWindowSeconds: "10",
      maxConcurrentExecutions: "2",
      maxConcurrentRuns: "100",
    },
    // Of batches whose first files came at the same time any may be the first.
    landings: groups(6, 40, 12).map(({ at, bytes }, index) => ({ at: at + (index % 12), bytes })),
    model: { fixed: 77, startUp: 9 },
  },
  {
    title: "batches whose runs fail until they are given up",
    config: { dispatch: "batch", batchMaxFiles: "10", batchWindowSeconds: "15", maxConcurrentRuns: "100" },
    landings: groups(5, 37, 14),
    model: { fixed: 0, startUp: 30, failureRate: 1 },
  },
  {
    title: "batches whose end is told by an event",
    config: {
      dispatch: "batch",
      batchMaxFiles: "10",
      batchWindowSeconds: "15",
      maxConcurrentRuns: "100",
      completion: "event",
    },
    landings: groups(5, 37, 14),
    model: { fixed: 400, startUp: 30 },
  },
  {
    title: "files that wait for their place among executions",
    config: { maxConcurrentExecutions: "3", maxConcurrentRuns: "100" },
    landings: groups(40, 13, 1),
    model: { fixed: 61, startUp: 11 },
  },
  {
    title: "files that land together and wait for their place",
    config: { maxConcurrentExecutions: "7", maxConcurrentRuns: "100", completion: "sync" },
    landings: groups(3, 500, 20),
    model: { fixed: 91, startUp: 12 },
  },
  {
    title: "files with a ledger, whose runs wait for a place",
    config: { ledger: "true", maxConcurrentRuns: "3" },
    landings: groups(40, 17, 1),
    model: { fixed: 61, startUp: 11 },
  },
  {
    title: "files whose runs fail until they are given up, under a cap",
    config: { maxConcurrentExecutions: "2", maxConcurrentRuns: "100" },
    landings: groups(10, 20, 2),
    model: { fixed: 0, startUp: 30, failureRate: 1 },
  },
  {
    title: "files whose end is told by an event, under a cap",
    config: { maxConcurrentExecutions: "4", maxConcurrentRuns: "100", completion: "event" },
    landings: groups(40, 17, 1),
    model: { fixed: 211, startUp: 11 },
  },
  {
    title: "versions of keys that are taken on one after the other",
    config: { fileOrder: "per-key", maxConcurrentRuns: "100" },
    landings: groups(40, 17, 1).map((landing, index) => ({ ...landing, key: (index * index) % 7 })),
    model: { fixed: 61, startUp: 11 },
  },
  {
    title: "batches with versions of keys that are taken on one after the other",
    config: { dispatch: "batch", batchMaxFiles: "6", batchWindowSeconds: "20", fileOrder: "per-key" },
    landings: groups(50, 7, 1).map((landing, index) => ({ ...landing, key: (index * index) % 11 })),
    model: { fixed: 61, startUp: 11 },
  },
  {
    title: "versions of keys that wait for their place besides",
    config: { fileOrder: "per-key", maxConcurrentExecutions: "2", maxConcurrentRuns: "100" },
    landings: groups(40, 17, 1).map((landing, index) => ({ ...landing, key: (index * index) % 7 })),
    model: { fixed: 61, startUp: 11 },
  },
];

describe("The capacity simulation and the embedded cloud, where files wait in a queue,", () => {
  for (const { title, config, landings, model: given } of cases) {
    it(`tell the same of ${title}`, async () => {
      const graph = await graphOf("prod", config);
      const model = aDuration(given);
      const there = await embedded(graph, landings, model);
      const here = await simulated(oneReader(graph), { ...traced(landings), duration: model });
      expectSame(here, there);
      expect(here.cost.services.Glue ?? 0).to.be.closeTo(there.glue, 1e-9);
      const billed = billedHere(here);
      const { calls, sqs, ...exact } = billedThere(there, landings);
      expect({ sns: billed.sns, s3: billed.s3 }).to.deep.equal(exact);
      // Of files that land together the dispatcher is handed one to ten at a time.
      const together = landings.length - new Set(landings.map(({ at }) => at)).size;
      const free = config.dispatch === "batch" ? 0 : together;
      expect(billed.calls).to.be.within(calls - free, calls);
      expect(billed.sqs).to.be.within(sqs - 2 * free, sqs);
      expectLedger(here, there, config.maxConcurrentExecutions !== undefined);
    });
  }
});

/** Lambda reads a queue by two readers or more, each with a batch of its own; the embedded cloud has one. */
const oneReader = (graph: ResourceGraph): ResourceGraph => ({
  ...graph,
  resources: graph.resources.map((resource) =>
    resource.type === "aws:lambda/eventSourceMapping:EventSourceMapping"
      ? { ...resource, properties: { ...resource.properties, scalingConfig: { maximumConcurrency: 1 } } }
      : resource,
  ),
});

/** Requests by their price: time, which bills as well, does not pass in functions here. */
const billedHere = ({ cost: { services } }: CapacityResult) => ({
  calls: Math.round((services.Lambda ?? 0) / LAMBDA_CALL),
  sqs: Math.round((services.SQS ?? 0) / SQS_REQUEST),
  sns: Math.round((services.SNS ?? 0) / SNS_PUBLISH),
  s3: (services.S3 ?? 0).toFixed(9),
});

const billedThere = ({ calls, sent, published, objects }: Told, landings: readonly Landing[]) => {
  let called = 0;
  let sqs = sent;
  for (const [name, each] of calls) {
    // The recorder is handed what comes at the same moment at once; a simulation has it called for each message.
    const isRecorder = name.includes("recorder");
    const messages = each.reduce(add, 0);
    called += isRecorder ? messages : each.length;
    if (isRecorder) sqs += 2 * messages;
    if (!name.includes("dispatcher")) continue;
    let first = 0;
    for (const count of each) {
      sqs += receives(landings.slice(first, first + count)) + Math.ceil(count / 10);
      first += count;
    }
  }
  return { calls: called, sqs, sns: published, s3: (objects.puts * S3_PUT + objects.gets * S3_GET).toFixed(9) };
};

/** What lands at one moment is received together, ten messages at a time. */
const receives = (landings: readonly Landing[]): number => {
  const moments = new Map<number, number>();
  for (const { at } of landings) moments.set(at, (moments.get(at) ?? 0) + 1);
  return [...moments.values()].map((count) => Math.ceil(count / 10)).reduce(add, 0);
};

const expectLedger = (here: CapacityResult, there: Told, isCapped: boolean): void => {
  const { writes, reads } = there.ledger;
  // Who is handed several messages looks at the waiting list once.
  const spared = [...there.calls]
    .filter(([name]) => name.includes("recorder"))
    .map(([, each]) => each.reduce(add, 0) - each.length)
    .reduce(add, 0);
  const expected = writes * DYNAMODB_WRITE + (reads + spared) * DYNAMODB_READ;
  // Under a cap how often the list is looked at depends on how long it is when somebody is reminded.
  expect(here.cost.services.DynamoDB ?? 0).to.be.closeTo(expected, isCapped ? 0.05 * expected : 1e-12);
};

const add = (a: number, b: number): number => a + b;
