import { VirtualClock } from "../../../../local/clock.ts";
import { STAND_IN } from "../../../../local/capacity/flow/stand-ins.ts";
import { StatesError, type TaskRequest } from "../../../../local/states/machine.ts";
import { parseMachine, type ParseOptions } from "../../../../local/states/parse.ts";
import { START } from "../../states/harness.ts";
import { type Call, type Course, type Script, shownOf } from "./scripts.ts";

/** Runs a whole execution with the interpreter. */
export const interpreted = async (
  definition: unknown,
  input: unknown,
  script: Script,
  options: ParseOptions = {},
): Promise<Course> => {
  const clock = new VirtualClock(START);
  const calls: Call[] = [];
  const task = async ({ stateName: state, resource, arguments: args }: TaskRequest): Promise<unknown> => {
    const call = { state, at: clock.now() - START, resource, arguments: shownOf(args) };
    calls.push(call);
    const { ms, outcome } = script(call);
    await clock.sleep(ms);
    if ("result" in outcome) return outcome.result;
    throw new StatesError(outcome.error.name, outcome.error.cause);
  };
  const Execution = {
    Id: `arn:aws:states:us-east-1:000000000000:execution:machine:file-${STAND_IN}`,
    Name: `file-${STAND_IN}`,
    RoleArn: "arn:aws:iam::000000000000:role/machine",
    RedriveCount: 0,
    Input: input,
    StartTime: new Date(START).toISOString(),
  };
  let ms = 0;
  const result = await clock.spawn(async () => {
    const ended = await parseMachine(definition, options).run(
      { input, context: { Execution, StateMachine: { Id: "arn", Name: "machine" } } },
      // Jitter at its most.
      { clock, random: () => 1, task, observe: () => undefined },
    );
    ms = clock.now() - START;
    return ended;
  });
  const { transitions, events, status } = result;
  return { calls, transitions, events, status, error: "error" in result ? result.error : undefined, ms };
};
