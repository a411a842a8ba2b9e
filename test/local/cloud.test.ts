import { expect } from "chai";
import { asset } from "@pulumi/pulumi";
import { VirtualClock } from "../../local/clock.ts";
import { type Cloud, type CloudOptions, createCloud } from "../../local/cloud.ts";
import type { CloudEvent } from "../../local/events.ts";
import {
  accountId,
  bucket,
  type Declared,
  functionArn,
  graphOf,
  lambda,
  policy,
  type PolicyStatement,
  queue,
  queueArn,
  queueUrl,
  region,
  role,
  roleArn,
  table,
  topic,
  topicArn,
} from "../support/graph.ts";
import { errorOf, start, textOf } from "../support/world.ts";

const machineArn = `arn:aws:states:${region}:${accountId}:stateMachine:m`;

const machine = (...statements: readonly PolicyStatement[]): Declared[] => [
  ...role("machine", "states.amazonaws.com", ...statements),
  {
    type: "aws:sfn/stateMachine:StateMachine",
    name: "m",
    given: {
      roleArn: roleArn("machine"),
      loggingConfiguration: { level: "ALL" },
      definition: JSON.stringify({
        QueryLanguage: "JSONata",
        StartAt: "Ask",
        States: {
          Ask: {
            Type: "Task",
            Resource: functionArn("f"),
            Arguments: { does: "answer", value: "{% $states.input.say %}" },
            Next: "Tell",
          },
          Tell: {
            Type: "Task",
            Resource: "arn:aws:states:::sns:publish",
            Arguments: { TopicArn: topicArn("t"), Message: "{% $states.input %}" },
            Next: "Wait",
          },
          Wait: { Type: "Wait", Seconds: 3600, End: true },
        },
      }),
    },
    outputs: { name: "m", arn: machineArn, id: machineArn },
  },
];

const mayAll = [
  { Action: "lambda:InvokeFunction", Resource: functionArn("f") },
  { Action: "sns:Publish", Resource: topicArn("t") },
];

const cloudOf = async (
  declared: readonly Declared[],
  options: Partial<CloudOptions> = {},
): Promise<Cloud & { events: CloudEvent[] }> => {
  const events: CloudEvent[] = [];
  const cloud = await createCloud(graphOf(declared, "test/support"), {
    clock: new VirtualClock(start),
    observer: (event) => events.push(event),
    ...options,
  });
  return Object.assign(cloud, { events });
};

describe("createCloud", () => {
  it("runs what is declared: a machine calls a function and a topic as its role", async () => {
    const clock = new VirtualClock(start);
    const cloud = await cloudOf([...lambda("f"), topic("t"), ...machine(...mayAll)], { clock });
    const { executionArn = "" } = await cloud.asUser.startExecution({
      stateMachineArn: machineArn,
      name: "one",
      input: '{"say":"hello"}',
    });
    await cloud.settle();
    expect(clock.now()).to.equal(start + 3_600_000);
    expect(await cloud.asUser.describeExecution({ executionArn })).to.include({ status: "SUCCEEDED" });
    expect((await cloud.asUser.listExecutions({ stateMachineArn: machineArn })).executions).to.have.length(1);
    expect((await cloud.asUser.getExecutionHistory({ executionArn })).events?.at(-1)).to.include({
      type: "ExecutionSucceeded",
    });
    expect(cloud.notifications).to.deep.equal([{ topic: "t", message: "hello", at: start }]);
  });

  it("fails an execution whose role may not do what it does", async () => {
    for (const missing of mayAll) {
      const cloud = await cloudOf([
        ...lambda("f"),
        topic("t"),
        ...machine(...mayAll.filter((statement) => statement !== missing)),
      ]);
      const { executionArn = "" } = await cloud.asUser.startExecution({
        stateMachineArn: machineArn,
        input: '{"say":"hello"}',
      });
      await cloud.settle();
      const execution = await cloud.asUser.describeExecution({ executionArn });
      expect(execution.status).to.equal("FAILED");
      expect(execution.cause).to.contain(
        `is not authorized to perform: ${missing.Action} on resource: ${missing.Resource}`,
      );
    }
  });

  it("puts the declared objects into their buckets", async () => {
    const object = (type: string, name: string, given: Readonly<Record<string, unknown>>): Declared => ({
      type,
      name,
      given: { bucket: "box", key: name, ...given },
    });
    const cloud = await cloudOf([
      bucket("box"),
      object("aws:s3/bucketObjectv2:BucketObjectv2", "file", {
        source: new asset.FileAsset("graph.ts"),
        contentType: "text/plain",
      }),
      object("aws:s3/bucketObjectv2:BucketObjectv2", "text", {
        source: new asset.StringAsset("abc"),
        metadata: { by: "me" },
      }),
      object("aws:s3/bucketObject:BucketObject", "content", { content: "def" }),
    ]);
    const read = async (Key: string): Promise<string> =>
      textOf((await cloud.asUser.getObject({ Bucket: "box", Key })).Body);
    expect(await read("file")).to.contain("A ResourceGraph by hand.");
    expect([await read("text"), await read("content")]).to.deep.equal(["abc", "def"]);
    expect(await cloud.asUser.headObject({ Bucket: "box", Key: "text" })).to.deep.include({ Metadata: { by: "me" } });
    expect((await cloud.asUser.listObjects({ Bucket: "box" })).KeyCount).to.equal(3);
    expect(cloud.asUser.objectPath({ Bucket: "box", Key: "text" })).to.equal(undefined);
    const strange = object("aws:s3/bucketObject:BucketObject", "x", { source: 1 });
    expect((await errorOf(() => cloudOf([bucket("box"), strange]))).message).to.contain(
      "must be a FileAsset or a StringAsset",
    );
  });

  it("lists what it does not honour, and refuses what it does not know", async () => {
    const cloud = await cloudOf([
      ...lambda("f"),
      topic("t"),
      ...machine(),
      { type: "aws:cloudwatch/dashboard:Dashboard", name: "k", given: {} },
    ]);
    expect(cloud.notHonoured.map(({ resource, property }) => `${resource.name}.${property ?? "*"}`)).to.deep.equal([
      "f.runtime",
      "m.loggingConfiguration",
      "k.*",
    ]);
    const error = await errorOf(() => cloudOf([{ type: "aws:ec2/vpc:Vpc", name: "net", given: {} }]));
    expect(error.message).to.contain("aws:ec2/vpc:Vpc (net)");
  });

  it("refuses machines and jobs whose role does not trust the service", async () => {
    const trusting = (service: string): Declared => ({
      type: "aws:iam/role:Role",
      name: "machine",
      given: { assumeRolePolicy: policy({ Principal: { Service: service }, Action: "sts:AssumeRole" }) },
      outputs: { name: "machine", arn: roleArn("machine") },
    });
    const [, ...rest] = machine();
    const error = await errorOf(() => cloudOf([trusting("lambda.amazonaws.com"), ...rest]));
    expect(error.message).to.contain(`${machineArn} cannot use the role ${roleArn("machine")}`);
  });

  it("shows its queues and tables", async () => {
    const cloud = await cloudOf([queue("q"), table("runs")]);
    await cloud.asUser.call("sqs", "sendMessage", { QueueUrl: queueUrl("q"), MessageBody: "x" });
    await cloud.asUser.call("dynamodb", "putItem", { TableName: "runs", Item: { Id: { S: "a" } } });
    expect(cloud.queues.q?.map(({ body }) => body)).to.deep.equal(["x"]);
    expect(cloud.tableSizes).to.deep.equal({ runs: 1 });
    expect(cloud.events).to.deep.include({ kind: "message-sent", queue: "q", body: "x" });
  });

  it("surfaces a fault of its own instead of swallowing it", async () => {
    const rule = { queueArn: queueArn("ghost"), events: ["s3:ObjectCreated:*"] };
    const cloud = await cloudOf([
      bucket("box"),
      {
        type: "aws:sqs/queuePolicy:QueuePolicy",
        name: "p",
        given: {
          queueUrl: queueUrl("ghost"),
          policy: policy({ Principal: { Service: "s3.amazonaws.com" }, Action: "*", Resource: "*" }),
        },
      },
      { type: "aws:s3/bucketNotification:BucketNotification", name: "n", given: { bucket: "box", queues: [rule] } },
    ]);
    await cloud.asUser.putObject({ Bucket: "box", Key: "k", Body: "x" });
    expect((await errorOf(() => cloud.settle())).name).to.equal("QueueDoesNotExist");
    await cloud.settle();
  });

  it("gives the same history for the same seed", async () => {
    const history = async (seed: number): Promise<string> => {
      const cloud = await cloudOf([...lambda("f"), topic("t"), ...machine(...mayAll)], { seed });
      for (const say of ["a", "b"])
        await cloud.asUser.startExecution({ stateMachineArn: machineArn, input: JSON.stringify({ say }) });
      await cloud.settle();
      return JSON.stringify(cloud.events);
    };
    expect(await history(1)).to.equal(await history(1));
    expect(await history(1)).not.to.equal(await history(2));
  });

  describe("with a Glue job", () => {
    const scriptArn = "arn:aws:s3:::box/scripts/process_csv.py";
    const csv = "id,name\n1,a\n2,b\n3\n";
    const job = (...statements: readonly PolicyStatement[]): Declared[] => [
      ...role("job", "glue.amazonaws.com", ...statements),
      bucket("box"),
      {
        type: "aws:s3/bucketObjectv2:BucketObjectv2",
        name: "script",
        given: { bucket: "box", key: "scripts/process_csv.py", content: "pass" },
      },
      {
        type: "aws:glue/job:Job",
        name: "j",
        given: {
          roleArn: roleArn("job"),
          glueVersion: "5.0",
          workerType: "G.1X",
          numberOfWorkers: 2,
          command: { name: "glueetl", scriptLocation: "s3://box/scripts/process_csv.py" },
        },
        outputs: { name: "j", arn: `arn:aws:glue:${region}:${accountId}:job/j` },
      },
    ];
    const run = async (
      declared: readonly Declared[],
      options: Partial<CloudOptions> = {},
    ): Promise<[Cloud, Record<string, unknown>]> => {
      const clock = new VirtualClock(start);
      const cloud = await cloudOf(declared, { clock, ...options });
      await cloud.asUser.putObject({ Bucket: "box", Key: "in.csv", Body: csv });
      const { JobRunId: RunId } = (await cloud.asUser.call("glue", "startJobRun", {
        JobName: "j",
        Arguments: {
          "--bucket": "box",
          "--key": "in.csv",
          "--version_id": "null",
          "--size": String(csv.length),
          "--output_bucket": "box",
          "--execution_name": "e",
          "--attempt": "1",
        },
      })) as { JobRunId: string };
      await clock.spawn(() => clock.sleep(3_600_000));
      const { JobRun } = (await cloud.asUser.call("glue", "getJobRun", { JobName: "j", RunId })) as {
        JobRun: Record<string, unknown>;
      };
      return [cloud, JobRun];
    };

    it("does the script's work as the job's role", async () => {
      const [cloud, JobRun] = await run(job({ Action: "s3:*", Resource: "*" }));
      expect(JobRun).to.include({ JobRunState: "SUCCEEDED" });
      const { Contents = [] } = await cloud.asUser.listObjects({ Bucket: "box" });
      expect(Contents.map(({ Key }) => Key)).to.include.members([
        "processed/execution=e/part-00000.parquet",
        "rejected/execution=e/rejected.csv",
      ]);
    });

    it("fails the run if the role may not read the script or the input", async () => {
      const [, unread] = await run(job());
      expect(unread).to.include({ JobRunState: "FAILED" });
      expect(unread.ErrorMessage).to.contain(`s3:GetObject on resource: ${scriptArn}`);
      const [, blind] = await run(job({ Action: "s3:GetObject", Resource: scriptArn }));
      expect(blind.ErrorMessage).to.contain("is not authorized to perform: s3:GetObject");
    });

    it("only lets time pass where stand-ins are off", async () => {
      const [cloud, JobRun] = await run(job({ Action: "s3:*", Resource: "*" }), { standIns: false });
      expect(JobRun).to.include({ JobRunState: "SUCCEEDED" });
      expect((await cloud.asUser.listObjects({ Bucket: "box" })).KeyCount).to.equal(2);
    });
  });
});

describe("simulated job runs", () => {
  it("are told of as functions look at them", async () => {
    const { simulatedRunReporter } = await import("../../local/cloud-job-runs.ts");
    const events: CloudEvent[] = [];
    const looked = { JobName: "j", JobRunId: "jr_1", JobRunState: "RUNNING" };
    const report = simulatedRunReporter(
      { clock: new VirtualClock(start), observe: (event) => events.push(event) },
      { find: () => undefined },
    );
    report({ environment: { TABLE_NAME: "runs" }, entry: { JobName: "j", JobRunId: "jr_1" } });
    report({ environment: { TABLE_NAME: "runs" }, entry: looked });
    report({ environment: {}, entry: looked });
    report({ environment: { TABLE_NAME: "runs" }, entry: { message: "looked" } });
    expect(events, "none of these is a run of a table").to.deep.equal([]);
  });
});
