import { expect } from "chai";
import { StatesError } from "../../../local/states/machine.ts";
import type { TaskStub } from "./harness.ts";
import { execute, failureOf, machineOf, outputOf, typesOf } from "./harness.ts";

const FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:f";
const task = (more: object = {}): Record<string, unknown> => ({ Type: "Task", Resource: FUNCTION, End: true, ...more });

/** Fails so many times, then answers. */
function failing(times: number, name = "Broken"): { stub: TaskStub; calls: number[] } {
  const calls: number[] = [];
  const stub: TaskStub = (_request, clock) => {
    calls.push(clock.now());
    if (calls.length <= times) throw new StatesError(name, "why");
    return "done";
  };
  return { stub, calls };
}

/** Seconds between calls. */
const gaps = (calls: readonly number[]): number[] =>
  calls.slice(1).map((at, index) => (at - (calls[index] ?? at)) / 1_000);

describe("Task", () => {
  it("calls its Resource with its Arguments, and gives the result", async () => {
    const T = task({
      Arguments: { a: "{% $states.input.x %}" },
      Output: { was: "{% $states.input.x %}", is: "{% $states.result.a %}" },
      Assign: { answer: "{% $states.result %}" },
      Next: "S",
      End: undefined,
    });
    const machine = machineOf({ T, S: { Type: "Succeed", Output: ["{% $states.input %}", "{% $answer %}"] } });
    expect(await outputOf(machine, { input: { x: 1 } })).to.deep.equal([{ was: 1, is: 1 }, { a: 1 }]);
  });

  it("calls with its input where it has no Arguments; no answer is null", async () => {
    expect(await outputOf(machineOf({ T: task() }), { input: 5 })).to.equal(5);
    expect(await outputOf(machineOf({ T: task() }), { task: () => undefined })).to.equal(null);
  });

  it("writes a function's events", async () => {
    const { events } = await execute(machineOf({ T: task({ TimeoutSeconds: 5 }) }), { input: 1, task: () => 2 });
    expect(events.slice(1, -1).map(({ type, details }) => [type, details])).to.deep.equal([
      ["TaskStateEntered", { name: "T", input: 1 }],
      ["LambdaFunctionScheduled", { resource: FUNCTION, input: 1, timeoutInSeconds: 5 }],
      ["LambdaFunctionStarted", {}],
      ["LambdaFunctionSucceeded", { output: 2 }],
      ["TaskStateExited", { name: "T", output: 2 }],
    ]);
  });

  it("writes an integration's events", async () => {
    const T = task({ Resource: "arn:aws:states:::aws-sdk:glue:getJobRun", HeartbeatSeconds: 9 });
    const { events } = await execute(machineOf({ T }), { input: 1, task: () => 2 });
    const details = { resourceType: "aws-sdk:glue", resource: "getJobRun" };
    expect(events.slice(2, 5).map((event) => [event.type, event.details])).to.deep.equal([
      ["TaskScheduled", { ...details, parameters: 1, heartbeatInSeconds: 9 }],
      ["TaskStarted", details],
      ["TaskSucceeded", { ...details, output: 2 }],
    ]);
  });

  it("fails with the task's error", async () => {
    const { result, events } = await execute(machineOf({ T: task() }), { task: failing(1).stub });
    expect(result).to.include({ status: "FAILED", error: "Broken", cause: "why" });
    expect(typesOf(events).slice(-2)).to.deep.equal(["LambdaFunctionFailed", "ExecutionFailed"]);
  });

  it("fails with States.DataLimitExceeded where arguments or result are too large", async () => {
    const large = "x".repeat(262_143);
    const big = machineOf({ T: task({ Arguments: "{% $states.input & 'y' %}" }) });
    expect(await failureOf(big, { input: large.slice(1) })).to.include({ error: "States.DataLimitExceeded" });
    expect(await failureOf(machineOf({ T: task() }), { task: () => large })).to.include({
      error: "States.DataLimitExceeded",
    });
  });
});

describe("Retry", () => {
  const retrying = (...Retry: object[]): Record<string, unknown> => machineOf({ T: task({ Retry }) });

  it("tries three times more by default, after 1, 2 and 4 seconds", async () => {
    const { stub, calls } = failing(3);
    const { result } = await execute(retrying({ ErrorEquals: ["Broken"] }), { task: stub });
    expect(result).to.deep.include({ status: "SUCCEEDED", output: "done" });
    expect(gaps(calls)).to.deep.equal([1, 2, 4]);
  });

  it("counts each retry as a transition", async () => {
    const { result } = await execute(retrying({ ErrorEquals: ["Broken"] }), { task: failing(3).stub });
    expect(result.transitions).to.equal(4);
  });

  it("fails once its attempts are used up", async () => {
    const { stub, calls } = failing(9);
    expect(await failureOf(retrying({ ErrorEquals: ["States.ALL"], MaxAttempts: 2 }), { task: stub })).to.include({
      error: "Broken",
    });
    expect(calls).to.have.length(3);
    const never = failing(9);
    await failureOf(retrying({ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }), { task: never.stub });
    expect(never.calls).to.have.length(1);
  });

  it("backs off by its rate, up to MaxDelaySeconds", async () => {
    const { stub, calls } = failing(4);
    const retrier = {
      ErrorEquals: ["Broken"],
      IntervalSeconds: 2,
      BackoffRate: 3,
      MaxDelaySeconds: 10,
      MaxAttempts: 9,
    };
    await execute(retrying(retrier), { task: stub });
    expect(gaps(calls)).to.deep.equal([2, 6, 10, 10]);
  });

  it("waits a random part of the delay with JitterStrategy FULL", async () => {
    const { stub, calls } = failing(2);
    await execute(retrying({ ErrorEquals: ["Broken"], IntervalSeconds: 8, JitterStrategy: "FULL" }), {
      task: stub,
      random: () => 0.25,
    });
    expect(gaps(calls)).to.deep.equal([2, 4]);
  });

  it("counts the attempts of each retrier apart", async () => {
    const names = ["A", "B", "A", "B", "A"];
    let call = 0;
    const stub: TaskStub = () => {
      throw new StatesError(names[call++] ?? "", "");
    };
    const both = [
      { ErrorEquals: ["A"], MaxAttempts: 2 },
      { ErrorEquals: ["B"], MaxAttempts: 2 },
    ];
    expect(await failureOf(retrying(...both), { task: stub })).to.include({ error: "A" });
    expect(call).to.equal(5);
  });

  it("tells the expressions how often it has retried", async () => {
    const Arguments = "{% $states.context.State.RetryCount %}";
    const T = task({ Arguments, Retry: [{ ErrorEquals: ["Broken"] }] });
    const seen: unknown[] = [];
    await execute(machineOf({ T }), {
      task: ({ arguments: count }) => {
        seen.push(count);
        if (seen.length < 3) throw new StatesError("Broken", "");
        return count;
      },
    });
    expect(seen).to.deep.equal([0, 1, 2]);
  });
});

describe("A pause before a retry", () => {
  it("ends with the execution, stopped or timed out", async () => {
    const states = { T: task({ Retry: [{ ErrorEquals: ["Broken"], IntervalSeconds: 60 }] }) };
    const { stub, calls } = failing(9);
    const stopped = await execute(machineOf(states), { task: stub, stopAfterSeconds: 10 });
    expect([stopped.result.status, stopped.seconds]).to.deep.equal(["ABORTED", 10]);
    const late = await execute(machineOf(states, { TimeoutSeconds: 20 }), { task: stub });
    expect([late.result.status, late.seconds]).to.deep.equal(["TIMED_OUT", 20]);
    expect(calls).to.have.length(2);
  });
});

describe("Catch", () => {
  const catching = (Catch: object[], more: object = {}): Record<string, unknown> =>
    machineOf({
      T: task({ Catch, ...more }),
      Done: { Type: "Succeed", Output: ["{% $states.input %}", "{% $seen %}"] },
    });

  it("goes on with the error, its Output and Assign", async () => {
    const catcher = {
      ErrorEquals: ["Broken"],
      Next: "Done",
      Assign: { seen: "{% $states.errorOutput.Error %}" },
      Output: "{% $states.errorOutput.Cause & '!' %}",
    };
    expect(await outputOf(catching([catcher]), { task: failing(1).stub })).to.deep.equal(["why!", "Broken"]);
  });

  it("gives Error and Cause by default", async () => {
    const machine = catching([{ ErrorEquals: ["States.ALL"], Next: "Done", Assign: { seen: 1 } }]);
    expect(await outputOf(machine, { task: failing(1).stub })).to.deep.equal([{ Error: "Broken", Cause: "why" }, 1]);
  });

  it("takes over when the retries are used up", async () => {
    const { stub, calls } = failing(9);
    const machine = catching([{ ErrorEquals: ["States.ALL"], Next: "Done", Assign: { seen: 1 } }], {
      Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }],
    });
    await outputOf(machine, { task: stub });
    expect(calls).to.have.length(2);
  });

  it("catches the state's own evaluation errors", async () => {
    for (const more of [{ Arguments: "{% $missing %}" }, { Output: "{% $missing %}" }, { TimeoutSeconds: "{% 0 %}" }]) {
      const machine = catching(
        [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "Done", Assign: { seen: 1 } }],
        more,
      );
      const [caught] = (await outputOf(machine)) as [{ Error: string }];
      expect(caught.Error).to.equal("States.QueryEvaluationError");
    }
  });

  it("leaves what it caught in the history", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "Done", Assign: { seen: 1 } }];
    const { events } = await execute(catching(Catch, { Arguments: { a: "{% $missing %}" } }));
    expect(events.slice(2, 4).map(({ type, details }) => [type, details.location])).to.deep.equal([
      ["EvaluationFailed", "Arguments/a"],
      ["TaskStateExited", undefined],
    ]);
  });

  it("does not catch the catcher's own evaluation errors", async () => {
    const machine = catching([{ ErrorEquals: ["States.ALL"], Next: "Done", Output: "{% $missing %}" }]);
    expect(await failureOf(machine, { task: failing(1).stub })).to.include({ error: "States.QueryEvaluationError" });
  });

  const MATCHES: readonly (readonly [caught: string, thrown: string, isCaught: boolean])[] = [
    ["Broken", "Broken", true],
    ["Broken", "Other", false],
    ["States.ALL", "Broken", true],
    ["States.ALL", "States.Timeout", true],
    ["States.ALL", "States.Runtime", false],
    ["States.Runtime", "States.Runtime", false],
    ["States.ALL", "States.DataLimitExceeded", false],
    ["States.TaskFailed", "States.DataLimitExceeded", false],
    ["States.TaskFailed", "States.HeartbeatTimeout", true],
    ["States.DataLimitExceeded", "States.DataLimitExceeded", true],
    ["States.TaskFailed", "Broken", true],
    ["States.TaskFailed", "States.Timeout", false],
    ["States.Timeout", "States.HeartbeatTimeout", true],
    ["States.HeartbeatTimeout", "States.Timeout", false],
    ["States.Permissions", "States.Permissions", true],
    ["States.BranchFailed", "Broken", false],
  ];
  for (const [caught, thrown, isCaught] of MATCHES) {
    it(`${isCaught ? "catches" : "does not catch"} ${thrown} by ${caught}`, async () => {
      const machine = catching([{ ErrorEquals: [caught], Next: "Done", Assign: { seen: 1 } }]);
      const { result } = await execute(machine, { task: failing(1, thrown).stub });
      expect(result.status).to.equal(isCaught ? "SUCCEEDED" : "FAILED");
    });
  }
});
