import type {
  DescribeStateMachineCommandOutput,
  GetExecutionHistoryCommandOutput,
  ListExecutionsCommandOutput,
} from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { ServiceError } from "../../../local/services/service.ts";
import { roleArn } from "../../support/graph.ts";
import { errorOf, start } from "../../support/world.ts";
import type { States } from "../states/harness.ts";
import { machineOf } from "../states/harness.ts";
import { machineArn, executionArn, PASS, SLOW, declaredMachine, setUp } from "../states/step-functions-world.ts";

const DAY = 86_400_000;

describe("StepFunctions.startExecution", () => {
  it("starts an execution, which runs and tells of itself", async () => {
    const { startExecution, clock, events, describe: look } = setUp();
    const answer = await startExecution({ name: "e", input: '{"a":1}' });
    expect(answer).to.deep.equal({ executionArn: executionArn("e"), startDate: new Date(start) });
    expect((await look("e")).status).to.equal("RUNNING");
    await clock.idle();
    expect(events.map(({ kind }) => kind)).to.deep.equal([
      "execution-started",
      ...Array.from({ length: 4 }, () => "history"),
      "execution-ended",
    ]);
    expect(events[0]).to.deep.include({ executionArn: executionArn("e"), name: "e", input: { a: 1 } });
    expect(events.at(-1)).to.deep.include({ status: "SUCCEEDED", output: { a: 1 } });
    expect(await look("e")).to.deep.equal({
      executionArn: executionArn("e"),
      stateMachineArn: machineArn("m"),
      name: "e",
      status: "SUCCEEDED",
      startDate: new Date(start),
      stopDate: new Date(start),
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"a":1}',
      outputDetails: { included: true },
      redriveCount: 0,
    });
  });

  it("makes a name and an empty input where none is given", async () => {
    const { startExecution, clock, events } = setUp();
    const { executionArn: arn } = await startExecution();
    expect(arn).to.match(/:execution:m:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await clock.idle();
    expect(events.at(-1)).to.deep.include({ output: {} });
  });

  it("gives the same answer for the same name and input while it runs", async () => {
    const { startExecution, later, events } = setUp({ machines: [declaredMachine("m", SLOW)] });
    const first = await startExecution({ name: "e", input: "[1]" });
    await later(10_000);
    expect(await startExecution({ name: "e", input: "[1]" })).to.deep.equal(first);
    expect((await errorOf(() => startExecution({ name: "e", input: "[2]" }))).name).to.equal("ExecutionAlreadyExists");
    await later(100_000);
    expect(events.filter(({ kind }) => kind === "execution-started")).to.have.length(1);
  });

  it("keeps a closed execution's name for 90 days, whether it is kept or not", async () => {
    for (const keepClosed of [true, false, 5]) {
      const { startExecution, later, clock } = setUp({ keepClosed });
      await startExecution({ name: "e" });
      await clock.idle();
      await later(90 * DAY - 1_000);
      expect((await errorOf(() => startExecution({ name: "e" }))).name).to.equal("ExecutionAlreadyExists");
      await later(1_000);
      await startExecution({ name: "e" });
    }
  });

  it("refuses names and inputs that AWS refuses", async () => {
    const { startExecution } = setUp();
    for (const name of [
      "",
      "n".repeat(81),
      "a b",
      "a/b",
      "a:b",
      "a#b",
      "a\u0001",
      "a`",
      "a\\b",
      "a\u0085",
      "a\uffff",
      "a😀",
    ]) {
      expect((await errorOf(() => startExecution({ name }))).name, name).to.equal("InvalidName");
    }
    await startExecution({ name: `${"n".repeat(76)}-_.é` });
    for (const input of ["{", "", `"${"x".repeat(262_143)}"`]) {
      expect((await errorOf(() => startExecution({ input }))).name).to.equal("InvalidExecutionInput");
    }
    const unknown = await errorOf(() => startExecution({ stateMachineArn: "arn:none" }));
    expect(unknown).to.be.instanceOf(ServiceError).with.property("name", "StateMachineDoesNotExist");
  });

  it("lets executions of an EXPRESS machine share a name", async () => {
    const { startExecution, clock, events } = setUp({ machines: [declaredMachine("m", SLOW, { type: "EXPRESS" })] });
    const arns = [await startExecution({ name: "e" }), await startExecution({ name: "e" })].map(
      (one) => one.executionArn,
    );
    expect(new Set(arns).size).to.equal(2);
    expect(arns[0]).to.match(/:express:m:e:[0-9a-f-]{36}$/);
    await clock.idle();
    expect(events.filter(({ kind }) => kind === "execution-ended")).to.have.length(2);
  });

  it("shows expressions the execution and the machine", async () => {
    const A = { Type: "Succeed", Output: "{% $states.context %}" };
    const { startExecution, clock, describe: look } = setUp({ machines: [declaredMachine("m", { A })] });
    await startExecution({ name: "e", input: "[1]" });
    await clock.idle();
    expect(JSON.parse((await look("e")).output ?? "")).to.deep.equal({
      Execution: {
        Id: executionArn("e"),
        Input: [1],
        Name: "e",
        RoleArn: roleArn("machine"),
        StartTime: "2026-01-01T00:00:00.000Z",
        RedriveCount: 0,
      },
      StateMachine: { Id: machineArn("m"), Name: "m" },
      State: { EnteredTime: "2026-01-01T00:00:00.000Z", Name: "A", RetryCount: 0 },
    });
  });
});

describe("StepFunctions' other operations", () => {
  it("give a history in the API's shape, in pages, in either order", async () => {
    const states: States = {
      A: { Type: "Pass", Assign: { x: [1] }, Next: "F" },
      F: { Type: "Fail", Error: "E", Cause: "c" },
    };
    const { startExecution, clock, call } = setUp({ machines: [declaredMachine("m", states)] });
    await startExecution({ name: "e", input: '{"a":1}' });
    await clock.idle();
    const history = (input: object) =>
      call<GetExecutionHistoryCommandOutput>("getExecutionHistory", { executionArn: executionArn("e"), ...input });
    const { events, nextToken } = await history({});
    const timestamp = new Date(start);
    const whole = { truncated: false };
    expect(events).to.deep.equal([
      {
        id: 1,
        previousEventId: 0,
        timestamp,
        type: "ExecutionStarted",
        executionStartedEventDetails: { input: '{"a":1}', inputDetails: whole, roleArn: roleArn("machine") },
      },
      {
        id: 2,
        previousEventId: 0,
        timestamp,
        type: "PassStateEntered",
        stateEnteredEventDetails: { name: "A", input: '{"a":1}', inputDetails: whole },
      },
      {
        id: 3,
        previousEventId: 2,
        timestamp,
        type: "PassStateExited",
        stateExitedEventDetails: {
          name: "A",
          output: '{"a":1}',
          outputDetails: whole,
          assignedVariables: { x: "[1]" },
          assignedVariablesDetails: whole,
        },
      },
      {
        id: 4,
        previousEventId: 3,
        timestamp,
        type: "FailStateEntered",
        stateEnteredEventDetails: { name: "F", input: '{"a":1}', inputDetails: whole },
      },
      {
        id: 5,
        previousEventId: 4,
        timestamp,
        type: "ExecutionFailed",
        executionFailedEventDetails: { error: "E", cause: "c" },
      },
    ]);
    expect(nextToken).to.equal(undefined);
    const first = await history({ maxResults: 2, reverseOrder: true });
    expect(first.events?.map(({ id }) => id)).to.deep.equal([5, 4]);
    const second = await history({ maxResults: 4, reverseOrder: true, nextToken: first.nextToken });
    expect([second.events?.map(({ id }) => id), second.nextToken]).to.deep.equal([[3, 2, 1], undefined]);
    expect((await errorOf(() => history({ nextToken: "x" }))).name).to.equal("InvalidToken");
    expect((await errorOf(() => history({ maxResults: 1_001 }))).name).to.equal("ValidationException");
  });

  it("give the bare events of branches without details", async () => {
    const P = { Type: "Parallel", Branches: [{ StartAt: "A", States: PASS }], End: true };
    const { startExecution, clock, call } = setUp({ machines: [declaredMachine("m", { P })] });
    await startExecution({ name: "e" });
    await clock.idle();
    const { events } = await call<GetExecutionHistoryCommandOutput>("getExecutionHistory", {
      executionArn: executionArn("e"),
    });
    expect(events?.[2]).to.have.all.keys("id", "previousEventId", "timestamp", "type");
  });

  it("list executions, newest first, by status", async () => {
    const machines = [declaredMachine("m", SLOW), declaredMachine("other", PASS)];
    const { startExecution, later, call } = setUp({ machines });
    await startExecution({ name: "one" });
    await startExecution({ name: "x", stateMachineArn: machineArn("other") });
    await later(61_000);
    await startExecution({ name: "two" });
    const list = async (input: object = {}) =>
      (
        await call<ListExecutionsCommandOutput>("listExecutions", { stateMachineArn: machineArn("m"), ...input })
      ).executions?.map(({ name, status }) => [name, status]);
    expect(await list()).to.deep.equal([
      ["two", "RUNNING"],
      ["one", "SUCCEEDED"],
    ]);
    expect(await list({ statusFilter: "SUCCEEDED" })).to.deep.equal([["one", "SUCCEEDED"]]);
    expect(await list({ maxResults: 1 })).to.deep.equal([["two", "RUNNING"]]);
  });

  it("stop an execution, once", async () => {
    const { startExecution, later, call, describe: look, clock } = setUp({ machines: [declaredMachine("m", SLOW)] });
    await startExecution({ name: "e" });
    await later(5_000);
    const stop = (input: object = {}) => call("stopExecution", { executionArn: executionArn("e"), ...input });
    expect(await stop({ error: "Enough", cause: "c" })).to.deep.equal({ stopDate: new Date(start + 5_000) });
    await clock.idle();
    expect(await look("e")).to.deep.include({
      status: "ABORTED",
      error: "Enough",
      cause: "c",
      stopDate: new Date(start + 5_000),
    });
    expect(await stop()).to.deep.equal({ stopDate: new Date(start + 5_000) });
    expect(clock.now()).to.equal(start + 5_000);
  });

  it("describe a machine", async () => {
    const { call } = setUp();
    expect(
      await call<DescribeStateMachineCommandOutput>("describeStateMachine", { stateMachineArn: machineArn("m") }),
    ).to.deep.equal({
      stateMachineArn: machineArn("m"),
      name: "m",
      status: "ACTIVE",
      definition: JSON.stringify(machineOf(PASS)),
      roleArn: roleArn("machine"),
      type: "STANDARD",
      creationDate: new Date(start),
    });
  });

  it("do not know an execution that there is not, or that is not kept", async () => {
    const { startExecution, clock, describe: look } = setUp({ keepClosed: 1 });
    expect((await errorOf(() => look("e"))).name).to.equal("ExecutionDoesNotExist");
    await startExecution({ name: "e" });
    await startExecution({ name: "f" });
    await clock.idle();
    expect((await errorOf(() => look("e"))).name).to.equal("ExecutionDoesNotExist");
    expect((await look("f")).status).to.equal("SUCCEEDED");
  });

  it("each need a permission on the machine or the execution", () => {
    const { operations } = setUp().states;
    const input = { stateMachineArn: "M", executionArn: "E", mapRunArn: "R" };
    const needed = Object.values(operations).flatMap(({ permissions }) =>
      permissions(input as never).map(({ action, resource }) => `${action} on ${resource}`),
    );
    expect(needed).to.deep.equal([
      "states:StartExecution on M",
      "states:DescribeExecution on E",
      "states:GetExecutionHistory on E",
      "states:ListExecutions on M",
      "states:DescribeMapRun on R",
      "states:ListMapRuns on E",
      "states:StopExecution on E",
      "states:DescribeStateMachine on M",
    ]);
  });
});
