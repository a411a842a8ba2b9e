import { expect } from "chai";
import { VirtualClock } from "../../../../local/clock.ts";
import { createFlow } from "../../../../local/capacity/flow/create-flow.ts";
import type { Outcome } from "../../../../local/capacity/flow.ts";
import type { TokenTask } from "../../../../local/states/task-tokens.ts";
import { StatesError } from "../../../../local/states/machine.ts";
import { parseMachine } from "../../../../local/states/parse.ts";
import { machineOf, START, task, wait } from "../../states/harness.ts";
import { compiled } from "./compiled.ts";
import { inputOf } from "./inputs.ts";

const definition = machineOf({
  Wait: task({
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Arguments: { FunctionName: "f", Payload: { token: "{% $states.context.Task.Token %}" } },
    HeartbeatSeconds: 60,
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Rest" }],
    End: undefined,
    Next: "Rest",
  }),
  Rest: wait(1),
});

type End = "told" | "silent" | "refused";

/** Events that the interpreter writes where the call is answered at once and the task ends so. */
const eventsOf = async (end: End): Promise<number> => {
  const clock = new VirtualClock(START);
  let waiting: TokenTask | undefined;
  const { events } = await clock.spawn(() =>
    parseMachine(definition).run(
      { input: inputOf(7), context: {} },
      {
        clock,
        random: () => 1,
        task: () => {
          if (end === "refused") return Promise.reject(new StatesError("Lambda.TooManyRequestsException", ""));
          if (end === "told") {
            clock.schedule(5_000, () => {
              waiting?.succeed({});
              return Promise.resolve();
            });
          }
          return Promise.resolve({});
        },
        observe: () => undefined,
        tokens: {
          open: (opened) => {
            waiting = opened;
            return "token";
          },
          close: () => undefined,
        },
      },
    ),
  );
  return events;
};

describe("A flow with a task that waits for its token", () => {
  const outcomes: Readonly<Record<End, Outcome>> = {
    told: { result: {} },
    silent: { error: { name: "States.HeartbeatTimeout", cause: "" } },
    refused: { error: { name: "Lambda.TooManyRequestsException", cause: "" } },
  };
  for (const end of ["told", "silent", "refused"] as const) {
    it(`counts the events of one whose end is ${end} as the interpreter does`, async () => {
      const flow = createFlow(definition, { input: inputOf });
      const { events } = await compiled(flow, 7, () => ({ ms: 1, outcome: outcomes[end] }));
      expect(events).to.equal(await eventsOf(end));
    });
  }
});
