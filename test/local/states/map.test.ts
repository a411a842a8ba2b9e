import { expect } from "chai";
import { StatesError } from "../../../local/states/machine.ts";
import type { States, TaskStub } from "./harness.ts";
import { execute, failureOf, machineOf, outputOf, scope, task, typesOf, wait } from "./harness.ts";

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

  it("shows an iteration its item in the context, whatever its input is", async () => {
    const I = { Type: "Succeed", Output: "{% $states.context.Map.Item %}" };
    expect(
      await outputOf(machineOf({ M: map({ I }, { ItemSelector: "selected" }) }), { input: ["a", "b"] }),
    ).to.deep.equal([
      { Index: 0, Value: "a" },
      { Index: 1, Value: "b" },
    ]);
  });

  it("fails with States.DataLimitExceeded where an iteration's input is too large", async () => {
    const M = map(ECHO, { ItemSelector: "{% $states.input[0] & $states.input[0] %}" });
    expect(await failureOf(machineOf({ M }), { input: ["x".repeat(200_000)] })).to.include({
      error: "States.DataLimitExceeded",
    });
  });

  it("ends when its execution is stopped or times out", async () => {
    for (const config of [undefined, DISTRIBUTED]) {
      const M = map({ I: wait(3600) }, { MaxConcurrency: 2 }, config);
      const stopped = await execute(machineOf({ M }), { input: [1, 2, 3], stopAfterSeconds: 2 });
      expect([stopped.result.status, stopped.seconds]).to.deep.equal(["ABORTED", 2]);
      expect(typesOf(stopped.events).filter((type) => type.includes("Aborted"))).to.deep.equal(["ExecutionAborted"]);
      const late = await execute(machineOf({ M }, { TimeoutSeconds: 3 }), { input: [1, 2, 3] });
      expect([late.result.status, late.seconds]).to.deep.equal(["TIMED_OUT", 3]);
    }
  });

  it("when distributed, tolerates an iteration that ends with States.Runtime", async () => {
    const loop: States = {
      S: { Type: "Choice", Choices: [{ Condition: "{% $states.input = 1 %}", Next: "L" }], Default: "N" },
      L: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "N" }], Default: "L" },
      N: { Type: "Succeed" },
    };
    const M = map(loop, { ToleratedFailureCount: 1 }, DISTRIBUTED);
    expect(await outputOf(machineOf({ M }), { input: [1, 2] })).to.deep.equal([2]);
    expect(await failureOf(machineOf({ M: map(loop) }), { input: [1, 2] })).to.include({ error: "States.Runtime" });
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
    expect(typesOf(events).slice(-8)).to.deep.equal([
      ...["TaskFailed", "MapIterationFailed", "TaskStateAborted", "MapIterationAborted"],
      ...["TaskStateAborted", "MapIterationAborted", "MapStateFailed", "ExecutionFailed"],
    ]);
    const failed = events.find(({ type }) => type === "TaskFailed");
    expect(events.find(({ type }) => type === "MapStateFailed")?.previousEventId).to.equal(failed?.id);
  });

  it("writes each iteration's events after its own start", async () => {
    const { events } = await execute(machineOf({ M: map(ECHO) }), { input: [1] });
    expect(events.map(({ type, previousEventId }) => [type, previousEventId])).to.deep.equal([
      ["ExecutionStarted", 0],
      ["MapStateEntered", 0],
      ["MapStateStarted", 2],
      ["MapIterationStarted", 3],
      ["SucceedStateEntered", 4],
      ["SucceedStateExited", 5],
      ["MapIterationSucceeded", 6],
      ["MapStateSucceeded", 7],
      ["MapStateExited", 7],
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
