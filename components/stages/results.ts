import type { MapStage, Stage } from "./stage.ts";

/** A variable's name, without its dollar sign. */
export const nameOf = (variable: string): string => variable.slice(1);

/** The variables that a stage leaves behind, those of branches included: what is in a map is seen by nobody outside. */
export const resultsIn = (stage: Stage): readonly string[] => {
  switch (stage.kind) {
    case "job":
    case "task":
    case "map":
      return [nameOf(stage.result), ...(stage.onFailure ? resultsIn(stage.onFailure) : [])];
    case "wait":
    case "sequence":
    case "parallel":
    case "choice":
      return partsOf(stage).flatMap(resultsIn);
  }
};

/** Of these variables those that may be passed over, so that they have to be null beforehand. */
export const conditionalResultsIn = (stage: Stage): readonly string[] => {
  switch (stage.kind) {
    case "job":
    case "task":
    case "map":
      return stage.onFailure ? resultsIn(stage.onFailure) : [];
    case "sequence":
      return stage.stages.flatMap(conditionalResultsIn);
    case "choice":
      return resultsIn(stage);
    case "wait":
    case "parallel":
      return [];
  }
};

/** The variable that says what a stage comes to in the end; none where it is not one. */
export const lastResult = (stage: Stage): string | undefined => {
  switch (stage.kind) {
    case "job":
    case "task":
    case "map":
      return nameOf(stage.result);
    case "sequence": {
      const last = stage.stages.at(-1);
      return last && lastResult(last);
    }
    case "wait":
    case "parallel":
    case "choice":
      return undefined;
  }
};

/** Stages that are a stage's own parts: of branches, of a map, of what follows a failure. */
export const partsOf = (stage: Stage): readonly Stage[] => {
  switch (stage.kind) {
    case "job":
    case "task":
      return stage.onFailure ? [stage.onFailure] : [];
    case "map":
      return [stage.each, ...(stage.onFailure ? [stage.onFailure] : [])];
    case "wait":
      return [];
    case "sequence":
      return stage.stages;
    case "parallel":
      return stage.branches;
    case "choice":
      return [...stage.when.map(({ then }) => then), ...(stage.otherwise ? [stage.otherwise] : [])];
  }
};

/** The distributed maps of a stage, in the order in which they are written. */
export const distributedIn = (stage: Stage): readonly MapStage[] => [
  ...(stage.kind === "map" && !("items" in stage.over) ? [stage] : []),
  ...partsOf(stage).flatMap(distributedIn),
];

export type NamedStage = Exclude<Stage, { readonly kind: "sequence" }>;

/** A stage and all its parts that have names, in the order in which they are written. */
export const namedStagesIn = (stage: Stage): readonly NamedStage[] => [
  ...(stage.kind === "sequence" ? [] : [stage]),
  ...partsOf(stage).flatMap(namedStagesIn),
];
