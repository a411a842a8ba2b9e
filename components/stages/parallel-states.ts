import { withTrouble } from "../pipeline-definition/results.ts";
import { jsonata, type Assign, type Catcher, type StateGraph } from "../state-machine/states.ts";
import { anyTaskFailure, transient } from "../task-retries.ts";
import { addStage, graphOf } from "./compile.ts";
import type { Compilation } from "./context.ts";
import { entryOf, variableOf } from "./entries.ts";
import { failingOf, failureWithin, type Failing } from "./failing.ts";
import { jobStagesOf } from "./job-flow.ts";
import { conditionalResultsIn, resultsIn } from "./results.ts";
import { Scope, type Entry } from "./scope.ts";
import type { MapStage, ParallelStage, Stage } from "./stage.ts";

export const addParallel = (stage: ParallelStage, next: Entry, scope: Scope, all: Compilation): void => {
  scope.states[stage.name] = {
    type: "Parallel",
    branches: stage.branches.map((branch, index) =>
      branchGraph(branch, `${stage.name} Branch ${index + 1}`, scope, all),
    ),
    assign: {
      ...next.assign,
      ...Object.fromEntries(
        stage.branches.flatMap((branch, index) =>
          resultsIn(branch).map((name) => [scope.own(name), jsonata(`$states.result[${index}].${name}`)]),
        ),
      ),
    },
    output: {},
    catch: [catchWithin(stage, failingOf({ ...stage, result: variableOf(stage) }, scope), scope, all)],
    next: next.name,
  };
};

/** Its output is what the branch's stages have left behind, which nobody outside would see otherwise. */
const branchGraph = (branch: Stage, name: string, parent: Scope, all: Compilation): StateGraph => {
  const own = resultsIn(branch);
  const scope = new Scope({ kind: "branch", own, parent });
  const done = { name, assign: {} };
  const startAt = begin(branch, `${name} Begin`, {}, scope);
  addStage(branch, done, scope, all);
  scope.states[name] = {
    type: "Pass",
    output: Object.fromEntries(own.map((result) => [result, jsonata(`$${scope.own(result)}`)])),
    end: true,
  };
  return graphOf(scope, startAt);
};

/** Where a scope begins: with its first stage, unless there are variables to be set before. */
export const begin = (stage: Stage, name: string, before: Assign, scope: Scope): string => {
  const entry = entryOf(stage, scope);
  const assign = {
    ...before,
    ...Object.fromEntries(conditionalResultsIn(stage).map((result) => [scope.own(result), null])),
    ...entry.assign,
  };
  if (Object.keys(assign).length === 0) return entry.name;
  scope.states[name] = { type: "Pass", assign, next: entry.name };
  return name;
};

/**
 * What happens once a stage within has failed: job runs of the others are stopped, unless whoever catches the failure in
 * the end will do so.
 */
export const catchWithin = (
  stage: ParallelStage | MapStage,
  failing: Failing,
  scope: Scope,
  all: Compilation,
): Catcher<string> => {
  const stages = jobStagesOf(stage.kind === "map" ? stage.each : stage).map(({ stage: { name } }) => name);
  const stops = stages.length > 0 && (failing.goesOn || scope.kind === "machine");
  if (stops) addStopRuns(stage.name, stages, failing, scope, all);
  return {
    errors: ["States.ALL"],
    assign: { ...(stops ? {} : failing.assign), [failing.variable]: failureWithin(stage.name) },
    next: stops ? `${stage.name} StopRuns` : failing.next,
  };
};

const addStopRuns = (
  name: string,
  stages: readonly string[],
  { variable, assign, next }: Failing,
  scope: Scope,
  all: Compilation,
): void => {
  const assigned = Object.keys(assign).length === 0 ? {} : { assign };
  scope.states[`${name} StopRuns`] = {
    type: "Task",
    comment: "Job runs that nobody waits for any more must not go on",
    call: all.stopRuns,
    arguments: scope.value({
      executionName: jsonata("$executionName"),
      startedAt: jsonata("$states.context.Execution.StartTime"),
      stages,
    }),
    timeoutSeconds: 900,
    ...assigned,
    output: {},
    retry: [transient, anyTaskFailure],
    catch: [
      {
        errors: ["States.ALL"],
        assign: { ...assign, [variable]: withTrouble("stopRunsError", `$${variable}`) },
        next,
      },
    ],
    next,
  };
};
