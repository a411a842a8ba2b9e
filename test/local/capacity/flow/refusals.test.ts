import { expect } from "chai";
import { createFlow } from "../../../../local/capacity/flow/create-flow.ts";
import { FlowError } from "../../../../local/capacity/flow/refusals.ts";
import type { Flow } from "../../../../local/capacity/flow.ts";
import { machineOf, type States, task, wait } from "../../states/harness.ts";
import { inputOf } from "./inputs.ts";

const flowOf = (states: States): Flow => createFlow(machineOf(states), { input: inputOf });

const choosing = (condition: string): States => ({
  Choose: { Type: "Choice", Choices: [{ Condition: `{% ${condition} %}`, Next: "Long" }], Default: "Short" },
  Long: wait(60),
  Short: wait(5),
});

/** Why a flow cannot be worked out: to its first effect, or to the one after its first call or pause. */
const refusalOf = async (states: States): Promise<string> => {
  try {
    const flow = flowOf(states);
    const first = await flow.start(100);
    await flow.workOut(
      first,
      first.effect.kind === "call" ? { outcome: flow.outcome({ result: {} }) } : { passed: true },
    );
    return "nothing";
  } catch (error) {
    if (error instanceof FlowError) return error.message;
    throw error;
  }
};

describe("A flow is refused", () => {
  const dependent: readonly (readonly [string, string])[] = [
    ["the time of day", "$now() > '2026-06-01'"],
    ["the file's name", "$contains($states.input.arguments.key, 'z')"],
    ["the execution's name", "$states.context.Execution.Name < 'file-m'"],
    ["when the execution began", "$toMillis($states.context.Execution.StartTime) > 1788000000000"],
    ["chance", "$random() < 0.999"],
  ];
  for (const [what, condition] of dependent) {
    it(`where its course depends on ${what}`, async () => {
      expect(await refusalOf(choosing(condition))).to.match(
        /^The course of the state "Choose" depends on what differs/,
      );
    });
  }

  it("where its course depends on the time that has passed", async () => {
    const states: States = {
      Begin: { Type: "Pass", Assign: { since: "{% $millis() %}" }, Next: "Pause" },
      Pause: { Type: "Wait", Seconds: 5, Next: "Choose" },
      ...choosing("$millis() - $since < 60000"),
    };
    expect(await refusalOf(states)).to.match(/^The course of the state "Choose"/);
  });

  it("where it waits until a given time, but not where it waits for some time from now", async () => {
    const until = (Timestamp: string): States => ({ Until: { Type: "Wait", Timestamp, End: true } });
    expect(await refusalOf(until("2030-01-01T00:00:00Z"))).to.match(/^The seconds of the state "Until" depends/);
    expect(await refusalOf(until("{% $fromMillis($millis() + 90000) %}"))).to.equal("nothing");
  });

  it("where its error is of the file's making", async () => {
    const states: States = { Fail: { Type: "Fail", Error: "{% $states.input.arguments.versionId %}" } };
    expect(await refusalOf(states)).to.match(/^The error of the state "Fail" depends/);
  });

  it("where it waits for other executions, each such state by its name", async () => {
    const states: States = {
      One: task({ Resource: "arn:aws:states:::states:startExecution.sync:2", End: undefined, Next: "Two" }),
      Two: {
        Type: "Map",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "In",
          States: { In: task() },
        },
        End: true,
      },
    };
    const [one, two, ...others] = (await refusalOf(states)).split("\n");
    expect(one).to.match(/^The state "One" waits for another execution/);
    expect(two).to.match(/^The state "Two" is a distributed Map/);
    expect(others).to.deep.equal([]);
  });

  it("never where nobody waits for the execution that it starts", async () => {
    const Arguments = { StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:other" };
    for (const name of ["states:startExecution", "aws-sdk:sfn:startExecution"]) {
      expect(await refusalOf({ Start: task({ Resource: `arn:aws:states:::${name}`, Arguments }) })).to.equal("nothing");
    }
  });

  it("never for what differs in arguments alone", async () => {
    const Arguments = { at: "{% $now() %}", key: "{% $states.input.arguments.key %}", id: "{% $uuid() %}" };
    expect(await refusalOf({ Call: task({ Arguments }) })).to.equal("nothing");
  });
});
