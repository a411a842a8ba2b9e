import { expect } from "chai";
import { createDeliver } from "../../../local/cloud-deliveries.ts";
import { EventBridge } from "../../../local/services/events.ts";
import {
  accountId,
  functionArn,
  lambda,
  policy,
  queue,
  queueArn,
  queueUrl,
  region,
  topic,
  topicArn,
  type Declared,
} from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

const ruleArn = (name: string): string => `arn:aws:events:${region}:${accountId}:rule/${name}`;

const rule = (name: string, pattern: unknown, given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:cloudwatch/eventRule:EventRule",
  name,
  given: { eventPattern: JSON.stringify(pattern), ...given },
  outputs: { name, arn: ruleArn(name) },
});

const target = (name: string, arn: string, given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  name: `${name}-${arn}`,
  given: { rule: name, arn, ...given },
});

const allowQueue = (name: string, source: string): Declared => ({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  name,
  given: {
    queueUrl: queueUrl(name),
    policy: policy({
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn(name),
      Condition: { ArnEquals: { "aws:SourceArn": source } },
    }),
  },
});

const allowFunction = (name: string, source: string): Declared => ({
  type: "aws:lambda/permission:Permission",
  name,
  given: {
    function: name,
    action: "lambda:InvokeFunction",
    principal: "events.amazonaws.com",
    sourceArn: source,
  },
});

const busOf = async (declared: readonly Declared[]): Promise<{ world: TestWorld; bus: EventBridge }> => {
  const world = await testWorld(declared);
  return {
    world,
    bus: new EventBridge(
      world,
      createDeliver(world, () => world),
    ),
  };
};

const failed = {
  source: "aws.glue",
  "detail-type": "Glue Job State Change",
  resources: [],
  detail: { jobName: "csv", state: "FAILED" },
};

const bodies = (world: TestWorld, name: string): readonly unknown[] =>
  (world.sqs.contents()[name] ?? []).map(({ body }) => JSON.parse(body) as unknown);

describe("EventBridge", () => {
  const failures = rule("failures", { source: ["aws.glue"], detail: { state: ["FAILED"] } });

  it("hands an event that a rule matches to the rule's targets", async () => {
    const { world, bus } = await busOf([
      failures,
      queue("events"),
      allowQueue("events", ruleArn("failures")),
      target("failures", queueArn("events")),
      ...lambda("probe"),
      allowFunction("probe", ruleArn("failures")),
      target("failures", functionArn("probe")),
    ]);
    bus.put(failed);
    bus.put({ ...failed, detail: { state: "SUCCEEDED" } });
    await world.settle();
    const [event, ...others] = bodies(world, "events");
    expect(others).to.deep.equal([]);
    const { id, ...known } = event as { readonly id: string };
    expect(id).to.match(/^[0-9a-f-]{36}$/);
    expect(known).to.deep.equal({
      version: "0",
      ...failed,
      account: accountId,
      region,
      time: new Date(start).toISOString().replace(".000", ""),
    });
    const payloads = world.events.flatMap((seen) => (seen.kind === "function-invoked" ? [seen.payload] : []));
    expect(payloads).to.deep.equal([event]);
  });

  it("gives a target the part or the text that it asks for", async () => {
    const { world, bus } = await busOf([
      failures,
      queue("parts"),
      allowQueue("parts", ruleArn("failures")),
      target("failures", queueArn("parts"), { inputPath: "$.detail.state" }),
      target("failures", queueArn("parts"), { inputPath: "$.detail.nothing" }),
      target("failures", queueArn("parts"), { input: '{"fixed":true}' }),
    ]);
    bus.put(failed);
    await world.settle();
    expect(bodies(world, "parts")).to.deep.equal(["FAILED", null, { fixed: true }]);
  });

  it("tells of an event that its target's policy does not take, and goes on", async () => {
    const { world, bus } = await busOf([
      failures,
      topic("closed"),
      target("failures", topicArn("closed")),
      queue("others-only"),
      allowQueue("others-only", ruleArn("another")),
      target("failures", queueArn("others-only")),
    ]);
    bus.put(failed);
    await world.settle();
    const told = world.events.flatMap((seen) =>
      seen.kind === "function-failed" ? [[seen.functionName, seen.message]] : [],
    );
    expect(told.map(([name]) => name)).to.deep.equal(["closed", "others-only"]);
    expect(told[0]?.[1]).to.match(/was dropped: .*is not authorized to perform: sns:Publish/);
  });

  it("leaves a disabled rule alone", async () => {
    const { world, bus } = await busOf([
      rule("off", { source: ["aws.glue"] }, { state: "DISABLED" }),
      queue("events"),
      allowQueue("events", ruleArn("off")),
      target("off", queueArn("events")),
    ]);
    bus.put(failed);
    await world.settle();
    expect(bodies(world, "events")).to.deep.equal([]);
  });

  const refused: readonly [string, readonly Declared[], RegExp][] = [
    ["a schedule", [rule("r", {}, { scheduleExpression: "rate(1 hour)" })], /scheduleExpression must be left out/],
    ["another bus", [rule("r", { a: [1] }, { eventBusName: "mine" })], /eventBusName must be left out/],
    [
      "a pattern that is none",
      [rule("r", { a: 1 })],
      /eventPattern must be an event pattern \(eventPattern\.a must be/,
    ],
    ["a target without a rule", [target("gone", queueArn("q"))], /rule must be a rule of this program/],
    ["a target of another kind", [failures, target("failures", "arn:aws:kinesis:a:1:s")], /events go to functions/],
    [
      "an input transformer",
      [failures, target("failures", queueArn("q"), { inputTransformer: { inputTemplate: "x" } })],
      /inputTransformer must be left out: it is not simulated/,
    ],
    [
      "a wrong path",
      [failures, target("failures", queueArn("q"), { inputPath: "detail" })],
      /inputPath must be a path/,
    ],
  ];
  for (const [what, declared, message] of refused) {
    it(`refuses ${what}`, async () => {
      const { message: said } = await errorOf(() => busOf(declared));
      expect(said).to.match(message);
    });
  }
});
