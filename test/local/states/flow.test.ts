import { expect } from "chai";
import { StatesError } from "../../../local/states/machine.ts";
import { START, execute, failureOf, machineOf, outputOf, typesOf } from "./harness.ts";

const END = { End: true };

describe("Pass, Succeed and Fail", () => {
  it("pass their input on", async () => {
    const machine = machineOf({ A: { Type: "Pass", Next: "B" }, B: { Type: "Succeed" } });
    expect(await outputOf(machine, { input: { a: [1, null] } })).to.deep.equal({ a: [1, null] });
  });

  it("give their Output, with expressions anywhere in it", async () => {
    const Output = { text: "$x", sum: "{% $states.input.a + 1 %}", list: ["{% $states.input.a %}", { n: null }] };
    expect(await outputOf(machineOf({ A: { Type: "Succeed", Output } }), { input: { a: 1 } })).to.deep.equal({
      text: "$x",
      sum: 2,
      list: [1, { n: null }],
    });
    expect(await outputOf(machineOf({ A: { Type: "Pass", Output: "{% 1 + 1 %}", ...END } }))).to.equal(2);
  });

  it("fail with Error and Cause, which may be expressions", async () => {
    const machine = machineOf({ A: { Type: "Fail", Error: "{% 'E' & 1 %}", Cause: "why" } });
    const { result, events } = await execute(machine);
    expect(result).to.deep.equal({ status: "FAILED", error: "E1", cause: "why", transitions: 1, events: 3 });
    expect(typesOf(events)).to.deep.equal(["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
  });

  it("fail without Error and Cause", async () => {
    expect(await failureOf(machineOf({ A: { Type: "Fail" } }))).to.deep.equal({
      status: "FAILED",
      transitions: 1,
      events: 3,
    });
  });

  it("fail with States.QueryEvaluationError where an Error is not text", async () => {
    const { error, cause } = await failureOf(machineOf({ A: { Type: "Fail", Error: "{% 1 %}" } }));
    expect(error).to.equal("States.QueryEvaluationError");
    expect(cause).to.include("it must be a string, got 1");
  });
});

describe("Assign", () => {
  it("evaluates all variables with their old values, unseen by the state's own Output", async () => {
    const machine = machineOf({
      A: { Type: "Pass", Assign: { x: 1, y: 2 }, Next: "B" },
      B: { Type: "Pass", Assign: { x: "{% $y %}", y: "{% $x %}" }, Output: ["{% $x %}", "{% $y %}"], Next: "C" },
      C: { Type: "Succeed", Output: { before: "{% $states.input %}", after: ["{% $x %}", "{% $y %}"] } },
    });
    const { result, events } = await execute(machine);
    expect(result).to.deep.include({ output: { before: [1, 2], after: [2, 1] } });
    expect(events[2]?.details).to.deep.equal({ name: "A", output: {}, assignedVariables: { x: 1, y: 2 } });
  });

  it("fails where a variable's expression gives nothing", async () => {
    const { result, events } = await execute(
      machineOf({ A: { Type: "Pass", Assign: { x: "{% $missing %}" }, ...END } }),
    );
    expect(result).to.include({ status: "FAILED", error: "States.QueryEvaluationError" });
    expect(typesOf(events).slice(-2)).to.deep.equal(["EvaluationFailed", "ExecutionFailed"]);
    expect(events.at(-2)?.details).to.include({ location: "Assign/x", state: "A" });
  });

  it("holds 262,144 bytes at most", async () => {
    const machine = machineOf({
      A: { Type: "Pass", Assign: { x: "{% $states.input %}", y: "{% $states.input %}" }, Output: 1, ...END },
    });
    expect(await failureOf(machine, { input: "x".repeat(131_070) })).to.include({ error: "States.DataLimitExceeded" });
    expect(await outputOf(machine, { input: "x".repeat(131_000) })).to.equal(1);
  });
});

describe("Choice", () => {
  const choice = (more: object = {}): Record<string, unknown> =>
    machineOf({
      C: {
        Type: "Choice",
        Choices: [
          {
            Condition: "{% $states.input.n > 10 %}",
            Next: "Big",
            Output: "big",
            Assign: { size: "{% $states.input.n %}" },
          },
          { Condition: "{% $states.input.n > 5 %}", Next: "Middle" },
        ],
        Assign: { size: -1 },
        ...more,
      },
      Big: { Type: "Succeed", Output: ["{% $states.input %}", "{% $size %}"] },
      Middle: { Type: "Succeed", Output: ["middle", "{% $states.input.n %}", "{% $exists($size) %}"] },
      ...("Default" in more ? { Small: { Type: "Succeed", Output: ["{% $states.input %}", "{% $size %}"] } } : {}),
    });

  it("takes the first rule that is met, with the rule's Output and Assign", async () => {
    expect(await outputOf(choice(), { input: { n: 11 } })).to.deep.equal(["big", 11]);
    expect(await outputOf(choice(), { input: { n: 6 } })).to.deep.equal(["middle", 6, false]);
  });

  it("takes its Default, with the state's own Output and Assign", async () => {
    expect(await outputOf(choice({ Default: "Small", Output: "small" }), { input: { n: 1 } })).to.deep.equal([
      "small",
      -1,
    ]);
  });

  it("fails with States.NoChoiceMatched without one", async () => {
    expect(await failureOf(choice(), { input: { n: 1 } })).to.include({ error: "States.NoChoiceMatched" });
  });

  it("fails where a condition is not true or false", async () => {
    const states = {
      C: { Type: "Choice", Choices: [{ Condition: "{% 'yes' %}", Next: "D" }] },
      D: { Type: "Succeed" },
    };
    const failure = await failureOf(machineOf(states));
    expect(failure).to.include({ error: "States.QueryEvaluationError" });
    expect(failure).to.have.property("cause").that.includes("Choices/0/Condition");
  });
});

describe("Wait", () => {
  const wait = (fields: object, input: unknown = {}): Promise<{ seconds: number; status: string; error?: string }> =>
    execute(machineOf({ W: { Type: "Wait", ...fields, ...END } }), { input }).then(({ result, seconds }) => ({
      seconds,
      status: result.status,
      ...("error" in result && { error: result.error }),
    }));

  it("waits for Seconds, given or calculated", async () => {
    expect(await wait({ Seconds: 3600 })).to.deep.equal({ seconds: 3600, status: "SUCCEEDED" });
    expect(await wait({ Seconds: "{% $states.input.s * 2 %}" }, { s: 4 })).to.include({ seconds: 8 });
    expect(await wait({ Seconds: 0 })).to.include({ seconds: 0 });
  });

  it("waits until a Timestamp, and not for one that has passed", async () => {
    expect(await wait({ Timestamp: "2026-01-01T00:01:00Z" })).to.include({ seconds: 60 });
    expect(await wait({ Timestamp: "{% $states.input.t %}" }, { t: "2026-01-01T02:00:00+01:00" })).to.include({
      seconds: 3600,
    });
    expect(await wait({ Timestamp: "2025-01-01T00:00:00Z" })).to.include({ seconds: 0, status: "SUCCEEDED" });
  });

  it("refuses what is not a time", async () => {
    for (const fields of [{ Seconds: "{% 1.5 %}" }, { Seconds: "{% -1 %}" }, { Timestamp: "tomorrow" }]) {
      expect(await wait(fields), JSON.stringify(fields)).to.include({ error: "States.QueryEvaluationError" });
    }
  });
});

describe("An execution", () => {
  const LOOP = machineOf({
    A: { Type: "Pass", Next: "B" },
    B: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "C" }], Default: "A" },
    C: { Type: "Succeed" },
  });

  it("shows its states the context, with State, and the time", async () => {
    const Output = {
      execution: "{% $states.context.Execution.Name %}",
      state: "{% $states.context.State %}",
      now: "{% $now() %}",
      millis: "{% $millis() %}",
    };
    const machine = machineOf({ W: { Type: "Wait", Seconds: 1, Next: "A" }, A: { Type: "Succeed", Output } });
    expect(await outputOf(machine, { context: { Execution: { Name: "e" } } })).to.deep.equal({
      execution: "e",
      state: { EnteredTime: "2026-01-01T00:00:01.000Z", Name: "A", RetryCount: 0 },
      now: "2026-01-01T00:00:01.000Z",
      millis: START + 1_000,
    });
  });

  it("writes a history whose events follow one another, the first state's none", async () => {
    const { events, result } = await execute(machineOf({ A: { Type: "Pass", Next: "B" }, B: { Type: "Succeed" } }), {
      input: 1,
    });
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).to.deep.equal([
      [1, 0, "ExecutionStarted"],
      [2, 0, "PassStateEntered"],
      [3, 2, "PassStateExited"],
      [4, 3, "SucceedStateEntered"],
      [5, 4, "SucceedStateExited"],
      [6, 5, "ExecutionSucceeded"],
    ]);
    expect(events[1]).to.deep.include({ timestamp: START, details: { name: "A", input: 1 } });
    expect(result).to.deep.equal({ status: "SUCCEEDED", output: 1, transitions: 2, events: 6 });
  });

  it("times out by its TimeoutSeconds, in the middle of a wait", async () => {
    const machine = machineOf({ W: { Type: "Wait", Seconds: 3600, End: true } }, { TimeoutSeconds: 60 });
    const { result, seconds, events } = await execute(machine);
    expect(result).to.include({ status: "TIMED_OUT" });
    expect(result).not.to.have.any.keys("error", "cause");
    expect(seconds).to.equal(60);
    expect(events.at(-1)).to.deep.include({
      id: 3,
      previousEventId: 0,
      type: "ExecutionTimedOut",
      details: { error: "States.Timeout" },
    });
  });

  it("is aborted at once when it is stopped, with the stop's error and cause", async () => {
    const machine = machineOf({ W: { Type: "Wait", Seconds: 3600, End: true } });
    const stopReason = new StatesError("Stop", "enough");
    const { result, seconds, events } = await execute(machine, { stopAfterSeconds: 5, stopReason });
    expect(result).to.include({ status: "ABORTED", error: "Stop", cause: "enough" });
    expect(seconds).to.equal(5);
    expect(events.at(-1)).to.deep.include({ id: 3, previousEventId: 0, type: "ExecutionAborted" });
    expect((await execute(machine, { stopAfterSeconds: 1 })).result).to.deep.include({ status: "ABORTED" });
  });

  it("fails with States.Runtime at 25,000 events", async () => {
    const { result, events } = await execute(LOOP);
    expect(result).to.include({ status: "FAILED", error: "States.Runtime" });
    expect(events).to.have.length(25_000);
    expect(events.at(-1)?.type).to.equal("ExecutionFailed");
  });

  it("of an EXPRESS machine ends after five minutes", async () => {
    const machine = machineOf({ W: { Type: "Wait", Seconds: 3600, End: true } });
    const { result, seconds } = await execute(machine, { type: "EXPRESS" });
    expect([result.status, seconds]).to.deep.equal(["TIMED_OUT", 300]);
  });

  it("fails with States.DataLimitExceeded where a payload is over 262,144 bytes", async () => {
    const pass = machineOf({ A: { Type: "Pass", Output: "{% $states.input & 'x' %}", End: true } });
    // Two quotes around the text count as well.
    const fits = "é".repeat(131_070);
    expect(await outputOf(pass, { input: fits })).to.have.length(131_071);
    expect(await failureOf(pass, { input: `${fits}xx` })).to.include({ error: "States.DataLimitExceeded" });
    expect(await failureOf(pass, { input: "x".repeat(300_000) })).to.include({ error: "States.DataLimitExceeded" });
    const list = { a: Array.from({ length: 30_000 }, (_, index) => index) };
    expect(await outputOf(machineOf({ A: { Type: "Succeed" } }), { input: list })).to.deep.equal(list);
  });

  it("surfaces a defect of its host instead of failing the execution", async () => {
    const machine = machineOf({ T: { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", End: true } });
    const defect = new TypeError("a bug");
    const running = execute(machine, {
      task: () => {
        throw defect;
      },
    });
    expect(await running.catch((error: unknown) => error)).to.equal(defect);
  });
});
