import { expect } from "chai";
import { StatesError } from "../../../local/states/machine.ts";
import type { States, TaskStub } from "./harness.ts";
import { execute, failureOf, machineOf, outputOf, scope, task, typesOf, wait } from "./harness.ts";

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
    expect(typesOf(events).slice(-4)).to.deep.equal([
      "TaskFailed",
      "WaitStateAborted",
      "ParallelStateFailed",
      "ExecutionFailed",
    ]);
    const idOf = (type: string): number | undefined => events.find((event) => event.type === type)?.id;
    const failed = events.find(({ type }) => type === "ParallelStateFailed");
    expect(failed?.previousEventId).to.equal(idOf("TaskFailed"));
  });

  it("goes on from its last branch's last event", async () => {
    const P = parallel([{ A: wait(10) }, { B: wait(5) }]);
    const { events } = await execute(machineOf({ P }));
    expect(events.slice(-5).map(({ type, id, previousEventId }) => [type, id, previousEventId])).to.deep.equal([
      ["WaitStateExited", 6, 5],
      ["WaitStateExited", 7, 4],
      ["ParallelStateSucceeded", 8, 7],
      ["ParallelStateExited", 9, 7],
      ["ExecutionSucceeded", 10, 9],
    ]);
  });

  it("tells of its failure once, when no retry is left", async () => {
    const P = parallel([{ A: task() }], {
      Retry: [{ ErrorEquals: ["Broken"], MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "C" }],
    });
    const { events } = await execute(machineOf({ P, C: { Type: "Succeed" } }), { task: fail });
    expect(typesOf(events).filter((type) => type === "ParallelStateStarted")).to.have.length(3);
    expect(typesOf(events).filter((type) => type === "ParallelStateFailed")).to.have.length(1);
  });

  it("fails with States.DataLimitExceeded where its Arguments are too large, which no wildcard catches", async () => {
    for (const name of ["States.ALL", "States.TaskFailed", "States.BranchFailed"]) {
      const Catch = [{ ErrorEquals: [name], Next: "C" }];
      const big = "{% $states.input & $states.input %}";
      const inside = parallel([{ A: { Type: "Succeed", Output: big } }], { Catch });
      for (const P of [parallel([{ A: { Type: "Succeed" } }], { Arguments: big, Catch }), inside]) {
        const machine = machineOf({ P, C: { Type: "Succeed" } });
        const input = "x".repeat(200_000);
        expect(await failureOf(machine, { input }), name).to.include({ error: "States.DataLimitExceeded" });
      }
    }
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
