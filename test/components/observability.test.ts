import { expect } from "chai";
import { pipelineProblems, type RuledArgs } from "../../components/rules/pipeline-rules.ts";
import { problemText } from "../../components/rules/problem.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

const queue = "arn:aws:sqs:us-east-1:123456789012:told";

const told = {
  alarmSubscribers: '["ops@example.com"]',
  successSubscribers: `["${queue}"]`,
  failureSubscribers: `["data@example.com","${queue}","data@example.com"]`,
  delaySubscribers: '["data@example.com"]',
  notifyDelayAfterMinutes: "30",
};

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly region: string;
    readonly query?: string;
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

const widgetsOf = (graph: ResourceGraph): readonly Widget[] => {
  const { dashboardBody } = resourceOf(graph, "aws:cloudwatch/dashboard:Dashboard", "csv").properties;
  return (JSON.parse(String(dashboardBody)) as { readonly widgets: readonly Widget[] }).widgets;
};

/**
 * What AWS's services send to CloudWatch, by namespace: dimensions, then metrics. From the services' user guides: Step
 * Functions "Monitoring metrics", Lambda "Types of metrics", SQS "Available CloudWatch metrics", EventBridge
 * "Monitoring", Glue "Monitoring with Amazon CloudWatch".
 */
const published: Readonly<
  Record<string, { readonly dimensions: readonly string[]; readonly names: readonly string[] }>
> = {
  "AWS/States": {
    dimensions: ["StateMachineArn"],
    names: [
      "ExecutionTime",
      "ExecutionThrottled",
      "ExecutionsAborted",
      "ExecutionsFailed",
      "ExecutionsStarted",
      "ExecutionsSucceeded",
      "ExecutionsTimedOut",
    ],
  },
  "AWS/Lambda": {
    dimensions: ["FunctionName"],
    names: ["Invocations", "Errors", "Throttles", "AsyncEventAge", "AsyncEventsDropped", "DestinationDeliveryFailures"],
  },
  "AWS/SQS": {
    dimensions: ["QueueName"],
    names: ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"],
  },
  "AWS/Events": { dimensions: ["RuleName"], names: ["Invocations", "FailedInvocations"] },
  Glue: {
    dimensions: ["JobName", "JobRunId", "Type"],
    names: [
      "glue.driver.aggregate.elapsedTime",
      "glue.driver.aggregate.numFailedTasks",
      "glue.driver.aggregate.recordsRead",
      "glue.driver.aggregate.bytesRead",
      "glue.driver.jvm.heap.usage",
      "glue.driver.ExecutorAllocationManager.executors.numberAllExecutors",
      "glue.driver.ExecutorAllocationManager.executors.numberMaxNeededExecutors",
    ],
  },
};

const expectPublished = (namespace: string, name: string, dimensions: readonly string[]): void => {
  expect(published[namespace]?.names, `${namespace} ${name}`).to.include(name);
  expect(dimensions, `${namespace} ${name}`).to.deep.equal(published[namespace]?.dimensions);
};

describe("Observability", () => {
  let prod: ResourceGraph;
  before(async () => {
    prod = await graphOf("prod", told);
  });

  it("has an alarm for everything that somebody should look at", () => {
    const table = resourcesOf(prod, alarmType).map(({ name, properties }) => [
      name.replace(/^csv-alarms-/, ""),
      `${String(properties.namespace)} ${String(properties.metricName)} ${String(properties.statistic)} > ${String(properties.threshold)}`,
    ]);
    const ofFunction = (label: string) => [
      [`${label}-errors`, "AWS/Lambda Errors Sum > 0"],
      [`${label}-throttles`, "AWS/Lambda Throttles Sum > 0"],
      [`${label}-event-age`, "AWS/Lambda AsyncEventAge Maximum > 300000"],
      [`${label}-events-dropped`, "AWS/Lambda AsyncEventsDropped Sum > 0"],
      [`${label}-events-lost`, "AWS/Lambda DestinationDeliveryFailures Sum > 0"],
    ];
    expect(table).to.have.deep.members([
      ["executions-failed", "AWS/States ExecutionsFailed Sum > 0"],
      ["executions-timed-out", "AWS/States ExecutionsTimedOut Sum > 0"],
      ["executions-aborted", "AWS/States ExecutionsAborted Sum > 0"],
      ["executions-throttled", "AWS/States ExecutionThrottled Sum > 0"],
      ...ofFunction("dispatcher"),
      ...ofFunction("interruptions"),
      ...ofFunction("job-run-events"),
      ["failures-waiting", "AWS/SQS ApproximateNumberOfMessagesVisible Maximum > 0"],
      ["failures-ageing", "AWS/SQS ApproximateAgeOfOldestMessage Maximum > 604800"],
      ["interruptions-events-undelivered", "AWS/Events FailedInvocations Sum > 0"],
      ["failed-job-runs-events-undelivered", "AWS/Events FailedInvocations Sum > 0"],
      ["delayed-job-runs-events-undelivered", "AWS/Events FailedInvocations Sum > 0"],
      ["job-runs-failed", "AWS/Events Invocations Sum > 0"],
    ]);
  });

  it("tells in each alarm what to do, and takes silence for a good sign", () => {
    const { arn } = resourceOf(prod, "aws:sns/topic:Topic", "csv-alarms").properties;
    for (const { name, properties } of resourcesOf(prod, alarmType)) {
      expect(String(properties.alarmDescription).length, name).to.be.greaterThan(40);
      expect(properties, name).to.deep.include({
        treatMissingData: "notBreaching",
        comparisonOperator: "GreaterThanThreshold",
        period: 300,
        evaluationPeriods: 1,
        alarmActions: [arn],
      });
    }
  });

  it("says of a function that reads a queue what becomes of its messages, not of events that it has none of", async () => {
    const direct = await graphOf("prod", { dispatch: "direct" });
    const alarms = resourcesOf(direct, alarmType).filter(({ name }) => name.includes("-watcher-"));
    expect(alarms.map(({ name }) => name)).to.deep.equal(["csv-alarms-watcher-errors", "csv-alarms-watcher-throttles"]);
    for (const { properties } of alarms) {
      expect(properties.alarmDescription).to.match(/ queue, and go(es)? to the failure queue /);
    }
  });

  it("has alarms for the functions that hear of runs' ends, and that tell of simulated ones", async () => {
    const alarmsOf = async (stack: string) =>
      resourcesOf(await graphOf(stack, { completion: "event", observability: "true" }), alarmType).flatMap(
        ({ name }) => /(completion|ends)-(errors|throttles|events?-.*)$/.exec(name)?.[0] ?? [],
      );
    const heard = ["errors", "throttles", "event-age", "events-dropped", "events-lost", "events-undelivered"];
    const ofCompletion = heard.map((what) => `completion-${what}`);
    expect(await alarmsOf("prod")).to.have.members(ofCompletion);
    expect(await alarmsOf("local")).to.have.members([...ofCompletion, "ends-errors", "ends-throttles"]);
  });

  it("looks only at metrics that AWS publishes, of resources that there are", () => {
    const known = new Set(
      prod.resources.flatMap(({ properties }) =>
        [properties.name, properties.arn].filter((value) => value !== undefined),
      ),
    );
    for (const { properties } of resourcesOf(prod, alarmType)) {
      const dimensions = properties.dimensions as Readonly<Record<string, string>>;
      expectPublished(String(properties.namespace), String(properties.metricName), Object.keys(dimensions));
      for (const value of Object.values(dimensions)) expect(known).to.include(value);
    }
    const rows = widgetsOf(prod).flatMap(({ properties }) => properties.metrics ?? []);
    expect(rows.length).to.be.greaterThan(20);
    for (const [namespace, name, ...rest] of rows) {
      const pairs = rest.slice(0, -1) as readonly string[];
      const dimensions = pairs.filter((_, index) => index % 2 === 0);
      expectPublished(String(namespace), String(name), dimensions);
      for (const value of pairs.filter((_, index) => index % 2 === 1)) {
        expect([...known, "ALL", "count", "gauge"]).to.include(value);
      }
    }
  });

  it("lets alarms of this account and this pipeline publish, and nobody else from outside", () => {
    const { policy } = resourceOf(prod, "aws:sns/topicPolicy:TopicPolicy", "csv-alarms").properties;
    const { Statement } = JSON.parse(String(policy)) as { Statement: Record<string, unknown>[] };
    const topic = resourceOf(prod, "aws:sns/topic:Topic", "csv-alarms").properties.arn;
    expect(Statement.filter(({ Effect }) => Effect === "Allow")).to.deep.equal([
      {
        Sid: "Alarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["sns:Publish"],
        Resource: [topic],
        Condition: {
          StringEquals: { "aws:SourceAccount": prod.accountId },
          ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${prod.region}:${prod.accountId}:alarm:csv-alarms-*` },
        },
      },
    ]);
    for (const { properties } of resourcesOf(prod, alarmType)) expect(properties.name).to.match(/^csv-alarms-/);
  });

  it("puts alarms under the key that lets CloudWatch use it, or under none", async () => {
    const topicIn = (graph: ResourceGraph) => resourceOf(graph, "aws:sns/topic:Topic", "csv-alarms").properties;
    const [key] = resourcesOf(prod, "aws:kms/key:Key");
    expect(topicIn(prod).kmsMasterKeyId).to.equal(key?.properties.arn);
    expect(String(key?.properties.policy)).to.contain("cloudwatch.amazonaws.com");
    expect(topicIn(await graphOf("prod", { ...told, security: "false" })).kmsMasterKeyId).to.equal(undefined);
  });

  it("has one page with three graphs in a row", () => {
    const widgets = widgetsOf(prod);
    expect(widgets.map(({ properties }) => properties.title)).to.deep.equal([
      "Files by outcome",
      "Executions",
      "Time from file to end",
      "Failure queue",
      "Job runs",
      "Workers",
      "Rows and bytes read",
      "Function dispatcher",
      "Function interruptions",
      "Function job-run-events",
    ]);
    const places = widgets.map(({ x, y, width, height }) => [x, y, width, height].join());
    expect(new Set(places).size).to.equal(widgets.length);
    for (const { x, width, properties } of widgets) {
      expect(x + width).to.be.at.most(24);
      expect(properties.region).to.equal(prod.region);
    }
    const log = resourcesOf(prod, "aws:cloudwatch/logGroup:LogGroup").find(({ name }) => name === "csv");
    expect(widgets[0]?.properties.query).to.match(
      new RegExp(`^SOURCE '${String(log?.properties.name)}' \\| filter type in \\["ExecutionSucceeded"`),
    );
  });

  it("counts no outcomes where executions are not logged in full", async () => {
    for (const logLevel of ["ERROR", "OFF"]) {
      const titles = widgetsOf(await graphOf("prod", { logLevel })).map(({ properties }) => properties.title);
      expect(titles).to.include("Executions").and.not.include("Files by outcome");
    }
  });

  it("tells each subscriber of what it wants to hear, and nobody twice", () => {
    const topics = Object.fromEntries(
      resourcesOf(prod, "aws:sns/topic:Topic").map(({ name, properties }) => [String(properties.arn), name]),
    );
    const subscriptions = resourcesOf(prod, "aws:sns/topicSubscription:TopicSubscription").map(({ properties }) => [
      topics[String(properties.topic)],
      properties.protocol,
      properties.endpoint,
      properties.filterPolicy === undefined ? undefined : (JSON.parse(properties.filterPolicy as string) as unknown),
    ]);
    expect(subscriptions).to.have.deep.members([
      ["csv-alarms", "email", "ops@example.com", undefined],
      // SNS has one subscription for each endpoint.
      ["csv-results", "sqs", queue, { outcome: ["succeeded", "failed", "rejected"] }],
      ["csv-results", "email", "data@example.com", { outcome: ["failed", "rejected", "delayed"] }],
    ]);
  });

  it("hears of this job's runs only, those that failed and those that take long", () => {
    const job = resourceOf(prod, "aws:glue/job:Job", "csv-job").properties;
    const patterns = resourcesOf(prod, "aws:cloudwatch/eventRule:EventRule")
      .filter(({ name }) => name.startsWith("csv-job-runs"))
      .map(({ properties }) => JSON.parse(String(properties.eventPattern)) as unknown);
    expect(patterns).to.have.deep.members([
      {
        source: ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        detail: { jobName: [job.name], state: ["FAILED", "TIMEOUT", "ERROR"] },
      },
      { source: ["aws.glue"], "detail-type": ["Glue Job Run Status"], detail: { jobName: [job.name] } },
    ]);
  });

  it("is there with real jobs, with simulated ones if asked for, and not at all if not", async () => {
    const alarms = async (stack: string, config: Readonly<Record<string, string>>) =>
      resourcesOf(await graphOf(stack, config), alarmType).length;
    const all = resourcesOf(prod, alarmType).length;
    expect(await alarms("prod", {})).to.equal(all);
    expect(await alarms("prod", { observability: "false" })).to.equal(0);
    expect(await alarms("local", {})).to.equal(0);
    expect(await alarms("local", { observability: "true" })).to.equal(all);
  });

  it("traces functions and the state machine, with what their roles need for it, if asked for", async () => {
    const traced = await graphOf("prod", { tracing: "true" });
    for (const { name, properties } of resourcesOf(traced, "aws:lambda/function:Function")) {
      expect(properties.tracingConfig, name).to.deep.equal({ mode: "Active" });
    }
    const machine = resourceOf(traced, "aws:sfn/stateMachine:StateMachine", "csv").properties;
    expect(machine.tracingConfiguration).to.deep.equal({ enabled: true });
    const allowed = resourcesOf(traced, "aws:iam/rolePolicy:RolePolicy")
      .filter(({ properties }) => String(properties.policy).includes("xray:PutTraceSegments"))
      .map(({ name }) => name);
    const functions = resourcesOf(traced, "aws:lambda/function:Function").map(({ name }) => name);
    expect(allowed).to.have.members([...functions, "csv"]);
    const untraced = resourcesOf(prod, "aws:lambda/function:Function").map(
      ({ properties }) => properties.tracingConfig,
    );
    expect(new Set(untraced)).to.deep.equal(new Set([undefined]));
  });
});

describe("The rules of observability", () => {
  const problems = (given: Partial<RuledArgs>): readonly string[] =>
    pipelineProblems({ mode: "real", job: {}, ...given }).map((problem) => problemText(problem));

  it("refuse who cannot be told, each by its place", () => {
    const observability = { alarmSubscribers: ["ops@example.com", "ops", "arn:aws:sns:us-east-1:123456789012:t"] };
    const must =
      "an e-mail address or the ARN of an SQS queue, arn:aws:sqs:REGION:ACCOUNT:NAME, whose policy lets the topic send to it";
    expect(problems({ observability })).to.deep.equal([
      `observability.alarmSubscribers[1] must be ${must}, got "ops"`,
      `observability.alarmSubscribers[2] must be ${must}, got "arn:aws:sns:us-east-1:123456789012:t"`,
    ]);
  });

  it("refuse subscribers where nobody is told anything", () => {
    const failureSubscribers = ["data@example.com"];
    const must = "left out, or observability.enabled be true: without observability nobody is told anything";
    const refused = [`observability.failureSubscribers must be ${must}, got ["data@example.com"]`];
    expect(problems({ observability: { enabled: false, failureSubscribers } })).to.deep.equal(refused);
    expect(problems({ mode: "simulated", observability: { failureSubscribers } })).to.deep.equal(refused);
    expect(problems({ mode: "simulated", observability: { enabled: true, failureSubscribers } })).to.deep.equal([]);
  });

  it("refuse subscribers to delays where Glue tells of none", () => {
    const observability = { delaySubscribers: ["data@example.com"] };
    expect(problems({ observability })).to.deep.equal([
      'observability.delaySubscribers must be left out, or job.notifyDelayAfterMinutes be given: Glue tells of a run that takes longer than that, got ["data@example.com"]',
    ]);
    expect(problems({ observability, job: { notifyDelayAfterMinutes: 30 } })).to.deep.equal([]);
  });
});
