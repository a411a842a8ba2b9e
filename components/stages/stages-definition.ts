import type { Validation } from "../file-validation.ts";
import { endStates, type Reports } from "../pipeline-definition/reports.ts";
import { targetsOf } from "../state-machine/targets.ts";
import type { StateGraph } from "../state-machine/states.ts";
import { addStage, graphOf } from "./compile.ts";
import type { StagesContext } from "./context.ts";
import { describeFailure } from "./failing.ts";
import { writtenBefore } from "./job-flow.ts";
import { describeFailureState, succeededResult } from "./reports.ts";
import { resultsIn } from "./results.ts";
import { executionVariables, Scope } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { validateState } from "./validate.ts";

export interface StagesDefinitionArgs extends StagesContext, Reports {
  readonly stage: Stage;
  /** What a file must be; undefined: no file starts the executions, and their input may be anything but a bad `resume`. */
  readonly validation: Required<Validation> | undefined;
}

/**
 * Validate → the stages → Succeeded, Rejected or Failed.
 *
 * An execution's input is `{"arguments": {"bucket", "key", "versionId", "size"}}`; one that goes on from a failed stage
 * has besides `{"resume": {"from": STAGE, "executionName": ORIGIN, "results": {variable: result…}}}`.
 *
 * Variables: `file`, `executionName`, `origin` (the execution that a replay goes on from, else its own name), one for each
 * stage's result, null until it has one; of a job's states those that a single job has, behind its own and "_"; `failure`
 * and at the end of one that has failed `result`.
 */
export const stagesDefinition = (args: StagesDefinitionArgs): StateGraph => {
  const { stage, validation } = args;
  const startsWithFile = validation !== undefined;
  const scope = new Scope({ kind: "machine", own: [...executionVariables, ...resultsIn(stage)] });
  scope.states.Validate = validateState(stage, validation, scope);
  const done = { name: "NotifySucceeded", assign: {} };
  addStage(stage, done, scope, { ...args, startsWithFile, before: writtenBefore(stage) });
  const { NotifyRejected, Rejected, ...ends } = endStates(args, { succeeded: succeededResult(stage, startsWithFile) });
  const canFail = Object.values(scope.states).some((state) => targetsOf(state).includes(describeFailure));
  Object.assign(scope.states, {
    ...(canFail && { [describeFailure]: describeFailureState(stage, startsWithFile) }),
    ...ends,
    ...(startsWithFile && { NotifyRejected, Rejected }),
  });
  return graphOf(scope, "Validate");
};
