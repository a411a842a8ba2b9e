import { expect } from "chai";
import { declaredMachine, machineArn, setUp, type Setup, type StepFunctionsWorld } from "./step-functions-world.ts";
import { errorOf } from "../../support/world.ts";

const resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";

/** A machine whose one task waits, in a cloud whose function keeps the tokens that it is given. */
const waiting = (more: object = {}, setup: Setup = {}) => {
  const tokens: string[] = [];
  const task = {
    Type: "Task",
    Resource: resource,
    Arguments: { FunctionName: "f", Payload: { token: "{% $states.context.Task.Token %}" } },
    End: true,
    ...more,
  };
  const cloud = setUp({
    machines: [declaredMachine("m", { A: task })],
    stubs: {
      "lambda:invoke": ({ Payload }: { Payload: string }) => {
        tokens.push((JSON.parse(Payload) as { token: string }).token);
        return { Payload: '"submitted"', StatusCode: 200 };
      },
    },
    ...setup,
  });
  return { cloud, tokens };
};

const typesIn = ({ events }: Pick<StepFunctionsWorld, "events">): readonly string[] =>
  events.flatMap((event) => (event.kind === "history" ? [event.event.type] : []));

const tell = (cloud: StepFunctionsWorld, operation: string, input: object): Promise<object> =>
  cloud.call(operation, input);

const begun = async (cloud: StepFunctionsWorld): Promise<void> => {
  await cloud.startExecution({ name: "x" });
  await cloud.later(1000);
};

describe("A task that waits for its token", () => {
  it("ends with what is told, and not with its call's answer", async () => {
    const { cloud, tokens } = waiting();
    await begun(cloud);
    expect((await cloud.describe("x")).status).to.equal("RUNNING");
    await tell(cloud, "sendTaskSuccess", { taskToken: tokens[0], output: '{"rows": 3}' });
    await cloud.later(1000);
    const { status, output } = await cloud.describe("x");
    expect([status, output]).to.deep.equal(["SUCCEEDED", '{"rows":3}']);
    expect(typesIn(cloud)).to.deep.equal([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    const { events } = await cloud.call<{ events: { taskSubmittedEventDetails?: object }[] }>("getExecutionHistory", {
      executionArn: (await cloud.describe("x")).executionArn,
    });
    expect(events[4]?.taskSubmittedEventDetails).to.deep.equal({
      resourceType: "lambda",
      resource: "invoke.waitForTaskToken",
      output: '{"ExecutedVersion":"$LATEST","Payload":"submitted","StatusCode":200}',
      outputDetails: { truncated: false },
    });
  });

  it("fails with what is told", async () => {
    const { cloud, tokens } = waiting();
    await begun(cloud);
    await tell(cloud, "sendTaskFailure", { taskToken: tokens[0], error: "Broken", cause: "a leg" });
    await cloud.later(1000);
    expect(await cloud.describe("x")).to.include({ status: "FAILED", error: "Broken", cause: "a leg" });
    expect(typesIn(cloud)).to.include("TaskFailed");
  });

  it("times out when nothing is heard for its HeartbeatSeconds, which start anew with each heartbeat", async () => {
    const { cloud, tokens } = waiting({ HeartbeatSeconds: 60, TimeoutSeconds: 200 });
    await begun(cloud);
    await cloud.later(50_000);
    await tell(cloud, "sendTaskHeartbeat", { taskToken: tokens[0] });
    await cloud.later(50_000);
    expect((await cloud.describe("x")).status).to.equal("RUNNING");
    await cloud.later(20_000);
    expect(await cloud.describe("x")).to.include({ status: "FAILED", error: "States.HeartbeatTimeout" });
    expect(typesIn(cloud)).to.include("TaskTimedOut");
    for (const operation of ["sendTaskSuccess", "sendTaskFailure", "sendTaskHeartbeat"]) {
      expect((await errorOf(() => tell(cloud, operation, { taskToken: tokens[0], output: "{}" }))).name).to.equal(
        "TaskTimedOut",
      );
    }
  });

  it("has a token of its own for each try, and no other token ends it", async () => {
    const { cloud, tokens } = waiting({
      HeartbeatSeconds: 10,
      Retry: [{ ErrorEquals: ["States.HeartbeatTimeout"], MaxAttempts: 1 }],
    });
    await begun(cloud);
    await cloud.later(15_000);
    expect(new Set(tokens)).to.have.property("size", 2);
    const late = await errorOf(() => tell(cloud, "sendTaskSuccess", { taskToken: tokens[0], output: "1" }));
    expect(late.name).to.equal("TaskTimedOut");
    await tell(cloud, "sendTaskSuccess", { taskToken: tokens[1], output: "2" });
    await cloud.later(1000);
    expect((await cloud.describe("x")).output).to.equal("2");
  });

  it("ends once: what is told a second time is refused", async () => {
    const { cloud, tokens } = waiting();
    await begun(cloud);
    const told = { taskToken: tokens[0], output: "1" };
    await tell(cloud, "sendTaskSuccess", told);
    expect((await errorOf(() => tell(cloud, "sendTaskSuccess", told))).name).to.equal("TaskTimedOut");
    await cloud.later(1000);
    expect((await errorOf(() => tell(cloud, "sendTaskSuccess", told))).name).to.equal("TaskTimedOut");
    expect((await cloud.describe("x")).output).to.equal("1");
  });

  it("is gone when its execution is stopped", async () => {
    const { cloud, tokens } = waiting();
    await begun(cloud);
    await cloud.call("stopExecution", { executionArn: (await cloud.describe("x")).executionArn });
    await cloud.later(1000);
    const late = await errorOf(() => tell(cloud, "sendTaskSuccess", { taskToken: tokens[0], output: "1" }));
    expect(late.name).to.equal("TaskTimedOut");
    expect((await cloud.describe("x")).status).to.equal("ABORTED");
  });

  it("fails by its call, where that fails", async () => {
    const { cloud } = waiting(
      {},
      {
        stubs: {
          "lambda:invoke": () => ({ FunctionError: "Unhandled", Payload: '{"errorType":"Busy","errorMessage":"no"}' }),
        },
      },
    );
    await begun(cloud);
    expect(await cloud.describe("x")).to.include({ status: "FAILED", error: "Busy" });
    expect(typesIn(cloud)).to.include("TaskFailed").and.not.to.include("TaskSubmitted");
  });

  it("is told of by nothing but its token and JSON", async () => {
    const { cloud, tokens } = waiting();
    await begun(cloud);
    const nameOf = async (input: object) => (await errorOf(() => tell(cloud, "sendTaskSuccess", input))).name;
    expect(await nameOf({ taskToken: "nonsense", output: "1" })).to.equal("InvalidToken");
    expect(await nameOf({ taskToken: tokens[0], output: "{" })).to.equal("InvalidOutput");
    const other = Buffer.from(JSON.stringify([machineArn("gone"), "1"])).toString("base64");
    expect(await nameOf({ taskToken: other, output: "1" })).to.equal("TaskDoesNotExist");
    expect((await cloud.describe("x")).status).to.equal("RUNNING");
  });

  it("needs the right to tell of the tasks of its machine", () => {
    const { cloud } = waiting();
    const token = Buffer.from(JSON.stringify([machineArn("m"), "1"])).toString("base64");
    const asked = cloud.states.operations.sendTaskSuccess?.permissions({ taskToken: token } as never);
    expect(asked).to.deep.equal([{ action: "states:SendTaskSuccess", resource: machineArn("m") }]);
  });

  it("has the only kind of state whose context has a token", async () => {
    const { cloud } = waiting({
      Type: "Pass",
      Resource: undefined,
      Arguments: undefined,
      Output: "{% $exists($states.context.Task) %}",
    });
    await begun(cloud);
    expect((await cloud.describe("x")).output).to.equal("false");
  });

  it("is refused in an express machine", () => {
    const machines = [
      declaredMachine("m", { A: { Type: "Task", Resource: resource, End: true } }, { type: "EXPRESS" }),
    ];
    expect(() => setUp({ machines })).to.throw("must not wait (.waitForTaskToken) in an EXPRESS machine");
  });
});
