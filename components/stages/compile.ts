import type { StateGraph } from "../state-machine/states.ts";
import type { Compilation } from "./context.ts";
import { entryOf } from "./entries.ts";
import { addJob } from "./job-states.ts";
import { addMap } from "./map-states.ts";
import { addParallel } from "./parallel-states.ts";
import type { Entry, Scope } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { addChoice, addTask, addWait } from "./task-states.ts";

/** Adds a stage's states to a scope; the last of them leads to `next`. */
export const addStage = (stage: Stage, next: Entry, scope: Scope, all: Compilation): void => {
  switch (stage.kind) {
    case "job":
      addJob(stage, next, scope, all);
      break;
    case "task":
      addTask(stage, next, scope);
      break;
    case "wait":
      addWait(stage, next, scope);
      break;
    case "sequence":
      for (const [index, part] of stage.stages.entries()) {
        const following = stage.stages[index + 1];
        addStage(part, following === undefined ? next : entryOf(following, scope), scope, all);
      }
      break;
    case "choice": {
      const otherwise = stage.otherwise === undefined ? next : entryOf(stage.otherwise, scope);
      addChoice(stage, { branches: stage.when.map(({ then }) => entryOf(then, scope)), otherwise }, scope);
      for (const { then } of stage.when) addStage(then, next, scope, all);
      if (stage.otherwise !== undefined) addStage(stage.otherwise, next, scope, all);
      break;
    }
    case "parallel":
      addParallel(stage, next, scope, all);
      break;
    case "map":
      addMap(stage, next, scope, all);
      break;
  }
  const recovery: Stage | undefined = "onFailure" in stage ? stage.onFailure : undefined;
  if (recovery !== undefined) addStage(recovery, next, scope, all);
};

/** The scope's states, the first one first. */
export const graphOf = ({ states }: Scope, startAt: string): StateGraph => {
  const isFirst = ([name]: readonly [string, unknown]): boolean => name === startAt;
  const all = Object.entries(states);
  return { startAt, states: Object.fromEntries([...all.filter(isFirst), ...all.filter((state) => !isFirst(state))]) };
};
