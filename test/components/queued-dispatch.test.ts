import { expect } from "chai";
import { pipelineProblems, type RuledArgs } from "../../components/rules/pipeline-rules.ts";
import { problemText } from "../../components/rules/problem.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { graphOf, projectDirectory, resourceOf, resourcesOf } from "../support/stacks.ts";

const mappingType = "aws:lambda/eventSourceMapping:EventSourceMapping";

const problemsOf = (args: Partial<RuledArgs>): readonly string[] =>
  pipelineProblems({ mode: "simulated", job: {}, ...args }).map((problem) => problemText(problem));

const variablesOf = (graph: ResourceGraph, name: string): Readonly<Record<string, string>> =>
  (
    resourceOf(graph, "aws:lambda/function:Function", name).properties.environment as {
      readonly variables: Readonly<Record<string, string>>;
    }
  ).variables;

const policyOf = (graph: ResourceGraph, name: string): string =>
  String(resourceOf(graph, "aws:sqs/queuePolicy:QueuePolicy", name).properties.policy);

for (const stack of ["local", "prod"]) {
  describe(`Queued dispatch on the ${stack} stack`, () => {
    it("is there where it is asked for, by whatever asks for it", async () => {
      const plain = await graphOf(stack);
      expect(plain.outputs).to.include({ ledgerTable: null, arrivalQueueUrl: null, outcomeQueueUrl: null });
      const ways = [
        { dispatch: "batch" },
        { ledger: "true" },
        { maxConcurrentExecutions: "2" },
        { fileOrder: "per-key" },
      ] as const;
      for (const config of ways) {
        const graph = await graphOf(stack, config);
        const queue = resourceOf(graph, "aws:sqs/queue:Queue", "csv-queued-arrivals").properties;
        const table = resourceOf(graph, "aws:dynamodb/table:Table", "csv-queued-ledger").properties;
        const { url: outcomeQueueUrl } = resourceOf(graph, "aws:sqs/queue:Queue", "csv-queued-outcomes").properties;
        expect(graph.outputs).to.include({ ledgerTable: table.name, arrivalQueueUrl: queue.url, outcomeQueueUrl });
        expect(graph.outputs.stateMachineArn).to.be.a("string");
      }
    });

    it("has S3 tell the queue, which lets in nobody but the landing bucket of this account", async () => {
      const graph = await graphOf(stack, { dispatch: "batch" });
      const queue = resourceOf(graph, "aws:sqs/queue:Queue", "csv-queued-arrivals").properties;
      const notification = resourceOf(graph, "aws:s3/bucketNotification:BucketNotification", "csv-dispatcher");
      expect(notification.properties).to.deep.include({
        queues: [{ queueArn: queue.arn, events: ["s3:ObjectCreated:*"], filterPrefix: "incoming/" }],
      });
      expect(notification.properties.lambdaFunctions).to.equal(undefined);
      const policy = resourceOf(graph, "aws:sqs/queuePolicy:QueuePolicy", "csv-queued-arrivals");
      expect(notification.dependencies).to.include(policy.urn);
      const { Statement } = JSON.parse(policyOf(graph, "csv-queued-arrivals")) as { Statement: object[] };
      expect(Statement[0]).to.deep.include({
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["sqs:SendMessage"],
        Condition: {
          StringEquals: { "aws:SourceAccount": "000000000000" },
          ArnLike: { "aws:SourceArn": `arn:aws:s3:::${String(graph.outputs.landingBucket)}` },
        },
      });
      expect(resourcesOf(graph, "aws:lambda/permission:Permission").map(({ name }) => name)).to.not.include(
        "csv-dispatcher",
      );
    });

    it("keeps messages as long as SQS can, hides them while they are worked on, and has a place for those that fail", async () => {
      const graph = await graphOf(stack, { dispatch: "batch", batchWindowSeconds: "90" });
      const failures = resourceOf(graph, "aws:sqs/queue:Queue", "csv-failures").properties;
      for (const [queue, lambda, window, maxReceiveCount] of [
        ["csv-queued-arrivals", "csv-dispatcher", 90, 10],
        ["csv-queued-outcomes", "csv-queued-recorder", 0, 100],
      ] as const) {
        const { timeout } = resourceOf(graph, "aws:lambda/function:Function", lambda).properties;
        const { properties } = resourceOf(graph, "aws:sqs/queue:Queue", queue);
        expect(properties.messageRetentionSeconds).to.equal(14 * 24 * 3600);
        expect(properties.visibilityTimeoutSeconds).to.equal(6 * Number(timeout) + window);
        expect(JSON.parse(String(properties.redrivePolicy))).to.deep.equal({
          deadLetterTargetArn: failures.arn,
          maxReceiveCount,
        });
      }
    });

    it("gathers files for a batch, and hands files that go alone over at once", async () => {
      const batch = { dispatch: "batch", batchMaxFiles: "300", batchWindowSeconds: "45" };
      const mapping = resourceOf(await graphOf(stack, batch), mappingType, "csv-dispatcher").properties;
      expect(mapping).to.deep.include({
        batchSize: 300,
        maximumBatchingWindowInSeconds: 45,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: 2 },
      });
      const alone = resourceOf(await graphOf(stack, { ledger: "true" }), mappingType, "csv-dispatcher").properties;
      expect(alone).to.deep.include({ batchSize: 10, maximumBatchingWindowInSeconds: 0 });
      expect(alone.scalingConfig).to.equal(undefined);
      const capped = { maxConcurrentExecutions: "50" };
      const { scalingConfig } = resourceOf(await graphOf(stack, capped), mappingType, "csv-dispatcher").properties;
      expect(scalingConfig).to.deep.equal({ maximumConcurrency: 2 }, "what waits need not hurry into the ledger");
    });

    it("hears how files ended from the results topic, as the machine tells it", async () => {
      const graph = await graphOf(stack, { ledger: "true" });
      const queue = resourceOf(graph, "aws:sqs/queue:Queue", "csv-queued-outcomes").properties;
      const subscription = resourceOf(graph, "aws:sns/topicSubscription:TopicSubscription", "csv-queued-outcomes");
      expect(subscription.properties).to.include({
        topic: graph.outputs.resultsTopicArn,
        protocol: "sqs",
        endpoint: queue.arn,
        rawMessageDelivery: true,
      });
      expect(JSON.parse(String(subscription.properties.filterPolicy))).to.deep.equal({
        outcome: ["succeeded", "failed", "rejected"],
      });
      const { eventSourceArn, functionName } = resourceOf(graph, mappingType, "csv-queued").properties;
      const recorder = resourceOf(graph, "aws:lambda/function:Function", "csv-queued-recorder").properties;
      expect({ eventSourceArn, functionName }).to.deep.equal({
        eventSourceArn: queue.arn,
        functionName: recorder.name,
      });
    });

    it("remembers files in a table with time to live, under the pipeline's key where it has one", async () => {
      const graph = await graphOf(stack, { ledger: "true" });
      const table = resourceOf(graph, "aws:dynamodb/table:Table", "csv-queued-ledger").properties;
      expect(table).to.deep.include({
        hashKey: "Partition",
        rangeKey: "Id",
        billingMode: "PAY_PER_REQUEST",
        ttl: { attributeName: "ExpiresAt", enabled: true },
      });
      const [key] = resourcesOf(graph, "aws:kms/key:Key");
      const expected = key && { enabled: true, kmsKeyArn: key.properties.arn };
      expect(table.serverSideEncryption).to.deep.equal(expected);
    });

    it("forgets what batches had long after all that could ask for it, and keeps what jobs write", async () => {
      const rulesOf = (graph: ResourceGraph): readonly unknown[] =>
        ["csv-landing", "csv-output"]
          .flatMap(
            (name) =>
              resourceOf(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", name).properties
                .rules as readonly { readonly expiration?: unknown; readonly filter: unknown }[],
          )
          .flatMap(({ expiration, filter }) => (expiration === undefined ? [] : [{ expiration, filter }]));
      const graph = await graphOf(stack, { dispatch: "batch", ledgerRetentionDays: "7" });
      expect(rulesOf(graph)).to.deep.equal([
        { filter: { prefix: "manifests/" }, expiration: { days: 373 } },
        { filter: { prefix: "proposals/" }, expiration: { days: 373 } },
      ]);
      expect(rulesOf(await graphOf(stack, { ledger: "true" }))).to.deep.equal([]);
    });

    it("tells both functions the same, with settings of the config", async () => {
      const graph = await graphOf(stack, {
        dispatch: "batch",
        batchMaxFiles: "20",
        batchMaxBytes: "5000",
        maxConcurrentExecutions: "3",
        fileOrder: "per-key",
        ledgerRetentionDays: "7",
      });
      const [dispatcher, recorder] = ["csv-dispatcher", "csv-queued-recorder"].map((name) => variablesOf(graph, name));
      expect(dispatcher).to.deep.equal(recorder);
      expect(dispatcher).to.include({
        STATE_MACHINE_ARN: graph.outputs.stateMachineArn,
        JOB_NAME: graph.outputs.jobName,
        LEDGER_TABLE: graph.outputs.ledgerTable,
        OUTPUT_BUCKET: graph.outputs.outputBucket,
        FAILURE_QUEUE_URL: graph.outputs.failureQueueUrl,
        RESULTS_TOPIC_ARN: graph.outputs.resultsTopicArn,
      });
      expect(JSON.parse(dispatcher?.SETTINGS ?? "")).to.deep.equal({
        mode: "batch",
        maxFiles: 20,
        maxBytes: 5000,
        maxConcurrentExecutions: 3,
        order: "per-key",
        validation: { extensions: ["csv"], minFileBytes: 1, maxFileBytes: 5 * 1024 ** 3 },
        retentionDays: 7,
      });
      const { SETTINGS } = variablesOf(await graphOf(stack, { ledger: "true" }), "csv-dispatcher");
      const alone = JSON.parse(SETTINGS ?? "") as object;
      expect(alone).to.include({ mode: "per-file", maxFiles: 1 }).and.not.to.have.property("validation");
    });

    it("has alarms for its functions and for files that wait too long", async () => {
      const graph = await graphOf(stack, { dispatch: "batch", observability: "true" });
      const names = resourcesOf(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
      expect(names).to.include.members([
        "csv-alarms-dispatcher-errors",
        "csv-alarms-recorder-errors",
        "csv-alarms-recorder-throttles",
        "csv-alarms-arrivals-ageing",
        "csv-alarms-outcomes-ageing",
      ]);
      // Lambda keeps no events for a function that reads a queue.
      expect(names).to.not.include("csv-alarms-dispatcher-events-dropped");
      const [dashboard] = resourcesOf(graph, "aws:cloudwatch/dashboard:Dashboard");
      expect(String(dashboard?.properties.dashboardBody)).to.include("Queue arrivals").and.include("Function recorder");
    });
  });
}

describe("The key of a pipeline whose files wait in a queue", () => {
  const sidsOf = (graph: ResourceGraph): readonly string[] =>
    (
      JSON.parse(String(resourceOf(graph, "aws:kms/key:Key", "csv").properties.policy)) as {
        Statement: { readonly Sid: string }[];
      }
    ).Statement.map(({ Sid }) => Sid);

  it("may be used by S3 and SNS for their messages, and otherwise by nobody more", async () => {
    const [queued, plain] = [sidsOf(await graphOf("prod", { dispatch: "batch" })), sidsOf(await graphOf("prod"))];
    expect(queued.filter((sid) => !plain.includes(sid))).to.deep.equal(["SendLandings", "SendResults"]);
  });
});

describe("How files are dispatched", () => {
  it("is refused with settings that say nothing in its mode, each with the remedy", () => {
    const batches = { maxFiles: 5, maxBytes: 6, windowSeconds: 7 };
    expect(problemsOf({ dispatch: batches })).to.deep.equal([
      'dispatch.maxFiles must be left out with dispatch.mode "per-file": there are no batches; or set dispatch.mode to "batch", got 5',
      'dispatch.maxBytes must be left out with dispatch.mode "per-file": there are no batches; or set dispatch.mode to "batch", got 6',
      'dispatch.windowSeconds must be left out with dispatch.mode "per-file": there are no batches; or set dispatch.mode to "batch", got 7',
    ]);
    const direct = { mode: "direct", ledger: true, maxConcurrentExecutions: 2, order: "per-key" } as const;
    expect(problemsOf({ dispatch: { ...direct, ledgerRetentionDays: 3 } })).to.deep.equal([
      'dispatch.maxConcurrentExecutions must be left out with dispatch.mode "direct": there are no executions; or set dispatch.mode to "per-file", got 2',
      'dispatch.order must be left out with dispatch.mode "direct": each file is started as it comes; or set dispatch.mode to "per-file", got "per-key"',
      'dispatch.ledger must be left out with dispatch.mode "direct": each file is in a table anyway; or set dispatch.mode to "per-file", got true',
      'dispatch.ledgerRetentionDays must be left out with dispatch.mode "direct": its table forgets a file by itself; or set dispatch.mode to "per-file", got 3',
    ]);
    expect(problemsOf({ dispatch: { ledgerRetentionDays: 3 } })).to.deep.equal([
      "dispatch.ledgerRetentionDays must be left out where there is no ledger; or set dispatch.ledger to true, got 3",
    ]);
  });

  it("is refused with numbers that AWS does not take", () => {
    expect(
      problemsOf({
        dispatch: { mode: "batch", maxFiles: 10_001, maxBytes: 0, windowSeconds: 301, maxConcurrentExecutions: -1 },
      }),
    ).to.deep.equal([
      "dispatch.maxFiles must be a whole number from 1 to 10000, got 10001",
      "dispatch.maxBytes must be a whole number from 1 to 5497558138880, got 0",
      "dispatch.windowSeconds must be a whole number from 0 to 300, got 301",
      "dispatch.maxConcurrentExecutions must be a whole number from 0 to 1000000, got -1",
    ]);
    expect(problemsOf({ dispatch: { mode: "batch", maxFiles: 11, windowSeconds: 0 } })).to.deep.equal([
      "dispatch.windowSeconds must be at least 1 where a batch takes more than 10 files: a function that does not wait " +
        "is handed no more at once; or lower dispatch.maxFiles (11) to 10, got 0",
    ]);
    expect(problemsOf({ dispatch: { mode: "batch", maxFiles: 10, windowSeconds: 0 } })).to.deep.equal([]);
  });

  it("is refused with express executions where files wait in a queue", () => {
    const express = { stateMachineType: "EXPRESS", giveUpAfterMinutes: 2, retry: { maxAttempts: 1 } } as const;
    const job = { timeoutMinutes: 1 };
    expect(problemsOf({ ...express, job })).to.deep.equal([]);
    expect(problemsOf({ ...express, job, dispatch: { ledger: true, maxConcurrentExecutions: 4 } })).to.deep.equal([
      'stateMachineType must be "STANDARD" with dispatch.ledger true and dispatch.maxConcurrentExecutions 4: an express ' +
        'execution has no name that is used once, and nobody can be asked how it ended, got "EXPRESS"',
    ]);
  });

  it("is refused as batches for a job that takes none", () => {
    const batch = { mode: "batch" } as const;
    const script = (name: string) => new URL(`scripts/${name}`, `file://${projectDirectory}/`);
    expect(problemsOf({ dispatch: batch, job: { script: script("process_csv.py") } })).to.deep.equal([]);
    const [profile] = problemsOf({ dispatch: batch, job: { script: script("profile_csv.py") } });
    expect(profile).to.match(
      /^job.script must be a script that takes its files from --manifest, with dispatch.mode "batch"; or set dispatch.mode to "per-file", got ".*profile_csv.py"$/,
    );
    expect(problemsOf({ dispatch: batch, job: { kind: "streaming" } })).to.include(
      'dispatch.mode must be "per-file" with job.kind "streaming": a run of a batch ends when its files are done, got "batch"',
    );
    expect(problemsOf({ dispatch: batch, job: { defaultArguments: { "--manifest": "s3://a/b" } } })).to.deep.equal([
      'job.defaultArguments must be without --manifest, by which a run is told of its batch with dispatch.mode "batch", got {"--manifest":"s3://a/b"}',
    ]);
  });
});
