import { expect } from "chai";
import type { TaskStub } from "./harness.ts";
import { execute, machineOf, typesOf } from "./harness.ts";

const FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:f";
const task = (more: object = {}): Record<string, unknown> => ({ Type: "Task", Resource: FUNCTION, End: true, ...more });

const taking =
  (seconds: number): TaskStub =>
  async (_request, clock) => {
    await clock.sleep(seconds * 1_000);
    return "late";
  };

describe("TimeoutSeconds and HeartbeatSeconds", () => {
  it("fail a task that takes too long with States.Timeout, at once", async () => {
    for (const TimeoutSeconds of [5, "{% $states.input.t %}"]) {
      const { result, seconds, events } = await execute(machineOf({ T: task({ TimeoutSeconds }) }), {
        task: taking(3600),
        input: { t: 5 },
      });
      expect(result).to.include({ status: "FAILED", error: "States.Timeout" });
      expect(seconds).to.equal(5);
      expect(typesOf(events)).to.include("LambdaFunctionTimedOut");
    }
  });

  it("let a task be that is in time, again and again", async () => {
    const T = (next: object): object => task({ TimeoutSeconds: 5, ...next });
    const states = { A: T({ End: undefined, Next: "B" }), B: T({ End: undefined, Next: "C" }), C: T({}) };
    const { result, seconds } = await execute(machineOf(states as never), { task: taking(4) });
    expect([result.status, seconds]).to.deep.equal(["SUCCEEDED", 12]);
  });

  it("hold for each of a thread's tasks, whatever the one before allowed", async () => {
    const states = {
      A: task({ TimeoutSeconds: 100, End: undefined, Next: "B" }),
      B: task({
        TimeoutSeconds: 2,
        End: undefined,
        Next: "C",
        Catch: [{ ErrorEquals: ["States.Timeout"], Next: "C" }],
      }),
      C: task({ TimeoutSeconds: 50 }),
    };
    const { result, seconds } = await execute(machineOf(states), {
      task: (request, clock) =>
        taking(request.stateName === "A" ? 1 : request.stateName === "B" ? 3 : 1_000)(request, clock),
    });
    expect([result.status, seconds]).to.deep.equal(["FAILED", 1 + 2 + 50]);
  });

  it("fail a silent task with States.HeartbeatTimeout", async () => {
    const T = task({ HeartbeatSeconds: 10, TimeoutSeconds: 100 });
    const { result, seconds } = await execute(machineOf({ T }), { task: taking(60) });
    expect(result).to.include({ error: "States.HeartbeatTimeout" });
    expect(seconds).to.equal(10);
  });

  it("start anew with each heartbeat", async () => {
    const T = task({ HeartbeatSeconds: 10 });
    const { result, seconds } = await execute(machineOf({ T }), {
      task: async ({ heartbeat, isAbandoned }, clock) => {
        for (let beat = 0; beat < 5; beat++) {
          await clock.sleep(8_000);
          heartbeat();
        }
        return isAbandoned();
      },
    });
    expect(result).to.deep.include({ output: false });
    expect(seconds).to.equal(40);
  });

  it("yield to the execution's own time-out", async () => {
    const machine = machineOf({ T: task({ TimeoutSeconds: 100 }) }, { TimeoutSeconds: 7 });
    const { result, seconds } = await execute(machine, { task: taking(60) });
    expect([result.status, seconds]).to.deep.equal(["TIMED_OUT", 7]);
  });

  it("tell an abandoned task so, and ignore what becomes of it", async () => {
    let wasAbandoned = false;
    const T = task({ TimeoutSeconds: 1, Catch: [{ ErrorEquals: ["States.Timeout"], Next: "W" }] });
    await execute(machineOf({ T, W: { Type: "Wait", Seconds: 10, End: true } }), {
      task: async ({ isAbandoned, heartbeat }, clock) => {
        await clock.sleep(5_000);
        wasAbandoned = isAbandoned();
        heartbeat();
        throw new Error("too late to matter");
      },
    });
    expect(wasAbandoned).to.equal(true);
  });

  it("do not keep a stopped execution waiting for its task", async () => {
    const { result, seconds } = await execute(machineOf({ T: task({ TimeoutSeconds: 90 }) }), {
      task: taking(60),
      stopAfterSeconds: 3,
    });
    expect([result.status, seconds]).to.deep.equal(["ABORTED", 3]);
  });
});
