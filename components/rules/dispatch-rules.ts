import { pipelineDefaults } from "../pipeline-args.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

/** What means nothing where files go through their job without a state machine. */
export const dispatchRules = (args: RuledArgs): readonly Problem[] => {
  if (!isDirect(args)) return [];
  const { completion, stateMachineType, executionTimeoutMinutes, logLevel } = pipelineDefaults;
  const forMachines: readonly (readonly [field: string, got: unknown, allowed: unknown, why: string])[] = [
    ["completion", args.completion, completion, "a function waits for the end of a run by looking at it"],
    ["stateMachineType", args.stateMachineType, stateMachineType, "there is no state machine"],
    [
      "executionTimeoutMinutes",
      args.executionTimeoutMinutes,
      executionTimeoutMinutes,
      "there is no execution to time out, and giveUpAfterMinutes bounds a run",
    ],
    ["logLevel", args.logLevel, logLevel, "there is no execution to log, and the functions log each step"],
    ["job.overrides", args.job.overrides, undefined, "there is no execution whose input could override a run"],
  ];
  return forMachines
    .filter(([, got, allowed]) => got !== undefined && got !== allowed)
    .map(([field, got, allowed, why]) => ({
      field,
      must: (say) =>
        `${allowed === undefined ? "left out" : JSON.stringify(allowed)} with ${say("dispatch.mode")} "direct": ${why}; ` +
        `or set ${say("dispatch.mode")} to "state-machine"`,
      got,
    }));
};

export const isDirect = ({ dispatch }: Pick<RuledArgs, "dispatch">): boolean => dispatch?.mode === "direct";
