import { expect } from "chai";
import { EventBridge } from "../../../local/services/events.ts";
import { createEvents, type PutEventsInput } from "../../../local/services/events-api.ts";
import { queue, queueArn } from "../../support/graph.ts";
import { testWorld } from "../../support/world.ts";
import { outputOf, machineOf, failureOf, scope, task } from "./harness.ts";
import type { States } from "./harness.ts";
import { declaredMachine, executionArn, machineArn, runTask, setUp } from "./step-functions-world.ts";

const bodyOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
};

describe("Tasks that call S3", () => {
  it("get an object's content as text, if there is room for it", async () => {
    const get = (ContentLength: number) =>
      runTask(
        "arn:aws:states:::aws-sdk:s3:getObject",
        { Bucket: "b", Key: "k" },
        {
          "s3:getObject": () => ({ Body: bodyOf("é,1"), ContentLength, LastModified: new Date(0) }),
        },
      );
    expect((await get(4)).output).to.deep.equal({
      Body: "é,1",
      ContentLength: 4,
      LastModified: "1970-01-01T00:00:00.000Z",
    });
    expect(await get(262_145)).to.include({ error: "States.DataLimitExceeded" });
  });

  it("put JSON as its text, and text as it is", async () => {
    const bodies: unknown[] = [];
    const stubs = {
      "s3:putObject": ({ Body }: { Body: unknown }) => {
        bodies.push(Body);
        return { ETag: "e" };
      },
    };
    for (const Body of [{ a: 1 }, "text"]) {
      const { output } = await runTask("arn:aws:states:::aws-sdk:s3:putObject", { Bucket: "b", Key: "k", Body }, stubs);
      expect(output).to.deep.equal({ ETag: "e" });
    }
    expect(bodies).to.deep.equal(['{"a":1}', "text"]);
  });
});

describe("Tasks that put events", () => {
  const RESOURCE = "arn:aws:states:::events:putEvents";
  const entry = { Source: "my.app", DetailType: "Done", Detail: { n: 1 } };

  it("give details as JSON, and fail where an entry is refused", async () => {
    const asked: unknown[] = [];
    const answer = (FailedEntryCount: number) => ({
      "events:putEvents": (input: unknown) => {
        asked.push(input);
        return { FailedEntryCount, Entries: [] };
      },
    });
    const { output } = await runTask(RESOURCE, { Entries: [entry] }, answer(0));
    expect(output).to.deep.equal({ FailedEntryCount: 0, Entries: [] });
    expect(asked).to.deep.equal([{ Entries: [{ ...entry, Detail: '{"n":1}' }] }]);
    expect(await runTask(RESOURCE, { Entries: [entry] }, answer(1))).to.include({ error: "EventBridge.FailedEntry" });
  });

  it("reach the rules of the program, under the id that they were answered with", async () => {
    const world = await testWorld([
      queue("q"),
      {
        type: "aws:cloudwatch/eventRule:EventRule",
        name: "r",
        given: { eventPattern: '{"source":["my.app"]}' },
        outputs: { name: "r", arn: "arn:aws:events:eu-central-1:123456789012:rule/r" },
      },
      { type: "aws:cloudwatch/eventTarget:EventTarget", name: "t", given: { rule: "r", arn: queueArn("q") } },
    ]);
    const bus = new EventBridge(world, (_, __, body) =>
      world.sqs.sendMessage({ QueueUrl: queueArn("q"), MessageBody: body }),
    );
    const { putEvents } = createEvents(world, bus.put).operations;
    const put = (input: PutEventsInput): unknown => putEvents?.run(input as never, "");
    const answer = put({
      Entries: [
        { ...entry, Detail: '{"n":1}' },
        { ...entry, Source: "aws.s3", Detail: "{}" },
        { ...entry, Detail: "[" },
        { DetailType: "Done", Detail: "{}" },
        { ...entry, Detail: "{}", EventBusName: "mine" },
      ],
    }) as { FailedEntryCount: number; Entries: { EventId?: string; ErrorCode?: string }[] };
    expect(answer.FailedEntryCount).to.equal(4);
    expect(answer.Entries.map(({ ErrorCode }) => ErrorCode)).to.deep.equal([
      undefined,
      "NotAuthorizedForSourceException",
      "MalformedDetail",
      "InvalidArgument",
      "ResourceNotFoundException",
    ]);
    await world.settle();
    const [message] = world.sqs.contents().q ?? [];
    expect(JSON.parse(message?.body ?? "{}")).to.deep.include({
      id: answer.Entries[0]?.EventId,
      source: "my.app",
      "detail-type": "Done",
      detail: { n: 1 },
    });
    expect(() => put({ Entries: [] })).to.throw("from 1 to 10, got 0");
  });
});

describe("Tasks that run containers", () => {
  it("are refused, as there are none here", () => {
    for (const resource of ["arn:aws:states:::ecs:runTask.sync", "arn:aws:states:::aws-sdk:ecs:runTask"]) {
      const T = { Type: "Task", Resource: resource, End: true };
      expect(() => setUp({ machines: [declaredMachine("m", { T })] })).to.throw("there are no containers here");
    }
  });
});

describe("A task that waits for another execution", () => {
  const parent = (more: object = {}): States => ({
    T: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: machineArn("child"), Name: "c", Input: {} },
      End: true,
      ...more,
    },
  });
  const child = declaredMachine("child", { W: { Type: "Wait", Seconds: 3600, End: true } });

  it("stops it where its own execution is stopped or times out", async () => {
    const stopped = setUp({ machines: [declaredMachine("m", parent()), child] });
    await stopped.startExecution({ name: "e" });
    await stopped.later(10_000);
    await stopped.call("stopExecution", { executionArn: executionArn("e") });
    await stopped.clock.idle();
    expect((await stopped.describe("c", "child")).status).to.equal("ABORTED");
    const definition = JSON.stringify(machineOf(parent(), { TimeoutSeconds: 30 }));
    const late = setUp({ machines: [declaredMachine("m", definition), child] });
    await late.startExecution({ name: "e" });
    await late.clock.idle();
    expect((await late.describe("e")).status).to.equal("TIMED_OUT");
    expect((await late.describe("c", "child")).status).to.equal("ABORTED");
  });

  it("and a job run are stopped where another branch fails", async () => {
    const stopped: unknown[] = [];
    const job = task({ Resource: "arn:aws:states:::glue:startJobRun.sync", Arguments: { JobName: "j" } });
    const broken: States = { W: { Type: "Wait", Seconds: 90, Next: "F" }, F: { Type: "Fail", Error: "Broken" } };
    const P = { Type: "Parallel", Branches: [scope(parent()), scope({ J: job }), scope(broken)], End: true };
    const world = setUp({
      machines: [declaredMachine("m", { P }), child],
      stubs: {
        "glue:startJobRun": () => ({ JobRunId: "jr" }),
        "glue:getJobRun": () => ({ JobRun: { JobRunState: "RUNNING" } }),
        "glue:batchStopJobRun": (input: unknown) => {
          stopped.push(input);
          return {};
        },
      },
    });
    await world.startExecution({ name: "e" });
    await world.clock.idle();
    expect(await world.describe("e")).to.include({ status: "FAILED", error: "Broken" });
    expect((await world.describe("c", "child")).status).to.equal("ABORTED");
    expect(stopped).to.deep.equal([{ JobName: "j", JobRunIds: ["jr"] }]);
  });
});

describe("Variables", () => {
  it("that nobody has assigned are States.QueryEvaluationError", async () => {
    expect(await failureOf(machineOf({ S: { Type: "Succeed", Output: "{% $nobody %}" } }))).to.include({
      error: "States.QueryEvaluationError",
    });
  });

  it("of an outer scope are seen by branches and inline iterations, not by executions of a distributed Map", async () => {
    const sees: States = { I: { Type: "Succeed", Output: "{% $exists($outer) %}" } };
    const map = (Mode: object, name: string) => ({
      Type: "Map",
      Items: [1],
      ItemProcessor: { StartAt: name, States: { [name]: sees.I }, ProcessorConfig: Mode },
      End: true,
    });
    const inner = { Type: "Parallel", End: true };
    const machine = machineOf({
      S: { Type: "Pass", Assign: { outer: 1 }, Next: "P" },
      P: {
        ...inner,
        Branches: [
          { StartAt: "B", States: { B: sees.I } },
          { StartAt: "M", States: { M: map({ Mode: "INLINE" }, "N") } },
          { StartAt: "D", States: { D: map({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, "E") } },
        ],
      },
    });
    expect(await outputOf(machine)).to.deep.equal([true, [true], [false]]);
  });
});
