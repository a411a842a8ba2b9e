import { expect } from "chai";
import { StatesError } from "../../../local/states/machine.ts";
import type { States, TaskStub } from "./harness.ts";
import { execute, failureOf, machineOf, outputOf, typesOf } from "./harness.ts";

const scope = (states: States): object => ({ StartAt: Object.keys(states)[0], States: states });
const task = (more: object = {}): Record<string, unknown> => ({
  Type: "Task",
  Resource: "arn:aws:states:::aws-sdk:sqs:sendMessage",
  End: true,
  ...more,
});
const wait = (Seconds: number): Record<string, unknown> => ({ Type: "Wait", Seconds, End: true });
const fail: TaskStub = () => {
  throw new StatesError("Broken", "why");
};

describe("Parallel", () => {
  const parallel = (branches: readonly States[], more: object = {}): Record<string, unknown> => ({
    Type: "Parallel",
    Branches: branches.map(scope),
    End: true,
    ...more,
  });

  it("runs its branches at once, and gives their outputs in order", async () => {
    const A = { ...wait(10), Output: "a" };
    const B = { ...wait(5), Output: "b" };
    const { result, seconds } = await execute(machineOf({ P: parallel([{ A }, { B }]) }));
    expect(result).to.deep.include({ output: ["a", "b"], transitions: 3 });
    expect(seconds).to.equal(10);
  });

  it("gives its branches its Arguments, or its input", async () => {
    const P = parallel([{ A: { Type: "Succeed" } }], { Arguments: { n: "{% $states.input + 1 %}" } });
    expect(await outputOf(machineOf({ P }), { input: 1 })).to.deep.equal([{ n: 2 }]);
    expect(await outputOf(machineOf({ P: parallel([{ A: { Type: "Succeed" } }]) }), { input: 1 })).to.deep.equal([1]);
  });

  it("lets branches read outer variables, and keeps their own from one another", async () => {
    const branch = (name: string, value: number): States => ({
      [`${name}1`]: { Type: "Pass", Assign: { own: value }, Next: `${name}2` },
      [`${name}2`]: { Type: "Succeed", Output: ["{% $outer %}", "{% $own %}"] },
    });
    const machine = machineOf({
      S: { Type: "Pass", Assign: { outer: 1 }, Next: "P" },
      P: parallel([branch("A", 2), branch("B", 3)], { Output: ["{% $states.result %}", "{% $exists($own) %}"] }),
    });
    expect(await outputOf(machine)).to.deep.equal([
      [
        [1, 2],
        [1, 3],
      ],
      false,
    ]);
  });

  it("fails with the first branch's error, and stops the others", async () => {
    const P = parallel([{ A: task() }, { B: wait(3600) }]);
    const { result, seconds, events } = await execute(machineOf({ P }), { task: fail });
    expect(result).to.include({ status: "FAILED", error: "Broken", cause: "why" });
    expect(seconds).to.equal(0);
    expect(typesOf(events)).to.include("ParallelStateFailed");
  });

  it("is caught by the branch's error or by States.BranchFailed, and can be retried", async () => {
    for (const name of ["Broken", "States.BranchFailed", "States.ALL"]) {
      const P = parallel([{ A: task() }], { Catch: [{ ErrorEquals: [name], Next: "C" }] });
      expect(await outputOf(machineOf({ P, C: { Type: "Succeed", Output: "caught" } }), { task: fail })).to.equal(
        "caught",
      );
    }
    let calls = 0;
    const P = parallel([{ A: task() }], { Retry: [{ ErrorEquals: ["States.BranchFailed"] }] });
    const once: TaskStub = () => {
      if (calls++ === 0) throw new StatesError("Broken", "");
      return "ok";
    };
    expect(await outputOf(machineOf({ P }), { task: once })).to.deep.equal(["ok"]);
  });

  it("ends when its execution is stopped or times out", async () => {
    const P = parallel([{ A: wait(3600) }, { B: parallel([{ C: wait(100) }]) }]);
    const stopped = await execute(machineOf({ P }), { stopAfterSeconds: 2 });
    expect([stopped.result.status, stopped.seconds]).to.deep.equal(["ABORTED", 2]);
    const late = await execute(machineOf({ P }, { TimeoutSeconds: 3 }));
    expect([late.result.status, late.seconds]).to.deep.equal(["TIMED_OUT", 3]);
  });

  it("does not let a catcher hide that the history is full", async () => {
    const loop: States = {
      L: { Type: "Pass", Next: "M" },
      M: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "N" }], Default: "L" },
      N: { Type: "Succeed" },
    };
    const P = parallel([loop], { Catch: [{ ErrorEquals: ["States.ALL"], Next: "C" }] });
    expect(await failureOf(machineOf({ P, C: { Type: "Succeed" } }))).to.include({ error: "States.Runtime" });
  });
});

describe("Map", () => {
  const map = (states: States, more: object = {}, config?: object): Record<string, unknown> => ({
    Type: "Map",
    ItemProcessor: { ...scope(states), ...(config !== undefined && { ProcessorConfig: config }) },
    End: true,
    ...more,
  });
  const DISTRIBUTED = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  const ECHO: States = { I: { Type: "Succeed" } };

  it("runs over its input, or its Items, in order", async () => {
    expect(await outputOf(machineOf({ M: map(ECHO) }), { input: [1, 2] })).to.deep.equal([1, 2]);
    expect(
      await outputOf(machineOf({ M: map(ECHO, { Items: "{% $states.input.l %}" }) }), { input: { l: [3] } }),
    ).to.deep.equal([3]);
    expect(await outputOf(machineOf({ M: map(ECHO, { Items: [] }) }))).to.deep.equal([]);
    expect(await outputOf(machineOf({ M: map(ECHO, { Items: { a: 1 } }) }))).to.deep.equal([{ Key: "a", Value: 1 }]);
  });

  it("fails where its items are neither", async () => {
    expect(await failureOf(machineOf({ M: map(ECHO) }), { input: 5 })).to.include({
      error: "States.QueryEvaluationError",
    });
  });

  it("selects each iteration's input, by the item and its index", async () => {
    const ItemSelector = {
      n: "{% $states.context.Map.Item.Index %}",
      v: "{% $states.context.Map.Item.Value %}",
      all: "{% $states.input %}",
    };
    expect(await outputOf(machineOf({ M: map(ECHO, { ItemSelector }) }), { input: ["a"] })).to.deep.equal([
      { n: 0, v: "a", all: ["a"] },
    ]);
  });

  it("shows an iteration its item in the context", async () => {
    const I = { Type: "Succeed", Output: "{% $states.context.Map.Item.Index %}" };
    expect(await outputOf(machineOf({ M: map({ I }) }), { input: ["a", "b"] })).to.deep.equal([0, 1]);
  });

  it("runs so many iterations at once as MaxConcurrency allows, 40 at most when inline", async () => {
    const items = Array.from({ length: 80 }, (_, index) => index);
    const seconds = async (more: object, config?: object): Promise<number> =>
      (await execute(machineOf({ M: map({ I: wait(10) }, more, config) }), { input: items })).seconds;
    expect(await seconds({})).to.equal(20);
    expect(await seconds({ MaxConcurrency: 8 })).to.equal(100);
    expect(await seconds({ MaxConcurrency: "{% 1 %}" })).to.equal(800);
    expect(await seconds({}, DISTRIBUTED)).to.equal(10);
  });

  it("fails with an iteration's error, and stops the others", async () => {
    const machine = machineOf({ M: map({ I: task() }) });
    const { result, events, seconds } = await execute(machine, {
      input: [1, 2, 3],
      task: async ({ arguments: item }, clock) => {
        if (item === 2) throw new StatesError("Broken", "why");
        await clock.sleep(1_000);
        return item;
      },
    });
    expect(result).to.include({ error: "Broken", cause: "why" });
    expect(seconds).to.equal(0);
    expect(typesOf(events)).to.include.members([
      "MapStateStarted",
      "MapIterationStarted",
      "MapIterationFailed",
      "MapIterationAborted",
      "MapStateFailed",
    ]);
  });

  it("writes each iteration's events after its own start", async () => {
    const { events } = await execute(machineOf({ M: map(ECHO) }), { input: [1] });
    expect(events.map(({ type, previousEventId }) => [type, previousEventId])).to.deep.equal([
      ["ExecutionStarted", 0],
      ["MapStateEntered", 1],
      ["MapStateStarted", 2],
      ["MapIterationStarted", 3],
      ["SucceedStateEntered", 4],
      ["SucceedStateExited", 5],
      ["MapIterationSucceeded", 6],
      ["MapStateSucceeded", 3],
      ["MapStateExited", 8],
      ["ExecutionSucceeded", 9],
    ]);
  });

  it("when distributed, keeps its iterations' events out of the history and their variables apart", async () => {
    const I = { Type: "Succeed", Output: "{% $exists($outer) %}" };
    const machine = machineOf({
      S: { Type: "Pass", Assign: { outer: 1 }, Next: "M" },
      M: map({ I }, {}, DISTRIBUTED),
    });
    const { result, events } = await execute(machine, { input: Array.from({ length: 30_000 }, () => 1) });
    expect(result).to.include({ status: "SUCCEEDED", transitions: 30_002 });
    expect(typesOf(events)).to.deep.equal([
      ...[
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
      ],
      ...["MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"],
    ]);
    expect(result).to.have.nested.property("output[0]", false);
  });

  it("tolerates so many failures as it says, by count or percentage", async () => {
    const odd: TaskStub = ({ arguments: item }) => {
      if (Number(item) % 2 === 1) throw new StatesError("Broken", "why");
      return item;
    };
    const run = (more: object): ReturnType<typeof execute> =>
      execute(machineOf({ M: map({ I: task() }, more, DISTRIBUTED) }), { input: [1, 2, 3, 4], task: odd });
    expect((await run({ ToleratedFailureCount: 2 })).result).to.deep.include({ output: [2, 4] });
    expect((await run({ ToleratedFailurePercentage: 50 })).result).to.deep.include({ output: [2, 4] });
    for (const more of [
      {},
      { ToleratedFailureCount: "{% 1 %}" },
      { ToleratedFailureCount: 9, ToleratedFailurePercentage: 49 },
    ]) {
      const { result, events } = await run(more);
      expect(result).to.include({ status: "FAILED", error: "States.ExceedToleratedFailureThreshold" });
      expect(typesOf(events)).to.include("MapRunFailed");
    }
  });

  it("batches items by number and by size", async () => {
    const batched = (ItemBatcher: object): Promise<unknown> =>
      outputOf(machineOf({ M: map(ECHO, { ItemBatcher }, DISTRIBUTED) }), { input: [1, 2, 3] });
    expect(await batched({ MaxItemsPerBatch: 2, BatchInput: { f: "{% 1 + 1 %}" } })).to.deep.equal([
      { Items: [1, 2], BatchInput: { f: 2 } },
      { Items: [3], BatchInput: { f: 2 } },
    ]);
    expect(await batched({ MaxInputBytesPerBatch: 16 })).to.deep.equal([{ Items: [1, 2] }, { Items: [3] }]);
    expect(
      await failureOf(
        machineOf({ M: map(ECHO, { ItemBatcher: { MaxItemsPerBatch: 1, BatchInput: "x" } }, DISTRIBUTED) }),
        { input: [1] },
      ),
    ).to.include({ error: "States.QueryEvaluationError" });
  });
});
