import { expect } from "chai";
import type { VirtualClock } from "../../../local/clock.ts";
import { ServiceError } from "../../../local/services/service.ts";
import { functionArn } from "../../support/graph.ts";
import type { Declared } from "../../support/graph.ts";
import { errorOf, start } from "../../support/world.ts";
import type { States } from "./harness.ts";
import { machineArn, executionArn, PASS, SLOW, declaredMachine, setUp, runTask } from "./step-functions-world.ts";
import type { Stub } from "./step-functions-world.ts";

describe("Machines of a program", () => {
  const problems = async (...machines: Declared[]): Promise<string> =>
    (await errorOf(() => setUp({ machines }))).message;
  const taskOf = (Resource: string): States => ({ T: { Type: "Task", Resource, End: true } });

  it("are refused together, each problem with its machine", async () => {
    const message = await problems(declaredMachine("a", "{"), declaredMachine("b", { A: { Type: "Odd" } }));
    expect(message).to.match(/a: definition must be JSON: /);
    expect(message).to.include("b: States.A.Type must be one of");
  });

  it("are refused with properties that are wrong", async () => {
    expect(await problems(declaredMachine("m", PASS, { type: "FAST" }))).to.include(
      'type must be STANDARD or EXPRESS, got "FAST"',
    );
    expect(await problems(declaredMachine("m", PASS, { roleArn: 1 }))).to.include("roleArn must be text, got 1");
  });

  it("are refused with a Resource that nothing answers", async () => {
    for (const [resource, problem] of [
      ["arn:aws:states:::glue:getJobRun", "must be a function's ARN"],
      ["arn:aws:states:::ecs:runTask.sync", "there are no containers here"],
      ["arn:aws:states:::dynamodb:putItem.waitForTaskToken", "must not wait for a token"],
      ["arn:aws:states:::glue:startJobRun.sync.waitForTaskToken", "must not wait for a token"],
      ["arn:aws:states:::aws-sdk:athena:startQueryExecution", "must name a service of the embedded cloud"],
      ["arn:aws:states:eu-central-1:123456789012:activity:a", "must be a function's ARN"],
    ] as const) {
      expect(await problems(declaredMachine("m", taskOf(resource))), resource).to.include(problem);
    }
    const sync = declaredMachine("m", taskOf("arn:aws:states:::glue:startJobRun.sync"), { type: "EXPRESS" });
    expect(await problems(sync)).to.include("must not wait (.sync) in an EXPRESS machine");
  });

  it("are refused with an operation that the services do not have", async () => {
    const services = { glue: { operations: { getJobRun: { permissions: () => [], run: () => null } } } };
    const load = (operation: string) => () =>
      setUp({ machines: [declaredMachine("m", taskOf(`arn:aws:states:::aws-sdk:${operation}`))], services });
    load("glue:getJobRun")();
    load("sfn:startExecution")();
    expect((await errorOf(load("glue:getJob"))).message).to.include(
      "must name an operation that the embedded cloud has",
    );
    expect((await errorOf(load("sqs:sendMessage"))).message).to.include(
      "must name an operation that the embedded cloud has",
    );
  });
});

describe("A task of a machine", () => {
  const FUNCTION = functionArn("f");
  const answering =
    (answer: unknown, FunctionError?: string): Stub =>
    () => ({
      Payload: JSON.stringify(answer),
      ...(FunctionError !== undefined && { FunctionError }),
    });

  it("invokes a function with its arguments as the event", async () => {
    const inputs: unknown[] = [];
    const { output } = await runTask(
      FUNCTION,
      { a: "{% 1 + 1 %}" },
      {
        "lambda:invoke": (input) => {
          inputs.push(input);
          return { Payload: '{"b":3}' };
        },
      },
    );
    expect(output).to.deep.equal({ b: 3 });
    expect(inputs).to.deep.equal([{ FunctionName: FUNCTION, Payload: '{"a":2}' }]);
  });

  it("fails with a function's error by its name", async () => {
    const thrown = { errorType: "Glue.ConcurrentRunsExceededException", errorMessage: "too many" };
    const failed = await runTask(FUNCTION, {}, { "lambda:invoke": answering(thrown, "Unhandled") });
    expect(failed).to.include({ status: "FAILED", error: thrown.errorType, cause: JSON.stringify(thrown) });
    const nameless = await runTask(FUNCTION, {}, { "lambda:invoke": answering(null, "Unhandled") });
    expect(nameless.error).to.equal("Lambda.Unknown");
  });

  it("invokes through lambda:invoke, with the answer under Payload", async () => {
    const resource = "arn:aws:states:::lambda:invoke";
    const { output } = await runTask(
      resource,
      { FunctionName: "f", Payload: { a: 1 } },
      {
        "lambda:invoke": ({ Payload }: { Payload: string }) => ({ Payload }),
      },
    );
    expect(output).to.deep.equal({ ExecutedVersion: "$LATEST", Payload: { a: 1 }, StatusCode: 200 });
  });

  it("calls an API as it is, with dates as text and bytes as base64", async () => {
    const { output } = await runTask(
      "arn:aws:states:::aws-sdk:glue:getJobRun",
      { JobName: "j", RunId: "r" },
      {
        "glue:getJobRun": (input: object) => ({
          JobRun: {
            ...input,
            StartedOn: new Date(start),
            Gone: undefined,
            Bytes: new Uint8Array([1]),
            List: [new Date(0)],
          },
        }),
      },
    );
    expect(output).to.deep.equal({
      JobRun: {
        JobName: "j",
        RunId: "r",
        StartedOn: "2026-01-01T00:00:00.000Z",
        Bytes: "AQ==",
        List: ["1970-01-01T00:00:00.000Z"],
      },
    });
  });

  it("names an API's errors as Step Functions does", async () => {
    for (const [resource, code, error] of [
      ["aws-sdk:glue:startJobRun", "ConcurrentRunsExceededException", "Glue.ConcurrentRunsExceededException"],
      ["aws-sdk:s3:startJobRun", "NoSuchKey", "S3.NoSuchKeyException"],
      ["aws-sdk:dynamodb:startJobRun", "ThrottlingException", "DynamoDb.DynamoDbException"],
      ["glue:startJobRun", "ThrottlingException", "Glue.AWSGlueException"],
    ] as const) {
      const service = resource.split(":").at(-2) ?? "";
      const failed = await runTask(
        `arn:aws:states:::${resource}`,
        {},
        {
          [`${service}:startJobRun`]: () => {
            throw new ServiceError(code, "message");
          },
        },
      );
      expect(failed.error, resource).to.equal(error);
      expect(failed.cause).to.match(/^message \(Service: .*, Error Code: /);
    }
  });

  it("fails where the machine's role may not call, with AccessDenied in the cause", async () => {
    for (const [resource, error] of [
      [FUNCTION, "Lambda.AWSLambdaException"],
      ["arn:aws:states:::aws-sdk:glue:getJobRun", "Glue.AccessDeniedException"],
      ["arn:aws:states:::sqs:sendMessage", "SQS.AmazonSQSException"],
    ] as const) {
      const stubs = { "lambda:invoke": answering(1), "glue:getJobRun": answering(1), "sqs:sendMessage": answering(1) };
      const failed = await runTask(resource, {}, stubs, { denied: true });
      expect(failed).to.include({ status: "FAILED", error });
      expect(failed.cause).to.match(/is not authorized to perform: .*AccessDeniedException/);
    }
  });

  it("sends objects as text where a service takes text", async () => {
    const echo = (input: unknown): unknown => input;
    const sent = await runTask(
      "arn:aws:states:::sqs:sendMessage",
      { QueueUrl: "q", MessageBody: { a: 1 } },
      { "sqs:sendMessage": echo },
    );
    expect(sent.output).to.deep.equal({ QueueUrl: "q", MessageBody: '{"a":1}' });
    const published = await runTask(
      "arn:aws:states:::sns:publish",
      { TopicArn: "t", Message: "text" },
      { "sns:publish": echo },
    );
    expect(published.output).to.deep.equal({ TopicArn: "t", Message: "text" });
  });

  it("needs an object for an API call", async () => {
    const failed = await runTask("arn:aws:states:::dynamodb:getItem", "text", { "dynamodb:getItem": () => null });
    expect(failed).to.include({ status: "FAILED", error: "States.Runtime" });
  });

  const run = (JobRunState: string): object => ({ JobRun: { Id: "jr", JobRunState } });

  it("waits for a job run through startJobRun.sync, looking as seldom as Step Functions does", async () => {
    const looks: number[] = [];
    const clockOf: { clock?: VirtualClock } = {};
    const T = {
      Type: "Task",
      Resource: "arn:aws:states:::glue:startJobRun.sync",
      Arguments: { JobName: "j" },
      End: true,
    };
    const cloud = setUp({
      machines: [declaredMachine("m", { T })],
      stubs: {
        "glue:startJobRun": () => ({ JobRunId: "jr" }),
        "glue:getJobRun": () => {
          looks.push(((clockOf.clock?.now() ?? 0) - start) / 60_000);
          return run(looks.length > 11 ? "SUCCEEDED" : "RUNNING");
        },
      },
    });
    clockOf.clock = cloud.clock;
    await cloud.startExecution({ name: "e" });
    await cloud.clock.idle();
    expect(looks).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20]);
    expect(JSON.parse((await cloud.describe("e")).output ?? "")).to.deep.equal({ Id: "jr", JobRunState: "SUCCEEDED" });
  });

  it("fails with the run as cause where it does not succeed", async () => {
    for (const state of ["FAILED", "TIMEOUT", "STOPPED"]) {
      const failed = await runTask(
        "arn:aws:states:::glue:startJobRun.sync",
        { JobName: "j" },
        {
          "glue:startJobRun": () => ({ JobRunId: "jr" }),
          "glue:getJobRun": () => run(state),
        },
      );
      expect(failed).to.include({
        error: "States.TaskFailed",
        cause: JSON.stringify({ Id: "jr", JobRunState: state }),
      });
    }
  });

  const nested = (suffix: string, child: States, more: object = {}): Declared[] => [
    declaredMachine("m", {
      T: {
        Type: "Task",
        Resource: `arn:aws:states:::states:startExecution${suffix}`,
        Arguments: { StateMachineArn: machineArn("child"), Name: "c", Input: { a: 1 } },
        End: true,
        ...more,
      },
    }),
    declaredMachine("child", child),
  ];
  const runNested = async (suffix: string, child: States, more: object = {}) => {
    const cloud = setUp({ machines: nested(suffix, child, more) });
    await cloud.startExecution({ name: "e" });
    await cloud.clock.idle();
    const { status, output, error, cause } = await cloud.describe("e");
    return { status, error, cause, output: JSON.parse(output ?? "null") as Record<string, unknown>, cloud };
  };

  it("starts another execution", async () => {
    const { output, cloud } = await runNested("", SLOW);
    expect(output).to.deep.equal({ ExecutionArn: executionArn("c", "child"), StartDate: "2026-01-01T00:00:00.000Z" });
    expect((await cloud.describe("c", "child")).input).to.equal('{"a":1}');
  });

  it("waits for another execution, with its output parsed or as text", async () => {
    expect((await runNested(".sync:2", SLOW)).output).to.deep.include({
      Status: "SUCCEEDED",
      Output: { a: 1 },
      Input: { a: 1 },
    });
    expect((await runNested(".sync", PASS)).output).to.deep.include({ Output: '{"a":1}' });
  });

  it("fails with another execution that fails", async () => {
    const failed = await runNested(".sync:2", { F: { Type: "Fail", Error: "E" } });
    expect(failed).to.include({ status: "FAILED", error: "States.TaskFailed" });
    expect(JSON.parse(failed.cause ?? "")).to.include({ Status: "FAILED", Error: "E" });
  });

  it("stops waiting once it has timed out", async () => {
    const { error, cloud } = await runNested(
      ".sync:2",
      { W: { Type: "Wait", Seconds: 86_400, End: true } },
      { TimeoutSeconds: 5 },
    );
    expect(error).to.equal("States.Timeout");
    expect((await cloud.describe("e")).stopDate).to.deep.equal(new Date(start + 5_000));
  });

  it("calls its own API through the SDK's names", async () => {
    const T = {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sfn:describeStateMachine",
      Arguments: { StateMachineArn: machineArn("m") },
      Output: "{% $states.result.Name %}",
      End: true,
    };
    const cloud = setUp({ machines: [declaredMachine("m", { T })] });
    await cloud.startExecution({ name: "e" });
    await cloud.clock.idle();
    expect((await cloud.describe("e")).output).to.equal('"m"');
  });

  it("surfaces a defect of a service, and ends the execution", async () => {
    const defect = new TypeError("a bug");
    const seen: unknown[] = [];
    const listen = (error: unknown): void => {
      seen.push(error);
    };
    const before = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listen);
    try {
      const { status, error, cause } = await runTask(
        "arn:aws:states:::sqs:sendMessage",
        {},
        {
          "sqs:sendMessage": () => {
            throw defect;
          },
        },
      );
      expect({ status, error, cause }).to.deep.equal({ status: "FAILED", error: "States.Runtime", cause: "a bug" });
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    } finally {
      process.removeListener("unhandledRejection", listen);
      for (const listener of before) process.on("unhandledRejection", listener);
    }
    expect(seen).to.deep.equal([defect]);
  });
});
