import { resultOf } from "./build.ts";
import { nameOf } from "./results.ts";
import { Scope, type Entry } from "./scope.ts";
import type { NamedStage } from "./results.ts";
import type { Stage } from "./stage.ts";

/** Where a stage begins. */
export const entryOf = (stage: Stage, scope: Scope): Entry => {
  if (stage.kind === "sequence") {
    const [first] = stage.stages;
    if (first === undefined) throw new Error("A sequence has no stages");
    return entryOf(first, scope);
  }
  if (stage.kind === "job") {
    return { name: `${stage.name} StartJobRun`, assign: { [Scope.working(variableOf(stage), "attempt")]: 1 } };
  }
  return { name: stage.name, assign: {} };
};

/** A stage's variable, or what its own variables are called after where it leaves none; without the dollar sign. */
export const variableOf = (stage: NamedStage): string =>
  nameOf("result" in stage ? stage.result : resultOf(stage.name));
