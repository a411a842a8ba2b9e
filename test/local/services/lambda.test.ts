import { asset } from "@pulumi/pulumi";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RealClock, VirtualClock } from "../../../local/clock.ts";
import {
  bucket,
  bundle,
  type Declared,
  functionArn,
  lambda,
  policy,
  queue,
  queueArn,
  roleArn,
  table,
  tableArn,
  topic,
  topicArn,
} from "../../support/graph.ts";
import type { Probe } from "../../support/handlers/probe.ts";
import { errorOf, start, testWorld, type TestWorld, textOf } from "../../support/world.ts";

const invoke = async (world: TestWorld, probe: Probe, FunctionName = "f"): Promise<unknown> => {
  const { Payload, FunctionError } = await world.lambda.invoke({ FunctionName, Payload: JSON.stringify(probe) });
  const answer = JSON.parse(Payload) as unknown;
  return FunctionError === undefined ? answer : { FunctionError, ...(answer as object) };
};

describe("LambdaService", () => {
  it("runs the module that the declared code names, with its declared environment and the cloud's time", async () => {
    const world = await testWorld(lambda("f", { environment: { variables: { TABLE: "t" } } }));
    const first = (await invoke(world, { does: "report" })) as { requestId: string };
    expect(first).to.deep.include({ calls: 1, env: { TABLE: "t" }, now: start });
    expect(first.requestId).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(world.events[0]).to.deep.equal({
      kind: "function-invoked",
      functionName: "f",
      requestId: first.requestId,
      payload: { does: "report" },
    });
    expect(await invoke(world, { does: "report" }, functionArn("f")), "the environment is kept warm").to.deep.include({
      calls: 2,
    });
    expect(await invoke(world, { does: "report" }, `${functionArn("f")}:$LATEST`)).to.deep.include({ calls: 3 });
  });

  it("answers null for nothing, and takes no payload as an empty object", async () => {
    const world = await testWorld(lambda("f"));
    expect(await invoke(world, { does: "answer" })).to.equal(null);
    await world.lambda.invoke({ FunctionName: "f" });
    expect(world.events.at(-1)).to.deep.include({ payload: {} });
    const bytes = Buffer.from(JSON.stringify({ does: "answer", value: "é" }));
    expect((await world.lambda.invoke({ FunctionName: "f", Payload: bytes })).Payload).to.equal('"é"');
    expect(await world.lambda.invoke({ FunctionName: "f", InvocationType: "DryRun" })).to.include({ StatusCode: 204 });
  });

  it("gives what a function throws as its answer, without this machine's paths", async () => {
    const world = await testWorld(lambda("f"));
    expect(
      await invoke(world, { does: "fail", name: "Glue.ThrottlingException", message: "Rate exceeded" }),
    ).to.deep.equal({
      FunctionError: "Unhandled",
      errorType: "Glue.ThrottlingException",
      errorMessage: "Rate exceeded",
      trace: ["Glue.ThrottlingException: Rate exceeded"],
    });
    expect(world.events.at(-1)).to.deep.include({
      kind: "function-failed",
      error: "Glue.ThrottlingException",
      message: "Rate exceeded",
    });
  });

  it("shows log entries with the request that they belong to", async () => {
    const world = await testWorld(lambda("f"));
    await Promise.all([invoke(world, { does: "log", text: "a" }), invoke(world, { does: "log", text: "b" })]);
    const requests = new Map(
      world.events.flatMap((event) => (event.kind === "function-invoked" ? [[event.requestId, event.payload]] : [])),
    );
    const entries = world.events.filter((event) => event.kind === "function-log");
    expect(entries).to.have.length(4);
    for (const { requestId, entry } of entries)
      expect(requests.get(requestId)).to.deep.equal({ does: "log", text: entry.text });
  });

  it("refuses payloads and answers beyond six megabytes, and payloads that are not JSON", async () => {
    const world = await testWorld(lambda("f"));
    const name = async (Payload: string): Promise<string> =>
      (await errorOf(() => world.lambda.invoke({ FunctionName: "f", Payload }))).name;
    expect(await name("x".repeat(6 * 1024 * 1024 + 1))).to.equal("RequestTooLargeException");
    expect(await name("{")).to.equal("InvalidRequestContentException");
    expect(await invoke(world, { does: "fill", bytes: 6 * 1024 * 1024 })).to.deep.include({
      errorType: "Function.ResponseSizeTooLarge",
    });
    expect((await errorOf(() => world.lambda.invoke({ FunctionName: "ghost" }))).message).to.equal(
      `Function not found: ${functionArn("ghost")}`,
    );
  });

  it("calls the other services as the function's role", async () => {
    const world = await testWorld([
      ...lambda(
        "f",
        {},
        { Action: "dynamodb:PutItem", Resource: tableArn("runs") },
        { Action: "lambda:InvokeFunction", Resource: functionArn("g") },
      ),
      ...lambda("g"),
      table("runs"),
      bucket("landing"),
    ]);
    const call = (client: "dynamoDb" | "s3" | "lambda", input: object): Promise<unknown> =>
      invoke(world, { does: "call", client, input: input as never });
    expect(await call("dynamoDb", { TableName: "runs", Item: { Id: { S: "a" } } })).to.deep.equal({});
    expect(await call("lambda", { FunctionName: "g", Payload: '{"does":"answer","value":1}' })).to.deep.include({
      Payload: "1",
    });
    const denied = await call("s3", { Bucket: "landing", Key: "k", Body: "x" });
    expect(denied).to.deep.include({ errorType: "AccessDenied" });
    expect(denied)
      .to.have.property("errorMessage")
      .that.contains(
        "arn:aws:sts::123456789012:assumed-role/f-role/embedded is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::landing/k",
      );
    expect(await call("lambda", { FunctionName: "f", Payload: "{}" })).to.deep.include({
      errorType: "AccessDeniedException",
    });
  });

  it("cuts a function short at its time-out on a real clock", async () => {
    const clock = new RealClock(() => start);
    const world = await testWorld(lambda("f", { timeout: 0.05 }), { clock });
    const answer = (await invoke(world, { does: "hang" })) as { errorMessage: string };
    expect(answer).to.include({ FunctionError: "Unhandled", errorType: "Sandbox.Timedout" });
    expect(answer.errorMessage).to.match(/^RequestId: \S+ Error: Task timed out after 0.05 seconds$/);
    expect(await invoke(world, { does: "answer", value: "in time" })).to.equal("in time");
    await world.settle();
  });

  it("lets a function sleep on a virtual clock, and cuts it short at its time-out", async () => {
    const clock = new VirtualClock(start);
    const world = await testWorld(lambda("f", { timeout: 60 }), { clock });
    const asleep = (seconds: number) => clock.spawn(() => invoke(world, { does: "sleep", seconds }));
    expect(await asleep(59)).to.equal(start + 59_000);
    const answer = (await asleep(3600)) as { errorMessage: string };
    expect(clock.now()).to.equal(start + 119_000);
    expect(answer).to.include({ FunctionError: "Unhandled", errorType: "Sandbox.Timedout" });
    expect(answer.errorMessage).to.match(/^RequestId: \S+ Error: Task timed out after 60.00 seconds$/);
    expect(await asleep(1)).to.equal(start + 120_000);
  });

  it("runs no more calls at once than are reserved", async () => {
    const world = await testWorld(lambda("f", { reservedConcurrentExecutions: 1 }));
    const running = invoke(world, { does: "pause" });
    expect((await errorOf(() => invoke(world, { does: "report" }))).name).to.equal("TooManyRequestsException");
    await running;
    expect(await invoke(world, { does: "report" })).to.deep.include({ calls: 2 });
  });

  describe("when it reads a function", () => {
    const problem = async (...declared: readonly Declared[]): Promise<string> =>
      (await errorOf(() => testWorld(declared))).message;

    it("names what is wrong with its code", async () => {
      const where = "aws:lambda/function:Function f";
      expect(await problem(...lambda("f", { code: bundle("exports.handler = 1;") }))).to.contain(
        `${where}: its code does not begin with`,
      );
      expect(await problem(...lambda("f", { code: bundle("", "other.js") }))).to.contain(
        'there is no "probe.js" in the archive; there are other.js',
      );
      expect(await problem(...lambda("f", { code: bundle("// handler: functions/ghost.ts\n") }))).to.contain(
        "functions/ghost.ts is not in",
      );
      expect(await problem(...lambda("f", { code: 1 }))).to.contain(
        "code must be an AssetArchive or a FileArchive, got 1",
      );
      expect(
        await problem(
          ...lambda("f", { code: new asset.AssetArchive({ "probe.js": new asset.RemoteAsset("https://x") }) }),
        ),
      ).to.contain("got RemoteAsset");
      const world = await testWorld(lambda("f", { code: bundle("// handler: test/support/handlers/no-handler.ts\n") }));
      expect(await invoke(world, { does: "report" }))
        .to.have.property("errorMessage")
        .that.contains("must export createHandler");
    });

    it("names environment variables that are no texts, and roles that Lambda cannot take on", async () => {
      expect(await problem(...lambda("f", { environment: { variables: { N: 1 } } }))).to.contain(
        "environment.variables.N must be a text, got 1",
      );
      const trust: Declared = {
        type: "aws:iam/role:Role",
        name: "r",
        given: { assumeRolePolicy: policy({ Principal: { Service: "glue.amazonaws.com" }, Action: "sts:AssumeRole" }) },
        outputs: { name: "r", arn: roleArn("r") },
      };
      expect(await problem(trust, ...lambda("f", { role: roleArn("r") }))).to.contain(
        "does not let lambda.amazonaws.com take it on",
      );
      expect(await problem(...lambda("f", { role: "arn:ghost" }))).to.contain("arn:ghost");
    });

    it("reads code from a folder or a file, too", async () => {
      const folder = mkdtempSync(join(tmpdir(), "code-"));
      try {
        writeFileSync(join(folder, "probe.js"), "// handler: test/support/handlers/probe.ts\n");
        const archives = [
          new asset.FileArchive(folder),
          new asset.AssetArchive({ "probe.js": new asset.FileAsset(join(folder, "probe.js")) }),
        ];
        for (const code of archives) {
          expect(await invoke(await testWorld(lambda("f", { code })), { does: "answer", value: 1 })).to.equal(1);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe("for events", () => {
    const config = (given: Readonly<Record<string, unknown>>): Declared => ({
      type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
      name: "f",
      given: { functionName: "f", ...given },
    });
    const toQueue = { destinationConfig: { onFailure: { destination: queueArn("failures") } } };
    const maySend = { Action: "sqs:SendMessage", Resource: queueArn("failures") };
    const send = (world: TestWorld, probe: Probe): Promise<unknown> =>
      world.lambda.invoke({ FunctionName: "f", Payload: JSON.stringify(probe), InvocationType: "Event" });
    const invokedAt = (world: TestWorld): string[] =>
      world.events.flatMap((event) => (event.kind === "function-invoked" ? [event.requestId] : []));
    const failures = (world: TestWorld): unknown[] =>
      (world.sqs.contents().failures ?? []).map(({ body }) => JSON.parse(body) as unknown);

    it("answers at once and calls the function then", async () => {
      const world = await testWorld(lambda("f"));
      await world.clock.spawn(async () => {
        expect(await send(world, { does: "report" })).to.deep.equal({ StatusCode: 202, Payload: "" });
        expect(world.events).to.deep.equal([]);
      });
      await world.settle();
      expect(invokedAt(world)).to.have.length(1);
      expect((await errorOf(() => send(world, { does: "answer", value: "x".repeat(1024 * 1024) }))).name).to.equal(
        "RequestTooLargeException",
      );
    });

    it("refuses an event that is no JSON before it takes it in", async () => {
      const world = await testWorld(lambda("f"));
      const send = (): unknown => world.lambda.invoke({ FunctionName: "f", Payload: "{", InvocationType: "Event" });
      expect((await errorOf(send)).name).to.equal("InvalidRequestContentException");
      await world.settle();
    });

    it("sends an event without content as an empty object, to the destination too", async () => {
      const world = await testWorld([
        ...lambda("f", { reservedConcurrentExecutions: 0 }, maySend),
        queue("failures"),
        config(toQueue),
      ]);
      await world.lambda.invoke({ FunctionName: "f", InvocationType: "Event" });
      await world.settle();
      expect(failures(world)[0]).to.have.property("requestPayload").that.is.deep.equal({});
    });

    it("tells of an event that is given up without a destination", async () => {
      const world = await testWorld(lambda("f", { reservedConcurrentExecutions: 0 }));
      await send(world, { does: "report" });
      await world.settle();
      const [told, ...others] = world.events.filter(({ kind }) => kind === "function-failed");
      expect(others).to.deep.equal([]);
      expect(told).to.include({ functionName: "f", error: "EventAgeExceeded" });
      expect(told).to.have.property("message", "the event was dropped: the function has no destination for failures");
    });

    it("tries again after one and two more minutes, under the same request id", async () => {
      const world = await testWorld(lambda("f"));
      await send(world, { does: "fail-first", times: 2 });
      await world.settle();
      expect(world.clock.now()).to.equal(start + 180_000);
      expect(new Set(invokedAt(world)).size).to.equal(1);
      expect(invokedAt(world)).to.have.length(3);
    });

    it("sends what failed for good to its destination, with the document that Lambda sends", async () => {
      const world = await testWorld([...lambda("f", {}, maySend), queue("failures"), config(toQueue)]);
      const probe: Probe = { does: "fail", name: "Boom", message: "no" };
      await send(world, probe);
      await world.settle();
      expect(failures(world)).to.deep.equal([
        {
          version: "1.0",
          timestamp: "2026-01-01T00:03:00.000Z",
          requestContext: {
            requestId: invokedAt(world)[0],
            functionArn: `${functionArn("f")}:$LATEST`,
            condition: "RetriesExhausted",
            approximateInvokeCount: 3,
          },
          requestPayload: probe,
          responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
          responsePayload: { errorType: "Boom", errorMessage: "no", trace: ["Boom: no"] },
        },
      ]);
    });

    it("keeps to the declared number of tries and age", async () => {
      const once = await testWorld([
        ...lambda("f", {}, maySend),
        queue("failures"),
        config({ ...toQueue, maximumRetryAttempts: 0 }),
      ]);
      await send(once, { does: "fail", name: "Boom", message: "no" });
      await once.settle();
      expect(invokedAt(once)).to.have.length(1);
      const young = await testWorld([
        ...lambda("f", {}, maySend),
        queue("failures"),
        config({ ...toQueue, maximumEventAgeInSeconds: 60 }),
      ]);
      await send(young, { does: "fail", name: "Boom", message: "no" });
      await young.settle();
      expect(invokedAt(young)).to.have.length(2);
      expect(failures(young)[0]).to.have.nested.property("requestContext.condition", "EventAgeExceeded");
    });

    it("waits while the function has no room, and gives up when the event is too old", async () => {
      const world = await testWorld([
        ...lambda("f", { reservedConcurrentExecutions: 0 }, maySend),
        queue("failures"),
        config({ ...toQueue, maximumEventAgeInSeconds: 100 }),
      ]);
      await send(world, { does: "report" });
      await world.settle();
      expect(invokedAt(world)).to.deep.equal([]);
      expect(failures(world)[0]).to.have.nested.property("requestContext.approximateInvokeCount", 0);
      expect(failures(world)[0]).not.to.have.property("responsePayload");
    });

    it("sends to topics and functions, and after success, too", async () => {
      const destinations = {
        destinationConfig: { onFailure: { destination: topicArn("t") }, onSuccess: { destination: functionArn("g") } },
      };
      const world = await testWorld([
        ...lambda(
          "f",
          {},
          { Action: "sns:Publish", Resource: topicArn("t") },
          { Action: "lambda:InvokeFunction", Resource: functionArn("g") },
        ),
        ...lambda("g"),
        topic("t"),
        config({ ...destinations, maximumRetryAttempts: 0 }),
      ]);
      await send(world, { does: "answer", value: 7 });
      await send(world, { does: "fail", name: "Boom", message: "no" });
      await world.settle();
      expect(world.sns.notifications).to.have.length(1);
      const told = world.events.find((event) => event.kind === "function-invoked" && event.functionName === "g");
      expect(told).to.have.nested.property("payload.requestContext.condition", "Success");
      expect(told).to.have.nested.property("payload.responsePayload", 7);
    });

    it("says so when the destination cannot take the record", async () => {
      const world = await testWorld([
        ...lambda("f", {}, { Action: "sqs:SendMessage", Resource: "*" }),
        config({ ...toQueue, maximumRetryAttempts: 0 }),
      ]);
      await send(world, { does: "fail", name: "Boom", message: "no" });
      await world.settle();
      expect(world.events.at(-1)).to.deep.include({ kind: "function-failed", error: "QueueDoesNotExist" });
    });

    it("refuses a destination that the role may not send to, and one that is none", async () => {
      const denied = await errorOf(() => testWorld([...lambda("f"), queue("failures"), config(toQueue)]));
      expect(denied.name).to.equal("AccessDeniedException");
      expect(denied.message).to.contain(
        `is not authorized to perform: sqs:SendMessage on resource: ${queueArn("failures")}`,
      );
      const strange = { destinationConfig: { onFailure: { destination: "arn:aws:events:x" } } };
      expect((await errorOf(() => testWorld([...lambda("f"), config(strange)]))).message).to.contain(
        "functions, queues and topics",
      );
      expect((await errorOf(() => testWorld([config({})]))).message).to.contain("a function of this program");
    });

    it("is called by a bucket that its policy lets in", async () => {
      const world = await testWorld([
        ...lambda("f"),
        bucket("landing"),
        {
          type: "aws:lambda/permission:Permission",
          name: "p",
          given: {
            function: "f",
            action: "lambda:InvokeFunction",
            principal: "s3.amazonaws.com",
            sourceArn: "arn:aws:s3:::landing",
          },
        },
        {
          type: "aws:s3/bucketNotification:BucketNotification",
          name: "n",
          given: {
            bucket: "landing",
            lambdaFunctions: [{ lambdaFunctionArn: functionArn("f"), events: ["s3:ObjectCreated:*"] }],
          },
        },
      ]);
      await world.s3.putObject({ Bucket: "landing", Key: "a", Body: "x" });
      expect(await textOf(world.s3.getObject({ Bucket: "landing", Key: "a" }).Body)).to.equal("x");
      await world.settle();
      expect(invokedAt(world)).to.have.length(1);
    });
  });
});
