import { transientOfServices } from "../task-retries.ts";
import { variableOf } from "./entries.ts";
import { catchTask, failingOf } from "./failing.ts";
import type { Entry, Scope } from "./scope.ts";
import type { ChoiceStage, TaskStage, WaitStage } from "./stage.ts";

const defaultTimeoutSeconds = 60;

export const addTask = (stage: TaskStage, next: Entry, scope: Scope): void => {
  const result = variableOf(stage);
  scope.states[stage.name] = {
    type: "Task",
    call: stage.call,
    ...(stage.arguments !== undefined && { arguments: scope.value(stage.arguments) }),
    timeoutSeconds: stage.timeoutSeconds ?? defaultTimeoutSeconds,
    assign: { ...next.assign, [scope.own(result)]: scope.value(stage.keep ?? null) },
    // What the call gave is kept where it is asked for, and goes nowhere else.
    output: {},
    retry: stage.retry ?? [transientOfServices],
    catch: [catchTask(stage.name, failingOf({ ...stage, result }, scope))],
    next: next.name,
  };
};

export const addWait = ({ name, seconds }: WaitStage, next: Entry, scope: Scope): void => {
  scope.states[name] = {
    type: "Wait",
    seconds: typeof seconds === "string" ? scope.text(seconds) : seconds,
    ...assigning(next),
    next: next.name,
  };
};

/** The branches are states of the scope that the choice is in: they share its variables. */
export const addChoice = (
  { name, when }: ChoiceStage,
  entries: { readonly branches: readonly Entry[]; readonly otherwise: Entry },
  scope: Scope,
): void => {
  scope.states[name] = {
    type: "Choice",
    choices: when.flatMap(({ condition }, index) => {
      const entry = entries.branches[index];
      return entry === undefined ? [] : [{ condition: scope.text(condition), ...assigning(entry), next: entry.name }];
    }),
    ...assigning(entries.otherwise),
    default: entries.otherwise.name,
  };
};

const assigning = ({ assign }: Entry): Partial<Pick<Entry, "assign">> =>
  Object.keys(assign).length === 0 ? {} : { assign };
